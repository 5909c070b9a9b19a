//! A client of the protocol that hides nothing.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::bank::Key;

/// A connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pub(crate) process: i32,
    pub(crate) secret: i32,
}

/// A message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) u8, pub(crate) Vec<u8>);

impl Message {
    /// A field of an error.
    pub(crate) fn field(&self, letter: u8) -> Option<String> {
        let fields = self.1.split(|byte| *byte == 0).find(|field| field.first() == Some(&letter))?;
        Some(String::from_utf8_lossy(&fields[1..]).into_owned())
    }

    /// The cells of a row.
    pub(crate) fn row(&self) -> Vec<Option<Vec<u8>>> {
        let mut rest = &self.1[2..];
        let mut cells = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => {
                    cells.push(Some(after[..length].to_vec()));
                    rest = &after[length..];
                }
                Err(_) => {
                    cells.push(None);
                    rest = after;
                }
            }
        }
        cells
    }
}

/// What a statement came to.
#[derive(Debug, Default)]
pub(crate) struct Came {
    pub(crate) rows: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// Code and message.
    pub(crate) error: Option<(String, String)>,
    pub(crate) state: u8,
    pub(crate) letters: String,
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

pub(crate) fn message(letter: u8, body: &[u8]) -> Vec<u8> {
    [[letter].as_slice(), &(body.len() as i32 + 4).to_be_bytes(), body].concat()
}

pub(crate) fn start_up(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = 196_608_i32.to_be_bytes().to_vec();
    for (name, value) in parameters {
        body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    body.push(0);
    [(body.len() as i32 + 4).to_be_bytes().as_slice(), &body].concat()
}

impl Client {
    pub(crate) async fn reach(port: u16) -> Self {
        Self { stream: TcpStream::connect(("127.0.0.1", port)).await.unwrap(), process: 0, secret: 0 }
    }

    /// Signs in to a database, with more that is set at once.
    pub(crate) async fn enter(port: u16, key: &Key, more: &[(&str, &str)]) -> Result<Self, (String, String)> {
        let mut client = Self::reach(port).await;
        let parameters: Vec<(&str, &str)> =
            [("user", key.user.as_str())].into_iter().chain(more.iter().copied()).collect();
        client.send(&start_up(&parameters)).await;
        client.signed_in(&key.password).await?;
        loop {
            let message = client.read().await.unwrap();
            match message.0 {
                b'Z' => return Ok(client),
                b'E' => return Err(error_of(&message)),
                b'K' => {
                    client.process = i32::from_be_bytes(message.1[..4].try_into().unwrap());
                    client.secret = i32::from_be_bytes(message.1[4..].try_into().unwrap());
                }
                _ => {}
            }
        }
    }

    async fn signed_in(&mut self, password: &str) -> Result<(), (String, String)> {
        self.step(10).await?;
        let bare = "n=,r=fyko";
        let first = format!("n,,{bare}");
        let body = [b"SCRAM-SHA-256\0".as_slice(), &(first.len() as i32).to_be_bytes(), first.as_bytes()].concat();
        self.send(&message(b'p', &body)).await;
        let server = String::from_utf8(self.step(11).await?).unwrap();
        let part = |of: usize| server.split(',').nth(of).unwrap()[2..].to_owned();
        let (nonce, salt, rounds) = (part(0), STANDARD.decode(part(1)).unwrap(), part(2).parse::<u32>().unwrap());
        let mut salted = hmac(password.as_bytes(), &[salt.as_slice(), &[0, 0, 0, 1]].concat());
        let mut block = salted;
        for _ in 1..rounds {
            block = hmac(password.as_bytes(), &block);
            salted.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
        }
        let client_key = hmac(&salted, b"Client Key");
        let without_proof = format!("c=biws,r={nonce}");
        let said = format!("{bare},{server},{without_proof}");
        let signature = hmac(&Sha256::digest(client_key), said.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        self.send(&message(b'p', format!("{without_proof},p={}", STANDARD.encode(proof)).as_bytes())).await;
        let last = self.step(12).await?;
        let expected = STANDARD.encode(hmac(&hmac(&salted, b"Server Key"), said.as_bytes()));
        assert_eq!(String::from_utf8(last).unwrap(), format!("v={expected}"));
        Ok(())
    }

    async fn step(&mut self, number: i32) -> Result<Vec<u8>, (String, String)> {
        let message = self.read().await.unwrap();
        if message.0 == b'E' {
            return Err(error_of(&message));
        }
        assert_eq!((message.0, &message.1[..4]), (b'R', number.to_be_bytes().as_slice()));
        Ok(message.1[4..].to_vec())
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn read(&mut self) -> Option<Message> {
        let letter = self.stream.read_u8().await.ok()?;
        let length = self.stream.read_i32().await.ok()?;
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.stream.read_exact(&mut body).await.ok()?;
        Some(Message(letter, body))
    }

    /// Everything up to where the server is ready.
    pub(crate) async fn came(&mut self) -> Came {
        let mut came = Came::default();
        while let Some(message) = self.read().await {
            came.letters.push(message.0 as char);
            match message.0 {
                b'D' => came.rows.push(shown(&message.row())),
                b'C' => came.tags.push(String::from_utf8_lossy(&message.1[..message.1.len() - 1]).into_owned()),
                b'E' => came.error = Some(error_of(&message)),
                b'Z' => {
                    came.state = message.1[0];
                    break;
                }
                _ => {}
            }
        }
        came
    }

    /// A text of statements.
    pub(crate) async fn ask(&mut self, text: &str) -> Came {
        self.send(&message(b'Q', &[text.as_bytes(), b"\0"].concat())).await;
        self.came().await
    }

    /// The code that a statement is refused with; empty when it is not.
    pub(crate) async fn code(&mut self, text: &str) -> String {
        self.ask(text).await.error.map(|(code, _)| code).unwrap_or_default()
    }
}

fn shown(cells: &[Option<Vec<u8>>]) -> String {
    let mut shown = String::new();
    for (place, cell) in cells.iter().enumerate() {
        let bar = if place > 0 { "|" } else { "" };
        let cell = cell.as_ref().map_or("∅".into(), |bytes| String::from_utf8_lossy(bytes).into_owned());
        let _ = write!(shown, "{bar}{cell}");
    }
    shown
}

fn error_of(message: &Message) -> (String, String) {
    (message.field(b'C').unwrap(), message.field(b'M').unwrap())
}
