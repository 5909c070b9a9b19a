//! One file a command.

mod apply;
mod audit;
mod care;
mod customer;
mod find;
mod identity;
mod ingest;
mod init;
mod journeys;
mod models;
mod quality;
mod quarantine;
mod recommend;
mod rfm;
mod run;
mod segment;
mod serve;
mod simulate;
mod sql;
mod traits;
mod user;

pub(crate) use self::journeys::ChartArgs;
use std::process::ExitCode;

use crate::args::{Args, Command};

/// Runs a command; the exit code says whether what was asked for is there.
pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let global = args.global;
    match args.command {
        Command::Init { dir } => init::run(&dir),
        Command::Simulate(asked) => simulate::run(&global, &asked),
        Command::Apply { plan } => apply::run(&global, plan).await,
        Command::Ingest { sources, retry_quarantined } => ingest::run(&global, &sources, retry_quarantined).await,
        Command::Quality { table, worst } => quality::run(&global, table, worst).await,
        Command::Quarantine { source, rows, raw } => quarantine::run(&global, source.as_deref(), rows, raw).await,
        Command::Sql(sql) => sql::run(&global, &sql).await,
        Command::Customer { id, purpose, as_of, look_up } => {
            customer::run(&global, id, purpose, as_of.as_deref(), look_up).await
        }
        Command::Funnel(asked) => journeys::funnel::run(&global, &asked).await,
        Command::Retention(asked) => journeys::retention::run(&global, &asked).await,
        Command::Sessions(asked) => journeys::sessions::run(&global, &asked).await,
        Command::Paths(asked) => journeys::paths::run(&global, &asked).await,
        Command::Next(asked) => journeys::next::run(&global, &asked).await,
        Command::Stickiness(asked) => journeys::stickiness::run(&global, &asked).await,
        Command::Rhythm(asked) => journeys::rhythm::run(&global, &asked).await,
        Command::Rules(asked) => journeys::rules::run(&global, &asked).await,
        Command::Rfm(asked) => rfm::run(&global, &asked).await,
        Command::Segment(command) => segment::run(&global, &command).await,
        Command::Run(asked) => run::run(&global, &asked).await,
        Command::Trait(command) => traits::run(&global, &command).await,
        Command::Train(asked) => models::train::run(&global, &asked).await,
        Command::Models(asked) => models::registry::run(&global, &asked).await,
        Command::Evaluate(asked) => models::evaluate::run(&global, &asked).await,
        Command::Explain(asked) => models::explain::run(&global, &asked).await,
        Command::Recommend(asked) => recommend::run(&global, &asked).await,
        Command::Resolve => identity::resolve(&global).await,
        Command::Identity(command) => identity::run(&global, &command).await,
        Command::History { table, limit } => care::history(&global, &table, limit).await,
        Command::Optimize { tables } => care::optimize(&global, &tables).await,
        Command::Vacuum { tables, retention_hours, dry_run } => {
            care::vacuum(&global, &tables, retention_hours, dry_run).await
        }
        Command::Erase { id } => care::erase(&global, id).await,
        Command::Audit(command) => audit::run(&global, &command).await,
        Command::Serve { listen, console } => serve::run(&global, listen.as_deref(), console).await,
        Command::User(command) => user::run(&global, &command).await,
    }
}
