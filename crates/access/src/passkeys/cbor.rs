//! As much CBOR (RFC 8949) as authenticators speak: CTAP2 allows definite lengths and few levels only.

/// The deepest nesting.
const DEPTH_MAX: usize = 4;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cbor<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Cbor<'a>>),
    Map(Vec<(Cbor<'a>, Cbor<'a>)>),
    /// `false`, `true`, `null`.
    Simple(u8),
}

impl<'a> Cbor<'a> {
    /// The first value of some bytes, and what stands after it; nothing when they are none.
    pub(crate) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut rest = bytes;
        let value = value(&mut rest, 0)?;
        Some((value, rest))
    }

    /// What a map has under a text.
    pub(crate) fn named(&self, name: &str) -> Option<&Self> {
        self.under(&Cbor::Text(name))
    }

    /// What a map has under a number.
    pub(crate) fn numbered(&self, number: i64) -> Option<&Self> {
        self.under(&Cbor::Int(number))
    }

    fn under(&self, wanted: &Cbor<'_>) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(key, _)| key == wanted).map(|(_, value)| value)
    }

    pub(crate) fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }
}

fn value<'a>(rest: &mut &'a [u8], depth: usize) -> Option<Cbor<'a>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let first = take(rest, 1)?[0];
    let argument = argument(rest, first & 0x1f)?;
    let length = usize::try_from(argument).ok()?;
    Some(match first >> 5 {
        0 => Cbor::Int(i64::try_from(argument).ok()?),
        1 => Cbor::Int(-1 - i64::try_from(argument).ok()?),
        2 => Cbor::Bytes(take(rest, length)?),
        3 => Cbor::Text(std::str::from_utf8(take(rest, length)?).ok()?),
        4 => Cbor::Array(times(rest, length, |rest| value(rest, depth + 1))?),
        5 => Cbor::Map(times(rest, length, |rest| Some((value(rest, depth + 1)?, value(rest, depth + 1)?)))?),
        7 => Cbor::Simple(u8::try_from(argument).ok()?),
        _ => return None,
    })
}

/// What stands in the first byte, or in the 1, 2, 4 or 8 after it. Lengths that come later are not allowed.
fn argument(rest: &mut &[u8], short: u8) -> Option<u64> {
    let bytes = match short {
        0..=23 => return Some(short.into()),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let number = take(rest, bytes)?.iter();
    Some(number.fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// So many values. Each is a byte at least, so nobody makes us reserve room for what is not there.
fn times<'a, T>(rest: &mut &'a [u8], length: usize, mut one: impl FnMut(&mut &'a [u8]) -> Option<T>) -> Option<Vec<T>> {
    if length > rest.len() {
        return None;
    }
    let mut all = Vec::with_capacity(length);
    for _ in 0..length {
        all.push(one(rest)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_those_of_rfc_8949() {
        let cases: [(&[u8], Cbor<'_>); 9] = [
            (&[0x17], Cbor::Int(23)),
            (&[0x19, 0x03, 0xe8], Cbor::Int(1000)),
            (&[0x38, 0x63], Cbor::Int(-100)),
            (&[0x39, 0x01, 0x00], Cbor::Int(-257)),
            (&[0x44, 1, 2, 3, 4], Cbor::Bytes(&[1, 2, 3, 4])),
            (&[0x62, 0xc3, 0xbc], Cbor::Text("ü")),
            (&[0x82, 0x01, 0x02], Cbor::Array(vec![Cbor::Int(1), Cbor::Int(2)])),
            (&[0xa1, 0x61, 0x61, 0xf5], Cbor::Map(vec![(Cbor::Text("a"), Cbor::Simple(21))])),
            (&[0xf6], Cbor::Simple(22)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Cbor::first(bytes), Some((expected, &[][..])), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_authenticators_do_not_speak_is_nothing() {
        let cases: [&[u8]; 9] = [
            &[],
            &[0x44, 1, 2],
            &[0x5f, 0x41, 1, 0xff],
            &[0x62, 0xc3, 0x28],
            &[0x9f, 0xff],
            &[0xa1, 0x01],
            &[0xc0, 0x60],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x01],
        ];
        for bytes in cases {
            assert_eq!(Cbor::first(bytes), None, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some((_, rest)) = Cbor::first(&bytes) {
                prop_assert!(rest.len() < bytes.len());
            }
        }
    }
}
