//! The core-banking system: delimited files in GB18030 with Chinese headers.

pub(crate) mod accounts;
pub(crate) mod assessments;
pub(crate) mod bookings;
pub(crate) mod co_holders;
pub(crate) mod customers;
pub(crate) mod loans;
pub(crate) mod products;

use super::rows::Shape;

/// What all files of the core system look like.
pub(crate) const SHAPE: Shape = Shape::Delimited { gb18030: true };
/// The system's name.
pub(crate) const SYSTEM: &str = "core";
