//! Pictures, as those who look at them see them.
