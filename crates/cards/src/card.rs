//! A card, and how it is written.

use std::collections::BTreeMap;

pub use florin_charts::Language;
use florin_domain::Purpose;
use florin_models::evaluation::Assessment;

use crate::{build, html, markdown};

/// The card of one model.
#[derive(Debug, Clone)]
pub struct Card<'a> {
    pub(crate) evaluation: &'a Assessment,
    pub(crate) version: Option<String>,
    pub(crate) trained_at: Option<String>,
    pub(crate) more: Vec<(String, String)>,
}

impl<'a> Card<'a> {
    /// Of an evaluation.
    #[must_use]
    pub fn new(evaluation: &'a Assessment) -> Self {
        Self { evaluation, version: None, trained_at: None, more: Vec::new() }
    }

    /// Of a version that a registry keeps: what it is, what it learnt for and of which versions of tables.
    #[must_use]
    pub fn of_version(
        evaluation: &'a Assessment,
        version: u32,
        content: &str,
        purpose: Purpose,
        tables: &BTreeMap<String, u64>,
    ) -> Self {
        let tables = tables.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ");
        Self::new(evaluation)
            .version(version.to_string())
            .fact("content", content)
            .fact("purpose of training", purpose.name())
            .fact("tables and their versions", tables)
    }

    /// With the version under which the model is kept.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// With when it was trained, as people write it.
    #[must_use]
    pub fn trained_at(mut self, when: impl Into<String>) -> Self {
        self.trained_at = Some(when.into());
        self
    }

    /// With one more fact, such as the versions of tables it learnt from.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// One page in both languages; `first` is the one it opens in.
    #[must_use]
    pub fn html(&self, first: Language) -> String {
        let both = [Language::Chinese, Language::English].map(|language| (language, build::document(self, language)));
        html::page(&both, first)
    }

    /// The same without pictures, in one language.
    #[must_use]
    pub fn markdown(&self, language: Language) -> String {
        markdown::written(&build::document(self, language))
    }
}
