//! Which pairs are compared: those that share a key.

mod blocks;
mod key;
mod soundex;

pub use blocks::SkewedKey;
pub(crate) use blocks::{Blocks, Wanted};
pub(crate) use key::{CompiledPart, CompiledRule, NO_KEY, compile_part, compile_rules};
pub use key::{KeyPart, Rule};
