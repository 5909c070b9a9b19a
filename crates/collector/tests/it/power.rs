//! The power fails: of a file, what was waited for is there, and of the rest anything at all. `kill -9` cannot show this, since the
//! system still writes what a killed process wrote.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use florin_collector::{Appending, Disk, LocalDisk, Settings};
use proptest::prelude::*;

use crate::support::{Fixture, open, records, send};

/// A disk that knows what would be left of it.
#[derive(Clone, Default)]
struct FragileDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// By the name under which it was made.
    files: BTreeMap<PathBuf, Kept>,
    off: bool,
}

#[derive(Default)]
struct Kept {
    written: u64,
    synced: u64,
    /// Whether its name is surely in the folder.
    named: bool,
    /// Another name that it was given, and whether that is surely so.
    renamed: Option<(PathBuf, bool)>,
}

struct FragileFile {
    file: Box<dyn Appending>,
    path: PathBuf,
    disk: FragileDisk,
}

impl FragileDisk {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().expect("no panic");
        if state.off { Err(io::Error::other("no power")) } else { act(&mut state) }
    }

    /// From now on, nothing reaches the disk.
    fn switch_off(&self) {
        self.0.lock().expect("no panic").off = true;
    }

    /// Leaves in the folder what the power's failure leaves. What was not waited for is there, or is not, or is zeros.
    fn lose(&self, mut luck: u64) {
        let mut lucky = || {
            luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            luck >> 40
        };
        for (made, kept) in &self.0.lock().expect("no panic").files {
            let (now, moved_for_sure) = kept.renamed.clone().unwrap_or_else(|| (made.clone(), true));
            if !kept.named && lucky() % 2 == 0 {
                fs::remove_file(&now).ok();
                continue;
            }
            let Ok(file) = OpenOptions::new().write(true).open(&now) else { continue };
            let loose = kept.written - kept.synced;
            spoil(&file, kept.synced, loose, lucky()).expect("a file");
            if !moved_for_sure && lucky() % 2 == 0 {
                fs::rename(&now, made).expect("a file");
            }
        }
    }
}

/// Cuts what was not waited for somewhere, and puts zeros into it.
fn spoil(file: &File, synced: u64, loose: u64, luck: u64) -> io::Result<()> {
    let left = if loose == 0 { 0 } else { luck % (loose + 1) };
    file.set_len(synced + left)?;
    if left > 0 && luck & (1 << 20) != 0 {
        let hole = vec![0; (left as usize).div_ceil(2)];
        file.write_all_at(&hole, synced + (luck >> 3) % (left / 2 + 1))?;
        file.set_len(synced + left)?;
    }
    Ok(())
}

impl Disk for FragileDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appending>> {
        self.with(|state| {
            state.files.insert(path.to_owned(), Kept::default());
            let file = LocalDisk.create(path)?;
            Ok(Box::new(FragileFile { file, path: path.to_owned(), disk: self.clone() }) as Box<dyn Appending>)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(|state| {
            let kept = state.files.get_mut(from).ok_or(io::ErrorKind::NotFound)?;
            kept.renamed = Some((to.to_owned(), false));
            LocalDisk.rename(from, to)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.with(|state| {
            state.files.remove(path);
            LocalDisk.remove(path)
        })
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.with(|state| {
            for kept in state.files.values_mut() {
                kept.named = true;
                kept.renamed.iter_mut().for_each(|renamed| renamed.1 = true);
            }
            Ok(())
        })
    }
}

impl Appending for FragileFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self { file, path, disk } = self;
        disk.with(|state| {
            file.append(bytes)?;
            state.files.entry(path.clone()).or_default().written += bytes.len() as u64;
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.with(|state| {
            let kept = state.files.entry(self.path.clone()).or_default();
            kept.synced = kept.written;
            Ok(())
        })
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        let Self { file, path, disk } = self;
        disk.with(|state| {
            file.cut(bytes)?;
            let kept = state.files.entry(path.clone()).or_default();
            (kept.written, kept.synced) = (bytes, bytes);
            Ok(())
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_power_takes_what_was_acknowledged_is_there_once(luck in any::<u64>(), millis in 1u64..40) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let (folder, clock, acknowledged) = runtime.block_on(until_the_power_fails(luck, millis));
        drop(runtime);
        let again = open(folder.path(), &clock, Settings::default(), Box::new(LocalDisk));
        again.close();
        let records = records(folder.path());
        let stored: BTreeSet<&str> = records.iter().filter_map(|record| record["message_id"].as_str()).collect();
        prop_assert_eq!(stored.len(), records.len());
        for id in &acknowledged {
            prop_assert!(stored.contains(id.as_str()), "{id} was acknowledged and is lost: {:?}", again.log().recovered());
        }
    }
}

/// Four senders at once, until the power fails; what is left of the disk, and what was acknowledged.
async fn until_the_power_fails(
    luck: u64,
    millis: u64,
) -> (tempfile::TempDir, crate::support::TestClock, BTreeSet<String>) {
    let disk = FragileDisk::default();
    let mut settings = Settings::default();
    settings.log.segment_age_max = Duration::from_millis(3);
    let fixture = Fixture::on(settings, Box::new(disk.clone()));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let router = fixture.router.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let id = format!("{sender}-{n}");
                    let body = format!(r#"{{"userId":"u","event":"A","messageId":"{id}"}}"#);
                    match send(&router, "/v1/track", &[("authorization", "Bearer key")], body.as_bytes()).await.status {
                        200 => acknowledged.push(id),
                        _ => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(millis)).await;
    disk.switch_off();
    let mut acknowledged = BTreeSet::new();
    for sender in senders {
        acknowledged.extend(sender.await.expect("no panic"));
    }
    let Fixture { folder, clock, collector, router } = fixture;
    drop((collector, router));
    disk.lose(luck);
    (folder, clock, acknowledged)
}
