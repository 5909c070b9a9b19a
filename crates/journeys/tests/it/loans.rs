//! A worked example on real data: the loan applications of a Dutch bank (BPI Challenge 2012, doi
//! 10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f). Figures are in docs/concepts/journeys.md.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    path::Path,
    sync::OnceLock,
};

use flate2::bufread::DeflateDecoder;
use florin_journeys::{
    Rows, Window,
    funnel::{FunnelKernel, FunnelRows, FunnelSettings, FunnelValue},
    paths::{Direction, Occurrence, PathKernel, PathSettings, Paths},
};
use jiff::Timestamp;

const LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bpi2012/bpic2012.xes.gz");
const DAY: i64 = 86_400_000_000;
const STEPS: [&str; 5] = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED", "A_APPROVED"];

/// What happened to one application, in order of time.
type Case = Vec<(i64, String)>;

struct Loans {
    cases: Vec<Case>,
    /// The names of events; their places are codes.
    names: Vec<String>,
    customer: Vec<i64>,
    ts: Vec<i64>,
    name: Vec<u32>,
}

/// The value of an attribute such as `key="concept:name" value="A_SUBMITTED"`.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.split_once("key=\"")?.1.strip_prefix(key)?.strip_prefix("\" value=\"")?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The events that applications (`A_`) and offers (`O_`) went through, without the work items.
fn read() -> Option<&'static Loans> {
    static LOANS: OnceLock<Option<Loans>> = OnceLock::new();
    LOANS.get_or_init(parse).as_ref()
}

/// What a gzip file holds (RFC 1952), without its checksum: without optimisation that takes ten times as long as the rest.
fn unpacked(packed: &[u8]) -> impl BufRead {
    let (header, rest) = packed.split_at(10);
    let named = header[3] & 8 != 0;
    let start = if named { rest.iter().position(|byte| *byte == 0).unwrap() + 1 } else { 0 };
    BufReader::new(DeflateDecoder::new(&rest[start..]))
}

fn parse() -> Option<Loans> {
    if !Path::new(LOG).exists() {
        println!("skipped: {LOG} is not there");
        return None;
    }
    let mut cases: Vec<Case> = Vec::new();
    let (mut name, mut stamp) = (String::new(), String::new());
    for line in unpacked(&fs::read(LOG).unwrap()).lines() {
        let line = line.unwrap();
        let tag = line.trim_start();
        if tag.starts_with("<trace>") {
            cases.push(Vec::new());
        } else if tag.starts_with("<string") || tag.starts_with("<date") {
            value(tag, "concept:name").into_iter().for_each(|found| found.clone_into(&mut name));
            value(tag, "time:timestamp").into_iter().for_each(|found| found.clone_into(&mut stamp));
        } else if tag.starts_with("</event>") && (name.starts_with("A_") || name.starts_with("O_")) {
            let ts = stamp.parse::<Timestamp>().unwrap().as_microsecond();
            cases.last_mut().unwrap().push((ts, name.clone()));
        }
    }
    cases.iter_mut().for_each(|case| case.sort_by_key(|(ts, _)| *ts));
    Some(columns(cases))
}

fn columns(cases: Vec<Case>) -> Loans {
    let names: BTreeSet<String> = cases.iter().flatten().map(|(_, name)| name.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let (mut customer, mut ts, mut name) = (Vec::new(), Vec::new(), Vec::new());
    for (n, case) in cases.iter().enumerate() {
        for (at, what) in case {
            customer.push(n as i64);
            ts.push(*at);
            name.push(names.binary_search(what).unwrap() as u32);
        }
    }
    Loans { cases, names, customer, ts, name }
}

impl Loans {
    fn rows(&self) -> Rows<'_> {
        Rows::new(&self.customer, &self.ts).unwrap()
    }

    fn funnel(&self, window: Window) -> FunnelValue {
        let step = |code: u32| STEPS.iter().position(|step| *step == self.names[code as usize]);
        let bits: Vec<u8> = self.name.iter().map(|code| step(*code).map_or(0, |step| 1 << step)).collect();
        let mut asked = FunnelSettings::new(STEPS.len());
        asked.window = window;
        let mut kernel = FunnelKernel::new(&asked).unwrap();
        kernel.push(&FunnelRows { rows: self.rows(), bits: &bits, held: None, by: None }).unwrap();
        kernel.finish().unwrap().values.swap_remove(0)
    }

    /// Of how many applications each step was reached, trying every chain of events.
    fn counted(&self, window: i64) -> Vec<u64> {
        let mut counts = vec![0; STEPS.len()];
        for case in &self.cases {
            let entries = case.iter().enumerate().filter(|(_, (_, name))| name == STEPS[0]);
            let furthest = entries.map(|(_, (ts, _))| 1 + further(case, *ts, 1, *ts, window)).max().unwrap_or(0);
            counts[..furthest].iter_mut().for_each(|count| *count += 1);
        }
        counts
    }

    fn paths(&self, anchor: &str, direction: Direction) -> Paths {
        let anchor = self.names.iter().position(|name| name == anchor).map(|code| code as u32);
        let (occurrence, gap) = (Occurrence::First, u64::MAX);
        let asked = PathSettings { anchor, direction, occurrence, depth: 8, breadth: 4, gap, whole: true };
        let mut kernel = PathKernel::new(&asked).unwrap();
        kernel.push(self.rows(), &self.name).unwrap();
        kernel.finish().unwrap()
    }
}

/// How many more steps a chain can take that started at `entry`, is at `now`, and takes `step` next.
fn further(case: &Case, now: i64, step: usize, entry: i64, window: i64) -> usize {
    let wanted = |(ts, name): &&(i64, String)| STEPS.get(step) == Some(&name.as_str()) && *ts >= now;
    let next = case.iter().filter(wanted).filter(|(ts, _)| ts - entry <= window);
    next.map(|(ts, _)| 1 + further(case, *ts, step + 1, entry, window)).max().unwrap_or(0)
}

#[test]
fn a_funnel_of_loan_applications_agrees_with_a_plain_count() {
    let Some(loans) = read() else { return };
    assert_eq!(loans.cases.len(), 13_087);
    let ever = loans.funnel(Window::Unbounded);
    assert_eq!(ever.counts(), loans.counted(i64::MAX));
    // The published counts of the first four events; every application goes through them in this order.
    assert_eq!(ever.counts()[..4], [13_087, 7_367, 5_113, 5_015]);
    for days in [1, 7, 14, 30] {
        let found = loans.funnel(Window::Micros((days * DAY) as u64));
        assert_eq!(found.counts(), loans.counted(days * DAY), "{days} days");
        println!("{days} days: {:?}", found.counts());
    }
    println!("ever: {:?}", ever.counts());
    for (step, times) in ever.times.iter().enumerate().skip(1) {
        let hours = |micros: Option<u64>| micros.unwrap_or(0) as f64 / 3.6e9;
        let mean = times.from_previous.mean().unwrap() / 3.6e9;
        println!("{}: median {:.2} h, mean {mean:.2} h", STEPS[step], hours(times.from_previous.median()));
    }
}

#[test]
fn the_most_frequent_paths_of_loan_applications_agree_with_a_plain_count() {
    let Some(loans) = read() else { return };
    let found = loans.paths("A_SUBMITTED", Direction::After);
    let mut counted: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for case in &loans.cases {
        let mut path: Vec<&str> =
            case.iter().map(|(_, name)| name.as_str()).skip_while(|name| *name != "A_SUBMITTED").collect();
        path.dedup();
        path.truncate(9);
        *counted.entry(path).or_default() += 1;
    }
    let named = |path: &[u32]| -> Vec<&str> { path.iter().map(|code| loans.names[*code as usize].as_str()).collect() };
    let whole: BTreeMap<Vec<&str>, u64> = found.whole.iter().map(|w| (named(&w.names), w.customers.len())).collect();
    assert_eq!(whole, counted);
    for path in found.whole.iter().take(8) {
        println!("{:>5}  {}", path.customers.len(), named(&path.names).join(" → "));
    }
    // Every application is submitted, and the log starts with it.
    let start: Vec<u64> = found.nodes.iter().filter(|n| n.position == 0).map(|n| n.customers.len()).collect();
    assert_eq!(start, [13_087]);
    let before = loans.paths("A_APPROVED", Direction::Before);
    let approved: u64 = before.nodes.iter().filter(|n| n.position == 0).map(|n| n.customers.len()).sum();
    assert_eq!(approved, 2_246);
}
