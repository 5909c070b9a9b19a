//! A definition made ready: how each declared column is read, and where in a file's records it stands.

use std::{path::Path, sync::Arc};

use arrow::datatypes::{Field, Schema, SchemaRef};
use florin_domain::ColumnType;
use jiff::tz::TimeZone;

use super::{
    SourceError,
    error::MissingColumn,
    reject::Problem,
    value::{
        Booleans, Missing,
        date::{self, Civil, Moment},
        number::NumberStyle,
        pattern::Pattern,
        zone::Zone,
    },
};
use crate::definition::{ExtraColumns, Format, InputColumn, InputDef};

/// The most bytes a record may have, whatever the definition says: offsets inside a chunk are 31 bits.
const RECORD_BYTES_CEILING: usize = 256 << 20;
/// How alike two names must be (Jaro–Winkler) for one to be taken for the other's new name.
const SIMILARITY_MIN: f64 = 0.6;
/// How alike one name must be to a declared one for the first record to be taken for a header on that alone.
const HEADER_SIMILARITY_MIN: f64 = 0.85;
const ISO_DATE: &str = "%Y-%m-%d";
const ISO_DATE_SWAPPED: &str = "%Y-%d-%m";
const ISO_TIME: &str = "%Y-%m-%dT%H:%M:%S";
const ISO_DATE_LENGTH: usize = 10;

/// How the records of an input become rows.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) columns: Vec<ColumnPlan>,
    pub(super) schema: SchemaRef,
}

/// How one column is read.
#[derive(Debug)]
pub(super) struct ColumnPlan {
    pub(super) name: Arc<str>,
    pub(super) ty: ColumnType,
    pub(super) optional: bool,
    pub(super) missing: Missing,
    pub(super) style: NumberStyle,
    pub(super) booleans: Booleans,
    pub(super) zone: Zone,
    time: TimeForm,
}

/// How days and times are written.
#[derive(Debug)]
struct TimeForm {
    /// ISO 8601 when absent.
    pattern: Option<Pattern>,
    /// What messages call it.
    form: Arc<str>,
    /// Whether ISO 8601 is read as well: records of typed formats are kept with it.
    or_iso: bool,
    iso_swapped: Pattern,
}

impl Plan {
    pub(super) fn compile(input: &InputDef, bank_zone: &TimeZone) -> Result<Self, SourceError> {
        check_separators(input)?;
        if input.columns.0.is_empty() {
            return Err(SourceError::Definition("`columns` names no column".to_owned()));
        }
        let mut columns = Vec::with_capacity(input.columns.0.len());
        for column in &input.columns.0 {
            if columns.iter().any(|c: &ColumnPlan| *c.name == column.name) {
                return Err(SourceError::Definition(format!("column `{}` is declared twice", column.name)));
            }
            columns.push(ColumnPlan::compile(input, column, bank_zone)?);
        }
        let fields: Vec<Field> = columns.iter().map(|c| Field::new(&*c.name, c.ty.arrow(), true)).collect();
        Ok(Self { columns, schema: Arc::new(Schema::new(fields)) })
    }
}

fn check_separators(input: &InputDef) -> Result<(), SourceError> {
    if input.format != Format::Delimited {
        return Ok(());
    }
    let refuse = |reason: &str| Err(SourceError::Definition(reason.to_owned()));
    if matches!(input.delimiter, '\n' | '\r' | '\0') {
        return refuse("`delimiter` cannot be a line end or a NUL");
    }
    match input.quote {
        Some(quote) if quote == input.delimiter => refuse("`delimiter` and `quote` are the same character"),
        Some(quote) if !quote.is_ascii() || quote.is_ascii_control() => {
            refuse("`quote` must be a printable ASCII character, or \"\" for none")
        }
        _ => Ok(()),
    }
}

/// The longest record of an input, in bytes.
pub(super) fn record_bytes_max(input: &InputDef) -> usize {
    input.record_bytes_max.clamp(1, RECORD_BYTES_CEILING)
}

impl ColumnPlan {
    fn compile(input: &InputDef, column: &InputColumn, bank_zone: &TimeZone) -> Result<Self, SourceError> {
        let spec = &column.spec;
        let zone = match &spec.time_zone {
            None => bank_zone.clone(),
            Some(name) => TimeZone::get(name).map_err(|_| {
                SourceError::Definition(format!(
                    "column `{}`: no time zone `{name}`; for example: Europe/Prague, Asia/Shanghai, UTC",
                    column.name
                ))
            })?,
        };
        Ok(Self {
            name: column.name.as_str().into(),
            ty: spec.ty,
            optional: spec.optional,
            missing: Missing::new(spec.missing.as_ref().unwrap_or(&input.missing)),
            style: NumberStyle::new(spec.decimal_comma),
            booleans: Booleans::new(spec.true_false.as_ref()),
            zone: Zone::new(zone),
            time: TimeForm::compile(input, column)?,
        })
    }

    /// The day that a text means.
    pub(super) fn day(&self, text: &[u8]) -> Result<i32, Problem> {
        let own = match &self.time.pattern {
            None => date::parse_iso_date(text),
            Some(pattern) => pattern.parse(text).and_then(|moment| match moment {
                Moment::Local(civil) => Some(civil.day),
                Moment::Instant(micros) => self.zone.local(micros).map(|civil| civil.day),
            }),
        };
        let kept = || if self.time.or_iso { date::parse_iso_date(text) } else { None };
        own.or_else(kept).ok_or_else(|| self.not_a_date(text))
    }

    /// The moment that a text means.
    pub(super) fn moment(&self, text: &[u8]) -> Result<Moment, Problem> {
        let own = match &self.time.pattern {
            None => date::parse_iso_moment(text),
            Some(pattern) => pattern.parse(text),
        };
        let kept = || if self.time.or_iso { date::parse_iso_moment(text) } else { None };
        own.or_else(kept).ok_or_else(|| self.not_a_date(text))
    }

    #[cold]
    fn not_a_date(&self, text: &[u8]) -> Problem {
        let swapped = match &self.time.pattern {
            Some(pattern) => pattern.is_swapped(text),
            None => self.time.iso_swapped.parse(&text[..text.len().min(ISO_DATE_LENGTH)]).is_some(),
        };
        if swapped { Problem::Swapped } else { self.wrong_form() }
    }

    /// The problem of a value that is not a day or time of the declared form.
    pub(super) fn wrong_form(&self) -> Problem {
        let form = Arc::clone(&self.time.form);
        if self.ty == ColumnType::Date { Problem::NotDate { form } } else { Problem::NotTimestamp { form } }
    }

    /// The day of a moment, if it is no more than a day: midnight in the column's zone.
    pub(super) fn day_of(&self, moment: Moment) -> Result<i32, Problem> {
        let civil = match moment {
            Moment::Local(civil) => Some(civil),
            Moment::Instant(micros) => self.zone.local(micros),
        };
        match civil {
            Some(Civil { day, micros: 0 }) => Ok(day),
            _ => Err(self.wrong_form()),
        }
    }
}

impl TimeForm {
    fn compile(input: &InputDef, column: &InputColumn) -> Result<Self, SourceError> {
        let refuse = |text: &str, reason: String| {
            SourceError::Definition(format!("column `{}`: `{text}` is not a pattern of times: {reason}", column.name))
        };
        let compile = |text: &str| Pattern::compile(text, column.spec.century).map_err(|reason| refuse(text, reason));
        let is_temporal = matches!(column.spec.ty, ColumnType::Date | ColumnType::Timestamp);
        let pattern = column.spec.format.as_deref().filter(|_| is_temporal).map(compile).transpose()?;
        let iso = if column.spec.ty == ColumnType::Date { ISO_DATE } else { ISO_TIME };
        Ok(Self {
            form: pattern.as_ref().map_or_else(|| iso.into(), |p| Arc::clone(&p.text)),
            pattern,
            or_iso: !matches!(input.format, Format::Delimited | Format::JsonLines),
            iso_swapped: compile(ISO_DATE_SWAPPED)?,
        })
    }
}

/// Where the declared columns stand in the records of one file.
#[derive(Debug)]
pub(super) struct Layout {
    /// The columns as the file has them.
    pub(super) header: Vec<String>,
    /// For each declared column, which field of a record it is; `None` for an optional one that is not there.
    pub(super) fields: Vec<Option<usize>>,
    /// Columns of the file that are not declared.
    pub(super) extra: Vec<String>,
}

impl Layout {
    /// Fields in the order of the definition.
    pub(super) fn as_declared(plan: &Plan) -> Self {
        Self {
            header: plan.columns.iter().map(|c| c.name.to_string()).collect(),
            fields: (0..plan.columns.len()).map(Some).collect(),
            extra: Vec::new(),
        }
    }

    /// Fields as a header names them. Names count letter by letter; blanks around them do not.
    pub(super) fn by_name(input: &InputDef, plan: &Plan, path: &Path, header: &[String]) -> Result<Self, SourceError> {
        let header: Vec<String> = header.iter().map(|name| clean(name).to_owned()).collect();
        refuse_duplicates(path, &header)?;
        let place = |name: &str| header.iter().position(|h| h == name);
        let fields: Vec<Option<usize>> = plan.columns.iter().map(|c| place(&c.name)).collect();
        let is_declared = |name: &String| plan.columns.iter().any(|c| *c.name == **name);
        let extra: Vec<String> = header.iter().filter(|name| !is_declared(name)).cloned().collect();
        let absent = plan.columns.iter().zip(&fields).find(|(column, field)| field.is_none() && !column.optional);
        if let Some((column, _)) = absent {
            let any_known = fields.iter().any(Option::is_some);
            return Err(missing_column(path, &column.name, &header, &extra, any_known));
        }
        if input.extra_columns == ExtraColumns::Refuse && !extra.is_empty() {
            return Err(SourceError::ExtraColumns { path: path.to_owned(), columns: extra });
        }
        Ok(Self { header, fields, extra })
    }
}

fn clean(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Columns without a name may be many (a delimiter at the end of every line): nobody can ask for them.
fn refuse_duplicates(path: &Path, header: &[String]) -> Result<(), SourceError> {
    let twice = header.iter().enumerate().find(|(at, name)| !name.is_empty() && header[..*at].contains(name));
    match twice {
        None => Ok(()),
        Some((_, name)) => Err(SourceError::DuplicateColumn { path: path.to_owned(), column: name.clone() }),
    }
}

fn missing_column(path: &Path, column: &str, header: &[String], extra: &[String], any_known: bool) -> SourceError {
    let needed = if any_known { SIMILARITY_MIN } else { HEADER_SIMILARITY_MIN };
    let nearest = extra
        .iter()
        .map(|name| (name, strsim::jaro_winkler(&name.to_lowercase(), &column.to_lowercase())))
        .filter(|(_, similarity)| *similarity >= needed)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| name.clone());
    let is_header = any_known || nearest.is_some();
    SourceError::MissingColumn(Box::new(MissingColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        nearest,
        header: if is_header { header.to_vec() } else { Vec::new() },
    }))
}
