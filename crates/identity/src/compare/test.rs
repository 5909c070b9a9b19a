//! Comparisons as settings say them, and the usual ones ready made.

use serde::{Deserialize, Serialize};

/// What two records must fulfil. `C` is how a column is called: by name in settings, by number once compiled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Test<C = String> {
    /// Equal after normalisation.
    Exact { column: C },
    /// Jaro–Winkler similarity (Winkler 1990, prefix weight 0.1) of at least that much, from 0 to 1.
    JaroWinkler { column: C, at_least: f64 },
    /// The same of what stands before the `@`.
    UserJaroWinkler { column: C, at_least: f64 },
    /// What stands before the `@` is equal.
    SameUser { column: C },
    /// Insertions, deletions and replacements (Levenshtein 1966), at most that many.
    Levenshtein { column: C, at_most: usize },
    /// The same, and swaps of neighbours (Damerau 1964).
    Damerau { column: C, at_most: usize },
    /// Equally long, and exactly one character differs.
    OneReplaced { column: C },
    /// Equal after swapping two neighbours.
    Transposed { column: C },
    /// Dates at most that many days apart.
    DaysApart { column: C, at_most: i32 },
    /// Dates of one year whose month and day are swapped.
    DayMonthSwapped { column: C },
    /// Numbers at most that far apart.
    NumbersApart { column: C, at_most: f64 },
    /// Shared words by all words (Jaccard 1901), from 0 to 1.
    Jaccard { column: C, at_least: f64 },
    /// Shared words by the geometric mean of both numbers of words (cosine of sets; Ochiai 1957), from 0 to 1.
    Cosine { column: C, at_least: f64 },
    /// Names that read the same: pinyin without tones, run together.
    SoundsAlike { column: C },
    /// Names that read the same with the words in another order.
    Turned { column: C },
    /// Names of which one has initials for words of the other.
    Initials { column: C },
    /// Each one's `left` is the other's `right`.
    Swapped { left: C, right: C },
    /// All of them.
    All { of: Vec<Test<C>> },
    /// Any of them.
    Any { of: Vec<Test<C>> },
}

/// One step of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What it is called in explanations.
    pub name: String,
    /// What a pair at this level fulfils.
    pub test: Test,
    /// The column whose term frequency corrects the weight: agreeing on a rare value says more.
    #[serde(default)]
    pub frequency: Option<String>,
}

/// A ladder of levels over one or more columns. A pair is at the first level whose test passes, else at the last
/// ("anything else"). When no column has a value on both sides, the comparison is missing and weighs nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What it is called in explanations.
    pub name: String,
    /// From the closest to the loosest.
    pub levels: Vec<Level>,
}

impl Level {
    /// A level without a frequency.
    #[must_use]
    pub fn new(name: &str, test: Test) -> Self {
        Self { name: name.to_owned(), test, frequency: None }
    }

    /// The same level, corrected by the frequency of a column's values.
    #[must_use]
    pub fn by_frequency(mut self, column: &str) -> Self {
        self.frequency = Some(column.to_owned());
        self
    }
}

impl Comparison {
    /// A comparison of those levels.
    #[must_use]
    pub fn new(name: &str, levels: Vec<Level>) -> Self {
        Self { name: name.to_owned(), levels }
    }

    /// Equal or not, by frequency.
    #[must_use]
    pub fn exact(column: &str) -> Self {
        Self::new(column, vec![exact(column)])
    }

    /// A word of a Latin name: exact, Jaro–Winkler at least 0.92, 0.88 and 0.7.
    #[must_use]
    pub fn latin_name(column: &str) -> Self {
        let near =
            |at_least| Level::new(&format!("near {at_least}"), Test::JaroWinkler { column: column.into(), at_least });
        Self::new(column, vec![exact(column), near(0.92), near(0.88), near(0.7)])
    }

    /// A whole name, Chinese or Latin: characters, reading, order, initials, near.
    #[must_use]
    pub fn name(column: &str) -> Self {
        let of = || column.to_owned();
        Self::new(
            column,
            vec![
                exact(column),
                Level::new("reads the same", Test::SoundsAlike { column: of() }),
                Level::new("other order", Test::Turned { column: of() }),
                Level::new("initials", Test::Initials { column: of() }),
                Level::new("near 0.92", Test::JaroWinkler { column: of(), at_least: 0.92 }),
                Level::new("near 0.8", Test::JaroWinkler { column: of(), at_least: 0.8 }),
            ],
        )
    }

    /// A date: exact, one digit replaced or two swapped, day and month swapped, within a year, within ten.
    #[must_use]
    pub fn date(column: &str) -> Self {
        let of = || column.to_owned();
        Self::new(
            column,
            vec![
                exact(column),
                Level::new("day and month swapped", Test::DayMonthSwapped { column: of() }),
                Level::new("one digit", Test::Damerau { column: of(), at_most: 1 }),
                Level::new("within a month", Test::DaysApart { column: of(), at_most: 31 }),
                Level::new("within a year", Test::DaysApart { column: of(), at_most: 366 }),
                Level::new("within ten years", Test::DaysApart { column: of(), at_most: 3653 }),
            ],
        )
    }

    /// A number such as a phone's or a card's: exact, one digit replaced, two swapped, two mistakes.
    #[must_use]
    pub fn digits(column: &str) -> Self {
        let of = || column.to_owned();
        Self::new(
            column,
            vec![
                exact(column),
                Level::new("one digit", Test::OneReplaced { column: of() }),
                Level::new("two swapped", Test::Transposed { column: of() }),
                Level::new("two mistakes", Test::Damerau { column: of(), at_most: 2 }),
            ],
        )
    }

    /// An e-mail address: exact, the same user, near.
    #[must_use]
    pub fn email(column: &str) -> Self {
        let of = || column.to_owned();
        Self::new(
            column,
            vec![
                exact(column),
                Level::new("same user", Test::SameUser { column: of() }),
                Level::new("near 0.88", Test::JaroWinkler { column: of(), at_least: 0.88 }),
                Level::new("near user 0.88", Test::UserJaroWinkler { column: of(), at_least: 0.88 }),
            ],
        )
    }

    /// An address by its words: exact, most words, half of them, some.
    #[must_use]
    pub fn address(column: &str) -> Self {
        let of = || column.to_owned();
        Self::new(
            column,
            vec![
                exact(column),
                Level::new("words 0.8", Test::Cosine { column: of(), at_least: 0.8 }),
                Level::new("words 0.5", Test::Jaccard { column: of(), at_least: 0.5 }),
                Level::new("words 0.25", Test::Jaccard { column: of(), at_least: 0.25 }),
            ],
        )
    }
}

fn exact(column: &str) -> Level {
    Level::new("exact", Test::Exact { column: column.to_owned() }).by_frequency(column)
}

impl<C> Test<C> {
    /// The same test with columns called in another way.
    pub(crate) fn map<D, E>(&self, f: &mut impl FnMut(&C) -> Result<D, E>) -> Result<Test<D>, E> {
        use Test as T;
        Ok(match self {
            T::Exact { column } => T::Exact { column: f(column)? },
            T::JaroWinkler { column, at_least } => T::JaroWinkler { column: f(column)?, at_least: *at_least },
            T::UserJaroWinkler { column, at_least } => T::UserJaroWinkler { column: f(column)?, at_least: *at_least },
            T::SameUser { column } => T::SameUser { column: f(column)? },
            T::Levenshtein { column, at_most } => T::Levenshtein { column: f(column)?, at_most: *at_most },
            T::Damerau { column, at_most } => T::Damerau { column: f(column)?, at_most: *at_most },
            T::OneReplaced { column } => T::OneReplaced { column: f(column)? },
            T::Transposed { column } => T::Transposed { column: f(column)? },
            T::DaysApart { column, at_most } => T::DaysApart { column: f(column)?, at_most: *at_most },
            T::DayMonthSwapped { column } => T::DayMonthSwapped { column: f(column)? },
            T::NumbersApart { column, at_most } => T::NumbersApart { column: f(column)?, at_most: *at_most },
            T::Jaccard { column, at_least } => T::Jaccard { column: f(column)?, at_least: *at_least },
            T::Cosine { column, at_least } => T::Cosine { column: f(column)?, at_least: *at_least },
            T::SoundsAlike { column } => T::SoundsAlike { column: f(column)? },
            T::Turned { column } => T::Turned { column: f(column)? },
            T::Initials { column } => T::Initials { column: f(column)? },
            T::Swapped { left, right } => T::Swapped { left: f(left)?, right: f(right)? },
            T::All { of } => T::All { of: of.iter().map(|test| test.map(f)).collect::<Result<_, E>>()? },
            T::Any { of } => T::Any { of: of.iter().map(|test| test.map(f)).collect::<Result<_, E>>()? },
        })
    }
}
