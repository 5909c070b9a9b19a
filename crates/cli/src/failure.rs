//! Errors, for people: the whole chain once, and what to do.

use std::{error::Error, process::ExitCode};

use florin_governance::Refusal;
use florin_pipelines::FlowError;

/// Prints an error with its causes and advice.
#[expect(clippy::print_stderr, reason = "this is where errors are printed")]
pub(crate) fn print(error: &anyhow::Error) -> ExitCode {
    // Whoever reads our output has read enough (`florin … | head`).
    let closed = |e: &(dyn Error + 'static)| {
        e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    eprintln!("{}", text(error));
    ExitCode::from(1)
}

/// The chain of messages, each once, and the advice of whoever has some.
fn text(error: &anyhow::Error) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut more = None;
    for cause in error.chain() {
        let message = cause.to_string();
        let first_line = message.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
        if !messages.iter().any(|m| m.contains(&first_line)) {
            messages.push(message);
        } else if let Some((_, rest)) = message.split_once('\n') {
            // The engine says what is wrong in its first line, and what would be right in the others.
            more = Some(rest.replace('\n', " "));
        }
    }
    let mut text = format!("error: {}", messages.join("\n  because: "));
    if let Some(help) = error.chain().find_map(help).or(more) {
        text.push_str("\n  help: ");
        text.push_str(&help);
    }
    text
}

fn help(error: &(dyn Error + 'static)) -> Option<String> {
    let refusal = error.downcast_ref::<Refusal>().or(match error.downcast_ref::<FlowError>() {
        Some(FlowError::Refused(refusal)) => Some(refusal),
        _ => None,
    });
    match (refusal, error.downcast_ref::<FlowError>()) {
        (Some(refusal), _) => Some(refusal.help()),
        (None, Some(FlowError::Store(error))) => error.help().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_chain_says_everything_once() {
        let deepest = std::io::Error::other("no space left");
        let error = Err::<(), _>(deepest).context("cannot write `x`").context("the load failed").expect_err("failed");
        assert_eq!(text(&error), "error: the load failed\n  because: cannot write `x`\n  because: no space left");
    }
}
