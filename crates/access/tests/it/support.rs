//! A bank with a clock that tests move, randomness that repeats, and a log that can be read and can fail.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use florin_access::{
    Access, AccessError, AuditLog, Authority, HashCost, NewUser, Result, Secret, Session, Settings, SignIn, SignedIn,
    Surroundings, Unrecorded,
};
use florin_domain::{EventTime, KeyHasher, Principal, Role};
use florin_governance::audit::{Entry, EventKind};
use florin_store::{Store, Vault};
use tempfile::TempDir;

pub(crate) const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
/// In microseconds.
pub(crate) const NOW: i64 = 1_800_000_000_000_000;
pub(crate) const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
pub(crate) const ANAS: &str = "tea at the old mill";

/// What was put on record.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<Vec<Entry>>,
    broken: AtomicBool,
}

#[async_trait]
impl AuditLog for Log {
    async fn record(&self, entry: Entry) -> Result<(), Unrecorded> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Unrecorded("no room left".to_owned()));
        }
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }
}

pub(crate) struct Bank {
    pub(crate) access: Access,
    pub(crate) store: Store,
    now: Arc<AtomicI64>,
    random: Arc<AtomicU64>,
    log: Arc<Log>,
    _folder: TempDir,
}

impl Bank {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("florin.db").to_str().unwrap()).await.unwrap();
        let now = Arc::new(AtomicI64::new(NOW));
        let (random, log) = (Arc::new(AtomicU64::new(0)), Arc::new(Log::default()));
        let access = open(&store, &now, &random, &log, CHEAP).await;
        Self { access, store, now, random, log, _folder: folder }
    }

    /// Another process over the same store.
    pub(crate) async fn other(&self, cost: HashCost) -> Access {
        open(&self.store, &self.now, &self.random, &self.log, cost).await
    }

    pub(crate) fn now(&self) -> EventTime {
        EventTime(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn break_log(&self, broken: bool) {
        self.log.broken.store(broken, Ordering::SeqCst);
    }

    /// What was put on record since this was last asked.
    pub(crate) fn recorded(&self) -> Vec<Entry> {
        std::mem::take(&mut self.log.entries.lock().unwrap())
    }

    /// The same as who, what and which act.
    pub(crate) fn acts(&self) -> Vec<String> {
        let act = |entry: Entry| {
            let detail = |name: &str| entry.detail.get(name).and_then(|value| value.as_str()).map(str::to_owned);
            let words = [Some(entry.user.clone()), Some(entry.kind.to_string()), detail("act"), detail("why")];
            words.into_iter().flatten().collect::<Vec<_>>().join(" | ")
        };
        self.recorded().into_iter().map(act).collect()
    }

    /// Makes a user who has chosen a password.
    pub(crate) async fn user(&self, name: &str, password: &str, roles: &[Role]) {
        let by = operator();
        let new = NewUser { name: name.to_owned(), display_name: format!("The {name}"), roles: roles.to_vec() };
        let made = self.access.add_user(Authority::Operator(&by), new).await.unwrap();
        let asked = SignIn { new_password: Some(password.into()), ..sign_in(name, made.password.expose()) };
        let signed_in = self.access.sign_in(&asked).await.unwrap();
        self.access.sign_out(&signed_in.session).await.unwrap();
        self.recorded();
    }

    /// `ana`, an analyst, signed in.
    pub(crate) async fn ana(&self) -> SignedIn {
        self.user("ana", ANAS, &[Role::Analyst]).await;
        self.enter("ana", ANAS).await
    }

    pub(crate) async fn enter(&self, name: &str, password: &str) -> SignedIn {
        let signed_in = self.access.sign_in(&sign_in(name, password)).await.unwrap();
        self.recorded();
        signed_in
    }

    pub(crate) async fn is_in(&self, signed_in: &SignedIn) -> bool {
        match self.access.session(signed_in.token.expose()).await {
            Ok(_) => true,
            Err(AccessError::NotSignedIn) => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn again(&self, signed_in: &SignedIn) -> Session {
        self.access.session(signed_in.token.expose()).await.unwrap()
    }

    pub(crate) fn last(&self, kind: EventKind) -> Entry {
        self.recorded().into_iter().rfind(|entry| entry.kind == kind).unwrap()
    }
}

async fn open(store: &Store, now: &Arc<AtomicI64>, random: &Arc<AtomicU64>, log: &Arc<Log>, cost: HashCost) -> Access {
    let (now, random) = (Arc::clone(now), Arc::clone(random));
    let around = Surroundings {
        now: Arc::new(move || EventTime(now.load(Ordering::SeqCst))),
        random: Arc::new(move |bytes: &mut [u8]| {
            let seed = random.fetch_add(1, Ordering::SeqCst).to_le_bytes();
            blake3::Hasher::new().update(&seed).finalize_xof().fill(bytes);
        }),
        log: Arc::clone(log) as Arc<dyn AuditLog>,
    };
    let settings = Settings { issuer: "Old Mill Bank".to_owned(), cost, hashes_at_once: 2 };
    let vault = Vault::new(&[7; 32], KeyHasher::new([8; 32]));
    Access::open(store.clone(), vault, settings, around).await.unwrap()
}

pub(crate) fn operator() -> Principal {
    Principal { user: "root".to_owned(), roles: vec![] }
}

pub(crate) fn sign_in(user: &str, password: &str) -> SignIn {
    SignIn {
        user: user.to_owned(),
        password: password.into(),
        code: None,
        passkey: None,
        new_password: None,
        from: HOME,
    }
}

pub(crate) fn with_code(user: &str, password: &str, code: &str) -> SignIn {
    SignIn { code: Some(code.into()), ..sign_in(user, password) }
}

pub(crate) fn secret(text: &str) -> Secret {
    text.into()
}

/// The bytes of base32.
pub(crate) fn bytes_of(base32: &str) -> Vec<u8> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for sign in base32.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == sign).unwrap();
        buffer = (buffer << 5) | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    bytes
}
