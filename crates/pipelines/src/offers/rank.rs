//! Ranks customers: standing, scores and alike customers put before the one who decides.

use std::collections::BTreeMap;

use florin_decisions::{
    Words,
    alike::{Alike, TakeUp},
    offers::Offers,
    ranking::{Asked, GeneralOrder, Ranker, Ranking},
};

use super::{facts::Gathered, learn::AlikeNow, scored::Scored};
use crate::FlowError;

/// The words of products are those of the offers.
static NO_WORDS: BTreeMap<String, Words> = BTreeMap::new();

/// What all rankings share.
pub(super) struct Ranks<'a> {
    offers: &'a Offers,
    ranker: Ranker<'a>,
    general: GeneralOrder,
    alike: Option<(&'a Alike, Option<&'a TakeUp>)>,
}

impl<'a> Ranks<'a> {
    pub(super) fn new(offers: &'a Offers, alike: &'a AlikeNow) -> Result<Self, FlowError> {
        let ranker = Ranker::new(offers, &NO_WORDS);
        let general = ranker.general(&alike.popularity())?;
        Ok(Self { offers, ranker, general, alike: alike.personal() })
    }

    /// The customer at a place, whose scores are at `row` of a chunk. One who declined is handed no score at all.
    pub(super) fn of(
        &self,
        gathered: &Gathered,
        at: usize,
        (scored, row): (&Scored, usize),
        asked: &Asked,
    ) -> Result<Ranking, FlowError> {
        let standing = gathered.standing(at);
        let Some(who) = standing.personalisable() else {
            return Ok(self.ranker.rank_general(&self.general, &standing, asked)?);
        };
        let mut personal = scored.personal(self.offers, row);
        if let Some((alike, take_up)) = self.alike {
            personal.add_alike(self.offers, alike, take_up, &standing.products)?;
        }
        Ok(self.ranker.rank_personal(who, &personal, asked)?)
    }
}

impl Ranks<'_> {
    /// By the order for everybody: nothing personal is taken.
    pub(super) fn withheld(
        &self,
        standing: &florin_decisions::standing::Standing,
        asked: &Asked,
    ) -> Result<Ranking, FlowError> {
        Ok(self.ranker.rank_general(&self.general, standing, asked)?)
    }
}
