//! Pictures, as those who look at them see them.

mod geometry;
mod made;
mod pictures;
mod pixels;
