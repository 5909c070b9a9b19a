//! Funnels counted by trying every chain of rows there is.

use std::collections::BTreeMap;

use florin_journeys::{
    MISSING, Period, Window,
    funnel::{Attribution, FunnelSettings, Order, Sharing},
};

use crate::made::{Event, by_customer, date, day_number};

/// What is found for one customer under one value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Came {
    pub(crate) times: Vec<i64>,
    pub(crate) excluded: bool,
}

/// By value ([`MISSING`] for none) and customer.
pub(crate) fn funnel(asked: &FunnelSettings, events: &[Event]) -> BTreeMap<(u32, u32), Came> {
    let mut found = BTreeMap::new();
    for (customer, rows) in by_customer(events) {
        for (value, came) in customer_values(asked, rows) {
            if !came.times.is_empty() {
                found.insert((value, customer), came);
            }
        }
    }
    found
}

fn customer_values(asked: &FunnelSettings, rows: &[Event]) -> Vec<(u32, Came)> {
    let steps = (1u64 << asked.steps) - 1;
    let positions: Vec<(usize, Event)> = rows.iter().copied().enumerate().collect();
    let touched = || rows.iter().filter(|e| e.bits & steps != 0 && e.by != MISSING).map(|e| e.by);
    let values: Vec<u32> = (0..3).collect();
    match asked.breakdown {
        None => vec![(MISSING, best_held(asked, &positions))],
        Some(Attribution::First) => vec![(touched().next().unwrap_or(MISSING), best_held(asked, &positions))],
        Some(Attribution::Last) => vec![(touched().next_back().unwrap_or(MISSING), best_held(asked, &positions))],
        Some(Attribution::Every) => values
            .into_iter()
            .map(|value| {
                let mine: Vec<_> = positions.iter().filter(|(_, e)| e.by == value).copied().collect();
                (value, best_held(asked, &mine))
            })
            .collect(),
        Some(Attribution::Step(step)) => values
            .into_iter()
            .map(|value| {
                let cleared = |e: &Event| if e.by == value { e.bits } else { e.bits & !(1 << step) };
                let mine: Vec<_> = positions.iter().map(|(n, e)| (*n, Event { bits: cleared(e), ..*e })).collect();
                (value, best_held(asked, &mine))
            })
            .filter(|(value, came)| {
                // A customer is in the funnels of the values that they have at the step.
                let has = rows.iter().any(|e| e.by == *value && e.bits >> step & 1 == 1);
                came.times.len() > step || (came.excluded && has)
            })
            .collect(),
    }
}

fn best_held(asked: &FunnelSettings, rows: &[(usize, Event)]) -> Came {
    if !asked.held {
        return best(asked, rows);
    }
    let mut found: Vec<Came> = (0..3)
        .map(|value| best(asked, &rows.iter().filter(|(_, e)| e.held == value).copied().collect::<Vec<_>>()))
        .collect();
    let excluded = found.iter().any(|came| came.excluded);
    // The furthest; then the earliest there; then the latest to start; then the earliest steps.
    found.sort_by_key(|came| {
        let last = came.times.last().copied().unwrap_or(i64::MAX);
        let entry = came.times.first().copied().unwrap_or(0);
        (-(came.times.len() as i64), last, -entry, came.times.clone())
    });
    Came { excluded, ..found.swap_remove(0) }
}

/// The best chain among all.
fn best(asked: &FunnelSettings, rows: &[(usize, Event)]) -> Came {
    let chains = match asked.order {
        Order::Any => any_chains(asked, rows),
        _ => all_chains(asked, rows),
    };
    let length = chains.iter().map(Vec::len).max().unwrap_or(0);
    // Complete at the first chance; of those the one whose rows are latest, from the last backwards.
    let longest = chains.iter().filter(|chain| chain.len() == length && length > 0);
    let times = longest.min_by_key(|chain| {
        if asked.order == Order::Strict {
            // Rows of one instant have an order here, and chains are found in it.
            return (0, Vec::new());
        }
        let backwards: Vec<i64> = chain.iter().rev().skip(1).map(|t| -t).collect();
        (*chain.last().unwrap(), backwards)
    });
    Came { times: times.cloned().unwrap_or_default(), excluded: excluded(asked, rows, &chains) }
}

/// The times of every chain.
fn all_chains(asked: &FunnelSettings, rows: &[(usize, Event)]) -> Vec<Vec<i64>> {
    let mut found = Vec::new();
    let mut chain = Vec::new();
    extend(asked, rows, &mut chain, &mut found);
    found
}

fn extend(asked: &FunnelSettings, rows: &[(usize, Event)], chain: &mut Vec<usize>, found: &mut Vec<Vec<i64>>) {
    if chain.len() == asked.steps {
        return;
    }
    for row in 0..rows.len() {
        if rows[row].1.bits >> chain.len() & 1 == 1 && may_follow(asked, rows, chain, row) {
            chain.push(row);
            found.push(chain.iter().map(|n| rows[*n].1.ts).collect());
            extend(asked, rows, chain, found);
            chain.pop();
        }
    }
}

fn may_follow(asked: &FunnelSettings, rows: &[(usize, Event)], chain: &[usize], row: usize) -> bool {
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return true };
    let ts = |n: usize| rows[n].1.ts;
    let apart = match (asked.order, asked.sharing) {
        (Order::Strict, Sharing::Nothing) => rows[row].0 == rows[*last].0 + 1 && ts(row) > ts(*last),
        (Order::Strict, _) => rows[row].0 == rows[*last].0 + 1,
        (_, Sharing::Row) => ts(row) >= ts(*last),
        (_, Sharing::Instant) => ts(row) >= ts(*last) && !chain.contains(&row),
        (_, Sharing::Nothing) => ts(row) > ts(*last),
    };
    let between = asked.step_windows.get(chain.len() - 1).copied().unwrap_or(Window::Unbounded);
    apart && within(asked.window, ts(*first), ts(row)) && within(between, ts(*last), ts(row))
}

fn within(window: Window, start: i64, ts: i64) -> bool {
    match window {
        Window::Unbounded => true,
        Window::Micros(micros) => ts - start <= micros as i64,
        Window::Days(days) => day_number(date(ts)) - day_number(date(start)) < days as i32,
    }
}

/// For every window that starts with a row, the first times of the different steps in it, in order of time; and for every
/// row in it, the last times of the steps until then.
fn any_chains(asked: &FunnelSettings, rows: &[(usize, Event)]) -> Vec<Vec<i64>> {
    let mut found = Vec::new();
    for (_, start) in rows {
        for (_, end) in rows {
            let inside = |e: &Event| start.ts <= e.ts && e.ts <= end.ts && within(asked.window, start.ts, e.ts);
            if !inside(end) {
                continue;
            }
            let last = |step: usize| {
                rows.iter().filter(|(_, e)| inside(e) && e.bits >> step & 1 == 1).map(|(_, e)| e.ts).max()
            };
            let mut times: Vec<i64> = (0..asked.steps).filter_map(last).collect();
            times.sort_unstable();
            if !times.is_empty() {
                found.push(times);
            }
        }
    }
    found
}

fn excluded(asked: &FunnelSettings, rows: &[(usize, Event)], chains: &[Vec<i64>]) -> bool {
    let complete = chains.iter().filter(|c| c.len() == asked.steps).map(|c| *c.last().unwrap()).min();
    asked.exclusions.iter().enumerate().any(|(n, exclusion)| {
        let met = rows.iter().filter(|(_, e)| e.bits >> (asked.steps + n) & 1 == 1).map(|(_, e)| e.ts);
        met.into_iter().filter(|x| complete.is_none_or(|complete| *x < complete)).any(|x| {
            let reached_before = chains.iter().filter(|c| c.len() > exclusion.after && c[exclusion.after] < x);
            let Some(entry) = reached_before.map(|c| c[0]).max() else { return false };
            let gone_on =
                chains.iter().any(|c| c.len() > exclusion.before && c[0] >= entry && c[exclusion.before] <= x);
            within(asked.window, entry, x) && !gone_on
        })
    })
}

/// The number of the period of entry.
pub(crate) fn period(period: Period, ts: i64) -> i32 {
    let date = date(ts);
    match period {
        Period::Day => day_number(date),
        Period::Week => (day_number(date) + 3).div_euclid(7),
        Period::Month => (i32::from(date.year()) - 1970) * 12 + i32::from(date.month()) - 1,
    }
}
