//! Clusters: planted ones are found, nothing depends on threads or order of columns, and words say what is so.

use florin_features::{
    clustering::{
        Request, Strength, adjusted_rand, choose, cluster, density, k_means,
        scale::{Matrix, Scaler},
    },
    segments::MethodDef,
};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

/// A generator for tests only.
struct Draw(u64);

impl Draw {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// Blobs around centres, and which each row is of.
fn blobs(centres: &[(f64, f64)], each: usize, spread: f64) -> (Vec<Vec<Option<f64>>>, Vec<Option<u32>>) {
    let mut draw = Draw(1);
    let (mut columns, mut truth) = (vec![Vec::new(), Vec::new()], Vec::new());
    for _ in 0..each {
        for (number, centre) in (0..).zip(centres) {
            columns[0].push(Some(centre.0 + spread * draw.normal()));
            columns[1].push(Some(centre.1 + spread * draw.normal()));
            truth.push(Some(number));
        }
    }
    (columns, truth)
}

const FOUR: [(f64, f64); 4] = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0)];

fn names() -> Vec<String> {
    vec!["balance".to_owned(), "visits".to_owned()]
}

fn k_means_2_to_8() -> MethodDef {
    MethodDef::KMeans { clusters_min: 2, clusters_max: 8 }
}

#[test]
fn planted_clusters_are_counted_found_and_stable() {
    let (columns, truth) = blobs(&FOUR, 250, 1.0);
    let names = names();
    let request = Request { names: &names, columns: &columns, method: &k_means_2_to_8(), seed: 5 };
    let found = cluster(request).expect("sound");
    assert_eq!(found.clusters.len(), 4, "{:?}", found.choices);
    assert_eq!(found.choices.len(), 7);
    assert!(adjusted_rand(&found.labels, &truth).expect("as long") > 0.99);
    assert!(found.stability.mean > 0.98 && found.stability.word() == "stable", "{:?}", found.stability);
    assert_eq!(found.clusters.iter().map(|c| c.size).sum::<u64>(), 1000);
}

#[test]
fn clusters_of_nothing_are_unstable() {
    let mut draw = Draw(9);
    let columns: Vec<Vec<Option<f64>>> = (0..6).map(|_| (0..600).map(|_| Some(draw.unit())).collect()).collect();
    let names: Vec<String> = (0..6).map(|n| format!("t{n}")).collect();
    let method = MethodDef::KMeans { clusters_min: 5, clusters_max: 5 };
    let found = cluster(Request { names: &names, columns: &columns, method: &method, seed: 5 }).expect("sound");
    assert!(found.stability.word() == "unstable", "{:?}", found.stability);
    assert!(found.choices[0].silhouette < 0.25);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (columns, _) = blobs(&FOUR, 3000, 4.0);
    let names = names();
    let run = |threads: usize, method: &MethodDef| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| cluster(Request { names: &names, columns: &columns, method, seed: 2 }).expect("sound"))
    };
    let method = MethodDef::KMeans { clusters_min: 3, clusters_max: 4 };
    assert_eq!(run(1, &method), run(3, &method));
}

#[test]
fn density_finds_what_is_dense_and_leaves_the_rest_out() {
    // Two rings' worth of dense spots of different density, and scattered strangers.
    let (mut columns, mut truth) = blobs(&[(0.0, 0.0), (8.0, 8.0)], 300, 0.4);
    let mut draw = Draw(4);
    for _ in 0..60 {
        columns[0].push(Some(draw.unit() * 60.0 - 30.0));
        columns[1].push(Some(draw.unit() * 60.0 - 30.0));
        truth.push(None);
    }
    let names = names();
    let method = MethodDef::Density { cluster_size_min: 30 };
    let found = cluster(Request { names: &names, columns: &columns, method: &method, seed: 2 }).expect("sound");
    assert_eq!(found.clusters.len(), 2, "{:?}", found.clusters);
    assert!(adjusted_rand(&found.labels, &truth).expect("as long") > 0.9);
    let outside = found.labels[600..].iter().filter(|label| label.is_none()).count();
    assert!(outside > 40, "{outside} of 60 strangers are in no cluster");
}

#[test]
fn many_equal_customers_do_not_stop_density() {
    let mut columns = vec![vec![Some(0.0); 200], vec![Some(0.0); 200]];
    for n in 0..200 {
        columns[0].push(Some(50.0 + f64::from(n) / 100.0));
        columns[1].push(Some(50.0));
    }
    let names = names();
    let method = MethodDef::Density { cluster_size_min: 20 };
    let found = cluster(Request { names: &names, columns: &columns, method: &method, seed: 2 }).expect("sound");
    assert!(found.clusters.len() >= 2, "{:?}", found.clusters);
    assert!(found.labels[0].is_some());
    assert_ne!(found.labels[0], found.labels[399]);
}

#[test]
fn customers_outside_the_sample_join_their_neighbours() {
    let (columns, truth) = blobs(&[(0.0, 0.0), (8.0, 8.0)], density::SAMPLE_ROWS_MAX, 0.4);
    let names = names();
    let matrix = Scaler::learn(&names, &columns).and_then(|s| s.apply(&columns)).expect("sound");
    let model = density::fit(&matrix.take(&(0..2000).collect::<Vec<_>>()), 100, 1).expect("sound");
    let labels = model.assign(&matrix);
    let joined = labels.iter().filter(|l| l.is_some()).count() as f64 / labels.len() as f64;
    assert!(joined > 0.85, "{joined}");
    let both: (Vec<_>, Vec<_>) = labels.iter().zip(&truth).filter(|(l, _)| l.is_some()).map(|(l, t)| (*l, *t)).unzip();
    assert!(adjusted_rand(&both.0, &both.1).expect("as long") > 0.99);
}

#[test]
fn words_say_what_sets_a_cluster_apart() {
    let (mut columns, _) = blobs(&[(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (20.0, 0.0)], 200, 1.0);
    columns[0].extend(vec![Some(0.0); 50]);
    columns[1].extend(vec![None; 50]);
    let names = names();
    let found =
        cluster(Request { names: &names, columns: &columns, method: &k_means_2_to_8(), seed: 1 }).expect("sound");
    assert_eq!(found.clusters.len(), 2);
    let [poor, rich] = [&found.clusters[0], &found.clusters[1]];
    assert_eq!((poor.number, poor.size, rich.size), (1, 650, 200));
    let first = &rich.differences[0];
    assert_eq!(
        (first.name.as_str(), first.strength, first.english(), first.chinese()),
        ("balance", Strength::Large, "much higher", "明显更高")
    );
    assert!((first.inside.expect("values") - 20.0).abs() < 0.5 && first.outside.expect("values").abs() < 0.5);
    assert_eq!(poor.differences[1].english(), "about the same");
    assert!((found.scales[1].missing - 50.0 / 850.0).abs() < 1e-12);
}

#[test]
fn a_trait_that_is_mostly_missing_is_refused_by_name() {
    let columns = vec![vec![Some(1.0); 100], [vec![None; 60], vec![Some(1.0); 40]].concat()];
    let names = names();
    let message = cluster(Request { names: &names, columns: &columns, method: &k_means_2_to_8(), seed: 1 })
        .expect_err("refused")
        .to_string();
    assert!(message.contains("`visits`") && message.contains("fill the trait"), "{message}");
}

#[test]
fn scaling_is_robust_and_cut() {
    let mut column: Vec<Option<f64>> = (0..101).map(|n| Some(f64::from(n))).collect();
    column[100] = Some(1e12);
    let names = vec!["a".to_owned()];
    let scaler = Scaler::learn(&names, &[column.clone()]).expect("sound");
    let scale = &scaler.columns()[0];
    assert!((scale.median - 50.0).abs() < 1e-12 && (scale.spread - 50.0 / 1.348_979_5).abs() < 1e-4);
    let matrix = scaler.apply(&[column]).expect("sound");
    assert_eq!((matrix.row(100)[0], matrix.row(50)[0], matrix.rows()), (5.0, 0.0, 101));
    let same = Scaler::learn(&names, &[vec![Some(3.0); 60]]).expect("sound");
    assert!(same.columns()[0].constant);
    let rare = Scaler::learn(&names, &[[vec![Some(0.0); 90], vec![Some(1.0); 10]].concat()]).expect("sound");
    assert!((rare.columns()[0].spread - 0.3).abs() < 1e-12, "the standard deviation stands in");
}

#[test]
fn the_silhouette_is_that_of_the_formula() {
    let matrix = Matrix::new(1, vec![0.0, 1.0, 10.0, 12.0]).expect("sound");
    let labels = [Some(0), Some(0), Some(1), Some(1)];
    let s = [(11.0 - 1.0) / 11.0, (10.0 - 1.0) / 10.0, (9.5 - 2.0) / 9.5, (11.5 - 2.0) / 11.5];
    let found = choose::silhouette(&matrix, &labels).expect("two clusters");
    assert!((found - s.iter().sum::<f64>() / 4.0).abs() < 1e-12);
    assert_eq!(choose::silhouette(&matrix, &[Some(0); 4]), None);
}

#[test]
fn adjusted_rand_is_that_of_the_formula() {
    let labels = |values: &[u32]| values.iter().map(|v| Some(*v)).collect::<Vec<_>>();
    // As scikit-learn's documentation has it: 0.5714…
    let found = adjusted_rand(&labels(&[0, 0, 1, 2]), &labels(&[0, 0, 1, 1])).expect("as long");
    assert!((found - 0.571_428_571_428_571_4).abs() < 1e-12);
    assert_eq!(adjusted_rand(&labels(&[0, 0, 1, 1]), &labels(&[1, 1, 0, 0])), Ok(1.0));
    assert_eq!(adjusted_rand(&labels(&[0, 0, 0]), &labels(&[5, 5, 5])), Ok(1.0));
    assert!(adjusted_rand(&labels(&[0]), &labels(&[])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_row_is_nearer_to_another_centroid_and_no_cluster_is_empty(
        values in prop::collection::vec(-10.0_f64..10.0, 20..120), clusters in 1_u32..6, seed in any::<u64>(),
    ) {
        let rows = values.len() / 2;
        let matrix = Matrix::new(2, values[..rows * 2].to_vec()).expect("sound");
        let model = k_means::fit(&matrix, clusters, seed).expect("sound");
        let labels = model.assign(&matrix);
        let distance = |row: usize, cluster: usize| -> f64 {
            matrix.row(row).iter().zip(model.centroids().row(cluster)).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let mut inertia = 0.0;
        for (row, &label) in labels.iter().enumerate() {
            for other in 0..clusters as usize {
                prop_assert!(distance(row, label as usize) <= distance(row, other) + 1e-12);
            }
            inertia += distance(row, label as usize);
        }
        prop_assert!((inertia - model.inertia()).abs() <= 1e-6 * (1.0 + inertia));
        for cluster in 0..clusters {
            prop_assert!(labels.contains(&cluster));
        }
        prop_assert_eq!(model, k_means::fit(&matrix, clusters, seed).expect("sound"));
    }
}

#[test]
fn results_are_those_of_scikit_learn() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/clusters.json")).expect("JSON");
    let number = |v: &serde_json::Value| v.as_f64().expect("a number");
    let rows = golden["rows"].as_array().expect("rows");
    let values = rows.iter().flat_map(|row| row.as_array().expect("a row").iter().map(number)).collect();
    let matrix = Matrix::new(3, values).expect("sound");
    let labels = |name: &str| -> Vec<Option<u32>> {
        golden[name]
            .as_array()
            .expect("labels")
            .iter()
            .map(|v| u32::try_from(v.as_i64().expect("a label")).ok())
            .collect()
    };
    for clusters in 2..=6_u32 {
        let model = k_means::fit(&matrix, clusters, 1).expect("sound");
        let theirs = number(&golden["inertia"][clusters.to_string()]);
        // They take the best of a hundred starts; beyond the planted number of clusters there are many near optima.
        let within = if clusters <= 4 { 1e-6 } else { 0.015 };
        assert!(model.inertia() < theirs * (1.0 + within), "{clusters}: {} {theirs}", model.inertia());
    }
    for clusters in [4, 5] {
        let silhouette = choose::silhouette(&matrix, &labels(&format!("labels_{clusters}"))).expect("clusters");
        assert!((silhouette - number(&golden["silhouette"][clusters.to_string()])).abs() < 1e-12, "{silhouette}");
    }
    let (four, five) = (labels("labels_4"), labels("labels_5"));
    let expected = number(&golden["adjusted_rand_of_4_and_5"]);
    assert!((adjusted_rand(&four, &five).expect("as long") - expected).abs() < 1e-12);
    // Ours moves customers a little and lets strangers join their neighbours.
    let found = density::fit(&matrix, 20, 1).expect("sound").assign(&matrix);
    let alike = adjusted_rand(&found, &labels("density")).expect("as long");
    assert!(alike > 0.97, "{alike}");
}
