//! `florin segment history`: how large a segment was each time it was decided, who came and who went.

use florin_domain::EventTime;
use florin_features::segments::history::History;
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::{FlowError, ask::Asking};

/// A segment at a time at which it was decided, as a session sees it: persons, without those who withdrew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at: EventTime,
    /// How many belonged.
    pub size: u64,
    /// How many of them had not, the time before.
    pub entered: u64,
    /// How many had, the time before, and did no longer.
    pub left: u64,
}

impl Asking<'_> {
    /// How a segment stood each time it was decided, the earliest first; with `since`, only from then on. Times at which nobody
    /// moved are among them only where they are the first or the last of several in a row.
    ///
    /// # Errors
    /// A refusal in words; that there is no such segment or it was never decided; those of the store.
    pub async fn segment_history(&self, name: &str, since: Option<EventTime>) -> Result<Vec<Moment>, FlowError> {
        match self.segments().may_know(name) {
            Err(FlowError::Refused(refusal)) => return Err(self.house().record_refusal(refusal).await),
            may => may?,
        }
        let Some(kept) = self.house().store.membership(name).await? else {
            return Err(super::never_decided(name));
        };
        let history = History::from_bytes(&kept.membership.history)?;
        let until = self.grant().as_of();
        let mut before = RoaringBitmap::new();
        let mut moments = Vec::new();
        for (at, born) in history.moments().take_while(|(at, _)| until.is_none_or(|until| *at <= until)) {
            let now = self.segments().consenting(&self.segments().of_persons(&born));
            if since.is_none_or(|since| at >= since) {
                let (entered, left) = (now.difference_len(&before), before.difference_len(&now));
                moments.push(Moment { at, size: now.len(), entered, left });
            }
            before = now;
        }
        Ok(moments)
    }
}
