//! What was measured on, and with which versions.

use std::{fs, process::Command};

use anyhow::Result;

use super::{report::GIB, workbench::Workbench};
use crate::house;

/// Lines that name the machine, the versions and how much is measured.
pub(super) fn describe(bench: &Workbench, sizes: &[String]) -> Result<Vec<String>> {
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_else(|| std::env::consts::OS.to_owned());
    let machine = format!("machine: {}, {} threads, {}, kernel {kernel}", cpu(), bench.threads, memory());
    let rustc = house::output(Command::new("rustc").arg("-V"))?;
    let peers = bench.versions.iter().map(|(package, version)| format!(", {} {version}", package.name()));
    let versions = format!("versions: florin {}, {}{}", revision(), rustc.trim(), peers.collect::<String>());
    let how = format!("medians of {} runs, after one that warmed up; {}", bench.runs, sizes.join(", "));
    let load = format!("load average at the beginning: {}", load_average());
    Ok(vec![machine, versions, how, load])
}

/// How busy the machine is: programs that want to run, over 1, 5 and 15 minutes.
pub(super) fn load_average() -> String {
    let text = read("/proc/loadavg").unwrap_or_else(|| "unknown".to_owned());
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn read(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path)?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn cpu() -> String {
    field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn memory() -> String {
    let kib = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    kib.map_or_else(|| "memory unknown".to_owned(), |kib| format!("{:.1} GiB", kib * 1024.0 / GIB))
}

/// The commit, and whether the checkout differs from it.
fn revision() -> String {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        house::output(command.current_dir(house::root()).args(["-c", "safe.directory=*"]).args(args)).ok()
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "(not committed)".to_owned();
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    format!("{}{}", commit.trim(), if changed { " with changes" } else { "" })
}
