//! Paths: what customers do after an event, or on the way to it.

use std::sync::Arc;

use arrow::array::RecordBatch;
use florin_journeys::paths::{Direction, OTHER, Occurrence, PathKernel, PathSettings, Paths};
pub use florin_journeys::paths::{PathLink, PathNode};
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

/// Different events that paths are told of.
const NAMES_MAX: usize = 10_000;

/// A question about paths, as a bank defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathsDef {
    /// What it asks, for people.
    #[serde(default)]
    pub about: String,
    /// From which rows.
    #[serde(default)]
    pub rows: RowsDef,
    /// What an event is called: an expression.
    #[serde(default = "name")]
    pub name: String,
    /// What customers do after this event; whatever they did first, when neither it nor `before` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What they did on the way to this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// From the customer's last such event, not the first.
    #[serde(default)]
    pub last: bool,
    /// Events beside the anchor.
    #[serde(default = "depth")]
    pub depth: usize,
    /// Names kept at each position; the rest are gathered.
    #[serde(default = "breadth")]
    pub breadth: usize,
    /// The longest pause inside a path.
    #[serde(default = "gap")]
    pub gap: String,
}

impl Default for PathsDef {
    fn default() -> Self {
        let (about, rows, name, gap) = (String::new(), RowsDef::default(), name(), gap());
        Self { about, rows, name, after: None, before: None, last: false, depth: depth(), breadth: breadth(), gap }
    }
}

fn depth() -> usize {
    5
}

fn breadth() -> usize {
    6
}

fn gap() -> String {
    "30 days".to_owned()
}

/// What paths there are.
#[derive(Debug, Clone)]
pub struct PathsAnswer {
    /// Nodes, links and whole paths, with their customers.
    pub found: Paths,
    codes: Arc<Codes>,
}

struct Part {
    kernel: PathKernel,
    names: Remembered,
}

impl Journey for PathsDef {
    type Answer = PathsAnswer;

    async fn ask(&self, session: &Session, around: &Around) -> Result<PathsAnswer, AnalyticsError> {
        let source = Source::new(&self.rows, around)?;
        let codes = Arc::new(Codes::sorted(session, &source, &self.name, NAMES_MAX).await?);
        let settings = self.settings(&codes)?;
        let begin = || Ok(Part { kernel: PathKernel::new(&settings)?, names: Remembered::default() });
        let for_push = Arc::clone(&codes);
        let push = move |part: &mut Part, batch: &RecordBatch| {
            let names = part.names.codes(&for_push, named(batch, "name_value")?)?;
            Ok(part.kernel.push(rows(batch)?, &names)?)
        };
        let mut whole = PathKernel::new(&settings)?;
        for part in parts::read(session, &self.sql(around)?, around.threads, begin, push).await? {
            whole.merge(part.kernel)?;
        }
        Ok(PathsAnswer { found: whole.finish()?, codes })
    }

    fn check(&self, around: &Around) -> Result<(), AnalyticsError> {
        // Whether the anchor ever happened, rows tell.
        let anchors = Codes::default();
        self.after.iter().chain(&self.before).for_each(|name| {
            anchors.code(name);
        });
        PathKernel::new(&self.settings(&anchors)?)?;
        self.sql(around).map(drop)
    }

    fn sql(&self, around: &Around) -> Result<String, AnalyticsError> {
        Ok(Source::new(&self.rows, around)?.runs(&[("name_value", text(&self.name))]))
    }
}

impl PathsDef {
    fn settings(&self, codes: &Codes) -> Result<PathSettings, AnalyticsError> {
        let (anchor, direction) = match (&self.after, &self.before) {
            (Some(_), Some(_)) => return Err(setting("paths", "give `after` or `before`, not both")),
            (_, Some(before)) => (Some(before), Direction::Before),
            (after, None) => (after.as_ref(), Direction::After),
        };
        let code = |name: &String| {
            let never = || setting("paths", format!("`{name}` is no value of `{}` in these rows", self.name));
            codes.known(name).ok_or_else(never)
        };
        Ok(PathSettings {
            anchor: anchor.map(code).transpose()?,
            direction,
            occurrence: if self.last { Occurrence::Last } else { Occurrence::First },
            depth: self.depth,
            breadth: self.breadth,
            gap: within::micros(&self.gap)?,
            whole: true,
        })
    }
}

impl PathsAnswer {
    /// The event of a code; `None` for the gathered rest.
    #[must_use]
    pub fn name(&self, code: u32) -> Option<String> {
        if code == OTHER { None } else { self.codes.name(code) }
    }
}
