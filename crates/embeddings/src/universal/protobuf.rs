//! As much of protocol buffers as a SentencePiece model needs.

/// The fields of a message in order: number and bytes (of numbers: their bytes; of varints: none). None when the message is cut.
pub(super) fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes)?;
                0
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, rest) = bytes.split_at_checked(length)?;
        fields.push((tag >> 3, value));
        bytes = rest;
    }
    Some(fields)
}

/// Seven bits a byte, the low ones first, until a byte below 128.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_a_cut_message_is_none() {
        let message = [0x0a, 2, b'h', b'i', 0x15, 1, 2, 3, 4, 0x18, 0x96, 0x01];
        let found = fields(&message).unwrap();
        assert_eq!(found, [(1, &b"hi"[..]), (2, &[1, 2, 3, 4][..]), (3, &[][..])]);
        assert!(fields(&message[..3]).is_none() && fields(&message[..11]).is_none());
    }
}
