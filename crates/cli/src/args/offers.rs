//! The options of offers.

use clap::Args as ClapArgs;
use florin_domain::Purpose;

#[derive(ClapArgs)]
pub(crate) struct RecommendArgs {
    /// Only this customer: offers with their reasons, and what is withheld and why. Everybody, when absent: kept, and counted
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<u32>,
    /// What for [default: of everybody, all purposes that offers name; of one customer, marketing]
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
    /// As it was known then: 2024-06-30 (the end of that day), or a time with offset [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// At most so many offers to a customer [default: 3; with --evaluate, lists of 10]
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Also what is up to date
    #[arg(long, conflicts_with = "customer")]
    pub(crate) force: bool,
    /// Instead, how well what alike customers hold foretells what customers took, against popularity
    #[arg(long, conflicts_with_all = ["customer", "purpose", "force"])]
    pub(crate) evaluate: bool,
    /// With --evaluate: what was taken from then on is to be foretold [default: 90 days before]
    #[arg(long, value_name = "DATE", requires = "evaluate")]
    pub(crate) from: Option<String>,
}
