//! Pictures, as those who look at them see them.

mod geometry;
mod made;
mod made_models;
mod pictures;
mod pixels;
