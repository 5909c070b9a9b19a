//! What was learnt as bytes, and back.
//!
//! A line that says what it is, a line of JSON, then numbers as 64-bit little-endian floats: read back to the same bits.

use florin_measurement::calibration::{Platt, Scale};
use serde::{Deserialize, Serialize};

use super::{Alike, Factors, Learnt, Method, PAIRED_ITEMS_MAX};
use crate::{
    error::{Result, saved},
    holdings::ITEMS_MAX,
};

/// What saved bytes start with. The number changes when older bytes can no longer be read.
const MAGIC: &[u8] = b"florin-alike 1\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    method: Method,
    items: Vec<String>,
    holders: Vec<u64>,
    customers: u64,
    /// Whether slope and intercept of the chance come first among the numbers.
    chance: bool,
    numbers: usize,
}

impl Alike {
    /// The model as bytes, which [`Alike::from_bytes`] reads.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut numbers: Vec<f64> = self.chance.iter().flat_map(|chance| [chance.slope, chance.intercept]).collect();
        match &self.learnt {
            Learnt::Nothing => {}
            Learnt::Pairs(weights) => numbers.extend(weights),
            Learnt::Factors(factors) => numbers.extend(&factors.items),
        }
        let header = Header {
            method: self.method,
            items: self.items.clone(),
            holders: self.holders.clone(),
            customers: self.customers,
            chance: self.chance.is_some(),
            numbers: numbers.len(),
        };
        let mut bytes = MAGIC.to_vec();
        serde_json::to_writer(&mut bytes, &header).map_err(saved)?;
        bytes.push(b'\n');
        numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        Ok(bytes)
    }

    /// Reads a saved model.
    ///
    /// # Errors
    /// When the bytes are not those of one, or do not hold together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rest =
            bytes.strip_prefix(MAGIC).ok_or_else(|| saved("they do not start as this version's do; learn anew"))?;
        let end = rest.iter().position(|b| *b == b'\n').ok_or_else(|| saved("they end in the header"))?;
        let header: Header = serde_json::from_slice(&rest[..end]).map_err(saved)?;
        let numbers = numbers(&rest[end + 1..], header.numbers)?;
        let (chance, numbers) = match (header.chance, &numbers[..]) {
            (false, all) => (None, all),
            (true, [slope, intercept, rest @ ..]) => {
                (Some(Platt { on: Scale::Score, slope: *slope, intercept: *intercept }), rest)
            }
            (true, _) => return Err(saved("the chance lacks its numbers")),
        };
        let n = header.items.len();
        if header.holders.len() != n || n > ITEMS_MAX || header.holders.iter().any(|held| *held > header.customers) {
            return Err(saved("items and their holders do not fit together"));
        }
        let learnt = learnt(header.method, n, numbers)?;
        let Header { method, items, holders, customers, .. } = header;
        Ok(Self { method, items, holders, customers, learnt, chance })
    }
}

fn numbers(bytes: &[u8], wanted: usize) -> Result<Vec<f64>> {
    let (numbers, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() || numbers.len() != wanted {
        return Err(saved(format!("there are {} bytes of numbers, and {wanted} numbers are announced", bytes.len())));
    }
    let numbers: Vec<f64> = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    match numbers.iter().all(|number| number.is_finite()) {
        true => Ok(numbers),
        false => Err(saved("a number is not finite")),
    }
}

fn learnt(method: Method, items: usize, numbers: &[f64]) -> Result<Learnt> {
    let wanted = match method {
        Method::Popularity => 0,
        Method::Cosine { .. } | Method::Ease { .. } if items <= PAIRED_ITEMS_MAX => items * items,
        Method::Cosine { .. } | Method::Ease { .. } => return Err(saved("there are too many items to be paired")),
        Method::Factors(settings) => {
            settings.check().map_err(saved)?;
            items * settings.rank
        }
    };
    if numbers.len() != wanted {
        return Err(saved(format!("{} numbers, and {wanted} are needed", numbers.len())));
    }
    Ok(match method {
        Method::Popularity => Learnt::Nothing,
        Method::Cosine { .. } | Method::Ease { .. } => Learnt::Pairs(numbers.to_vec()),
        Method::Factors(settings) => Learnt::Factors(Factors::of(settings, numbers.to_vec())),
    })
}
