//! From a file's bytes to UTF-8.
//!
//! UTF-8 files pass as they are; whether each record really is UTF-8 is checked later, a chunk at a time. Other
//! encodings are decoded as a stream. A byte sequence that means nothing is not replaced by U+FFFD, which would lose it
//! in silence: it is passed on behind a byte that UTF-8 never has ([`MALFORMED`]), so that its record, and only that
//! one, fails the check.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::{SourceError, bytes::Bytes};
use crate::definition::InputDef;

/// How much of a file is looked at to find its encoding.
const SAMPLE_BYTES: usize = 1 << 20;
/// How much is decoded at once.
const DECODE_BLOCK_BYTES: usize = 256 << 10;
/// The least room that a decoder is given: it may need more than one byte for one character.
const ROOM_BYTES_MIN: usize = 64;
/// Stands before bytes that could not be decoded. UTF-8 never has it.
const MALFORMED: u8 = 0xFF;

/// Encodings that a message about an unknown one suggests.
pub(super) const EXAMPLES: [&str; 9] =
    ["utf-8", "gb18030", "gbk", "big5", "shift_jis", "windows-1250", "windows-1252", "iso-8859-2", "utf-16le"];

/// The encoding a file was read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodingFound {
    /// Its label, as one may write it in a definition.
    pub label: &'static str,
    /// Whether it was guessed from the text: not named, and neither a byte order mark nor valid UTF-8 says so.
    pub guessed: bool,
}

/// The text of a file, in UTF-8.
pub(super) struct Text<'a> {
    bytes: Bytes<'a>,
    /// What was read to find the encoding, and is not handed out yet.
    sample: Vec<u8>,
    ended: bool,
    decoding: Option<Decoding>,
    found: EncodingFound,
}

struct Decoding {
    decoder: Decoder,
    input: Vec<u8>,
    used: usize,
    finished: bool,
}

impl<'a> Text<'a> {
    pub(super) fn open(input: &InputDef, mut bytes: Bytes<'a>) -> Result<Self, SourceError> {
        let named = input.encoding.as_ref().map(|label| named(label.get_ref())).transpose()?;
        let mut sample = Vec::new();
        let ended = bytes.fill(&mut sample, SAMPLE_BYTES)?;
        let (encoding, mark, guessed) = detect(named, &sample, ended);
        sample.drain(..mark);
        let mut text =
            Self { bytes, sample, ended, decoding: None, found: EncodingFound { label: encoding.name(), guessed } };
        if encoding != UTF_8 {
            let input = std::mem::take(&mut text.sample);
            let decoder = encoding.new_decoder_without_bom_handling();
            text.decoding = Some(Decoding { decoder, input, used: 0, finished: false });
        }
        Ok(text)
    }

    pub(super) fn found(&self) -> &EncodingFound {
        &self.found
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.bytes.path()
    }

    pub(super) fn into_bytes(self) -> Bytes<'a> {
        self.bytes
    }

    /// Appends text until `buffer` holds about `target` bytes or the file ends. True at the end of the file.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, target: usize) -> Result<bool, SourceError> {
        if self.decoding.is_some() {
            return self.fill_decoded(buffer, target.max(buffer.len() + ROOM_BYTES_MIN));
        }
        let wanted = target.saturating_sub(buffer.len()).min(self.sample.len());
        buffer.extend(self.sample.drain(..wanted));
        if self.sample.is_empty() && !self.ended {
            self.ended = self.bytes.fill(buffer, target)?;
        }
        Ok(self.ended && self.sample.is_empty())
    }

    fn fill_decoded(&mut self, buffer: &mut Vec<u8>, target: usize) -> Result<bool, SourceError> {
        let Some(decoding) = &mut self.decoding else { return Ok(true) };
        let mut filled = buffer.len();
        // A malformed sequence is written out with its mark, beside what the decoder writes.
        while target.saturating_sub(filled) >= ROOM_BYTES_MIN / 2 && !decoding.finished {
            if decoding.used == decoding.input.len() && !self.ended {
                decoding.input.clear();
                decoding.used = 0;
                self.ended = self.bytes.fill(&mut decoding.input, DECODE_BLOCK_BYTES)?;
            }
            buffer.resize(target, 0);
            filled += decoding.step(&mut buffer[filled..], self.ended);
        }
        buffer.truncate(filled);
        Ok(decoding.finished)
    }
}

impl Decoding {
    /// Decodes some input. Returns how many bytes were written.
    fn step(&mut self, room: &mut [u8], last: bool) -> usize {
        // Room is left for the mark and the bytes of one malformed sequence.
        let usable = room.len() - ROOM_BYTES_MIN / 4;
        let (result, read, mut written) =
            self.decoder.decode_to_utf8_without_replacement(&self.input[self.used..], &mut room[..usable], last);
        self.used += read;
        match result {
            DecoderResult::InputEmpty => self.finished = last,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let end = self.used.saturating_sub(usize::from(after));
                let start = end.saturating_sub(usize::from(length));
                // Line ends and other control characters among the bytes would change which record they belong to.
                let kept = self.input[start..end].iter().copied().filter(|b| *b >= b' ');
                for byte in std::iter::once(MALFORMED).chain(kept) {
                    room[written] = byte;
                    written += 1;
                }
            }
        }
        written
    }
}

/// The encoding of a label.
pub(super) fn named(label: &str) -> Result<&'static Encoding, SourceError> {
    Encoding::for_label_no_replacement(label.as_bytes())
        .map(widened)
        .ok_or_else(|| SourceError::UnknownEncoding { label: label.to_owned() })
}

/// GB18030 reads all that GBK does, and the rest of Unicode.
fn widened(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// Encoding, length of the byte order mark, and whether it is a guess. A mark outweighs a name: nothing else begins so.
fn detect(named: Option<&'static Encoding>, sample: &[u8], whole: bool) -> (&'static Encoding, usize, bool) {
    if let Some((encoding, mark)) = Encoding::for_bom(sample) {
        return (encoding, mark, false);
    }
    if let Some(encoding) = named {
        return (encoding, 0, false);
    }
    if let Some(wide) = guess_utf16(sample) {
        return (wide, 0, true);
    }
    if is_utf8(sample, whole) {
        return (UTF_8, 0, false);
    }
    (guess(sample), 0, true)
}

fn is_utf8(sample: &[u8], whole: bool) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        // The sample may end in the middle of a character.
        Err(e) => e.error_len().is_none() && !whole,
    }
}

/// A file that is UTF-8 but for some lines stays UTF-8 (those lines are rejected): guessing a legacy encoding for it
/// would garble every other line in silence.
fn guess(sample: &[u8]) -> &'static Encoding {
    let (mut valid, mut invalid) = (0, 0);
    for line in sample.split(|b| *b == b'\n').filter(|line| !line.is_ascii()) {
        match std::str::from_utf8(line) {
            Ok(_) => valid += 1,
            Err(_) => invalid += 1,
        }
    }
    if valid > invalid {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    widened(detector.guess(None, Utf8Detection::Deny))
}

/// UTF-16 without a mark that holds mostly ASCII has a NUL in every other byte (and would pass for UTF-8).
fn guess_utf16(sample: &[u8]) -> Option<&'static Encoding> {
    memchr::memchr(0, sample)?;
    let nuls = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (nuls(0), nuls(1), sample.len() / 2);
    if odd > half * 3 / 4 && even * 8 < odd {
        return Some(UTF_16LE);
    }
    (even > half * 3 / 4 && odd * 8 < even).then_some(UTF_16BE)
}

/// A text that is not UTF-8, decoded; `None` when it is UTF-8 already, or not of the encoding either.
pub(super) fn decoded(encoding: &'static Encoding, text: &[u8]) -> Option<String> {
    if std::str::from_utf8(text).is_ok() {
        return None;
    }
    encoding.decode_without_bom_handling_and_without_replacement(text).map(std::borrow::Cow::into_owned)
}
