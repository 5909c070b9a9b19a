//! A journey or a segment, written into the bank directory and put in force.
//!
//! The whole directory is read with the new text in its place before anything is written, so that a definition which does not hold up
//! changes nothing; the file is written beside and renamed.

use std::path::{Path, PathBuf};

use florin_domain::Purpose;
use florin_governance::{Action, Resource};

use crate::{
    FlowError, House,
    apply::{Applied, apply},
    bank::{Bank, Problem, Problems},
};

/// The longest name of a file.
const NAME_CHARS_MAX: usize = 60;
/// The longest text.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Folders into which definitions are written from outside: what they say only asks questions.
const FOLDERS: [(&str, &str); 2] = [("journey", "journeys"), ("segment", "segments")];

/// A file of the bank directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFile {
    /// `journey`, `segment` …
    pub kind: String,
    /// Its name, without the ending.
    pub name: String,
    /// As it is written.
    pub text: String,
    /// Its version, once it was recorded.
    pub version: Option<u32>,
}

/// The definitions of a kind, by name, as they are on disk. They say what is asked and nothing of customers, so they are everybody's.
///
/// # Errors
/// When the store fails.
pub async fn definitions(house: &House, kind: &str) -> Result<Vec<DefinitionFile>, FlowError> {
    let mut files = Vec::new();
    for text in house.bank.texts.iter().filter(|text| text.kind == kind) {
        let recorded = house.store.definition(kind, &text.name, None).await?;
        let (name, version) = (text.name.clone(), recorded.map(|recorded| recorded.version));
        files.push(DefinitionFile { kind: kind.to_owned(), name, text: text.text.clone(), version });
    }
    Ok(files)
}

/// Writes a definition and applies it. With `plan`, only says what would change. The house must be [read again](House::read_again) after it.
///
/// # Errors
/// Everything that is wrong with it; a refusal; when the file cannot be written.
pub async fn define(house: &House, kind: &str, name: &str, text: &str, plan: bool) -> Result<Applied, FlowError> {
    let path = path_of(kind, name)?;
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("a text of {} bytes", text.len());
        return Err(wrong(&path, message, &format!("a definition has at most {TEXT_BYTES_MAX}")).into());
    }
    let drafted = Bank::read_with(&house.bank.dir, Some((&path, text)))?;
    let drafted = House { bank: std::sync::Arc::new(drafted), ..house.clone() };
    if plan {
        return apply(&drafted, true).await;
    }
    house.permit(Purpose::Service, Action::Define, Resource::Bank).await?;
    write(&house.bank.path(""), &path, text, &house.fresh_name())?;
    apply(&drafted, false).await
}

fn path_of(kind: &str, name: &str) -> Result<PathBuf, FlowError> {
    let folder = FOLDERS.iter().find(|(known, _)| *known == kind).map(|(_, folder)| *folder);
    let Some(folder) = folder else {
        let known = FOLDERS.map(|(known, _)| known).join(", ");
        return Err(FlowError::Unknown { what: "kind of definition to write", name: kind.to_owned(), known });
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let path = PathBuf::from(folder).join(format!("{name}.toml"));
    match !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.chars().all(plain) {
        true => Ok(path),
        false => {
            let message = format!("`{name}` is no name of a definition");
            let help = format!("use lower-case letters, digits and `_`, at most {NAME_CHARS_MAX}");
            Err(wrong(Path::new(folder), message, &help).into())
        }
    }
}

fn wrong(path: &Path, message: String, help: &str) -> Problems {
    Problems::new(vec![Problem::of_file(path, message, help)])
}

fn write(dir: &Path, path: &Path, text: &str, fresh: &str) -> Result<(), FlowError> {
    let whole = dir.join(path);
    let beside = whole.with_extension(format!("{fresh}.tmp"));
    if let Some(folder) = whole.parent() {
        std::fs::create_dir_all(folder).map_err(|e| FlowError::file(folder, e))?;
    }
    std::fs::write(&beside, text).map_err(|e| FlowError::file(&beside, e))?;
    std::fs::rename(&beside, &whole).map_err(|e| FlowError::file(&whole, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_their_folder() {
        for (kind, name, sound) in [
            ("journey", "apply_2", true),
            ("segment", "a", true),
            ("journey", "../florin", false),
            ("journey", "", false),
            ("journey", "A", false),
            ("policy", "analyst", false),
        ] {
            assert_eq!(path_of(kind, name).is_ok(), sound, "{kind} {name}");
        }
    }
}
