//! Values per customer from a narrow projection: `select customer_id, count(*), max(ts), sum(amount) … group by customer_id`.
//!
//! The engine hashes every row's customer to find its group. A projection has each customer's rows together, in the order of time, and
//! says without looking at them how many there are; and it has the rows of a kind in lists. So a question is taken over
//! ([`Aggregates`]) when its groups are customers, its conditions are about kinds and times, and its values are counts, sums and extremes of
//! times and of the columns of numbers that the projection has ([`question`] says which). Everything else stays the engine's.
//!
//! Each value chooses its own way ([`fold`]): from lists, when few of all rows are its own, or from the history.

mod exec;
mod fold;
mod groups;
mod numbers;
mod planner;
mod question;

pub(crate) use exec::is_narrow;
pub(crate) use planner::Aggregates;
