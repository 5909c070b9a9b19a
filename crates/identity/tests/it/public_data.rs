//! Public data with known truth: the figures that the benchmark compares with a peer do not fall.

use std::path::PathBuf;

use florin_identity::{Records, cluster, link, scores, train};

#[path = "../../examples/linkage/files.rs"]
mod files;

/// Fewer than by default: tests run without optimisation.
const SAMPLE_PAIRS_MAX: u64 = 250_000;
/// The smallest F1 over pairs, at the best threshold, by data set.
const FLOORS: [(&str, f64); 5] =
    [("febrl1", 0.999), ("febrl2", 0.997), ("febrl3", 0.997), ("fake_1000", 0.865), ("rldata10000", 0.955)];

fn data() -> Option<PathBuf> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if data.join("febrl").is_dir() {
        return Some(data);
    }
    println!("skipped: no public data in {}", data.display());
    None
}

#[test]
fn pairs_of_public_data_are_found_as_well_as_before() {
    let Some(data) = data() else { return };
    for (name, floor) in FLOORS {
        let mut task = files::Task::load(&data, name).expect("readable data");
        task.settings.training.sample_pairs_max = SAMPLE_PAIRS_MAX;
        let records = Records::build(task.fields.clone(), task.records()).expect("well-formed rows");
        let trained = train(&records, &task.settings).expect("sound settings");
        let links = link(&records, &task.settings, &trained.model, 0.001).expect("sound settings");
        let best = scores::best_threshold(&links.links, &task.truth).expect("links");
        println!("{name}: {best:?}");
        assert!(best.scores.f1 >= floor, "{name}: {best:?}");
        let clusters = cluster(&records, &task.settings, &links.links, &[]).expect("sound settings");
        let closed = scores::pairwise(&clusters.of, &task.truth);
        assert!(closed.precision > 0.9, "{name}: {closed:?}");
    }
}
