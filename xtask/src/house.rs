//! Where the house is, and how its programs are run.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// How the variables begin that cargo sets for the program it runs.
const OF_OURSELVES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_"];

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo told us of ourselves is nobody else's: build scripts that look at it would run anew, and with them half of what there is.
    for (name, _) in std::env::vars_os() {
        if OF_OURSELVES.iter().any(|begins| name.to_string_lossy().starts_with(begins)) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end and returns what was written to standard output; fails with what was written to standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("could not start `{}`", shown(command)))?;
    if !done.status.success() {
        bail!("`{}` failed: {}", shown(command), String::from_utf8_lossy(&done.stderr).trim());
    }
    String::from_utf8(done.stdout).with_context(|| format!("`{}` wrote something other than UTF-8", shown(command)))
}

/// As [`output`], of a program that says on standard error how it goes.
pub(crate) fn heard(command: &mut Command) -> Result<String> {
    output(command.stderr(std::process::Stdio::inherit()))
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_so_that_it_can_be_pasted() {
        let mut command = Command::new("/some/where/cargo");
        command.args(["test", "-p", "it's", "select 1"]);
        assert_eq!(shown(&command), r"cargo test -p 'it'\''s' 'select 1'");
    }
}
