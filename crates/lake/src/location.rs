//! Where a lake is: a local directory, or a prefix in S3-compatible storage.

use std::{path::PathBuf, sync::Arc};

use object_store::{ObjectStore, local::LocalFileSystem};
use url::Url;

use crate::LakeError;

/// Where a lake is, and how to reach it.
#[derive(Clone)]
pub struct Location {
    /// `file:///…/lake/` or `s3://bucket/prefix/`, with a final slash.
    url: Url,
    store: Arc<dyn ObjectStore>,
    local: Option<PathBuf>,
}

/// How to reach S3-compatible storage. Credentials come from the environment (`AWS_ACCESS_KEY_ID`, …).
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// Another endpoint than Amazon's, such as `http://minio:9000`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The region; `us-east-1` when absent.
    #[serde(default)]
    pub region: Option<String>,
    /// Whether an endpoint without TLS is allowed.
    #[serde(default)]
    pub allow_http: bool,
}

impl Location {
    /// A lake in a local directory, which is made when it is not there.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn local(path: impl Into<PathBuf>) -> Result<Self, LakeError> {
        let path: PathBuf = path.into();
        std::fs::create_dir_all(&path).map_err(|e| LakeError::file(&path, e))?;
        let path = path.canonicalize().map_err(|e| LakeError::file(&path, e))?;
        if has_escape(&path.to_string_lossy()) {
            // Delta's kernel decodes paths once too often: it would look for the tables somewhere else.
            let why =
                format!("a lake cannot be in `{}`: a `%` before two hexadecimal digits is misread", path.display());
            return Err(LakeError::Setting(why));
        }
        let url = Url::from_directory_path(&path)
            .map_err(|()| LakeError::Setting(format!("`{}` is not an absolute path", path.display())))?;
        Ok(Self { url, store: Arc::new(LocalFileSystem::new()), local: Some(path) })
    }

    /// A lake under `s3://bucket/prefix`.
    ///
    /// # Errors
    /// When the URL is not of that form, or the settings do not fit together.
    pub fn s3(url: &str, settings: &S3Settings) -> Result<Self, LakeError> {
        let mut url = Url::parse(url).map_err(|e| LakeError::Setting(format!("`{url}` is not a URL: {e}")))?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let store = s3_store(&url, settings)?;
        Ok(Self { url, store, local: None })
    }

    /// `file:///…` or `s3://…`, with a final slash.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The store, rooted at the file system or the bucket.
    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The local directory, when it is one.
    pub(crate) fn local_dir(&self) -> Option<&PathBuf> {
        self.local.as_ref()
    }

    /// Where a table is.
    pub(crate) fn table_url(&self, table: &str) -> Result<Url, LakeError> {
        self.url.join(&format!("{table}/")).map_err(|e| LakeError::Setting(format!("no place for `{table}`: {e}")))
    }
}

/// Whether a path has something that looks like an escaped byte of a URL (`%41`).
fn has_escape(path: &str) -> bool {
    path.as_bytes().windows(3).any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
}

fn s3_store(url: &Url, settings: &S3Settings) -> Result<Arc<dyn ObjectStore>, LakeError> {
    use object_store::aws::{AmazonS3Builder, S3ConditionalPut};

    let bucket = url.host_str().ok_or_else(|| LakeError::Setting(format!("`{url}` names no bucket")))?;
    // A commit is a put that fails when the file is there: that is what keeps two writers apart.
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_region(settings.region.as_deref().unwrap_or("us-east-1"))
        .with_allow_http(settings.allow_http)
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Arc::new(builder.build()?))
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Location").field(&self.url.as_str()).finish()
    }
}
