//! Versions of models, and what was done with each.
//!
//! A version is known by its content and never overwritten; its state changes by acts, each with who and why. Which act may follow
//! which is for the caller to judge: it hands in the revisions it read, and where somebody acted meanwhile nothing is written.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, Tx, values},
};

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelState {
    /// Trained, and no guard holds it back; waits for somebody else's approval.
    Candidate,
    /// Somebody else agreed to it.
    Approved,
    /// The one whose scores are used.
    Champion,
    /// Approved, and watched beside the champion.
    Challenger,
    /// Was in use, and is not any more.
    Retired,
    /// A guard, or a person, holds it back.
    Refused,
}

impl ModelState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Candidate, Self::Approved, Self::Champion, Self::Challenger, Self::Retired, Self::Refused];

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Approved => "approved",
            Self::Champion => "champion",
            Self::Challenger => "challenger",
            Self::Retired => "retired",
            Self::Refused => "refused",
        }
    }
}

/// A version to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewModel {
    /// Of which model.
    pub name: String,
    /// A hash (hex) of what it is.
    pub content: String,
    /// A hash (hex) of its bytes.
    pub bytes: String,
    /// Where it stands.
    pub state: ModelState,
    /// What it was learnt from and how good it is, as JSON.
    pub made: String,
    /// When.
    pub trained_at: EventTime,
    /// By whom.
    pub trained_by: String,
}

/// A version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// Of which model.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// A hash (hex) of what it is.
    pub content: String,
    /// A hash (hex) of its bytes.
    pub bytes: String,
    /// Where it stands.
    pub state: ModelState,
    /// What it was learnt from and how good it is, as JSON.
    pub made: String,
    /// When it was trained.
    pub trained_at: EventTime,
    /// By whom.
    pub trained_by: String,
    /// How often its state changed.
    pub revision: i64,
}

/// Something that was done with a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelAct {
    /// When.
    pub at: EventTime,
    /// By whom.
    pub by: String,
    /// What: `trained`, `waived`, `approved` ….
    pub act: String,
    /// What it is about, a guard for example.
    pub subject: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// An act on one version, to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelMove {
    /// Of which model.
    pub name: String,
    /// Which version.
    pub version: u32,
    /// The revision that the caller read.
    pub read: i64,
    /// Where it then stands.
    pub to: ModelState,
    /// What is done.
    pub act: ModelAct,
}

impl Store {
    /// Registers a version under the next number of its model. What has the same content is there already: it is given back, with `false`,
    /// and nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody registered one at the same time; else those of the database.
    pub async fn register_model(&self, new: &NewModel) -> Result<(ModelVersion, bool)> {
        let mut tx = self.write().await?;
        let known = "select name, version, content, bytes, state, made, trained_at, trained_by, revision
                     from model_version where name = $1 and content = $2";
        if let Some(known) = tx.first(known, values![&new.name, &new.content], version).await? {
            return Ok((known, false));
        }
        let next = "select coalesce(max(version), 0) + 1 from model_version where name = $1";
        let number = tx.count(next, values![&new.name]).await?;
        let sql =
            "insert into model_version (name, version, content, bytes, state, made, trained_at, trained_by, revision)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, 1)";
        let NewModel { name, content, bytes, state, made, trained_at, trained_by } = new;
        let row = values![name, number, content, bytes, state.name(), made, *trained_at, trained_by];
        tx.execute(sql, row).await?;
        let act = ModelAct {
            at: *trained_at,
            by: trained_by.clone(),
            act: "trained".to_owned(),
            subject: None,
            reason: None,
        };
        add_act(&mut tx, name, number, &act).await?;
        tx.commit().await.map_err(|error| error.clash(|| overtaken(name)))?;
        let version = u32::try_from(number).map_err(|_| StoreError::Corrupt("a version is out of range".to_owned()))?;
        let new = new.clone();
        let registered = ModelVersion {
            name: new.name,
            version,
            content: new.content,
            bytes: new.bytes,
            state: new.state,
            made: new.made,
            trained_at: new.trained_at,
            trained_by: new.trained_by,
            revision: 1,
        };
        Ok((registered, true))
    }

    /// Versions of one model, or of all: by name, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn model_versions(&self, name: Option<&str>) -> Result<Vec<ModelVersion>> {
        let sql = "select name, version, content, bytes, state, made, trained_at, trained_by, revision
                   from model_version where ($1 is null or name = $1) order by name, version desc";
        self.read().await?.all(sql, values![name.map(str::to_owned)], version).await
    }

    /// What was done with a version, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn model_acts(&self, name: &str, number: u32) -> Result<Vec<ModelAct>> {
        let sql =
            "select at, by_user, act, subject, reason from model_act where name = $1 and version = $2 order by number";
        self.read().await?.all(sql, values![name, number], act).await
    }

    /// Does these acts, all or none, in this order.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a version is not at the revision that was read, or a model would have two champions; else those of the
    /// database.
    pub async fn move_models(&self, moves: &[ModelMove]) -> Result<()> {
        let mut tx = self.write().await?;
        for one in moves {
            let sql = "update model_version set state = $4, revision = revision + 1
                       where name = $1 and version = $2 and revision = $3";
            let values = values![&one.name, one.version, one.read, one.to.name()];
            let moved = tx.execute(sql, values).await.map_err(|error| error.clash(|| overtaken(&one.name)))?;
            if moved != 1 {
                return Err(StoreError::Conflict(overtaken(&one.name)));
            }
            add_act(&mut tx, &one.name, i64::from(one.version), &one.act).await?;
        }
        tx.commit().await
    }
}

async fn add_act(tx: &mut Tx, name: &str, version: i64, act: &ModelAct) -> Result<()> {
    let next = "select coalesce(max(number), 0) + 1 from model_act where name = $1 and version = $2";
    let number = tx.count(next, values![name, version]).await?;
    let sql = "insert into model_act (name, version, number, at, by_user, act, subject, reason)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let ModelAct { at, by, act, subject, reason } = act;
    let row = values![name, version, number, *at, by, act, subject.clone(), reason.clone()];
    tx.execute(sql, row).await.map_err(|error| error.clash(|| overtaken(name)))?;
    Ok(())
}

fn overtaken(name: &str) -> String {
    format!("model `{name}` was changed at the same time")
}

fn version(row: &Row) -> Result<ModelVersion> {
    let word: String = row.get(4)?;
    let state = ModelState::ALL.into_iter().find(|state| state.name() == word);
    Ok(ModelVersion {
        name: row.get(0)?,
        version: row.number(1)?,
        content: row.get(2)?,
        bytes: row.get(3)?,
        state: state.ok_or_else(|| StoreError::Corrupt("a model is in a state that is none".to_owned()))?,
        made: row.get(5)?,
        trained_at: row.time(6)?,
        trained_by: row.get(7)?,
        revision: row.get(8)?,
    })
}

fn act(row: &Row) -> Result<ModelAct> {
    Ok(ModelAct { at: row.time(0)?, by: row.get(1)?, act: row.get(2)?, subject: row.get(3)?, reason: row.get(4)? })
}
