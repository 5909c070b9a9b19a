//! Comparisons ready to run on pairs of rows.

use super::{COMPARISONS_MAX, Comparison, LEVELS_MAX, Test, measure};
use crate::{
    error::{Result, setting},
    field::FieldKind,
    normalise::{Day, Form, NameForm},
    table::{MISSING, Records, Row, UNKNOWN, Value},
};

/// One comparison with its columns found.
#[derive(Debug, Clone)]
pub(crate) struct Ladder {
    pub(crate) columns: Vec<usize>,
    pub(crate) rungs: Vec<Rung>,
}

/// One level.
#[derive(Debug, Clone)]
pub(crate) struct Rung {
    test: Test<usize>,
    /// The column whose term frequency corrects the weight.
    pub(crate) frequency: Option<usize>,
    /// The level (from 0) whose u stands for the average frequency.
    pub(crate) frequency_base: usize,
}

/// Finds the columns and checks the bounds.
pub(crate) fn compile(records: &Records, comparisons: &[Comparison]) -> Result<Vec<Ladder>> {
    if comparisons.is_empty() || comparisons.len() > COMPARISONS_MAX {
        let problem = format!("has {} comparisons; there may be 1 to {COMPARISONS_MAX}", comparisons.len());
        return Err(setting("comparisons", problem));
    }
    comparisons.iter().map(|comparison| ladder(records, comparison)).collect()
}

fn ladder(records: &Records, comparison: &Comparison) -> Result<Ladder> {
    let count = comparison.levels.len();
    if count == 0 || count > LEVELS_MAX {
        return Err(setting(&comparison.name, format!("has {count} levels; there may be 1 to {LEVELS_MAX}")));
    }
    let mut columns = Vec::new();
    let mut rungs = Vec::new();
    for level in &comparison.levels {
        let test = compile_test(records, &comparison.name, &level.test, &mut columns)?;
        let frequency =
            level.frequency.as_ref().map(|name| records.column_named(name, &comparison.name)).transpose()?;
        rungs.push(Rung { test, frequency, frequency_base: 0 });
    }
    columns.sort_unstable();
    columns.dedup();
    for at in 0..rungs.len() {
        rungs[at].frequency_base = frequency_base(&rungs, at);
    }
    Ok(Ladder { columns, rungs })
}

/// A test with its columns found, each of them noted.
pub(crate) fn compile_test(
    records: &Records,
    place: &str,
    test: &Test,
    columns: &mut Vec<usize>,
) -> Result<Test<usize>> {
    let compiled = test.map(&mut |name: &String| {
        let column = records.column_named(name, place)?;
        columns.push(column);
        Ok(column)
    })?;
    check_kinds(records, place, &compiled)?;
    Ok(compiled)
}

/// Refuses a test that could never pass, because it asks for what the kind of the column does not have.
fn check_kinds(records: &Records, place: &str, test: &Test<usize>) -> Result<()> {
    let (column, needed) = match test {
        Test::All { of } | Test::Any { of } => return of.iter().try_for_each(|test| check_kinds(records, place, test)),
        Test::SameUser { column } | Test::UserJaroWinkler { column, .. } => (column, FieldKind::Email),
        Test::DaysApart { column, .. } | Test::DayMonthSwapped { column } => (column, FieldKind::Date),
        Test::NumbersApart { column, .. } => (column, FieldKind::Number),
        Test::Jaccard { column, .. } | Test::Cosine { column, .. } => (column, FieldKind::Address),
        Test::SoundsAlike { column } | Test::Turned { column } | Test::Initials { column } => (column, FieldKind::Name),
        _ => return Ok(()),
    };
    records.check_kind(*column, &[needed], place)
}

/// The exact level on the same column, or the level itself.
fn frequency_base(rungs: &[Rung], at: usize) -> usize {
    let exact = |rung: &Rung| matches!(rung.test, Test::Exact { column } if Some(column) == rungs[at].frequency);
    rungs.iter().position(exact).unwrap_or(at)
}

/// What the numbers of two values already say of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtSight {
    /// Nothing to compare.
    Missing,
    /// The same value of the only column.
    Same,
    /// Two values of the only column: no level of equality can pass.
    Different,
    /// Several columns, of which some are there.
    Unclear,
}

impl Rung {
    /// Whether the level asks for the same value and nothing else.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.test, Test::Exact { .. })
    }

    /// Whether the test reads more than a few bytes of each value.
    fn is_costly(&self) -> bool {
        !matches!(
            self.test,
            Test::Exact { .. }
                | Test::OneReplaced { .. }
                | Test::Transposed { .. }
                | Test::Damerau { .. }
                | Test::Levenshtein { .. }
                | Test::DaysApart { .. }
                | Test::DayMonthSwapped { .. }
                | Test::NumbersApart { .. }
        )
    }
}

impl Ladder {
    /// How many of the levels cost much.
    pub(crate) fn cost(&self) -> usize {
        self.rungs.iter().filter(|rung| rung.is_costly()).count()
    }

    /// What can be said without looking at the values.
    pub(crate) fn at_sight(&self, a: &impl Row, b: &impl Row) -> AtSight {
        match self.columns[..] {
            [column] if !present(column, a, b) => AtSight::Missing,
            [column] if same(column, a, b) => AtSight::Same,
            [_] => AtSight::Different,
            _ if self.columns.iter().all(|column| !present(*column, a, b)) => AtSight::Missing,
            _ => AtSight::Unclear,
        }
    }

    /// 0 when missing, 1 … for the levels, one more for anything else.
    pub(crate) fn level(&self, a: &impl Row, b: &impl Row) -> u8 {
        if self.columns.iter().all(|column| !present(*column, a, b)) {
            return 0;
        }
        let mut known = Known::default();
        let passed = self.rungs.iter().position(|rung| passes(&rung.test, a, b, &mut known));
        passed.unwrap_or(self.rungs.len()) as u8 + 1
    }
}

/// Similarities of this pair that an earlier level has worked out: (column, user part only, similarity).
#[derive(Default)]
struct Known {
    entries: [Option<(usize, bool, f64)>; 4],
}

impl Known {
    fn get(&mut self, column: usize, user: bool, measure: impl FnOnce() -> f64) -> f64 {
        for entry in &mut self.entries {
            match entry {
                Some((of, user_of, similarity)) if (*of, *user_of) == (column, user) => return *similarity,
                Some(_) => {}
                None => {
                    let similarity = measure();
                    *entry = Some((column, user, similarity));
                    return similarity;
                }
            }
        }
        measure()
    }
}

fn present(column: usize, a: &impl Row, b: &impl Row) -> bool {
    a.number(column) != MISSING && b.number(column) != MISSING
}

/// Whether both have the same value. Only one side can be unknown to the dictionary, so unknown means different.
fn same(column: usize, a: &impl Row, b: &impl Row) -> bool {
    let number = a.number(column);
    number != MISSING && number != UNKNOWN && number == b.number(column)
}

/// Whether a pair fulfils a test on its own.
pub(crate) fn fulfils(test: &Test<usize>, a: &impl Row, b: &impl Row) -> bool {
    passes(test, a, b, &mut Known::default())
}

fn passes(test: &Test<usize>, a: &impl Row, b: &impl Row, known: &mut Known) -> bool {
    match test {
        Test::Exact { column } => same(*column, a, b),
        Test::Swapped { left, right } => crossed(*left, *right, a, b),
        Test::All { of } => of.iter().all(|test| passes(test, a, b, known)),
        Test::Any { of } => of.iter().any(|test| passes(test, a, b, known)),
        Test::JaroWinkler { column, .. }
        | Test::UserJaroWinkler { column, .. }
        | Test::SameUser { column }
        | Test::Levenshtein { column, .. }
        | Test::Damerau { column, .. }
        | Test::OneReplaced { column }
        | Test::Transposed { column }
        | Test::DaysApart { column, .. }
        | Test::DayMonthSwapped { column }
        | Test::NumbersApart { column, .. }
        | Test::Jaccard { column, .. }
        | Test::Cosine { column, .. }
        | Test::SoundsAlike { column }
        | Test::Turned { column }
        | Test::Initials { column } => {
            present(*column, a, b)
                && (near(test, a.value(*column), b.value(*column), known) || trivially(test, *column, a, b))
        }
    }
}

/// Equal values are near by every measure of nearness, but are neither swapped nor replaced.
fn trivially(test: &Test<usize>, column: usize, a: &impl Row, b: &impl Row) -> bool {
    let of_difference = matches!(
        test,
        Test::OneReplaced { .. }
            | Test::Transposed { .. }
            | Test::DayMonthSwapped { .. }
            | Test::Turned { .. }
            | Test::Initials { .. }
    );
    !of_difference && same(column, a, b)
}

fn near(test: &Test<usize>, a: Value<'_>, b: Value<'_>, known: &mut Known) -> bool {
    match test {
        Test::JaroWinkler { column, at_least } => {
            a.letters().jaro_winkler_max(b.letters()) >= *at_least
                && known.get(*column, false, || measure::jaro_winkler(a.text(), b.text())) >= *at_least
        }
        Test::UserJaroWinkler { column, at_least } => {
            known.get(*column, true, || measure::jaro_winkler(user(a), user(b))) >= *at_least
        }
        Test::SameUser { .. } => user(a) == user(b),
        Test::Levenshtein { at_most, .. } => measure::within_levenshtein(a, b, *at_most),
        Test::Damerau { at_most, .. } => measure::within_damerau(a, b, *at_most),
        Test::OneReplaced { .. } => {
            a.letters().mistakes_min(b.letters()) <= 1 && measure::is_one_replaced(a.text(), b.text())
        }
        Test::Transposed { .. } => {
            a.letters().mistakes_min(b.letters()) == 0 && measure::is_transposed(a.text(), b.text())
        }
        Test::DaysApart { at_most, .. } => days(a, b, |a, b| (a.number - b.number).abs() <= *at_most),
        Test::DayMonthSwapped { .. } => days(a, b, Day::is_swapped),
        Test::NumbersApart { at_most, .. } => numbers_apart(a, b).is_some_and(|apart| apart <= *at_most),
        Test::Jaccard { at_least, .. } => tokens(a, b, |shared, a, b| shared / (a + b - shared)) >= *at_least,
        Test::Cosine { at_least, .. } => tokens(a, b, |shared, a, b| shared / (a * b).sqrt()) >= *at_least,
        Test::SoundsAlike { .. } => names(a, b, |a, b| a.sound == b.sound),
        Test::Turned { .. } => names(a, b, NameForm::is_turned),
        Test::Initials { .. } => names(a, b, NameForm::is_initials_of),
        Test::Exact { .. } | Test::Swapped { .. } | Test::All { .. } | Test::Any { .. } => false,
    }
}

fn crossed(left: usize, right: usize, a: &impl Row, b: &impl Row) -> bool {
    let all = [(a.number(left), b.number(right)), (a.number(right), b.number(left))];
    let present = all.iter().all(|(x, y)| *x != MISSING && *y != MISSING);
    present && a.value(left).text() == b.value(right).text() && a.value(right).text() == b.value(left).text()
}

fn user(value: Value<'_>) -> &str {
    match value.form() {
        Form::Email(at) => &value.text()[..*at],
        _ => value.text(),
    }
}

fn days(a: Value<'_>, b: Value<'_>, test: impl Fn(Day, Day) -> bool) -> bool {
    matches!((a.form(), b.form()), (Form::Date(Some(a)), Form::Date(Some(b))) if test(*a, *b))
}

fn names(a: Value<'_>, b: Value<'_>, test: impl Fn(&NameForm, &NameForm) -> bool) -> bool {
    matches!((a.form(), b.form()), (Form::Name(a), Form::Name(b)) if test(a, b))
}

fn numbers_apart(a: Value<'_>, b: Value<'_>) -> Option<f64> {
    match (a.form(), b.form()) {
        (Form::Number(a), Form::Number(b)) => Some((a - b).abs()),
        _ => None,
    }
}

/// A measure of (shared words, words of one, words of the other); 0 when there are none.
fn tokens(a: Value<'_>, b: Value<'_>, measure: impl Fn(f64, f64, f64) -> f64) -> f64 {
    match (a.form(), b.form()) {
        (Form::Tokens(a), Form::Tokens(b)) if !a.is_empty() && !b.is_empty() => {
            measure(measure::shared(a, b) as f64, a.len() as f64, b.len() as f64)
        }
        _ => 0.0,
    }
}
