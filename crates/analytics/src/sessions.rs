//! Sessions: runs of a customer's rows without a long pause.

use std::sync::Arc;

use arrow::array::RecordBatch;
pub use florin_journeys::sessions::NameSessions;
use florin_journeys::sessions::{SessionKernel, SessionRows, SessionSettings, Sessions};
use florin_lake::Session;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, RowsDef,
    codes::{Codes, Remembered, named},
    parts,
    rows::{Source, name, rows, text},
    within,
};

/// A question about sessions, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// The longest pause inside a session.
    #[serde(default = "gap")]
    pub gap: String,
    /// Another value of this expression starts another session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Another day of the bank's time zone starts another session.
    #[serde(default)]
    pub midnight: bool,
    /// Entries, exits and dwell are told for each value of this expression; not at all when it is empty.
    #[serde(default = "name")]
    pub name: String,
}

impl Default for SessionsDef {
    fn default() -> Self {
        let (about, rows) = (String::new(), RowsDef::default());
        Self { about, rows, gap: gap(), channel: None, midnight: false, name: name() }
    }
}

fn gap() -> String {
    "30 min".to_owned()
}

/// What sessions there were.
#[derive(Debug, Clone)]
pub struct SessionsAnswer {
    /// All of them; their names stand beside it.
    pub found: Sessions,
    /// By value of `name`, those that most sessions entered by first.
    pub names: Vec<(String, NameSessions)>,
}

struct Part {
    kernel: SessionKernel,
    names: Remembered,
    channels: Remembered,
}

impl Journey for SessionsDef {
    type Answer = SessionsAnswer;

    async fn ask(&self, session: &Session, around: &Around) -> Result<SessionsAnswer, AnalyticsError> {
        let names = Arc::new(Codes::default());
        let settings = self.settings(around)?;
        let begin = || {
            let kernel = SessionKernel::new(&settings);
            Ok(Part { kernel, names: Remembered::default(), channels: Remembered::default() })
        };
        let (for_push, channels, has_channel) = (Arc::clone(&names), Codes::default(), self.channel.is_some());
        let has_name = !self.name.is_empty();
        let push = move |part: &mut Part, batch: &RecordBatch| {
            let name = match has_name {
                true => Some(part.names.codes(&for_push, named(batch, "name_value")?)?),
                false => None,
            };
            let channel = match has_channel {
                true => Some(part.channels.codes(&channels, named(batch, "channel_value")?)?),
                false => None,
            };
            let batch = SessionRows { rows: rows(batch)?, channel: channel.as_deref(), name: name.as_deref() };
            Ok(part.kernel.push(&batch)?)
        };
        let mut whole = SessionKernel::new(&settings);
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part.kernel);
        }
        let mut found = whole.finish();
        // Codes are as rows happened to come: only the names are to be told.
        let of_codes = std::mem::take(&mut found.names);
        let named = |found: NameSessions| Some((names.name(found.code)?, found));
        let mut by_name: Vec<(String, NameSessions)> = of_codes.into_iter().filter_map(named).collect();
        by_name.sort_by(|a, b| b.1.entries.cmp(&a.1.entries).then_with(|| a.0.cmp(&b.0)));
        Ok(SessionsAnswer { found, names: by_name })
    }

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.settings(around)?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        let mut columns = Vec::new();
        columns.extend((!self.name.is_empty()).then(|| ("name_value", text(&self.name))));
        columns.extend(self.channel.iter().map(|channel| ("channel_value", text(channel))));
        Ok(Source::new(&self.rows, around)?.runs(&columns))
    }
}

impl SessionsDef {
    fn settings(&self, around: &Around) -> Result<SessionSettings, AnalyticsError> {
        let mut settings = SessionSettings::with_gap(within::micros(&self.gap)?);
        settings.channel_change = self.channel.is_some();
        settings.midnight = self.midnight;
        settings.zone = around.zone()?;
        Ok(settings)
    }
}
