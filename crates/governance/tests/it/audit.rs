//! Whatever is done to a log is found.

use florin_domain::{CustomerId, EventTime, Purpose, Role};
use florin_governance::{
    Action, Resource,
    audit::{Checkpoint, Entry, EventKind, Head, Sealed, SigningKey, Tampered, Tampering, VerifyingKey, seal, verify},
    permit,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::{NOW, defaults, session, user};

/// Changes tried by the property test.
const MUTATIONS: u32 = 10_000;
/// Different logs they are tried on, and entries in the longest.
const LOGS: usize = 48;
const ENTRIES_MAX: usize = 7;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn entry(number: u64, text: &str) -> Entry {
    let micros = i64::try_from(number).unwrap();
    Entry::new(EventTime(micros), &user("ana", &[Role::Analyst]), Some(Purpose::Analytics), EventKind::Query)
        .with("sql", text)
        .with("rows", number)
}

/// A log and its checkpoints: one in the middle and one at its head.
#[derive(Debug, Clone)]
struct Log {
    entries: Vec<Sealed>,
    checkpoints: Vec<Checkpoint>,
}

fn sealed<'a>(entries: impl IntoIterator<Item = &'a Entry>, key: &SigningKey) -> Vec<Sealed> {
    let mut head = Head::EMPTY;
    let mut log = Vec::new();
    for entry in entries {
        let next = seal(&head, entry, key);
        head = next.head();
        log.push(next);
    }
    log
}

fn log(texts: &[&str]) -> Log {
    let entries: Vec<Entry> = texts.iter().zip(1..).map(|(text, number)| entry(number, text)).collect();
    let entries = sealed(&entries, &key(1));
    let marks = [entries.len() / 2, entries.len()];
    let head = |count: usize| entries[..count].last().map_or(Head::EMPTY, Sealed::head);
    let checkpoints = marks.into_iter().map(|count| Checkpoint::new(&head(count), NOW, &key(1))).collect();
    Log { entries, checkpoints }
}

fn public() -> VerifyingKey {
    key(1).verifying_key()
}

fn found(log: Log) -> Result<u64, Tampered> {
    verify(log.entries, public(), &log.checkpoints).map(|verified| verified.entries)
}

fn five() -> Log {
    log(&["a", "b", "c", "d", "e"])
}

/// What is done to a log, in words of the table below, and what is found.
#[test]
fn each_kind_of_tampering_is_found_at_its_place() {
    use Tampering::{Dropped, Flipped, Forged, Reordered, Repeated, Replaced, Spliced, Truncated};
    type Change = fn(&mut Log);
    #[rustfmt::skip]
    let cases: [(&str, Change, u64, Tampering); 18] = [
        ("a payload is edited",              |log| log.entries[2].payload = log.entries[2].payload.replace('c', "C"), 3, Flipped),
        ("a number is edited",               |log| log.entries[2].seq = 9,                                           3, Flipped),
        ("a link is edited",                 |log| log.entries[2].previous[31] ^= 1,                                 3, Flipped),
        ("a hash is edited",                 |log| log.entries[2].hash[0] ^= 128,                                    3, Flipped),
        ("a signature is edited",            |log| log.entries[2].signature[63] ^= 1,                                3, Forged),
        ("a signature is cut",               |log| log.entries[2].signature.truncate(63),                            3, Forged),
        ("everything is signed anew",        |log| log.entries = sealed(&[entry(1, "a")], &key(2)),                  1, Forged),
        ("an entry is dropped",              |log| drop(log.entries.remove(2)),                                      3, Dropped),
        ("the first entry is dropped",       |log| drop(log.entries.remove(0)),                                      1, Dropped),
        ("two entries change places",        |log| log.entries.swap(1, 3),                                           2, Reordered),
        ("an entry is moved to the end",     |log| { let moved = log.entries.remove(1); log.entries.push(moved) },   2, Reordered),
        ("an entry is repeated",             |log| log.entries.insert(3, log.entries[2].clone()),                    4, Repeated),
        ("an entry is repeated at the end",  |log| log.entries.push(log.entries[0].clone()),                         6, Repeated),
        ("an entry of a second log comes in", |log| log.entries[2] = self::log(&["a", "x", "c"]).entries[2].clone(), 3, Spliced),
        ("the last entry is cut off",        |log| drop(log.entries.pop()),                                          5, Truncated),
        ("the log is emptied",               |log| log.entries.clear(),                                              1, Truncated),
        ("the log is another of the same key", |log| log.entries = self::log(&["v", "w", "x", "y", "z"]).entries,    2, Replaced),
        ("a checkpoint is edited",           |log| log.checkpoints[1].seq = 4,                                       4, Forged),
    ];
    assert_eq!(found(five()), Ok(5));
    for (name, change, position, what) in cases {
        let mut log = five();
        change(&mut log);
        assert_eq!(found(log), Err(Tampered { position, what }), "{name}");
    }
}

#[test]
fn a_checkpoint_is_what_finds_a_cut() {
    let mut log = five();
    log.checkpoints.clear();
    log.entries.truncate(3);
    assert_eq!(found(log), Ok(3), "nothing in the log itself says that it went on");
}

#[test]
fn an_empty_log_is_whole_until_a_checkpoint_says_otherwise() {
    assert_eq!(found(Log { entries: vec![], checkpoints: vec![] }), Ok(0));
    let of_nothing = Checkpoint::new(&Head::EMPTY, NOW, &key(1));
    assert_eq!(found(Log { entries: five().entries, checkpoints: vec![of_nothing] }), Ok(5));
}

#[test]
fn the_verifier_says_what_it_proved() {
    let log = five();
    let verified = verify(log.entries.clone(), public(), &log.checkpoints).unwrap();
    assert_eq!((verified.entries, verified.checkpoints), (5, 2));
    assert_eq!(verified.head, log.entries[4].head());
}

#[test]
fn tampering_is_said_in_words() {
    let mut log = five();
    log.entries.pop();
    let error = found(log).unwrap_err().to_string();
    assert_eq!(error, "entry 5 of the audit log is missing, like all that came after it: a checkpoint was made later");
}

/// One change to a log. Indexes are taken modulo what there is.
#[derive(Debug, Clone)]
enum Mutation {
    Payload { entry: usize, char: usize, to: char },
    Link { entry: usize, bit: usize },
    Hash { entry: usize, bit: usize },
    Signature { entry: usize, bit: usize },
    Number { entry: usize, bit: u32 },
    Drop { entry: usize },
    Repeat { entry: usize, at: usize },
    Swap { one: usize, other: usize },
    InsertForged { at: usize },
    InsertRelinked { at: usize },
    Truncate { left: usize },
    CheckpointHash { bit: usize },
    CheckpointSignature { bit: usize },
}

fn mutations() -> impl Strategy<Value = Mutation> {
    use Mutation::*;
    let n = || 0usize..4096;
    prop_oneof![
        (n(), n(), proptest::char::any()).prop_map(|(entry, char, to)| Payload { entry, char, to }),
        (n(), n()).prop_map(|(entry, bit)| Link { entry, bit }),
        (n(), n()).prop_map(|(entry, bit)| Hash { entry, bit }),
        (n(), n()).prop_map(|(entry, bit)| Signature { entry, bit }),
        (n(), 0u32..64).prop_map(|(entry, bit)| Number { entry, bit }),
        n().prop_map(|entry| Drop { entry }),
        (n(), n()).prop_map(|(entry, at)| Repeat { entry, at }),
        (n(), n()).prop_map(|(one, other)| Swap { one, other }),
        n().prop_map(|at| InsertForged { at }),
        n().prop_map(|at| InsertRelinked { at }),
        n().prop_map(|left| Truncate { left }),
        n().prop_map(|bit| CheckpointHash { bit }),
        n().prop_map(|bit| CheckpointSignature { bit }),
    ]
}

fn flip(bytes: &mut [u8], bit: usize) {
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

fn apply(mutation: &Mutation, log: &mut Log) {
    let count = log.entries.len();
    match *mutation {
        Mutation::Payload { entry, char, to } => replace_char(&mut log.entries[entry % count].payload, char, to),
        Mutation::Link { entry, bit } => flip(&mut log.entries[entry % count].previous, bit),
        Mutation::Hash { entry, bit } => flip(&mut log.entries[entry % count].hash, bit),
        Mutation::Signature { entry, bit } => flip(&mut log.entries[entry % count].signature, bit),
        Mutation::Number { entry, bit } => log.entries[entry % count].seq ^= 1 << bit,
        Mutation::Drop { entry } => drop(log.entries.remove(entry % count)),
        Mutation::Repeat { entry, at } => log.entries.insert(at % (count + 1), log.entries[entry % count].clone()),
        Mutation::Swap { one, other } => log.entries.swap(one % count, other % count),
        Mutation::InsertForged { at } => insert(log, at % (count + 1), &key(2)),
        Mutation::InsertRelinked { at } => insert_and_relink(log, at % (count + 1)),
        Mutation::Truncate { left } => log.entries.truncate(left % count),
        Mutation::CheckpointHash { bit } => flip(&mut log.checkpoints[1].hash, bit),
        Mutation::CheckpointSignature { bit } => flip(&mut log.checkpoints[1].signature, bit),
    }
}

fn replace_char(payload: &mut String, at: usize, to: char) {
    let mut chars: Vec<char> = payload.chars().collect();
    let index = at % chars.len();
    chars[index] = to;
    *payload = chars.into_iter().collect();
}

fn head_before(log: &Log, at: usize) -> Head {
    log.entries[..at].last().map_or(Head::EMPTY, Sealed::head)
}

/// A made-up entry, linked to what it follows, signed by somebody else.
fn insert(log: &mut Log, at: usize, forger: &SigningKey) {
    let forged = seal(&head_before(log, at), &entry(99, "forged"), forger);
    log.entries.insert(at, forged);
}

/// The same, with everything after it linked, numbered and signed anew as well.
fn insert_and_relink(log: &mut Log, at: usize) {
    insert(log, at, &key(2));
    for index in at + 1..log.entries.len() {
        let original = Entry::from_payload(&log.entries[index].payload).unwrap();
        log.entries[index] = seal(&head_before(log, index), &original, &key(2));
    }
}

#[test]
fn any_change_to_any_log_is_found() {
    let mut runner = TestRunner::deterministic();
    let logs = random_logs(&mut runner);
    let mut changed = 0;
    while changed < MUTATIONS {
        let (original, mutation) = next_change(&mut runner, &logs);
        let mut log = original.clone();
        apply(&mutation, &mut log);
        // A character may be replaced by itself, an entry swapped with itself.
        if log.entries == original.entries && log.checkpoints == original.checkpoints {
            continue;
        }
        changed += 1;
        assert!(found(log).is_err(), "{mutation:?} of {original:?}");
    }
}

fn random_logs(runner: &mut TestRunner) -> Vec<Log> {
    let texts = proptest::collection::vec(".{0,24}", 1..=ENTRIES_MAX);
    let logs = (0..LOGS).map(|_| {
        let texts = texts.new_tree(runner).unwrap().current();
        log(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let logs: Vec<Log> = logs.collect();
    for log in &logs {
        assert_eq!(found(log.clone()), Ok(log.entries.len() as u64), "{log:?}");
    }
    logs
}

fn next_change<'a>(runner: &mut TestRunner, logs: &'a [Log]) -> (&'a Log, Mutation) {
    let log = (0..logs.len()).new_tree(runner).unwrap().current();
    (&logs[log], mutations().new_tree(runner).unwrap().current())
}

#[test]
fn a_log_is_read_once_and_no_further_than_the_first_fault() {
    let mut log = five();
    log.entries[2].payload.push(' ');
    let pulled = std::cell::Cell::new(0);
    let entries = log.entries.into_iter().inspect(|_| pulled.set(pulled.get() + 1));
    let tampered = verify(entries, public(), &log.checkpoints).unwrap_err();
    assert_eq!((tampered.position, pulled.get()), (3, 3));
}

#[test]
fn checkpoints_round_trip_as_json_and_keys_do_not_show() {
    let checkpoint = five().checkpoints.remove(1);
    let text = serde_json::to_string(&checkpoint).unwrap();
    assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), checkpoint);
    assert_eq!(format!("{:?}", key(1)), "SigningKey(…)");
    assert_eq!(VerifyingKey::from_bytes(&public().to_bytes()), Ok(public()));
    let identity = std::array::from_fn(|byte| u8::from(byte == 0));
    assert!(VerifyingKey::from_bytes(&identity).is_err(), "a weak key proves anything");
}

#[test]
fn grants_permits_and_refusals_have_their_entries() {
    let policies = defaults();
    let mut grant =
        Entry::session_opened(&session(&policies, &user("mia", &[Role::Marketer]), Purpose::Marketing).unwrap());
    // The version changes with every word of the policies; the tables are many.
    assert!(grant.detail.remove("policy_version").is_some());
    grant.detail.get_mut("tables").unwrap().as_object_mut().unwrap().retain(|name, _| name == "interaction");
    insta::assert_snapshot!(grant.payload(), @r#"{"at":1700000000000000,"detail":{"as_of":null,"consent":"only_given","kind":"session","tables":{"interaction":{"class_max":"C2","masked":["text"]}}},"kind":"session_opened","purpose":"marketing","roles":["marketer"],"user":"mia"}"#);

    let customer = Resource::Customer(CustomerId(17));
    let ask = |role| permit(&policies, &user("sam", &[role]), Purpose::Service, Action::LookUp, customer.clone(), NOW);
    let mut permitted = Entry::permitted(&ask(Role::ServiceAgent).unwrap());
    assert!(permitted.detail.remove("policy_version").is_some());
    insta::assert_snapshot!(permitted.payload(), @r#"{"at":1700000000000000,"detail":{"action":"look_up","resource":{"customer":17}},"kind":"look_up","purpose":"service","roles":["service_agent"],"user":"sam"}"#);
    insta::assert_snapshot!(Entry::refused(&ask(Role::Analyst).unwrap_err(), NOW).payload(), @r#"{"at":1700000000000000,"detail":{"help":"for service, `policies/*.cedar` permits it to: service_agent","message":"`sam` (analyst) may not `look_up` customer 17 for service; allowed purposes for this: none"},"kind":"refusal","purpose":"service","roles":["analyst"],"user":"sam"}"#);
}
