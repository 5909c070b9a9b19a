//! Dashboards: what a console keeps of charts that belong together. What is in them is the console's.

use florin_domain::EventTime;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, values},
};

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDashboard {
    /// Unique.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What is in it, as JSON.
    pub body: String,
    /// By whom it was last changed.
    pub changed_by: String,
    /// When.
    pub changed_at: EventTime,
    /// How often it was changed, from 1.
    pub version: u32,
}

impl Store {
    /// All dashboards, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dashboards(&self) -> Result<Vec<KeptDashboard>> {
        let sql = "select name, title, body, changed_by, changed_at, version from dashboard order by name";
        self.read().await?.all(sql, values![], kept).await
    }

    /// One dashboard.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dashboard(&self, name: &str) -> Result<Option<KeptDashboard>> {
        let sql = "select name, title, body, changed_by, changed_at, version from dashboard where name = $1";
        self.read().await?.first(sql, values![name], kept).await
    }

    /// Writes a dashboard whose `version` is the one that was changed, 0 for a new one; says the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is a newer one; else those of the database.
    pub async fn write_dashboard(&self, dashboard: &KeptDashboard) -> Result<u32> {
        let KeptDashboard { name, title, body, changed_by, changed_at, version } = dashboard;
        let overtaken = || StoreError::Conflict(format!("dashboard `{name}` was changed at the same time"));
        let mut tx = self.write().await?;
        let written = if *version == 0 {
            let sql = "insert into dashboard (name, title, body, changed_by, changed_at, version)
                       values ($1, $2, $3, $4, $5, 1) on conflict do nothing";
            tx.execute(sql, values![name, title, body, changed_by, *changed_at]).await?
        } else {
            let sql =
                "update dashboard set title = $2, body = $3, changed_by = $4, changed_at = $5, version = version + 1
                       where name = $1 and version = $6";
            tx.execute(sql, values![name, title, body, changed_by, *changed_at, *version]).await?
        };
        if written != 1 {
            return Err(overtaken());
        }
        tx.commit().await?;
        Ok(version + 1)
    }

    /// Removes a dashboard; `false` when there was none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remove_dashboard(&self, name: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let removed = tx.execute("delete from dashboard where name = $1", values![name]).await? == 1;
        tx.commit().await?;
        Ok(removed)
    }
}

fn kept(row: &Row) -> Result<KeptDashboard> {
    Ok(KeptDashboard {
        name: row.get(0)?,
        title: row.get(1)?,
        body: row.get(2)?,
        changed_by: row.get(3)?,
        changed_at: row.time(4)?,
        version: row.number(5)?,
    })
}
