//! `cargo xtask console`: builds the web console into `console/dist`, which the server then has inside. Without Node nothing is built,
//! and the server shows a plain page.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::house;

/// What `cargo xtask console` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build it, also when nothing has changed
    #[arg(long)]
    force: bool,
}

/// The oldest Node that the console is built with.
pub(crate) const NODE_MIN: (u32, u32) = (20, 19);
/// Says what the console was built from.
const STAMP: &str = ".built-from";
/// What is built from nothing of, or is made by building.
const NOT_SOURCES: [&str; 4] = ["node_modules", "dist", "e2e", "test"];

/// Builds it.
///
/// # Errors
/// When there is no Node, or npm fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    match build(args.force)? {
        Some(folder) => println!("the console is in {}", folder.display()),
        None => bail!("the console needs Node {}.{} or newer, with npm", NODE_MIN.0, NODE_MIN.1),
    }
    Ok(())
}

/// Builds it where something has changed, and says where it is; nothing without Node, or without its sources.
///
/// # Errors
/// When npm fails.
pub(crate) fn build(force: bool) -> Result<Option<PathBuf>> {
    let folder = house::root().join("console");
    let dist = folder.join("dist");
    if !folder.join("package.json").is_file() || !has_node() {
        return Ok(None);
    }
    let sources = fingerprint(&folder)?;
    let built_from = fs::read_to_string(dist.join(STAMP)).unwrap_or_default();
    if !force && built_from == sources {
        return Ok(Some(dist));
    }
    install(&folder)?;
    npm(&folder, &["run", "build"])?;
    fs::write(dist.join(STAMP), sources).with_context(|| format!("cannot write into `{}`", dist.display()))?;
    Ok(Some(dist))
}

/// Installs what the console is built with; `false` where there is no Node, or no console.
///
/// # Errors
/// When npm fails.
pub(crate) fn prepare() -> Result<bool> {
    let folder = house::root().join("console");
    if !folder.join("package.json").is_file() || !has_node() {
        return Ok(false);
    }
    install(&folder)?;
    Ok(true)
}

/// A script of the console's package.
pub(crate) fn script(name: &str) -> Command {
    let mut command = Command::new("npm");
    command.args(["run", name]).current_dir(house::root().join("console"));
    command
}

/// Exactly what the lock names, unless it is there.
fn install(folder: &Path) -> Result<()> {
    let (lock, marked) = (folder.join("package-lock.json"), folder.join("node_modules/.lock"));
    if fs::read(&marked).ok() == fs::read(&lock).ok() {
        return Ok(());
    }
    npm(folder, &["ci", "--no-audit", "--no-fund", "--loglevel", "error"])?;
    fs::copy(&lock, &marked).context("cannot mark node_modules")?;
    Ok(())
}

/// Whether there is a Node that is new enough, and npm.
pub(crate) fn has_node() -> bool {
    let said = Command::new("node").arg("--version").output().ok().and_then(|out| String::from_utf8(out.stdout).ok());
    let new_enough = said.as_deref().and_then(version).is_some_and(|version| version >= NODE_MIN);
    new_enough && Command::new("npm").arg("--version").output().is_ok_and(|out| out.status.success())
}

/// `v20.20.2`
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.trim().strip_prefix('v')?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn npm(folder: &Path, words: &[&str]) -> Result<()> {
    let mut command = Command::new("npm");
    command.args(words).current_dir(folder);
    println!("$ {} (in console/)", house::shown(&command));
    let status = command.status().context("could not start npm")?;
    if !status.success() {
        bail!("`{}` failed in console/", house::shown(&command));
    }
    Ok(())
}

/// What all sources are together: their names and contents.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    sources(folder, &mut files)?;
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0]) {
            // FNV-1a: it is to tell changes, not forgers.
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for file in files {
        add(file.to_string_lossy().as_bytes());
        add(&fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?);
    }
    Ok(format!("{hash:016x}"))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if NOT_SOURCES.contains(&name.as_str()) || name.starts_with('.') {
            continue;
        }
        if path.is_dir() { sources(&path, into)? } else { into.push(path) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_told_apart() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("20"), None);
        assert!(version("v20.9.0") < Some(NODE_MIN) && version("v22.0.0") > Some(NODE_MIN));
    }

    #[test]
    fn any_change_of_a_source_is_told() {
        let folder = std::env::temp_dir().join(format!("florin-console-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).expect("made");
        fs::write(folder.join("src/a.ts"), "1").expect("written");
        let before = fingerprint(&folder).expect("read");
        fs::write(folder.join("src/a.ts"), "2").expect("written");
        assert_ne!(fingerprint(&folder).expect("read"), before);
        fs::remove_dir_all(folder).expect("removed");
    }
}
