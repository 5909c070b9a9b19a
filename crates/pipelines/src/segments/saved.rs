//! The customers behind a number of a journey, saved as a segment.
//!
//! They are those that the number counts in the session that asked: for its purpose, under its consent, as of its time. The
//! segment is for that purpose alone, and remembers the journey and the number. It does not change; consent and erasure apply to it
//! as to any other.

use std::collections::BTreeMap;

use florin_analytics::Journey;
use florin_domain::DataClass;
use florin_features::{definition::Meaning, segments::history::History};
use florin_governance::audit::{Entry, EventKind};
use florin_store::Membership;
use roaring::RoaringBitmap;
use serde_json::Value;

use super::content::{Content, Saved, Versions};
use crate::{FlowError, ask::Asking};

/// A number whose customers are saved.
#[derive(Debug, Clone)]
pub struct Number {
    /// `funnel`, `retention` …
    pub kind: &'static str,
    /// The journey, as a definition.
    pub journey: Value,
    /// Which of its numbers.
    pub cell: Value,
    /// The question that its rows came from.
    pub sql: String,
    /// Those it counts.
    pub customers: RoaringBitmap,
}

impl Asking<'_> {
    /// The customers behind a number of a journey that was asked in this session.
    ///
    /// # Errors
    /// When the journey contradicts itself.
    pub fn number<J: Journey + serde::Serialize>(
        &self,
        kind: &'static str,
        journey: &J,
        cell: Value,
        customers: RoaringBitmap,
    ) -> Result<Number, FlowError> {
        let sql = journey.sql(&self.around())?;
        let journey = serde_json::to_value(journey).map_err(|e| FlowError::Internal(e.to_string()))?;
        Ok(Number { kind, journey, cell, sql, customers })
    }

    /// Saves the customers behind a number as the segment `name`, for the purpose of the session. The same name again takes the
    /// place of what it was, and who entered and left is kept.
    ///
    /// # Errors
    /// When the name cannot be, is taken, or the store fails.
    pub async fn save_segment(&self, name: &str, number: &Number) -> Result<(), FlowError> {
        let house = self.house();
        check_name(name)?;
        if let Some(segment) = house.bank.segments.get(name) {
            let taken =
                format!("segment `{name}` is defined in {}; save the customers under another name", segment.file);
            return Err(FlowError::Segment(taken));
        }
        let purpose = self.grant().purpose();
        let erasures = self.segments().erasures;
        let before = house.store.membership(name).await?;
        let earlier = before.as_ref().map(|kept| Saved::of(&kept.membership)).transpose()?.flatten();
        if let Some(other) = earlier.filter(|saved| saved.purpose != purpose) {
            let taken =
                format!("segment `{name}` was saved for {}; save the customers under another name", other.purpose);
            return Err(FlowError::Segment(taken));
        }
        let as_of = self.grant().as_of().unwrap_or_else(|| self.grant().granted_at());
        let mut history = match &before {
            Some(kept) => History::from_bytes(&kept.membership.history)?,
            None => History::new(),
        };
        let at = history.last().map_or(as_of, |last| as_of.max(florin_domain::EventTime(last.0 + 1)));
        history.record(at, &number.customers)?;
        let (content, saved) = self.content(name, number)?;
        let membership = Membership {
            content: content.text()?,
            saved: Some(saved.text()?),
            members: number.customers.clone(),
            unknown: RoaringBitmap::new(),
            clusters: None,
            history: history.to_bytes()?,
        };
        let entry = Entry::new(house.now(), house.who(), Some(purpose), EventKind::Definition)
            .with("segment", name)
            .with("saved", number.kind)
            .with("members", number.customers.len());
        house.record(&entry).await?;
        house.store.keep_membership(name, before.map(|kept| kept.revision), erasures, &membership).await?;
        Ok(())
    }

    fn content(&self, name: &str, number: &Number) -> Result<(Content, Saved), FlowError> {
        let (kind, cell) = (number.kind, &number.cell);
        let as_of = self.grant().as_of().unwrap_or_else(|| self.grant().granted_at());
        let meaning = Meaning {
            zh: format!("{kind} 中某一数字背后的客户"),
            en: format!("the customers behind a number of a {kind}"),
        };
        let text =
            serde_json::to_string(&(kind, &number.journey, cell)).map_err(|e| FlowError::Internal(e.to_string()))?;
        let saved = Saved {
            meaning,
            kind: kind.to_owned(),
            journey: number.journey.clone(),
            cell: cell.clone(),
            as_of,
            purpose: self.grant().purpose(),
            by: self.house().who().user.clone(),
            needs: self.told_from(name, &number.sql),
        };
        let content = Content {
            definition: blake3::hash(text.as_bytes()).to_hex().to_string(),
            as_of,
            followed: None,
            customers: 0,
            from: Versions::default(),
            clusters: None,
            traits: BTreeMap::new(),
        };
        Ok((content, saved))
    }

    /// The tables that a question may have read, and what was seen of them: what it tells of its customers.
    fn told_from(&self, name: &str, sql: &str) -> BTreeMap<String, DataClass> {
        let tables = self.grant().tables().iter().filter(|(table, _)| sql.contains(table.as_str()));
        let mut needs: BTreeMap<String, DataClass> =
            tables.map(|(table, granted)| (table.clone(), granted.class_max())).collect();
        for (table, class) in self.segments().needs_of_all_in(sql, name) {
            let needed = needs.entry(table).or_insert(class);
            *needed = class.max(*needed);
        }
        needs
    }
}

fn check_name(name: &str) -> Result<(), FlowError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if starts && name.chars().all(plain) {
        return Ok(());
    }
    Err(FlowError::Segment(format!("`{name}` is no name of a segment; use a-z, 0-9 and _, as in `drop_outs`")))
}
