//! What ClickHouse and PostHog publish, and what ClickHouse answers on made-up rows (`tests/golden/window_funnel.py`).

use florin_journeys::{
    Rows, Window,
    funnel::{Exclusion, FunnelKernel, FunnelLevel, FunnelRows, FunnelSettings, Modes, Order, Sharing},
};

/// How far one customer comes, whose rows come in two batches; `None` when excluded.
fn level(asked: &FunnelSettings, rows: &[(i64, u64)]) -> Option<usize> {
    let mut kernel = FunnelKernel::new(asked).unwrap();
    let (early, late) = rows.split_at(rows.len() / 2);
    for rows in [early, late] {
        let customer = vec![1i64; rows.len()];
        let (ts, bits): (Vec<i64>, Vec<u64>) = rows.iter().copied().unzip();
        let rows = Rows::new(&customer, &ts).unwrap();
        kernel.push(&FunnelRows { rows, bits: &bits, held: None, by: None }).unwrap();
    }
    let found = kernel.finish().unwrap().values.swap_remove(0);
    found.excluded.is_empty().then(|| found.counts().iter().filter(|count| **count > 0).count())
}

fn modes(names: &[&str]) -> Modes {
    let has = |name: &str| names.contains(&name);
    Modes {
        strict_deduplication: has("strict_deduplication"),
        strict_order: has("strict_order"),
        strict_increase: has("strict_increase"),
        strict_once: has("strict_once"),
        allow_reentry: has("allow_reentry"),
    }
}

fn window_funnel(names: &[&str], window: u64, steps: usize, rows: &[(i64, u64)]) -> usize {
    let mut asked = FunnelSettings::new(steps);
    (asked.order, asked.window) = (Order::WindowFunnel(modes(names)), Window::Micros(window));
    let reached = level(&asked, rows).unwrap();
    // With a customer before, of whom nothing may be left.
    let mut alone = FunnelLevel::new(&asked).unwrap();
    alone.of([(0, 1), (0, 2)]).unwrap();
    assert_eq!(alone.of(rows.iter().copied()).unwrap(), reached, "the level alone");
    reached
}

/// One letter a row, one unit of time apart; `a` is the first step, and letters beyond the last step are other events.
fn story(letters: &str, steps: usize) -> Vec<(i64, u64)> {
    let bit = |letter: u8| usize::from(letter - b'a');
    (1i64..).zip(letters.bytes()).map(|(ts, l)| (ts, if bit(l) < steps { 1 << bit(l) } else { 0 })).collect()
}

#[test]
fn click_houses_table_of_strict_order_holds() {
    // ClickHouse pull request 9773: story, level without a mode, level with strict_order.
    let table =
        [("abc", 3, 3), ("adbc", 3, 1), ("aabbcc", 3, 3), ("aaaabbcc", 3, 3), ("aabbdcc", 3, 2), ("bbccaa", 1, 1)];
    for (letters, plain, strict) in table {
        let rows = story(letters, 3);
        assert_eq!(window_funnel(&[], 86_400, 3, &rows), plain, "{letters}");
        assert_eq!(window_funnel(&["strict_order"], 86_400, 3, &rows), strict, "{letters}");
        let mut ours = FunnelSettings::new(3);
        ours.window = Window::Micros(86_400);
        assert_eq!(level(&ours, &rows), Some(plain), "{letters}");
    }
    // strict_deduplication and strict_order together, from 00632_aggregation_window_funnel.
    for (letters, both) in [("abc", 3), ("adbc", 1), ("aabbcc", 2), ("aaaabbcc", 2), ("aabbdcc", 2), ("ccbbaa", 1)] {
        let rows = story(letters, 3);
        assert_eq!(window_funnel(&["strict_deduplication", "strict_order"], 86_400, 3, &rows), both, "{letters}");
    }
    assert_eq!(window_funnel(&["strict_order"], 10, 3, &story("acb", 3)), 1);
    // Issue 27469: a repeated step ends the scan, but what was reached stays.
    assert_eq!(window_funnel(&["strict_deduplication"], 86_400, 4, &story("abcbd", 4)), 3);
}

#[test]
fn click_houses_windows_include_their_end() {
    // 00632_aggregation_window_funnel: nine events one second apart, funnels over the fourth to the eighth.
    let rows: Vec<(i64, u64)> = (0..9).map(|n| (n, if (3..8).contains(&n) { 1 << (n - 3) } else { 0 })).collect();
    for (window, reached) in [(2, 3), (3, 4), (4, 5)] {
        assert_eq!(window_funnel(&[], window, 5, &rows), reached);
    }
    // event <= 1007, event >= 1002, event <= 1006, event >= 1004.
    let event = |n: i64| u64::from(n <= 7) | u64::from(n >= 2) << 1 | u64::from(n <= 6) << 2 | u64::from(n >= 4) << 3;
    let rows: Vec<(i64, u64)> = (1..=8).map(|n| (n, event(n))).collect();
    assert_eq!(window_funnel(&[], 4, 4, &rows), 4);
}

#[test]
fn click_houses_modes_for_ties_and_repeated_conditions_hold() {
    let tied = [(0, 1), (1, 2), (1, 4), (1, 8), (2, 16)];
    assert_eq!(window_funnel(&[], 10_000, 5, &tied), 5);
    assert_eq!(window_funnel(&["strict_increase"], 10_000, 5, &tied), 2);
    // The same condition three times, met by one event.
    let one = [(2, 0b111)];
    assert_eq!(window_funnel(&[], 10_000, 3, &one), 3);
    assert_eq!(window_funnel(&["strict_once"], 10_000, 3, &one), 1);
    assert_eq!(window_funnel(&["strict_increase"], 10_000, 3, &one), 1);
    // failure, failure, success; 1 = success, 0 = failure.
    let results = |kinds: &[(i64, bool)]| -> Vec<(i64, u64)> {
        kinds.iter().map(|(ts, success)| (*ts, if *success { 0b100 } else { 0b011 })).collect()
    };
    let customers = [
        (results(&[(180, false), (220, false), (250, true)]), 3),
        (results(&[(100, false), (250, false)]), 2),
        (results(&[(200, true), (210, false), (230, true)]), 1),
    ];
    for modes in [&["strict_once"][..], &["strict_once", "strict_increase"], &["strict_once", "strict_deduplication"]] {
        for (rows, expected) in &customers {
            assert_eq!(window_funnel(modes, 200, 3, rows), *expected, "{modes:?}");
        }
    }
}

#[test]
fn click_house_gives_the_same_levels_on_made_up_rows() {
    let golden = include_str!("../golden/window_funnel.tsv");
    let mut compared = 0;
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[names, window, steps, rows, expected] = &fields[..] else { panic!("{line}") };
        let names: Vec<&str> = names.split(',').collect();
        let row = |row: &str| {
            let (ts, bits) = row.split_once(':').unwrap();
            (ts.parse().unwrap(), bits.parse().unwrap())
        };
        let rows: Vec<(i64, u64)> = rows.split(' ').map(row).collect();
        let found = window_funnel(&names, window.parse().unwrap(), steps.parse().unwrap(), &rows);
        assert_eq!(found.to_string(), expected, "{line}");
        compared += 1;
    }
    assert!(compared > 1000);
}

#[test]
fn without_modes_and_with_strict_once_our_own_words_mean_the_same() {
    let golden = include_str!("../golden/window_funnel.tsv");
    for line in golden.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[names, window, steps, rows, expected] = &fields[..] else { continue };
        let sharing = match names {
            "-" => Sharing::Row,
            "strict_once" => Sharing::Instant,
            "strict_once,strict_increase" => Sharing::Nothing,
            _ => continue,
        };
        let mut asked = FunnelSettings::new(steps.parse().unwrap());
        (asked.sharing, asked.window) = (sharing, Window::Micros(window.parse().unwrap()));
        let row = |row: &str| {
            let (ts, bits) = row.split_once(':').unwrap();
            (ts.parse().unwrap(), bits.parse().unwrap())
        };
        let rows: Vec<(i64, u64)> = rows.split(' ').map(row).collect();
        assert_eq!(level(&asked, &rows).unwrap().to_string(), expected, "{line}");
    }
}

#[test]
fn post_hogs_orders_mean_what_its_documentation_says() {
    let level = |order, letters: &str| {
        let mut asked = FunnelSettings::new(3);
        (asked.order, asked.window) = (order, Window::Micros(100));
        level(&asked, &story(letters, 3)).unwrap()
    };
    // Sequential: B after A, anything between. Strict: directly after. Any order.
    for (letters, sequential, strict, any) in
        [("abc", 3, 3, 3), ("axbc", 3, 1, 3), ("acb", 2, 1, 3), ("cba", 1, 1, 3), ("bc", 0, 0, 2), ("axabc", 3, 3, 3)]
    {
        assert_eq!(level(Order::Ordered, letters), sequential, "{letters} sequential");
        assert_eq!(level(Order::Any, letters), any, "{letters} any");
        assert_eq!(level(Order::Strict, letters), strict, "{letters} strict");
    }
}

#[test]
fn post_hogs_same_event_twice_must_happen_twice() {
    let mut asked = FunnelSettings::new(2);
    asked.sharing = Sharing::Instant;
    assert_eq!(level(&asked, &[(1, 0b11)]), Some(1));
    assert_eq!(level(&asked, &[(1, 0b11), (1, 0b11)]), Some(2));
    assert_eq!(level(&asked, &[(1, 0b11), (5, 0b11)]), Some(2));
}

#[test]
fn post_hogs_exclusion_removes_the_person_from_the_whole_funnel() {
    let mut asked = FunnelSettings::new(2);
    asked.window = Window::Micros(10);
    asked.exclusions = vec![Exclusion { after: 0, before: 1 }];
    let (a, b, x) = (1, 2, 4);
    let table = [
        ("in between", vec![(1, a), (2, x), (3, b)], None),
        ("in between, never converted", vec![(1, a), (2, x)], None),
        ("before the first step", vec![(1, x), (2, a), (3, b)], Some(2)),
        ("after the last step", vec![(1, a), (2, b), (3, x)], Some(2)),
        ("after the window closed", vec![(1, a), (12, x)], Some(1)),
        ("at the end of the window", vec![(1, a), (11, x)], None),
        ("at the instant of the first step", vec![(1, a), (1, x), (3, b)], Some(2)),
        ("at the instant of the second step", vec![(1, a), (3, x), (3, b)], Some(2)),
        ("in the first of two attempts", vec![(1, a), (2, x), (5, a), (6, b)], None),
    ];
    for (case, rows, expected) in table {
        assert_eq!(level(&asked, &rows), expected, "{case}");
    }
}
