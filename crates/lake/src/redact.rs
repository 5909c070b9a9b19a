//! SQL without its literals, for the audit log: what was asked, but no value of the data.

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, Tokenizer},
};

/// The statement with `?` in the place of every number and text, and without comments. A text that is no SQL becomes
/// nothing at all.
#[must_use]
pub fn without_literals(sql: &str) -> String {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return String::new() };
    let mut redacted = String::with_capacity(sql.len());
    for token in tokens {
        match token {
            Token::Whitespace(_) if redacted.ends_with(' ') => {}
            Token::Whitespace(_) => redacted.push(' '),
            Token::Word(_)
            | Token::Comma
            | Token::LParen
            | Token::RParen
            | Token::Period
            | Token::Mul
            | Token::SemiColon => {
                redacted.push_str(&token.to_string());
            }
            other => redacted.push_str(&operator_or_hole(&other)),
        }
    }
    redacted.trim().to_owned()
}

/// Operators are kept; whatever else it is may be a literal.
fn operator_or_hole(token: &Token) -> String {
    let text = token.to_string();
    let is_operator = text.chars().all(|c| c.is_ascii_punctuation() && !"'\"`$".contains(c));
    if is_operator { text } else { "?".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_comments_are_left_out() {
        for (sql, redacted) in [
            (
                "select a, b+1 from t where x = 'Anna' -- 'Eve'\n and y <> 17.5",
                "select a, b+? from t where x = ? and y <> ?",
            ),
            ("select * from t where d > date '1995-01-01'", "select * from t where d > date ?"),
            ("select N'x', X'ff', $$y$$, E'z'", "select ?, ?, ?, ?"),
            ("select 'unclosed", ""),
        ] {
            assert_eq!(without_literals(sql), redacted);
        }
    }
}
