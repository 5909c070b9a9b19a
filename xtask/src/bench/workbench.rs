//! The things every measurement needs: the program, the peer, the generated files and a lake loaded from them.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Args;
use crate::house;

/// Where data and lakes of measurements go; `target/bench` when absent.
const DIR_VARIABLE: &str = "FLORIN_BENCH_DIR";
/// Which python runs the peer; `python3` when absent.
const PYTHON_VARIABLE: &str = "FLORIN_PYTHON";
/// Tells the bank directory `benches/bank` where the generated files are.
const DATA_VARIABLE: &str = "FLORIN_BENCH_DATA";
/// The user of `benches/bank` who loads and asks.
const USER: &str = "bench";

/// Program, peer and scratch directory of one run.
pub(super) struct Workbench {
    /// Transactions to load.
    pub(super) rows: u64,
    /// Timed runs of each side.
    pub(super) runs: usize,
    /// Seconds of a load.
    pub(super) seconds: u64,
    /// Threads of each side.
    pub(super) threads: usize,
    /// Records of made-up people.
    pub(super) records: u64,
    /// Customers of a made-up bank.
    pub(super) customers: u64,
    /// What python has of what is measured beside.
    pub(super) versions: BTreeMap<Package, String>,
    florin: OnceCell<PathBuf>,
    python: OsString,
    dir: PathBuf,
    /// The lake that `query` and `reload` share.
    loaded: OnceCell<PathBuf>,
}

/// A python package that a measurement needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Package {
    /// In process.
    ClickHouse,
    DuckDb,
    LightGbm,
    OptBinning,
    Polars,
    Prophet,
    Psycopg,
    ScikitLearn,
    Splink,
}

impl Package {
    /// As its makers write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ClickHouse => "ClickHouse (chdb)",
            Self::DuckDb => "DuckDB",
            Self::LightGbm => "LightGBM",
            Self::OptBinning => "optbinning",
            Self::Polars => "Polars",
            Self::Prophet => "Prophet",
            Self::Psycopg => "psycopg",
            Self::ScikitLearn => "scikit-learn",
            Self::Splink => "Splink",
        }
    }

    /// As `import` calls it.
    fn module(self) -> &'static str {
        match self {
            Self::ScikitLearn => "sklearn",
            other => other.pip(),
        }
    }

    /// As `pip` calls it, and most often `import` too.
    fn pip(self) -> &'static str {
        match self {
            Self::ClickHouse => "chdb",
            Self::DuckDb => "duckdb",
            Self::LightGbm => "lightgbm",
            Self::OptBinning => "optbinning",
            Self::Polars => "polars",
            Self::Prophet => "prophet",
            Self::Psycopg => "psycopg",
            Self::ScikitLearn => "scikit-learn",
            Self::Splink => "splink",
        }
    }
}

/// What a timed program took.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Timed {
    pub(super) seconds: f64,
    pub(super) peak_rss_bytes: u64,
    exit: i32,
}

impl Workbench {
    /// Finds the peers and makes the scratch directory.
    pub(super) fn set_up(args: &Args, packages: BTreeSet<Package>) -> Result<Self> {
        let python = std::env::var_os(PYTHON_VARIABLE).unwrap_or_else(|| "python3".into());
        let versions = versions(&python, packages)?;
        let dir = std::env::var_os(DIR_VARIABLE).map_or_else(|| house::root().join("target/bench"), PathBuf::from);
        fs::create_dir_all(&dir).with_context(|| format!("could not make `{}`", dir.display()))?;
        let dir = dir.canonicalize()?;
        let florin = OnceCell::new();
        if let Some(path) = &args.florin {
            let path = path.canonicalize().with_context(|| format!("there is no `{}`", path.display()))?;
            florin.get_or_init(|| path);
        }
        let threads = std::thread::available_parallelism()?.get();
        let Args { rows, runs, seconds, records, customers, .. } = *args;
        Ok(Self {
            rows,
            runs,
            seconds,
            threads,
            records,
            customers,
            versions,
            florin,
            python,
            dir,
            loaded: OnceCell::new(),
        })
    }

    /// The version of a package that the measurement needs.
    pub(super) fn version(&self, package: Package) -> &str {
        self.versions.get(&package).map_or("(not asked for)", String::as_str)
    }

    /// The program, built when it is first needed.
    pub(super) fn program(&self) -> Result<&Path> {
        if self.florin.get().is_none() {
            let built = build_florin()?;
            self.florin.get_or_init(|| built);
        }
        self.florin.get().map(PathBuf::as_path).context("there is no program to measure")
    }

    /// A folder with the generated files of so many transactions; made once and kept.
    pub(super) fn data(&self, rows: u64) -> Result<PathBuf> {
        let data = self.dir.join(format!("data-{rows}"));
        if !data.join("done").is_file() {
            eprintln!("making {rows} transactions in {}", data.display());
            let mut command = self.script("generate.py");
            house::output(command.arg(rows.to_string()).arg(&data))?;
        }
        Ok(data)
    }

    /// A folder whose contents are made once and kept.
    pub(super) fn kept(&self, name: &str) -> Result<PathBuf> {
        let path = self.dir.join(name);
        fs::create_dir_all(&path).with_context(|| format!("could not make `{}`", path.display()))?;
        Ok(path)
    }

    /// A scratch folder, empty.
    pub(super) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.dir.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("could not empty `{}`", path.display()))?;
        }
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// A python script of `benches/`, ready for its arguments.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.env("PYTHONDONTWRITEBYTECODE", "1"); // the checkout stays as it is
        command.arg(house::root().join("benches").join(name));
        command
    }

    /// A command of florin on the measuring bank.
    pub(super) fn florin(&self, verb: &str, data: &Path, lake: &Path) -> Result<Command> {
        let mut command = Command::new(self.program()?);
        command.env(DATA_VARIABLE, data).arg(verb);
        command.arg("--bank").arg(house::root().join("benches/bank")).arg("--lake").arg(lake).args(["--as", USER]);
        Ok(command)
    }

    /// Loads some sources, untimed; all of them when none is named.
    pub(super) fn ingest(&self, data: &Path, lake: &Path, sources: &[&str]) -> Result<()> {
        house::output(self.florin("ingest", data, lake)?.args(sources)).map(drop)
    }

    /// The lake with everything in it, made once a run.
    pub(super) fn loaded_lake(&self) -> Result<&Path> {
        if let Some(lake) = self.loaded.get() {
            return Ok(lake);
        }
        let data = self.data(self.rows)?;
        let lake = self.scratch(&format!("lake-{}", self.rows))?;
        eprintln!("loading {} transactions into {}", self.rows, lake.display());
        self.ingest(&data, &lake, &["customer"])?;
        self.ingest(&data, &lake, &[])?;
        house::output(&mut self.florin("optimize", &data, &lake)?)?;
        Ok(self.loaded.get_or_init(|| lake))
    }

    /// Runs a program of which only the time and the peak memory matter; what it prints is shown when it fails.
    pub(super) fn time(&self, command: &Command) -> Result<Timed> {
        let mut runner = self.script("run_timed.py");
        runner.arg(command.get_program()).args(command.get_args());
        runner.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let done = runner.output().with_context(|| format!("could not start `{}`", house::shown(&runner)))?;
        let text = String::from_utf8_lossy(&done.stdout);
        let timed: Timed = serde_json::from_str(text.trim()).context("run_timed.py wrote no result")?;
        if timed.exit != 0 {
            bail!("`{}` failed: {}", house::shown(command), String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(timed)
    }
}

/// What python has of the packages. All that are missing are told at once.
fn versions(python: &OsString, packages: BTreeSet<Package>) -> Result<BTreeMap<Package, String>> {
    let mut found = BTreeMap::new();
    let mut missing = Vec::new();
    for package in packages {
        let mut command = Command::new(python);
        let script = format!(
            "import {}; from importlib.metadata import version; print(version('{}'))",
            package.module(),
            package.pip()
        );
        match house::output(command.args(["-c", &script])) {
            Ok(version) => drop(found.insert(package, version.trim().to_owned())),
            Err(_) => missing.push(package.pip()),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let (python, missing) = (python.to_string_lossy(), missing.join(" "));
    bail!(
        "{python} lacks what is measured beside: `{python} -m pip install {missing}`, or name a python that has it in {PYTHON_VARIABLE}"
    )
}

/// Builds the program as a release and returns where it is.
pub(super) fn build_florin() -> Result<PathBuf> {
    build(&["-p", "florin-cli"], "florin")
}

/// Builds an example of a crate as a release and returns where it is.
pub(super) fn build_example(package: &str, name: &str) -> Result<PathBuf> {
    build(&["-p", package, "--example", name], name)
}

/// The same of an example that needs a feature of its crate.
pub(super) fn build_example_with(package: &str, name: &str, feature: &str) -> Result<PathBuf> {
    build(&["-p", package, "--example", name, "--features", feature], name)
}

fn build(what: &[&str], name: &str) -> Result<PathBuf> {
    eprintln!("building {name} (release)");
    let mut command = house::cargo();
    command.args(["build", "--release", "--message-format=json-render-diagnostics"]).args(what);
    let messages = house::output(&mut command)?;
    executable(&messages, name).with_context(|| format!("cargo built no program called `{name}`"))
}

/// The path of a program in cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let named = message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| named).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_in_what_cargo_says() {
        let messages = "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"serde\"},\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"florin\"},\"executable\":\"/t/release/florin\"}\n\
                        {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages, "florin"), Some(PathBuf::from("/t/release/florin")));
        assert_eq!(executable(messages, "serde"), None);
    }
}
