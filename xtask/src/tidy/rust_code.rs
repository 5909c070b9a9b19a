//! Just enough of Rust's grammar to count lines of functions: strings, characters and comments blanked out, braces matched.

/// The code with strings, characters and comments turned to blanks; lines stay where they are.
pub(super) fn blanked(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        match literal_length(rest) {
            Some(length) => {
                out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
                rest = &rest[length..];
            }
            None => {
                let length = word_length(rest).max(first.len_utf8());
                out.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
    }
    out
}

/// A function found by [`functions`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// Counted from 0.
    pub(super) first_line: usize,
    pub(super) lines: usize,
}

/// All functions with a body, also those inside others.
pub(super) fn functions(text: &str) -> Vec<Function> {
    let code = blanked(text);
    let starts =
        code.match_indices("fn ").filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
    starts.filter_map(|(at, _)| function(&code, at)).collect()
}

fn function(code: &str, at: usize) -> Option<Function> {
    let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let end = at + body_end(&code[at..])?;
    let first_line = newlines(&code[..at]);
    (!name.is_empty()).then(|| Function { name, first_line, lines: newlines(&code[at..end]) + 1 })
}

/// Where the body of the function at the start of `code` ends; `None` for a declaration.
fn body_end(code: &str) -> Option<usize> {
    let (mut braces, mut brackets) = (0usize, 0usize);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' if braces <= 1 => return Some(at),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

fn newlines(code: &str) -> usize {
    code.matches('\n').count()
}

/// How long the comment, string or character at the start is, if one is there.
fn literal_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    // Longest first: `br"…"` is not `b` and something else.
    let prefixes = ["br", "cr", "b", "c", "r", ""];
    let prefix = prefixes.into_iter().find_map(|p| rest.strip_prefix(p).filter(opens).map(|_| p.len()))?;
    let (prefix, literal) = rest.split_at(prefix);
    if literal.starts_with('\'') {
        return character_length(literal).map(|length| prefix.len() + length);
    }
    let length = if prefix.ends_with('r') { raw_string_length(literal) } else { string_length(literal) }?;
    Some(prefix.len() + length)
}

fn opens(literal: &&str) -> bool {
    literal.starts_with(['"', '\'', '#'])
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some("/*") => (depth, at) = (depth + 1, at + 2),
            Some("*/") if depth == 1 => return at + 2,
            Some("*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += rest[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    rest.len()
}

fn string_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    let inside = rest.strip_prefix('"')?;
    for (at, c) in inside.char_indices() {
        match c {
            '"' if !escaped => return Some(at + 2),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Some(rest.len())
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let hashes = rest.find(|c| c != '#')?;
    let inside = rest[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", &rest[..hashes]);
    Some(inside.find(&close).map_or(rest.len(), |at| hashes + 1 + at + close.len()))
}

/// `'x'`, `'\n'`, `'\u{1F600}'`; `None` for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let inside = &rest[1..];
    let first = inside.chars().next()?;
    if first == '\\' {
        return inside[2..].find('\'').map(|at| at + 4);
    }
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

/// How long the word at the start is, so that the `r` of `for` opens no raw string.
fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_strings_characters_and_comments_do_not_count() {
        let text = "fn a() {\n  let x = \"}\\\"}\"; // }\n  let y = ('}', b'{', '\\'', '\\u{7d}');\n  /* } /* } */ } */\n  let z = r#\"}\"}\"#;\n}\nfn b() {}\n";
        let found = functions(text);
        assert_eq!(
            found,
            [
                Function { name: "a".into(), first_line: 0, lines: 6 },
                Function { name: "b".into(), first_line: 6, lines: 1 },
            ]
        );
    }

    #[test]
    fn lifetimes_and_declarations_are_no_trouble() {
        let text = "trait T<'a> {\n  fn declared(&'a self, x: [u8; 3]) -> &'a str;\n  fn given(&'a self) -> [u8; 2] {\n    [1, 2]\n  }\n}\n";
        assert_eq!(functions(text), [Function { name: "given".into(), first_line: 2, lines: 3 }]);
    }
}
