//! `florin run`, `florin trait`: what is known of every customer, computed and kept.
//!
//! A trait is computed by Florin's own work over everybody, as of a time, and kept as a table of the lake under
//! its own class and purposes; whoever reads it is bound by these and by consent. Of the present the kept values are read. A
//! session that stands at a past date sees the traits of that date, computed when they are asked for ([`Asking::sql`](crate::ask::Asking::sql)).

mod column;
mod compute;
mod keep;
mod lineage;
mod past;
mod profile;
mod run;
pub(crate) mod state;
mod training;

pub(crate) use compute::Profiling;
pub(crate) use lineage::sources;
pub use lineage::{Lineage, SourceColumns, lineage};
pub use profile::ProfileValue;
pub(crate) use profile::profile;
pub use run::{Done, Failed, Outcome, Plan, plan, run};
pub use state::{Kept, TraitState, states};
pub(crate) use state::{day_of, kept_of, persons_version};
pub use training::training;
