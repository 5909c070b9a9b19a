//! From a body to records: what is around the events, then each event, in the order in which it is read below.
//!
//! Most of a body is copied as the text it is; only what is checked or copied into a column of its own is looked at.

mod consent;
mod envelope;
mod field;
mod item;
mod lift;
mod posthog;
mod record;
mod segment;
mod time;

use jiff::Timestamp;

pub use envelope::BodyProblem;
pub use record::Kind;

pub(crate) use envelope::Envelope;
pub(crate) use item::{Frame, Sorted, Verdict};
pub(crate) use time::moment;

/// Whose words a request is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// One event of Segment, whose kind the path says.
    SegmentEvent(Kind),
    /// A batch of Segment.
    SegmentBatch,
    /// PostHog's `capture` and `batch`: one event, an array, or a batch.
    PostHog,
    /// PostHog's newer protocol, which tells of each event.
    PostHogEach,
}

impl Dialect {
    /// Whether it is one of PostHog's.
    #[must_use]
    pub fn is_posthog(self) -> bool {
        matches!(self, Self::PostHog | Self::PostHogEach)
    }

    /// What is around the events of a body.
    pub(crate) fn open(
        self,
        body: &[u8],
        events_max: usize,
        sent: Option<Timestamp>,
    ) -> Result<Envelope<'_>, BodyProblem> {
        let text = simdutf8::basic::from_utf8(body).map_err(|_| BodyProblem::NotUtf8)?;
        match self {
            Self::SegmentEvent(_) => Envelope::segment_single(text),
            Self::SegmentBatch => Envelope::segment_batch(text, events_max),
            Self::PostHog | Self::PostHogEach => Envelope::posthog(text, events_max),
        }
        .map(|envelope| envelope.sent(sent))
    }

    /// What is to become of each event. `library` is that of the request's headers.
    pub(crate) fn sort(self, envelope: &Envelope<'_>, library: Option<&str>, frame: &Frame<'_>) -> Sorted {
        match self {
            Self::SegmentEvent(kind) => segment::sort(envelope, Some(kind), frame),
            Self::SegmentBatch => segment::sort(envelope, None, frame),
            Self::PostHog | Self::PostHogEach => posthog::sort(envelope, library, frame),
        }
    }
}
