//! What is left to do is written down as an issue.

use super::{File, Finding};

// In two halves, so that this file passes its own rule.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// A mark of unfinished work carries the number of its issue.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let unnumbered = |line: &str| MARKS.iter().any(|mark| has_word(line, mark)) && !has_issue_number(line);
    let lines = file.text.lines().enumerate().filter(|(_, line)| unnumbered(line));
    let mend = "name the issue (`#12`), or do it now";
    lines.map(|(n, _)| Finding::at(file, n, "unfinished work without an issue", mend)).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '`');
    line.match_indices(word)
        .any(|(at, _)| !is_letter(line[..at].chars().next_back()) && !is_letter(line[at + word.len()..].chars().next()))
}

fn has_issue_number(line: &str) -> bool {
    line.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn unfinished_work_needs_an_issue() {
        let [todo, fixme] = MARKS;
        let text = format!("// {todo}: later\n// {todo} #7: later\n// {fixme}(me)\nlet {todo}S = 1;\n");
        assert_eq!(places(&check(&fixture("a.rs", &text))), ["a.rs:1", "a.rs:3"]);
    }

    #[test]
    fn a_mark_in_backticks_is_spoken_of_not_made() {
        assert!(check(&fixture("a.md", &format!("A `{}` carries a number.\n", MARKS[0]))).is_empty());
    }
}
