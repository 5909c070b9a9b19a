//! The collector as its users see it.

