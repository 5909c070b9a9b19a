//! Statements: a text cut into them, and what each wants.

use sqlparser::{
    dialect::PostgreSqlDialect,
    keywords::Keyword,
    tokenizer::{Location, Token, TokenWithSpan, Tokenizer},
};

use crate::fault::{Fault, code};

/// Statements of one text at most.
const STATEMENTS_MAX: usize = 100;

/// What a statement wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    /// To be told rows.
    Question(String),
    Set {
        name: String,
        value: Option<String>,
        local: bool,
    },
    /// Something that changes nothing here; what is said when it is done.
    Nothing(&'static str),
    Reset(Option<String>),
    Show(String),
    DiscardAll,
    Begin,
    Commit,
    Rollback,
    Savepoint(&'static str),
    RollbackTo,
    Declare {
        name: String,
        question: String,
        hold: bool,
    },
    Fetch {
        name: String,
        rows: Option<usize>,
        moves: bool,
    },
    Close(Option<String>),
    Deallocate(Option<String>),
    /// Something that writes.
    Write(String),
    /// Something that is not spoken here.
    Unsupported {
        what: String,
        hint: &'static str,
    },
}

/// A token and where its text is.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tokens of a text, without white space and comments.
pub(crate) fn tokens(text: &str) -> Result<Vec<Placed>, Fault> {
    let found = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
    let found = found.map_err(|error| Fault::new(code::SYNTAX, error.to_string()))?;
    let lines: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let place = |at: Location| -> usize {
        let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
        let start = lines.get(line).copied().unwrap_or(text.len());
        let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        let rest = text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    };
    let kept = found.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_) | Token::EOF));
    let placed =
        |TokenWithSpan { token, span }: TokenWithSpan| Placed { token, start: place(span.start), end: place(span.end) };
    Ok(kept.map(placed).collect())
}

/// The statements of a text.
pub(crate) fn statements(text: &str) -> Result<Vec<Statement>, Fault> {
    let tokens = tokens(text)?;
    let parts = tokens.split(|token| token.token == Token::SemiColon).filter(|part| !part.is_empty());
    let found: Vec<Statement> = parts.map(|part| statement(text, part)).collect::<Result<_, _>>()?;
    if found.len() > STATEMENTS_MAX {
        return Err(Fault::new(code::LIMIT, format!("a text has at most {STATEMENTS_MAX} statements")));
    }
    Ok(found)
}

/// The tokens of a statement, one after the other.
struct Words<'a> {
    text: &'a str,
    tokens: &'a [Placed],
    at: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn take_all(&mut self, words: &[&str]) -> bool {
        let here = self.at;
        let all = words.iter().all(|word| self.take(word));
        if !all {
            self.at = here;
        }
        all
    }

    /// A name as it counts, with its dots.
    fn name(&mut self) -> Option<String> {
        let mut name = self.part()?;
        while self.peek() == Some(&Token::Period) {
            self.at += 1;
            name = format!("{name}.{}", self.part()?);
        }
        Some(name)
    }

    fn part(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(word) if word.quote_style.is_some() => Some(word.value.clone()),
            Token::Word(word) => Some(word.value.to_ascii_lowercase()),
            _ => None,
        }
    }

    /// The text from here to the end.
    fn rest(&self) -> String {
        let (from, to) = (self.tokens.get(self.at), self.tokens.last());
        let text = from.zip(to).and_then(|(from, to)| self.text.get(from.start..to.end));
        text.unwrap_or_default().to_owned()
    }

    fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }
}

fn statement(text: &str, tokens: &[Placed]) -> Result<Statement, Fault> {
    let mut words = Words { text, tokens, at: 0 };
    let whole = words.rest();
    let first = match words.peek() {
        Some(Token::LParen) => return Ok(Statement::Question(whole)),
        Some(Token::Word(word)) => word.value.to_ascii_uppercase(),
        _ => return Err(Fault::new(code::SYNTAX, format!("no statement begins like `{}`", beginning(&whole)))),
    };
    words.at = 1;
    Ok(match first.as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "EXPLAIN" => Statement::Question(whole),
        "SET" => return set(words),
        "RESET" => reset(words)?,
        "SHOW" => Statement::Show(words.name_of_setting()?),
        "DISCARD" => {
            if words.take("ALL") {
                Statement::DiscardAll
            } else {
                Statement::Nothing("DISCARD")
            }
        }
        "BEGIN" | "START" => Statement::Begin,
        "COMMIT" | "END" => {
            if words.is("PREPARED") {
                unsupported("COMMIT PREPARED", "")
            } else {
                Statement::Commit
            }
        }
        "ABORT" => Statement::Rollback,
        "ROLLBACK" => rollback(&mut words),
        "SAVEPOINT" => Statement::Savepoint("SAVEPOINT"),
        "RELEASE" => Statement::Savepoint("RELEASE"),
        "DECLARE" => return declare(words),
        "FETCH" => return fetch(words, false),
        "MOVE" => return fetch(words, true),
        "CLOSE" => Statement::Close(all_or_name(&mut words)?),
        "DEALLOCATE" => {
            words.take("PREPARE");
            Statement::Deallocate(all_or_name(&mut words)?)
        }
        "LISTEN" => Statement::Nothing("LISTEN"),
        "UNLISTEN" => Statement::Nothing("UNLISTEN"),
        "CHECKPOINT" | "LOCK" => unsupported(&first, ""),
        "COPY" => unsupported("COPY", "ask with SELECT; for answers in bulk there is Arrow Flight SQL"),
        "PREPARE" | "EXECUTE" => unsupported(&first, "prepare statements by the protocol, as drivers do"),
        _ if is_keyword(&words, &first) => Statement::Write(first),
        _ => return Err(Fault::new(code::SYNTAX, format!("no statement begins like `{}`", beginning(&whole)))),
    })
}

fn is_keyword(words: &Words<'_>, first: &str) -> bool {
    let known = matches!(words.tokens.first().map(|placed| &placed.token), Some(Token::Word(word)) if word.keyword != Keyword::NoKeyword);
    const WRITE: [&str; 27] = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "GRANT", "REVOKE", "VACUUM",
        "ANALYZE", "CALL", "DO", "COMMENT", "CLUSTER", "REINDEX", "REFRESH", "REASSIGN", "SECURITY", "IMPORT",
        "NOTIFY", "LOAD", "REPLACE", "ATTACH", "IMPORT", "EXPORT",
    ];
    known && WRITE.contains(&first)
}

fn beginning(text: &str) -> String {
    text.chars().take(30).collect()
}

fn unsupported(what: &str, hint: &'static str) -> Statement {
    Statement::Unsupported { what: what.to_owned(), hint }
}

impl Words<'_> {
    fn name_of_setting(&mut self) -> Result<String, Fault> {
        for (words, name) in [
            (["TRANSACTION", "ISOLATION", "LEVEL"].as_slice(), "transaction_isolation"),
            (["SESSION", "AUTHORIZATION"].as_slice(), "session_authorization"),
            (["TIME", "ZONE"].as_slice(), "timezone"),
        ] {
            if self.take_all(words) {
                return Ok(name.to_owned());
            }
        }
        self.name().ok_or_else(|| Fault::new(code::SYNTAX, "the name of a setting is missing"))
    }
}

fn set(mut words: Words<'_>) -> Result<Statement, Fault> {
    let local = words.take("LOCAL");
    let session = !local && words.take("SESSION");
    if words.take("CHARACTERISTICS") || (!session && words.is("TRANSACTION")) || words.is("CONSTRAINTS") {
        return Ok(Statement::Nothing("SET"));
    }
    if words.take_all(&["TIME", "ZONE"]) {
        return Ok(Statement::Set { name: "timezone".to_owned(), value: value(&mut words)?, local });
    }
    if words.take("NAMES") {
        return Ok(Statement::Set { name: "client_encoding".to_owned(), value: value(&mut words)?, local });
    }
    if words.is("ROLE") || words.is("AUTHORIZATION") {
        let none = words.rest().to_ascii_lowercase();
        return Ok(match none.ends_with("none") || none.ends_with("default") {
            true => Statement::Nothing("SET"),
            false => unsupported("acting as somebody else", "sign in as them"),
        });
    }
    let name = words.name().ok_or_else(|| Fault::new(code::SYNTAX, "the name of a setting is missing"))?;
    if !words.take("TO") && words.peek() == Some(&Token::Eq) {
        words.at += 1;
    }
    Ok(Statement::Set { name, value: value(&mut words)?, local })
}

/// A value as a text; `None` for `DEFAULT`. Several are put together with commas.
fn value(words: &mut Words<'_>) -> Result<Option<String>, Fault> {
    if words.take("DEFAULT") || words.take("LOCAL") {
        return Ok(None);
    }
    let (mut text, mut empty) = (String::new(), true);
    while let Some(token) = words.next() {
        empty = false;
        match token {
            Token::SingleQuotedString(value) | Token::EscapedStringLiteral(value) => text.push_str(value),
            Token::Comma => text.push_str(", "),
            Token::Word(word) => text.push_str(&word.value),
            Token::Number(number, _) => text.push_str(number),
            Token::Minus => text.push('-'),
            other => return Err(Fault::new(code::SYNTAX, format!("`{other}` has no place in a setting"))),
        }
    }
    if empty { Err(Fault::new(code::SYNTAX, "the value of the setting is missing")) } else { Ok(Some(text)) }
}

fn reset(mut words: Words<'_>) -> Result<Statement, Fault> {
    if words.take("ALL") {
        return Ok(Statement::Reset(None));
    }
    if words.take("ROLE") || words.take_all(&["SESSION", "AUTHORIZATION"]) {
        return Ok(Statement::Nothing("RESET"));
    }
    Ok(Statement::Reset(Some(words.name_of_setting()?)))
}

fn rollback(words: &mut Words<'_>) -> Statement {
    let _ = words.take("WORK") || words.take("TRANSACTION");
    if words.take("TO") { Statement::RollbackTo } else { Statement::Rollback }
}

fn all_or_name(words: &mut Words<'_>) -> Result<Option<String>, Fault> {
    if words.take("ALL") {
        return Ok(None);
    }
    words.part().map(Some).ok_or_else(|| Fault::new(code::SYNTAX, "a name is missing"))
}

fn declare(mut words: Words<'_>) -> Result<Statement, Fault> {
    let wrong = || Fault::new(code::SYNTAX, "write DECLARE name CURSOR FOR and a question");
    let name = words.part().ok_or_else(wrong)?;
    let mut hold = false;
    loop {
        if words.take("FOR") {
            break;
        }
        if words.take_all(&["WITH", "HOLD"]) {
            hold = true;
        } else if words.take("BINARY") {
            return Ok(unsupported("a binary cursor", "ask for binary results by the protocol, as drivers do"));
        } else if words.next().is_none() {
            return Err(wrong());
        }
    }
    let question = words.rest();
    if question.is_empty() { Err(wrong()) } else { Ok(Statement::Declare { name, question, hold }) }
}

fn fetch(mut words: Words<'_>, moves: bool) -> Result<Statement, Fault> {
    let backwards = || Fault::new(code::NOT_SUPPORTED, "cursors go forward only");
    let mut rows = Some(1);
    if ["PRIOR", "FIRST", "LAST", "ABSOLUTE", "RELATIVE", "BACKWARD"].iter().any(|word| words.is(word)) {
        return Err(backwards());
    }
    let forward = words.take("FORWARD");
    if words.take("ALL") {
        rows = None;
    } else if words.take("NEXT") {
        rows = Some(1);
    } else if let Some(Token::Number(number, _)) = words.peek() {
        words.at += 1;
        rows = Some(number.parse().map_err(|_| backwards())?);
    } else if words.peek() == Some(&Token::Minus) {
        return Err(backwards());
    } else if forward {
        rows = Some(1);
    }
    let _ = words.take("FROM") || words.take("IN");
    let name = words.part().ok_or_else(|| Fault::new(code::SYNTAX, "the name of a cursor is missing"))?;
    if words.is_done() {
        Ok(Statement::Fetch { name, rows, moves })
    } else {
        Err(Fault::new(code::SYNTAX, "FETCH has too many words"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_statements_end() {
        let text = "select 'a;b' -- c;d\n; /* ; */ select \"x;y\";;";
        let found = statements(text).unwrap();
        let expected = ["select 'a;b'", "select \"x;y\""].map(|text| Statement::Question(text.to_owned()));
        assert_eq!(found, expected);
        assert_eq!(statements(" ; -- nothing\n").unwrap(), []);
        assert_eq!(statements("select '中文' as 名").unwrap(), [Statement::Question("select '中文' as 名".to_owned())]);
    }

    #[test]
    fn statements_want_what_they_say() {
        let set = |name: &str, value: Option<&str>, local| Statement::Set {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            local,
        };
        let fetch = |rows, moves| Statement::Fetch { name: "c".to_owned(), rows, moves };
        for (text, wants) in [
            ("SET florin.purpose = 'risk'", set("florin.purpose", Some("risk"), false)),
            ("set local Florin.Purpose to risk", set("florin.purpose", Some("risk"), true)),
            ("SET extra_float_digits = 3", set("extra_float_digits", Some("3"), false)),
            ("SET SESSION search_path TO a, \"B\"", set("search_path", Some("a, B"), false)),
            ("SET TIME ZONE 'Asia/Shanghai'", set("timezone", Some("Asia/Shanghai"), false)),
            ("SET datestyle TO default", set("datestyle", None, false)),
            ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED", Statement::Nothing("SET")),
            ("SET TRANSACTION READ ONLY", Statement::Nothing("SET")),
            ("SHOW TRANSACTION ISOLATION LEVEL", Statement::Show("transaction_isolation".to_owned())),
            ("show TimeZone", Statement::Show("timezone".to_owned())),
            ("DISCARD ALL", Statement::DiscardAll),
            ("RESET ALL", Statement::Reset(None)),
            ("ROLLBACK TO SAVEPOINT x", Statement::RollbackTo),
            ("rollback work", Statement::Rollback),
            (
                "declare \"c\" no scroll cursor with hold for select 1",
                Statement::Declare { name: "c".to_owned(), question: "select 1".to_owned(), hold: true },
            ),
            ("FETCH FORWARD 100 FROM \"c\"", fetch(Some(100), false)),
            ("fetch all in c", fetch(None, false)),
            ("MOVE 5 FROM c", fetch(Some(5), true)),
            ("fetch c", fetch(Some(1), false)),
            ("CLOSE ALL", Statement::Close(None)),
            ("DEALLOCATE \"s1\"", Statement::Deallocate(Some("s1".to_owned()))),
            ("insert into t values (1)", Statement::Write("INSERT".to_owned())),
        ] {
            assert_eq!(statements(text).unwrap(), [wants], "{text}");
        }
        for (text, code) in
            [("selec 1", "42601"), ("fetch backward 1 from c", "0A000"), ("select 'a", "42601"), ("declare c", "42601")]
        {
            assert_eq!(statements(text).unwrap_err().code, code, "{text}");
        }
    }
}
