//! Cards, as those who sign them read them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod made;
mod pages;
