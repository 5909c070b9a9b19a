//! The bytes of models: one file each, named by what is in it.

use std::{fs, path::PathBuf};

use florin_models::Model;

use super::wrong;
use crate::{FlowError, House};

/// Bytes of a model at most: half a gigabyte.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

impl House {
    fn model_file(&self, hash: &str) -> PathBuf {
        self.work_dir.join("models").join(format!("{hash}.model"))
    }

    /// Keeps the bytes of a model and gives their hash. What is there already is left alone.
    pub(super) fn keep_model(&self, bytes: &[u8]) -> Result<String, FlowError> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let file = self.model_file(&hash);
        if file.exists() {
            return Ok(hash);
        }
        let folder = self.work_dir.join("models");
        fs::create_dir_all(&folder).map_err(|e| FlowError::file(&folder, e))?;
        // Written beside and renamed: whoever looks finds a whole model or none.
        let beside = folder.join(format!(".{hash}.{}.part", self.fresh_name()));
        let written = fs::write(&beside, bytes).and_then(|()| fs::File::open(&beside)?.sync_all());
        let placed = written.and_then(|()| fs::rename(&beside, &file));
        if placed.is_err() {
            // What is left of it is nobody's.
            let _ = fs::remove_file(&beside);
        }
        placed.map_err(|e| FlowError::file(&file, e))?;
        Ok(hash)
    }

    /// The model with this hash, read back and checked.
    pub(super) fn kept_model(&self, name: &str, hash: &str) -> Result<Box<dyn Model>, FlowError> {
        let file = self.model_file(hash);
        let size = fs::metadata(&file).map_err(|e| FlowError::file(&file, e))?.len();
        if size > BYTES_MAX {
            return Err(wrong(name, format!("`{}` has {size} bytes, more than {BYTES_MAX}", file.display())));
        }
        let bytes = fs::read(&file).map_err(|e| FlowError::file(&file, e))?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            let what = format!("`{}` is not what was registered; restore it, or train anew", file.display());
            return Err(wrong(name, what));
        }
        Ok(florin_models::from_bytes(&bytes)?)
    }
}
