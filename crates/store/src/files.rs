//! Which content an unchanged file had: the fast path that spares reading it again.

use crate::{error::Result, open::Store, sql::values};

/// What the file system says of a file without reading it. When all of it is the same, so is the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    /// Where it is.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// When it was last changed: nanoseconds since 1970-01-01T00:00:00Z.
    pub mtime_ns: i64,
    /// The file's number in its file system; 0 where there is none.
    pub inode: u64,
}

impl Store {
    /// The content that this file had when it was last read, if it has not been touched since.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn seen_file(&self, file: &FileStamp) -> Result<Option<[u8; 32]>> {
        let sql = "select content from file where path = $1 and size = $2 and mtime_ns = $3 and inode = $4";
        let values = values![&file.path, file.size.cast_signed(), file.mtime_ns, file.inode.cast_signed()];
        self.read().await?.first(sql, values, |row| row.hash(0)).await
    }

    /// Remembers the content of a file, instead of what the same path had before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remember_file(&self, file: &FileStamp, content: [u8; 32]) -> Result<()> {
        let sql = "insert into file (path, size, mtime_ns, inode, content) values ($1, $2, $3, $4, $5)
                   on conflict (path) do update set size = excluded.size, mtime_ns = excluded.mtime_ns,
                   inode = excluded.inode, content = excluded.content";
        let values = values![&file.path, file.size.cast_signed(), file.mtime_ns, file.inode.cast_signed(), content];
        let mut tx = self.write().await?;
        tx.execute(sql, values).await?;
        tx.commit().await
    }
}
