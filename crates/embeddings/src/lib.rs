//! What does a sentence mean, as numbers? An add-on: everything works without it.
//!
//! *What*: a folder of weights that somebody brought (`cargo xtask models`) and texts in; vectors of length 1 out, near each other where
//! sentences mean alike. Two kinds are read: BERT with mean pooling (all-MiniLM-L6-v2: English, 384 numbers) and Google's multilingual
//! Universal Sentence Encoder v3 (16 languages with Chinese, 512 numbers). Nothing is ever fetched.
//!
//! *Start here*: [`Encoder::open`], [`Encoder::encode`], [`Vectors::nearest`]. Learning from vectors is done by `text`, which takes them as
//! an argument.
//!
//! ```no_run
//! use florin_embeddings::Encoder;
//!
//! let encoder = Encoder::open("models/universal")?;
//! let complaints = encoder.encode(&["My card was stolen", "The branch was closed"]);
//! let asked = encoder.encode(&["我的卡被偷了"]);
//! let nearest = complaints.nearest(asked.row(0), 1)?;
//! assert_eq!(nearest[0].0, 0);
//! # Ok::<(), florin_embeddings::EmbeddingError>(())
//! ```
//!
//! *How to read*: [`files`] (what weights lie in) → [`matrix`] (rows times weights) → [`bert`] and [`universal`] (tokens, then numbers) →
//! [`encoder`] (batches) → [`vectors`] (nearest).
//!
//! *Why our own*: two forward passes and two tokenisers are some 700 lines; candle with `tokenizers` would be a hundred more packages and
//! minutes of every clean build. *What is assumed*: weights fit in memory as 32-bit floats (90 MB and 75 MB), and a text is a sentence or a
//! few: what lies beyond the first tokens of a bound is not read. Vectors are the same on any number of threads; on processors with other
//! vector instructions their last digits differ.

pub mod bert;
pub mod encoder;
pub mod error;
pub mod files;
pub mod matrix;
pub mod universal;
pub mod vectors;

pub use encoder::Encoder;
pub use error::EmbeddingError;
pub use vectors::Vectors;
