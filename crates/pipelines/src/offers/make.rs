//! `florin recommend` in bulk: everybody's offers, kept.
//!
//! Like scoring it is Florin's own work: it shows nothing of anybody to whoever starts it. Facts are asked of everybody at once; scores come by ranges of
//! customers, so that the reasons of all of them are never in memory together.

use std::{collections::BTreeMap, ops::Range};

use florin_decisions::{
    Words,
    offers::Offers,
    ranking::{Asked, Ranking},
};
use florin_domain::{EventTime, Purpose};
use florin_governance::audit::{Entry, EventKind};
use serde::Serialize;

use super::{
    due::{rests_on, stale, traits_of},
    facts::{Asking, Gathered, Whom},
    kept::{KeptOffers, Rows, keep, kept},
    learn::{AlikeNow, Learnt, learn},
    offered_for,
    products::offers_now,
    purposes,
    rank::Ranks,
    scored::Scored,
};
use crate::{FlowError, House, load::Progress, traits::Profiling};

/// Customers whose scores and reasons are in memory at a time.
const CHUNK: usize = 32 * 1024;

/// What became of one offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfOffer {
    /// Which.
    pub offer: String,
    /// What it is called.
    pub meaning: Words,
    /// Customers whose first offer it is.
    pub first: u64,
    /// Customers who are made it.
    pub made: u64,
    /// Customers it is withheld from.
    pub withheld: u64,
    /// By kind of veto, how many it falls on. Several may fall on one customer.
    pub vetoes: BTreeMap<String, u64>,
    /// Customers who might be made it and are made others.
    pub left_out: u64,
}

/// Recommendations for a purpose that were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommended {
    /// For which purpose.
    pub purpose: Purpose,
    /// Customers there are.
    pub customers: usize,
    /// Customers who are made at least one offer.
    pub offered: usize,
    /// Customers whose order did not go by what is personal.
    pub declined: usize,
    /// Each offer.
    pub offers: Vec<OfOffer>,
    /// What alike customers hold, and how good that is.
    pub learnt: Option<Learnt>,
    /// Why what was kept was stale.
    pub because: Vec<String>,
    /// Why none could be made; what was kept before stays.
    pub failed: Option<String>,
}

/// Ranks offers for all customers and keeps them, for these purposes (all that offers name, when none is given) where what is kept is stale, or
/// in any case with `anew`.
///
/// # Errors
/// When no offer is for a purpose, the policies do not permit it, or a load is at work.
pub async fn recommend(
    house: &House,
    wanted: &[Purpose],
    as_of: EventTime,
    at_most: usize,
    anew: bool,
    progress: &dyn Progress,
) -> Result<Vec<Recommended>, FlowError> {
    wanted.iter().try_for_each(|purpose| offered_for(house, *purpose))?;
    let wanted = if wanted.is_empty() { purposes(house) } else { wanted.to_vec() };
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let now = rests_on(house, &house.bank.offers).await?;
    let (mut due, mut before) = (Vec::new(), None);
    for purpose in wanted {
        let kept = kept(house, purpose).await?;
        let mut because = stale(house, kept.as_ref(), &now, as_of)?;
        if anew && because.is_empty() {
            because.push("asked for".to_owned());
        }
        before = before.or_else(|| kept.and_then(|kept| kept.learnt));
        if !because.is_empty() {
            due.push((purpose, because));
        }
    }
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let (_turn, house) = &crate::turns::work(house).await?;
    let all = made(house, &due, as_of, at_most, before.as_ref(), progress).await;
    progress.end();
    Ok(match all {
        Ok(all) => all,
        Err(error) => due.into_iter().map(|(purpose, because)| failed(purpose, because, &error)).collect(),
    })
}

fn failed(purpose: Purpose, because: Vec<String>, error: &FlowError) -> Recommended {
    Recommended {
        purpose,
        customers: 0,
        offered: 0,
        declined: 0,
        offers: Vec::new(),
        learnt: None,
        because,
        failed: Some(error.to_string()),
    }
}

async fn made(
    house: &House,
    due: &[(Purpose, Vec<String>)],
    as_of: EventTime,
    at_most: usize,
    before: Option<&Learnt>,
    progress: &dyn Progress,
) -> Result<Vec<Recommended>, FlowError> {
    let rests_on = rests_on(house, &house.bank.offers).await?;
    progress.begin("recommending: what decides", "steps", None);
    let profiling = house.profiling(Purpose::Service, as_of).await?;
    let offers = offers_now(house, profiling.session()).await?;
    profiling.with_traits(&traits_of(&offers)).await?;
    let persons = crate::resolve::persons(house, Some(as_of)).await?;
    let purposes: Vec<Purpose> = due.iter().map(|(purpose, _)| *purpose).collect();
    let asking = Asking {
        house,
        session: profiling.session(),
        persons: &persons,
        offers: &offers,
        whom: Whom::Everyone,
        purposes: &purposes,
    };
    let gathered = asking.gather(profiling.everyone().await?).await?;
    let alike = tokio::task::block_in_place(|| learn(house, &gathered, as_of, before))?;
    progress.end();
    let mut making: Vec<Making> = due.iter().map(|(purpose, _)| Making::new(*purpose, as_of, at_most)).collect();
    rank_all(house, &profiling, &offers, &gathered, &alike, &mut making, progress).await?;
    let mut all = Vec::new();
    for ((_, because), making) in due.iter().zip(making) {
        let kept = KeptOffers {
            as_of,
            rests_on: rests_on.clone(),
            learnt: alike.learnt.clone(),
            customers: gathered.customers.len(),
            at_most,
        };
        let purpose = making.asked.purpose;
        let (rows, counts) = (making.rows, making.counts);
        let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Profile)
            .with("recommendations", purpose.name())
            .with("customers", gathered.customers.len())
            .with("as_of", as_of.micros());
        house.record(&entry).await?;
        keep(house, purpose, rows, &kept).await?;
        all.push(Recommended {
            purpose,
            customers: gathered.customers.len(),
            offered: counts.offered,
            declined: gathered.personalised.iter().filter(|personalised| !**personalised).count(),
            offers: counts.of_offers(&offers),
            learnt: alike.learnt.clone(),
            because: because.clone(),
            failed: None,
        });
    }
    Ok(all)
}

/// Recommendations for a purpose, as far as they are made.
struct Making {
    asked: Asked,
    rows: Rows,
    counts: Counts,
}

impl Making {
    fn new(purpose: Purpose, as_of: EventTime, at_most: usize) -> Self {
        Self { asked: Asked { purpose, as_of, at_most }, rows: Rows::default(), counts: Counts::default() }
    }
}

async fn rank_all(
    house: &House,
    profiling: &Profiling<'_>,
    offers: &Offers,
    gathered: &Gathered,
    alike: &AlikeNow,
    making: &mut [Making],
    progress: &dyn Progress,
) -> Result<(), FlowError> {
    let ranks = Ranks::new(offers, alike)?;
    let there = |table: &str| house.bank.catalogue.table(table).is_some();
    let count = gathered.customers.len();
    progress.begin("recommending", "customers", Some((count * making.len()) as u64));
    for from in (0..count).step_by(CHUNK) {
        let chunk = from..count.min(from + CHUNK);
        let scored = Scored::of(profiling.session(), offers, &gathered.customers[chunk.clone()], &there).await?;
        for of in &mut *making {
            let found = tokio::task::block_in_place(|| {
                rank_chunk(&ranks, gathered, &scored, chunk.clone(), &of.asked, house.around.threads)
            })?;
            for (rows, counts) in found {
                of.rows.append(rows);
                of.counts.add(counts);
            }
            progress.advance(chunk.len() as u64);
        }
    }
    Ok(())
}

/// Ranks the customers of a chunk on several threads, and gives their parts in order.
fn rank_chunk(
    ranks: &Ranks<'_>,
    gathered: &Gathered,
    scored: &Scored,
    chunk: Range<usize>,
    asked: &Asked,
    threads: usize,
) -> Result<Vec<(Rows, Counts)>, FlowError> {
    let each = chunk.len().div_ceil(threads.max(1)).max(1);
    let one = |part: Range<usize>| -> Result<(Rows, Counts), FlowError> {
        let (mut rows, mut counts) = (Rows::default(), Counts::default());
        for at in part {
            let ranking = ranks.of(gathered, at, (scored, at - chunk.start), asked)?;
            counts.count(&ranking);
            rows.push(&ranking)?;
        }
        Ok((rows, counts))
    };
    std::thread::scope(|scope| {
        let parts = chunk.clone().step_by(each).map(|from| from..chunk.end.min(from + each));
        let at_work: Vec<_> = parts.map(|part| scope.spawn(|| one(part))).collect();
        let done = at_work.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.map(|part| part.unwrap_or_else(|_| Err(FlowError::Internal("a thread that ranks panicked".to_owned()))))
            .collect()
    })
}

/// How often what became of offers.
#[derive(Default)]
struct Counts {
    offered: usize,
    first: BTreeMap<String, u64>,
    made: BTreeMap<String, u64>,
    withheld: BTreeMap<String, u64>,
    vetoes: BTreeMap<(String, &'static str), u64>,
    left_out: BTreeMap<String, u64>,
}

impl Counts {
    fn count(&mut self, ranking: &Ranking) {
        self.offered += usize::from(!ranking.offers.is_empty());
        if let Some(first) = ranking.offers.first() {
            one_more(&mut self.first, &first.offer);
        }
        ranking.offers.iter().for_each(|made| one_more(&mut self.made, &made.offer));
        for withheld in &ranking.withheld {
            one_more(&mut self.withheld, &withheld.offer);
            for (veto, _) in &withheld.vetoes {
                *self.vetoes.entry((withheld.offer.clone(), veto.kind())).or_default() += 1;
            }
        }
        ranking.left_out.iter().for_each(|(offer, _)| one_more(&mut self.left_out, offer));
    }

    fn add(&mut self, other: Self) {
        self.offered += other.offered;
        let pairs = [
            (&mut self.first, other.first),
            (&mut self.made, other.made),
            (&mut self.withheld, other.withheld),
            (&mut self.left_out, other.left_out),
        ];
        for (mine, more) in pairs {
            more.into_iter().for_each(|(offer, count)| *mine.entry(offer).or_default() += count);
        }
        other.vetoes.into_iter().for_each(|(veto, count)| *self.vetoes.entry(veto).or_default() += count);
    }

    fn of_offers(&self, offers: &Offers) -> Vec<OfOffer> {
        let of = |counts: &BTreeMap<String, u64>, name: &str| counts.get(name).copied().unwrap_or_default();
        let vetoes = |name: &str| {
            let of_offer = self.vetoes.iter().filter(|((offer, _), _)| offer == name);
            of_offer.map(|((_, kind), count)| ((*kind).to_owned(), *count)).collect()
        };
        let offer = |offer: &florin_decisions::offers::Offer| OfOffer {
            offer: offer.name.clone(),
            meaning: offer.meaning.clone(),
            first: of(&self.first, &offer.name),
            made: of(&self.made, &offer.name),
            withheld: of(&self.withheld, &offer.name),
            vetoes: vetoes(&offer.name),
            left_out: of(&self.left_out, &offer.name),
        };
        offers.all().iter().map(offer).collect()
    }
}

fn one_more(counts: &mut BTreeMap<String, u64>, name: &str) {
    *counts.entry(name.to_owned()).or_default() += 1;
}
