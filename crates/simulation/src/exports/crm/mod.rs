//! The CRM: what relationship managers typed. Names in characters, pinyin or English, typing errors, the same customer twice, addresses
//! that were right once. Most branches export CSV; private banking keeps workbooks.

mod file;
pub(crate) mod record;

pub(crate) use file::write;

/// The system's name.
pub(crate) const SYSTEM: &str = "crm";
