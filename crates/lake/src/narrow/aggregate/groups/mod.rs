//! Sums by kinds and times from a narrow projection: `select date_trunc('week', ts), channel, count(*) … group by 1, 2`.
//!
//! A chart of a large table asks of each of its rows when it was and what it was, and whether its customer is seen; the table's own files
//! make that wait for customers, visitors and texts. So a question is taken over when each of its groups is made of kinds alone or of the
//! time alone, its conditions are about kinds and times, and its values are counts, sums, means and extremes of the times and the columns of
//! numbers that the projection has, or how many customers there are ([`question`]). Groups of kinds are made once a kind. What is made of the
//! time, if it is of no finer units than hours, is made once a quarter of an hour, at its beginning and its end: it is taken over where both are
//! the same, and so is all between.
//!
//! Rows that loads brought since the projection was made are read from the table ([`exec`]) and added up with the others ([`fold`]).

mod exec;
mod fold;
mod question;

pub(super) use exec::NarrowGroupsExec;
