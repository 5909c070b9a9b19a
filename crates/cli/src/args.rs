//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use florin_domain::Purpose;

use crate::commands::ChartArgs;

/// Customer intelligence for banks: from raw records to governed answers.
#[derive(Parser)]
#[command(name = "florin", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(ClapArgs, Clone)]
pub(crate) struct Global {
    /// The bank directory
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(crate) bank: PathBuf,
    /// Where all that Florin makes goes (lake, store, keys), instead of the settings' places
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) lake: Option<PathBuf>,
    /// Who acts: one of the settings' users [default: FLORIN_USER, your login, or the settings' operator]
    #[arg(long = "as", global = true, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a bank directory with a commented florin.toml
    Init {
        /// Where
        dir: PathBuf,
    },
    /// Make up a bank: its systems' exports with their flaws, a bank directory that maps them, and the truth beside
    Simulate(SimulateArgs),
    /// Check the definitions, show what changes, record versions
    Apply {
        /// Only show what would change
        #[arg(long)]
        plan: bool,
    },
    /// Load what is new, and say what became of every record
    Ingest {
        /// Only these sources
        sources: Vec<String>,
        /// Put quarantined records through their mappings again, instead
        #[arg(long)]
        retry_quarantined: bool,
    },
    /// Completeness, validity, uniqueness, consistency and timeliness, by table and column
    Quality {
        /// Only this table
        table: Option<String>,
        /// Also list so many of the worst rows
        #[arg(long, value_name = "ROWS", num_args = 0..=1, default_missing_value = "10")]
        worst: Option<u32>,
    },
    /// Records that could not be stored
    Quarantine {
        /// Only of this source
        source: Option<String>,
        /// So many records; counts by reason when absent
        #[arg(long, value_name = "ROWS", num_args = 0..=1, default_missing_value = "20")]
        rows: Option<u32>,
        /// With their raw text
        #[arg(long)]
        raw: bool,
    },
    /// Ask a question in SQL, with what you may see
    Sql(SqlArgs),
    /// Everything about one customer, on one screen
    Customer {
        /// The customer's number
        id: u32,
        /// What for
        #[arg(long, default_value = "service")]
        purpose: Purpose,
        /// As it was known then
        #[arg(long, value_name = "TIME")]
        as_of: Option<String>,
        /// Also names, phones and the like (each look-up is on the audit log)
        #[arg(long)]
        look_up: bool,
    },
    /// How many customers come how far through a sequence of steps, and who
    Funnel(FunnelArgs),
    /// Who comes back, and how many periods later
    Retention(RetentionArgs),
    /// Visits: how many, how long, and where they begin and end
    Sessions(SessionsArgs),
    /// What customers do after something, or on the way to it
    Paths(PathsArgs),
    /// What customers do right after something, how often and how soon
    Next(NextArgs),
    /// On how many days of a week or a month customers are active
    Stickiness(StickinessArgs),
    /// At which hours of the week customers are active
    Rhythm(RhythmArgs),
    /// What goes together: who has these has that
    Rules(RulesArgs),
    /// Who belongs to what: sizes, who came and went, overlaps, lists and exports
    #[command(subcommand)]
    Segment(SegmentCommand),
    /// Bring everything that is stale up to date: traits, in the order in which they read each other, then segments
    Run(RunArgs),
    /// What is known of every customer: what traits there are, what they rest on, their values at past dates
    #[command(subcommand)]
    Trait(TraitCommand),
    /// Find out which of the systems' customers are one person, and merge them
    Resolve,
    /// Who of the systems' customers a person is and why; merge and split by hand, and take it back
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// The latest changes of a table
    History {
        /// Which
        table: String,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Merge the small files of tables
    Optimize {
        /// Only these
        tables: Vec<String>,
    },
    /// Remove files that no recent version needs
    Vacuum {
        /// Only of these tables
        tables: Vec<String>,
        /// Keep what versions of the last so many hours need
        #[arg(long, default_value_t = florin_pipelines::care::RETENTION_HOURS)]
        retention_hours: u32,
        /// Only list them
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete a person's rows in every table, and destroy their keys in the vault
    Erase {
        /// The customer's number
        id: u32,
    },
    /// The record of who read what, and the proof that it is whole
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(ClapArgs)]
pub(crate) struct RunArgs {
    /// Only these traits, and what they read
    pub(crate) what: Vec<String>,
    /// As of a time: 1995-06-30 (the end of that day), or 1995-06-30T12:00:00+02:00 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Only show what is stale, and why
    #[arg(long)]
    pub(crate) plan: bool,
    /// Also what is up to date
    #[arg(long)]
    pub(crate) force: bool,
    /// Print how long it took, as a JSON line on standard error
    #[arg(long, hide = true)]
    pub(crate) timings: bool,
}

#[derive(Subcommand)]
pub(crate) enum TraitCommand {
    /// All of them, as they stand
    List,
    /// One: its definition, its age, and where it comes from down to the columns of the sources
    Show {
        /// Its name
        name: String,
    },
    /// Values of every customer at past dates, as they were known then: what models learn from
    Training(TrainingArgs),
}

#[derive(ClapArgs)]
pub(crate) struct TrainingArgs {
    /// Only these traits
    pub(crate) names: Vec<String>,
    /// At which dates
    #[arg(long, value_name = "TIME", required = true, value_delimiter = ',')]
    pub(crate) at: Vec<String>,
    /// What for
    #[arg(long, default_value = "analytics")]
    pub(crate) purpose: Purpose,
    /// Where: a .parquet or .csv file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

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
    /// The table with the rows
    #[arg(long, value_name = "TABLE", default_value = "event", conflicts_with = "name")]
    pub(crate) from: String,
    /// Only rows that meet this condition, in SQL
    #[arg(long = "where", value_name = "CONDITION", conflicts_with = "name")]
    pub(crate) condition: Option<String>,
    /// The first day
    #[arg(long, value_name = "DATE", conflicts_with = "name")]
    pub(crate) since: Option<jiff::civil::Date>,
    /// The last day
    #[arg(long, value_name = "DATE", conflicts_with = "name")]
    pub(crate) until: Option<jiff::civil::Date>,
    /// Show how its rows are read instead
    #[arg(long)]
    pub(crate) explain: bool,
    /// Ask it so many times; the last answer is shown
    #[arg(long, default_value_t = 1, hide = true)]
    pub(crate) repeat: u32,
    /// Print how long each took, to standard error
    #[arg(long, hide = true)]
    pub(crate) timings: bool,
}

#[derive(ClapArgs)]
pub(crate) struct FunnelArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// A step: which rows meet it, in SQL, such as "name = 'apply_start'"; once a step, in order
    #[arg(long = "step", value_name = "CONDITION", conflicts_with = "name")]
    pub(crate) steps: Vec<String>,
    /// From the first step to any other: "14 days", "14 natural days", "30 min"
    #[arg(long, value_name = "TIME", conflicts_with = "name")]
    pub(crate) within: Option<String>,
    /// ordered, strict, any or window_funnel
    #[arg(long, value_name = "ORDER", default_value = "ordered", conflicts_with = "name")]
    pub(crate) order: String,
    /// All steps have the same value of this expression
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "name")]
    pub(crate) hold: Option<String>,
    /// Counts for each value of this expression
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "name")]
    pub(crate) by: Option<String>,
    /// Which value a customer goes under: first, last, every, or "step 2"
    #[arg(long, requires = "by", conflicts_with = "name")]
    pub(crate) attribution: Option<String>,
    /// Counts for each day, week or month of entry
    #[arg(long, value_name = "PERIOD", conflicts_with = "name")]
    pub(crate) trend: Option<String>,
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

#[derive(ClapArgs)]
pub(crate) struct RetentionArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// Which rows start, in SQL
    #[arg(long, value_name = "CONDITION", conflicts_with = "name")]
    pub(crate) start: Option<String>,
    /// Which rows are a return; those that start, when absent
    #[arg(long = "return", value_name = "CONDITION", conflicts_with = "name")]
    pub(crate) returned: Option<String>,
    /// day, week or month
    #[arg(long, default_value = "week", conflicts_with = "name")]
    pub(crate) period: String,
    /// A day of the first period
    #[arg(long, value_name = "DATE", conflicts_with = "name")]
    pub(crate) first: Option<jiff::civil::Date>,
    /// How many periods
    #[arg(long, default_value_t = 8, conflicts_with = "name")]
    pub(crate) periods: usize,
    /// A customer is in the cohort of every period with a start of theirs, not only of their first
    #[arg(long, conflicts_with = "name")]
    pub(crate) recurring: bool,
    /// A return counts for its period and those before it
    #[arg(long, conflicts_with = "name")]
    pub(crate) on_or_after: bool,
    /// List the customers of a cell instead: cohort (from 1) and periods later, such as 3+2
    #[arg(long, value_name = "COHORT+LATER", conflicts_with = "chart")]
    pub(crate) list: Option<String>,
    /// Save those who are listed as this segment, for the same purpose
    #[arg(long, requires = "list", value_name = "NAME")]
    pub(crate) save_segment: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct SessionsArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// The longest pause inside a session
    #[arg(long, value_name = "TIME", default_value = "30 min", conflicts_with = "name")]
    pub(crate) gap: String,
    /// Another value of this expression starts another session
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "name")]
    pub(crate) channel: Option<String>,
    /// Another day starts another session
    #[arg(long, conflicts_with = "name")]
    pub(crate) midnight: bool,
    /// Entries, exits and dwell are told for each value of this expression; not at all with ""
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name", conflicts_with = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct PathsArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// What customers do after this event
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub(crate) after: Option<String>,
    /// What they did on the way to this event
    #[arg(long, value_name = "NAME", conflicts_with_all = ["after", "name"])]
    pub(crate) before: Option<String>,
    /// From a customer's last such event, not the first
    #[arg(long, conflicts_with = "name")]
    pub(crate) last: bool,
    /// Events beside that one
    #[arg(long, default_value_t = 5, conflicts_with = "name")]
    pub(crate) depth: usize,
    /// Names shown at each position
    #[arg(long, default_value_t = 6, conflicts_with = "name")]
    pub(crate) breadth: usize,
    /// The longest pause inside a path
    #[arg(long, value_name = "TIME", default_value = "30 days", conflicts_with = "name")]
    pub(crate) gap: String,
    /// What an event is called: an expression
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name", conflicts_with = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct NextArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// After which event
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub(crate) after: Option<String>,
    /// Only what comes within this time
    #[arg(long, value_name = "TIME", conflicts_with = "name")]
    pub(crate) within: Option<String>,
    /// What an event is called: an expression
    #[arg(long = "name-by", value_name = "EXPRESSION", default_value = "name", conflicts_with = "name")]
    pub(crate) name_by: String,
}

#[derive(ClapArgs)]
pub(crate) struct StickinessArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// Which rows are activity, in SQL
    #[arg(long, value_name = "CONDITION", default_value = "true", conflicts_with = "name")]
    pub(crate) activity: String,
    /// week or month
    #[arg(long, default_value = "week", conflicts_with = "name")]
    pub(crate) within: String,
    /// A day of the first one
    #[arg(long, value_name = "DATE", conflicts_with = "name")]
    pub(crate) first: Option<jiff::civil::Date>,
    /// How many
    #[arg(long, default_value_t = 8, conflicts_with = "name")]
    pub(crate) periods: usize,
}

#[derive(ClapArgs)]
pub(crate) struct RhythmArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
    /// Which rows are activity, in SQL
    #[arg(long, value_name = "CONDITION", default_value = "true", conflicts_with = "name")]
    pub(crate) activity: String,
}

#[derive(ClapArgs)]
pub(crate) struct RulesArgs {
    #[command(flatten)]
    pub(crate) journey: JourneyArgs,
    /// What customers have: an expression, such as merchant_category
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "name")]
    pub(crate) item: Option<String>,
    /// Fewest customers who have all of a rule
    #[arg(long, default_value_t = 30, conflicts_with = "name")]
    pub(crate) customers_min: u64,
    /// Least share of those with the first part who have the second
    #[arg(long, default_value_t = 0.2, conflicts_with = "name")]
    pub(crate) confidence_min: f64,
    /// Most items of a rule
    #[arg(long, default_value_t = 3, conflicts_with = "name")]
    pub(crate) items_max: usize,
}

#[derive(ClapArgs)]
pub(crate) struct SimulateArgs {
    /// How many people bank there at some time
    #[arg(long, default_value_t = 2000)]
    pub(crate) customers: u32,
    /// What all chance comes from: the same seed makes the same bytes
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many months are lived through, from January 2023 on
    #[arg(long, default_value_t = 24)]
    pub(crate) months: u16,
    /// How much people do; 1 is as believable, less makes smaller files
    #[arg(long, default_value_t = 1.0)]
    pub(crate) activity: f64,
    /// Where; an empty folder, or a new one
    #[arg(long, value_name = "DIR", required_unless_present = "report")]
    pub(crate) out: Option<PathBuf>,
    /// Instead, compare the bank in this folder with real data
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "customers", "seed", "months", "activity"])]
    pub(crate) report: Option<PathBuf>,
    /// Where the real data are, a folder each
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    pub(crate) data: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct SqlArgs {
    /// The question; `-` reads it from standard input
    #[arg(required_unless_present = "file")]
    pub(crate) sql: Option<String>,
    /// Read the question from a file
    #[arg(long, conflicts_with = "sql")]
    pub(crate) file: Option<PathBuf>,
    /// What for
    #[arg(long, default_value = "analytics")]
    pub(crate) purpose: Purpose,
    /// As it was known at a time: 1995-06-30 (the end of that day), or 1995-06-30T12:00:00+02:00
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// How to print the answer [default: table; json with --json]
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Show the plan instead
    #[arg(long)]
    pub(crate) explain: bool,
    /// Ask so many times (the answer is printed once)
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) repeat: u32,
    /// Print how long each time took, as JSON lines on standard error
    #[arg(long)]
    pub(crate) timings: bool,
}

/// How answers are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// Comma-separated, with a header
    Csv,
    /// One object a line
    Json,
    /// Arrow IPC stream
    Arrow,
    /// A Parquet file
    Parquet,
}

#[derive(Subcommand)]
pub(crate) enum SegmentCommand {
    /// All segments: who that is, how many, how old, and whether up to date
    List {
        /// What for
        #[arg(long, default_value = "analytics")]
        purpose: Purpose,
    },
    /// One segment, or several put together ("a & b - c"): size, moves, overlap, drift, clusters
    Show {
        /// Its name, or an expression with & (both), | (either) and - (without)
        segment: String,
        /// What for
        #[arg(long, default_value = "analytics")]
        purpose: Purpose,
        /// Also who entered and who left since then
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// As it was known then
        #[arg(long, value_name = "TIME")]
        as_of: Option<String>,
    },
    /// The customers who belong, one a line
    Members {
        /// Its name, or an expression
        segment: String,
        /// What for
        #[arg(long, default_value = "analytics")]
        purpose: Purpose,
        /// As it was known then
        #[arg(long, value_name = "TIME")]
        as_of: Option<String>,
    },
    /// What definitions would mean; nothing is kept
    Preview {
        /// A file of definitions, or a segment of the bank directory
        segment: String,
        /// What for
        #[arg(long, default_value = "analytics")]
        purpose: Purpose,
    },
    /// The customers who belong, as a file; it is on the audit log first
    Export(ExportArgs),
}

#[derive(ClapArgs)]
pub(crate) struct ExportArgs {
    /// Its name, or an expression
    pub(crate) segment: String,
    /// What for: one that the segment is for
    #[arg(long)]
    pub(crate) purpose: Purpose,
    /// Beside customer_id: columns of `customer`, traits.NAME, and cluster of a clustering
    #[arg(long, value_delimiter = ',', value_name = "COLUMN")]
    pub(crate) columns: Vec<String>,
    /// As what
    #[arg(long, default_value = "csv")]
    pub(crate) format: SegmentFormat,
    /// As it was known then
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Where to
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// As what a segment is exported.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SegmentFormat {
    /// Comma-separated; texts that a spreadsheet would run get a ' before them
    Csv,
    /// A Parquet file
    Parquet,
    /// An Excel workbook
    Xlsx,
}

#[derive(Subcommand)]
pub(crate) enum IdentityCommand {
    /// Which customers a person is, what merged them, and with which weights
    Show {
        /// The person's number, or that of any of their customers
        id: u32,
    },
    /// Whom a new record is of: values that somebody is known by, compared with all customers
    Find {
        /// What is known, as `name=…`, `birth_date=…`, `phone=…`, `national_id=…`, `email=…`, `address=…`
        values: Vec<String>,
        /// Also each record of a file of JSON lines such as {"name": "…", "phone": "…"}
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Say that two are one person; later runs keep to it
    Merge {
        /// One
        id: u32,
        /// The other
        other: u32,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Say that customers are not the person they are taken for; later runs keep to it
    Split {
        /// The customers, by the numbers that `show` lists
        #[arg(required = true)]
        customers: Vec<u32>,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Take back what an event did
    Undo {
        /// The event, by the number that `show` lists
        event: usize,
        /// Only for these customers
        customers: Vec<u32>,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// The latest entries
    Show {
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Check every entry, link and signature
    Verify,
}
