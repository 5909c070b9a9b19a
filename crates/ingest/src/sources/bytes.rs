//! The bytes of a file: hashed as they are on disk, decompressed on the way.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::{
    SourceError,
    files::{Seen, Watched},
};
use crate::definition::{Compression, InputDef};

/// How much compressed input is read at once.
const COMPRESSED_BLOCK_BYTES: usize = 256 << 10;

/// The file's own bytes, hashed and counted as they are read.
pub(super) struct HashedFile<'a> {
    file: File,
    hasher: blake3::Hasher,
    bytes: u64,
    on_bytes: &'a (dyn Fn(u64) + Sync),
}

impl Read for HashedFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        (self.on_bytes)(read as u64);
        Ok(read)
    }
}

enum Stream<'a> {
    Plain(Box<HashedFile<'a>>),
    Gzip(Box<flate2::bufread::MultiGzDecoder<BufReader<HashedFile<'a>>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<HashedFile<'a>>>>),
}

/// What a file holds once it is decompressed.
pub(super) struct Bytes<'a> {
    path: PathBuf,
    seen: Seen,
    stream: Stream<'a>,
}

/// What was read, when all of it was.
pub(super) struct WholeFile {
    pub(super) bytes: u64,
    pub(super) content: [u8; 32],
}

impl<'a> Bytes<'a> {
    pub(super) fn open(input: &InputDef, path: &Path, on_bytes: &'a (dyn Fn(u64) + Sync)) -> Result<Self, SourceError> {
        let Watched { file, seen } = Watched::open(path)?;
        let hashed = HashedFile { file, hasher: blake3::Hasher::new(), bytes: 0, on_bytes };
        let compression = compression(input, path);
        if compression != Compression::None && seen.len == 0 {
            return Err(SourceError::Truncated { path: path.to_owned(), what: stream_name(compression) });
        }
        let stream = match compression {
            Compression::Gzip => Stream::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(buffered(hashed)))),
            Compression::Zstd => Stream::Zstd(Box::new(
                zstd::stream::read::Decoder::with_buffer(buffered(hashed)).map_err(|e| SourceError::io(path, e))?,
            )),
            Compression::Auto | Compression::None => Stream::Plain(Box::new(hashed)),
        };
        Ok(Self { path: path.to_owned(), seen, stream })
    }

    /// Appends bytes until `buffer` holds `target` of them or the file ends. True at the end of the file.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, target: usize) -> Result<bool, SourceError> {
        let mut filled = buffer.len();
        buffer.resize(target.max(filled), 0);
        while filled < target {
            match self.stream.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.error(e)),
            }
        }
        buffer.truncate(filled);
        Ok(filled < target)
    }

    /// After the end: what the file was, if it is still the same.
    pub(super) fn finish(self) -> Result<WholeFile, SourceError> {
        let mut hashed = match self.stream {
            Stream::Plain(file) => *file,
            Stream::Gzip(decoder) => decoder.into_inner().into_inner(),
            Stream::Zstd(decoder) => decoder.finish().into_inner(),
        };
        io::copy(&mut hashed, &mut io::sink()).map_err(|e| SourceError::io(&self.path, e))?;
        self.seen.check(hashed.bytes)?;
        Ok(WholeFile { bytes: hashed.bytes, content: *hashed.hasher.finalize().as_bytes() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn error(&self, error: io::Error) -> SourceError {
        let (what, stream) = match self.stream {
            Stream::Plain(_) => return SourceError::io(&self.path, error),
            Stream::Gzip(_) => ("gzip", stream_name(Compression::Gzip)),
            Stream::Zstd(_) => ("zstd", stream_name(Compression::Zstd)),
        };
        if error.kind() == ErrorKind::UnexpectedEof {
            return SourceError::Truncated { path: self.path.clone(), what: stream };
        }
        SourceError::damaged(&self.path, what, error)
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

fn buffered(file: HashedFile<'_>) -> BufReader<HashedFile<'_>> {
    BufReader::with_capacity(COMPRESSED_BLOCK_BYTES, file)
}

fn stream_name(compression: Compression) -> &'static str {
    match compression {
        Compression::Zstd => "zstd stream",
        _ => "gzip stream",
    }
}

/// How a file is compressed: as declared, or as its name ends. Never [`Compression::Auto`].
pub(super) fn compression(input: &InputDef, path: &Path) -> Compression {
    if input.compression != Compression::Auto {
        return input.compression;
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "gz" | "gzip" => Compression::Gzip,
        "zst" | "zstd" => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Refuses compression where the format does it by itself.
pub(super) fn plain_only(input: &InputDef, path: &Path, format: &'static str) -> Result<(), SourceError> {
    match compression(input, path) {
        Compression::None | Compression::Auto => Ok(()),
        Compression::Gzip | Compression::Zstd => Err(SourceError::Compressed { path: path.to_owned(), format }),
    }
}
