//! Bins are the best there are, information values those of optbinning, and points do what they promise.

use florin_models::{
    Column, DataSet, Frame, Label, Model, from_bytes,
    scorecard::{Holds, ScorecardSettings, Trend},
};

use crate::data::{NUMBERS, auc, expected, golden, made_up, numbers, rows};

/// Information on given bins, by its definition; gaps are a bin of their own.
fn information(values: &[f64], label: &[f64], cuts: &[f64]) -> f64 {
    let mut counts = vec![[0.0; 2]; cuts.len() + 2];
    for (value, label) in values.iter().zip(label) {
        let bin = if value.is_nan() { cuts.len() + 1 } else { cuts.partition_point(|cut| cut <= value) };
        counts[bin][*label as usize] += 1.0;
    }
    let [no, yes] = [0, 1].map(|of| counts.iter().map(|c| c[of]).sum::<f64>());
    let one = |c: &[f64; 2]| {
        if c[0] + c[1] > 0.0 { (c[0] / no - c[1] / yes) * ((c[0] / no) / (c[1] / yes)).ln() } else { 0.0 }
    };
    counts.iter().map(one).sum()
}

#[test]
fn information_on_the_same_bins_is_that_of_optbinning_and_our_bins_say_no_less() {
    let (set, rows) = (golden(), rows());
    let label = rows.number("y");
    for name in NUMBERS {
        for (trend, word) in [(Trend::Ascending, "ascending"), (Trend::Descending, "descending")] {
            let theirs = expected(&format!("binning_{name}_{word}"));
            let wanted = theirs["information"].as_f64().expect("a number");
            let same = information(&rows.number(name), &label, &numbers(&theirs["cuts"]));
            assert!((same - wanted).abs() < 1e-9, "{name} {word}: {same} and {wanted}");
            let ours = ScorecardSettings { trend, ..ScorecardSettings::default() }.bin(&set, name).expect("bins");
            let by_definition = information(&rows.number(name), &label, &ours.cuts());
            assert!((ours.information - by_definition).abs() < 1e-9, "{name} {word}");
            // They cut at pre-bins of a decision tree, we at quantiles: neither contains the other, and of 400 rows a tree finds more
            // by chance.
            assert!(ours.information > 0.75 * wanted - 0.01, "{name} {word}: {} and {wanted}", ours.information);
        }
    }
}

#[test]
fn no_other_way_to_put_pre_bins_together_says_more() {
    // Eleven values, and every one of the 1024 ways to cut between them.
    let (values, label): (Vec<f64>, Vec<f64>) = (0..660)
        .map(|row| ((row % 11) as f64, f64::from(u8::from(row * 7919 % 97 < 20 + (row % 11) * 4 - 12 * (row % 3)))))
        .unzip();
    let set = DataSet::new(
        Frame::new(vec![Column::number("x", values.clone())]).expect("a frame"),
        Label::Binary(label.clone()),
        None,
    )
    .expect("a set");
    let settings =
        ScorecardSettings { bins_max: 5, share_min: 0.15, trend: Trend::Ascending, ..ScorecardSettings::default() };
    let found = settings.bin(&set, "x").expect("bins").information;
    let mut best = 0.0_f64;
    for ways in 0_u32..1024 {
        let cuts: Vec<f64> = (0..10).filter(|bit| ways >> bit & 1 == 1).map(|bit| f64::from(bit) + 0.5).collect();
        let bin = |value: &f64| cuts.partition_point(|cut| cut <= value);
        let mut counts = vec![[0.0; 2]; cuts.len() + 1];
        values.iter().zip(&label).for_each(|(v, l)| counts[bin(v)][*l as usize] += 1.0);
        let rising = counts
            .windows(2)
            .all(|pair| pair[0][1] / (pair[0][0] + pair[0][1]) < pair[1][1] / (pair[1][0] + pair[1][1]));
        let large = counts.iter().all(|c| c[0] + c[1] >= 0.15 * 660.0);
        if cuts.len() < 5 && rising && large {
            best = best.max(information(&values, &label, &cuts));
        }
    }
    assert!((found - best).abs() < 1e-12, "{found} and {best}");
}

#[test]
fn rates_go_one_way_and_every_bin_is_large_enough() {
    let (set, _) = made_up(5000, 41);
    for name in ["a", "b", "c", "noise"] {
        let binning = ScorecardSettings::default().bin(&set, name).expect("bins");
        let rates: Vec<f64> = binning
            .bins
            .iter()
            .filter(|bin| bin.holds != Holds::Missing)
            .map(|bin| bin.yes / (bin.no + bin.yes))
            .collect();
        let (up, down) = (rates.is_sorted(), rates.iter().rev().is_sorted());
        assert!(up || down, "{name}: {rates:?}");
        assert!(
            binning
                .bins
                .iter()
                .filter(|bin| bin.holds != Holds::Missing)
                .all(|bin| bin.no + bin.yes >= 0.05 * 5000.0 - 1e-9)
        );
    }
    let gaps = ScorecardSettings::default().bin(&set, "a").expect("bins");
    assert_eq!(gaps.bins.last().expect("a bin").holds, Holds::Missing);
}

#[test]
fn points_double_the_odds_and_add_up() {
    let (set, truth) = made_up(6000, 42);
    let card = ScorecardSettings::default().build(&set).expect("a scorecard");
    let (points, scores) = (card.points(set.frame()).expect("points"), card.predict(set.frame()).expect("scores"));
    for (points, score) in points.iter().zip(&scores).take(500) {
        let odds = (1.0 - score) / score;
        assert!((points - (600.0 + 20.0 / 2_f64.ln() * (odds / 50.0).ln())).abs() < 1e-6);
    }
    let rows = card.contributions(set.frame()).expect("parts");
    let margins = card.margins(set.frame()).expect("margins");
    assert!((0..6000).all(|row| (rows.base + rows.row(row).iter().sum::<f64>() - margins[row]).abs() < 1e-10));
    let label = set.binary().expect("labels");
    assert!(auc(&scores, label) > auc(&truth, label) - 0.05, "{} of {}", auc(&scores, label), auc(&truth, label));
    assert!((card.gini() - (2.0 * auc(&scores, label) - 1.0)).abs() < 1e-9);
    let again = from_bytes(&card.to_bytes().expect("bytes")).expect("the scorecard");
    assert_eq!(again.margins(set.frame()).expect("margins"), margins);
}

#[test]
fn a_scorecard_of_nothing_but_noise_is_refused() {
    let (set, _) = made_up(2000, 43);
    let noise = set.frame().without(&["a", "b", "c", "town"]).expect("a frame");
    let settings = ScorecardSettings { information_min: 0.1, ..ScorecardSettings::default() };
    assert!(settings.build(&set.with_frame(noise).expect("a set")).is_err());
    assert!(ScorecardSettings { pre_bins_max: 51, ..ScorecardSettings::default() }.build(&set).is_err());
}
