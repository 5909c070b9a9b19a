//! What tools ask.
