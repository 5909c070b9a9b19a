//! Definitions that are not sound are refused with file, line and advice.

use super::bank::Bank;

/// What `florin apply` says of a bank in which one thing was changed.
#[track_caller]
fn refused(change: impl FnOnce(&Bank)) -> String {
    let bank = Bank::new(2);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.50,card\n");
    bank.run(&["apply", "--plan", "--json"]).ok();
    change(&bank);
    let error = bank.run(&["apply"]).refused();
    // Neither is anything loaded by such definitions, nor recorded.
    bank.run(&["ingest"]).refused();
    error
}

/// The number of the line that has a text, from 1.
#[track_caller]
fn line(bank: &Bank, file: &str, text: &str) -> usize {
    let content = std::fs::read_to_string(bank.path(file)).unwrap();
    1 + content.lines().position(|l| l.contains(text)).unwrap_or_else(|| panic!("no `{text}` in {file}"))
}

/// Replaces a text; the problem must name the file, the line with `at`, and say `phrases`.
#[track_caller]
fn refuses(file: &str, from: &str, to: &str, at: &str, phrases: &[&str]) {
    let mut place = 0;
    let error = refused(|bank| {
        bank.replace(file, from, to);
        place = line(bank, file, at);
    });
    assert!(error.contains(&format!("{file}:{place}: ")), "not at {file}:{place}: {error}");
    for phrase in phrases {
        assert!(error.contains(phrase), "no `{phrase}` in: {error}");
    }
}

const BOOKINGS: &str = "sources/transaction.toml";

#[test]
fn unknown_keys_are_refused() {
    refuses("florin.toml", "buckets = 2", "bukets = 2", "bukets", &["`bukets`", "`buckets`", "help: "]);
    refuses(BOOKINGS, "encoding", "encodign", "encodign", &["`encodign`", "`encoding`", "help: "]);
}

#[test]
fn wrong_types_are_refused() {
    refuses("florin.toml", "buckets = 2", "buckets = \"two\"", "buckets", &["invalid type"]);
    refuses(BOOKINGS, "no = \"int\"", "no = \"integer\"", "integer", &["`integer`", "`int`"]);
    refuses(BOOKINGS, "format = \"delimited\"", "format = \"csv\"", "format =", &["`delimited`"]);
}

#[test]
fn an_unknown_table_is_refused_with_those_there_are() {
    refuses(
        BOOKINGS,
        "into = \"transaction\"",
        "into = \"transactions\"",
        "into =",
        &["there is no table `transactions`", "the tables are: ", "tables/transactions.toml"],
    );
}

#[test]
fn a_column_without_a_class_is_refused() {
    let error = refused(|bank| {
        let column = "{ name = \"branch_id\", type = \"int\", class = \"C1\", required = true }";
        let text = format!(
            "name = \"branch\"\nabout = \"a branch\"\nkey = [\"branch_id\"]\ncolumns = [\n{column},\n{{ name = \"town\", type = \"text\" }},\n]\n"
        );
        bank.write("tables/branch.toml", text);
    });
    assert!(error.contains("tables/branch.toml:6: ") && error.contains("`class`"), "{error}");
}

#[test]
fn a_mapping_without_a_required_column_is_refused() {
    refuses(
        BOOKINGS,
        "CAST(b.booked AS TIMESTAMP) AS ts, ",
        "",
        "select =",
        &["`ts` of `transaction` is required", "add `… as ts`"],
    );
}

#[test]
fn bad_sql_is_refused() {
    refuses(BOOKINGS, "FROM transaction b", "FORM transaction b", "select =", &["help: "]);
    refuses(BOOKINGS, "abs(b.amount)", "abs(b.amonut)", "select =", &["b.amonut", "b.amount"]);
    refuses(BOOKINGS, "abs(b.amount)", "abs(b.amount", "select =", &["sql parser error"]);
}

#[test]
fn a_mapping_that_could_lose_records_is_refused() {
    let from = "FROM transaction b";
    refuses(
        BOOKINGS,
        from,
        "FROM transaction b WHERE b.amount > 0",
        "select =",
        &["a mapping has no WHERE", "each record needs an outcome"],
    );
    refuses(BOOKINGS, from, "FROM transaction b LIMIT 5", "select =", &["LIMIT"]);
    let inner = "FROM transaction b JOIN customer c ON c.no = b.customer";
    refuses(BOOKINGS, from, inner, "select =", &["LEFT JOIN"]);
    refuses(
        BOOKINGS,
        from,
        "FROM customer b",
        "select =",
        &["the mapping reads from `customer`, not from `transaction`"],
    );
}

#[test]
fn bad_checks_are_refused() {
    let with = |check: &str| format!("FROM transaction b\n\"\"\"\n[[map.check]]\n{check}\n#\"\"\"");
    let broken = |check: &str, at: &str, phrases: &[&str]| {
        refuses(BOOKINGS, "FROM transaction b\n\"\"\"", &with(check), at, phrases);
    };
    broken("column = \"knid\"\nrequired = true", "knid", &["has no column `knid`", "did you mean `kind`?"]);
    broken("column = \"kind\"\npattern = \"[\"", "pattern =", &["is not a regular expression"]);
    broken("column = \"kind\"\nexists_in = \"branch.id\"", "exists_in", &["`branch.id` cannot be looked up"]);
    broken("sql = \"amount >\"", "sql =", &["help: "]);
}

#[test]
fn a_bad_policy_is_refused() {
    let error = refused(|bank| {
        bank.write(
            "policies/mine.cedar",
            "// mine\npermit (principal in Role::\"analist\", action == Action::\"read\", resource);\n",
        );
    });
    assert!(
        error.contains("policies/mine.cedar:2: ") && error.contains("analist") && error.contains("\"analyst\""),
        "{error}"
    );
    let error = refused(|bank| bank.write("policies/mine.cedar", "// mine\n\npermit (principal;\n"));
    assert!(error.contains("policies/mine.cedar:3: "), "{error}");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let error = refused(|bank| {
        bank.replace(BOOKINGS, "abs(b.amount)", "abs(b.amonut)");
        bank.replace("sources/customer.toml", "c.name AS token", "c.nane AS token");
    });
    assert!(error.contains("sources/transaction.toml:") && error.contains("sources/customer.toml:"), "{error}");
}

#[test]
fn variables_have_defaults_and_are_asked_for_without() {
    let mut bank = Bank::new(2);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.50,card\n");
    bank.replace(BOOKINGS, "files/booking*.csv", "${BOOKINGS_DIR:-files}/booking*.csv");
    assert_eq!(bank.ingest().bookings().counts.stored, 1);
    bank.write("elsewhere/bookings.csv", "no,customer,booked,amount,kind\n2,1,2024-01-02,2.50,card\n");
    bank.env.insert("BOOKINGS_DIR".to_owned(), "elsewhere".to_owned());
    assert_eq!(bank.ingest().bookings().counts.stored, 1);
    assert_eq!(bank.stored_bookings(), (2, 2, 40_000));
    bank.replace(BOOKINGS, "${BOOKINGS_DIR:-files}", "${BOOKINGS_NOWHERE}");
    let error = bank.run(&["apply"]).refused();
    assert!(
        error.contains("sources/transaction.toml:3: the environment variable `BOOKINGS_NOWHERE` is not set"),
        "{error}"
    );
    assert!(error.contains("${BOOKINGS_NOWHERE:-default}"), "{error}");
}

#[test]
fn a_plan_records_nothing_and_applying_twice_changes_nothing() {
    let bank = Bank::new(2);
    let changes = |args: &[&str]| -> usize {
        let out: serde_json::Value = serde_json::from_str(&bank.run(args).ok()).unwrap();
        out["changes"].as_array().unwrap().len()
    };
    assert_eq!(changes(&["apply", "--plan", "--json"]), 3);
    assert_eq!(changes(&["apply", "--json"]), 3);
    assert_eq!(changes(&["apply", "--json"]), 0);
    bank.append(BOOKINGS, "# changed\n");
    assert_eq!(changes(&["apply", "--json"]), 1);
}
