//! Texts as pieces of a vocabulary with probabilities: the most probable cut (Kudo 2018), as SentencePiece makes it.

use crate::{
    error::Result,
    files::File,
    universal::{protobuf, spelling::Spelling},
};

/// The piece that stands for what is not in the vocabulary, and those at both ends.
const UNKNOWN: u32 = 0;
const BEGIN: u32 = 1;
const END: u32 = 2;
/// How much less probable an unknown character is than the least probable piece (SentencePiece's constant).
const UNKNOWN_PENALTY: f32 = 10.0;
/// Bytes of a text that are read.
const BYTES_MAX: usize = 16_384;

/// Cuts texts into pieces of a vocabulary.
pub(crate) struct Pieces {
    /// Pieces in order of bytes, with number and logarithm of the probability.
    sorted: Vec<(Box<[u8]>, u32, f32)>,
    unknown_score: f32,
    spelling: Spelling,
}

/// The best cut that ends at a place: where its last piece begins, which it is, and the sum of scores.
#[derive(Clone, Copy)]
struct Cut {
    start: usize,
    piece: u32,
    score: f32,
}

impl Pieces {
    /// From a SentencePiece model: pieces in field 1 (text, score), spelling in field 3.
    pub(crate) fn of(model: &File) -> Result<Self> {
        let damaged = || model.damaged("it is no SentencePiece model, or cut");
        let fields = protobuf::fields(&model.bytes).ok_or_else(damaged)?;
        let mut sorted: Vec<(Box<[u8]>, u32, f32)> = Vec::new();
        for (_, piece) in fields.iter().filter(|(field, _)| *field == 1) {
            let parts = protobuf::fields(piece).ok_or_else(damaged)?;
            let text = parts.iter().find(|(field, _)| *field == 1).map(|(_, text)| *text).unwrap_or_default();
            let score = parts.iter().find(|(field, _)| *field == 2).and_then(|(_, score)| score.first_chunk());
            sorted.push((text.into(), sorted.len() as u32, score.map_or(0.0, |score| f32::from_le_bytes(*score))));
        }
        if sorted.len() <= END as usize {
            return Err(damaged());
        }
        let least = sorted.iter().fold(f32::INFINITY, |least, piece| least.min(piece.2));
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let rules = fields.iter().find(|(field, _)| *field == 3).map(|(_, rules)| *rules).unwrap_or_default();
        let spelling = Spelling::of(rules).ok_or_else(damaged)?;
        Ok(Self { sorted, unknown_score: least - UNKNOWN_PENALTY, spelling })
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The numbers of a text's pieces between begin and end, at most so many.
    pub(crate) fn ids(&self, text: &str, most: usize) -> Vec<u32> {
        let text = &text[..text.floor_char_boundary(BYTES_MAX)];
        let mut ids = vec![BEGIN];
        ids.extend(self.cut(&self.spelling.of_text(text)));
        ids.truncate(most.saturating_sub(1).max(1));
        ids.push(END);
        ids
    }

    /// Viterbi: the best cut up to each place, from the best ones up to the places before. Unknown characters side by side are one piece.
    fn cut(&self, text: &str) -> Vec<u32> {
        let nowhere = Cut { start: 0, piece: UNKNOWN, score: f32::NEG_INFINITY };
        let mut cuts = vec![nowhere; text.len() + 1];
        cuts[0].score = 0.0;
        for (start, c) in text.char_indices() {
            let before = cuts[start].score;
            let mut alone = false;
            self.each_beginning(&text.as_bytes()[start..], |length, piece, score| {
                alone |= length == c.len_utf8();
                cuts[start + length].improve(Cut { start, piece, score: before + score });
            });
            if !alone {
                cuts[start + c.len_utf8()].improve(Cut { start, piece: UNKNOWN, score: before + self.unknown_score });
            }
        }
        let mut ids = Vec::new();
        let mut end = text.len();
        while end > 0 {
            ids.push(cuts[end].piece);
            end = cuts[end].start;
        }
        ids.reverse();
        ids.dedup_by(|a, b| *a == UNKNOWN && *b == UNKNOWN);
        ids
    }

    /// Every piece that some bytes begin with, short ones first: the range of pieces that begin alike narrows byte by byte.
    fn each_beginning(&self, bytes: &[u8], mut each: impl FnMut(usize, u32, f32)) {
        let mut range = &self.sorted[..];
        for (at, &byte) in bytes.iter().enumerate() {
            let from = range.partition_point(|piece| piece.0.get(at).is_none_or(|&other| other < byte));
            let to = range.partition_point(|piece| piece.0.get(at).is_none_or(|&other| other <= byte));
            range = &range[from..to];
            match range.first() {
                Some((piece, id, score)) if piece.len() == at + 1 => each(at + 1, *id, *score),
                Some(_) => {}
                None => return,
            }
        }
    }
}

impl Cut {
    /// Takes the better of two; the one that was there of equals.
    fn improve(&mut self, other: Self) {
        if other.score > self.score {
            *self = other;
        }
    }
}
