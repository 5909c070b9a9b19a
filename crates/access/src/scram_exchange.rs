//! The messages of SCRAM-SHA-256 (RFC 5802, section 7), as a server reads and writes them. Pure.
//!
//! ```text
//! client: n,,n=,r=<nonce>                    ClientFirst::read
//! server: r=<both nonces>,s=<salt>,i=4096    ClientFirst::answer
//! client: c=biws,r=<both nonces>,p=<proof>   ServerFirst::read
//! server: v=<signature>                      SqlSignedIn::message
//! ```
//!
//! With [`Mechanism::Plus`] the client also shows which certificate it sees, so that nobody stands in between.

use base64::{Engine, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq;

use crate::sql_login::SqlLogin;

/// A message is no longer; what is longer is not one.
const MESSAGE_BYTES_MAX: usize = 2048;
/// The only binding that clients of PostgreSQL know.
const END_POINT: &str = "p=tls-server-end-point";

/// Which of the two mechanisms a client chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mechanism {
    /// `SCRAM-SHA-256`.
    Plain {
        /// Whether the other was offered too: a client that could have chosen it and was not offered it has somebody in between.
        plus_offered: bool,
    },
    /// `SCRAM-SHA-256-PLUS`.
    Plus {
        /// The hash of the server's certificate (RFC 5929, `tls-server-end-point`).
        end_point: Vec<u8>,
    },
}

/// A message that is none of the exchange, or of another one. It does not repeat the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of the SCRAM exchange is not sound: {0}")]
pub struct Malformed(&'static str);

/// What the client said first.
#[derive(Debug, Clone)]
pub struct ClientFirst {
    /// What the last message must repeat: the header, and the binding.
    bound: Vec<u8>,
    bare: String,
    nonce: String,
}

impl ClientFirst {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none, or somebody took the better mechanism out of the server's offer.
    pub fn read(message: &str, mechanism: &Mechanism) -> Result<Self, Malformed> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Malformed("too long"));
        }
        let mut parts = message.splitn(3, ',');
        let (Some(flag), Some(""), Some(bare)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Malformed("the first header; another identity cannot be asked for"));
        };
        let end_point = binding(flag, mechanism)?;
        let nonce = bare.strip_prefix("n=").and_then(|rest| rest.split_once(",r=")).map(|(_, rest)| rest);
        let nonce = nonce.map(|rest| rest.split(',').next().unwrap_or(rest)).filter(|nonce| is_nonce(nonce));
        let nonce = nonce.ok_or(Malformed("the name or the nonce"))?;
        let bound = [format!("{flag},,").as_bytes(), end_point].concat();
        Ok(Self { bound, bare: bare.to_owned(), nonce: nonce.to_owned() })
    }

    /// What the client is sent.
    #[must_use]
    pub fn answer(self, login: &SqlLogin) -> ServerFirst {
        let nonce = format!("{}{}", self.nonce, login.nonce());
        let message = format!("r={nonce},s={},i={}", STANDARD.encode(login.salt()), login.iterations());
        ServerFirst { client: self, nonce, message }
    }
}

/// What the binding is made of.
fn binding<'a>(flag: &str, mechanism: &'a Mechanism) -> Result<&'a [u8], Malformed> {
    match (flag, mechanism) {
        ("n", Mechanism::Plain { .. }) | ("y", Mechanism::Plain { plus_offered: false }) => Ok(&[]),
        ("y", Mechanism::Plain { .. }) => Err(Malformed("the client was not shown the better mechanism")),
        (END_POINT, Mechanism::Plus { end_point }) => Ok(end_point),
        _ => Err(Malformed("the channel binding")),
    }
}

fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What the server said first.
#[derive(Debug, Clone)]
pub struct ServerFirst {
    client: ClientFirst,
    nonce: String,
    message: String,
}

impl ServerFirst {
    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Reads the client's last message.
    ///
    /// # Errors
    /// When it is none, is not of this exchange, or came over another channel.
    pub fn read(&self, message: &str) -> Result<ClientFinal, Malformed> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Malformed("too long"));
        }
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or(Malformed("no proof"))?;
        let (bound, rest) = without_proof.strip_prefix("c=").and_then(|rest| rest.split_once(",r=")).unzip();
        let bound = bound.and_then(|bound| STANDARD.decode(bound).ok()).ok_or(Malformed("the channel binding"))?;
        if !bool::from(bound.ct_eq(&self.client.bound)) {
            return Err(Malformed("it came over another channel"));
        }
        if rest.and_then(|rest| rest.split(',').next()) != Some(&self.nonce) {
            return Err(Malformed("it is of another exchange"));
        }
        let proof = STANDARD.decode(proof).map_err(|_| Malformed("the proof"))?;
        let auth_message = [&self.client.bare, self.message.as_str(), without_proof].join(",");
        Ok(ClientFinal { auth_message, proof })
    }
}

/// What the client said last.
#[derive(Clone)]
pub struct ClientFinal {
    auth_message: String,
    proof: Vec<u8>,
}

impl std::fmt::Debug for ClientFinal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientFinal(…)")
    }
}

impl ClientFinal {
    /// The three messages before the proof, with commas between.
    #[must_use]
    pub fn auth_message(&self) -> &[u8] {
        self.auth_message.as_bytes()
    }

    /// The client's proof.
    #[must_use]
    pub fn proof(&self) -> &[u8] {
        &self.proof
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const PLAIN: Mechanism = Mechanism::Plain { plus_offered: false };
    const SERVER: &str = "r=abcdef,s=c2FsdA==,i=4096";

    fn plus() -> Mechanism {
        Mechanism::Plus { end_point: vec![1, 2, 3] }
    }

    fn answered(message: &str, mechanism: &Mechanism) -> ServerFirst {
        let client = ClientFirst::read(message, mechanism).unwrap();
        ServerFirst { client, nonce: "abcdef".to_owned(), message: SERVER.to_owned() }
    }

    #[test]
    fn the_first_message_is_what_the_mechanism_asks_for() {
        let offered = Mechanism::Plain { plus_offered: true };
        let cases = [
            ("n,,n=,r=abc", PLAIN, true),
            ("n,,n=ana,r=abc,x=ext", PLAIN, true),
            ("y,,n=,r=abc", PLAIN, true),
            ("n,,n=,r=abc", offered.clone(), true),
            ("y,,n=,r=abc", offered, false),
            ("p=tls-server-end-point,,n=,r=abc", plus(), true),
            ("p=tls-unique,,n=,r=abc", plus(), false),
            ("n,,n=,r=abc", plus(), false),
            ("p=tls-server-end-point,,n=,r=abc", PLAIN, false),
            ("n,a=ben,n=,r=abc", PLAIN, false),
            ("n,,m=ext,n=,r=abc", PLAIN, false),
            ("n,,n=,r=", PLAIN, false),
            ("n,,n=,r=a c", PLAIN, false),
            ("n,,n=", PLAIN, false),
            ("", PLAIN, false),
        ];
        for (message, mechanism, sound) in cases {
            assert_eq!(ClientFirst::read(message, &mechanism).is_ok(), sound, "{message} {mechanism:?}");
        }
    }

    #[test]
    fn the_last_message_is_of_this_exchange_and_this_channel() {
        let first = answered("n,,n=,r=abc", &PLAIN);
        let last = first.read("c=biws,r=abcdef,p=AQID").unwrap();
        assert_eq!(last.auth_message(), b"n=,r=abc,r=abcdef,s=c2FsdA==,i=4096,c=biws,r=abcdef");
        assert_eq!(last.proof(), [1, 2, 3]);
        for wrong in [
            "c=biws,r=abcdef",
            "c=biws,r=abcdeg,p=AQID",
            "c=biws,r=abcdef,p=???",
            "c=eSws,r=abcdef,p=AQID",
            "c=,r=abcdef,p=AQID",
            "r=abcdef,p=AQID",
            "",
        ] {
            assert!(first.read(wrong).is_err(), "{wrong}");
        }
        assert!(answered("y,,n=,r=abc", &PLAIN).read("c=eSws,r=abcdef,p=AQID").is_ok());
    }

    #[test]
    fn a_bound_exchange_does_not_go_through_another_certificate() {
        let first = answered("p=tls-server-end-point,,n=,r=abc", &plus());
        let bound = |end_point: &[u8]| {
            let bytes = [b"p=tls-server-end-point,,", end_point].concat();
            format!("c={},r=abcdef,p=AQID", STANDARD.encode(bytes))
        };
        assert!(first.read(&bound(&[1, 2, 3])).is_ok());
        assert_eq!(first.read(&bound(&[1, 2, 4])).unwrap_err(), Malformed("it came over another channel"));
    }
}
