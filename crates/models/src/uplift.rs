//! What an offer changes: the effect of a treatment on each row, learnt from an experiment or from logs with known or learnt propensities.
//!
//! - [`Method::TwoModels`]: one model of the treated, one of the others, and their difference.
//! - [`Method::X`]: effects imputed from the other arm's model, learnt again (Künzel, Sekhon, Bickel and Yu, "Metalearners for estimating heterogeneous
//!   treatment effects", 2019).
//! - [`Method::DoublyRobust`]: cross-fitted scores that are right when either the outcome or the propensity is (Kennedy, "Towards
//!   optimal doubly robust estimation of heterogeneous causal effects", 2023); their mean is the average effect with its error.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, Result, argument, same_length, saved},
    exact,
    frame::{DataSet, Frame, Label, Schema},
    learner::{Contributions, Learner, Model, Saved},
    random::Random,
};

/// Propensities are kept this far from 0 and 1.
const PROPENSITY_MIN: f64 = 0.01;
/// A margin that is less far from that of knowing nothing counts as the same.
const MOVED_MIN: f64 = 1e-9;
/// The least rows of either arm.
const ARM_MIN: usize = 20;

/// How effects are learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A model of each arm.
    TwoModels,
    /// The X-learner.
    X,
    /// Doubly robust scores from so many folds (at least 2).
    DoublyRobust {
        /// Each is scored by models of the others.
        folds: usize,
    },
}

/// How the treated were chosen.
pub enum Propensity<'a> {
    /// By chance, with this probability.
    Known(f64),
    /// Each row with its own probability.
    Given(&'a [f64]),
    /// Learnt from the features.
    Learnt(&'a dyn Learner),
}

/// Learns effects.
pub struct Uplift<'a> {
    /// How.
    pub method: Method,
    /// Learns outcomes.
    pub outcome: &'a dyn Learner,
    /// Learns effects, which are numbers.
    pub effect: &'a dyn Learner,
    /// How the treated were chosen.
    pub propensity: Propensity<'a>,
    /// Draws folds.
    pub seed: u64,
}

/// Learnt effects. As a [`Model`] it predicts the effect on each row.
pub struct UpliftModel {
    kind: Kind,
    average: Option<Average>,
}

enum Kind {
    Difference { treated: Box<dyn Model>, others: Box<dyn Model> },
    Mixed { treated: Box<dyn Model>, others: Box<dyn Model>, share: f64 },
    Direct(Box<dyn Model>),
}

/// Learnt effects as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedUplift {
    models: SavedKind,
    average: Option<Average>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedKind {
    Difference {
        treated: Saved,
        others: Saved,
    },
    Mixed {
        treated: Saved,
        others: Saved,
        #[serde(with = "exact")]
        share: f64,
    },
    Direct(Saved),
}

/// The average effect over all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Average {
    /// The mean of doubly robust scores.
    #[serde(with = "exact")]
    pub effect: f64,
    /// Its standard error.
    #[serde(with = "exact")]
    pub standard_error: f64,
}

impl Uplift<'_> {
    /// Learns effects from rows, of which `treated` says who got the treatment.
    ///
    /// # Errors
    /// When an arm is too small, propensities are no probabilities, or a learner refuses.
    pub fn fit(&self, set: &DataSet, treated: &[bool]) -> Result<UpliftModel> {
        same_length("treated", treated.len(), set.frame().rows())?;
        let arms = Arms::of(treated);
        arms.check()?;
        match self.method {
            Method::TwoModels => {
                let kind = Kind::Difference {
                    treated: self.outcome.fit(&set.select(&arms.treated)?, None)?,
                    others: self.outcome.fit(&set.select(&arms.others)?, None)?,
                };
                Ok(UpliftModel { kind, average: None })
            }
            Method::X => self.x(set, &arms),
            Method::DoublyRobust { folds } => self.doubly_robust(set, treated, folds),
        }
    }

    fn x(&self, set: &DataSet, arms: &Arms) -> Result<UpliftModel> {
        let (of_treated, of_others) = (set.select(&arms.treated)?, set.select(&arms.others)?);
        let model_treated = self.outcome.fit(&of_treated, None)?;
        let model_others = self.outcome.fit(&of_others, None)?;
        let without = model_others.predict(of_treated.frame())?;
        let with = model_treated.predict(of_others.frame())?;
        let gained = outcomes(&of_treated)?.iter().zip(without).map(|(y, other)| y - other).collect();
        let missed = outcomes(&of_others)?.iter().zip(with).map(|(y, other)| other - y).collect();
        let kind = Kind::Mixed {
            treated: self.learn(&of_treated, gained)?,
            others: self.learn(&of_others, missed)?,
            share: arms.treated.len() as f64 / (arms.treated.len() + arms.others.len()) as f64,
        };
        Ok(UpliftModel { kind, average: None })
    }

    fn learn(&self, set: &DataSet, effects: Vec<f64>) -> Result<Box<dyn Model>> {
        let weights = set.weights().map(<[f64]>::to_vec);
        self.effect.fit(&DataSet::new(set.frame().clone(), Label::Number(effects), weights)?, None)
    }

    fn doubly_robust(&self, set: &DataSet, treated: &[bool], folds: usize) -> Result<UpliftModel> {
        let rows = treated.len();
        if folds < 2 || folds > rows / ARM_MIN {
            return Err(argument(
                "the number of folds",
                folds,
                "take at least 2, and no more than leave twenty rows each",
            ));
        }
        let order = Random::new(self.seed).permutation(rows);
        let mut scores = vec![0.0; rows];
        for fold in 0..folds {
            let part = |of_fold: bool| -> Vec<usize> {
                let chosen = order.iter().enumerate().filter(|(at, _)| (at % folds == fold) == of_fold);
                let mut rows: Vec<usize> = chosen.map(|(_, &row)| row).collect();
                rows.sort_unstable();
                rows
            };
            let (learnt, scored) = (part(false), part(true));
            self.score(set, treated, &learnt, &scored, &mut scores)?;
        }
        let average = average(set, &scores);
        Ok(UpliftModel { kind: Kind::Direct(self.learn(set, scores)?), average: Some(average) })
    }

    fn score(
        &self,
        set: &DataSet,
        treated: &[bool],
        learnt: &[usize],
        scored: &[usize],
        out: &mut [f64],
    ) -> Result<()> {
        let arm = |of: bool| learnt.iter().copied().filter(|&row| treated[row] == of).collect::<Vec<_>>();
        let arms = Arms { treated: arm(true), others: arm(false) };
        arms.check()?;
        let frame = set.frame().select(scored)?;
        let with = self.outcome.fit(&set.select(&arms.treated)?, None)?.predict(&frame)?;
        let without = self.outcome.fit(&set.select(&arms.others)?, None)?.predict(&frame)?;
        let chances = self.chances(set, treated, learnt, scored, &frame)?;
        let label = outcomes(set)?;
        for (at, &row) in scored.iter().enumerate() {
            let chance = chances[at].clamp(PROPENSITY_MIN, 1.0 - PROPENSITY_MIN);
            let surprise = match treated[row] {
                true => (label[row] - with[at]) / chance,
                false => -(label[row] - without[at]) / (1.0 - chance),
            };
            out[row] = with[at] - without[at] + surprise;
        }
        Ok(())
    }

    fn chances(
        &self,
        set: &DataSet,
        treated: &[bool],
        learnt: &[usize],
        scored: &[usize],
        frame: &Frame,
    ) -> Result<Vec<f64>> {
        let is_chance = |p: &f64| *p > 0.0 && *p < 1.0;
        match &self.propensity {
            Propensity::Known(chance) if is_chance(chance) => Ok(vec![*chance; scored.len()]),
            Propensity::Given(chances) => {
                same_length("propensity", chances.len(), treated.len())?;
                match chances.iter().find(|p| !is_chance(p)) {
                    None => Ok(scored.iter().map(|&row| chances[row]).collect()),
                    Some(found) => {
                        Err(argument("a propensity", found, "it is between 0 and 1: everybody could be in either arm"))
                    }
                }
            }
            Propensity::Known(found) => Err(argument("the propensity", found, "it is between 0 and 1")),
            Propensity::Learnt(learner) => {
                let label = learnt.iter().map(|&row| f64::from(u8::from(treated[row]))).collect();
                let learnt = DataSet::new(set.frame().select(learnt)?, Label::Binary(label), None)?;
                learner.fit(&learnt, None)?.predict(frame)
            }
        }
    }
}

struct Arms {
    treated: Vec<usize>,
    others: Vec<usize>,
}

impl Arms {
    fn of(treated: &[bool]) -> Self {
        let (treated, others) = (0..treated.len()).partition(|&row| treated[row]);
        Self { treated, others }
    }

    fn check(&self) -> Result<()> {
        let smaller = self.treated.len().min(self.others.len());
        match smaller < ARM_MIN {
            true => Err(ModelError::TooLittle { what: "rows of the smaller arm", found: smaller, needed: ARM_MIN }),
            false => Ok(()),
        }
    }
}

fn outcomes(set: &DataSet) -> Result<&[f64]> {
    match set.label() {
        Label::Binary(values) | Label::Number(values) => Ok(values),
        Label::Event { .. } => Err(ModelError::Label {
            found: "is a time".to_owned(),
            help: "effects are learnt on yes and no, or a number",
        }),
    }
}

fn average(set: &DataSet, scores: &[f64]) -> Average {
    let weight: f64 = (0..scores.len()).map(|row| set.weight(row)).sum();
    let effect = scores.iter().enumerate().map(|(row, s)| set.weight(row) * s).sum::<f64>() / weight;
    let spread = scores.iter().enumerate().map(|(row, s)| (set.weight(row) * (s - effect)).powi(2)).sum::<f64>();
    Average { effect, standard_error: spread.sqrt() / weight }
}

/// What each feature adds to the outcome itself, not to its log-odds: each row's contributions, stretched by one factor so that they
/// add up to its outcome less that of a row of which nothing is known (the rescale rule of Shrikumar, Greenside and Kundaje, "Learning important
/// features through propagating activation differences", 2017).
fn on_outcomes(model: &dyn Model, frame: &Frame) -> Result<Contributions> {
    let found = model.contributions(frame)?;
    let (margins, outcomes) = (model.margins(frame)?, model.predict(frame)?);
    if margins == outcomes {
        return Ok(found);
    }
    let base = crate::learner::logistic(found.base);
    let mut values = found.values;
    for ((row, margin), outcome) in values.chunks_exact_mut(found.features.max(1)).zip(margins).zip(outcomes) {
        let moved = margin - found.base;
        // Where the margin is that of knowing nothing, what features add cancels out: the slope there is the limit.
        let factor = if moved.abs() < MOVED_MIN { base * (1.0 - base) } else { (outcome - base) / moved };
        row.iter_mut().for_each(|value| *value *= factor);
    }
    Ok(Contributions { base, values, features: found.features })
}

impl UpliftModel {
    /// The effect on each row: how much likelier, or how much more, with the treatment.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn effects(&self, frame: &Frame) -> Result<Vec<f64>> {
        let both =
            |a: &dyn Model, b: &dyn Model| Ok::<_, ModelError>(a.predict(frame)?.into_iter().zip(b.predict(frame)?));
        Ok(match &self.kind {
            Kind::Difference { treated, others } => {
                both(treated.as_ref(), others.as_ref())?.map(|(with, without)| with - without).collect()
            }
            Kind::Mixed { treated, others, share } => {
                both(treated.as_ref(), others.as_ref())?.map(|(t, o)| (1.0 - share) * t + share * o).collect()
            }
            Kind::Direct(model) => model.predict(frame)?,
        })
    }

    /// The average effect, of the doubly robust method.
    #[must_use]
    pub fn average(&self) -> Option<Average> {
        self.average
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not those of learnt effects, or do not hold together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match Saved::from_bytes(bytes)? {
            Saved::Uplift(read) => Self::of(*read),
            _ => Err(saved("model of effects", "the bytes are those of another kind of model")),
        }
    }

    pub(crate) fn of(read: SavedUplift) -> Result<Self> {
        let of_pair = |treated: Saved, others: Saved| {
            let (treated, others) = (treated.into_model()?, others.into_model()?);
            match treated.schema().names == others.schema().names {
                true => Ok((treated, others)),
                false => Err(saved("model of effects", "its two models have different features")),
            }
        };
        let kind = match read.models {
            SavedKind::Direct(model) => Kind::Direct(model.into_model()?),
            SavedKind::Difference { treated, others } => {
                let (treated, others) = of_pair(treated, others)?;
                Kind::Difference { treated, others }
            }
            SavedKind::Mixed { treated, others, share } => {
                if !(0.0..=1.0).contains(&share) {
                    return Err(saved("model of effects", format!("the share {share} is not between 0 and 1")));
                }
                let (treated, others) = of_pair(treated, others)?;
                Kind::Mixed { treated, others, share }
            }
        };
        Ok(Self { kind, average: read.average })
    }
}

impl Model for UpliftModel {
    fn kind(&self) -> &'static str {
        "effect of a treatment"
    }

    fn schema(&self) -> &Schema {
        match &self.kind {
            Kind::Difference { treated: model, .. } | Kind::Mixed { treated: model, .. } | Kind::Direct(model) => {
                model.schema()
            }
        }
    }

    /// Effects themselves.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.effects(frame)
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.effects(frame)
    }

    /// Of effects that were learnt as numbers they are exact; of a difference of two probabilities, see `on_outcomes`.
    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        match &self.kind {
            Kind::Direct(model) => model.contributions(frame),
            Kind::Mixed { treated, others, share } => {
                let (t, o) = (treated.contributions(frame)?, others.contributions(frame)?);
                let mix = |t: f64, o: f64| (1.0 - share) * t + share * o;
                let values = t.values.iter().zip(&o.values).map(|(t, o)| mix(*t, *o)).collect();
                Ok(Contributions { base: mix(t.base, o.base), values, features: t.features })
            }
            Kind::Difference { treated, others } => {
                let (t, o) = (on_outcomes(treated.as_ref(), frame)?, on_outcomes(others.as_ref(), frame)?);
                let values = t.values.iter().zip(&o.values).map(|(t, o)| t - o).collect();
                Ok(Contributions { base: t.base - o.base, values, features: t.features })
            }
        }
    }

    fn to_saved(&self) -> Saved {
        let models = match &self.kind {
            Kind::Direct(model) => SavedKind::Direct(model.to_saved()),
            Kind::Difference { treated, others } => {
                SavedKind::Difference { treated: treated.to_saved(), others: others.to_saved() }
            }
            Kind::Mixed { treated, others, share } => {
                SavedKind::Mixed { treated: treated.to_saved(), others: others.to_saved(), share: *share }
            }
        };
        Saved::Uplift(Box::new(SavedUplift { models, average: self.average }))
    }
}
