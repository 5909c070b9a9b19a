//! Rows for tests: the golden ones, and made-up ones with a known truth.

use std::{path::PathBuf, sync::OnceLock};

use florin_models::{Column, DataSet, Frame, Label};
use serde_json::Value;

/// Columns of `golden/rows.csv`.
pub(crate) struct Rows {
    pub(crate) names: Vec<String>,
    pub(crate) cells: Vec<Vec<String>>,
}

pub(crate) fn rows() -> Rows {
    let mut lines = include_str!("golden/rows.csv").lines();
    let names = lines.next().expect("a header").split(',').map(str::to_owned).collect();
    Rows { names, cells: lines.map(|line| line.split(',').map(str::to_owned).collect()).collect() }
}

impl Rows {
    pub(crate) fn number(&self, name: &str) -> Vec<f64> {
        let at = self.names.iter().position(|n| n == name).expect("a column");
        self.cells
            .iter()
            .map(|row| if row[at].is_empty() { f64::NAN } else { row[at].parse().expect("a number") })
            .collect()
    }

    pub(crate) fn text(&self, name: &str) -> Vec<Option<String>> {
        let at = self.names.iter().position(|n| n == name).expect("a column");
        self.cells.iter().map(|row| Some(row[at].clone())).collect()
    }

    pub(crate) fn frame(&self, numbers: &[&str], texts: &[&str]) -> Frame {
        let numbers = numbers.iter().map(|name| Column::number(*name, self.number(name)));
        let texts = texts.iter().map(|name| Column::category(*name, &self.text(name)));
        Frame::new(numbers.chain(texts).collect()).expect("sound columns")
    }
}

pub(crate) const NUMBERS: [&str; 4] = ["age", "balance", "visits", "debt"];

/// The golden rows with the label of yes and no.
pub(crate) fn golden() -> DataSet {
    let rows = rows();
    DataSet::new(rows.frame(&NUMBERS, &["region"]), Label::Binary(rows.number("y")), None).expect("sound rows")
}

/// What other programs said.
pub(crate) fn expected(what: &str) -> &'static Value {
    static EXPECTED: OnceLock<Value> = OnceLock::new();
    let all = EXPECTED.get_or_init(|| serde_json::from_str(include_str!("golden/expected.json")).expect("valid JSON"));
    &all[what]
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(|v| v.as_f64().expect("a number")).collect()
}

pub(crate) fn assert_near(found: &[f64], wanted: &[f64], within: f64, what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() <= within, "{what}, {at}: {found}, and {wanted} was said");
    }
}

/// A stream of numbers that look random.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut x = self.0;
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((x ^ (x >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Rows whose log-odds are a known function of three numbers and a level; a fourth number is noise.
pub(crate) fn made_up(rows: usize, seed: u64) -> (DataSet, Vec<f64>) {
    let mut chance = Chance(seed);
    let (mut a, mut b, mut c, mut noise) = (vec![], vec![], vec![], vec![]);
    let (mut level, mut label, mut truth) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let (x, y, z, w) = (chance.normal(), chance.normal(), chance.normal(), chance.normal());
        let town = (chance.unit() * 40.0) as usize;
        let margin = 1.2 * x - y * y / 2.0 + 0.8 * f64::from(z > 0.5) * x + (town % 5) as f64 * 0.3 - 1.0;
        truth.push(1.0 / (1.0 + (-margin).exp()));
        label.push(f64::from(u8::from(chance.unit() < truth[truth.len() - 1])));
        let gap = chance.unit() < 0.05;
        a.push(if gap { f64::NAN } else { x });
        b.push(y);
        c.push(z);
        noise.push(w);
        level.push(Some(format!("town{town:02}")));
    }
    let columns = vec![
        Column::number("a", a),
        Column::number("b", b),
        Column::number("c", c),
        Column::number("noise", noise),
        Column::category("town", &level),
    ];
    let set = DataSet::new(Frame::new(columns).expect("sound"), Label::Binary(label), None).expect("sound");
    (set, truth)
}

pub(crate) fn auc(scores: &[f64], labels: &[f64]) -> f64 {
    let (mut pairs, mut above) = (0.0, 0.0);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut no, mut at) = (0.0, 0);
    while at < order.len() {
        let tied: Vec<usize> =
            order[at..].iter().copied().take_while(|&row| scores[row] == scores[order[at]]).collect();
        let yes = tied.iter().filter(|&&row| labels[row] == 1.0).count() as f64;
        let new = tied.len() as f64 - yes;
        above += yes * (no + new / 2.0);
        no += new;
        pairs += yes;
        at += tied.len();
    }
    above / (pairs * no)
}

/// The public data, or a printed reason why a test is skipped.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}
