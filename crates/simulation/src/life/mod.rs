//! What people do: months that are lived one after the other. Start with [`month::live`].

pub(crate) mod campaigns;
pub(crate) mod credit;
mod leaving;
pub(crate) mod money;
pub(crate) mod month;
mod needs;
pub(crate) mod outbox;
pub(crate) mod packed;
pub(crate) mod records;
pub(crate) mod release;
pub(crate) mod rhythm;
mod service;
pub(crate) mod spending;
pub(crate) mod state;
pub(crate) mod sums;
pub(crate) mod visits;
pub(crate) mod world;
