//! Passkeys (WebAuthn level 3): a key pair in somebody's device, which signs a challenge of ours when they show who they are.
//!
//! *Goals.* Nothing that a page of somebody else can have typed into it. A passkey alone signs in, as it is two factors; beside a
//! password it is the second.
//!
//! *Decision.* Every passkey can be found by its device alone, so that nobody has to say a name first, and no answer of ours depends on
//! one. A challenge is random, kept as a hash, for [`CHALLENGE_HOLDS`] and for one use; one for a registration is for its user. Each
//! answer must be for our site and from our page, with somebody there who showed who they are. A counter that does not grow is
//! refused: there may be a copy. Registering and removing need a sign-in of less than [`FRESH`], so that whoever finds an open screen
//! leaves no key behind. Whoever has a passkey is not let in by a password alone.
//!
//! *Simplifying assumptions.* One site and one origin. Which device it is, nobody asks (attestation `none`).

pub(crate) mod cbor;
mod manage;
pub(crate) mod said;
mod sign_in;

use std::time::Duration;

use florin_domain::EventTime;

pub use sign_in::PasskeyAnswer;

/// Bytes of a challenge.
pub(crate) const CHALLENGE_BYTES: usize = 32;
/// How long a challenge holds.
pub const CHALLENGE_HOLDS: Duration = Duration::from_secs(5 * 60);
/// Challenges that are open; those that end first make room.
pub const CHALLENGES_MAX: u32 = 10_000;
/// Passkeys of a user.
pub const PASSKEYS_A_USER_MAX: u32 = 20;
/// How long ago somebody may have signed in who registers or removes a passkey.
pub const FRESH: Duration = Duration::from_secs(10 * 60);
/// Signs of a passkey's name at most.
pub const PASSKEY_NAME_CHARS_MAX: usize = 60;

/// ECDSA with P-256 and SHA-256, by its number in COSE.
pub const ES256: i64 = -7;
/// Ed25519.
pub const EDDSA: i64 = -8;
/// RSA (PKCS #1 v1.5) with SHA-256.
pub const RS256: i64 = -257;
/// What passkeys may sign with, the best liked first.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

/// Where passkeys are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeySettings {
    /// The site that they are bound to: the host of our address.
    pub rp_id: String,
    /// Our pages' origin, as browsers write it.
    pub origin: String,
}

/// What a browser needs to make a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyBegun {
    /// What the authenticator is to answer.
    pub challenge: Vec<u8>,
    /// The site.
    pub rp_id: String,
    /// The bank's name.
    pub bank: String,
    /// What authenticators call the user.
    pub handle: Vec<u8>,
    /// The user's name.
    pub user: String,
    /// What people call them.
    pub display_name: String,
    /// The passkeys that they have.
    pub known: Vec<Vec<u8>>,
}

/// What a browser brings of a passkey that was made.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: String,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
}

/// A passkey in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyLine {
    /// What its authenticator calls it.
    pub id: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
    /// Whether its owner's devices share it.
    pub synced: bool,
    /// Since when.
    pub created_at: EventTime,
    /// When it was last used.
    pub last_used_at: Option<EventTime>,
}
