//! Rows that are not alone with values that must not repeat: quarantined with their raw text, which is read once more.

use std::{collections::BTreeMap, path::Path};

use florin_ingest::sources::{Chunk, ReadError, ReadOptions, read_file};
use florin_store::NewQuarantined;
use roaring::RoaringTreemap;

use super::{
    rows::{ROW_BITS, Workshop},
    run::{Loader, Part},
};
use crate::{FlowError, bank::CompiledSource};

/// Quarantines the rows with these ordinals. Only mappings with `unique` checks that fail come here.
pub(super) async fn quarantine(
    loader: &Loader<'_>,
    source: &CompiledSource<'_>,
    shop: &Workshop<'_>,
    parts: &[Part],
    rows: &RoaringTreemap,
) -> Result<(), FlowError> {
    let mut by_file: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for ordinal in rows {
        by_file.entry(ordinal >> ROW_BITS).or_default().push(ordinal & ((1 << ROW_BITS) - 1));
    }
    for (file, numbers) in by_file {
        let part = usize::try_from(file).ok().and_then(|i| parts.get(i));
        let part = part.ok_or_else(|| FlowError::Internal("a row of no file".to_owned()))?;
        let raw = raw_of(loader, source, part, &numbers)?;
        let columns: Vec<&str> =
            shop.map.checks.unique().iter().flat_map(|u| u.columns.iter().map(String::as_str)).collect();
        let reason = format!("another row has the same {}", columns.join(", "));
        let quarantined = |(&row_number, raw): (&u64, &Vec<u8>)| {
            Ok(NewQuarantined {
                batch: part.batch,
                row_number,
                code: "unique".to_owned(),
                column: columns.first().map(|&c| c.to_owned()),
                reason: reason.clone(),
                raw: shop.sealer.seal_raw(part.batch, row_number, raw)?,
            })
        };
        let quarantined: Result<Vec<_>, FlowError> = raw.iter().map(quarantined).collect();
        shop.sealer.add_quarantined_async(quarantined?).await?;
    }
    Ok(())
}

/// The raw text of some records of a file, by row number.
fn raw_of(
    loader: &Loader<'_>,
    source: &CompiledSource<'_>,
    part: &Part,
    numbers: &[u64],
) -> Result<BTreeMap<u64, Vec<u8>>, FlowError> {
    if let Some(kept) = &part.raw {
        return Ok(numbers.iter().filter_map(|n| Some((*n, kept.get(n)?.clone()))).collect());
    }
    let found = std::sync::Mutex::new(BTreeMap::new());
    let options = ReadOptions { workers: 1, time_zone: loader.time_zone()?, on_bytes: &|_| {} };
    let take = |chunk: Chunk| {
        let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (row, number) in chunk.row_numbers.iter().enumerate().filter(|(_, n)| numbers.binary_search(n).is_ok()) {
            found.insert(*number, chunk.raw(row));
        }
        Ok::<(), FlowError>(())
    };
    let read = tokio::task::block_in_place(|| read_file(&source.def.input, Path::new(&part.file), &options, &take));
    match read {
        Ok(_) => Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)),
        Err(ReadError::Source(error)) => Err(error.into()),
        Err(ReadError::Each(error)) => Err(error),
    }
}
