//! Public data with known truth, and settings for them that compare the same columns in the same way as the peer's.

use std::{collections::HashMap, fs, io::Read as _, path::Path};

use florin_identity::{Comparison, Field, FieldKind, KeyPart, Level, Prior, RecordRef, Rule, Settings, Test, Training};

/// Data in memory, with what is known of them.
pub(crate) struct Task {
    pub(crate) fields: Vec<Field>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// Whose record each is.
    pub(crate) truth: Vec<u32>,
    pub(crate) settings: Settings,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The names of the data sets.
pub(crate) const NAMES: [&str; 5] = ["febrl1", "febrl2", "febrl3", "fake_1000", "rldata10000"];

impl Task {
    /// Reads a data set.
    pub(crate) fn load(data: &Path, name: &str) -> Result<Self, Failure> {
        match name {
            "febrl1" | "febrl2" | "febrl3" => febrl(data, name),
            "fake_1000" => fake_1000(data),
            "rldata10000" => rldata(data),
            _ => Err(format!("`{name}` is not one of {NAMES:?}").into()),
        }
    }

    /// The rows as records are built from.
    pub(crate) fn records(&self) -> impl Iterator<Item = (RecordRef, impl Iterator<Item = Option<&str>>)> {
        let id = |key: usize| RecordRef { system: 0, key: key as u64 };
        self.rows.iter().enumerate().map(move |(key, row)| (id(key), row.iter().map(Option::as_deref)))
    }
}

/// The columns wanted of a CSV file without quotes, and its header.
fn columns(text: &str, wanted: &[&str]) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let place = |name: &&str| header.iter().position(|column| column == name).ok_or(format!("no column `{name}`"));
    let places = wanted.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        places.iter().map(|at| cells.get(*at).filter(|cell| !cell.is_empty()).map(|cell| (*cell).to_owned())).collect()
    };
    Ok(lines.filter(|line| !line.is_empty()).map(row).collect())
}

/// Takes the first column off: the label of whose record it is.
fn take_labels(rows: &mut [Vec<Option<String>>], label: impl Fn(&str) -> String) -> Vec<u32> {
    let mut numbers = HashMap::new();
    let mut number = |label: String| {
        let next = numbers.len() as u32;
        *numbers.entry(label).or_insert(next)
    };
    rows.iter_mut().map(|row| number(label(&row.remove(0).unwrap_or_default()))).collect()
}

fn febrl(data: &Path, name: &str) -> Result<Task, Failure> {
    let file = data.join("febrl").join(name.replace("febrl", "dataset") + ".csv");
    let names = ["rec_id", "given_name", "surname", "street_number", "postcode", "date_of_birth", "soc_sec_id"];
    let mut rows = columns(&fs::read_to_string(file)?, &names)?;
    let truth = take_labels(&mut rows, |id| id.split('-').take(2).collect::<Vec<_>>().join("-"));
    let text = FieldKind::Text;
    let kinds = [text, text, text, text, FieldKind::Date, text];
    let code = Level::new("two mistakes", Test::Damerau { column: "soc_sec_id".into(), at_most: 2 });
    let exact = Level::new("exact", Test::Exact { column: "soc_sec_id".into() });
    let swapped = Rule::new(vec![
        KeyPart::Unordered { columns: ["given_name".into(), "surname".into()] },
        KeyPart::Whole { column: "date_of_birth".into() },
    ]);
    let prior = Prior::Rules { rules: vec![Rule::whole(&["soc_sec_id"]), swapped], recall: 0.9 };
    let training = Training::new(prior, vec![Rule::whole(&["date_of_birth"]), Rule::whole(&["postcode"])]);
    let blocking = ["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode"];
    let comparisons = vec![
        Comparison::latin_name("given_name"),
        Comparison::latin_name("surname"),
        date("date_of_birth"),
        Comparison::new("soc_sec_id", vec![exact, code]),
        Comparison::exact("street_number"),
        Comparison::exact("postcode"),
    ];
    let settings = Settings::new(blocking.map(|column| Rule::whole(&[column])).into(), comparisons, training);
    Ok(Task { fields: fields(&names[1..], &kinds), rows, truth, settings })
}

/// As the peer's: exact, one mistake, within a month, a year, ten years.
fn date(column: &str) -> Comparison {
    let apart = |name: &str, at_most| Level::new(name, Test::DaysApart { column: column.into(), at_most });
    Comparison::new(
        column,
        vec![
            Level::new("exact", Test::Exact { column: column.into() }),
            Level::new("one mistake", Test::Levenshtein { column: column.into(), at_most: 1 }),
            apart("within a month", 30),
            apart("within a year", 365),
            apart("within ten years", 3652),
        ],
    )
}

fn fake_1000(data: &Path) -> Result<Task, Failure> {
    let names = ["cluster", "first_name", "surname", "dob", "city", "email"];
    let mut rows = columns(&fs::read_to_string(data.join("splink/fake_1000.csv"))?, &names)?;
    let truth = take_labels(&mut rows, str::to_owned);
    let (text, date_kind) = (FieldKind::Text, FieldKind::Date);
    let near_dob = || Test::Levenshtein { column: "dob".into(), at_most: 1 };
    let near_surname = Test::Levenshtein { column: "surname".into(), at_most: 2 };
    let rules = vec![
        Rule::whole(&["first_name"]).and(near_dob()),
        Rule::whole(&["surname"]).and(near_dob()),
        Rule::whole(&["first_name"]).and(near_surname),
        Rule::whole(&["email"]),
    ];
    let training_blocks = vec![Rule::whole(&["dob"]), Rule::whole(&["email"]), Rule::whole(&["first_name", "surname"])];
    let training = Training::new(Prior::Rules { rules, recall: 0.7 }, training_blocks);
    let comparisons = vec![full_name(), date("dob"), Comparison::exact("city"), Comparison::email("email")];
    let blocking = ["first_name", "surname", "dob", "email"].map(|column| Rule::whole(&[column]));
    let settings = Settings::new(blocking.into(), comparisons, training);
    let kinds = [text, text, date_kind, text, FieldKind::Email];
    Ok(Task { fields: fields(&names[1..], &kinds), rows, truth, settings })
}

/// As the peer's comparison of first name and surname together.
fn full_name() -> Comparison {
    let exact = |column: &str| Test::Exact { column: column.into() };
    let near = |column: &str, at_least| Test::JaroWinkler { column: column.into(), at_least };
    let both = |name: &str, at_least| {
        Level::new(name, Test::All { of: vec![near("first_name", at_least), near("surname", at_least)] })
    };
    Comparison::new(
        "name",
        vec![
            Level::new("exact", Test::All { of: vec![exact("first_name"), exact("surname")] }),
            Level::new("swapped", Test::Swapped { left: "first_name".into(), right: "surname".into() }),
            both("near 0.92", 0.92),
            both("near 0.88", 0.88),
            Level::new("surname", exact("surname")).by_frequency("surname"),
            Level::new("first name", exact("first_name")).by_frequency("first_name"),
        ],
    )
}

fn rldata(data: &Path) -> Result<Task, Failure> {
    let names = ["fname_c1", "lname_c1", "by", "bm", "bd"];
    let rows = columns(&gunzip(&data.join("rldata/RLdata10000.csv.gz"))?, &names)?;
    let mut labels = columns(&gunzip(&data.join("rldata/identity.RLdata10000.csv.gz"))?, &["identity.RLdata10000"])?;
    let truth = take_labels(&mut labels, str::to_owned);
    let rows = rows.into_iter().map(|mut row| {
        let part = |at: usize| row[at].as_deref().unwrap_or_default();
        let date = format!("{}-{:0>2}-{:0>2}", part(2), part(3), part(4));
        row.push(Some(date));
        row
    });
    let dob = || Rule::whole(&["dob"]);
    let full = || Rule::whole(&["fname_c1", "lname_c1"]);
    let rules = vec![Rule::whole(&["lname_c1", "dob"]), Rule::whole(&["fname_c1", "dob"])];
    let training = Training::new(Prior::Rules { rules, recall: 0.8 }, vec![dob(), full()]);
    let mut blocking = vec![full(), dob()];
    for pair in [["lname_c1", "bm"], ["fname_c1", "bd"], ["lname_c1", "by"], ["fname_c1", "by"]] {
        blocking.push(Rule::whole(&pair));
    }
    let comparisons = vec![Comparison::latin_name("fname_c1"), Comparison::latin_name("lname_c1"), date("dob")];
    let settings = Settings::new(blocking, comparisons, training);
    let text = FieldKind::Text;
    let fields =
        fields(&["fname_c1", "lname_c1", "by", "bm", "bd", "dob"], &[text, text, text, text, text, FieldKind::Date]);
    Ok(Task { fields, rows: rows.collect(), truth, settings })
}

fn gunzip(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(file)?).read_to_string(&mut text)?;
    Ok(text.replace('"', ""))
}

fn fields(names: &[&str], kinds: &[FieldKind]) -> Vec<Field> {
    names.iter().zip(kinds).map(|(name, kind)| Field::new(name, *kind)).collect()
}
