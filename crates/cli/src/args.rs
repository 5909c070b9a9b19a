//! The command line.

mod journeys;
mod models;
mod offers;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use florin_domain::{Purpose, Role};

use crate::commands::ChartArgs;
pub(crate) use journeys::{
    FunnelArgs, JourneyArgs, NextArgs, PathsArgs, RetentionArgs, RfmArgs, RhythmArgs, RulesArgs, SessionsArgs,
    StickinessArgs,
};

pub(crate) use models::{EvaluateArgs, ExplainArgs, ModelsArgs, ModelsCommand, ReasonedArgs, TrainArgs, VersionArgs};
pub(crate) use offers::RecommendArgs;

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
    /// Groups of customers by how recently, how often and for how much they paid
    Rfm(RfmArgs),
    /// Who belongs to what: sizes, who came and went, overlaps, lists and exports
    #[command(subcommand)]
    Segment(SegmentCommand),
    /// Bring everything that is stale up to date: traits, in the order in which they read each other, then segments, scores and recommendations
    Run(RunArgs),
    /// What is known of every customer: what traits there are, what they rest on, their values at past dates
    #[command(subcommand)]
    Trait(TraitCommand),
    /// Learn what will happen to customers from what happened to others, and say how good that is
    Train(TrainArgs),
    /// Which versions of models there are, how they stand, and what may be done with them
    // `--version` is the model's.
    #[command(disable_version_flag = true)]
    Models(ModelsArgs),
    /// How good a registered version is on what has happened since
    // `--version` is the model's.
    #[command(disable_version_flag = true)]
    Evaluate(EvaluateArgs),
    /// A customer's score taken apart: what each feature added, the principal reasons, the nearest change
    // `--version` is the model's.
    #[command(disable_version_flag = true)]
    Explain(ExplainArgs),
    /// What to offer customers next and why, and what not: everybody, or one customer
    Recommend(RecommendArgs),
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
    /// Serve the console, the API and the event collector, until it is told to end
    Serve {
        /// Where, instead of the settings' address: 127.0.0.1:8080
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        /// A folder with a built console, instead of the one inside this program
        #[arg(long, value_name = "DIR")]
        console: Option<PathBuf>,
    },
    /// Who may sign in to the server: for whoever has the bank's keys at hand
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// All of them
    List,
    /// Let somebody sign in; prints a one-time password
    Add {
        /// By which name: lower-case letters, digits, `.`, `_` and `-`
        name: String,
        /// As what: analyst, marketer, risk_officer, service_agent, compliance_officer, data_engineer, administrator
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<Role>,
        /// What people call them
        #[arg(long)]
        called: Option<String>,
        /// Read the password from standard input instead of making a one-time one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a one-time password for somebody who lost theirs
    Password {
        /// Who
        name: String,
    },
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
    /// How large one was each time it was decided, how many came and how many went
    History(HistoryArgs),
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
pub(crate) struct HistoryArgs {
    /// Its name
    pub(crate) segment: String,
    /// What for
    #[arg(long, default_value = "analytics")]
    pub(crate) purpose: Purpose,
    /// Only from then on
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    #[command(flatten)]
    pub(crate) chart: ChartArgs,
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
