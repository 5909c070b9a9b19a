//! What becomes of each event: exactly one outcome, counted.

use florin_domain::Purpose;

/// What became of one event of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk.
    Stored,
    /// A message of that id was stored before.
    Duplicate,
    /// It says no to this purpose, and is not kept.
    Refused(Purpose),
    /// It cannot be an event. It is on disk as it came, with the reason, and is quarantined when it is loaded.
    Quarantined(Problem),
    /// It cannot be an event, and is not kept: the sender asked to be told instead.
    Rejected(Problem),
}

impl Outcome {
    /// The word for it in answers and figures.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Refused(_) => "refused",
            Self::Quarantined(_) => "quarantined",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// An event of a request, as its sender is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemReport {
    /// The id of the message: the sender's, or the one it was given. Absent where there is none to tell.
    pub message_id: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// How many events were received, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events of requests that were understood.
    pub received: u64,
    /// On disk, and known by their id from now on.
    pub stored: u64,
    /// Stored before.
    pub duplicate: u64,
    /// Not kept: they say no.
    pub refused: u64,
    /// Kept as they came, since they cannot be events.
    pub quarantined: u64,
    /// Not kept, and their sender was told why.
    pub rejected: u64,
    /// Not kept, since the whole request was turned away; its sender was told to send it again.
    pub turned_away: u64,
}

impl Counts {
    /// Whether every event has exactly one outcome.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let Self { received, stored, duplicate, refused, quarantined, rejected, turned_away } = self;
        *received == stored + duplicate + refused + quarantined + rejected + turned_away
    }

    /// What became of these.
    #[must_use]
    pub fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.received += 1;
            *match outcome {
                Outcome::Stored => &mut counts.stored,
                Outcome::Duplicate => &mut counts.duplicate,
                Outcome::Refused(_) => &mut counts.refused,
                Outcome::Quarantined(_) => &mut counts.quarantined,
                Outcome::Rejected(_) => &mut counts.rejected,
            } += 1;
        }
        counts
    }
}

/// Why something cannot be an event. Says what to do, and never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not a JSON object.
    #[error("an event is a JSON object")]
    NotAnObject,
    /// A field twice.
    #[error("`{0}` is there twice; give it once")]
    Twice(String),
    /// Too many bytes.
    #[error("the event has {bytes} bytes; {bytes_max} is the most: leave out what nobody asks for")]
    TooLong {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        bytes_max: usize,
    },
    /// In a batch without a kind.
    #[error("give `type`: track, identify, page, screen, group or alias")]
    NoKind,
    /// Of a kind that does not exist.
    #[error("no such `type`; one of: track, identify, page, screen, group, alias")]
    UnknownKind,
    /// Nobody did it.
    #[error("give `{0}`: who did it")]
    Nobody(&'static str),
    /// Nothing was done.
    #[error("give `event`: what was done, in at most {0} characters")]
    NoName(usize),
    /// A field that its kind needs.
    #[error("an event of this type needs `{0}`")]
    Missing(&'static str),
    /// A name that is too long or has control characters.
    #[error("`{field}` has more than {chars_max} characters, or some that cannot be seen; shorten it")]
    BadText {
        /// Which field.
        field: &'static str,
        /// How many it may have.
        chars_max: usize,
    },
    /// Of the wrong type.
    #[error("`{field}` is {wanted}")]
    WrongType {
        /// Which field.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// Not a time.
    #[error("`{0}` is no time; write it like 2026-11-23T08:30:00.000Z")]
    BadTime(&'static str),
    /// Consent that cannot be understood, and so cannot be obeyed.
    #[error("`consent.categoryPreferences` says true or false of each category")]
    BadConsent,
}

impl Problem {
    /// A short name that programs can tell apart.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::Twice(_) => "field_twice",
            Self::TooLong { .. } => "event_too_long",
            Self::NoKind => "no_type",
            Self::UnknownKind => "unknown_type",
            Self::Nobody(_) => "nobody",
            Self::NoName(_) => "no_event",
            Self::Missing(_) => "field_missing",
            Self::BadText { .. } => "bad_text",
            Self::WrongType { .. } => "wrong_type",
            Self::BadTime(_) => "bad_time",
            Self::BadConsent => "bad_consent",
        }
    }
}
