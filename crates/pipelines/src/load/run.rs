//! One mapping's load: plan, read, resolve, write, prepare, commit, finish.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use florin_domain::EventTime;
use florin_governance::Grant;
use florin_ingest::sources::{FileReport, ReadError, ReadOptions, SourceError, content_id, list_files, read_file};
use florin_store::{BatchId, FileStamp, NewBatch};

use super::{
    MapReport, Progress,
    customers::{Customers, Keyring},
    fill::Origin,
    rows::{Tally, Workshop},
};
use crate::{
    FlowError, House,
    bank::{CompiledMap, CompiledSource},
};

/// Compressed files hold about so many times their size.
const COMPRESSION_RATIO: u64 = 8;

/// Loads mappings, one after the other.
pub(super) struct Loader<'h> {
    pub(super) house: &'h House,
    pub(super) grant: Grant,
    pub(super) keyring: std::sync::Arc<Keyring>,
    pub(super) customers: Customers,
    pub(super) progress: &'h dyn Progress,
    /// Segments that must be decided whole once all is loaded.
    pub(super) whole: std::collections::BTreeSet<String>,
}

/// A file whose content never went through the mapping.
struct NewFile {
    path: PathBuf,
    stamp: FileStamp,
    content: [u8; 32],
}

/// One file of a load, with what became of its records.
pub(super) struct Part {
    pub(super) batch: BatchId,
    pub(super) file: PathBuf,
    pub(super) read: u64,
    pub(super) header: Vec<String>,
    pub(super) tally: Tally,
    /// The raw records, where the file does not have them any more: those of a retry.
    pub(super) raw: Option<BTreeMap<u64, Vec<u8>>>,
}

/// A file that could not be read to its end.
struct Unreadable {
    file: usize,
    error: SourceError,
}

impl Loader<'_> {
    /// Loads what is new of one mapping. A file that cannot be read whole is reported, and nothing of it is stored: the
    /// load begins again without it.
    pub(super) async fn load(
        &mut self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
    ) -> Result<MapReport, FlowError> {
        let mut report = MapReport { source: source.name.clone(), mapping: map.name.clone(), ..MapReport::default() };
        let mut files = self.new_files(source, map, &mut report).await?;
        while !files.is_empty() {
            match self.attempt(source, map, &files, &mut report).await? {
                Ok(()) => break,
                Err(unreadable) => {
                    let file = files.remove(unreadable.file);
                    report.failed.push((file.path, with_causes(&unreadable.error)));
                    report.notes.clear();
                }
            }
        }
        report.files = files.len();
        for file in &files {
            self.house.store.remember_file(&file.stamp, file.content).await?;
        }
        Ok(report)
    }

    /// Files whose content never went through this mapping, each content once.
    async fn new_files(
        &self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
        report: &mut MapReport,
    ) -> Result<Vec<NewFile>, FlowError> {
        let mut new: Vec<NewFile> = Vec::new();
        let paths = match list_files(&source.def.input, &self.house.bank.dir) {
            Ok(paths) => paths,
            Err(missing) => {
                report.failed.push((PathBuf::new(), missing.to_string()));
                return Ok(new);
            }
        };
        for path in paths {
            let stamp = stamp(&path)?;
            let content = match self.house.store.seen_file(&stamp).await? {
                Some(content) => content,
                None => self.content(&path, stamp.size)?,
            };
            let loaded = self.house.store.batch_of_content(&source.name, &map.name, content).await?.is_some();
            if loaded {
                self.house.store.remember_file(&stamp, content).await?;
            }
            match loaded || new.iter().any(|f| f.content == content) {
                true => report.unchanged += 1,
                false => new.push(NewFile { path, stamp, content }),
            }
        }
        Ok(new)
    }

    fn content(&self, path: &Path, size: u64) -> Result<[u8; 32], FlowError> {
        self.progress.begin(&format!("looking at {}", file_name(path)), "bytes", Some(size));
        let content = tokio::task::block_in_place(|| content_id(path, &|n| self.progress.advance(n)));
        self.progress.end();
        Ok(content?)
    }

    async fn attempt(
        &mut self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
        files: &[NewFile],
        report: &mut MapReport,
    ) -> Result<Result<(), Unreadable>, FlowError> {
        let bytes = files.iter().map(|f| uncompressed(&f.path, f.stamp.size)).sum();
        let received_at = self.house.now();
        let bench = self.workbench(source, map, bytes).await?;
        let mut parts: Vec<Part> = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let origin = Origin {
                source: &source.name,
                batch: self.plan(source, map, &file.path, file.content, received_at, false).await?,
                received_at,
            };
            let tally = Tally::default();
            match self.read(source, &bench.shop, file, index as u64, &origin, &tally)? {
                Ok(found) => {
                    note(&found, &file.path, report);
                    let (batch, file) = (origin.batch, file.path.clone());
                    parts.push(Part { batch, file, read: found.records, header: found.header, tally, raw: None });
                }
                Err(error) => {
                    let batches: Vec<BatchId> = parts.iter().map(|p| p.batch).chain([origin.batch]).collect();
                    drop(bench);
                    self.house.store.abandon_batches(&batches).await?;
                    self.customers.forget();
                    return Ok(Err(Unreadable { file: index, error }));
                }
            }
        }
        self.finish(source, map, bench, &parts, Vec::new(), report).await?;
        Ok(Ok(()))
    }

    pub(super) async fn plan(
        &self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
        file: &Path,
        content: [u8; 32],
        started_at: EventTime,
        retry: bool,
    ) -> Result<BatchId, FlowError> {
        let definition = self.house.store.definition("source", &source.name, None).await?;
        let new = NewBatch {
            source: source.name.clone(),
            mapping: map.name.clone(),
            table: map.table.name.clone(),
            file: file.display().to_string(),
            content,
            mapping_version: definition.map_or(0, |d| d.version),
            retry,
            started_at,
        };
        Ok(self.house.store.plan_batch(&new).await?)
    }

    /// Reads one file through the workshop.
    fn read(
        &self,
        source: &CompiledSource<'_>,
        shop: &Workshop<'_>,
        file: &NewFile,
        index: u64,
        origin: &Origin<'_>,
        tally: &Tally,
    ) -> Result<Result<FileReport, SourceError>, FlowError> {
        let step = format!("{} → {}", file_name(&file.path), shop.map.name);
        self.progress.begin(&step, "bytes", Some(file.stamp.size));
        let on_bytes = |n| self.progress.advance(n);
        let options =
            ReadOptions { workers: self.workers(shop.map), time_zone: self.time_zone()?, on_bytes: &on_bytes };
        let read = tokio::task::block_in_place(|| {
            read_file(&source.def.input, &file.path, &options, &|chunk| shop.process(&chunk, index, origin, tally))
        });
        self.progress.end();
        match read {
            Ok(found) if found.content != file.content => Ok(Err(SourceError::Changed { path: file.path.clone() })),
            Ok(found) => Ok(Ok(found)),
            Err(ReadError::Source(error)) => Ok(Err(error)),
            Err(ReadError::Each(error)) => Err(error),
        }
    }

    /// Customers get their numbers in the order of the file, so those are read by one thread.
    fn workers(&self, map: &CompiledMap) -> usize {
        if map.table.name == "customer" { 1 } else { self.house.around.threads }
    }

    pub(super) fn time_zone(&self) -> Result<jiff::tz::TimeZone, FlowError> {
        let name = &self.house.bank.settings.bank.time_zone;
        jiff::tz::TimeZone::get(name).map_err(|e| FlowError::Internal(e.to_string()))
    }
}

/// What people should know of a file that was read.
fn note(found: &FileReport, path: &Path, report: &mut MapReport) {
    let name = file_name(path);
    if let Some(encoding) = found.encoding.as_ref().filter(|e| e.guessed) {
        report.notes.push(format!("`{name}` looks like {}; say so with `encoding`", encoding.label));
    }
    if !found.extra_columns.is_empty() {
        report.notes.push(format!("`{name}` has columns that nobody declared: {}", found.extra_columns.join(", ")));
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn stamp(path: &Path) -> Result<FileStamp, FlowError> {
    let failed = |e| FlowError::file(path, e);
    let meta = std::fs::metadata(path).map_err(failed)?;
    let modified = meta.modified().map_err(failed)?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(FileStamp {
        path: path.canonicalize().map_err(failed)?.display().to_string(),
        size: meta.len(),
        mtime_ns: i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX),
        inode: inode(&meta),
    })
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

/// About how many bytes of text a file holds.
fn uncompressed(path: &Path, size: u64) -> u64 {
    let plain = ["csv", "txt", "asc", "tsv", "dat", "jsonl", "json"];
    let is_plain = path.extension().is_some_and(|e| plain.iter().any(|p| e.eq_ignore_ascii_case(p)));
    if is_plain { size } else { size.saturating_mul(COMPRESSION_RATIO) }
}
