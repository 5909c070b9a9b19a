//! Making local files survive a loss of power, not only of the process.

use std::{fs::File, path::Path};

use crate::LakeError;

/// Makes a file's content and its name durable.
pub(crate) fn sync(path: &Path) -> Result<(), LakeError> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|e| LakeError::file(path, e))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable. Only Unix can open folders; elsewhere the file system decides.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| LakeError::file(folder, e))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), LakeError> {
    Ok(())
}
