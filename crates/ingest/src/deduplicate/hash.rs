//! Keys of rows: how the values of a key become 64 bits.
//!
//! Stored indexes rely on these bits, so the format may never change; a new one would get a new version.
//!
//! *Florin key hash, version 1.* Four secret words s0…s3 come from the bank's hashing key ([`KeySeeds`]).
//! `mix(a, b)` multiplies to 128 bits and gives the low half xor the high half. A row starts as `h = s0`; each column,
//! in order, is absorbed:
//!
//! | value | becomes |
//! | --- | --- |
//! | null | `h = mix(h ^ s3, 0x6e756c6c ^ s2)` |
//! | int, date (days), timestamp (µs), bool (0, 1) | `h = mix(h ^ s1, w ^ s2)`, w the value as a 64-bit two's complement |
//! | float | the same with its IEEE 754 bits, −0 as 0 and every NaN as `0x7ff8000000000000` |
//! | decimal | the same twice: low half, then high half of the 128-bit unscaled value |
//! | text of n bytes | `h = mix(h ^ s1, n ^ s3)`, then for each 16 bytes (the last padded with zeros), as little-endian words a and b: `h = mix(a ^ s1, b ^ h)` |
//!
//! and in the end `key = mix(h ^ s3, s0)`. Words are little-endian on every machine.

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray},
    buffer::ScalarBuffer,
    datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::KeyHasher;

const SEEDS_DOMAIN: &str = "florin.key_hash.v1";
const NULL_WORD: u64 = 0x6e75_6c6c;
const NAN_WORD: u64 = 0x7ff8_0000_0000_0000;

/// The secret words of [`key_hash`]. Whoever does not know them cannot make two rows collide on purpose.
#[derive(Clone)]
pub struct KeySeeds([u64; 4]);

impl KeySeeds {
    /// The seeds that belong to the bank's hashing key.
    #[must_use]
    pub fn derive(hasher: &KeyHasher) -> Self {
        let digest = hasher.digest(SEEDS_DOMAIN, b"");
        let (words, _) = digest.as_chunks::<8>();
        Self([0, 1, 2, 3].map(|i| u64::from_le_bytes(words[i])))
    }

    fn null(&self, h: u64) -> u64 {
        mix(h ^ self.0[3], NULL_WORD ^ self.0[2])
    }

    fn word(&self, h: u64, word: u64) -> u64 {
        mix(h ^ self.0[1], word ^ self.0[2])
    }

    fn bytes(&self, h: u64, bytes: &[u8]) -> u64 {
        let start = mix(h ^ self.0[1], bytes.len() as u64 ^ self.0[3]);
        let (blocks, rest) = bytes.as_chunks::<16>();
        let h = blocks.iter().fold(start, |h, block| self.block(h, block));
        if rest.is_empty() {
            return h;
        }
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        self.block(h, &last)
    }

    fn block(&self, h: u64, block: &[u8; 16]) -> u64 {
        let word = u128::from_le_bytes(*block);
        mix(word as u64 ^ self.0[1], (word >> 64) as u64 ^ h)
    }
}

impl std::fmt::Debug for KeySeeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeySeeds(…)")
    }
}

fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Why columns cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnhashableKey {
    /// No table has such a column.
    #[error("a column of type {0} cannot be part of a key; int, decimal, float, text, bool, date and timestamp can")]
    Type(DataType),
    /// Columns of one row set must have the same number of rows.
    #[error("key columns have {0} and {1} rows")]
    Rows(usize, usize),
}

/// The keys of rows whose key is one id column (already a keyed hash, never null), without a copy. `None` when there are
/// more columns, another type or nulls: then it is [`key_hash`] that is wanted. The caller must know that the ids are
/// hashes: dense numbers all fall into the first partitions.
#[must_use]
pub fn single_id(columns: &[ArrayRef]) -> Option<ScalarBuffer<u64>> {
    let [column] = columns else { return None };
    let ids = column.as_primitive_opt::<Int64Type>().filter(|ids| ids.null_count() == 0)?;
    Some(ScalarBuffer::new(ids.values().inner().clone(), 0, ids.len()))
}

/// The key of each row: equal when all columns are equal (null equals null, and nothing else), else different up to
/// hash collision.
///
/// # Errors
/// Columns of other types than [`florin_domain::ColumnType`] has, or of different lengths.
pub fn key_hash(columns: &[ArrayRef], seeds: &KeySeeds) -> Result<Vec<u64>, UnhashableKey> {
    let rows = columns.first().map_or(0, Array::len);
    let mut keys = vec![seeds.0[0]; rows];
    for column in columns {
        if column.len() != rows {
            return Err(UnhashableKey::Rows(rows, column.len()));
        }
        absorb(&mut keys, column, seeds)?;
    }
    for key in &mut keys {
        *key = mix(*key ^ seeds.0[3], seeds.0[0]);
    }
    Ok(keys)
}

fn absorb(keys: &mut [u64], column: &ArrayRef, seeds: &KeySeeds) -> Result<(), UnhashableKey> {
    match column.data_type() {
        DataType::Int64 => words::<Int64Type>(keys, column.as_primitive(), seeds, i64::cast_unsigned),
        DataType::Date32 => {
            words::<Date32Type>(keys, column.as_primitive(), seeds, |days| i64::from(days).cast_unsigned());
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            words::<TimestampMicrosecondType>(keys, column.as_primitive(), seeds, i64::cast_unsigned);
        }
        DataType::Float64 => words::<Float64Type>(keys, column.as_primitive(), seeds, float_word),
        DataType::Decimal128(..) => decimals(keys, column.as_primitive(), seeds),
        DataType::Boolean => {
            let values = column.as_boolean();
            each_row(keys, column, seeds, |h, row| seeds.word(h, u64::from(values.value(row))));
        }
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            each_row(keys, column, seeds, |h, row| seeds.bytes(h, values.value(row).as_bytes()));
        }
        other => return Err(UnhashableKey::Type(other.clone())),
    }
    Ok(())
}

fn words<T: ArrowPrimitiveType>(
    keys: &mut [u64],
    column: &PrimitiveArray<T>,
    seeds: &KeySeeds,
    word: impl Fn(T::Native) -> u64,
) {
    let values = column.values();
    each_row(keys, column, seeds, |h, row| seeds.word(h, word(values[row])));
}

fn decimals(keys: &mut [u64], column: &PrimitiveArray<Decimal128Type>, seeds: &KeySeeds) {
    let values = column.values();
    each_row(keys, column, seeds, |h, row| {
        let value = values[row].cast_unsigned();
        seeds.word(seeds.word(h, value as u64), (value >> 64) as u64)
    });
}

fn float_word(value: f64) -> u64 {
    if value.is_nan() {
        return NAN_WORD;
    }
    // −0 + 0 is 0.
    (value + 0.0).to_bits()
}

fn each_row(keys: &mut [u64], column: &dyn Array, seeds: &KeySeeds, absorb: impl Fn(u64, usize) -> u64) {
    match column.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => keys.iter_mut().enumerate().for_each(|(row, key)| *key = absorb(*key, row)),
        Some(nulls) => {
            for (row, key) in keys.iter_mut().enumerate() {
                *key = if nulls.is_null(row) { seeds.null(*key) } else { absorb(*key, row) };
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray,
        TimestampMicrosecondArray,
    };

    use super::*;

    fn seeds() -> KeySeeds {
        KeySeeds::derive(&KeyHasher::new([7; 32]))
    }

    fn one(column: impl Array + 'static) -> Vec<u64> {
        key_hash(&[Arc::new(column)], &seeds()).unwrap()
    }

    #[test]
    fn keys_of_version_1_never_change() {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(1), Some(-1), None])),
            Arc::new(Decimal128Array::from(vec![Some(12_345), Some(-1), None])),
            Arc::new(Float64Array::from(vec![Some(0.5), Some(-0.0), None])),
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
            Arc::new(Date32Array::from(vec![Some(19_000), Some(-1), None])),
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_700_000_000_000_000), Some(-1), None])),
            Arc::new(StringArray::from(vec![Some("个人客户 17, a text longer than 16 bytes"), Some(""), None])),
        ];
        let seeds =
            KeySeeds([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x0f1e_2d3c_4b5a_6978, 0x8796_a5b4_c3d2_e1f0]);
        assert_eq!(key_hash(&columns, &seeds).unwrap(), GOLDEN);
    }

    /// From a second implementation, written in Python after the words above.
    const GOLDEN: [u64; 3] = [0x8da2_b860_e471_e976, 0xdf65_a7a2_9a87_80d7, 0xeb95_e828_f88b_04b9];

    #[test]
    fn columns_do_not_run_into_each_other_and_null_is_not_empty() {
        let pair = |a: Option<&str>, b: Option<&str>| {
            let columns: [ArrayRef; 2] = [Arc::new(StringArray::from(vec![a])), Arc::new(StringArray::from(vec![b]))];
            key_hash(&columns, &seeds()).unwrap()[0]
        };
        let texts = [None, Some(""), Some("a"), Some("ab"), Some("b"), Some("\0"), Some("a\0")];
        let keys: HashSet<u64> = texts.iter().flat_map(|&a| texts.iter().map(move |&b| pair(a, b))).collect();
        assert_eq!(keys.len(), texts.len() * texts.len());
    }

    #[test]
    fn equal_floats_have_equal_keys_however_they_are_written() {
        let keys = one(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0]));
        assert_eq!(keys[0], keys[1]);
        assert_eq!(keys[2], keys[3]);
        assert_ne!(keys[0], keys[4]);
    }

    #[test]
    fn seeds_depend_on_the_banks_key_and_hide_in_debug() {
        let other = KeySeeds::derive(&KeyHasher::new([8; 32]));
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert_ne!(one(Int64Array::from(vec![1])), key_hash(&[column], &other).unwrap());
        assert_eq!(one(Int64Array::from(vec![1])), [14_233_381_488_193_781_702]);
        assert_eq!(format!("{other:?}"), "KeySeeds(…)");
    }

    #[test]
    fn a_row_has_the_same_key_in_any_batch_and_slice() {
        let whole = Int64Array::from_iter((0..100).map(|i| (i % 7 != 0).then_some(i)));
        let keys = one(whole.clone());
        assert_eq!(one(whole.slice(33, 50)), keys[33..83]);
    }

    #[test]
    fn sequential_numbers_spread_evenly_over_partitions() {
        const PARTITIONS: usize = 64;
        let mut counts = [0f64; PARTITIONS];
        for key in one(Int64Array::from_iter_values(0..64_000)) {
            counts[super::super::partition_of(key, PARTITIONS)] += 1.0;
        }
        let chi_square: f64 = counts.iter().map(|n| (n - 1000.0).powi(2) / 1000.0).sum();
        // 63 degrees of freedom: above 110 happens once in 4000 seeds.
        assert!(chi_square < 110.0, "{chi_square}");
    }

    #[test]
    fn a_single_id_column_is_used_as_it_is() {
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![5, 6, 7]).slice(1, 2));
        assert_eq!(single_id(std::slice::from_ref(&ids)).unwrap().as_ref(), [6, 7]);
        assert!(single_id(&[ids.clone(), ids]).is_none());
        assert!(single_id(&[Arc::new(Int64Array::from(vec![None, Some(1)]))]).is_none());
        assert!(single_id(&[Arc::new(StringArray::from(vec!["5"]))]).is_none());
    }

    #[test]
    fn foreign_types_and_lengths_are_refused() {
        let strange: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert_eq!(key_hash(&[strange], &seeds()), Err(UnhashableKey::Type(DataType::Int32)));
        let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let two: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        assert_eq!(key_hash(&[one, two], &seeds()), Err(UnhashableKey::Rows(1, 2)));
    }
}
