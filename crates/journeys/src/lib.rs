//! What did customers do, one after the other? Funnels, retention, sessions, paths.
//!
//! *What*: kernels that answer questions about journeys over rows sorted by customer and time. Pure: columns in, counts and
//! sets of customers out. No I/O, no clock, no query engine. A kernel takes batches as they come, keeps the state of the
//! customer at hand between them, and is merged with those of other buckets of customers; its answer depends neither on
//! where batches are cut nor on how customers are spread over buckets. Every number is the length of a set of customers, or
//! comes with one, so that count and list agree.
//!
//! *Start here*: [`Rows`] is a batch. Each question has a kernel with `new`, `push`, `merge` and `finish`: [`funnel`],
//! [`retention`], [`sessions`], [`paths`], [`next`], [`stickiness`], [`rhythm`], [`rules`]. [`distinguish()`] compares sets
//! that the others found.
//!
//! ```
//! use florin_journeys::{Rows, Window, funnel::{FunnelKernel, FunnelRows, FunnelSettings}};
//!
//! // Customer 1 looks and buys within a day, customer 2 only looks. Bit 0: looked; bit 1: bought.
//! let (customer, ts, bits) = ([1, 1, 2], [0, 60_000_000, 5], [0b01u8, 0b10, 0b01]);
//! let mut asked = FunnelSettings::new(2);
//! asked.window = Window::Days(1);
//! let mut kernel = FunnelKernel::new(&asked)?;
//! kernel.push(&FunnelRows { rows: Rows::new(&customer, &ts)?, bits: &bits, held: None, by: None })?;
//! let found = kernel.finish()?;
//! assert_eq!(found.values[0].counts(), [2, 1]);
//! assert_eq!(found.values[0].dropped(1).iter().collect::<Vec<_>>(), [2]);
//! # Ok::<(), florin_journeys::JourneyError>(())
//! ```
//!
//! *How to read*: [`rows`] (what comes in) → [`zone`] and [`window`] (days and deadlines) → [`durations`] (times, in bounded
//! memory) → [`funnel`] (the hard one; its header is the exact meaning) → the rest, each on its own. What analysts need to
//! know is in `docs/concepts/journeys.md`.
//!
//! *How to write*: a customer's rows must not be spread over buckets. Memory is bounded by the customer at hand and the
//! answer; every bound has a name and is an error when reached, never a silent cut. Rows of one instant have no order
//! unless the header of the kernel says so. Sums are integers.

pub mod distinguish;
pub mod durations;
mod error;
pub mod funnel;
pub mod next;
pub mod paths;
pub mod retention;
pub mod rhythm;
pub mod rows;
pub mod rules;
pub mod sessions;
mod sets;
pub mod stickiness;
pub mod window;
pub mod zone;

pub use distinguish::{Question, distinguish};
pub use durations::{Bucket, Durations};
pub use error::JourneyError;
pub use rows::{Bits, MISSING, Rows};
pub use window::Window;
pub use zone::{Period, Zone};
