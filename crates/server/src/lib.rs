//! Florin over HTTP: the API, sign-in, the event collector, jobs, the console.
//!
//! *What*: [`Server::open`] puts a bank behind the routes of `api`; [`Server::serve`] listens until it is told to end.
//!
//! *Start here*: `router.rs` mounts every endpoint of `florin_api` by its id and guards it by what the endpoint says of itself; a route
//! that is not in that table does not exist.
//!
//! *How to read*: `guard.rs` is the path of a request (who, may they, how much is going on, what is logged); `routes/` has a file a chapter,
//! whose handlers ask `pipelines` and shape answers; `jobs/` does long work; `events.rs` loads what the collector keeps;
//! `tools.rs` opens the doors of BI tools, which are in `wire`.
//!
//! *How to write*: a handler never decides who may see what: it acts as whoever asked ([`House::acting_as`](florin_pipelines::House::acting_as)) and the policies decide. No
//! answer tells what is inside; `failure.rs` has a text for each side. Every queue and wait has a bound in `bounds.rs`.

mod address;
mod answer;
mod bounds;
mod caller;
mod door;
mod events;
mod failure;
mod figures;
mod guard;
mod handle;
mod jobs;
mod pages;
mod router;
mod routes;
mod serve;
mod sign_on;
mod state;
mod tag;
mod tools;

pub use door::access;
pub use router::mounted;
pub use serve::{Serving, Told};
pub use state::{OpenError, Server};
