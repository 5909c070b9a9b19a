//! A disk that fails or is full: nothing that was acknowledged is lost, nothing is acknowledged that is not there.

use std::{
    collections::BTreeSet,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use florin_collector::{Appending, Disk, LocalDisk, Settings};

use crate::support::{Fixture, open, records};

/// Fails every so many operations, or has so many bytes of room.
#[derive(Clone)]
struct BadDisk {
    room: Arc<AtomicI64>,
    operations: Arc<AtomicU64>,
    /// Fails at one of so many operations, seemingly at random.
    every: u64,
}

struct BadFile {
    file: Box<dyn Appending>,
    disk: BadDisk,
}

impl BadDisk {
    fn with_room(bytes: i64) -> Self {
        Self { room: Arc::new(AtomicI64::new(bytes)), operations: Arc::default(), every: u64::MAX }
    }

    fn failing(every: u64) -> Self {
        Self { every, ..Self::with_room(i64::MAX) }
    }

    fn step(&self) -> io::Result<()> {
        let number = self.operations.fetch_add(1, SeqCst) + 1;
        let mixed = (number ^ (number >> 5)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        if ((mixed ^ (mixed >> 33)) >> 8).is_multiple_of(self.every) {
            Err(io::Error::other("input/output error"))
        } else {
            Ok(())
        }
    }
}

impl Disk for BadDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appending>> {
        self.step()?;
        Ok(Box::new(BadFile { file: LocalDisk.create(path)?, disk: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.sync_folder(path)
    }
}

impl Appending for BadFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.disk.room.fetch_sub(bytes.len() as i64, SeqCst);
        let fits = bytes.len().min(before.max(0) as usize);
        // A full disk takes what still fits.
        self.file.append(&bytes[..fits])?;
        if fits < bytes.len() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let synced = self.file.sync();
        self.disk.step().and(synced)
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.step()?;
        self.file.cut(bytes)
    }
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.log.disk_pause = Duration::from_millis(1);
    settings.log.segment_age_max = Duration::from_millis(5);
    settings
}

fn event(n: u64) -> String {
    format!(r#"{{"userId":"u","event":"A","messageId":"m{n}"}}"#)
}

/// Ids of what was stored; none may be there twice.
fn stored(fixture: &Fixture) -> BTreeSet<String> {
    let records = fixture.records();
    let ids: BTreeSet<String> = records.iter().map(|r| r["message_id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), records.len(), "a message is there twice");
    ids
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    let disk = BadDisk::with_room(1_000);
    let fixture = Fixture::on(settings(), Box::new(disk.clone()));
    let mut taken = BTreeSet::new();
    let mut refused = 0;
    for n in 0..30 {
        let answer = fixture.post("/v1/track", &event(n)).await;
        if answer.status == 200 {
            taken.insert(format!("m{n}"));
        } else {
            refused += 1;
            assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("not_stored")));
            assert_eq!(answer.headers["retry-after"], "5");
        }
    }
    assert!(!taken.is_empty() && refused > 0);
    assert!(fixture.collector.log().trouble().is_some());
    assert!(fixture.collector.figures().events.balanced());
    // Somebody makes room: what was refused is taken when it is sent again.
    disk.room.store(i64::MAX, SeqCst);
    tokio::time::sleep(Duration::from_millis(5)).await;
    for n in 0..30 {
        assert_eq!(fixture.post("/v1/track", &event(n)).await.status, 200);
    }
    assert_eq!(fixture.collector.log().trouble(), None);
    assert_eq!(stored(&fixture).len(), 30);
}

#[tokio::test]
async fn whichever_operation_fails_what_is_acknowledged_is_there() {
    for every in [3, 4, 5, 8, 13] {
        let fixture = Fixture::on(settings(), Box::new(BadDisk::failing(every)));
        let mut taken = BTreeSet::new();
        for n in 0..60 {
            let answer = fixture.post("/v1/track", &event(n % 40)).await;
            assert!(answer.status == 200 || answer.status == 503, "{}", answer.status);
            if answer.status == 200 {
                taken.insert(format!("m{}", n % 40));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // Whatever could not be closed while the disk failed is closed by the next start.
        fixture.collector.close();
        let failures = fixture.collector.figures().log.disk_failures;
        let Fixture { folder, clock, collector, router } = fixture;
        drop((collector, router));
        drop(open(folder.path(), &clock, Settings::default(), Box::new(LocalDisk)));
        let ids: Vec<String> =
            records(folder.path()).iter().map(|r| r["message_id"].as_str().expect("an id").to_owned()).collect();
        let distinct: BTreeSet<String> = ids.iter().cloned().collect();
        assert!(taken.is_subset(&distinct), "every {every}: {taken:?} {distinct:?}");
        assert!(!taken.is_empty() && failures > 0, "every {every}: {} taken, {failures} failures", taken.len());
    }
}
