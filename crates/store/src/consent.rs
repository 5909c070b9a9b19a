//! What customers said of purposes: words are only ever added, and the latest counts.
//!
//! *Latest* is by the time of the word; of two words of the same moment (sources often know only the day) the
//! withdrawal counts, in whichever order they came. So the answer depends on what was said alone, never on the order
//! of loading.
//!
//! Caution where the two errors are not alike: a withdrawal counts as soon as it is staged, while its batch is
//! unfinished, even when that batch is abandoned, and even when it is dated ahead. A consent counts from its own time
//! on, and only once its batch is done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use florin_domain::{CustomerId, EventTime, Purpose};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::{
    batches::BatchId,
    error::{Result, StoreError},
    open::Store,
    sql::{Bulk, Kind, Row, Tx, Value, values},
};

/// What a customer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentState {
    /// Yes.
    Given,
    /// No, or no longer.
    Withdrawn,
}

/// How we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It was in a file.
    Batch(BatchId),
    /// The customer said so in a channel: `branch`, `app` …
    Channel(String),
}

/// A customer's word on a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentWord {
    /// Who.
    pub customer: CustomerId,
    /// On what.
    pub purpose: Purpose,
    /// Yes or no.
    pub state: ConsentState,
    /// When it was said.
    pub ts: EventTime,
    /// Which notice the customer was shown.
    pub notice: Option<String>,
    /// How we know.
    pub origin: Origin,
}

impl ConsentWord {
    /// The batch it came in, if it came in one.
    #[must_use]
    pub fn batch(&self) -> Option<BatchId> {
        match self.origin {
            Origin::Batch(id) => Some(id),
            Origin::Channel(_) => None,
        }
    }
}

/// The customers whose latest word on a purpose is yes, and those whose latest is no. The others said nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Consent {
    /// Customer numbers of those who consent.
    pub given: RoaringBitmap,
    /// Customer numbers of those who withdrew.
    pub withdrawn: RoaringBitmap,
}

/// What was read of consent, by purpose. Reading hundreds of thousands of words takes longer than most questions do.
#[derive(Debug, Default)]
pub(crate) struct KnownConsent(Mutex<BTreeMap<&'static str, Known>>);

#[derive(Debug, Clone)]
struct Known {
    revision: i64,
    /// As it stands from then …
    from: EventTime,
    /// … until a word counts that is dated ahead.
    until: Option<EventTime>,
    consent: Consent,
}

impl KnownConsent {
    fn known(&self) -> MutexGuard<'_, BTreeMap<&'static str, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, purpose: Purpose, revision: i64, at: EventTime) -> Option<Consent> {
        let known = self.known();
        let held = known.get(purpose.name()).filter(|known| known.revision == revision && known.from <= at);
        held.filter(|known| known.until.is_none_or(|until| at < until)).map(|known| known.consent.clone())
    }
}

/// What counts (see the module), as a condition on `consent_word c`; `$2` is the time of asking.
macro_rules! select_counting {
    ($columns:literal, $which:literal, $order:literal) => {
        concat!(
            "select ",
            $columns,
            " from consent_word c where ",
            $which,
            " and (withdrawn = 1 or (ts <= $2 and (batch = 0
               or exists (select 1 from batch b where b.id = c.batch and b.state = 'done')))) order by ",
            $order
        )
    };
}

impl Store {
    /// Each customer's latest word on a purpose, as it stands at `at`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn consent_bitmaps(&self, purpose: Purpose, at: EventTime) -> Result<Consent> {
        let sql = select_counting!("customer_id, withdrawn", "purpose = $1", "customer_id, ts, withdrawn");
        let mut latest = LatestWords::default();
        let mut tx = self.read().await?;
        let revision = tx.count("select n from consent_revision", vec![]).await?;
        if let Some(consent) = self.consent.at(purpose, revision, at) {
            return Ok(consent);
        }
        tx.each(sql, values![purpose.name(), at], |row| {
            latest.push(row.number(0)?, row.get::<i64>(1)? != 0);
            Ok(())
        })
        .await?;
        let ahead = "select ts from consent_word where purpose = $1 and withdrawn = 0 and ts > $2 order by ts limit 1";
        let until = tx.first(ahead, values![purpose.name(), at], |row| row.time(0)).await?;
        let consent = latest.finish();
        let known = Known { revision, from: at, until, consent: consent.clone() };
        self.consent.known().insert(purpose.name(), known);
        Ok(consent)
    }

    /// The words of one customer that count at `at`, by purpose and time. Of words that several batches carry, one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn consent_of(&self, customer: CustomerId, at: EventTime) -> Result<Vec<ConsentWord>> {
        let sql = select_counting!(
            "customer_id, purpose, withdrawn, ts, notice, batch, channel",
            "customer_id = $1",
            "purpose, ts, withdrawn, batch"
        );
        let mut words = self.read().await?.all(sql, values![customer, at], word).await?;
        words.dedup_by(|later, first| (later.purpose, later.ts, later.state) == (first.purpose, first.ts, first.state));
        Ok(words)
    }

    /// Records words said in a channel, durably. The same word (customer, purpose, time, yes or no) twice is one.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a word that came in a batch: those go in with their batch.
    pub async fn record_consent(&self, words: Vec<ConsentWord>) -> Result<()> {
        if let Some(batch) = words.iter().find_map(ConsentWord::batch) {
            return Err(StoreError::Invalid(format!("a word of batch {batch} can only be recorded with its batch")));
        }
        let mut tx = self.write().await?;
        insert(&mut tx, words).await?;
        tx.commit().await
    }
}

/// Folds words, sorted by customer and time, into the latest of each customer.
#[derive(Default)]
struct LatestWords {
    current: Option<(u32, bool)>,
    consent: Consent,
}

impl LatestWords {
    fn push(&mut self, customer: u32, withdrawn: bool) {
        if self.current.is_some_and(|(current, _)| current != customer) {
            self.settle();
        }
        self.current = Some((customer, withdrawn));
    }

    fn settle(&mut self) {
        if let Some((customer, withdrawn)) = self.current.take() {
            let side = if withdrawn { &mut self.consent.withdrawn } else { &mut self.consent.given };
            side.insert(customer);
        }
    }

    fn finish(mut self) -> Consent {
        self.settle();
        self.consent
    }
}

/// A word that some settled batch or channel brought before is not kept again. One that only unfinished batches
/// brought is, because they may still be abandoned.
pub(crate) async fn insert(tx: &mut Tx, words: Vec<ConsentWord>) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    for batch in words.iter().filter_map(ConsentWord::batch).collect::<BTreeSet<_>>() {
        tx.execute("insert into consent_batch (batch) values ($1) on conflict do nothing", values![batch.0]).await?;
    }
    revise(tx).await?;
    let bulk = Bulk {
        columns: [
            ("purpose", Kind::Text),
            ("customer_id", Kind::Int),
            ("ts", Kind::Int),
            ("withdrawn", Kind::Int),
            ("batch", Kind::Int),
            ("channel", Kind::Text),
            ("notice", Kind::Text),
        ],
        statement: "insert into consent_word (purpose, customer_id, ts, withdrawn, batch, channel, notice)
                    select purpose, customer_id, ts, withdrawn, batch, channel, notice from v
                    where not exists (select 1 from consent_word c where c.purpose = v.purpose
                        and c.customer_id = v.customer_id and c.ts = v.ts and c.withdrawn = v.withdrawn
                        and (c.withdrawn = 1 or c.batch = 0
                            or exists (select 1 from batch b where b.id = c.batch and b.state = 'done')))
                    on conflict do nothing",
    };
    tx.bulk(&bulk, words.into_iter().map(row_of)).await
}

/// A batch is done, or will never be.
pub(crate) async fn settle(tx: &mut Tx, batch: BatchId) -> Result<()> {
    match tx.execute("delete from consent_batch where batch = $1", values![batch.0]).await? {
        0 => Ok(()),
        _ => revise(tx).await,
    }
}

/// Whatever was read of consent may be so no longer.
async fn revise(tx: &mut Tx) -> Result<()> {
    tx.execute("update consent_revision set n = n + 1", vec![]).await.map(drop)
}

fn row_of(word: ConsentWord) -> [Value; 7] {
    let (batch, channel) = match word.origin {
        Origin::Batch(id) => (id.0, None),
        Origin::Channel(channel) => (0, Some(channel)),
    };
    [
        word.purpose.name().into(),
        word.customer.into(),
        word.ts.into(),
        (word.state == ConsentState::Withdrawn).into(),
        batch.into(),
        channel.into(),
        word.notice.into(),
    ]
}

fn word(row: &Row) -> Result<ConsentWord> {
    let purpose: String = row.get(1)?;
    let batch: i64 = row.get(5)?;
    let channel: Option<String> = row.get(6)?;
    Ok(ConsentWord {
        customer: CustomerId(row.number(0)?),
        purpose: purpose.parse().map_err(|_| StoreError::Corrupt("a consent is for an unknown purpose".to_owned()))?,
        state: if row.get::<i64>(2)? == 0 { ConsentState::Given } else { ConsentState::Withdrawn },
        ts: row.time(3)?,
        notice: row.get(4)?,
        origin: channel.map_or(Origin::Batch(BatchId(batch)), Origin::Channel),
    })
}
