//! A lake: where it is, and the tables it may have.

use std::{collections::BTreeMap, sync::Arc};

use florin_domain::Catalogue;

use crate::{
    Commit, LakeError, LakeTable, Location,
    latest::Latest,
    narrow::Manifests,
    read::{Footers, Visitors},
};

/// All tables of a bank.
#[derive(Clone)]
pub struct Lake {
    location: Location,
    catalogue: Arc<Catalogue>,
    buckets: usize,
    time_zone: Arc<str>,
    manifests: Manifests,
    tables: Latest<LakeTable>,
    commits: Latest<Commit>,
    footers: Footers,
    visitors: Latest<Arc<Visitors>>,
    /// Tables as they were at one moment; `None` where a table was not there.
    held: Option<Arc<BTreeMap<String, Option<LakeTable>>>>,
}

impl Lake {
    /// A lake. New tables about customers get `buckets` hash buckets; a table keeps the number it was made with.
    #[must_use]
    pub fn new(location: Location, catalogue: Arc<Catalogue>, buckets: usize) -> Self {
        Self {
            location,
            catalogue,
            buckets,
            time_zone: "UTC".into(),
            manifests: Manifests::default(),
            tables: Latest::default(),
            commits: Latest::default(),
            footers: Footers::default(),
            visitors: Latest::default(),
            held: None,
        }
    }

    /// The same lake, whose times sessions show in a time zone (an IANA name): a day is then a day there.
    #[must_use]
    pub fn with_time_zone(self, time_zone: &str) -> Self {
        Self { time_zone: time_zone.into(), ..self }
    }

    /// The same lake, with these tables as they are now, whatever is committed to them later.
    ///
    /// # Errors
    /// When the catalogue lacks one, or the storage fails.
    pub async fn holding(&self, names: impl Iterator<Item = &str>) -> Result<Self, LakeError> {
        let mut held = BTreeMap::new();
        for name in names {
            held.insert(name.to_owned(), self.table(name).await?);
        }
        Ok(Self { held: Some(Arc::new(held)), ..self.clone() })
    }

    pub(crate) fn time_zone(&self) -> &Arc<str> {
        &self.time_zone
    }

    /// What was read of its newest commits.
    pub(crate) fn commits(&self) -> &Latest<Commit> {
        &self.commits
    }

    /// What is known of visitors by now.
    pub(crate) fn visitors(&self) -> &Latest<Arc<Visitors>> {
        &self.visitors
    }

    /// What was read of how its files lie.
    pub(crate) fn footers(&self) -> &Footers {
        &self.footers
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// What tables it may have.
    #[must_use]
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The latest snapshot of a table, or the one [held](Self::holding); `None` when nothing was ever loaded into it.
    ///
    /// # Errors
    /// When the catalogue has no such table, or the storage fails.
    pub async fn table(&self, name: &str) -> Result<Option<LakeTable>, LakeError> {
        if let Some(held) = self.held.as_ref().and_then(|held| held.get(name)) {
            return Ok(held.clone());
        }
        let def = self.definition(name)?;
        if let Some(table) = self.tables.of(&self.location, name).await {
            return Ok(Some(table));
        }
        let Some(table) = LakeTable::open(&self.location, def).await? else { return Ok(None) };
        let table = table.with_manifests(&self.manifests);
        self.tables.keep(&self.location, name, table.version(), table.clone()).await?;
        Ok(Some(table))
    }

    /// The latest snapshot of a table, which is made when it is not there.
    ///
    /// # Errors
    /// When the catalogue has no such table, or the storage fails.
    pub async fn table_for_writing(&self, name: &str) -> Result<LakeTable, LakeError> {
        LakeTable::open_or_create(&self.location, self.definition(name)?, self.buckets).await
    }

    fn definition(&self, name: &str) -> Result<Arc<florin_domain::TableDef>, LakeError> {
        let found = self.catalogue.table(name).cloned();
        found.ok_or_else(|| {
            let known: Vec<&str> = self.catalogue.tables().map(|t| t.name.as_str()).collect();
            LakeError::Setting(format!("there is no table `{name}`; there are: {}", known.join(", ")))
        })
    }
}
