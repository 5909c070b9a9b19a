//! Ten typical questions: governed, against the same files without governance, and against DuckDB on its own table
//! sorted by (customer, ts).
//!
//! A question is `benches/queries/NN-name.sql`; `NN-name.duckdb.sql` beside it says the same where names differ. Answers
//! are compared before times are: the peers see the same rows, so the ungoverned answer must equal DuckDB's.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{
    answers, median,
    report::Row,
    side::{Side, TURNS},
    workbench::{Package, Workbench},
};
use crate::house;

const DUCKDB: &str = "DuckDB, own table sorted by (customer, ts)";
const DUCKDB_GOAL: f64 = 1.2;
const PLAIN: &str = "plain DataFusion, same files";
/// A purpose for which consent filters rows and classes mask columns.
const GOVERNED_PURPOSE: &str = "analytics";
/// A purpose that the law demands: for the bench bank's user nothing is filtered or masked, and the scan hands on the
/// engine's own batches as they are.
const PLAIN_PURPOSE: &str = "compliance";
const PLAIN_GOAL: f64 = 1.1;
struct Question {
    name: String,
    ours: PathBuf,
    duckdb: PathBuf,
}

/// Two rows a question, and two for their sums.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let lake = bench.loaded_lake()?;
    let data = bench.data(bench.rows)?;
    let table = sorted_table(bench, &data)?;
    let mut rows = Vec::new();
    let mut sums = [0.0; 3];
    for question in questions()? {
        eprintln!("query: {}", question.name);
        let medians = ask(bench, &question, [&data, lake, &table])?;
        let [governed, plain, duckdb] = medians;
        rows.push(Row::seconds(question.name.clone(), governed, DUCKDB, duckdb, DUCKDB_GOAL));
        rows.push(Row::seconds(question.name, governed, PLAIN, plain, PLAIN_GOAL));
        sums.iter_mut().zip(medians).for_each(|(sum, median)| *sum += median);
    }
    let [governed, plain, duckdb] = sums;
    rows.push(Row::seconds("all questions, sum of medians".into(), governed, DUCKDB, duckdb, DUCKDB_GOAL));
    rows.push(Row::seconds("all questions, sum of medians".into(), governed, PLAIN, plain, PLAIN_GOAL));
    Ok(rows)
}

/// All questions, in the order of their names.
fn questions() -> Result<Vec<Question>> {
    let folder = house::root().join("benches/queries");
    let mut questions = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let ours = entry?.path();
        let file_name = ours.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = file_name.strip_suffix(".sql").filter(|name| !name.ends_with(".duckdb")) else {
            continue;
        };
        let own = folder.join(format!("{name}.duckdb.sql"));
        let duckdb = if own.is_file() { own } else { ours.clone() };
        questions.push(Question { name: name.to_owned(), ours, duckdb });
    }
    questions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(questions)
}

/// DuckDB's own database with the same files in it, sorted; made once and kept.
fn sorted_table(bench: &Workbench, data: &Path) -> Result<PathBuf> {
    let table = data.join(format!("sorted-{}.duckdb", bench.version(Package::DuckDb)));
    if !table.is_file() {
        eprintln!("making DuckDB's sorted table {}", table.display());
        let mut command = bench.script("query_duckdb.py");
        house::output(command.arg("prepare").arg(&table).arg(data).arg(bench.threads.to_string()))?;
    }
    Ok(table)
}

/// The medians of the governed, the plain and DuckDB's runs. The sides take turns; the first run of a turn warms up.
fn ask(bench: &Workbench, question: &Question, [data, lake, table]: [&Path; 3]) -> Result<[f64; 3]> {
    let repeat = Side::repeat(bench.runs);
    let [mut governed, mut plain, mut duckdb] = [Side::default(), Side::default(), Side::default()];
    for _ in 0..TURNS {
        governed.turn(&mut ours(bench, question, [data, lake], repeat, GOVERNED_PURPOSE)?)?;
        plain.turn(&mut ours(bench, question, [data, lake], repeat, PLAIN_PURPOSE)?)?;
        duckdb.turn(&mut peer(bench, question, table, repeat))?;
    }
    answers::same(&plain.answer, &duckdb.answer)
        .with_context(|| format!("`{}` has two answers: ours (first) and DuckDB's", question.name))?;
    ensure!(!governed.answer.is_empty(), "`{}` has no answer under governance", question.name);
    Ok([governed, plain, duckdb].map(|side| median(side.seconds)))
}

fn ours(
    bench: &Workbench,
    question: &Question,
    [data, lake]: [&Path; 2],
    repeat: usize,
    purpose: &str,
) -> Result<Command> {
    let mut command = bench.florin("sql", data, lake)?;
    command.args(["--purpose", purpose, "--format", "csv", "--timings", "--repeat", &repeat.to_string()]);
    command.arg(without_comments(&fs::read_to_string(&question.ours)?));
    Ok(command)
}

/// The question without its comments: an argument that starts with `--` would be taken for an option.
pub(super) fn without_comments(sql: &str) -> String {
    sql.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n")
}

fn peer(bench: &Workbench, question: &Question, table: &Path, repeat: usize) -> Command {
    let mut command = bench.script("query_duckdb.py");
    command.arg("ask").arg(table).arg(&question.duckdb).args([bench.threads.to_string(), repeat.to_string()]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_never_looks_like_an_option() {
        assert_eq!(without_comments("-- What?\nselect 1\n"), "select 1");
    }

    #[test]
    fn there_are_ten_questions_each_with_text_for_both_sides() {
        let questions = questions().expect("benches/queries is there");
        assert_eq!(questions.len(), 10);
        assert!(questions.iter().all(|q| q.duckdb.is_file() && q.ours.is_file()));
    }
}
