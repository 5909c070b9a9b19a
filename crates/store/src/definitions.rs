//! Definitions with versions: what the bank directory said, and since when.
//!
//! Each (kind, name) has versions 1, 2, 3 …; a definition that went away gets a version that says so. Nothing is ever
//! overwritten, so whatever used version 3 can show what version 3 was.

use std::collections::BTreeMap;

use florin_domain::EventTime;
use serde::Serialize;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, Tx, values},
};

/// A definition as the bank directory has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What it defines: `source`, `table`, `policy` …
    pub kind: String,
    /// Its name, unique in its kind.
    pub name: String,
    /// A hash of what it means; a definition whose hash is the same has not changed.
    pub content: [u8; 32],
    /// The text as written.
    pub text: String,
}

/// A definition as it was in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDefinition {
    /// What it defines.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// Hash and text; none in a version that says it was removed.
    pub content: Option<([u8; 32], String)>,
    /// When the version was recorded.
    pub recorded_at: EventTime,
    /// By whom.
    pub recorded_by: String,
}

/// What recording the definitions does, or would do, to one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it defines.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version after the change.
    pub version: u32,
    /// What happened to it.
    pub what: ChangeKind,
}

/// What happened to a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It was not there.
    New,
    /// It says something else now.
    Changed,
    /// It says the same; no version is added.
    Same,
    /// It is not there any more.
    Removed,
}

impl Store {
    /// Records all definitions of the bank directory. What the store has and `definitions` has not is removed.
    /// Changes are sorted by kind and name.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when two have the same kind and name; [`StoreError::Conflict`] when somebody else
    /// recorded definitions at the same time.
    pub async fn record_definitions(&self, definitions: &[Definition], at: EventTime, by: &str) -> Result<Vec<Change>> {
        let mut tx = self.write().await?;
        let changes = changes(&mut tx, definitions).await?;
        for (change, definition) in &changes {
            if change.what != ChangeKind::Same {
                insert(&mut tx, change, *definition, at, by).await?;
            }
        }
        tx.commit().await.map_err(|error| error.clash(|| "definitions were recorded at the same time".to_owned()))?;
        Ok(changes.into_iter().map(|(change, _)| change).collect())
    }

    /// What [`Store::record_definitions`] would do. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when two definitions have the same kind and name.
    pub async fn plan_definitions(&self, definitions: &[Definition]) -> Result<Vec<Change>> {
        let changes = changes(&mut self.read().await?, definitions).await?;
        Ok(changes.into_iter().map(|(change, _)| change).collect())
    }

    /// One version of a definition, or its latest. None when there is no such version.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn definition(&self, kind: &str, name: &str, version: Option<u32>) -> Result<Option<RecordedDefinition>> {
        let sql = "select kind, name, version, content, text, recorded_at, recorded_by from definition
                   where kind = $1 and name = $2 and ($3 is null or version = $3) order by version desc limit 1";
        self.read().await?.first(sql, values![kind, name, version.map(i64::from)], recorded).await
    }
}

type Planned<'a> = Vec<(Change, Option<&'a Definition>)>;

async fn changes<'a>(tx: &mut Tx, definitions: &'a [Definition]) -> Result<Planned<'a>> {
    let mut latest = latest(tx).await?;
    let mut changes = BTreeMap::new();
    for definition in definitions {
        let key = (definition.kind.clone(), definition.name.clone());
        let change = change(definition, latest.remove(&key));
        if changes.insert(key, (change, Some(definition))).is_some() {
            let Definition { kind, name, .. } = definition;
            return Err(StoreError::Invalid(format!("{kind} `{name}` is defined twice")));
        }
    }
    for ((kind, name), (version, content)) in latest {
        if content.is_some() {
            let change =
                Change { kind: kind.clone(), name: name.clone(), version: version + 1, what: ChangeKind::Removed };
            changes.insert((kind, name), (change, None));
        }
    }
    Ok(changes.into_values().collect())
}

fn change(definition: &Definition, latest: Option<(u32, Option<[u8; 32]>)>) -> Change {
    let (version, what) = match latest {
        None => (1, ChangeKind::New),
        Some((version, None)) => (version + 1, ChangeKind::New),
        Some((version, Some(content))) if content == definition.content => (version, ChangeKind::Same),
        Some((version, Some(_))) => (version + 1, ChangeKind::Changed),
    };
    Change { kind: definition.kind.clone(), name: definition.name.clone(), version, what }
}

type Latest = BTreeMap<(String, String), (u32, Option<[u8; 32]>)>;

async fn latest(tx: &mut Tx) -> Result<Latest> {
    let sql = "select kind, name, version, content from definition d
               where version = (select max(version) from definition l where l.kind = d.kind and l.name = d.name)";
    let rows = tx.all(sql, vec![], |row| Ok(((row.get(0)?, row.get(1)?), (row.number(2)?, hash(row, 3)?)))).await?;
    Ok(rows.into_iter().collect())
}

async fn insert(tx: &mut Tx, change: &Change, definition: Option<&Definition>, at: EventTime, by: &str) -> Result<()> {
    let sql = "insert into definition (kind, name, version, content, text, recorded_at, recorded_by)
               values ($1, $2, $3, $4, $5, $6, $7)";
    let content = definition.map(|definition| definition.content);
    let text = definition.map(|definition| definition.text.clone());
    tx.execute(sql, values![&change.kind, &change.name, change.version, content, text, at, by])
        .await
        .map_err(|error| error.clash(|| format!("{} `{}` has a newer version", change.kind, change.name)))?;
    Ok(())
}

fn recorded(row: &Row) -> Result<RecordedDefinition> {
    let text: Option<String> = row.get(4)?;
    Ok(RecordedDefinition {
        kind: row.get(0)?,
        name: row.get(1)?,
        version: row.number(2)?,
        content: hash(row, 3)?.zip(text),
        recorded_at: row.time(5)?,
        recorded_by: row.get(6)?,
    })
}

fn hash(row: &Row, index: usize) -> Result<Option<[u8; 32]>> {
    let bytes: Option<Vec<u8>> = row.get(index)?;
    bytes.map(|_| row.hash(index)).transpose()
}
