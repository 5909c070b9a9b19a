//! What texts are about: `[texts]` and `kind = "text"`.

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// Which texts, and what is known of some of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextsDef {
    /// A query that gives `id`, `customer_id`, `ts` and `text`, and `label` where somebody has said what a text is about (nothing where nobody has): what has
    /// one is learnt from and tested on, and everything is scored.
    #[serde(default)]
    pub sql: Option<Spanned<String>>,
    /// A CSV file from the bank directory with texts and their labels: then it is learnt from and tested on, and the query's labels are not.
    #[serde(default)]
    pub file: Option<Spanned<String>>,
    /// The file's column with texts; `text` when absent.
    #[serde(default)]
    pub text: Option<String>,
    /// The file's column with labels; `label` when absent.
    #[serde(default)]
    pub label: Option<String>,
}

/// A file of texts with labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledFile {
    /// From the bank directory.
    pub path: String,
    /// Its column with texts.
    pub text: String,
    /// Its column with labels.
    pub label: String,
}

impl TextsDef {
    pub(super) fn labelled(&self) -> Option<LabelledFile> {
        let named = |of: &Option<String>, usual: &str| of.clone().unwrap_or_else(|| usual.to_owned());
        let file = self.file.as_ref()?;
        Some(LabelledFile {
            path: file.get_ref().clone(),
            text: named(&self.text, "text"),
            label: named(&self.label, "label"),
        })
    }
}

/// What texts are mostly written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextLanguage {
    /// Chinese, alone or mixed with English.
    #[default]
    Chinese,
    /// English and other languages with spaces.
    English,
}

/// What verdicts should be good at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextAim {
    /// Few wrong verdicts.
    #[default]
    Accuracy,
    /// Good F1 in every class, however rare it is.
    MacroF1,
}

/// A sentence encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncoderName {
    /// all-MiniLM-L6-v2: English.
    Minilm,
    /// The Universal Sentence Encoder v3: 16 languages, with Chinese.
    Universal,
}

impl EncoderName {
    /// As it is written, and its folder is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minilm => "minilm",
            Self::Universal => "universal",
        }
    }
}

/// How labels of texts are learnt: words, characters and linear machines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextDef {
    /// What texts are mostly written in.
    pub language: TextLanguage,
    /// What verdicts should be good at.
    pub aim: TextAim,
    /// Sentence encoders that say what a text means beside its words, whose weights somebody brought; none when absent.
    pub meaning: Vec<EncoderName>,
    /// How much the meaning weighs beside words; 2 when absent, and 4 is better with few labels.
    pub meaning_weight: Option<f64>,
    /// The bank's own words: names of products, cards and campaigns, which are never cut apart.
    pub words: Vec<String>,
    /// Of everything that is drawn.
    pub seed: u64,
}
