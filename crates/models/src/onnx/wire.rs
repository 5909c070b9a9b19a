//! The wire format of protocol buffers, as far as ONNX needs it: fields of a message, one after the other.
//!
//! Nothing is copied and nothing recurses: a field borrows from the bytes, and whoever wants what is inside a message asks for its fields. Groups, which ONNX
//! does not use, are refused.

/// What is wrong with bytes.
pub(super) type Read<T> = std::result::Result<T, String>;

/// The most bytes of a number.
const VARINT_MAX: usize = 10;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    Varint(u64),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
    Four([u8; 4]),
}

/// Fields of a message, each with its number.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, bytes: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or("it ends in the middle of a field")?;
        self.rest = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Read<(u64, Field<'a>)> {
        let key = varint(&mut self.rest)?;
        let value = match key & 7 {
            0 => Field::Varint(varint(&mut self.rest)?),
            1 => Field::Eight(array(self.take(8)?)?),
            2 => {
                let bytes = varint(&mut self.rest)?;
                Field::Bytes(self.take(usize::try_from(bytes).map_err(|_| "a field is longer than the file")?)?)
            }
            5 => Field::Four(array(self.take(4)?)?),
            other => return Err(format!("a field is of the unknown kind {other}")),
        };
        Ok((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Read<(u64, Field<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Read<[u8; N]> {
    bytes.try_into().map_err(|_| "it ends in the middle of a number".to_owned())
}

/// A number of seven bits a byte, the lowest first.
fn varint(rest: &mut &[u8]) -> Read<u64> {
    let mut value = 0_u64;
    for (at, byte) in rest.iter().take(VARINT_MAX).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at).min(63);
        if byte & 0x80 == 0 {
            *rest = &rest[at + 1..];
            return Ok(value);
        }
    }
    Err("a number does not end".to_owned())
}

impl<'a> Field<'a> {
    pub(super) fn bytes(self) -> Read<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => Err(format!("{other:?} stands where bytes should")),
        }
    }

    pub(super) fn text(self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a name is no UTF-8".to_owned())
    }

    pub(super) fn int(self) -> Read<i64> {
        match self {
            Self::Varint(value) => Ok(value.cast_signed()),
            other => Err(format!("{other:?} stands where an integer should")),
        }
    }

    pub(super) fn float(self) -> Read<f32> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            other => Err(format!("{other:?} stands where a float should")),
        }
    }

    /// Integers of a repeated field, packed or one by one.
    pub(super) fn ints(self, into: &mut Vec<i64>) -> Read<()> {
        let Self::Bytes(mut rest) = self else {
            into.push(self.int()?);
            return Ok(());
        };
        while !rest.is_empty() {
            into.push(varint(&mut rest)?.cast_signed());
        }
        Ok(())
    }

    /// Floats of a repeated field, packed or one by one.
    pub(super) fn floats(self, into: &mut Vec<f32>) -> Read<()> {
        let Self::Bytes(bytes) = self else {
            into.push(self.float()?);
            return Ok(());
        };
        let (chunks, rest) = bytes.as_chunks::<4>();
        into.extend(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)));
        if rest.is_empty() { Ok(()) } else { Err("packed floats end in the middle of one".to_owned()) }
    }

    /// Doubles of a repeated field, packed or one by one.
    pub(super) fn doubles(self, into: &mut Vec<f64>) -> Read<()> {
        let bytes = match self {
            Self::Eight(bytes) => {
                into.push(f64::from_le_bytes(bytes));
                return Ok(());
            }
            Self::Bytes(bytes) => bytes,
            other => return Err(format!("{other:?} stands where a double should")),
        };
        let (chunks, rest) = bytes.as_chunks::<8>();
        into.extend(chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)));
        if rest.is_empty() { Ok(()) } else { Err("packed doubles end in the middle of one".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_packed_lists_are_read() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1a, 0x03, 0x01, 0xac, 0x02];
        let fields = Fields::of(&bytes).collect::<Read<Vec<_>>>().expect("fields");
        assert_eq!(fields[0], (1, Field::Varint(150)));
        assert_eq!(fields[1].1.text(), Ok("hi"));
        let mut ints = Vec::new();
        fields[2].1.ints(&mut ints).expect("integers");
        assert_eq!(ints, [1, 300]);
    }

    #[test]
    fn what_ends_too_soon_or_never_is_refused() {
        for bytes in
            [&[0x12, 0x05, b'h'][..], &[0x80; 11], &[0x0b], &[0x0d, 0, 0], &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff]]
        {
            assert!(Fields::of(bytes).any(|field| field.is_err()), "{bytes:?}");
        }
    }
}
