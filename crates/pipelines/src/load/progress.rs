//! What a load tells those who wait for it.

/// Told how far a load has come. Called from several threads.
pub trait Progress: Send + Sync {
    /// A step begins: what it is, and how many units (bytes or rows) it has, if that is known.
    fn begin(&self, step: &str, unit: &'static str, total: Option<u64>);
    /// So many more units are done.
    fn advance(&self, units: u64);
    /// The step is done.
    fn end(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: &'static str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
