//! What texts are about: a classifier over texts of the lake, trained on the bank's labels and governed as any model.
//!
//! Texts and labels are asked in a session (`gather`), or labels come in a file; what was learnt is judged and registered (`learn`), released as any version, and
//! then says of each text what it is about, with the words that decided (`said`), by words and where the definition asks for it by what they mean (`reader`); what
//! it said before stays (`known`). Texts are those of the lake: scrubbed when they were loaded.

mod gather;
mod known;
mod learn;
mod reader;
mod said;

pub(super) use learn::{evaluate, learn};
pub(super) use said::{explain, score, word};

use florin_models::definition::{ModelDef, Source};

/// Whether what a model says is kept by `florin run`: a flat table is about rows, and texts without a query are in a file.
pub(crate) fn is_run(def: &ModelDef) -> bool {
    match &def.source {
        Source::Lake { .. } => true,
        Source::Texts { sql, .. } => sql.is_some(),
        Source::Series { .. } => true,
        Source::Table { .. } => false,
    }
}
