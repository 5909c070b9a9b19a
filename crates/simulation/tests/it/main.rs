//! The made-up bank from outside.
