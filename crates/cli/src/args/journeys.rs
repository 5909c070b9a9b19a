//! The options of journeys.
//!
//! What a definition of the bank directory says stands in groups of its own (`…Asked`), which a journey by name does not take.

use clap::Args as ClapArgs;
use florin_domain::Purpose;

use crate::commands::ChartArgs;

/// What every journey takes.
#[derive(ClapArgs)]
pub(crate) struct JourneyArgs {
    /// A journey of the bank directory: `journeys/NAME.toml`
    pub(crate) name: Option<String>,
    /// What for
    #[arg(long, default_value = "analytics")]
    pub(crate) purpose: Purpose,
    /// As it was known then
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    #[command(flatten)]
    pub(crate) rows: RowsAsked,
    /// Show how its rows are read instead
    #[arg(long, conflicts_with = "chart")]
    pub(crate) explain: bool,
    /// Ask it so many times; the last answer is shown
    #[arg(long, default_value_t = 1, hide = true)]
    pub(crate) repeat: u32,
    /// Print how long each took, to standard error
    #[arg(long, hide = true)]
    pub(crate) timings: bool,
}

/// From which rows a journey is told that has no name.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct RowsAsked {
    /// The table with the rows
    #[arg(long, value_name = "TABLE", default_value = "event")]
    pub(crate) from: String,
    /// Only rows that meet this condition, in SQL
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<String>,
    /// The first day
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<jiff::civil::Date>,
    /// The last day
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<jiff::civil::Date>,
}

#[derive(ClapArgs)]
pub(crate) struct FunnelArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: FunnelAsked,
    /// Ask what sets those who came to the end apart: values of this expression, such as name or device
    #[arg(long, value_name = "EXPRESSION", conflicts_with_all = ["list", "by"])]
    pub(crate) distinguish: Option<String>,
    /// List the customers who reached this step (from 1) instead
    #[arg(long, value_name = "STEP", conflicts_with = "chart")]
    pub(crate) list: Option<usize>,
    /// List those who reached the step before it and not it
    #[arg(long, requires = "list")]
    pub(crate) dropped: bool,
    /// List those of one value of the breakdown
    #[arg(long, requires = "list", value_name = "VALUE")]
    pub(crate) value: Option<String>,
    /// Save those who are listed as this segment, for the same purpose
    #[arg(long, requires = "list", value_name = "NAME")]
    pub(crate) save_segment: Option<String>,
}

/// A funnel, in words of the command line.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct FunnelAsked {
    /// A step: which rows meet it, in SQL, such as "name = 'apply_start'"; once a step, in order
    #[arg(long = "step", value_name = "CONDITION")]
    pub(crate) steps: Vec<String>,
    /// From the first step to any other: "14 days", "14 natural days", "30 min"
    #[arg(long, value_name = "TIME")]
    pub(crate) within: Option<String>,
    /// ordered, strict, any or window_funnel
    #[arg(long, value_name = "ORDER", default_value = "ordered")]
    pub(crate) order: String,
    /// All steps have the same value of this expression
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) hold: Option<String>,
    /// Counts for each value of this expression
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) by: Option<String>,
    /// Which value a customer goes under: first, last, every, or "step 2"
    #[arg(long, requires = "by")]
    pub(crate) attribution: Option<String>,
    /// Counts for each day, week or month of entry
    #[arg(long, value_name = "PERIOD")]
    pub(crate) trend: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct RetentionArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: RetentionAsked,
    /// List the customers of a cell instead: cohort (from 1) and periods later, such as 3+2
    #[arg(long, value_name = "COHORT+LATER", conflicts_with = "chart")]
    pub(crate) list: Option<String>,
    /// Save those who are listed as this segment, for the same purpose
    #[arg(long, requires = "list", value_name = "NAME")]
    pub(crate) save_segment: Option<String>,
}

/// A retention, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct RetentionAsked {
    /// Which rows start, in SQL
    #[arg(long, value_name = "CONDITION")]
    pub(crate) start: Option<String>,
    /// Which rows are a return; those that start, when absent
    #[arg(long = "return", value_name = "CONDITION")]
    pub(crate) returned: Option<String>,
    /// day, week or month
    #[arg(long, default_value = "week")]
    pub(crate) period: String,
    /// A day of the first period
    #[arg(long, value_name = "DATE")]
    pub(crate) first: Option<jiff::civil::Date>,
    /// How many periods
    #[arg(long, default_value_t = 8)]
    pub(crate) periods: usize,
    /// A customer is in the cohort of every period with a start of theirs, not only of their first
    #[arg(long)]
    pub(crate) recurring: bool,
    /// A return counts for its period and those before it
    #[arg(long)]
    pub(crate) on_or_after: bool,
}

#[derive(ClapArgs)]
pub(crate) struct SessionsArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: SessionsAsked,
}

/// Sessions, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct SessionsAsked {
    /// The longest pause inside a session
    #[arg(long, value_name = "TIME", default_value = "30 min")]
    pub(crate) gap: String,
    /// Another value of this expression starts another session
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) channel: Option<String>,
    /// Another day starts another session
    #[arg(long)]
    pub(crate) midnight: bool,
    /// Entries, exits and dwell are told for each value of this expression; not at all with ""
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct PathsArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: PathsAsked,
}

/// Paths, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct PathsAsked {
    /// What customers do after this event
    #[arg(long, value_name = "NAME")]
    pub(crate) after: Option<String>,
    /// What they did on the way to this event
    #[arg(long, value_name = "NAME", conflicts_with = "after")]
    pub(crate) before: Option<String>,
    /// From a customer's last such event, not the first
    #[arg(long)]
    pub(crate) last: bool,
    /// Events beside that one
    #[arg(long, default_value_t = 5)]
    pub(crate) depth: usize,
    /// Names shown at each position
    #[arg(long, default_value_t = 6)]
    pub(crate) breadth: usize,
    /// The longest pause inside a path
    #[arg(long, value_name = "TIME", default_value = "30 days")]
    pub(crate) gap: String,
    /// What an event is called: an expression
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct NextArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: NextAsked,
}

/// What comes next, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct NextAsked {
    /// After which event
    #[arg(long, value_name = "NAME")]
    pub(crate) after: Option<String>,
    /// Only what comes within this time
    #[arg(long, value_name = "TIME")]
    pub(crate) within: Option<String>,
    /// What an event is called: an expression
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct StickinessArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: StickinessAsked,
}

/// Stickiness, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct StickinessAsked {
    /// Which rows are activity, in SQL
    #[arg(long, value_name = "CONDITION", default_value = "true")]
    pub(crate) activity: String,
    /// week or month
    #[arg(long, default_value = "week")]
    pub(crate) within: String,
    /// A day of the first one
    #[arg(long, value_name = "DATE")]
    pub(crate) first: Option<jiff::civil::Date>,
    /// How many
    #[arg(long, default_value_t = 8)]
    pub(crate) periods: usize,
}

#[derive(ClapArgs)]
pub(crate) struct RhythmArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: RhythmAsked,
}

/// A rhythm, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct RhythmAsked {
    /// Which rows are activity, in SQL
    #[arg(long, value_name = "CONDITION", default_value = "true")]
    pub(crate) activity: String,
}

#[derive(ClapArgs)]
pub(crate) struct RulesArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    #[command(flatten)]
    pub(crate) asked: RulesAsked,
}

/// Rules, likewise.
#[derive(ClapArgs)]
#[group(conflicts_with = "name")]
pub(crate) struct RulesAsked {
    /// What customers have: an expression, such as merchant_category
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) item: Option<String>,
    /// Fewest customers who have all of a rule
    #[arg(long, default_value_t = 30)]
    pub(crate) customers_min: u64,
    /// Least share of those with the first part who have the second
    #[arg(long, default_value_t = 0.2)]
    pub(crate) confidence_min: f64,
    /// Most items of a rule
    #[arg(long, default_value_t = 3)]
    pub(crate) items_max: usize,
}

#[derive(ClapArgs)]
pub(crate) struct RfmArgs {
    /// What for
    #[arg(long, default_value = "analytics")]
    pub(crate) purpose: Purpose,
    /// As it was known then
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// The table with the payments
    #[arg(long, value_name = "TABLE", default_value = "transaction")]
    pub(crate) from: String,
    /// Which rows are payments, in SQL [default: those by card]
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<String>,
    /// Payments of the last so many days
    #[arg(long, default_value_t = 365)]
    pub(crate) days: u32,
    /// List the customers of a group instead, such as at_risk
    #[arg(long, value_name = "GROUP", conflicts_with = "chart")]
    pub(crate) list: Option<String>,
    /// Save those who are listed as this segment, for the same purpose
    #[arg(long, requires = "list", value_name = "NAME")]
    pub(crate) save_segment: Option<String>,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
}
