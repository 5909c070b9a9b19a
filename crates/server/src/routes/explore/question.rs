//! Shelves as SQL. Pure: names are looked up in the catalogue, values are read as what their column is and written anew, so nothing that was
//! sent stands in the question as it came. What may be seen is for the session to decide that the question is then asked in.
//!
//! **Comparison.** The same question is asked twice; the second time, the field that time is counted by is moved forward by the length of
//! the period (or a year), so that both fall into the same groups. A group that only one of both has is there, with nothing on the other side.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use florin_api::{Aggregate, Compare, Dimension, Filter, Grain, Measure, Shelves, Test};
use florin_domain::{Catalogue, ColumnType, TableDef, catalogue::CUSTOMER_ID};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use crate::failure::Failure;

/// Dimensions, measures and filters of a question, each.
const SHELF_MAX: usize = 12;
/// Values that a filter names.
const VALUES_MAX: usize = 1_000;

type Wrong = Failure;

/// The members of an expression of segments, as a question.
pub(super) type MembersSql<'a> = Arc<dyn Fn(&str) -> Result<String, Failure> + Send + Sync + 'a>;

/// Makes questions of shelves.
pub(super) struct Questioner<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) zone: TimeZone,
    pub(super) today: Date,
    pub(super) members: MembersSql<'a>,
}

/// A field that was found.
struct Field {
    sql: String,
    ty: ColumnType,
    /// The trait that must be joined for it.
    of_trait: Option<String>,
}

/// A field that time is counted by, and how far it is moved.
struct Moved {
    field: String,
    by: String,
}

/// A name in quotes, part by part.
pub(in crate::routes) fn quoted(name: &str) -> String {
    name.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect::<Vec<_>>().join(".")
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

impl Questioner<'_> {
    /// The question of some shelves: a column a dimension, then one a measure (two with a comparison).
    pub(super) fn sql(&self, shelves: &Shelves, limit: Option<usize>) -> Result<String, Wrong> {
        let table = self.table(shelves)?;
        let mut names: Vec<String> = shelves.dimensions.iter().map(name_of_dimension).collect();
        names.extend(shelves.measures.iter().map(name_of_measure));
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            return Err(Failure::invalid("a dimension or a measure is there twice"));
        }
        let now = self.grouped(table, shelves, None)?;
        let sql = match shelves.compare {
            None => now,
            Some(compare) => {
                let moved = self.moved(table, shelves, compare)?;
                let before = self.grouped(table, shelves, Some(&moved))?;
                compared(shelves, &now, &before)
            }
        };
        let width = names.len() + if shelves.compare.is_some() { shelves.measures.len() } else { 0 };
        Ok(format!("{sql}{}{}", self.order(shelves, width)?, limit.map(|n| format!(" limit {n}")).unwrap_or_default()))
    }

    /// The customers of one group.
    pub(super) fn customers(&self, shelves: &Shelves, values: &[Option<String>]) -> Result<String, Wrong> {
        let table = self.table(shelves)?;
        if !table.is_about_customers() {
            return Err(Failure::invalid(format!("rows of `{}` are not about customers", table.name)));
        }
        if values.len() != shelves.dimensions.len() {
            let wrong = format!("{} values for {} dimensions", values.len(), shelves.dimensions.len());
            return Err(Failure::invalid(wrong));
        }
        let (mut conditions, mut traits) = self.conditions(table, shelves, None)?;
        for (dimension, value) in shelves.dimensions.iter().zip(values) {
            let sql = self.dimension(table, dimension, None, &mut traits)?;
            conditions.push(match value {
                None => format!("{sql} is null"),
                Some(value) => format!("cast({sql} as varchar) = {}", text(value)),
            });
        }
        let rows = self.rows(table, &traits, &conditions);
        Ok(format!("select distinct t.{CUSTOMER_ID} {rows} and t.{CUSTOMER_ID} is not null order by 1"))
    }

    fn table(&self, shelves: &Shelves) -> Result<&TableDef, Wrong> {
        let filled = [shelves.dimensions.len(), shelves.measures.len(), shelves.filters.len()];
        if filled.iter().any(|shelf| *shelf > SHELF_MAX) {
            return Err(Failure::invalid(format!("a shelf holds at most {SHELF_MAX}")));
        }
        if shelves.measures.is_empty() {
            return Err(Failure::invalid("put something on the shelf of measures: the count of rows, for a start"));
        }
        let found = self.catalogue.table(&shelves.table).map(AsRef::as_ref);
        found.ok_or_else(|| Failure::unknown(format!("there is no table `{}`", shelves.table)))
    }

    fn field(&self, table: &TableDef, name: &str) -> Result<Field, Wrong> {
        if let Some(of) = name.strip_prefix("traits.") {
            let found = self.catalogue.table(name).filter(|_| table.is_about_customers());
            let column = found.and_then(|found| found.columns.iter().find(|column| column.name == "value"));
            let column = column
                .ok_or_else(|| Failure::unknown(format!("there is no trait `{of}` of rows of `{}`", table.name)))?;
            let sql = format!("{}.value", quoted_trait(of));
            return Ok(Field { sql, ty: column.ty, of_trait: Some(of.to_owned()) });
        }
        let column = table.all_columns().into_iter().find(|column| column.name == name);
        let column =
            column.ok_or_else(|| Failure::unknown(format!("there is no column `{name}` in `{}`", table.name)))?;
        Ok(Field { sql: format!("t.\"{name}\""), ty: column.ty, of_trait: None })
    }

    /// A field, moved where that is the one that time is counted by.
    fn placed(
        &self,
        table: &TableDef,
        name: &str,
        moved: Option<&Moved>,
        traits: &mut BTreeSet<String>,
    ) -> Result<Field, Wrong> {
        let field = self.field(table, name)?;
        traits.extend(field.of_trait.clone());
        Ok(match moved.filter(|moved| moved.field == name) {
            Some(moved) => Field { sql: format!("({} + {})", field.sql, moved.by), ..field },
            None => field,
        })
    }

    fn dimension(
        &self,
        table: &TableDef,
        of: &Dimension,
        moved: Option<&Moved>,
        traits: &mut BTreeSet<String>,
    ) -> Result<String, Wrong> {
        let field = self.placed(table, &of.field, moved, traits)?;
        match (of.grain, &of.bin, field.ty) {
            (None, None, _) => Ok(field.sql),
            (Some(grain), None, ColumnType::Timestamp | ColumnType::Date) => {
                Ok(format!("date_trunc('{}', {})", grain_word(grain), field.sql))
            }
            (None, Some(width), ColumnType::Int | ColumnType::Decimal | ColumnType::Float) => {
                let wide = width.parse::<f64>().ok().filter(|wide| wide.is_finite() && *wide > 0.0);
                let wide = wide.ok_or_else(|| Failure::invalid(format!("`{width}` is no width of steps")))?;
                Ok(format!("floor(cast({} as double) / {wide:?}) * {wide:?}", field.sql))
            }
            (Some(_), ..) => Err(Failure::invalid(format!("`{}` is no time, so it has no grain", of.field))),
            (None, Some(_), _) => Err(Failure::invalid(format!("`{}` is no number, so it has no steps", of.field))),
        }
    }

    fn measure(&self, table: &TableDef, of: &Measure, traits: &mut BTreeSet<String>) -> Result<String, Wrong> {
        let Some(name) = &of.field else {
            return match of.aggregate {
                Aggregate::Count => Ok("count(*)".to_owned()),
                _ => Err(Failure::invalid("say of which field; only rows are counted without one")),
            };
        };
        let field = self.placed(table, name, None, traits)?;
        let number = matches!(field.ty, ColumnType::Int | ColumnType::Decimal | ColumnType::Float);
        let sql = &field.sql;
        match of.aggregate {
            Aggregate::Count => Ok(format!("count({sql})")),
            Aggregate::CountDistinct => Ok(format!("count(distinct {sql})")),
            Aggregate::Min => Ok(format!("min({sql})")),
            Aggregate::Max => Ok(format!("max({sql})")),
            _ if !number => {
                Err(Failure::invalid(format!("`{name}` is no number: count it, or take the least or the most")))
            }
            Aggregate::Sum => Ok(format!("sum({sql})")),
            Aggregate::Mean => Ok(format!("avg(cast({sql} as double))")),
            Aggregate::Median => Ok(format!("median(cast({sql} as double))")),
        }
    }

    fn grouped(&self, table: &TableDef, shelves: &Shelves, moved: Option<&Moved>) -> Result<String, Wrong> {
        let (conditions, mut traits) = self.conditions(table, shelves, moved)?;
        let mut selected = Vec::new();
        for of in &shelves.dimensions {
            let sql = self.dimension(table, of, moved, &mut traits)?;
            selected.push(format!("{sql} as {}", quoted_name(&name_of_dimension(of))));
        }
        for of in &shelves.measures {
            let sql = self.measure(table, of, &mut traits)?;
            selected.push(format!("{sql} as {}", quoted_name(&name_of_measure(of))));
        }
        let places: Vec<String> = (1..=shelves.dimensions.len()).map(|place| place.to_string()).collect();
        let group = if places.is_empty() { String::new() } else { format!(" group by {}", places.join(", ")) };
        Ok(format!("select {} {}{group}", selected.join(", "), self.rows(table, &traits, &conditions)))
    }

    fn rows(&self, table: &TableDef, traits: &BTreeSet<String>, conditions: &[String]) -> String {
        let mut sql = format!("from {} t", quoted(&table.name));
        for of in traits {
            let alias = quoted_trait(of);
            let _ = write!(sql, " left join traits.\"{of}\" {alias} on {alias}.{CUSTOMER_ID} = t.{CUSTOMER_ID}");
        }
        let all = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
        format!("{sql} where {all}")
    }

    fn conditions(
        &self,
        table: &TableDef,
        shelves: &Shelves,
        moved: Option<&Moved>,
    ) -> Result<(Vec<String>, BTreeSet<String>), Wrong> {
        let (mut conditions, mut traits) = (Vec::new(), BTreeSet::new());
        for filter in &shelves.filters {
            let field = self.placed(table, &filter.field, moved, &mut traits)?;
            conditions.push(self.condition(filter, &field)?);
        }
        if let Some(expression) = &shelves.segment {
            if !table.is_about_customers() {
                return Err(Failure::invalid(format!("rows of `{}` are not about customers", table.name)));
            }
            conditions.push(format!("t.{CUSTOMER_ID} in ({})", (self.members)(expression)?));
        }
        Ok((conditions, traits))
    }

    fn condition(&self, filter: &Filter, field: &Field) -> Result<String, Wrong> {
        let sql = &field.sql;
        let listed = |values: &[String]| {
            if values.is_empty() || values.len() > VALUES_MAX {
                return Err(Failure::invalid(format!("a filter names 1 to {VALUES_MAX} values")));
            }
            let literals: Result<Vec<String>, Wrong> = values.iter().map(|value| literal(field.ty, value)).collect();
            Ok(literals?.join(", "))
        };
        Ok(match &filter.test {
            Test::OneOf(values) => format!("{sql} in ({})", listed(values)?),
            Test::NoneOf(values) => format!("{sql} not in ({})", listed(values)?),
            Test::Missing(true) => format!("{sql} is null"),
            Test::Missing(false) => format!("{sql} is not null"),
            Test::Contains(part) => {
                let plain = part.to_lowercase();
                format!("strpos(lower(cast({sql} as varchar)), {}) > 0", text(&plain))
            }
            Test::Between(low, high) => self.between(field, low.as_deref(), high.as_deref())?,
            Test::LastDays(days) => {
                let (first, last) = self.last_days(*days)?;
                self.between(field, Some(&first.to_string()), Some(&last.to_string()))?
            }
        })
    }

    fn last_days(&self, days: u32) -> Result<(Date, Date), Wrong> {
        let wrong = || Failure::invalid(format!("the last {days} days are none: 1 to 36,500"));
        if !(1..=36_500).contains(&days) {
            return Err(wrong());
        }
        let first = self.today.checked_sub(i64::from(days - 1).days()).map_err(|_| wrong())?;
        Ok((first, self.today))
    }

    /// Ends are included; of times, the last one is a whole day of the bank's time zone.
    fn between(&self, field: &Field, low: Option<&str>, high: Option<&str>) -> Result<String, Wrong> {
        let sql = &field.sql;
        let (low, high) = match field.ty {
            ColumnType::Timestamp => {
                let low = low.map(|day| Ok::<_, Wrong>(format!("{sql} >= {}", self.midnight(day, 0)?))).transpose()?;
                let high = high.map(|day| Ok::<_, Wrong>(format!("{sql} < {}", self.midnight(day, 1)?))).transpose()?;
                (low, high)
            }
            ty => {
                let low = low.map(|value| Ok::<_, Wrong>(format!("{sql} >= {}", literal(ty, value)?))).transpose()?;
                let high = high.map(|value| Ok::<_, Wrong>(format!("{sql} <= {}", literal(ty, value)?))).transpose()?;
                (low, high)
            }
        };
        let both: Vec<String> = low.into_iter().chain(high).collect();
        if both.is_empty() {
            Err(Failure::invalid("between what? Give one end at least"))
        } else {
            Ok(both.join(" and "))
        }
    }

    fn midnight(&self, day: &str, later: i64) -> Result<String, Wrong> {
        let wrong = || Failure::invalid(format!("`{day}` is no day; write 2026-01-31"));
        let day: Date = day.parse().map_err(|_| wrong())?;
        let day = day.checked_add(later.days()).map_err(|_| wrong())?;
        let at = day.to_zoned(self.zone.clone()).map_err(|_| wrong())?;
        Ok(format!("to_timestamp_micros({})", at.timestamp().as_microsecond()))
    }

    /// How far, and by which field, the period before is from this one.
    fn moved(&self, table: &TableDef, shelves: &Shelves, compare: Compare) -> Result<Moved, Wrong> {
        let is_time = |name: &str| {
            self.field(table, name).is_ok_and(|field| matches!(field.ty, ColumnType::Timestamp | ColumnType::Date))
        };
        let bounded = shelves.filters.iter().filter(|filter| is_time(&filter.field)).find_map(|filter| {
            let days = match &filter.test {
                Test::LastDays(days) => i64::from(*days),
                Test::Between(Some(low), Some(high)) => {
                    let (low, high): (Date, Date) = (low.parse().ok()?, high.parse().ok()?);
                    i64::from(low.until(high).ok()?.get_days()) + 1
                }
                _ => return None,
            };
            Some((filter.field.clone(), days))
        });
        let none = "to compare, filter a time by its last days or between two days";
        let (field, days) = bounded.filter(|(_, days)| *days > 0).ok_or_else(|| Failure::invalid(none))?;
        let by = match compare {
            Compare::PreviousPeriod => format!("interval '{days} days'"),
            Compare::PreviousYear => "interval '1 year'".to_owned(),
        };
        Ok(Moved { field, by })
    }

    fn order(&self, shelves: &Shelves, width: usize) -> Result<String, Wrong> {
        let dimensions = (1..=shelves.dimensions.len()).map(|place| place.to_string());
        let Some(sort) = shelves.sort else {
            let places: Vec<String> = dimensions.collect();
            return Ok(if places.is_empty() { String::new() } else { format!(" order by {}", places.join(", ")) });
        };
        let place = sort.column as usize + 1;
        if place > width {
            return Err(Failure::invalid(format!("there is no column {} to sort by", sort.column)));
        }
        let down = if sort.descending { " desc nulls last" } else { "" };
        let rest: String =
            dimensions.filter(|other| *other != place.to_string()).map(|other| format!(", {other}")).collect();
        Ok(format!(" order by {place}{down}{rest}"))
    }
}

fn quoted_trait(name: &str) -> String {
    format!("\"trait {}\"", name.replace('"', ""))
}

fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn name_of_dimension(of: &Dimension) -> String {
    match (&of.grain, &of.bin) {
        (Some(grain), _) => format!("{} by {}", of.field, grain_word(*grain)),
        (None, Some(width)) => format!("{} by {width}", of.field),
        (None, None) => of.field.clone(),
    }
}

fn name_of_measure(of: &Measure) -> String {
    let how = match of.aggregate {
        Aggregate::Count => "count",
        Aggregate::CountDistinct => "distinct",
        Aggregate::Sum => "sum",
        Aggregate::Mean => "mean",
        Aggregate::Median => "median",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
    };
    of.field.as_ref().map_or_else(|| how.to_owned(), |field| format!("{how} of {field}"))
}

fn grain_word(of: Grain) -> &'static str {
    match of {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

/// A value as what its column is.
fn literal(ty: ColumnType, value: &str) -> Result<String, Wrong> {
    let wrong = |what: &str| Failure::invalid(format!("`{value}` is no {what}"));
    match ty {
        ColumnType::Text => Ok(text(value)),
        ColumnType::Int => value.parse::<i64>().map(|v| v.to_string()).map_err(|_| wrong("whole number")),
        ColumnType::Float => {
            let number = value.parse::<f64>().ok().filter(|v| v.is_finite());
            number.map(|v| format!("{v:?}")).ok_or_else(|| wrong("number"))
        }
        ColumnType::Decimal => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            let sound = digits.split('.').count() <= 2
                && digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
            if sound && digits.len() <= 20 { Ok(value.to_owned()) } else { Err(wrong("amount; write 1234.56")) }
        }
        ColumnType::Bool => {
            value.parse::<bool>().map(|v| v.to_string()).map_err(|_| wrong("truth; write true or false"))
        }
        ColumnType::Date => {
            value.parse::<Date>().map(|day| format!("date '{day}'")).map_err(|_| wrong("day; write 2026-01-31"))
        }
        ColumnType::Timestamp => {
            let at = value.parse::<jiff::Timestamp>().map_err(|_| wrong("time; write 2026-01-31T12:00:00Z"))?;
            Ok(format!("to_timestamp_micros({})", at.as_microsecond()))
        }
    }
}

fn compared(shelves: &Shelves, now: &str, before: &str) -> String {
    let dimensions: Vec<String> =
        shelves.dimensions.iter().map(name_of_dimension).map(|name| quoted_name(&name)).collect();
    let mut selected: Vec<String> =
        dimensions.iter().map(|name| format!("coalesce(now.{name}, before.{name}) as {name}")).collect();
    for of in &shelves.measures {
        let name = name_of_measure(of);
        let (column, beside) = (quoted_name(&name), quoted_name(&format!("{name} before")));
        selected.push(format!("now.{column} as {column}"));
        selected.push(format!("before.{column} as {beside}"));
    }
    let same: Vec<String> =
        dimensions.iter().map(|name| format!("now.{name} is not distinct from before.{name}")).collect();
    let on = if same.is_empty() { "true".to_owned() } else { same.join(" and ") };
    let selected = selected.join(", ");
    format!("with now as ({now}), before as ({before}) select {selected} from now full join before on {on}")
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
