//! What customers' words say, in Chinese and English.
//!
//! *What*: texts in; labels, scores and reasons (which words) out. Classifiers are trained here on the bank's own labels (TF-IDF and linear
//! machines); mood, language, urgency, aspects, key phrases and topics say something before there are any. Pure: no I/O, no clock, no
//! query engine; the same bytes out for the same bytes in, on any number of threads (those of rayon's pool that the caller runs in).
//!
//! *Start here*: [`Classifier::train`] and [`Classifier::explain`]. Without labels: [`MoodReader`], [`AspectReader`], [`UrgencyReader`],
//! [`detect`], [`Background`] (key phrases), [`Topics`].
//!
//! ```
//! use florin_text::{Mood, MoodReader, UrgencyReader};
//!
//! let read = MoodReader::new().read("客服态度不好，等了很久");
//! assert_eq!(read.mood, Mood::Negative);
//! assert!(UrgencyReader::new().read("My card was stolen, block it right now!").score > 0.7);
//! ```
//!
//! *How to read*: [`tokens`] (one spelling, words, n-grams) → [`tfidf`] and [`rows`] (numbers) → [`linear`] (two machines and their
//! objective) → [`classifier`] (folds, mixtures, calibration, reasons, bytes) → the readers, each on its own. How good each is on
//! public data is in `docs/concepts/text.md`. Vectors of sentences, made elsewhere, may stand beside words ([`meaning`]).
//!
//! *How to write*: an n-gram is known by a hash that never changes. Every learner stays linear, so that mixtures are one machine and
//! reasons add up. Sums run in a fixed order; chance comes from a seed that is an argument. Lists of words are ours.

pub mod aspects;
mod bytes;
pub mod classifier;
mod cues;
pub mod error;
pub mod evaluate;
pub mod language;
pub mod linear;
pub mod meaning;
pub mod mood;
pub mod phrases;
mod random;
pub mod rows;
pub mod tfidf;
pub mod tokens;
pub mod topics;
pub mod urgency;

pub use aspects::AspectReader;
pub use classifier::{Classifier, Settings, Verdict};
pub use error::TextError;
pub use language::detect;
pub use meaning::Meanings;
pub use mood::{Mood, MoodReader, MoodScore};
pub use phrases::Background;
pub use tokens::{Dictionary, StopWords};
pub use topics::Topics;
pub use urgency::UrgencyReader;
