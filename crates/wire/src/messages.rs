//! Messages of PostgreSQL's protocol, version 3: what clients send, and what they are sent.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::{
    catalogue::types::{self, Oid},
    columns::{Column, sized},
    fault::{Fault, code},
};

/// The longest message of somebody who signed in: a statement with its parameters.
pub(crate) const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// The longest message of somebody who did not.
pub(crate) const LOGIN_BYTES_MAX: usize = 16 << 10;

/// The version that is spoken: 3.0.
pub(crate) const VERSION: u32 = 3 << 16;
pub(crate) const CANCEL: u32 = 80_877_102;
pub(crate) const TLS: u32 = 80_877_103;
pub(crate) const GSS: u32 = 80_877_104;

/// Why no message could be read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The client is gone.
    Gone,
    /// It is none, and nothing that follows can be one.
    Broken(Fault),
}

impl From<std::io::Error> for Unread {
    fn from(_: std::io::Error) -> Self {
        Self::Gone
    }
}

/// A message of a client, by its letter.
pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin), bytes_max: usize) -> Result<(u8, Vec<u8>), Unread> {
    let letter = from.read_u8().await?;
    Ok((letter, body(from, bytes_max).await?))
}

/// The first message of a connection, which has no letter: its number, and what follows.
pub(crate) async fn read_first(from: &mut (impl AsyncRead + Unpin)) -> Result<(u32, Vec<u8>), Unread> {
    let mut body = body(from, LOGIN_BYTES_MAX).await?;
    let number = body.get(..4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let number = number.ok_or_else(|| Unread::Broken(Fault::new(code::PROTOCOL, "the first message is too short")))?;
    body.drain(..4);
    Ok((number, body))
}

async fn body(from: &mut (impl AsyncRead + Unpin), bytes_max: usize) -> Result<Vec<u8>, Unread> {
    let length = from.read_i32().await?;
    let length = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
    let length = length.filter(|length| *length <= bytes_max).ok_or_else(|| {
        Unread::Broken(Fault::new(code::PROTOCOL, format!("a message has at most {bytes_max} bytes here")))
    })?;
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok(body)
}

/// Reads the parts of a message.
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl<'a> Parts<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        match self.0.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.0 = rest;
                Ok(bytes)
            }
            None => Err(Fault::new(code::PROTOCOL, "a message is shorter than it says")),
        }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.bytes(1)?.first().copied().unwrap_or_default())
    }

    pub(crate) fn short(&mut self) -> Result<u16, Fault> {
        let bytes = self.bytes(2)?;
        Ok(bytes.try_into().map(u16::from_be_bytes).unwrap_or_default())
    }

    pub(crate) fn int(&mut self) -> Result<i32, Fault> {
        let bytes = self.bytes(4)?;
        Ok(bytes.try_into().map(i32::from_be_bytes).unwrap_or_default())
    }

    /// A text up to a zero.
    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let end = end.ok_or_else(|| Fault::new(code::PROTOCOL, "a text of a message has no end"))?;
        let text = std::str::from_utf8(self.bytes(end)?).map_err(|_| Fault::new("22021", "a text is not UTF-8"))?;
        self.byte()?;
        Ok(text)
    }
}

/// A message, with its length put in.
pub(crate) fn message(out: &mut Vec<u8>, letter: u8, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(letter);
    let start = out.len();
    sized(out, write);
    // The length counts itself.
    if let Some(place) = out.get_mut(start..start + 4) {
        let length = i32::from_be_bytes(place.try_into().unwrap_or_default()) + 4;
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

/// A message of how signing in goes on.
pub(crate) fn authentication(out: &mut Vec<u8>, step: i32, data: &[u8]) {
    message(out, b'R', |out| {
        out.extend_from_slice(&step.to_be_bytes());
        out.extend_from_slice(data);
    });
}

pub(crate) fn parameter_status(out: &mut Vec<u8>, name: &str, value: &str) {
    message(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

pub(crate) fn key_data(out: &mut Vec<u8>, process: i32, secret: i32) {
    message(out, b'K', |out| {
        out.extend_from_slice(&process.to_be_bytes());
        out.extend_from_slice(&secret.to_be_bytes());
    });
}

/// That another version is spoken than was asked for, and which options are not known.
pub(crate) fn negotiate(out: &mut Vec<u8>, unknown: &[String]) {
    message(out, b'v', |out| {
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&(unknown.len() as i32).to_be_bytes());
        for name in unknown {
            text(out, name);
        }
    });
}

/// A message that is only its letter.
pub(crate) fn bare(out: &mut Vec<u8>, letter: u8) {
    message(out, letter, |_| {});
}

pub(crate) fn ready(out: &mut Vec<u8>, state: u8) {
    message(out, b'Z', |out| out.push(state));
}

pub(crate) fn complete(out: &mut Vec<u8>, tag: &str) {
    message(out, b'C', |out| text(out, tag));
}

pub(crate) fn error(out: &mut Vec<u8>, severity: &str, fault: &Fault) {
    message(out, if severity == "WARNING" { b'N' } else { b'E' }, |out| {
        let fields = [(b'S', severity), (b'V', severity), (b'C', fault.code), (b'M', &fault.message)];
        for (letter, said) in fields.into_iter().chain(fault.hint.as_deref().map(|hint| (b'H', hint))) {
            out.push(letter);
            text(out, said);
        }
        out.push(0);
    });
}

pub(crate) fn parameter_description(out: &mut Vec<u8>, types: &[Oid]) {
    message(out, b't', |out| {
        out.extend_from_slice(&(types.len() as u16).to_be_bytes());
        for ty in types {
            out.extend_from_slice(&ty.to_be_bytes());
        }
    });
}

pub(crate) fn row_description(out: &mut Vec<u8>, columns: &[Column], binary: &[bool]) {
    message(out, b'T', |out| {
        out.extend_from_slice(&(columns.len() as u16).to_be_bytes());
        for (place, column) in columns.iter().enumerate() {
            text(out, &column.name);
            // No table and no column of one.
            out.extend_from_slice(&[0; 6]);
            out.extend_from_slice(&column.ty.to_be_bytes());
            out.extend_from_slice(&types::by_oid(column.ty).map_or(-1, |facts| facts.len).to_be_bytes());
            out.extend_from_slice(&column.modifier.to_be_bytes());
            out.extend_from_slice(&u16::from(binary.get(place).copied().unwrap_or_default()).to_be_bytes());
        }
    });
}
