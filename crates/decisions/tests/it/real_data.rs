//! Real holdings, against popularity. `cargo test -p florin-decisions --test it real_data -- --nocapture` prints the figures of
//! docs/concepts/recommendations.md.

use std::{fs::File, io::Read as _, path::PathBuf};

use flate2::read::GzDecoder;
use florin_decisions::{
    Holdings,
    alike::{ChooseSettings, Chosen, choose},
    evaluation::{Judged, by_customer},
};

/// The text of a file of real data; nothing, with a printed reason, where it is not there.
fn read(name: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/product_recommendation");
    let Ok(file) = File::open(root.join(name)) else {
        eprintln!("skipped: {name} is not in ../shared/data/product_recommendation");
        return None;
    };
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    Some(text)
}

fn told(name: &str, of: &Judged) {
    let figure = |i: florin_measurement::Interval| format!("{:.3} ({:.3}–{:.3})", i.value, i.low, i.high);
    let f = of.figures;
    eprintln!(
        "| {name} | {} | {} | {} | {:.2} | {:.2} |",
        figure(f.ndcg),
        figure(f.map),
        figure(f.recall),
        of.spread.coverage,
        of.spread.exposure_gini
    );
}

fn choose_and_tell(what: &str, holdings: &Holdings, share: f64) -> Chosen {
    let split = by_customer(holdings, share, 20).expect("enough customers");
    let settings = ChooseSettings::usual(holdings.items().len(), 1);
    let chosen = choose(holdings, &split, &settings).expect("chosen");
    eprintln!(
        "{what}: {} customers, {} items, {} pairs",
        holdings.customers(),
        holdings.items().len(),
        holdings.pairs()
    );
    eprintln!("validation, {} customers:", split.validation.len());
    chosen.trials.iter().for_each(|trial| told(&trial.method.describe(), &trial.judged));
    eprintln!("{}", chosen.why);
    eprintln!("test, {} customers:", split.test.len());
    told("popularity", &chosen.test_popularity);
    told(&chosen.model.method().describe(), &chosen.test);
    let d = chosen.test_difference;
    eprintln!("difference of NDCG@10: {:.3} ({:.3} to {:.3})", d.value, d.low, d.high);
    chosen
}

#[test]
fn visited_areas_of_a_web_site_are_foretold_far_better_than_by_popularity() {
    let Some(text) = read("msweb_long.csv.gz") else { return };
    let pairs = text.lines().skip(1).filter_map(|line| line.split_once(','));
    let pairs: Vec<(u64, &str)> = pairs.map(|(user, area)| (user.parse().expect("a number"), area)).collect();
    let (holdings, _) = Holdings::from_pairs(pairs).expect("sound");
    assert_eq!((holdings.customers(), holdings.items().len(), holdings.pairs()), (32_710, 285, 98_653));
    let chosen = choose_and_tell("msweb", &holdings, 0.15);
    assert!(chosen.test_difference.low > 0.05, "{:?}", chosen.test_difference);
    assert!(chosen.test.spread.coverage > chosen.test_popularity.spread.coverage);
}

#[test]
fn insurance_holdings_are_told_with_the_method_that_measures_better() {
    let Some(text) = read("caravan.csv.gz") else { return };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    // Number of policies of each of 21 kinds.
    let kinds: Vec<usize> = (0..header.len()).filter(|at| *at >= 64 && header[*at].starts_with('A')).collect();
    let rows: Vec<Vec<u32>> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (0u32..)
                .zip(&kinds)
                .filter(|(_, at)| cells[**at].parse::<f64>().expect("a number") > 0.0)
                .map(|(item, _)| item)
                .collect()
        })
        .collect();
    let holdings = Holdings::new(kinds.iter().map(|at| header[*at].to_owned()).collect(), rows).expect("sound");
    assert_eq!((holdings.customers(), holdings.items().len()), (5_822, 21));
    let chosen = choose_and_tell("caravan", &holdings, 0.25);
    assert!(chosen.test_difference.low > -0.02, "never much worse than popularity: {:?}", chosen.test_difference);
}
