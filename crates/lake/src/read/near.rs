//! Files that are near: little of them is read where the question is asked.
//!
//! The object store hands each read to another thread, which suits a disk that is far or slow. A page of a file on local disk is most often
//! in memory, and copying it takes less than waking a thread does; a view of a customer reads hundreds.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use datafusion::{
    common::Result,
    datasource::{
        listing::PartitionedFile,
        physical_plan::{ParquetFileReaderFactory, parquet::CachedParquetFileReaderFactory},
    },
    execution::cache::cache_manager::FileMetadataCache,
    physical_plan::metrics::ExecutionPlanMetricsSet,
};
use futures::{FutureExt as _, future::BoxFuture};
use object_store::local::LocalFileSystem;
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::Result as ParquetResult,
    file::metadata::ParquetMetaData,
};

use crate::Location;

/// Bytes that are read here at once, at most: the time that others then wait.
const NEAR_MAX: u64 = 2 << 20;

/// Readers of a lake's files, which know the footers that were read before.
pub(super) fn readers(location: &Location, footers: Arc<FileMetadataCache>) -> Arc<dyn ParquetFileReaderFactory> {
    let any = CachedParquetFileReaderFactory::new(Arc::clone(location.store()), footers);
    match location.local_dir() {
        Some(_) => Arc::new(NearReaders { any }),
        None => Arc::new(any),
    }
}

#[derive(Debug)]
struct NearReaders {
    any: CachedParquetFileReaderFactory,
}

impl ParquetFileReaderFactory for NearReaders {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let path = LocalFileSystem::new().path_to_filesystem(&file.object_meta.location).ok();
        let any = self.any.create_reader(partition, file, metadata_size_hint, metrics)?;
        Ok(Box::new(NearReader { path, file: None, any }))
    }
}

struct NearReader {
    path: Option<PathBuf>,
    file: Option<File>,
    /// For whatever is much, and whatever fails here: it says why.
    any: Box<dyn AsyncFileReader + Send>,
}

impl NearReader {
    /// `None` where it is much, or cannot be read.
    fn near(&mut self, ranges: &[Range<u64>]) -> Option<Vec<Bytes>> {
        let length = |range: &Range<u64>| range.end.checked_sub(range.start);
        let all = ranges.iter().map(length).try_fold(0u64, |all, length| all.checked_add(length?))?;
        if all > NEAR_MAX {
            return None;
        }
        if self.file.is_none() {
            self.file = File::open(self.path.as_ref()?).ok();
        }
        let file = self.file.as_mut()?;
        let mut read = |range: &Range<u64>| -> Option<Bytes> {
            let length = usize::try_from(length(range)?).ok()?;
            let mut bytes = Vec::with_capacity(length);
            file.seek(SeekFrom::Start(range.start)).ok()?;
            file.take(length as u64).read_to_end(&mut bytes).ok()?;
            (bytes.len() == length).then(|| bytes.into())
        };
        ranges.iter().map(&mut read).collect()
    }
}

impl AsyncFileReader for NearReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        match self.near(std::slice::from_ref(&range)).and_then(|mut bytes| bytes.pop()) {
            Some(bytes) => std::future::ready(Ok(bytes)).boxed(),
            None => self.any.get_bytes(range),
        }
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        match self.near(&ranges) {
            Some(bytes) => std::future::ready(Ok(bytes)).boxed(),
            None => self.any.get_byte_ranges(ranges),
        }
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        self.any.get_metadata(options)
    }
}
