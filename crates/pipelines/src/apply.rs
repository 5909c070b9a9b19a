//! `florin apply`: checks the definitions, shows what changes, records versions.

use std::sync::Arc;

use arrow::array::Int64Array;
use florin_domain::{KeyHasher, Purpose, ids::DomainHasher};
use florin_governance::{
    Action, Resource,
    audit::{Entry, EventKind},
};
use florin_ingest::sources::{header, list_files};
use florin_lake::mapping::KeySource;
use florin_store::{Change, ChangeKind, Definition};

use crate::{
    FlowError, House,
    bank::{Bank, Problem, Problems, compile_sources},
};

/// What applying did, or would do.
#[derive(Debug, serde::Serialize)]
pub struct Applied {
    /// Definitions that are new, changed or gone.
    pub changes: Vec<Change>,
    /// How many are as they were.
    pub unchanged: usize,
    /// What is not wrong, but may surprise: a source whose files are not there yet.
    pub notes: Vec<String>,
}

/// Checks a bank directory without opening anything of it.
///
/// # Errors
/// Everything that is wrong, with file, line and advice.
pub fn check(bank: &Bank) -> Result<Vec<String>, Problems> {
    let keys: Arc<dyn KeySource> = Arc::new(NoKeys);
    let sources = compile_sources(bank, &keys)?;
    let (mut notes, mut problems) = (Vec::new(), Vec::new());
    for source in sources {
        match list_files(&source.def.input, &bank.dir) {
            Ok(files) => problems.extend(files.iter().filter_map(|file| {
                let file = header(&source.def.input, file).err()?;
                let place = std::path::PathBuf::from(format!("sources/{}.toml", source.name));
                Some(Problem::of_file(&place, file.to_string(), "mend the columns of the definition, or the file"))
            })),
            Err(missing) => notes.push(format!("source `{}`: {missing}", source.name)),
        }
    }
    if problems.is_empty() { Ok(notes) } else { Err(Problems::new(problems)) }
}

/// Checks the definitions and records a version of each that changed. With `plan`, only says what would change.
///
/// # Errors
/// Everything that is wrong with the definitions; a refusal; or the store's.
pub async fn apply(house: &House, plan: bool) -> Result<Applied, FlowError> {
    let mut notes = check(&house.bank)?;
    notes.extend(crate::offers::checked(house).await?);
    let definitions = definitions(&house.bank);
    let changes = if plan {
        house.store.plan_definitions(&definitions).await?
    } else {
        house.permit(Purpose::Service, Action::Define, Resource::Bank).await?;
        let changes = house.store.record_definitions(&definitions, house.now(), &house.who.user).await?;
        for change in changes.iter().filter(|c| c.what != ChangeKind::Same) {
            let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Definition)
                .with("definition", format!("{} {}", change.kind, change.name))
                .with("version", change.version);
            house.record(&entry).await?;
        }
        changes
    };
    let (same, changes): (Vec<_>, Vec<_>) = changes.into_iter().partition(|c| c.what == ChangeKind::Same);
    Ok(Applied { changes, unchanged: same.len(), notes })
}

fn definitions(bank: &Bank) -> Vec<Definition> {
    let definition = |t: &crate::bank::DefinitionText| Definition {
        kind: t.kind.to_owned(),
        name: t.name.clone(),
        content: *blake3::hash(t.text.as_bytes()).as_bytes(),
        text: t.text.clone(),
    };
    bank.texts.iter().map(definition).collect()
}

/// Checking needs functions to be there, not to know anything.
struct NoKeys;

impl KeySource for NoKeys {
    fn domain(&self, name: &str) -> DomainHasher {
        KeyHasher::new([0; 32]).domain(name)
    }

    fn customers(&self, _: &str, keys: &Int64Array) -> Int64Array {
        Int64Array::new_null(keys.len())
    }
}
