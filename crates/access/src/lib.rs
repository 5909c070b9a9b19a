//! Start here: nothing yet.
