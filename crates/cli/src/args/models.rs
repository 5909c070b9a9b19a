//! The options of models.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use florin_domain::Purpose;

#[derive(ClapArgs)]
pub(crate) struct TrainArgs {
    /// Which models; `models/*.toml` defines them. All that are stale, when none is named
    pub(crate) names: Vec<String>,
    /// Only from what was known then, labels included [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// What for: one of the model's purposes [default: its first]
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
    /// Only say which are stale, and why
    #[arg(long, conflicts_with = "card")]
    pub(crate) plan: bool,
    /// Write a card of the version: a .html or .md file
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// Print how long it took, as JSON lines on standard error
    #[arg(long, hide = true)]
    pub(crate) timings: bool,
}

#[derive(ClapArgs)]
#[command(disable_version_flag = true)]
pub(crate) struct EvaluateArgs {
    /// Which model
    pub(crate) name: String,
    /// Which version [default: the champion; without one, the newest]
    #[arg(long)]
    pub(crate) version: Option<u32>,
    /// At which dates [default: the latest whose horizon is over]
    #[arg(long, value_name = "DATE", value_delimiter = ',')]
    pub(crate) at: Vec<String>,
    /// Only with what was known then [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// What for: one of the model's purposes [default: its first]
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
}

#[derive(ClapArgs)]
#[command(disable_version_flag = true)]
pub(crate) struct ExplainArgs {
    /// Which model
    pub(crate) name: String,
    /// Whose score: the customer's number
    #[arg(long, value_name = "ID")]
    pub(crate) customer: u32,
    /// By which version [default: the champion]
    #[arg(long)]
    pub(crate) version: Option<u32>,
    /// As it was known then [default: as of the scores that are kept]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// What for: one of the model's purposes [default: its first]
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
}

#[derive(ClapArgs)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

#[derive(Subcommand)]
pub(crate) enum ModelsCommand {
    /// All versions, as they stand; those of one model, when it is named
    List {
        /// Only this model's
        name: Option<String>,
    },
    /// Everything about a version: what it was made of, how good it is, what was done with it
    #[command(disable_version_flag = true)]
    Show(VersionArgs),
    /// Agree to a candidate that somebody else trained
    #[command(disable_version_flag = true)]
    Approve(VersionArgs),
    /// Hold a version back
    #[command(disable_version_flag = true)]
    Refuse(ReasonedArgs),
    /// Let a version go in spite of a guard
    #[command(disable_version_flag = true)]
    Waive {
        #[command(flatten)]
        of: ReasonedArgs,
        /// Which guard
        #[arg(long)]
        guard: String,
    },
    /// Let an approved version score: it succeeds the champion
    #[command(disable_version_flag = true)]
    Promote {
        #[command(flatten)]
        of: VersionArgs,
        /// Only to be watched beside the champion
        #[arg(long)]
        challenger: bool,
    },
    /// A challenger beside the champion: on what has happened since, and in what both say of customers now
    #[command(disable_version_flag = true)]
    Compare {
        #[command(flatten)]
        of: VersionArgs,
        /// Dates that rows are as of [default: the latest whose outcome is known]
        #[arg(long, value_name = "DATE")]
        at: Vec<String>,
        /// What for: one of the model's purposes [default: its first]
        #[arg(long)]
        purpose: Option<Purpose>,
    },
    /// Take a version out of use
    #[command(disable_version_flag = true)]
    Retire(ReasonedArgs),
    /// Put the champion before this one back
    #[command(disable_version_flag = true)]
    Rollback(ReasonedArgs),
}

#[derive(ClapArgs)]
#[command(disable_version_flag = true)]
pub(crate) struct VersionArgs {
    /// Which model
    pub(crate) name: String,
    /// Which version [default: the newest that it can be done with]
    #[arg(long)]
    pub(crate) version: Option<u32>,
}

#[derive(ClapArgs)]
pub(crate) struct ReasonedArgs {
    #[command(flatten)]
    pub(crate) of: VersionArgs,
    /// Why; it is kept with the act
    #[arg(long)]
    pub(crate) reason: String,
}
