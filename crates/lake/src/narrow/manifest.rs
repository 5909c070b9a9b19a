//! What a table's narrow projection was made of: kept beside its files, and in force as long as it is true.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    kinds::KINDS_MAX,
    segment::{Segment, SegmentFile},
};
use crate::{LakeError, LakeTable, durable, read::Whose};

/// The folder in a table's own that holds it. Readers of Delta pass over names with an underscore.
const FOLDER: &str = "_narrow";
/// The file that says which others count.
const MANIFEST: &str = "current.json";
/// Of what is written here.
const FORMAT: u32 = 3;

/// Lists are read where they hold at most one in so many rows.
const LISTS_SHARE: usize = 3;

/// All of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The data files whose rows it has, sorted.
    covers: Vec<String>,
    /// Who was who: see [`crate::read::Whose::fingerprint`].
    pub(super) identity: String,
    /// The latest `known_at` of its rows, microseconds UTC.
    pub(super) known_by: i64,
    /// The columns that a kind is told by.
    pub(super) columns: Vec<String>,
    /// The columns of numbers that segments have.
    pub(super) measures: Vec<String>,
    /// The values of each kind in the columns that it is told by.
    pub(super) kinds: Vec<Vec<Option<String>>>,
    pub(super) parts: Vec<Part>,
    /// Rows of nobody, under the number of none, in no order.
    pub(super) nobodys: Vec<Part>,
    /// Of the text it was read from.
    #[serde(skip)]
    pub(super) digest: Option<blake3::Hash>,
}

/// The customers of one file, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// Its name in the folder.
    pub(super) file: String,
    pub(super) segments: Vec<Segment>,
}

impl Part {
    fn open(&self, folder: &Path) -> Option<SegmentFile> {
        Some(SegmentFile::new(File::open(folder.join(&self.file)).ok()?))
    }
}

impl Manifest {
    pub(super) fn new(
        table: &LakeTable,
        identity: String,
        columns: Vec<String>,
        measures: Vec<String>,
    ) -> Result<Self, LakeError> {
        let covers = covered(table)?;
        let (known_by, kinds, digest) = (i64::MIN, Vec::new(), None);
        let (parts, nobodys) = (Vec::new(), Vec::new());
        Ok(Self { format: FORMAT, covers, identity, known_by, columns, measures, kinds, parts, nobodys, digest })
    }

    /// Whether its rows are those of a snapshot.
    pub(super) fn covers(&self, table: &LakeTable) -> Result<bool, LakeError> {
        Ok(self.covers == covered(table)?)
    }

    /// The files of a snapshot whose rows it does not have; `None` where it has rows that the snapshot does not.
    pub(super) fn lacks(&self, table: &LakeTable) -> Result<Option<BTreeSet<String>>, LakeError> {
        let mut lacking: BTreeSet<String> = covered(table)?.into_iter().collect();
        let all = self.covers.iter().all(|file| lacking.remove(file));
        Ok(all.then_some(lacking))
    }

    /// Whether it says of every customer what a session would see: persons and visitors are those it was made with, and all
    /// it has was known by the session's time.
    pub(crate) fn is_true_for(&self, whose: &Whose, as_of: Option<i64>) -> bool {
        as_of.is_none_or(|as_of| self.known_by <= as_of) && self.identity == whose.fingerprint()
    }

    /// Its files, a part each; `None` when one is not there. Opened before anything is read: a projection that is replaced or
    /// removed meanwhile stays readable.
    pub(super) fn open(&self, table: &LakeTable) -> Option<Vec<SegmentFile>> {
        let folder = folder(table)?;
        self.parts.iter().map(|part| part.open(&folder)).collect()
    }

    /// The same of rows of nobody.
    pub(super) fn open_nobodys(&self, table: &LakeTable) -> Option<Vec<SegmentFile>> {
        let folder = folder(table)?;
        self.nobodys.iter().map(|part| part.open(&folder)).collect()
    }

    /// Whether rows of wanted kinds in a range of times are read from lists: else the history is read from end to end.
    pub(super) fn by_list(&self, kind: impl Fn(u16) -> bool, range: &RangeInclusive<i64>) -> bool {
        let segments = || self.parts.iter().flat_map(|part| &part.segments);
        let all: usize = segments().map(|segment| segment.rows).sum();
        let listed =
            |segment: &Segment| segment.wanted_lists(&kind, range).map(|wanted| wanted.list.rows).sum::<usize>();
        segments().map(listed).sum::<usize>().saturating_mul(LISTS_SHARE) <= all
    }

    fn is_sound(&self) -> bool {
        let segments = || self.parts.iter().chain(&self.nobodys).flat_map(|part| &part.segments);
        let kinds = self.kinds.len();
        self.format == FORMAT
            && kinds <= KINDS_MAX
            && self.kinds.iter().all(|kind| kind.len() == self.columns.len())
            && segments().all(|segment| segment.is_sound(self.measures.len()))
            && segments().flat_map(|segment| &segment.lists).all(|list| usize::from(list.kind) < kinds)
    }

    /// Makes it the one that counts.
    pub(super) fn publish(&self, folder: &Path) -> Result<(), LakeError> {
        let (file, fresh) = (folder.join(MANIFEST), folder.join(format!("{MANIFEST}.new")));
        let text = serde_json::to_vec(self).map_err(|e| LakeError::Setting(e.to_string()))?;
        std::fs::write(&fresh, text).map_err(|e| LakeError::file(&fresh, e))?;
        durable::sync(&fresh)?;
        std::fs::rename(&fresh, &file).map_err(|e| LakeError::file(&file, e))?;
        durable::sync(&file)
    }
}

fn covered(table: &LakeTable) -> Result<Vec<String>, LakeError> {
    let mut files: Vec<String> = table.live_files()?.into_iter().map(|file| file.path).collect();
    files.sort();
    Ok(files)
}

/// Where a table's projection is; `None` where there can be none, since the lake is not on a local disk.
pub(super) fn folder(table: &LakeTable) -> Option<PathBuf> {
    Some(table.location().local_dir()?.join(&table.def().name).join(FOLDER))
}

/// What counts at the moment; `None` when nothing does, or it is damaged or of another version of Florin: the table itself has all
/// that is in it.
pub(super) fn current(table: &LakeTable) -> Option<Arc<Manifest>> {
    let text = std::fs::read(folder(table)?.join(MANIFEST)).ok()?;
    table.manifests().understood(&table.def().name, text)
}

/// What the manifests of a lake's tables said when they were last read. A large table's takes longer to understand than a question
/// to answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifests {
    /// By table: the text, and what it means.
    last: Arc<Mutex<BTreeMap<String, Understood>>>,
}

type Understood = (Vec<u8>, Arc<Manifest>);

impl Manifests {
    /// What a table's manifest means; `None` when it means nothing.
    fn understood(&self, table: &str, text: Vec<u8>) -> Option<Arc<Manifest>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, manifest)) = last.get(table).filter(|(before, _)| *before == text) {
            return Some(Arc::clone(manifest));
        }
        let manifest: Manifest = serde_json::from_slice(&text).ok().filter(Manifest::is_sound)?;
        let manifest = Arc::new(Manifest { digest: Some(blake3::hash(&text)), ..manifest });
        last.insert(table.to_owned(), (text, Arc::clone(&manifest)));
        Some(manifest)
    }
}

/// Removes the files that do not count (all of them without `manifest`), and says which they were, by their names in the table's
/// folder.
pub(super) fn remove_all_but(
    table: &LakeTable,
    manifest: Option<&Manifest>,
    dry_run: bool,
) -> Result<Vec<String>, LakeError> {
    let Some(folder) = folder(table).filter(|folder| folder.is_dir()) else { return Ok(Vec::new()) };
    let is_part = |now: &Manifest, name: &str| now.parts.iter().chain(&now.nobodys).any(|part| part.file == name);
    let counts = |name: &str| manifest.is_some_and(|now| name == MANIFEST || is_part(now, name));
    let mut removed = Vec::new();
    let entries = std::fs::read_dir(&folder).map_err(|e| LakeError::file(&folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| LakeError::file(&folder, e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !counts(&name) {
            removed.push((name, path));
        }
    }
    // What says which files count goes first: what is then left counts no longer, whatever happens.
    removed.sort_by_key(|(name, _)| (name != MANIFEST, name.clone()));
    for (_, path) in removed.iter().filter(|_| !dry_run) {
        std::fs::remove_file(path).map_err(|e| LakeError::file(path, e))?;
    }
    Ok(removed.into_iter().map(|(name, _)| format!("{FOLDER}/{name}")).collect())
}
