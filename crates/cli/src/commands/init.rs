//! `florin init DIR`: a bank directory with a commented florin.toml.

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use florin_governance::DEFAULT_POLICIES;

use crate::{show::line, surroundings::os_user};

const SETTINGS: &str = include_str!("../../templates/florin.toml");
const IGNORED: &str = "# What Florin makes: the lake, the store, keys. Keys must never be checked in.\n.florin/\n";

pub(crate) fn run(dir: &Path) -> anyhow::Result<ExitCode> {
    if dir.join("florin.toml").exists() {
        bail!("`{}` is a bank directory already", dir.display());
    }
    for folder in ["sources", "tables", "policies"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).with_context(|| format!("cannot make `{}`", path.display()))?;
    }
    for (path, text) in florin_features::library::FILES {
        let folder = dir.join("traits");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        write(dir, path, text)?;
    }
    let user = os_user().unwrap_or_else(|| "operator".to_owned());
    write(dir, "florin.toml", &SETTINGS.replace("{user}", &user))?;
    write(dir, "policies/default.cedar", DEFAULT_POLICIES)?;
    write(dir, ".gitignore", IGNORED)?;
    line(format!("made `{}`", dir.display()))?;
    line("next: say where records come from in sources/*.toml (docs/reference/sources.md), then")?;
    line(format!("  florin apply --bank {0}\n  florin ingest --bank {0}\n  florin run --bank {0}", dir.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(dir: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = dir.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
