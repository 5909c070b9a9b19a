//! Who is behind a number, kept between two questions.
//!
//! *What*: whoever asks a funnel will open its numbers. The customers behind them are kept in `.florin/answers`, and the list of a number
//! that was just counted is read, not counted again.
//!
//! *When they count*: what is kept goes by what the question's rows follow from ([`florin_lake::Session::fingerprint`]): the projection's
//! files, persons, consent, masks and times. Whoever may see other rows, or asks when a row more is there, finds nothing and counts. A
//! list is put on record like the question itself. Erasing anybody removes all of them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use florin_analytics::{FunnelAnswer, FunnelDef, FunnelSets, Journey as _};

use crate::{FlowError, House, ask::Asking};

/// Answers kept; the oldest go.
const KEPT_MAX: usize = 64;
/// Larger ones are not kept.
const BYTES_MAX: usize = 64 << 20;
const ENDING: &str = "sets";
/// Bytes of the digest that stands before the rest.
const DIGEST: usize = blake3::OUT_LEN;

impl Asking<'_> {
    /// Who is behind the numbers of a funnel: as kept, where its rows are still the same; else it is asked.
    ///
    /// # Errors
    /// As [`Self::journey`].
    pub async fn behind(&self, def: &FunnelDef) -> Result<FunnelSets, FlowError> {
        let sql = def.sql(&self.around())?;
        self.record(&sql).await?;
        self.traits_of(&sql).await?;
        if let Some(sets) = self.place(def).await?.and_then(|file| read(&file)) {
            return Ok(sets);
        }
        let answer = self.told(def).await?;
        self.keep_behind(def, &answer).await?;
        Ok(answer.sets())
    }

    /// Keeps who is behind the numbers of a funnel's answer. Where they cannot be kept, they will be asked for again.
    ///
    /// # Errors
    /// As [`Self::journey`].
    pub async fn keep_behind(&self, def: &FunnelDef, answer: &FunnelAnswer) -> Result<(), FlowError> {
        let Some(file) = self.place(def).await? else { return Ok(()) };
        let bytes = answer.sets().to_bytes()?;
        if bytes.len() <= BYTES_MAX {
            // What could not be written is not there, and nothing else depends on it.
            let _ = write(&file, &bytes, &self.house().fresh_name());
        }
        Ok(())
    }

    /// The file for a funnel as it would be answered now; `None` where that is not known.
    async fn place(&self, def: &FunnelDef) -> Result<Option<PathBuf>, FlowError> {
        let around = self.around();
        let sql = def.sql(&around)?;
        let Some(rows) = self.session().fingerprint(&sql).await? else { return Ok(None) };
        let def = serde_json::to_string(def).map_err(|e| FlowError::Internal(e.to_string()))?;
        let key = blake3::hash(format!("{rows} {} {def}", around.zone).as_bytes()).to_hex();
        Ok(Some(self.house().answers().join(format!("{key}.{ENDING}"))))
    }
}

/// Removes all that is kept.
pub(crate) fn forget(house: &House) -> Result<(), FlowError> {
    let folder = house.answers();
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FlowError::file(&folder, error)),
        _ => Ok(()),
    }
}

fn read(file: &Path) -> Option<FunnelSets> {
    let bytes = fs::read(file).ok()?;
    let (digest, rest) = bytes.split_at_checked(DIGEST)?;
    (blake3::hash(rest).as_bytes() == digest).then(|| FunnelSets::from_bytes(rest)).flatten()
}

fn write(file: &Path, bytes: &[u8], fresh: &str) -> std::io::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    fs::create_dir_all(folder)?;
    let part = folder.join(format!("{fresh}.part"));
    fs::write(&part, [blake3::hash(bytes).as_bytes().as_slice(), bytes].concat())?;
    fs::rename(&part, file)?;
    let mut kept: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
        })
        .collect();
    kept.sort();
    let many = kept.len().saturating_sub(KEPT_MAX);
    kept.iter().take(many).try_for_each(|(_, oldest)| fs::remove_file(oldest))
}
