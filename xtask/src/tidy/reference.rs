//! The reference of the tables says what the catalogue says.

use super::{File, Finding};

const CATALOGUE: &str = "crates/domain/src/catalogue/canonical.rs";
const REFERENCE: &str = "docs/reference/tables.md";

/// Every canonical table and column is in the reference, in the catalogue's order.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let documented = documented(text(REFERENCE));
    let mend = "write the table's or column's row there as the catalogue has it";
    let missing = catalogued(text(CATALOGUE)).into_iter().filter(|name| !documented.contains(name));
    missing.map(|name| Finding::new(REFERENCE, format!("does not have `{name}`"), mend)).collect()
}

/// `table.column` of every line of the catalogue that is one: `("amount!", Decimal, C2, …`.
fn catalogued(source: &str) -> Vec<String> {
    let mut table = "";
    let mut columns = Vec::new();
    for line in source.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("name: \"").and_then(|rest| rest.strip_suffix("\",")) {
            table = name;
        } else if let Some((name, rest)) = line.strip_prefix("(\"").and_then(|rest| rest.split_once("\", ")) {
            let mut words = rest.split(", ").map(str::to_lowercase);
            let (ty, class) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            columns.push(format!("{table}.{} {ty} {class}", name.trim_end_matches(['!', '~'])));
        }
    }
    columns
}

/// The same of every row of the reference: "| `amount` ! | decimal | C2 | …" below `## transaction`.
fn documented(reference: &str) -> Vec<String> {
    let mut table = "";
    let mut columns = Vec::new();
    for line in reference.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            table = name;
        } else if let Some(row) = line.strip_prefix("| `") {
            let mut cells = row.split('|').map(str::trim);
            let name = cells.next().and_then(|cell| cell.split('`').next()).unwrap_or_default();
            let (ty, class) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            columns.push(format!("{table}.{name} {ty} {}", class.to_lowercase()));
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn a_column_that_the_reference_lacks_or_classes_differently_is_found() {
        let source = "        name: \"loan\",\n            (\"loan_id!\", Int, C1, \"\"),\n            (\"status\", Text, C2, \"\"),\n            (\"amount\", Decimal, C2, \"\"),\n";
        let reference =
            "## loan\n| column | type | class | |\n| `loan_id` ! | int | C1 | |\n| `status` | text | C1 | |\n";
        let findings = check(&[fixture(CATALOGUE, source), fixture(REFERENCE, reference)]);
        let problems: Vec<&str> = findings.iter().map(|f| f.problem.as_str()).collect();
        assert_eq!(problems, ["does not have `loan.status text c2`", "does not have `loan.amount decimal c2`"]);
    }
}
