//! Who is behind a funnel's numbers, without the rest of its answer.

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::{AnalyticsError, FunnelAnswer, error::setting};

/// Of each value of the breakdown, who came how far.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelSets {
    /// How many steps the funnel has.
    pub steps: usize,
    values: Vec<ValueSets>,
}

/// Of one value; `None` for customers without one, and without a breakdown.
#[derive(Debug, Clone, PartialEq)]
struct ValueSets {
    value: Option<String>,
    /// At index `i`, the customers whose furthest step is step `i`.
    furthest: Vec<RoaringBitmap>,
}

/// What stands before the sets, which follow in their order, in roaring's portable format.
#[derive(Serialize, Deserialize)]
struct Header {
    steps: usize,
    values: Vec<Option<String>>,
}

impl FunnelSets {
    /// The values of the breakdown, in the order of the answer.
    pub fn values(&self) -> impl Iterator<Item = Option<&str>> {
        self.values.iter().map(|of| of.value.as_deref())
    }

    /// Who of a value (all, when there is no breakdown) reached a step, from 1.
    #[must_use]
    pub fn reached(&self, value: Option<&str>, step: usize) -> Option<RoaringBitmap> {
        let step = step.checked_sub(1).filter(|step| *step < self.steps)?;
        Some(self.of(value)?.furthest.iter().skip(step).fold(RoaringBitmap::new(), |all, set| all | set))
    }

    /// Who reached the step before a step, from 2, and not the step itself.
    #[must_use]
    pub fn dropped(&self, value: Option<&str>, step: usize) -> Option<RoaringBitmap> {
        let step = step.checked_sub(1).filter(|step| *step > 0 && *step < self.steps)?;
        self.of(value)?.furthest.get(step - 1).cloned()
    }

    fn of(&self, value: Option<&str>) -> Option<&ValueSets> {
        self.values.iter().find(|of| of.value.as_deref() == value)
    }

    /// As bytes.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AnalyticsError> {
        let failed = |e: std::io::Error| setting("funnel", e.to_string());
        let header = Header { steps: self.steps, values: self.values.iter().map(|of| of.value.clone()).collect() };
        let header = serde_json::to_vec(&header).map_err(|e| failed(e.into()))?;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        for set in self.values.iter().flat_map(|of| &of.furthest) {
            set.serialize_into(&mut bytes).map_err(failed)?;
        }
        Ok(bytes)
    }

    /// From [`Self::to_bytes`]; `None` for any other bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (header, mut rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let header: Header = serde_json::from_slice(header).ok()?;
        let mut values = Vec::new();
        for value in header.values {
            // A set has eight bytes at least.
            if header.steps > rest.len() / 8 {
                return None;
            }
            let furthest = (0..header.steps).map(|_| RoaringBitmap::deserialize_from(&mut rest).ok());
            values.push(ValueSets { value, furthest: furthest.collect::<Option<_>>()? });
        }
        rest.is_empty().then_some(Self { steps: header.steps, values })
    }
}

impl FunnelAnswer {
    /// Who is behind its numbers.
    #[must_use]
    pub fn sets(&self) -> FunnelSets {
        let of = |answer: &crate::funnel::ValueAnswer| ValueSets {
            value: answer.value.clone(),
            furthest: answer.found.furthest.clone(),
        };
        FunnelSets { steps: self.steps.len(), values: self.values.iter().map(of).collect() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn sets() -> FunnelSets {
        let set = |numbers: &[u32]| numbers.iter().copied().collect::<RoaringBitmap>();
        let values = vec![
            ValueSets { value: Some("网页".to_owned()), furthest: vec![set(&[1, 2]), set(&[]), set(&[7, 70_000])] },
            ValueSets { value: None, furthest: vec![set(&[3]), set(&[4]), set(&[])] },
        ];
        FunnelSets { steps: 3, values }
    }

    #[test]
    fn whoever_came_further_reached_the_steps_before() {
        let sets = sets();
        let listed = |set: Option<RoaringBitmap>| set.map(|set| set.iter().collect::<Vec<_>>());
        assert_eq!(listed(sets.reached(Some("网页"), 1)), Some(vec![1, 2, 7, 70_000]));
        assert_eq!(listed(sets.reached(Some("网页"), 2)), Some(vec![7, 70_000]));
        assert_eq!(listed(sets.dropped(Some("网页"), 2)), Some(vec![1, 2]));
        assert_eq!(listed(sets.dropped(None, 3)), Some(vec![4]));
        for nothing in [sets.reached(None, 0), sets.reached(None, 4), sets.dropped(None, 1), sets.reached(Some("x"), 1)]
        {
            assert_eq!(nothing, None);
        }
    }

    #[test]
    fn they_are_read_as_they_were_written_and_other_bytes_are_refused() {
        let bytes = sets().to_bytes().unwrap();
        assert_eq!(FunnelSets::from_bytes(&bytes), Some(sets()));
        assert_eq!(FunnelSets::from_bytes(&[bytes.as_slice(), b"x"].concat()), None);
        for cut in 0..bytes.len() {
            assert_eq!(FunnelSets::from_bytes(&bytes[..cut]), None, "cut at {cut}");
        }
        let huge = br#"{"steps":18446744073709551615,"values":[null]}"#;
        let huge = [&(huge.len() as u64).to_le_bytes()[..], huge].concat();
        assert_eq!(FunnelSets::from_bytes(&huge), None);
    }
}
