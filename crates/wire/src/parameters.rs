//! Parameters of a prepared statement, put into its text.
//!
//! A value becomes a literal where its `$1` stood, by the places of the tokens. What comes out is read again: it must have the same
//! tokens but for the literals, and the literals must be the values, or it is refused. So no value can be read as anything but a value.

use sqlparser::tokenizer::Token;

use crate::{
    catalogue::types::{self, Oid},
    fault::{Fault, code},
    statement::{Placed, tokens},
    text,
};

/// Parameters of a statement at most, as the protocol counts them.
pub(crate) const PARAMETERS_MAX: usize = 1 << 15;
/// Microseconds from 1970 to 2000, where PostgreSQL's times begin, and days.
pub(crate) const EPOCH_MICROS: i64 = 946_684_800_000_000;
pub(crate) const EPOCH_DAYS: i32 = 10_957;

/// A value as it came.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) binary: bool,
    pub(crate) ty: Oid,
}

/// How many parameters a statement names.
pub(crate) fn count(statement: &str) -> Result<usize, Fault> {
    Ok(tokens(statement)?.iter().filter_map(|placed| place(&placed.token)).max().unwrap_or_default())
}

fn place(token: &Token) -> Option<usize> {
    match token {
        Token::Placeholder(text) => {
            text.strip_prefix('$')?.parse().ok().filter(|place| (1..=PARAMETERS_MAX).contains(place))
        }
        _ => None,
    }
}

/// The statement with values in the places of its parameters.
pub(crate) fn filled(statement: &str, parameters: &[Parameter]) -> Result<String, Fault> {
    let before = tokens(statement)?;
    if !before.iter().any(|placed| place(&placed.token).is_some()) {
        return Ok(statement.to_owned());
    }
    let (mut filled, mut done) = (String::with_capacity(statement.len() + 32), 0);
    let mut expected = Vec::with_capacity(before.len());
    for Placed { token, start, end } in &before {
        let Some(place) = place(token) else {
            expected.push(token.clone());
            continue;
        };
        let parameter = parameters.get(place - 1);
        let parameter =
            parameter.ok_or_else(|| Fault::new(code::PROTOCOL, format!("there is no value for ${place}")))?;
        let literal = literal(parameter)?;
        expected.extend(tokens(&literal.text)?.into_iter().map(|placed| placed.token));
        literal.holds_what_was_sent()?;
        filled.push_str(statement.get(done..*start).unwrap_or_default());
        // Spaces, so that what stands beside it stays what it is.
        filled.push(' ');
        filled.push_str(&literal.text);
        filled.push(' ');
        done = *end;
    }
    filled.push_str(statement.get(done..).unwrap_or_default());
    let after: Vec<Token> = tokens(&filled)?.into_iter().map(|placed| placed.token).collect();
    if after == expected {
        Ok(filled)
    } else {
        Err(Fault::new(code::INTERNAL, "a parameter could not be put in its place"))
    }
}

struct Literal {
    text: String,
    /// The value of the text within it.
    holds: Option<String>,
}

impl Literal {
    fn bare(text: impl Into<String>) -> Self {
        Self { text: text.into(), holds: None }
    }

    fn quoted(value: &str) -> Self {
        Self { text: format!("'{}'", value.replace('\'', "''")), holds: Some(value.to_owned()) }
    }

    fn typed(ty: &str, value: &str) -> Self {
        let quoted = Self::quoted(value);
        Self { text: format!("CAST({} AS {ty})", quoted.text), ..quoted }
    }

    /// Read by itself, the text in it is the one that was sent, and there is one.
    fn holds_what_was_sent(&self) -> Result<(), Fault> {
        let Some(value) = &self.holds else { return Ok(()) };
        let found = tokens(&self.text)?;
        let texts: Vec<&String> = found
            .iter()
            .filter_map(|placed| match &placed.token {
                Token::SingleQuotedString(text) => Some(text),
                _ => None,
            })
            .collect();
        if texts == [value] {
            Ok(())
        } else {
            Err(Fault::new(code::INTERNAL, "a parameter could not be written as a text"))
        }
    }
}

fn literal(parameter: &Parameter) -> Result<Literal, Fault> {
    let Some(bytes) = &parameter.bytes else { return Ok(Literal::bare("NULL")) };
    let shown = if parameter.binary { from_binary(bytes, parameter.ty)? } else { utf8(bytes)?.to_owned() };
    if shown.contains('\0') {
        return Err(Fault::new("22021", "a text cannot hold the sign 0"));
    }
    Ok(match parameter.ty {
        types::INT2 | types::INT4 | types::INT8 | types::OID => {
            number::<i64>(&shown, "a whole number").map(|_| Literal::bare(signed(&shown)))?
        }
        types::FLOAT4 | types::FLOAT8 => match number::<f64>(&shown, "a number")? {
            value if value.is_finite() => Literal::typed("DOUBLE", shown.trim()),
            _ => Literal::typed("DOUBLE", &shown.trim().to_lowercase()),
        },
        types::NUMERIC => {
            number::<f64>(&shown, "a number")?;
            decimal_literal(shown.trim())
        }
        types::BOOL => match crate::catalogue::value::truth(&shown) {
            Some(truth) => Literal::bare(if truth { "TRUE" } else { "FALSE" }),
            None => return Err(Fault::new(code::INVALID_TEXT, "a parameter is no truth value")),
        },
        types::DATE => Literal::typed("DATE", &shown),
        types::TIMESTAMP => Literal::typed("TIMESTAMP", &shown),
        types::TIMESTAMPTZ => Literal::typed("TIMESTAMPTZ", &shown),
        _ => Literal::quoted(&shown),
    })
}

/// Negative numbers in parentheses, so that `a-$1` does not become a comment.
fn signed(text: &str) -> String {
    let text = text.trim().trim_start_matches('+');
    if text.starts_with('-') { format!("({text})") } else { text.to_owned() }
}

fn decimal_literal(text: &str) -> Literal {
    let plain = text.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let scale = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if plain && digits <= 38 && digits >= scale {
        return Literal::typed(&format!("DECIMAL(38,{scale})"), text);
    }
    Literal::typed("DOUBLE", text)
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Fault> {
    let value =
        text.trim().parse().map_err(|_| Fault::new(code::INVALID_TEXT, format!("a parameter is not {what}")))?;
    Ok(value)
}

fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::new("22021", "a parameter is no UTF-8 text"))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_| Fault::new("22P03", "a binary parameter has the wrong length for its type"))
}

fn from_binary(bytes: &[u8], ty: Oid) -> Result<String, Fault> {
    Ok(match ty {
        types::BOOL => (fixed::<1>(bytes)?[0] != 0).to_string(),
        types::INT2 => i16::from_be_bytes(fixed(bytes)?).to_string(),
        types::INT4 => i32::from_be_bytes(fixed(bytes)?).to_string(),
        types::INT8 => i64::from_be_bytes(fixed(bytes)?).to_string(),
        types::OID => u32::from_be_bytes(fixed(bytes)?).to_string(),
        types::FLOAT4 => f32::from_be_bytes(fixed(bytes)?).to_string(),
        types::FLOAT8 => f64::from_be_bytes(fixed(bytes)?).to_string(),
        types::NUMERIC => numeric(bytes)?,
        types::DATE => text::date(i64::from(i32::from_be_bytes(fixed(bytes)?)) + i64::from(EPOCH_DAYS)),
        types::TIMESTAMP => text::timestamp(i64::from_be_bytes(fixed(bytes)?).saturating_add(EPOCH_MICROS), None),
        types::TIMESTAMPTZ => {
            text::timestamp(i64::from_be_bytes(fixed(bytes)?).saturating_add(EPOCH_MICROS), Some("UTC"))
        }
        types::TEXT | types::VARCHAR | types::BPCHAR | types::NAME | types::UNKNOWN | types::CHAR | types::JSON | 0 => {
            utf8(bytes)?.to_owned()
        }
        types::UUID => uuid(fixed(bytes)?),
        other => {
            let name = types::shown(other, -1);
            return Err(Fault::new(
                code::NOT_SUPPORTED,
                format!("binary parameters of the type {name} are not read here"),
            ));
        }
    })
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex = text::bytea(&bytes).split_off(2);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A decimal number from groups of four digits.
fn numeric(bytes: &[u8]) -> Result<String, Fault> {
    let wrong = || Fault::new("22P03", "a binary number is not sound");
    let word = |at: usize| Some(i16::from_be_bytes(bytes.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let (Some(groups), Some(weight), Some(sign), Some(scale)) = (word(0), word(1), word(2), word(3)) else {
        return Err(wrong());
    };
    let sign = sign.cast_unsigned();
    if sign != 0 && sign != 0x4000 || bytes.len() != 8 + usize::try_from(groups).map_err(|_| wrong())? * 2 {
        return Err(wrong());
    }
    // The group of so many powers of ten thousand.
    let group = |power: i32| {
        let place = usize::try_from(i32::from(weight) - power).ok();
        place.filter(|place| *place < groups as usize).and_then(|place| word(4 + place)).unwrap_or_default()
    };
    let whole: String = (0..=i32::from(weight).max(0)).rev().map(|power| format!("{:04}", group(power))).collect();
    let whole = whole.trim_start_matches('0');
    let mut shown = if whole.is_empty() { "0".to_owned() } else { whole.to_owned() };
    let scale = usize::try_from(scale).map_err(|_| wrong())?;
    if scale > 0 {
        let groups = i32::try_from(scale.div_ceil(4)).map_err(|_| wrong())?;
        let mut fraction: String = (1..=groups).map(|power| format!("{:04}", group(-power))).collect();
        fraction.truncate(scale);
        shown = format!("{shown}.{fraction}");
    }
    Ok(if sign == 0x4000 { format!("-{shown}") } else { shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str, ty: Oid) -> Parameter {
        Parameter { bytes: Some(text.as_bytes().to_vec()), binary: false, ty }
    }

    #[test]
    fn values_stand_where_their_parameters_stood() {
        let parameters =
            [text_of("5", types::INT4), text_of("it's", 0), Parameter { bytes: None, binary: false, ty: 0 }];
        let filled = filled("select $2, a-$1, '$1', $3 -- $1\n from t where x = $1", &parameters).unwrap();
        assert_eq!(filled, "select  'it''s' , a- 5 , '$1',  NULL  -- $1\n from t where x =  5 ");
        let negative = super::filled("select 1-$1", &[text_of("-5", types::INT8)]).unwrap();
        assert_eq!(negative, "select 1- (-5) ");
    }

    #[test]
    fn whatever_a_value_is_it_stays_a_value() {
        for value in [
            "'",
            "''",
            "\\'",
            "\\' or 1=1 --",
            "a''b",
            "$1",
            "/*",
            "*/",
            "--",
            "';drop",
            "\\",
            "E'x",
            "名'",
            "\n'\n",
            "$$",
            "'||'",
        ] {
            let filled = filled("select $1 from t where a = $1", &[text_of(value, types::TEXT)]).unwrap();
            let texts: Vec<Token> = tokens(&filled).unwrap().into_iter().map(|placed| placed.token).collect();
            let literal = Token::SingleQuotedString(value.to_owned());
            assert_eq!(texts.len(), 8, "{value}");
            assert_eq!((&texts[1], &texts[7]), (&literal, &literal), "{value}");
        }
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused() {
        for (value, ty) in [
            ("1; select 2", types::INT4),
            ("x", types::FLOAT8),
            ("maybe", types::BOOL),
            ("1e", types::NUMERIC),
            ("a\0b", 0),
        ] {
            assert!(filled("select $1", &[text_of(value, ty)]).is_err(), "{value}");
        }
        assert!(filled("select $2", &[text_of("1", 0)]).is_err());
    }

    #[test]
    fn binary_numbers_are_read() {
        let number = |groups: &[i16], weight: i16, sign: i16, scale: i16| {
            let head = [groups.len() as i16, weight, sign, scale];
            numeric(&head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(number(&[1, 2345, 6700], 1, 0, 2), "12345.67");
        assert_eq!(number(&[5], -1, 0x4000, 4), "-0.0005");
        assert_eq!(number(&[5], -2, 0, 8), "0.00000005");
        assert_eq!(number(&[1], 1, 0, 0), "10000");
        assert_eq!(number(&[], 0, 0, 2), "0.00");
        assert_eq!(number(&[1, 5000], 0, 0, 1), "1.5");
    }
}
