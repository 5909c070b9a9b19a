//! The record of who did what, and the proof that it is whole.
//!
//! Every [`Entry`] (a session, a query, a look-up, a refusal …) is sealed onto the one before it ([`seal`]):
//!
//! ```text
//! hash(n)      = blake3("florin audit entry v1" ‖ hash(n−1) ‖ n ‖ length of payload ‖ payload)   hash(0) = 32 zero bytes
//! signature(n) = ed25519 of hash(n)
//! ```
//!
//! Numbers are unsigned 64-bit, least significant byte first. What each part is good for, and what it is not:
//!
//! - The **chain** finds any entry that was changed, dropped, repeated, moved or put in between.
//! - The **signatures** find a chain that somebody without the key wrote anew.
//! - **Checkpoints** find what neither can: that the last entries are missing. A [`Checkpoint`] is the signed head of
//!   the log, kept *outside* of it: in a file beside the keys, and wherever the bank ships it. What was appended after
//!   the newest checkpoint that the verifier is shown can be cut off unseen, so make one at the end of each command.
//! - Nothing here finds what somebody who holds the key **and** every copy of the checkpoints rewrote. Ship them to a
//!   place that the operators of the log cannot write to.
//!
//! An order that this module relies on its callers for: the entry is stored before the data is read. If it cannot be,
//! nothing is read.

mod entry;
mod key;
mod seal;
mod verify;

pub use entry::{Entry, EventKind, UnreadableEntry};
pub use key::{NotAPublicKey, SigningKey, VerifyingKey};
pub use seal::{Checkpoint, Head, Sealed, seal};
pub use verify::{Tampered, Tampering, Verified, Verifier, verify};
