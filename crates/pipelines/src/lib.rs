//! The wiring, one file a flow, each a sentence of verbs.
//!
//! *What*: a bank directory is read and checked ([`bank`]), recorded ([`apply`]), its files loaded ([`load`]), questions
//! answered ([`ask`]), journeys told ([`journeys`]), customers grouped by what they pay ([`rfm`]), found to be one ([`resolve`](mod@resolve)), foretold ([`models`]), recommended to ([`offers`]) and shown
//! ([`customer`]), quality reported ([`quality`]), who belongs to segments decided ([`segments`]), the lake cared for ([`care`]) and
//! everything put on record ([`record`]).
//!
//! *Start here*: [`House::open`] opens a bank; every flow takes a `&House`.
//!
//! *How to read*: a flow asks `governance` for leave, writes the audit log, then lets `ingest`, `lake` and `store` work.
//!
//! *How to write*: nothing here computes what a crate below could; the clock and randomness come in through
//! [`Surroundings`]. What is read is on the audit log first: if that cannot be written, nothing is read.

mod allowed;
pub mod apply;
pub mod ask;
pub mod bank;
mod behind;
pub mod care;
pub mod customer;
pub mod define;
mod error;
pub mod facts;
mod house;
pub mod journeys;
pub mod load;
pub mod models;
pub mod offers;
pub mod quality;
pub mod quarantine;
pub mod record;
pub mod resolve;
pub mod rfm;
pub mod run;
pub mod segments;
pub mod traits;
mod turns;
mod visible;

pub use allowed::{Allowed, RoleSees};
pub use error::FlowError;
pub use house::{FillRandom, House, Overrides, Surroundings};
pub use visible::{VisibleColumn, VisibleTable};
