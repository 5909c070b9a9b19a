//! The next event: what customers do right after an event, how often, and how soon.

use std::sync::Arc;

use arrow::array::RecordBatch;
pub use florin_journeys::next::NextEvent;
use florin_journeys::next::{NAMES_MAX, NextKernel};
use florin_lake::Session;
use serde::{Deserialize, Serialize};

use crate::{
    AnalyticsError, Around, Journey, RowsDef,
    codes::{Codes, Remembered, named},
    error::setting,
    parts,
    rows::{Source, name, rows, text},
    within,
};

/// A question about what comes next, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// What an event is called: an expression.
    #[serde(default = "name")]
    pub name: String,
    /// After which event.
    pub after: String,
    /// Only what comes within this time; whenever, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// What comes next.
#[derive(Debug, Clone)]
pub struct NextAnswer {
    /// The most frequent first, with the name of the event; `None` for nothing (in time).
    pub found: Vec<(Option<String>, NextEvent)>,
}

struct Part {
    kernel: NextKernel,
    names: Remembered,
}

impl NextDef {
    fn within(&self) -> Result<u64, AnalyticsError> {
        self.within.as_ref().map_or(Ok(u64::MAX), |text| within::micros(text))
    }
}

impl Journey for NextDef {
    type Answer = NextAnswer;

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        self.within()?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        Ok(Source::new(&self.rows, around)?.runs(&[("name_value", text(&self.name))]))
    }

    async fn ask(&self, session: &Session, around: &Around) -> Result<NextAnswer, AnalyticsError> {
        let codes = Arc::new(Codes::default());
        let (anchor, within) = (codes.code(&self.after), self.within()?);
        let begin = || {
            let kernel = NextKernel::new(anchor, NAMES_MAX, within)?;
            Ok(Part { kernel, names: Remembered::default() })
        };
        let (for_push, name) = (Arc::clone(&codes), self.name.clone());
        let push = move |part: &mut Part, batch: &RecordBatch| {
            let column = named(batch, "name_value")?;
            if let Some((keys, codes)) = part.names.keys(column)
                && part.kernel.push_keys(rows(batch)?, keys, codes)?
            {
                return Ok(());
            }
            let names = part.names.codes(&for_push, column)?;
            if for_push.len() > NAMES_MAX {
                let wrong = format!("`{name}` has more than {NAMES_MAX} values; join rare ones into one");
                return Err(setting("name", wrong));
            }
            Ok(part.kernel.push(rows(batch)?, &names)?)
        };
        let mut whole = NextKernel::new(anchor, NAMES_MAX, within)?;
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part.kernel);
        }
        let named = |next: NextEvent| (next.code.and_then(|code| codes.name(code)), next);
        let mut found: Vec<(Option<String>, NextEvent)> = whole.finish().into_iter().map(named).collect();
        if found.is_empty() {
            let never = format!("`{}` is no value of `{}` in these rows", self.after, self.name);
            return Err(setting("after", never));
        }
        found.sort_by(|(a, x), (b, y)| y.count.cmp(&x.count).then_with(|| (a.is_none(), a).cmp(&(b.is_none(), b))));
        Ok(NextAnswer { found })
    }
}
