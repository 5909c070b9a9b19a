//! `cargo xtask demo`: a made-up bank, from its raw exports to one customer on one screen. Each command is shown as one
//! would type it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::house;

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many people bank there
    #[arg(long, default_value_t = 2000)]
    customers: u32,
    /// Where; what a demo left there before is removed [default: target/demo]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Show this program instead of building one
    #[arg(long)]
    florin: Option<PathBuf>,
}

/// A question that shows what several systems know of the same people.
const QUESTION: &str = "select c.region, count(distinct t.customer_id) as customers, sum(t.amount) as spent \
     from transaction t join customer c on c.customer_id = t.customer_id \
     where t.direction = 'out' group by 1 order by 3 desc limit 8";

/// Runs all of it.
///
/// # Errors
/// The first command that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let florin = args.florin.clone().map_or_else(build, Ok)?;
    let bank = args.out.clone().unwrap_or_else(|| house::root().join("target/demo"));
    make_room(&bank)?;
    let customers = args.customers.to_string();
    let at = bank.to_string_lossy().into_owned();
    show(&florin, &["simulate", "--customers", &customers, "--out", &at])?;
    for words in [
        &["apply"][..],
        &["ingest"],
        &["resolve"],
        &["quality"],
        &["run", "--as-of", "2024-12-31"],
        &["sql", "--purpose", "risk", QUESTION],
        &["funnel", "apply"],
        &["identity", "show", "1"],
        &["recommend", "--customer", "1", "--purpose", "service", "--as-of", "2024-12-31"],
        &["customer", "1", "--look-up"],
    ] {
        show(&florin, &[words, &["--bank", &at]].concat())?;
    }
    println!("\nThe bank directory is {at}; what is true of it lies in {at}/truth.");
    Ok(())
}

/// Removes what a demo left, and nothing else.
fn make_room(bank: &Path) -> Result<()> {
    let is_bank = bank.join("truth").is_dir() && bank.join("florin.toml").is_file();
    let is_empty = !bank.exists() || fs::read_dir(bank)?.next().is_none();
    match (is_bank, is_empty) {
        (true, _) => fs::remove_dir_all(bank).with_context(|| format!("could not empty `{}`", bank.display())),
        (false, true) => Ok(()),
        (false, false) => bail!("`{}` holds something that is no made-up bank; name another folder", bank.display()),
    }
}

fn show(florin: &Path, words: &[&str]) -> Result<()> {
    let mut command = Command::new(florin);
    command.args(words);
    println!("\n$ {}", house::shown(&command));
    let status = command.status().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
    if !status.success() {
        bail!("`{}` failed", house::shown(&command));
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    crate::bench::build_florin()
}
