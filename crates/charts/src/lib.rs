//! Pictures of what journeys tell and of how good models are, as SVG and PNG. Pure: numbers in, text or bytes out.
//!
//! *What*: one struct a kind of chart, filled with plain numbers and names. [`Chart::draw`] lays it out as a [`Picture`] of
//! [`WIDTH`] units, whose height follows from what is in it. No clock and no I/O, but for fonts when a picture becomes pixels.
//!
//! *Start here*:
//!
//! ```
//! use florin_charts::{Chart as _, FunnelChart, FunnelSeries, Style};
//!
//! let (name, counts) = (None, vec![1200, 480]);
//! let all = FunnelSeries { name, counts, median_micros: vec![None, Some(3_600_000_000)] };
//! let steps = vec!["opens the form".to_owned(), "submits it".to_owned()];
//! let chart = FunnelChart { title: "Applications".to_owned(), steps, series: vec![all], ..FunnelChart::default() };
//! let svg = chart.draw(Style::default()).svg();
//! assert!(svg.starts_with("<svg") && svg.contains("480"));
//! ```
//!
//! *How to read*: `style` (colours and words) → `text` and `figures` (how wide words are, how numbers are said) → `canvas`
//! (shapes) → `frame` and `plot` (title, legend, axes) → one file a chart → `svg` and `png`.
//!
//! *How to write*: every shape that stands for a number says it in its `<title>`, which viewers show as a tool tip, and the
//! picture sums itself up in its `<desc>`. Colour is never the only thing that tells two series apart: there is a legend,
//! a label or an order too. A label that does not fit is cut with `…` and its whole text is the tip. Numbers read as the
//! command line prints them.

mod canvas;
mod effects;
mod error;
mod figures;
mod frame;
mod funnel;
mod heat;
mod histogram;
mod models;
mod next;
mod paths;
mod plot;
mod png;
mod retention;
mod rfm;
mod rhythm;
mod rows;
mod rules;
mod scale;
mod stickiness;
mod style;
mod svg;
mod text;
mod timeline;
mod trend;

pub use canvas::Picture;
pub use effects::{Effect, EffectsChart, Interval};
pub use error::ChartError;
pub use figures::{count as figure, span as duration};
pub use funnel::{FunnelChart, FunnelSeries};
pub use histogram::{Bin, HistogramChart, Mark, spans};
pub use models::{
    CalibrationChart, CalibrationPoint, Contribution, ContributionsChart, Curve, CurvesChart, GroupBar, GroupsChart,
    Line, LinesChart, ScoreBin, ScoresChart, TradeChart, TradePoint,
};
pub use next::{NextChart, NextRow};
pub use paths::{PathLink, PathNode, PathsChart};
pub use retention::{Cohort, RetentionCell, RetentionChart};
pub use rfm::{RfmChart, RfmRow};
pub use rhythm::RhythmChart;
pub use rules::{RuleRow, RulesChart};
pub use stickiness::{StickinessChart, StickinessPeriod};
pub use style::{Language, Style, Theme};
pub use text::width as text_width;
pub use timeline::{TimelineChart, TimelinePoint};
pub use trend::{TrendChart, TrendPoint, TrendSeries};

/// How wide pictures are, in SVG units; paths that are long are wider.
pub const WIDTH: f64 = 800.0;

/// Something that can be drawn.
pub trait Chart {
    /// Lays it out.
    fn draw(&self, style: Style) -> Picture;
}
