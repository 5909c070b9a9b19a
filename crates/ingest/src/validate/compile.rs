//! From what a bank wrote to what is run, or to every problem with it.

use std::{collections::HashSet, fmt, ops, sync::Arc};

use florin_domain::{ColumnDef, ColumnType, TableDef};
use regex::{Regex, RegexBuilder};
use toml::Spanned;

use super::{
    Failures, Reason,
    bounds::{self, Bounds, Side},
    failures::Reasons,
    reason,
};
use crate::definition::CheckDef;

/// A compiled pattern may take so much memory.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// How alike (Jaro-Winkler, 0 to 1) a name must be to be suggested.
const ALIKE_MIN: f64 = 0.7;
const RULES: &str = "required, range, pattern, allowed, exists_in, unique, sql";

/// One thing that is wrong with a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckProblem {
    /// Which check of the mapping, from 0.
    pub check: usize,
    /// The bytes of the definition file to point at, where something that carries its place is at fault.
    pub span: Option<ops::Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for CheckProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CheckProblem {}

/// A `sql` check, for the engine to evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlCheck {
    /// Which check of the mapping, from 0.
    pub index: usize,
    /// The expression over the row's columns.
    pub sql: String,
    /// Its bytes in the definition file.
    pub span: ops::Range<usize>,
}

/// An `exists_in` check, for the lake to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Which check of the mapping, from 0.
    pub index: usize,
    /// The column whose values must exist.
    pub column: String,
    /// The table to look in.
    pub table: String,
    /// The column to look in.
    pub target_column: String,
    /// The bytes of `table.column` in the definition file.
    pub span: ops::Range<usize>,
}

/// A `unique` check, over all rows of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueCheck {
    /// Which check of the mapping, from 0.
    pub index: usize,
    /// The columns that together must not repeat.
    pub columns: Vec<String>,
}

/// A rule that needs the batch alone, over the table's column at `column`.
#[derive(Debug)]
pub(super) struct Kernel {
    pub(super) check: usize,
    pub(super) column: usize,
    pub(super) rule: Rule,
}

#[derive(Debug)]
pub(super) enum Rule {
    Required,
    Range(Bounds),
    /// Anchored at both ends.
    Pattern(Regex),
    Allowed(Allowed),
}

/// A set of texts, compared one by one while they are few.
#[derive(Debug)]
pub(super) enum Allowed {
    Few(Vec<Box<str>>),
    Many(HashSet<Box<str>>),
}

impl Allowed {
    const FEW_MAX: usize = 12;

    fn new(texts: &[String]) -> Self {
        let texts = texts.iter().map(|text| text.as_str().into());
        if texts.len() <= Self::FEW_MAX { Self::Few(texts.collect()) } else { Self::Many(texts.collect()) }
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.iter().any(|allowed| **allowed == *text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

/// The checks of one mapping into one table.
#[derive(Debug)]
pub struct Compiled {
    pub(super) columns: Vec<ColumnDef>,
    pub(super) reasons: Arc<Reasons>,
    pub(super) kernels: Vec<Kernel>,
    sql: Vec<SqlCheck>,
    references: Vec<Reference>,
    unique: Vec<UniqueCheck>,
}

impl Compiled {
    /// The checks, ready to run on rows of that table.
    ///
    /// # Errors
    /// Every problem: an unknown column, no rule or two in one check, a rule that does not fit the column's type, a
    /// pattern or a bound that cannot be read.
    pub fn compile(checks: &[CheckDef], table: &TableDef) -> Result<Self, Vec<CheckProblem>> {
        let mut compiler = Compiler::new(table);
        let problems: Vec<CheckProblem> =
            checks.iter().enumerate().filter_map(|(index, def)| compiler.add(index, def).err()).collect();
        if problems.is_empty() { Ok(compiler.finish(checks)) } else { Err(problems) }
    }

    /// Checks for the engine: hand in what they say of each row with [`Failures::add_mask`].
    #[must_use]
    pub fn needs_sql(&self) -> &[SqlCheck] {
        &self.sql
    }

    /// Values that must exist in the lake.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Columns that must not repeat over all rows of the table.
    #[must_use]
    pub fn unique(&self) -> &[UniqueCheck] {
        &self.unique
    }

    /// No failures yet, for a batch of so many rows.
    #[must_use]
    pub fn failures(&self, rows: usize) -> Failures {
        Failures::new(rows, Arc::clone(&self.reasons))
    }
}

struct Compiler<'a> {
    table: &'a TableDef,
    reasons: Vec<Reason>,
    kernels: Vec<Kernel>,
    sql: Vec<SqlCheck>,
    references: Vec<Reference>,
    unique: Vec<UniqueCheck>,
}

impl<'a> Compiler<'a> {
    /// What the table asks for before any check.
    fn new(table: &'a TableDef) -> Self {
        let required = table.columns.iter().filter(|column| column.required);
        let reasons = required.map(|column| Reason::required(&column.name)).collect();
        Self { table, reasons, kernels: Vec::new(), sql: Vec::new(), references: Vec::new(), unique: Vec::new() }
    }

    fn finish(self, checks: &[CheckDef]) -> Compiled {
        let columns = &self.table.columns;
        let reasons = Reasons {
            all: self.reasons,
            required: (0..columns.len()).filter(|&position| columns[position].required).collect(),
            on_fail: checks.iter().map(|def| def.on_fail).collect(),
        };
        Compiled {
            columns: columns.clone(),
            reasons: Arc::new(reasons),
            kernels: self.kernels,
            sql: self.sql,
            references: self.references,
            unique: self.unique,
        }
    }

    fn add(&mut self, index: usize, def: &CheckDef) -> Result<(), CheckProblem> {
        let rule = only_rule(def).map_err(|p| p.at(index, def.column.as_ref()))?;
        if let Some(column) = &def.column {
            self.position(column).map_err(|p| p.at(index, Some(column)))?;
        }
        match rule {
            "sql" => self.add_sql(index, def),
            "unique" => self.add_unique(index, def),
            "exists_in" => self.add_reference(index, def),
            _ => self.add_kernel(index, def, rule),
        }
    }

    /// Two reasons for each check, alike but for ranges.
    fn add_reasons(&mut self, index: usize, def: &CheckDef, code: &'static str, texts: [String; 2]) {
        let column = def.column.as_ref().map(|column| column.get_ref().as_str());
        for text in texts {
            self.reasons.push(Reason::of_check(code, column, index, def.message.as_deref(), text));
        }
    }

    fn add_reason(&mut self, index: usize, def: &CheckDef, code: &'static str, text: String) {
        self.add_reasons(index, def, code, [text.clone(), text]);
    }

    fn add_sql(&mut self, index: usize, def: &CheckDef) -> Result<(), CheckProblem> {
        let Some(sql) = &def.sql else { return Ok(()) };
        if sql.get_ref().trim().is_empty() {
            return Err(Problem::new("`sql` is empty")
                .help("write an expression over the row's columns")
                .at(index, Some(sql)));
        }
        self.sql.push(SqlCheck { index, sql: sql.get_ref().clone(), span: sql.span() });
        self.add_reason(index, def, "sql", format!("`{}` does not hold", reason::shortened(sql.get_ref())));
        Ok(())
    }

    fn add_unique(&mut self, index: usize, def: &CheckDef) -> Result<(), CheckProblem> {
        let columns = def.unique.clone().unwrap_or_default();
        let anywhere = def.column.as_ref();
        if columns.is_empty() {
            let problem =
                Problem::new("`unique` names no column").help("name the columns that together must not repeat");
            return Err(problem.at(index, anywhere));
        }
        for column in &columns {
            if self.table.column(column).is_none() {
                return Err(self.unknown_column(column).at(index, anywhere));
            }
        }
        let listed = columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
        self.add_reason(index, def, "unique", format!("another row has the same {listed}"));
        self.unique.push(UniqueCheck { index, columns });
        Ok(())
    }

    fn add_reference(&mut self, index: usize, def: &CheckDef) -> Result<(), CheckProblem> {
        let Some(target) = &def.exists_in else { return Ok(()) };
        let column = self.checked_column(index, def, "exists_in", Some(target))?.1.name.clone();
        let Some((table, target_column)) =
            target.get_ref().split_once('.').filter(|(t, c)| !t.is_empty() && !c.is_empty())
        else {
            let problem = Problem::new(format!("`{}` is not a table and a column", target.get_ref()));
            return Err(problem.help("write `exists_in = \"table.column\"`").at(index, Some(target)));
        };
        self.add_reason(index, def, "exists_in", format!("`{column}` is not in {table}.{target_column}"));
        self.references.push(Reference {
            index,
            column,
            table: table.to_owned(),
            target_column: target_column.to_owned(),
            span: target.span(),
        });
        Ok(())
    }

    fn add_kernel(&mut self, index: usize, def: &CheckDef, code: &'static str) -> Result<(), CheckProblem> {
        let (column, column_def) = self.checked_column(index, def, code, def.pattern.as_ref())?;
        let (rule, texts) =
            rule(def, column_def).map_err(|p| p.at(index, def.pattern.as_ref().or(def.column.as_ref())))?;
        self.add_reasons(index, def, code, texts);
        self.kernels.push(Kernel { check: index, column, rule });
        Ok(())
    }

    /// The column of a check that needs one.
    fn checked_column(
        &self,
        index: usize,
        def: &CheckDef,
        rule: &str,
        anywhere: Option<&Spanned<String>>,
    ) -> Result<(usize, &ColumnDef), CheckProblem> {
        let Some(column) = &def.column else {
            let problem = Problem::new(format!("`{rule}` needs a `column`"));
            return Err(problem
                .help(format!("columns of `{}`: {}", self.table.name, self.names()))
                .at(index, anywhere));
        };
        let position = self.position(column).map_err(|p| p.at(index, Some(column)))?;
        Ok((position, &self.table.columns[position]))
    }

    fn position(&self, column: &Spanned<String>) -> Result<usize, Problem> {
        let position = self.table.columns.iter().position(|c| c.name == *column.get_ref());
        position.ok_or_else(|| self.unknown_column(column.get_ref()))
    }

    fn unknown_column(&self, name: &str) -> Problem {
        let alike = |column: &ColumnDef| strsim::jaro_winkler(&column.name, name);
        let nearest = self.table.columns.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
        let help = match nearest.filter(|column| alike(column) >= ALIKE_MIN) {
            Some(column) => format!("did you mean `{}`?", column.name),
            None => format!("columns of `{}`: {}", self.table.name, self.names()),
        };
        Problem::new(format!("table `{}` has no column `{name}`", self.table.name)).help(help)
    }

    fn names(&self) -> String {
        self.table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A problem before it is known where it stands.
struct Problem {
    message: String,
    help: Option<String>,
}

impl Problem {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn at(self, check: usize, place: Option<&Spanned<String>>) -> CheckProblem {
        CheckProblem { check, span: place.map(Spanned::span), message: self.message, help: self.help }
    }
}

/// The name of the one rule that a check has.
fn only_rule(def: &CheckDef) -> Result<&'static str, Problem> {
    let given = [
        ("required", def.required.is_some()),
        ("range", def.range.is_some()),
        ("pattern", def.pattern.is_some()),
        ("allowed", def.allowed.is_some()),
        ("exists_in", def.exists_in.is_some()),
        ("unique", def.unique.is_some()),
        ("sql", def.sql.is_some()),
    ];
    let rules: Vec<&'static str> = given.into_iter().filter(|(_, given)| *given).map(|(rule, _)| rule).collect();
    match rules[..] {
        [rule] => Ok(rule),
        [] => Err(Problem::new("a check without a rule").help(format!("one of: {RULES}"))),
        _ => {
            let listed = rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" and ");
            Err(Problem::new(format!("one check with {listed}")).help("write a check for each rule"))
        }
    }
}

/// The rule of a check over one column, and what a row that fails it is told: at the lower end, at the upper end.
fn rule(def: &CheckDef, column: &ColumnDef) -> Result<(Rule, [String; 2]), Problem> {
    let same = |text: String| [text.clone(), text];
    if let Some(range) = &def.range {
        let bounds = Bounds::read(range, &column.name, column.ty).map_err(|e| Problem::new(e.message).help(e.help))?;
        return Ok((Rule::Range(bounds), range_texts(range, column)));
    }
    if let Some(pattern) = &def.pattern {
        expect_text("pattern", column)?;
        let text = format!("`{}` does not match `{}`", column.name, reason::shortened(pattern.get_ref()));
        return Ok((Rule::Pattern(anchored(pattern.get_ref())?), same(text)));
    }
    if let Some(allowed) = &def.allowed {
        expect_text("allowed", column)?;
        if allowed.is_empty() {
            return Err(Problem::new("`allowed` allows nothing").help("list the texts that may stand in the column"));
        }
        return Ok((Rule::Allowed(Allowed::new(allowed)), same(reason::none_of(&column.name, allowed))));
    }
    match def.required {
        Some(true) => Ok((Rule::Required, same(format!("`{}` is missing", column.name)))),
        _ => Err(Problem::new("`required = false` checks nothing").help("leave the check out")),
    }
}

fn range_texts(range: &crate::definition::Range, column: &ColumnDef) -> [String; 2] {
    let temporal = matches!(column.ty, ColumnType::Date | ColumnType::Timestamp);
    [(Side::Min, &range.min), (Side::Max, &range.max)].map(|(side, bound)| {
        let bound = bound.as_ref().map(bounds::written).unwrap_or_default();
        reason::out_of_range(&column.name, side, temporal, &bound)
    })
}

fn expect_text(rule: &str, column: &ColumnDef) -> Result<(), Problem> {
    if column.ty == ColumnType::Text {
        return Ok(());
    }
    let message = format!("`{rule}` needs a column of text; `{}` is {}", column.name, column.ty.name());
    Err(Problem::new(message).help("use `range` or `sql`"))
}

/// The pattern, so that it must match a whole text.
fn anchored(pattern: &str) -> Result<Regex, Problem> {
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
    build(pattern).and_then(|_| build(&format!(r"\A(?:{pattern})\z"))).map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            Problem::new(format!("the pattern takes more than {limit} bytes")).help("repeat less, or use `sql`")
        }
        // The last line says what is wrong; those before draw the pattern.
        other => {
            let text = other.to_string();
            let what = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Problem::new(format!("`{pattern}` is not a regular expression: {what}"))
        }
    })
}
