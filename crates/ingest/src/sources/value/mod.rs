//! One value: from the bytes of a field to a number, a day, a time. Exact, checked for overflow, without allocation on
//! the good path.

pub(super) mod date;
pub(super) mod number;
pub(super) mod pattern;
pub(super) mod zone;

use super::reject::Problem;

/// Without surrounding blanks and tabs.
pub(super) fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Texts that mean *missing*.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    empty: bool,
    others: Vec<Box<[u8]>>,
}

impl Missing {
    pub(super) fn new(texts: &[String]) -> Self {
        let texts = || texts.iter().map(|t| trimmed(t.as_bytes()));
        Self {
            empty: texts().any(<[u8]>::is_empty),
            others: texts().filter(|t| !t.is_empty()).map(Into::into).collect(),
        }
    }

    /// Whether anything else than nothing means *missing*.
    pub(super) fn has_words(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whether `text`, already trimmed, is one of them.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        if text.is_empty() {
            return self.empty;
        }
        self.others.iter().any(|other| **other == *text)
    }
}

/// Texts for true and false.
#[derive(Debug, Clone)]
pub(super) enum Booleans {
    /// `true`/`false`, `1`/`0`, `yes`/`no`, `y`/`n`, in any case.
    Usual,
    /// Those of the definition, letter by letter.
    Own(Box<[u8]>, Box<[u8]>),
}

impl Booleans {
    pub(super) fn new(own: Option<&(String, String)>) -> Self {
        own.map_or(Self::Usual, |(yes, no)| Self::Own(trimmed(yes.as_bytes()).into(), trimmed(no.as_bytes()).into()))
    }

    pub(super) fn parse(&self, text: &[u8]) -> Result<bool, Problem> {
        let is_one_of = |words: [&str; 4]| words.iter().any(|w| text.eq_ignore_ascii_case(w.as_bytes()));
        match self {
            Self::Own(yes, _) if **yes == *text => Ok(true),
            Self::Own(_, no) if **no == *text => Ok(false),
            Self::Usual if is_one_of(["true", "1", "yes", "y"]) => Ok(true),
            Self::Usual if is_one_of(["false", "0", "no", "n"]) => Ok(false),
            Self::Own(..) | Self::Usual => Err(Problem::NotBool),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_do_not_count_and_blanks_inside_do() {
        assert_eq!(trimmed(b" \t a b\t "), b"a b");
        assert_eq!(trimmed(b" \t "), b"");
        let missing = Missing::new(&["?".into(), String::new()]);
        assert!(missing.is(b"") && missing.is(b"?") && !missing.is(b"??"));
        assert!(!Missing::new(&["?".into()]).is(b""));
    }

    #[test]
    fn booleans_are_the_usual_words_in_any_case_or_exactly_those_declared() {
        for (text, expected) in [("TRUE", Ok(true)), ("0", Ok(false)), ("No", Ok(false)), ("on", Err(Problem::NotBool))]
        {
            assert_eq!(Booleans::Usual.parse(text.as_bytes()), expected, "{text}");
        }
        let own = Booleans::new(Some(&("A".into(), "N".into())));
        assert_eq!((own.parse(b"A"), own.parse(b"N"), own.parse(b"a")), (Ok(true), Ok(false), Err(Problem::NotBool)));
    }
}
