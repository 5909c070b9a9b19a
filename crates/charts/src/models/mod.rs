//! What a model's card shows: how well it tells apart, whether it is right, what it goes by, whom it treats how.

mod calibration;
mod contributions;
mod curves;
mod groups;
mod lines;
mod scores;
mod trade;

pub use calibration::{CalibrationChart, CalibrationPoint};
pub use contributions::{Contribution, ContributionsChart};
pub use curves::{Curve, CurvesChart};
pub use groups::{GroupBar, GroupsChart};
pub use lines::{Line, LinesChart};
pub use scores::{ScoreBin, ScoresChart};
pub use trade::{TradeChart, TradePoint};
