//! What sets a cluster apart.
//!
//! For each trait, the standardised difference between the customers of the cluster and all others: (mean inside − mean outside) / pooled
//! standard deviation (Cohen 1988, p. 20; his words: 0.2 small, 0.5 medium, 0.8 large). It says how far apart they are, not how sure
//! that is: with clusters made from the same traits, a test would always say "sure".

use std::cmp::Ordering;

use serde::Serialize;

use super::Cluster;

/// How far apart, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Below 0.2.
    Negligible,
    /// Below 0.5.
    Small,
    /// Below 0.8.
    Medium,
    /// 0.8 or more.
    Large,
}

/// One trait of a cluster beside all others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The trait.
    pub name: String,
    /// The mean inside, in the trait's own unit; `None` when nobody has a value.
    pub inside: Option<f64>,
    /// The mean of all others.
    pub outside: Option<f64>,
    /// The standardised difference; 0 when it cannot be told.
    pub standardised: f64,
    /// In words.
    pub strength: Strength,
}

impl Difference {
    /// In plain English: `much higher`, `lower`, `about the same`.
    #[must_use]
    pub fn english(&self) -> &'static str {
        match (self.strength, self.standardised > 0.0) {
            (Strength::Negligible, _) => "about the same",
            (Strength::Small, true) => "a little higher",
            (Strength::Small, false) => "a little lower",
            (Strength::Medium, true) => "higher",
            (Strength::Medium, false) => "lower",
            (Strength::Large, true) => "much higher",
            (Strength::Large, false) => "much lower",
        }
    }

    /// In plain Chinese.
    #[must_use]
    pub fn chinese(&self) -> &'static str {
        match (self.strength, self.standardised > 0.0) {
            (Strength::Negligible, _) => "基本相同",
            (Strength::Small, true) => "略高",
            (Strength::Small, false) => "略低",
            (Strength::Medium, true) => "较高",
            (Strength::Medium, false) => "较低",
            (Strength::Large, true) => "明显更高",
            (Strength::Large, false) => "明显更低",
        }
    }
}

/// Count, mean and sum of squared deviations (Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Of both together (Chan, Golub & LeVeque 1979).
    fn and(self, other: Self) -> Self {
        let count = self.count + other.count;
        if count == 0.0 {
            return self;
        }
        let apart = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + apart * other.count / count,
            squares: self.squares + other.squares + apart * apart * self.count * other.count / count,
        }
    }

    fn known_mean(self) -> Option<f64> {
        (self.count > 0.0).then_some(self.mean)
    }
}

/// The clusters of customers, each with what sets it apart, the strongest first.
pub(super) fn clusters(names: &[String], columns: &[Vec<Option<f64>>], labels: &[Option<u32>]) -> Vec<Cluster> {
    let most = labels.iter().flatten().max().map_or(0, |most| *most as usize);
    let mut sizes = vec![0_u64; most + 1];
    labels.iter().for_each(|label| sizes[label.map_or(0, |label| label as usize)] += 1);
    let moments: Vec<Vec<Moments>> = columns.iter().map(|column| by_label(column, labels, most)).collect();
    (1..=most)
        .map(|number| {
            let mut differences: Vec<Difference> =
                names.iter().zip(&moments).map(|(name, moments)| difference(name, moments, number)).collect();
            differences.sort_by(strongest_first);
            let share = sizes[number] as f64 / labels.len() as f64;
            Cluster { number: number as u32, size: sizes[number], share, differences }
        })
        .collect()
}

fn strongest_first(a: &Difference, b: &Difference) -> Ordering {
    b.standardised.abs().total_cmp(&a.standardised.abs()).then_with(|| a.name.cmp(&b.name))
}

/// 0: those in no cluster.
fn by_label(column: &[Option<f64>], labels: &[Option<u32>], most: usize) -> Vec<Moments> {
    let mut moments = vec![Moments::default(); most + 1];
    for (value, label) in column.iter().zip(labels) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            moments[label.map_or(0, |label| label as usize)].add(value);
        }
    }
    moments
}

fn difference(name: &str, moments: &[Moments], number: usize) -> Difference {
    let inside = moments[number];
    let others = moments.iter().enumerate().filter(|(other, _)| *other != number);
    let outside = others.fold(Moments::default(), |sum, (_, part)| sum.and(*part));
    let freedom = inside.count + outside.count - 2.0;
    let pooled = ((inside.squares + outside.squares) / freedom).sqrt();
    let known = inside.count > 0.0 && outside.count > 0.0 && freedom > 0.0 && pooled > 0.0;
    let standardised = if known { (inside.mean - outside.mean) / pooled } else { 0.0 };
    Difference {
        name: name.to_owned(),
        inside: inside.known_mean(),
        outside: outside.known_mean(),
        standardised,
        strength: strength(standardised),
    }
}

fn strength(standardised: f64) -> Strength {
    match standardised.abs() {
        d if d < 0.2 => Strength::Negligible,
        d if d < 0.5 => Strength::Small,
        d if d < 0.8 => Strength::Medium,
        _ => Strength::Large,
    }
}
