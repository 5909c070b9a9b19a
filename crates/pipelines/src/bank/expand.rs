//! `${NAME}` and `${NAME:-default}` in definitions.

use std::ops::Range;

/// A variable that is not set and has no default.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable `{name}` is not set")]
pub(super) struct Unset {
    pub(super) name: String,
    pub(super) place: Range<usize>,
}

/// Replaces variables; `$${` stands for `${`. Comments are left alone. Lines stay where they are: a value's line ends
/// become blanks.
pub(super) fn expand(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, Unset> {
    let mut expanded = String::with_capacity(text.len());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match line.trim_start().starts_with('#') {
            true => expanded.push_str(line),
            false => expand_line(line, at, value_of, &mut expanded)?,
        }
        at += line.len();
    }
    Ok(expanded)
}

fn expand_line(
    line: &str,
    at: usize,
    value_of: &dyn Fn(&str) -> Option<String>,
    expanded: &mut String,
) -> Result<(), Unset> {
    let mut rest = line;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let (before, inside) = (&rest[..start], &rest[start + 2..start + length]);
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str(&rest[start..=start + length]);
        } else {
            expanded.push_str(before);
            let place = at + (line.len() - rest.len()) + start;
            expanded.push_str(&value(inside, place..place + length, value_of)?);
        }
        rest = &rest[start + length + 1..];
    }
    expanded.push_str(rest);
    Ok(())
}

fn value(inside: &str, place: Range<usize>, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, Unset> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let value = value_of(name).filter(|v| !v.is_empty()).or_else(|| default.map(str::to_owned));
    // A value must not break out of its line.
    value.map(|v| v.replace(['\n', '\r'], " ")).ok_or_else(|| Unset { name: name.to_owned(), place })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_home(text: &str) -> Result<String, Unset> {
        expand(text, &|name| (name == "HOME").then(|| "/h".to_owned()))
    }

    #[test]
    fn variables_defaults_and_escapes() {
        for (text, expanded) in [
            ("a = \"${HOME}/x\"", "a = \"/h/x\""),
            ("${NO:-d}/${HOME:-e}", "d//h"),
            ("${NO:-}", ""),
            ("cost $5 and $${HOME}", "cost $5 and ${HOME}"),
            ("# ${NO} in a comment", "# ${NO} in a comment"),
            ("open ${HOME", "open ${HOME"),
        ] {
            assert_eq!(with_home(text).as_deref(), Ok(expanded), "{text}");
        }
    }

    #[test]
    fn an_unset_variable_is_named_with_its_place() {
        let unset = with_home("x\nab ${NO}").expect_err("not set");
        assert_eq!((unset.name.as_str(), unset.place.start), ("NO", 5));
    }
}
