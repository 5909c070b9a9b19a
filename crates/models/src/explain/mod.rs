//! Why a model says what it says: of all rows, of a feature, of one row, and what would have to change.

mod counterfactual;
mod curves;
mod importance;
mod reasons;

pub use counterfactual::{Change, Changeable, Counterfactual, Towards, nearest};
pub use curves::{Curve, Point, accumulated_effects, partial_dependence};
pub use importance::{Importance, importance, permutation_importance};
pub use reasons::{REASONS_MAX, Reason, reasons};
