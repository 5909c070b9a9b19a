//! How files lie that were read before. A file of the lake never changes, so what its footer says holds as long as it is there.

use std::sync::Arc;

use datafusion::execution::cache::{
    cache_manager::{CacheManagerConfig, FileMetadataCache},
    default_cache::DefaultCache,
};

/// What footers and page indexes may take, all together.
const BYTES_MAX: usize = 128 << 20;

/// The footers of a lake's files. Sessions share them.
#[derive(Clone)]
pub(crate) struct Footers(Arc<FileMetadataCache>);

impl Footers {
    /// The settings of an engine that reads by them. Lists of files and statistics are the log's to tell.
    pub(crate) fn shared(&self) -> CacheManagerConfig {
        CacheManagerConfig::default().with_file_metadata_cache(Some(Arc::clone(&self.0)))
    }
}

impl Default for Footers {
    fn default() -> Self {
        Self(Arc::new(DefaultCache::new(BYTES_MAX)))
    }
}
