//! `florin quality`: how good the records are, by table and column.
//!
//! *Completeness*: how many values are there. *Validity*: how many records passed their checks. *Uniqueness*: how many
//! were not there already. *Timeliness*: how old the newest is. *Consistency*: how many passed the checks over several columns or tables.
//! It counts over all rows, under leave to maintain; it shows no value but bounds of columns that are not secret.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray},
    compute::cast,
    datatypes::{DataType, Int64Type},
    util::display::array_value_to_string,
};
use florin_domain::{ColumnType, Counts, DataClass, Purpose, TableDef};
use florin_governance::{Action, Grant, Resource};
use florin_lake::{Consented, Session};
use florin_store::QuarantineCount;
use serde::Serialize;

use crate::{FlowError, House};

/// Codes of checks that look beyond one column.
const CONSISTENCY_CODES: [&str; 4] = ["sql", "exists_in", "unique", "many_matches"];

/// The quality of the records of one table.
#[derive(Debug, Serialize)]
pub struct TableQuality {
    /// Which table.
    pub table: String,
    /// Rows stored, every version counted.
    pub rows: u64,
    /// What became of all records that were to go into it.
    pub counts: Counts,
    /// Share of records that passed their checks, of those read; missing when none was read.
    pub validity: Option<f64>,
    /// Share of records that passed the checks over several columns or tables.
    pub consistency: Option<f64>,
    /// Share of records that were not there already.
    pub uniqueness: Option<f64>,
    /// When the newest row was known.
    pub newest_known_at: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnQuality>,
    /// What is wrong with the records in the quarantine, most frequent first.
    pub quarantined: Vec<QuarantineCount>,
}

/// The quality of one column.
#[derive(Debug, Serialize)]
pub struct ColumnQuality {
    /// Which column.
    pub column: String,
    /// Share of rows that have a value; missing when there are no rows.
    pub completeness: Option<f64>,
    /// How many different values, about.
    pub distinct: u64,
    /// Smallest and largest, for numbers and times that are not secret.
    pub bounds: Option<(String, String)>,
    /// Records put aside because of this column.
    pub quarantined: u64,
}

/// Reports on tables (all that have rows or loads when none is named).
///
/// # Errors
/// When the policies do not permit it, or a part fails.
pub async fn quality(house: &House, names: &[String]) -> Result<Vec<TableQuality>, FlowError> {
    let permit = house.permit(Purpose::Service, Action::Maintain, Resource::Bank).await?;
    let grant = Grant::for_maintenance(&permit, &house.bank.catalogue)?;
    house.record_grant(&grant).await?;
    let session = Session::open(&house.lake, &grant, &Consented::default(), Vec::new(), house.around.threads)?;
    let mut report = Vec::new();
    let by_table = Ledger::read(house).await?;
    for table in house.bank.catalogue.tables() {
        let wanted =
            if names.is_empty() { by_table.loads.contains_key(&table.name) } else { names.contains(&table.name) };
        if wanted {
            report.push(table_quality(house, &session, table, &by_table).await?);
        }
    }
    if let Some(name) = names.iter().find(|n| house.bank.catalogue.table(n).is_none()) {
        let known = house.bank.catalogue.tables().map(|t| t.name.clone()).collect::<Vec<_>>().join(", ");
        return Err(FlowError::Unknown { what: "table", name: name.clone(), known });
    }
    Ok(report)
}

/// What the ledger and the quarantine say, by table.
struct Ledger {
    loads: BTreeMap<String, Counts>,
    quarantined: BTreeMap<String, Vec<QuarantineCount>>,
}

impl Ledger {
    async fn read(house: &House) -> Result<Self, FlowError> {
        let mut loads: BTreeMap<String, Counts> = BTreeMap::new();
        for total in house.store.source_totals().await? {
            *loads.entry(table_of(&total.mapping)).or_default() += total.counts;
        }
        let mut quarantined: BTreeMap<String, Vec<QuarantineCount>> = BTreeMap::new();
        for count in house.store.quarantine_counts().await? {
            quarantined.entry(table_of(&count.mapping)).or_default().push(count);
        }
        for counts in quarantined.values_mut() {
            counts.sort_by(|a, b| b.waiting.cmp(&a.waiting).then_with(|| a.code.cmp(&b.code)));
        }
        Ok(Self { loads, quarantined })
    }
}

/// A mapping is called after its table, with a number where a source fills it twice.
fn table_of(mapping: &str) -> String {
    mapping.split(' ').next().unwrap_or(mapping).to_owned()
}

async fn table_quality(
    house: &House,
    session: &Session,
    table: &TableDef,
    ledger: &Ledger,
) -> Result<TableQuality, FlowError> {
    let mut counts = ledger.loads.get(&table.name).copied().unwrap_or_default();
    let quarantined = ledger.quarantined.get(&table.name).cloned().unwrap_or_default();
    // A record that was retried is in two batches; it counts once, where it is now.
    counts.quarantined = quarantined.iter().map(|q| q.waiting).sum();
    counts.read = counts.stored + counts.duplicate + counts.refused + counts.quarantined;
    let inconsistent: u64 =
        quarantined.iter().filter(|q| CONSISTENCY_CODES.contains(&q.code.as_str())).map(|q| q.waiting).sum();
    let share = |bad: u64| (counts.read > 0).then(|| 1.0 - bad as f64 / counts.read as f64);
    let there = house.lake.table(&table.name).await?.is_some();
    let (rows, newest, columns) = match there {
        true => columns(session, table, &quarantined).await?,
        false => (0, None, Vec::new()),
    };
    Ok(TableQuality {
        table: table.name.clone(),
        rows,
        counts,
        validity: share(counts.quarantined),
        consistency: share(inconsistent),
        uniqueness: share(counts.duplicate),
        newest_known_at: newest,
        columns,
        quarantined,
    })
}

/// One pass over a table: rows, the newest, and what is known of each column.
async fn columns(
    session: &Session,
    table: &TableDef,
    quarantined: &[QuarantineCount],
) -> Result<(u64, Option<String>, Vec<ColumnQuality>), FlowError> {
    let mut wanted = vec!["count(*)".to_owned(), "max(known_at)".to_owned()];
    for column in &table.columns {
        let name = &column.name;
        wanted.push(format!("count(\"{name}\")"));
        // The engine counts distinct values of most types, and those as text.
        wanted.push(match column.ty {
            ColumnType::Float | ColumnType::Bool => format!("approx_distinct(cast(\"{name}\" as varchar))"),
            _ => format!("approx_distinct(\"{name}\")"),
        });
        let bounded = has_bounds(column.ty, column.class);
        wanted.push(if bounded { format!("min(\"{name}\")") } else { "null".to_owned() });
        wanted.push(if bounded { format!("max(\"{name}\")") } else { "null".to_owned() });
    }
    let aliased: Vec<String> = wanted.iter().enumerate().map(|(i, w)| format!("{w} as c{i}")).collect();
    let sql = format!("select {} from \"{}\"", aliased.join(", "), table.name);
    let batches = session.sql(&sql).await?.collect().await?;
    let Some(row) = batches.iter().find(|b| b.num_rows() > 0) else { return Ok((0, None, Vec::new())) };
    let number = |i: usize| -> Result<u64, FlowError> {
        let value = cast(row.column(i), &DataType::Int64)?;
        Ok(value.as_primitive::<Int64Type>().value(0).cast_unsigned())
    };
    let text = |i: usize| -> Option<String> {
        let column = row.column(i);
        if column.is_null(0) { None } else { array_value_to_string(column, 0).ok() }
    };
    let rows = number(0)?;
    let mut columns = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let at = 2 + position * 4;
        let of_column = quarantined.iter().filter(|q| q.column.as_deref() == Some(&column.name));
        columns.push(ColumnQuality {
            column: column.name.clone(),
            completeness: if rows > 0 { Some(number(at)? as f64 / rows as f64) } else { None },
            distinct: number(at + 1)?,
            bounds: text(at + 2).zip(text(at + 3)),
            quarantined: of_column.map(|q| q.waiting).sum(),
        });
    }
    Ok((rows, text(1), columns))
}

fn has_bounds(ty: ColumnType, class: DataClass) -> bool {
    let ordered = matches!(ty, ColumnType::Decimal | ColumnType::Float | ColumnType::Date | ColumnType::Timestamp);
    ordered && class < DataClass::C3
}
