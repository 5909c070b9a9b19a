//! TLS: a certificate and its key, or a server that does not start.

use std::{path::Path, sync::Arc};

use florin_pipelines::bank::SqlSettings;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use crate::OpenError;

/// What is needed to speak TLS.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The hash of the certificate that clients bind their login to (RFC 5929, `tls-server-end-point`); `None` when its kind has none.
    pub(crate) end_point: Option<Vec<u8>>,
}

impl Tls {
    /// As the settings say; `None` when they say nothing of it.
    ///
    /// # Errors
    /// When half of it is missing, or a file cannot be read or used.
    pub(crate) fn of(settings: &SqlSettings, folder: &Path, protocols: &[&str]) -> Result<Option<Self>, OpenError> {
        let (certificate, key) = match (&settings.certificate, &settings.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (folder.join(certificate), folder.join(key)),
            _ => {
                return Err(OpenError::Setting(
                    "TLS needs a `certificate` and its `key`; one of them is missing".to_owned(),
                ));
            }
        };
        let wrong = |path: &Path, why: &dyn std::fmt::Display| OpenError::Tls {
            path: path.display().to_string(),
            why: why.to_string(),
        };
        let chain = CertificateDer::pem_file_iter(&certificate).map_err(|e| wrong(&certificate, &e))?;
        let chain: Vec<CertificateDer<'static>> =
            chain.collect::<Result<_, _>>().map_err(|e| wrong(&certificate, &e))?;
        let end_point = chain.first().ok_or_else(|| wrong(&certificate, &"it holds no certificate"))?;
        let end_point = end_point_of(end_point);
        let secret = PrivateKeyDer::from_pem_file(&key).map_err(|e| wrong(&key, &e))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| wrong(&certificate, &e))?
            .with_no_client_auth()
            .with_single_cert(chain, secret);
        let mut config = config.map_err(|e| wrong(&key, &e))?;
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Some(Self { acceptor: TlsAcceptor::from(Arc::new(config)), end_point }))
    }
}

/// The hash of a certificate, by the hash that it is signed with; at least SHA-256.
fn end_point_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(certificate)?;
    const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    let hash = match (algorithm.strip_prefix(RSA.as_slice()), algorithm.strip_prefix(ECDSA.as_slice())) {
        (Some([4 | 5 | 11]), _) | (_, Some([2])) => 256,
        (Some([12]), _) | (_, Some([3])) => 384,
        (Some([13]), _) | (_, Some([4])) => 512,
        // Ed25519 and others: the standard names no hash.
        _ => return None,
    };
    Some(match hash {
        384 => Sha384::digest(certificate).to_vec(),
        512 => Sha512::digest(certificate).to_vec(),
        _ => Sha256::digest(certificate).to_vec(),
    })
}

/// The object identifier of what a certificate is signed with: `SEQUENCE { tbs, SEQUENCE { OID, … }, … }`.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (outer, _) = element(certificate, 0x30)?;
    let (_, after_tbs) = element(outer, 0x30)?;
    let (algorithm, _) = element(after_tbs, 0x30)?;
    element(algorithm, 0x06).map(|(identifier, _)| identifier)
}

/// The content of an element of DER, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(first) {
        short if short < 0x80 => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            if digits.len() > 4 {
                return None;
            }
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}
