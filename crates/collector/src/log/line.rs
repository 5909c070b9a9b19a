//! One record: a JSON object on one line whose last field is the checksum of what stands before it.

/// What comes before the checksum's eight digits.
const LEAD: &[u8] = b",\"crc\":\"";
/// What comes after them.
const TAIL: &[u8] = b"\"}\n";
const DIGITS: usize = 8;

/// Ends the record that began at `from`: an object with at least one field, and without its closing brace.
pub(crate) fn seal(out: &mut Vec<u8>, from: usize) {
    blank_newlines(&mut out[from..]);
    let sum = crc32fast::hash(&out[from..]);
    out.extend_from_slice(LEAD);
    out.extend_from_slice(format!("{sum:08x}").as_bytes());
    out.extend_from_slice(TAIL);
}

/// Newlines stand between the tokens of JSON and never within a text, so blanks say the same.
fn blank_newlines(text: &mut [u8]) {
    while let Some(at) = memchr::memchr2(b'\n', b'\r', text) {
        text[at] = b' ';
    }
}

/// Whether a line (with its newline) is whole and as it was written.
pub(crate) fn is_whole(line: &[u8]) -> bool {
    let Some(rest) = line.strip_suffix(TAIL) else { return false };
    let Some(start) = rest.len().checked_sub(DIGITS + LEAD.len()) else { return false };
    let (text, end) = rest.split_at(start);
    let Some(digits) = end.strip_prefix(LEAD).and_then(|digits| std::str::from_utf8(digits).ok()) else { return false };
    u32::from_str_radix(digits, 16).is_ok_and(|sum| sum == crc32fast::hash(text)) && !digits.starts_with('+')
}

/// The lines of a text, each with its newline; the last one may lack it.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &str) -> Vec<u8> {
        let mut out = text.as_bytes().to_vec();
        seal(&mut out, 0);
        out
    }

    #[test]
    fn a_sealed_record_is_one_line_of_json() {
        let line = sealed("{\"a\":{\n\r\"b\": 1}");
        assert!(is_whole(&line));
        assert_eq!(lines(&line).count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!(value["a"]["b"], 1);
        assert_eq!(value["crc"].as_str().map(str::len), Some(DIGITS));
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let line = sealed("{\"event\":\"Order Completed\",\"amount\":14.99");
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[at] ^= 1 << bit;
                // Hexadecimal digits mean the same in capitals.
                let same = changed.eq_ignore_ascii_case(&line) && at >= line.len() - DIGITS - TAIL.len();
                assert_eq!(is_whole(&changed), same, "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_cut_line_is_not_whole() {
        let line = sealed("{\"a\":1");
        assert!((0..line.len()).all(|end| !is_whole(&line[..end])));
    }
}
