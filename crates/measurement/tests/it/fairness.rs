//! Fairness against fairlearn and aif360.

use florin_measurement::{
    Groups, Level, Sample, SmallGroups,
    fairness::{Favourable, FourFifths, Gap, GroupRates, Rule, TradeOff, Worth, overview, pairs, rates, trade_off},
};

use crate::golden::{Golden, close};

const EXACT: f64 = 1e-12;

struct Read {
    golden: Golden,
    scores: Vec<f64>,
    labels: Vec<bool>,
    of: Vec<u32>,
    names: Vec<String>,
}

fn read() -> Read {
    let golden = Golden::read("fairness");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let of = golden.numbers("/groups").into_iter().map(|group| group as u32).collect();
    Read { golden, scores, labels, of, names: ["a", "b", "c"].map(str::to_owned).to_vec() }
}

impl Read {
    fn groups(&self) -> Groups<'_> {
        Groups::new(&self.names, &self.of).expect("sound")
    }

    fn rates(&self) -> Vec<GroupRates> {
        let favoured: Vec<bool> = self.scores.iter().map(|s| Favourable::Above.decides(*s, 0.5)).collect();
        rates(&favoured, &self.labels, self.groups(), SmallGroups::default(), Level::USUAL).expect("sound")
    }

    fn ask(&self, rule: Rule, gap: Gap) -> TradeOff {
        let (favourable, worth, small) = (Favourable::Above, Worth::default(), SmallGroups::default());
        TradeOff { rule, favourable, worth, gap, small }
    }
}

#[test]
fn rates_of_groups_are_those_of_fairlearn() {
    let read = read();
    for (i, group) in read.rates().iter().enumerate() {
        let rates = group.rates.expect("large enough");
        let of = |name: &str| read.golden.number(&format!("/by_group/{name}/{i}"));
        close(rates.selection_rate.value, of("selection_rate"), EXACT);
        close(rates.true_positive_rate.expect("some").value, of("true_positive_rate"), EXACT);
        close(rates.false_positive_rate.expect("some").value, of("false_positive_rate"), EXACT);
        close(rates.accuracy.value, of("accuracy"), EXACT);
    }
    let gaps = overview(&read.rates()).expect("three groups");
    close(gaps.parity_difference, read.golden.number("/demographic_parity_difference"), EXACT);
    close(gaps.parity_ratio.expect("somebody"), read.golden.number("/demographic_parity_ratio"), EXACT);
    close(gaps.odds_difference, read.golden.number("/equalized_odds_difference"), EXACT);
}

#[test]
fn a_pair_of_groups_is_that_of_aif360() {
    let read = read();
    let found = pairs(&read.rates(), Level::USUAL);
    assert_eq!(found.len(), 3);
    let pair = found.iter().find(|pair| pair.group == "b" && pair.favoured == "a").expect("b beside a");
    let of = |name: &str| read.golden.number(&format!("/pair/{name}"));
    close(pair.parity_difference.value, of("statistical_parity_difference"), EXACT);
    close(pair.impact_ratio.expect("somebody").value, of("disparate_impact"), EXACT);
    close(pair.opportunity_difference.expect("both").value, of("equal_opportunity_difference"), EXACT);
    close(pair.odds_difference.expect("both"), of("average_odds_difference"), EXACT);
    assert_ne!(pair.four_fifths, FourFifths::Passes);
    assert!(found.is_sorted_by(|a, b| a.impact_ratio.map(|r| r.value) <= b.impact_ratio.map(|r| r.value)));
}

#[test]
fn a_ratio_below_four_fifths_of_few_people_may_be_chance() {
    let favoured: Vec<bool> = (0..240).map(|i| i < 84 || (120..168).contains(&i)).collect();
    let deserving: Vec<bool> = (0..240).map(|i| i % 2 == 0).collect();
    let of: Vec<u32> = (0..240).map(|i| u32::from(i >= 120)).collect();
    let names = ["x", "y"].map(str::to_owned);
    let groups = Groups::new(&names, &of).expect("sound");
    let verdict = |favoured: &[bool]| {
        let rates = rates(favoured, &deserving, groups, SmallGroups::default(), Level::USUAL).expect("sound");
        pairs(&rates, Level::USUAL)[0].four_fifths
    };
    // 70 % against 40 %, 55 % and 60 %.
    assert_eq!(verdict(&favoured), FourFifths::Fails);
    let more = |until: usize| (0..240).map(|i| i < 84 || (120..until).contains(&i)).collect::<Vec<bool>>();
    assert_eq!(verdict(&more(120 + 66)), FourFifths::MayBeChance);
    assert_eq!(verdict(&more(120 + 72)), FourFifths::Passes);
}

#[test]
fn a_group_that_is_too_small_gets_no_rates_and_no_pair() {
    let read = read();
    let small = SmallGroups { rows_min: 250, positives_min: 1, negatives_min: 1 };
    let favoured: Vec<bool> = read.scores.iter().map(|s| *s >= 0.5).collect();
    let found = rates(&favoured, &read.labels, read.groups(), small, Level::USUAL).expect("sound");
    assert_eq!(found.iter().map(|group| group.rates.is_some()).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(pairs(&found, Level::USUAL).len(), 1);
}

#[test]
fn a_threshold_for_all_trades_what_counting_says() {
    let read = read();
    let sample = Sample::new(&read.scores, &read.labels).expect("sound");
    let asked = read.ask(Rule::OneForAll(vec![0.2, 0.5, 0.8, 2.0]), Gap::Parity);
    let found = trade_off(&sample, read.groups(), &asked).expect("three groups");
    let gaps = overview(&read.rates()).expect("three groups");
    assert_eq!(found[1].gaps, gaps);
    let right = read.scores.iter().zip(&read.labels).filter(|(s, y)| (**s >= 0.5) == **y).count();
    close(found[1].accuracy, right as f64 / 900.0, EXACT);
    close(found[1].worth, found[1].accuracy, EXACT);
    assert_eq!((found[3].selection_rate, found[3].gaps.parity_difference), (0.0, 0.0));
    assert!(found[3].on_frontier, "nothing has a narrower gap than refusing everybody");
    for trade in found.iter().filter(|trade| !trade.on_frontier) {
        let better = |other: &&florin_measurement::fairness::Trade| {
            other.worth >= trade.worth && other.gaps.parity_difference <= trade.gaps.parity_difference
        };
        assert!(found.iter().filter(|other| other.on_frontier).any(|other| better(&other)));
    }
}

#[test]
fn thresholds_by_group_close_the_gap_they_are_asked_to_close() {
    let read = read();
    let sample = Sample::new(&read.scores, &read.labels).expect("sound");
    let grid = vec![0.3, 0.5, 0.7];
    let parity = trade_off(&sample, read.groups(), &read.ask(Rule::EqualSelection(grid.clone()), Gap::Parity));
    for (trade, target) in parity.expect("three groups").iter().zip(&grid) {
        assert!(trade.gaps.parity_difference < 0.02, "{trade:?}");
        close(trade.selection_rate, *target, 0.01);
        assert_ne!(trade.thresholds[0], trade.thresholds[1]);
    }
    let equal = trade_off(&sample, read.groups(), &read.ask(Rule::EqualOpportunity(grid), Gap::Opportunity));
    assert!(equal.expect("three groups").iter().all(|trade| trade.gaps.opportunity_difference < 0.03));
}

#[test]
fn where_below_is_good_labels_and_sides_are_turned() {
    let read = read();
    let (turned, bad): (Vec<f64>, Vec<bool>) =
        (read.scores.iter().map(|s| 1.0 - s - 1e-9).collect(), read.labels.iter().map(|label| !label).collect());
    let up = read.ask(Rule::OneForAll(vec![0.5]), Gap::Odds);
    let down = TradeOff { favourable: Favourable::Below, ..up.clone() };
    let one = trade_off(&Sample::new(&read.scores, &read.labels).expect("sound"), read.groups(), &up);
    let other = trade_off(&Sample::new(&turned, &bad).expect("sound"), read.groups(), &down);
    assert_eq!(one.expect("three groups"), other.expect("three groups"));
}
