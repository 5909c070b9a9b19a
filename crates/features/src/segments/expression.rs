//! Segments put together for one question: `savers & (north | east) - complainers`.
//!
//! `&` is both, `|` either, `-` (or `without`) the first and not the second. `&` binds first; `|` and `-` are done from left to
//! right. `and`, `or` and `without` are the same in words.

use roaring::RoaringBitmap;

use crate::error::{FeatureError, Result, argument};

/// The most names in one expression.
pub const NAMES_MAX: usize = 100;
/// The deepest brackets.
const DEPTH_MAX: usize = 50;

/// A name, or two put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A segment.
    Name(String),
    /// In both.
    Both(Box<Self>, Box<Self>),
    /// In one at least.
    Either(Box<Self>, Box<Self>),
    /// In the first and not in the second.
    Without(Box<Self>, Box<Self>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    And,
    Or,
    Without,
    Open,
    Close,
}

impl Expression {
    /// Reads an expression. A lone name is one too.
    ///
    /// # Errors
    /// What cannot be read, and where.
    pub fn parse(text: &str) -> Result<Self> {
        let tokens = tokens(text)?;
        let names = tokens.iter().filter(|token| matches!(token, Token::Name(_))).count();
        if names > NAMES_MAX {
            return Err(argument("the number of segments in an expression", names, "there may be 100"));
        }
        let mut parser = Parser { tokens: tokens.into_iter().peekable(), text };
        let whole = parser.either(0)?;
        match parser.tokens.next() {
            None => Ok(whole),
            Some(_) => Err(parser.wrong("there is more behind it; put `&`, `|` or `-` between two segments")),
        }
    }

    /// The segments it names, each once, by name.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.gather(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn gather<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Name(name) => names.push(name),
            Self::Both(a, b) | Self::Either(a, b) | Self::Without(a, b) => {
                a.gather(names);
                b.gather(names);
            }
        }
    }

    /// Who that is; `of` says who belongs to a segment.
    ///
    /// # Errors
    /// Those of `of`.
    pub fn members<E>(
        &self,
        of: &mut dyn FnMut(&str) -> std::result::Result<RoaringBitmap, E>,
    ) -> std::result::Result<RoaringBitmap, E> {
        Ok(match self {
            Self::Name(name) => of(name)?,
            Self::Both(a, b) => a.members(of)? & b.members(of)?,
            Self::Either(a, b) => a.members(of)? | b.members(of)?,
            Self::Without(a, b) => a.members(of)? - b.members(of)?,
        })
    }
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    text: &'a str,
}

impl Parser<'_> {
    fn wrong(&self, why: &str) -> FeatureError {
        FeatureError::Argument {
            what: "an expression of segments",
            found: format!("`{}`: {why}", self.text),
            allowed: "write it as `a & (b | c) - d`",
        }
    }

    fn either(&mut self, depth: usize) -> Result<Expression> {
        let mut left = self.both(depth)?;
        while let Some(token) = self.tokens.next_if(|token| matches!(token, Token::Or | Token::Without)) {
            let right = Box::new(self.both(depth)?);
            left = match token {
                Token::Or => Expression::Either(Box::new(left), right),
                _ => Expression::Without(Box::new(left), right),
            };
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Expression> {
        let mut left = self.one(depth)?;
        while self.tokens.next_if_eq(&Token::And).is_some() {
            left = Expression::Both(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Expression> {
        match self.tokens.next() {
            Some(Token::Name(name)) => Ok(Expression::Name(name)),
            Some(Token::Open) if depth < DEPTH_MAX => {
                let inner = self.either(depth + 1)?;
                match self.tokens.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err(self.wrong("a bracket is not closed")),
                }
            }
            Some(Token::Open) => Err(self.wrong("brackets are fifty deep")),
            _ => Err(self.wrong("a segment is missing")),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (token, length) = match first {
            '&' => (Token::And, 1),
            '|' => (Token::Or, 1),
            '-' => (Token::Without, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            _ if word > 0 => (named(&rest[..word]), word),
            _ => {
                return Err(FeatureError::Argument {
                    what: "an expression of segments",
                    found: format!("`{first}` in `{text}`"),
                    allowed: "write it as `a & (b | c) - d`",
                });
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn named(word: &str) -> Token {
    match word {
        "and" => Token::And,
        "or" => Token::Or,
        "without" => Token::Without,
        name => Token::Name(name.to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<u32> {
        let of = |name: &str| -> Result<RoaringBitmap> {
            Ok(match name {
                "a" => (0..10).collect(),
                "b" => (5..15).collect(),
                "c" => [6, 20].into_iter().collect(),
                _ => RoaringBitmap::new(),
            })
        };
        Expression::parse(text).unwrap().members(&mut { of }).unwrap().iter().collect()
    }

    #[test]
    fn both_binds_first_and_the_rest_goes_from_left_to_right() {
        assert_eq!(members("a & b - c"), [5, 7, 8, 9]);
        assert_eq!(members("c | a & b"), [5, 6, 7, 8, 9, 20]);
        assert_eq!(members("(c | a) & b"), [5, 6, 7, 8, 9]);
        assert_eq!(members("a - b - c"), [0, 1, 2, 3, 4]);
        assert_eq!(members("a - (b - c)"), [0, 1, 2, 3, 4, 6]);
        assert_eq!(members("a and b without c"), members("a&b-c"));
    }

    #[test]
    fn names_come_once_and_in_order() {
        assert_eq!(Expression::parse("b & a | b").unwrap().names(), ["a", "b"]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let deep = format!("{}a{}", "(".repeat(60), ")".repeat(60));
        let many = vec!["a"; 101].join("|");
        for (text, why) in [
            ("", "a segment is missing"),
            ("a &", "a segment is missing"),
            ("a b", "there is more behind it"),
            ("(a | b", "a bracket is not closed"),
            ("a)", "there is more behind it"),
            ("a + b", "`+`"),
            ("a; drop", "`;`"),
            (&deep, "fifty deep"),
            (&many, "101"),
        ] {
            let error = Expression::parse(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
