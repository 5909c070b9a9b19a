//! The nearest change that would alter an outcome.
//!
//! Only what a customer can change is changed, and only to values that were declared. First every single change is tried, then every pair, then triples; the fewest features win, and among as many the cheapest: the sum over changed
//! features of how far they move, in units of their spread. All candidates of one size are scored in one batch.

use crate::{
    error::{Result, argument},
    frame::{Column, Frame, MISSING, Values},
    learner::Model,
};

/// The most features that are changed together.
const TOGETHER_MAX: usize = 3;
/// The most candidates of one size.
const CANDIDATES_MAX: usize = 200_000;

/// A feature that may be changed, and to what.
#[derive(Debug, Clone, PartialEq)]
pub enum Changeable {
    /// A number.
    Number {
        /// Which feature.
        feature: String,
        /// Values that it may take.
        to: Vec<f64>,
        /// What a difference of this size costs 1, for example the standard deviation.
        spread: f64,
    },
    /// A category; any change costs 1.
    Category {
        /// Which feature.
        feature: String,
        /// Levels that it may take.
        to: Vec<String>,
    },
}

/// Where the prediction must come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Towards {
    /// To this or less.
    AtMost(f64),
    /// To this or more.
    AtLeast(f64),
}

/// One changed feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub feature: String,
    /// Its value now; nothing where there is none.
    pub from: Option<String>,
    /// Its value then.
    pub to: String,
}

/// The nearest change.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterfactual {
    /// What changes, in the order in which features were declared.
    pub changes: Vec<Change>,
    /// What it costs.
    pub cost: f64,
    /// The prediction then.
    pub prediction: f64,
}

/// The nearest change of the only row of `frame` that takes the prediction where it must come; nothing, when up to three features together do
/// not.
///
/// # Errors
/// When there is more than one row, a feature is not there or of another type, a spread is not above 0, or there are too many candidates.
pub fn nearest(
    model: &dyn Model,
    frame: &Frame,
    changeable: &[Changeable],
    towards: Towards,
) -> Result<Option<Counterfactual>> {
    if frame.rows() != 1 {
        return Err(argument("the number of rows", frame.rows(), "one customer's change is looked for at a time"));
    }
    let options = changeable.iter().map(|c| Options::of(frame, c)).collect::<Result<Vec<_>>>()?;
    for together in 1..=TOGETHER_MAX.min(options.len()) {
        let candidates = candidates(&options, together)?;
        if candidates.is_empty() {
            continue;
        }
        let predictions = model.predict(&asked(frame, &options, &candidates)?)?;
        let reached = |prediction: f64| match towards {
            Towards::AtMost(limit) => prediction <= limit,
            Towards::AtLeast(limit) => prediction >= limit,
        };
        let found = candidates.iter().zip(predictions).filter(|(_, prediction)| reached(*prediction));
        let cheapest = found.map(|(candidate, prediction)| (cost(&options, candidate), candidate, prediction));
        if let Some((cost, candidate, prediction)) = cheapest.min_by(|a, b| a.0.total_cmp(&b.0)) {
            let change = |&(feature, value): &(usize, usize)| Change {
                feature: options[feature].name.clone(),
                from: options[feature].from.clone(),
                to: options[feature].to[value].text.clone(),
            };
            return Ok(Some(Counterfactual { changes: candidate.iter().map(change).collect(), cost, prediction }));
        }
    }
    Ok(None)
}

/// Pairs of a feature's and a value's position.
type Candidate = Vec<(usize, usize)>;

struct Options {
    name: String,
    from: Option<String>,
    /// Values other than the one it has.
    to: Vec<Target>,
    levels: Vec<String>,
}

/// One value that a feature may take.
struct Target {
    text: String,
    number: f64,
    code: u32,
    cost: f64,
}

impl Options {
    fn of(frame: &Frame, changeable: &Changeable) -> Result<Self> {
        let (Changeable::Number { feature, .. } | Changeable::Category { feature, .. }) = changeable;
        let column = frame.column(feature)?;
        let wrong = |allowed| argument("a changeable feature", feature, allowed);
        let (from, to, levels) = match (changeable, &column.values) {
            (Changeable::Number { to, spread, .. }, Values::Number(values)) => {
                if !(*spread > 0.0 && spread.is_finite()) || to.iter().any(|v| !v.is_finite()) {
                    return Err(wrong("its spread is above 0, and its values are finite"));
                }
                let now = values[0];
                let option = |value: &f64| Target {
                    text: value.to_string(),
                    number: *value,
                    code: MISSING,
                    cost: if now.is_nan() { 1.0 } else { (value - now).abs() / spread },
                };
                let to = to.iter().filter(|value| **value != now).map(option).collect();
                ((!now.is_nan()).then(|| now.to_string()), to, Vec::new())
            }
            (Changeable::Category { to, .. }, Values::Category { codes, levels }) => {
                let now = levels.get(codes[0] as usize).cloned();
                let mut all = levels.clone();
                let mut options = Vec::new();
                for level in to.iter().filter(|level| Some(*level) != now.as_ref()) {
                    let at = all.iter().position(|known| known == level).unwrap_or_else(|| {
                        all.push(level.clone());
                        all.len() - 1
                    });
                    options.push(Target { text: level.clone(), number: f64::NAN, code: at as u32, cost: 1.0 });
                }
                (now, options, all)
            }
            (Changeable::Number { .. }, _) => return Err(wrong("it is declared as a number and holds categories")),
            (Changeable::Category { .. }, _) => return Err(wrong("it is declared as a category and holds numbers")),
        };
        Ok(Self { name: feature.clone(), from, to, levels })
    }
}

fn cost(options: &[Options], candidate: &[(usize, usize)]) -> f64 {
    candidate.iter().map(|&(feature, value)| options[feature].to[value].cost).sum()
}

/// All ways to change so many features.
fn candidates(options: &[Options], together: usize) -> Result<Vec<Candidate>> {
    let mut all: Vec<Candidate> = vec![Vec::new()];
    for _ in 0..together {
        let mut longer = Vec::new();
        for candidate in &all {
            let first = candidate.last().map_or(0, |(feature, _)| feature + 1);
            for (feature, option) in options.iter().enumerate().skip(first) {
                for value in 0..option.to.len() {
                    let mut next = candidate.clone();
                    next.push((feature, value));
                    longer.push(next);
                }
            }
            if longer.len() > CANDIDATES_MAX {
                return Err(argument(
                    "the number of possible changes",
                    longer.len(),
                    "declare fewer values; 200000 together are the most",
                ));
            }
        }
        all = longer;
    }
    Ok(all)
}

fn asked(frame: &Frame, options: &[Options], candidates: &[Candidate]) -> Result<Frame> {
    let mut asked = frame.select(&vec![0; candidates.len()])?;
    for (feature, options) in options.iter().enumerate() {
        let mut values = asked.column(&options.name)?.values.clone();
        if let Values::Category { levels, .. } = &mut values {
            levels.clone_from(&options.levels);
        }
        for (row, candidate) in candidates.iter().enumerate() {
            let Some(&(_, value)) = candidate.iter().find(|(changed, _)| *changed == feature) else { continue };
            match &mut values {
                Values::Number(numbers) => numbers[row] = options.to[value].number,
                Values::Category { codes, .. } => codes[row] = options.to[value].code,
            }
        }
        asked = asked.with(Column { name: options.name.clone(), values })?;
    }
    Ok(asked)
}
