//! What others found in real data, and what was planted in made-up data. Skips with a reason where the data is absent.

use std::{fs, io::Read as _, path::PathBuf};

use florin_measurement::{
    Groups, Level, SmallGroups,
    fairness::{FourFifths, Pair, pairs, rates},
};

use crate::golden::close;

fn data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The pair of two groups: (favoured, whether it is the second group) by row.
fn pair(rows: &[(bool, bool)], names: [&str; 2]) -> Pair {
    let names = names.map(str::to_owned);
    let of: Vec<u32> = rows.iter().map(|(_, second)| u32::from(*second)).collect();
    let favoured: Vec<bool> = rows.iter().map(|(favoured, _)| *favoured).collect();
    let groups = Groups::new(&names, &of).expect("sound");
    let small = SmallGroups { rows_min: 100, positives_min: 0, negatives_min: 0 };
    let rates = rates(&favoured, &favoured, groups, small, Level::USUAL).expect("sound");
    pairs(&rates, Level::USUAL).into_iter().next().expect("two groups")
}

#[test]
fn women_of_the_census_earn_much_less_often_above_50k() {
    let Some(path) = data("adult/adult.data") else { return };
    let text = fs::read_to_string(path).expect("text");
    let rows: Vec<(bool, bool)> = text
        .lines()
        .map(|line| line.split(',').map(str::trim).collect::<Vec<&str>>())
        .filter(|fields| fields.len() == 15)
        .map(|fields| (fields[14] == ">50K", fields[9] == "Female"))
        .collect();
    assert_eq!(rows.len(), 32_561);
    // 30.57 % of men and 10.95 % of women, as published of `adult.data` again and again.
    let found = pair(&rows, ["men", "women"]);
    assert_eq!(found.group, "women");
    close(found.parity_difference.value, 0.1095 - 0.3057, 1e-4);
    close(found.impact_ratio.expect("some").value, 0.3580, 1e-4);
    assert_eq!(found.four_fifths, FourFifths::Fails);
}

#[test]
fn young_germans_are_called_good_less_often() {
    let Some(path) = data("german_credit/german.data") else { return };
    let text = fs::read_to_string(path).expect("text");
    let rows: Vec<(bool, bool)> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<&str>>())
        .map(|fields| (fields[20] == "1", fields[12].parse::<u32>().expect("an age") <= 25))
        .collect();
    assert_eq!(rows.len(), 1000);
    // -0.149448 for up to 25 years against older: the mean difference that AI Fairness 360 prints of this data.
    let found = pair(&rows, ["older", "young"]);
    assert_eq!(found.group, "young");
    close(found.parity_difference.value, -0.149_448, 1e-6);
    assert_eq!(found.four_fifths, FourFifths::MayBeChance, "0.795 of 190 people");
}

#[test]
fn the_discrimination_that_was_planted_in_the_lending_log_is_found() {
    let Some(path) = data("lending_log_fairness/lending_log_high.xes.gz") else { return };
    let mut text = String::new();
    let file = fs::File::open(path).expect("a file");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    let cases: Vec<&str> = text.split("<trace>").skip(1).collect();
    let with = |what: &str| cases.iter().filter(|case| case.contains(what)).count();
    assert_eq!((cases.len(), with("Loan Denied"), with("Sign Loan Agreement")), (10_000, 4787, 2627));
    let rows: Vec<(bool, bool)> = cases
        .iter()
        .map(|case| (case.contains("Sign Loan Agreement"), case.contains(r#"key="protected" value="true""#)))
        .collect();
    let found = pair(&rows, ["others", "protected"]);
    assert_eq!((found.group.as_str(), found.four_fifths), ("protected", FourFifths::Fails));
    assert!(
        found.parity_difference.high < -0.28 && found.impact_ratio.is_some_and(|ratio| ratio.high < 0.2),
        "{found:?}"
    );
}
