//! Bodies: read within their bounds, decompressed within the same, and unwrapped from a form.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::Refused;

/// How much is decompressed at once, and how much is made room for before it has arrived.
const BLOCK_BYTES: usize = 64 * 1024;
/// So much is read of a body that is refused, so that its sender hears why.
const UNHEARD_BYTES_MAX: usize = 16 * 1024 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A body, with its share of the room that all bodies have.
pub(super) struct Body {
    bytes: Vec<u8>,
    share: Share,
    /// Why it is not taken.
    refused: Option<Refused>,
}

/// A share of the room, which grows as bytes arrive.
struct Share {
    room: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    fn grow(&mut self, bytes: usize) -> Result<(), Refused> {
        let permits = u32::try_from(bytes).map_err(|_| Refused::Busy)?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(permits).map_err(|_| Refused::Busy)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

impl Body {
    /// Reads all of it. Takes as long and as much as it may, and no room that others have.
    pub(super) async fn read(
        stream: axum::body::Body,
        headers: &HeaderMap,
        query: &str,
        bytes_max: usize,
        patience: Duration,
        room: &Arc<Semaphore>,
    ) -> Result<Self, Refused> {
        let word =
            |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let announced = word(header::CONTENT_LENGTH).parse::<usize>().unwrap_or(0);
        let mut body = Self {
            bytes: Vec::with_capacity(announced.min(bytes_max).min(BLOCK_BYTES)),
            share: Share { room: Arc::clone(room), held: None },
            refused: (announced > bytes_max).then_some(Refused::TooLarge { bytes_max }),
        };
        // Whoever asks before it sends, or sends that much, is not heard out.
        let heard = body.refused.is_none() || !headers.contains_key(header::EXPECT) && announced <= UNHEARD_BYTES_MAX;
        if heard {
            let all = tokio::time::timeout(patience, body.read_all(stream, bytes_max)).await;
            all.unwrap_or(Err(Refused::Slow(patience))).map_err(|broken| body.refused.take().unwrap_or(broken))?;
        }
        if let Some(refused) = body.refused.take() {
            return Err(refused);
        }
        let encoding = word(header::CONTENT_ENCODING);
        if word(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
            body.unwrap_form()?;
        }
        body.decompress(encoding, parameter(query, "compression"), bytes_max)?;
        Ok(body)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads on when it is refused, without keeping anything: a sender who is not done finds the connection reset, and
    /// never reads the answer.
    async fn read_all(&mut self, stream: axum::body::Body, bytes_max: usize) -> Result<(), Refused> {
        let mut chunks = stream.into_data_stream();
        let mut unheard = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refused::BrokenOff)?;
            if self.refused.is_none() {
                self.refused = self.keep(&chunk, bytes_max).err();
            }
            if self.refused.is_some() {
                self.give_up();
                unheard += chunk.len();
            }
            if unheard > UNHEARD_BYTES_MAX {
                break;
            }
        }
        Ok(())
    }

    fn keep(&mut self, chunk: &[u8], bytes_max: usize) -> Result<(), Refused> {
        if self.bytes.len() + chunk.len() > bytes_max {
            return Err(Refused::TooLarge { bytes_max });
        }
        self.share.grow(chunk.len())?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// Leaves the room to others.
    fn give_up(&mut self) {
        self.bytes = Vec::new();
        self.share.held = None;
    }

    /// By the header, by the address (`compression=gzip-js`), or as its first bytes say.
    fn decompress(&mut self, encoding: &str, compression: Option<&str>, bytes_max: usize) -> Result<(), Refused> {
        let bytes = std::mem::take(&mut self.bytes);
        let base64 = compression == Some("base64") && !bytes.starts_with(b"{") && !bytes.starts_with(b"[");
        let bytes = if base64 { STANDARD.decode(bytes).map_err(|_| Refused::NotDecoded("base64"))? } else { bytes };
        self.bytes = match encoding.trim() {
            _ if bytes.starts_with(&GZIP_MAGIC) => self.inflate(MultiGzDecoder::new(&*bytes), "gzip", bytes_max)?,
            "" | "identity" => bytes,
            "gzip" | "x-gzip" => return Err(Refused::NotDecoded("gzip")),
            "deflate" => self.inflate(ZlibDecoder::new(&*bytes), "deflate", bytes_max)?,
            _ => return Err(Refused::Encoding),
        };
        Ok(())
    }

    fn inflate(&mut self, mut from: impl Read, what: &'static str, bytes_max: usize) -> Result<Vec<u8>, Refused> {
        let mut out = Vec::new();
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            match from.read(&mut block) {
                Ok(0) => return Ok(out),
                Ok(read) if out.len() + read > bytes_max => return Err(Refused::TooLarge { bytes_max }),
                Ok(read) => {
                    self.share.grow(read)?;
                    out.extend_from_slice(&block[..read]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Refused::NotDecoded(what)),
            }
        }
    }

    /// What browsers' clients send when they can do nothing better: `data=` and base64.
    fn unwrap_form(&mut self) -> Result<(), Refused> {
        if self.bytes.starts_with(b"{") || self.bytes.starts_with(b"[") || self.bytes.starts_with(&GZIP_MAGIC) {
            return Ok(()); // not a form, whatever the header says
        }
        let form = std::str::from_utf8(&self.bytes).map_err(|_| Refused::NotDecoded("form"))?;
        let data = parameter(form, "data").ok_or(Refused::NotDecoded("form"))?;
        let data = percent_decoded(data).ok_or(Refused::NotDecoded("form"))?;
        let plain = data.starts_with(b"{") || data.starts_with(b"[");
        self.bytes = if plain { data } else { STANDARD.decode(data).map_err(|_| Refused::NotDecoded("base64"))? };
        Ok(())
    }
}

/// The value of a parameter, as it is written.
pub(super) fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next()
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'%' => {
                let (digits, after) = after.split_at_checked(2)?;
                out.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
                rest = after;
            }
            b'+' => out.push(b' '),
            other => out.push(*other),
        }
    }
    // Base64 has pluses that not every client escapes.
    let base64 = !out.starts_with(b"{") && !out.starts_with(b"[");
    Some(if base64 { out.into_iter().map(|c| if c == b' ' { b'+' } else { c }).collect() } else { out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_and_percent_signs_are_read() {
        assert_eq!(parameter("a=1&strict=true&b", "strict"), Some("true"));
        assert_eq!(parameter("a=1&strict", "strict"), Some(""));
        assert_eq!(parameter("a=1", "strict"), None);
        assert_eq!(percent_decoded("%7B%22a%22+%3A1}").as_deref(), Some(&b"{\"a\" :1}"[..]));
        assert_eq!(percent_decoded("eyJ+a%3D%3D").as_deref(), Some(&b"eyJ+a=="[..]));
        for wrong in ["%", "%2", "%zz"] {
            assert_eq!(percent_decoded(wrong), None, "{wrong}");
        }
    }
}
