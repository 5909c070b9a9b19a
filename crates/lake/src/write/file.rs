//! One data file while it is written.

use std::{
    fs::File,
    io::{BufWriter, Read as _, Write},
    path::PathBuf,
    sync::Arc,
};

use arrow::array::RecordBatch;
use deltalake_core::kernel::Add;
use florin_domain::TableDef;
use object_store::{ObjectStoreExt as _, PutPayload, WriteMultipart};
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};

use super::stats::StatsBuilder;
use crate::{LakeError, Location, layout, table::add_action};

/// Bytes sent to remote storage at a time.
const UPLOAD_PART_BYTES: usize = 8 << 20;
/// Parts under way to remote storage at once.
const UPLOAD_PARTS_MAX: usize = 4;
/// Files up to this size are sent in one request.
const UPLOAD_WHOLE_BYTES_MAX: u64 = UPLOAD_PART_BYTES as u64;

/// A file of one bucket that has nothing yet.
pub(crate) struct StartedFile {
    file: BufWriter<File>,
    on_disk: PathBuf,
    /// Relative to the table.
    path: String,
    bucket: usize,
}

/// A file of one bucket: sorted rows go in, an `add` action comes out. It is written where it will stay when the lake is
/// on local disk, else to scratch and then sent.
pub(crate) struct BucketFile {
    writer: ArrowWriter<BufWriter<File>>,
    on_disk: PathBuf,
    path: String,
    bucket: usize,
    stats: StatsBuilder,
}

impl StartedFile {
    /// Starts `bucket=<bucket>/<name>.parquet` of a table.
    pub(crate) fn create(
        location: &Location,
        table: &Arc<TableDef>,
        bucket: usize,
        name: &str,
        scratch: &std::path::Path,
    ) -> Result<Self, LakeError> {
        let path = format!("{}={bucket}/{name}.parquet", layout::BUCKET);
        let on_disk = match location.local_dir() {
            Some(lake) => lake.join(&table.name).join(&path),
            None => scratch.join(format!("{}-{bucket}-{name}.parquet", table.name)),
        };
        if let Some(dir) = on_disk.parent() {
            std::fs::create_dir_all(dir).map_err(|e| LakeError::file(dir, e))?;
        }
        // Never over a file that is there: names are unique, so one that exists is somebody's data.
        let file = File::create_new(&on_disk).map_err(|e| LakeError::file(&on_disk, e))?;
        Ok(Self { file: BufWriter::new(file), on_disk, path, bucket })
    }

    /// Lets `fill` write all rows, and says what the log should record.
    pub(crate) fn filled(
        self,
        rows: &[RecordBatch],
        now_millis: i64,
        fill: impl FnOnce(BufWriter<File>) -> Result<BufWriter<File>, LakeError>,
    ) -> Result<WrittenFile, LakeError> {
        let Self { file, on_disk, path, bucket } = self;
        let mut stats = StatsBuilder::default();
        rows.iter().for_each(|rows| stats.add(rows));
        closed(fill(file)?, (on_disk, path, bucket), &stats, now_millis)
    }
}

/// A file that has all its rows, and what the log should record of it.
fn closed(
    mut file: BufWriter<File>,
    (on_disk, path, bucket): (PathBuf, String, usize),
    stats: &StatsBuilder,
    now_millis: i64,
) -> Result<WrittenFile, LakeError> {
    file.flush().map_err(|e| LakeError::file(&on_disk, e))?;
    let file = file.into_inner().map_err(|e| LakeError::file(&on_disk, e.into_error()))?;
    let size = file.metadata().map_err(|e| LakeError::file(&on_disk, e))?.len();
    let add = add_action(path, size, bucket, stats.json(), now_millis);
    Ok(WrittenFile { add, on_disk, file, rows: stats.rows() })
}

impl BucketFile {
    /// Starts a file, as [`StartedFile::create`].
    pub(crate) fn create(
        location: &Location,
        table: &Arc<TableDef>,
        bucket: usize,
        name: &str,
        scratch: &std::path::Path,
    ) -> Result<Self, LakeError> {
        let StartedFile { file, on_disk, path, bucket } = StartedFile::create(location, table, bucket, name, scratch)?;
        let options = ArrowWriterOptions::new().with_properties(layout::writer_properties(table));
        let writer = ArrowWriter::try_new_with_options(file, table.schema(), options)?;
        Ok(Self { writer, on_disk, path, bucket, stats: StatsBuilder::default() })
    }

    /// Adds rows that sort after all those before.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.stats.add(rows);
        self.writer.write(rows)?;
        Ok(())
    }

    /// Closes the file and says what the log should record. It is durable once [`WrittenFile::sync`] returned.
    pub(crate) fn finish(self, now_millis: i64) -> Result<WrittenFile, LakeError> {
        let Self { writer, on_disk, path, bucket, stats } = self;
        closed(writer.into_inner()?, (on_disk, path, bucket), &stats, now_millis)
    }
}

/// A finished file that the log does not know yet.
pub(crate) struct WrittenFile {
    add: Add,
    on_disk: PathBuf,
    file: File,
    rows: u64,
}

impl WrittenFile {
    /// Waits until the disk has the file. (A new file's name comes with it on the file systems in use.)
    pub(crate) fn sync(&self) -> Result<(), LakeError> {
        self.file.sync_all().map_err(|e| LakeError::file(&self.on_disk, e))
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Brings the file to where it will stay.
    pub(crate) async fn deliver(self, location: &Location, table: &str) -> Result<Add, LakeError> {
        if location.local_dir().is_some() {
            return Ok(self.add);
        }
        let url = location.table_url(table)?;
        let root = object_store::path::Path::from_url_path(url.path())
            .map_err(|e| LakeError::Setting(format!("`{url}` cannot be a path: {e}")))?;
        let key = self.add.path.split('/').fold(root, object_store::path::Path::join);
        self.upload(location, &key).await?;
        std::fs::remove_file(&self.on_disk).map_err(|e| LakeError::file(&self.on_disk, e))?;
        Ok(self.add)
    }

    async fn upload(&self, location: &Location, key: &object_store::path::Path) -> Result<(), LakeError> {
        let failed = |e| LakeError::file(&self.on_disk, e);
        let mut file = File::open(&self.on_disk).map_err(failed)?;
        if self.add.size.cast_unsigned() <= UPLOAD_WHOLE_BYTES_MAX {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(failed)?;
            location.store().put(key, PutPayload::from(bytes)).await?;
            return Ok(());
        }
        let mut upload =
            WriteMultipart::new_with_chunk_size(location.store().put_multipart(key).await?, UPLOAD_PART_BYTES);
        let mut part = vec![0; UPLOAD_PART_BYTES];
        loop {
            let n = file.read(&mut part).map_err(failed)?;
            if n == 0 {
                break;
            }
            upload.wait_for_capacity(UPLOAD_PARTS_MAX).await?;
            upload.write(&part[..n]);
        }
        upload.finish().await?;
        Ok(())
    }
}
