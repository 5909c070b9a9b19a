//! From a text to its tokens: one spelling ([`normalise()`]), words ([`Dictionary`]), and n-grams of words and characters ([`Analyser`]).

mod dictionary;
mod grams;
mod normalise;
mod stop;

pub use dictionary::{Dictionary, Word};
pub use grams::{Analyser, Grams, View};
pub(crate) use grams::{Gram, Prepared};
pub(crate) use normalise::{Spelling, spellings};
pub use normalise::{is_han, normalise, simplified};
pub use stop::{StopWords, chinese_stop_words, english_stop_words};
