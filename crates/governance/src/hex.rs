//! Bytes as lower-case hexadecimal, for records that people and other programs read.

use serde::{Deserialize, Deserializer, Serializer, de};

/// `[0xab, 0x01]` is `ab01`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    if digits.len() == 2 * N { bytes.try_into().ok() } else { None }
}

/// For `#[serde(with = "crate::hex")]`.
pub(crate) fn serialize<const N: usize, S: Serializer>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(bytes))
}

/// For `#[serde(with = "crate::hex")]`.
pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
    let text = String::deserialize(deserializer)?;
    decode(&text).ok_or_else(|| de::Error::custom(format!("not {} hexadecimal digits", 2 * N)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_and_other_texts_are_refused() {
        assert_eq!(encode(&[0xab, 0x01]), "ab01");
        assert_eq!(decode("ab01"), Some([0xab, 0x01]));
        for wrong in ["ab0", "ab01ff", "ab0g", "äb"] {
            assert_eq!(decode::<2>(wrong), None, "{wrong}");
        }
    }
}
