//! Who belonged when.
//!
//! A history keeps, for each time at which a segment was decided, who entered and who left since the time before: two compressed bitmaps
//! a time. A customer who comes and stays costs two bytes or so, once; the members at any time, and the intervals of any
//! customer, follow.

use florin_domain::EventTime;
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::error::{FeatureError, Result, argument};

/// Times at which one segment can have been decided: every hour for a hundred years.
pub const CHANGES_MAX: usize = 1_000_000;
/// What the bytes of a history begin with.
const MAGIC: &[u8; 8] = b"florinM1";

/// What changed at one time.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    at: EventTime,
    entered: RoaringBitmap,
    left: RoaringBitmap,
}

/// A time during which a customer belonged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// From then on.
    pub from: EventTime,
    /// Until then (excluded); still, when absent.
    pub until: Option<EventTime>,
}

/// Who entered a segment and who left it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moves {
    /// Those who belong now and did not then.
    pub entered: RoaringBitmap,
    /// Those who belonged then and do not now.
    pub left: RoaringBitmap,
}

/// Who belonged to a segment at each time at which it was decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    changes: Vec<Change>,
    current: RoaringBitmap,
}

impl History {
    /// A history in which nobody has belonged yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those who belong since the last time.
    #[must_use]
    pub fn current(&self) -> &RoaringBitmap {
        &self.current
    }

    /// The last time at which it was decided.
    #[must_use]
    pub fn last(&self) -> Option<EventTime> {
        self.changes.last().map(|change| change.at)
    }

    /// Writes down who belongs at a time, and says who moved. A time at which nobody did is written down too, so that it is known how
    /// old the membership is; of several such times in a row, the last.
    ///
    /// # Errors
    /// A time that is not after the last one, or one more than [`CHANGES_MAX`]; nothing is written down then.
    pub fn record(&mut self, at: EventTime, members: &RoaringBitmap) -> Result<Moves> {
        if self.last().is_some_and(|last| at <= last) {
            return Err(argument("the time of a membership", at.0, "times go forward: decide it for a later one"));
        }
        let moves = Moves { entered: members - &self.current, left: &self.current - members };
        let quiet = moves.entered.is_empty() && moves.left.is_empty();
        let before_quiet = self.changes.last().is_some_and(|c| c.entered.is_empty() && c.left.is_empty());
        if quiet && before_quiet && self.changes.len() > 1 {
            self.changes.pop();
        }
        if self.changes.len() >= CHANGES_MAX {
            return Err(argument("the number of times", CHANGES_MAX + 1, "a history has at most a million"));
        }
        self.changes.push(Change { at, entered: moves.entered.clone(), left: moves.left.clone() });
        self.current.clone_from(members);
        Ok(moves)
    }

    /// Who belonged at each time at which it was decided, the earliest first.
    pub fn moments(&self) -> impl Iterator<Item = (EventTime, RoaringBitmap)> + '_ {
        self.changes.iter().scan(RoaringBitmap::new(), |members, change| {
            *members |= &change.entered;
            *members -= &change.left;
            Some((change.at, members.clone()))
        })
    }

    /// Those who belonged at a time: as decided last by then. Nobody before the first.
    #[must_use]
    pub fn at(&self, time: EventTime) -> RoaringBitmap {
        let mut members = self.current.clone();
        for change in self.changes.iter().rev().take_while(|change| change.at > time) {
            members -= &change.entered;
            members |= &change.left;
        }
        members
    }

    /// Who entered and who left between two times. Who left and came back in between did neither.
    #[must_use]
    pub fn moves(&self, from: EventTime, to: EventTime) -> Moves {
        let (before, after) = (self.at(from), self.at(to));
        Moves { entered: &after - &before, left: before - after }
    }

    /// When a customer belonged, in order.
    #[must_use]
    pub fn intervals(&self, customer: u32) -> Vec<Interval> {
        let mut intervals: Vec<Interval> = Vec::new();
        for change in &self.changes {
            if change.entered.contains(customer) {
                intervals.push(Interval { from: change.at, until: None });
            } else if change.left.contains(customer)
                && let Some(last) = intervals.last_mut()
            {
                last.until = Some(change.at);
            }
        }
        intervals
    }

    /// Since when a customer belongs; `None` when they do not.
    #[must_use]
    pub fn since(&self, customer: u32) -> Option<EventTime> {
        if !self.current.contains(customer) {
            return None;
        }
        self.changes.iter().rev().find(|change| change.entered.contains(customer)).map(|change| change.at)
    }

    /// Forgets that customers ever belonged.
    pub fn erase(&mut self, customers: &RoaringBitmap) {
        for change in &mut self.changes {
            change.entered -= customers;
            change.left -= customers;
        }
        self.current -= customers;
    }

    /// As bytes: a mark, the number of changes, then each time with its two bitmaps in roaring's portable format, and a
    /// checksum (BLAKE3) of all of it.
    ///
    /// # Errors
    /// When memory cannot be written to, which does not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let unwritten = |error: std::io::Error| saved(error.to_string());
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.changes.len() as u64).to_le_bytes());
        for change in &self.changes {
            bytes.extend(change.at.0.to_le_bytes());
            for set in [&change.entered, &change.left] {
                bytes.extend((set.serialized_size() as u64).to_le_bytes());
                set.serialize_into(&mut bytes).map_err(unwritten)?;
            }
        }
        let checksum = blake3::hash(&bytes);
        bytes.extend(checksum.as_bytes());
        Ok(bytes)
    }

    /// From [`Self::to_bytes`].
    ///
    /// # Errors
    /// Bytes that are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (body, checksum) = bytes.split_last_chunk::<32>().ok_or_else(|| saved("it is too short"))?;
        if blake3::hash(body).as_bytes() != checksum {
            return Err(saved("its checksum is another"));
        }
        let mut rest = body.strip_prefix(MAGIC).ok_or_else(|| saved("it is none"))?;
        let mut history = Self::new();
        for _ in 0..number(&mut rest)? {
            let at = EventTime(number(&mut rest)?.cast_signed());
            let (entered, left) = (set(&mut rest)?, set(&mut rest)?);
            history.current = (&history.current | &entered) - &left;
            history.changes.push(Change { at, entered, left });
        }
        match rest.is_empty() {
            true => Ok(history),
            false => Err(saved("there is more behind it")),
        }
    }
}

fn saved(why: impl Into<String>) -> FeatureError {
    FeatureError::Saved { what: "history of a segment", why: why.into() }
}

fn number(rest: &mut &[u8]) -> Result<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>().ok_or_else(|| saved("it ends too early"))?;
    *rest = after;
    Ok(u64::from_le_bytes(*bytes))
}

fn set(rest: &mut &[u8]) -> Result<RoaringBitmap> {
    let length = usize::try_from(number(rest)?).map_err(|_| saved("a set is too long"))?;
    let (bytes, after) = rest.split_at_checked(length).ok_or_else(|| saved("it ends too early"))?;
    *rest = after;
    RoaringBitmap::deserialize_from(bytes).map_err(|error| saved(error.to_string()))
}
