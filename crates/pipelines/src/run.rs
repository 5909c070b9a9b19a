//! `florin run`: brings traits up to date, then what rests on them: segments, scores, recommendations. Last, models that are due learn anew.

use std::{collections::BTreeSet, time::Duration};

use florin_domain::EventTime;

use crate::{
    FlowError, House,
    load::Progress,
    models::{Retrained, Scored, retrain, score, traits_of},
    offers::{AT_MOST, Recommended, recommend},
    segments::{Refreshed, Stale, refresh},
    traits::{self, Outcome, Plan},
};

/// What is to be brought up to date.
#[derive(Debug, Clone, Default)]
pub struct What {
    /// Nothing was named.
    everything: bool,
    traits: Vec<String>,
    segments: Vec<String>,
    models: Vec<String>,
}

impl What {
    /// Traits, segments and models by their names; nothing named is everything. Segments and models bring the traits that they rest on
    /// with them. What is none of them is left to be refused as a trait.
    #[must_use]
    pub fn of(house: &House, names: &[String]) -> Self {
        let defined = &house.bank().segments;
        let is_trait = |name: &String| house.bank().traits.get(name).is_some();
        let (segments, rest): (Vec<String>, Vec<String>) =
            names.iter().cloned().partition(|name| defined.get(name).is_some() && !is_trait(name));
        let (models, mut traits): (Vec<String>, Vec<String>) =
            rest.into_iter().partition(|name| !is_trait(name) && house.bank().models.contains_key(name));
        traits.extend(models.iter().flat_map(|name| traits_of(house, name)));
        let mut open: Vec<&str> = segments.iter().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(segment) = defined.get(name).filter(|_| seen.insert(name)) else { continue };
            traits.extend(segment.traits().into_iter().map(str::to_owned));
            open.extend(segment.segments());
        }
        traits.sort();
        traits.dedup();
        Self { everything: names.is_empty(), traits, segments, models }
    }

    /// Whether it is everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether it is about traits, and not only about what reads none.
    #[must_use]
    pub fn has_traits(&self) -> bool {
        self.everything || !self.traits.is_empty()
    }

    /// Whether the segments of the bank, or some of them, are meant.
    #[must_use]
    pub fn has_segments(&self) -> bool {
        self.everything || !self.segments.is_empty()
    }

    /// Whether the models of the bank, or some of them, are meant.
    #[must_use]
    pub fn has_models(&self) -> bool {
        self.everything || !self.models.is_empty()
    }

    /// Whether this segment is meant.
    #[must_use]
    pub fn means_segment(&self, stale: &Stale) -> bool {
        self.everything || self.segments.contains(&stale.name)
    }

    /// Whether this model is meant.
    #[must_use]
    pub fn means_model(&self, name: &String) -> bool {
        self.everything || self.models.contains(name)
    }

    /// The traits that are meant, and what is to be done about them.
    ///
    /// # Errors
    /// When there is no such trait, or the lake cannot be read.
    pub async fn plan(&self, house: &House, as_of: EventTime, force: bool) -> Result<Plan, FlowError> {
        match self.has_traits() {
            true => traits::plan(house, &self.traits, as_of, force).await,
            false => Ok(Plan { traits: Vec::new(), as_of }),
        }
    }
}

/// How it is brought up to date.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// The time that everything is as of.
    pub as_of: EventTime,
    /// Also what is not stale.
    pub force: bool,
    /// Whether models learn anew: as of a past day they do not.
    pub learn: bool,
}

/// What was done.
#[derive(Debug)]
pub struct Ran {
    /// What was to be done about traits.
    pub plan: Plan,
    /// What became of them.
    pub traits: Outcome,
    /// How long they took.
    pub traits_took: Duration,
    /// Segments.
    pub segments: Vec<Refreshed>,
    /// Scores.
    pub scores: Vec<Scored>,
    /// Recommendations, by purpose.
    pub offers: Vec<Recommended>,
    /// Models that learnt anew.
    pub retrained: Vec<Retrained>,
}

impl Ran {
    /// How much of it failed. The rest is done.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.traits.failed.len()
            + self.segments.iter().filter(|one| one.failed.is_some()).count()
            + self.scores.iter().filter(|one| one.failed.is_some()).count()
            + self.offers.iter().filter(|one| one.failed.is_some()).count()
            + self.retrained.iter().filter(|one| one.failed.is_some()).count()
    }
}

/// Brings up to date what is stale of it. What fails of its own is in the answer, and the rest goes on.
///
/// # Errors
/// When something named is not there, the policies refuse, another load is at work, or lake or store fail.
pub async fn run(
    house: &House,
    what: &What,
    how: How,
    progress: &dyn Progress,
    clock: &(dyn Fn() -> Duration + Sync),
) -> Result<Ran, FlowError> {
    let How { as_of, force, learn } = how;
    let plan = what.plan(house, as_of, force).await?;
    let start = clock();
    let traits = traits::run(house, &plan, progress, clock).await?;
    let traits_took = clock().saturating_sub(start);
    let mut ran = Ran {
        plan,
        traits,
        traits_took,
        segments: Vec::new(),
        scores: Vec::new(),
        offers: Vec::new(),
        retrained: Vec::new(),
    };
    if what.has_segments() {
        ran.segments = refresh(house, &what.segments, as_of, progress).await?;
    }
    if what.has_models() {
        ran.scores = score(house, &what.models, as_of, force, progress).await?;
    }
    if what.everything {
        ran.offers = recommend(house, &[], as_of, AT_MOST, force, progress).await?;
    }
    if learn && what.has_models() {
        ran.retrained = retrain(house, &what.models, progress).await?;
    }
    Ok(ran)
}
