//! The bytes of models: one file each, named by what is in it.

use std::{fs, path::PathBuf};

use florin_models::Model;

use super::wrong;
use crate::{FlowError, House};

/// Bytes of a model at most: half a gigabyte.
const BYTES_MAX: u64 = 512 * 1024 * 1024;
/// What the bytes of a model are kept as.
pub(super) const MODEL: &str = "model";

impl House {
    fn bytes_file(&self, hash: &str, ending: &str) -> PathBuf {
        self.work_dir.join("models").join(format!("{hash}.{ending}"))
    }

    /// Keeps the bytes of a model and gives their hash. What is there already is left alone.
    pub(super) fn keep_model(&self, bytes: &[u8]) -> Result<String, FlowError> {
        self.keep_bytes(bytes, MODEL)
    }

    /// Keeps bytes under their hash and an ending that says of what they are.
    pub(crate) fn keep_bytes(&self, bytes: &[u8], ending: &str) -> Result<String, FlowError> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let file = self.bytes_file(&hash, ending);
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
        Ok(florin_models::from_bytes(&self.kept_bytes(name, hash, MODEL)?)?)
    }

    /// The bytes with this hash, checked; `name` is whose they are.
    pub(crate) fn kept_bytes(&self, name: &str, hash: &str, ending: &str) -> Result<Vec<u8>, FlowError> {
        let file = self.bytes_file(hash, ending);
        let size = fs::metadata(&file).map_err(|e| FlowError::file(&file, e))?.len();
        if size > BYTES_MAX {
            return Err(wrong(name, format!("`{}` has {size} bytes, more than {BYTES_MAX}", file.display())));
        }
        let bytes = fs::read(&file).map_err(|e| FlowError::file(&file, e))?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            let what = format!("`{}` is not what was registered; restore it, or train anew", file.display());
            return Err(wrong(name, what));
        }
        Ok(bytes)
    }
}
