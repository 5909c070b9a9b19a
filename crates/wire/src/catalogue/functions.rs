//! Functions of the catalogue: what clients call while they look around.

use super::{
    types::{self, Oid},
    value::{Value, truth},
    world::{World, identifiers, quoted_name},
};
use crate::{VERSION, fault::Fault};

/// What answers a call.
pub(crate) type Implementation = fn(&World, &[Value]) -> Result<Value, Fault>;

/// A function: its name, the type of its answer, and what answers.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) ty: Oid,
    pub(crate) what: Implementation,
}

const TEXTS: Oid = 1009;
const NAMES: Oid = 1003;

macro_rules! functions {
    ($($name:literal $ty:expr => $what:expr;)*) => {
        static FUNCTIONS: &[Function] = &[$(Function { name: $name, ty: $ty, what: $what },)*];
    };
}

/// A function by its name, without `pg_catalog.`.
pub(crate) fn by_name(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

functions! {
    // Who and where.
    "version" types::TEXT => |_, _| Ok(Value::text(version()));
    "current_database" types::NAME => |world, _| Ok(Value::text(&world.database));
    "current_catalog" types::NAME => |world, _| Ok(Value::text(&world.database));
    "current_user" types::NAME => |world, _| Ok(Value::text(&world.user));
    "session_user" types::NAME => |world, _| Ok(Value::text(&world.user));
    "current_role" types::NAME => |world, _| Ok(Value::text(&world.user));
    "user" types::NAME => |world, _| Ok(Value::text(&world.user));
    "current_schema" types::NAME => |_, _| Ok(Value::text("public"));
    "current_schemas" NAMES => |_, of| Ok(current_schemas(argument(of, 0).holds()));
    "pg_backend_pid" types::INT4 => |world, _| Ok(Value::Int(i64::from(world.process)));
    "pg_is_in_recovery" types::BOOL => |_, _| Ok(Value::Bool(false));
    "pg_is_wal_replay_paused" types::BOOL => |_, _| Ok(Value::Bool(false));
    "inet_server_addr" types::TEXT => null;
    "inet_server_port" types::INT4 => null;
    "inet_client_addr" types::TEXT => null;
    "txid_current" types::INT8 => |_, _| Ok(Value::Int(1));
    "pg_my_temp_schema" types::OID => |_, _| Ok(Value::Int(0));
    "current_setting" types::TEXT => current_setting;
    "pg_get_userbyid" types::NAME => |_, of| Ok(if argument(of, 0).is_null() { Value::Null } else { Value::text("florin") });
    "pg_encoding_to_char" types::NAME => |_, _| Ok(Value::text("UTF8"));
    "pg_char_to_encoding" types::INT4 => |_, _| Ok(Value::Int(6));
    "now" types::TIMESTAMPTZ => |world, _| Ok(Value::text(crate::text::timestamp(world.now, Some("UTC"))));
    "current_timestamp" types::TIMESTAMPTZ => |world, _| Ok(Value::text(crate::text::timestamp(world.now, Some("UTC"))));
    "pg_postmaster_start_time" types::TIMESTAMPTZ => null;
    "pg_conf_load_time" types::TIMESTAMPTZ => null;
    // May I?
    "has_table_privilege" types::BOOL => privilege;
    "has_any_column_privilege" types::BOOL => privilege;
    "has_column_privilege" types::BOOL => privilege;
    "has_schema_privilege" types::BOOL => privilege;
    "has_database_privilege" types::BOOL => privilege;
    "has_function_privilege" types::BOOL => |_, _| Ok(Value::Bool(true));
    "has_type_privilege" types::BOOL => privilege;
    "has_sequence_privilege" types::BOOL => |_, _| Ok(Value::Bool(false));
    "has_tablespace_privilege" types::BOOL => |_, _| Ok(Value::Bool(false));
    "has_language_privilege" types::BOOL => |_, _| Ok(Value::Bool(false));
    "has_foreign_data_wrapper_privilege" types::BOOL => |_, _| Ok(Value::Bool(false));
    "has_server_privilege" types::BOOL => |_, _| Ok(Value::Bool(false));
    "pg_has_role" types::BOOL => |_, _| Ok(Value::Bool(true));
    "row_security_active" types::BOOL => |_, _| Ok(Value::Bool(true));
    // What is seen without its schema.
    "pg_table_is_visible" types::BOOL => |world, of| Ok(oid(of, 0).map_or(Value::Null, |oid| Value::Bool(world.tables.is_visible(oid))));
    "pg_type_is_visible" types::BOOL => visible;
    "pg_function_is_visible" types::BOOL => visible;
    "pg_operator_is_visible" types::BOOL => visible;
    "pg_opclass_is_visible" types::BOOL => visible;
    "pg_opfamily_is_visible" types::BOOL => visible;
    "pg_collation_is_visible" types::BOOL => visible;
    "pg_conversion_is_visible" types::BOOL => visible;
    "pg_ts_config_is_visible" types::BOOL => visible;
    "pg_ts_dict_is_visible" types::BOOL => visible;
    "pg_statistics_obj_is_visible" types::BOOL => visible;
    "pg_relation_is_publishable" types::BOOL => |_, _| Ok(Value::Bool(false));
    // What something is.
    "format_type" types::TEXT => format_type;
    "to_regclass" types::REGCLASS => |world, of| Ok(named(world, argument(of, 0)));
    "to_regtype" types::REGTYPE => to_regtype;
    "to_regnamespace" types::REGNAMESPACE => null;
    "obj_description" types::TEXT => |world, of| Ok(oid(of, 0).map_or(Value::Null, |oid| world.tables.about(oid, 0)));
    "col_description" types::TEXT => |world, of| Ok(oid(of, 0).map_or(Value::Null, |oid| world.tables.about(oid, argument(of, 1).as_int().unwrap_or_default())));
    "shobj_description" types::TEXT => null;
    "pg_get_expr" types::TEXT => null;
    "pg_get_constraintdef" types::TEXT => null;
    "pg_get_indexdef" types::TEXT => null;
    "pg_get_viewdef" types::TEXT => null;
    "pg_get_ruledef" types::TEXT => null;
    "pg_get_triggerdef" types::TEXT => null;
    "pg_get_functiondef" types::TEXT => null;
    "pg_get_function_result" types::TEXT => null;
    "pg_get_function_arguments" types::TEXT => null;
    "pg_get_function_identity_arguments" types::TEXT => null;
    "pg_get_function_sqlbody" types::TEXT => null;
    "pg_get_serial_sequence" types::TEXT => null;
    "pg_get_partkeydef" types::TEXT => null;
    "pg_get_partition_constraintdef" types::TEXT => null;
    "pg_get_statisticsobjdef" types::TEXT => null;
    "pg_get_statisticsobjdef_columns" types::TEXT => null;
    "pg_get_replica_identity_index" types::REGCLASS => null;
    "pg_tablespace_location" types::TEXT => |_, _| Ok(Value::text(""));
    "pg_index_column_has_property" types::BOOL => null;
    "pg_sequence_last_value" types::INT8 => null;
    // How large. Florin says how large its tables are elsewhere.
    "pg_relation_size" types::INT8 => null;
    "pg_table_size" types::INT8 => null;
    "pg_indexes_size" types::INT8 => null;
    "pg_total_relation_size" types::INT8 => null;
    "pg_database_size" types::INT8 => null;
    "pg_tablespace_size" types::INT8 => null;
    "pg_size_pretty" types::TEXT => |_, of| Ok(argument(of, 0).shown().map_or(Value::Null, |bytes| Value::text(format!("{bytes} bytes"))));
    "pg_stat_get_numscans" types::INT8 => null;
    "pg_stat_get_live_tuples" types::INT8 => null;
    "age" types::INT4 => |_, _| Ok(Value::Int(0));
    // Texts.
    "quote_ident" types::TEXT => |_, of| Ok(on_text(of, quoted_name));
    "quote_literal" types::TEXT => |_, of| Ok(on_text(of, |text| format!("'{}'", text.replace('\'', "''"))));
    "parse_ident" TEXTS => |_, of| Ok(argument(of, 0).shown().map_or(Value::Null, |text| Value::list(identifiers(&text).iter().map(Value::text))));
    "lower" types::TEXT => |_, of| Ok(on_text(of, str::to_lowercase));
    "upper" types::TEXT => |_, of| Ok(on_text(of, str::to_uppercase));
    "btrim" types::TEXT => |_, of| Ok(trimmed(of, true, true));
    "ltrim" types::TEXT => |_, of| Ok(trimmed(of, true, false));
    "rtrim" types::TEXT => |_, of| Ok(trimmed(of, false, true));
    "length" types::INT4 => length;
    "char_length" types::INT4 => length;
    "character_length" types::INT4 => length;
    "octet_length" types::INT4 => |_, of| Ok(argument(of, 0).shown().map_or(Value::Null, |text| Value::Int(text.len() as i64)));
    "replace" types::TEXT => replace;
    "substring" types::TEXT => substring;
    "substr" types::TEXT => substring;
    "left" types::TEXT => |world, of| substring(world, &[argument(of, 0).clone(), Value::Int(1), argument(of, 1).clone()]);
    "split_part" types::TEXT => split_part;
    "strpos" types::INT4 => strpos;
    "concat" types::TEXT => |_, of| Ok(Value::text(of.iter().filter_map(Value::shown).collect::<String>()));
    "concat_ws" types::TEXT => concat_ws;
    "regexp_replace" types::TEXT => regexp_replace;
    "md5" types::TEXT => null;
    // Lists.
    "array_to_string" types::TEXT => array_to_string;
    "string_to_array" TEXTS => string_to_array;
    "array_length" types::INT4 => |_, of| Ok(bound_of(of, false));
    "array_upper" types::INT4 => |_, of| Ok(bound_of(of, false));
    "array_lower" types::INT4 => |_, of| Ok(bound_of(of, true));
    "cardinality" types::INT4 => |_, of| Ok(argument(of, 0).elements().map_or(Value::Null, |list| Value::Int(list.len() as i64)));
    "array_position" types::INT4 => array_position;
    // Others.
    "json_build_object" types::JSON => null;
    "row_to_json" types::JSON => null;
    "to_json" types::JSON => null;
    "nullif" types::TEXT => |_, of| Ok(if super::value::compared(argument(of, 0), argument(of, 1)) == Some(std::cmp::Ordering::Equal) { Value::Null } else { argument(of, 0).clone() });
    "coalesce" types::TEXT => |_, of| Ok(of.iter().find(|value| !value.is_null()).cloned().unwrap_or(Value::Null));
    "greatest" types::TEXT => |_, of| Ok(of.iter().filter(|value| !value.is_null()).max_by(|a, b| super::value::ordered(a, b)).cloned().unwrap_or(Value::Null));
    "least" types::TEXT => |_, of| Ok(of.iter().filter(|value| !value.is_null()).min_by(|a, b| super::value::ordered(a, b)).cloned().unwrap_or(Value::Null));
    "abs" types::INT8 => |_, of| Ok(argument(of, 0).as_int().map_or(Value::Null, |number| Value::Int(number.abs())));
    "pg_typeof" types::REGTYPE => null;
    "_pg_truetypid" types::OID => |_, _| Ok(Value::Null);
    // Lists that are told row by row.
    "unnest" types::TEXT => |_, of| Ok(argument(of, 0).clone());
    "generate_series" types::INT4 => generate_series;
    "generate_subscripts" types::INT4 => generate_subscripts;
    "_pg_expandarray" types::INT4 => generate_subscripts;
    "pg_get_keywords" types::TEXT => |_, _| Ok(Value::list(KEYWORDS.iter().map(Value::text)));
    "aclexplode" types::TEXT => |_, _| Ok(Value::list([]));
    "pg_options_to_table" types::TEXT => |_, _| Ok(Value::list([]));
    "pg_listening_channels" types::TEXT => |_, _| Ok(Value::list([]));
}

/// Functions whose lists are told row by row.
pub(crate) const OF_ROWS: [&str; 8] = [
    "unnest",
    "generate_series",
    "generate_subscripts",
    "_pg_expandarray",
    "pg_get_keywords",
    "aclexplode",
    "pg_options_to_table",
    "pg_listening_channels",
];

/// Words that mean something to SQL, of those that clients would not expect.
const KEYWORDS: [&str; 4] = ["ilike", "limit", "offset", "returning"];

/// As PostgreSQL says it, so that clients know which catalogue to expect.
pub(crate) fn version() -> String {
    format!("PostgreSQL {VERSION} (Florin {})", env!("CARGO_PKG_VERSION"))
}

const NULL: &Value = &Value::Null;

fn argument(of: &[Value], place: usize) -> &Value {
    of.get(place).unwrap_or(NULL)
}

fn oid(of: &[Value], place: usize) -> Option<Oid> {
    argument(of, place).as_int().and_then(|number| Oid::try_from(number).ok())
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn null(_: &World, _: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Null)
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn visible(_: &World, of: &[Value]) -> Result<Value, Fault> {
    Ok(if argument(of, 0).is_null() { Value::Null } else { Value::Bool(true) })
}

fn current_schemas(with_implied: bool) -> Value {
    let implied = with_implied.then(|| Value::text("pg_catalog"));
    Value::list(implied.into_iter().chain([Value::text("public")]))
}

fn current_setting(world: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some(name) = argument(of, 0).shown() else { return Ok(Value::Null) };
    match world.settings.get(&name.to_ascii_lowercase()) {
        Some(value) => Ok(Value::text(value)),
        None if argument(of, 1).holds() => Ok(Value::Null),
        None => Err(crate::settings::unknown(&name)),
    }
}

/// Reading what is there is allowed, and nothing else. What is asked for is the last argument.
#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn privilege(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some(wanted) = of.last().and_then(Value::shown) else { return Ok(Value::Null) };
    let reads = wanted.split(',').any(|word| {
        let word = word.trim().to_ascii_lowercase();
        ["select", "usage", "connect"].contains(&word.as_str())
    });
    Ok(Value::Bool(reads))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn format_type(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let modifier = argument(of, 1).as_int().unwrap_or(-1);
    Ok(oid(of, 0).map_or(Value::Null, |oid| Value::text(types::shown(oid, modifier))))
}

fn named(world: &World, name: &Value) -> Value {
    let found = name.shown().and_then(|name| world.tables.oid_of(&name));
    found.map_or(Value::Null, |oid| Value::Int(i64::from(oid)))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn to_regtype(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let found = argument(of, 0).shown().and_then(|name| types::by_name(&name));
    Ok(found.map_or(Value::Null, |facts| Value::Int(i64::from(facts.oid))))
}

fn on_text(of: &[Value], change: impl Fn(&str) -> String) -> Value {
    argument(of, 0).shown().map_or(Value::Null, |text| Value::text(change(&text)))
}

fn trimmed(of: &[Value], start: bool, end: bool) -> Value {
    let signs = argument(of, 1).shown().unwrap_or_else(|| " ".to_owned());
    on_text(of, |text| {
        let text = if start { text.trim_start_matches(|c| signs.contains(c)) } else { text };
        if end { text.trim_end_matches(|c| signs.contains(c)) } else { text }.to_owned()
    })
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn length(_: &World, of: &[Value]) -> Result<Value, Fault> {
    Ok(argument(of, 0).shown().map_or(Value::Null, |text| Value::Int(text.chars().count() as i64)))
}

/// All arguments as texts, if none is NULL.
fn texts<const N: usize>(of: &[Value]) -> Option<[String; N]> {
    let texts: Option<Vec<String>> = (0..N).map(|place| argument(of, place).shown()).collect();
    texts?.try_into().ok()
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn replace(_: &World, of: &[Value]) -> Result<Value, Fault> {
    Ok(texts(of).map_or(Value::Null, |[text, from, to]| Value::text(text.replace(&from, &to))))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn substring(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let (Some(text), Some(from)) = (argument(of, 0).shown(), argument(of, 1).as_int()) else { return Ok(Value::Null) };
    let end = match of.get(2) {
        None => i64::MAX,
        Some(length) => match length.as_int() {
            Some(length) => from.saturating_add(length),
            None => return Ok(Value::Null),
        },
    };
    let signs = (1_i64..).zip(text.chars()).filter(|(place, _)| (from..end).contains(place));
    Ok(Value::text(signs.map(|(_, sign)| sign).collect::<String>()))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn split_part(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let (Some([text, by]), Some(place)) = (texts(of), argument(of, 2).as_int()) else { return Ok(Value::Null) };
    let place = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
    Ok(Value::text(place.and_then(|place| text.split(by.as_str()).nth(place)).unwrap_or_default()))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn strpos(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some([text, part]) = texts(of) else { return Ok(Value::Null) };
    let place = text.find(&part).and_then(|at| text.get(..at)).map_or(0, |before| before.chars().count() + 1);
    Ok(Value::Int(place as i64))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn concat_ws(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some(by) = argument(of, 0).shown() else { return Ok(Value::Null) };
    Ok(Value::text(of.iter().skip(1).filter_map(Value::shown).collect::<Vec<_>>().join(&by)))
}

fn regexp_replace(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some([text, pattern, to]) = texts(of) else { return Ok(Value::Null) };
    let flags = argument(of, 3).shown().unwrap_or_default();
    let pattern = super::run::pattern(&pattern, flags.contains('i'))?;
    let to = to.replace('$', "$$").replace("\\1", "${1}").replace("\\2", "${2}").replace("\\&", "${0}");
    let limit = usize::from(!flags.contains('g'));
    Ok(Value::text(pattern.replacen(&text, limit, to.as_str())))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn array_to_string(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let (Some(list), Some(by)) = (argument(of, 0).elements(), argument(of, 1).shown()) else { return Ok(Value::Null) };
    let in_place_of_null = argument(of, 2).shown();
    let words = list.iter().filter_map(|value| value.shown().or_else(|| in_place_of_null.clone()));
    Ok(Value::text(words.collect::<Vec<_>>().join(&by)))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn string_to_array(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some([text, by]) = texts(of) else { return Ok(Value::Null) };
    Ok(if text.is_empty() { Value::list([]) } else { Value::list(text.split(by.as_str()).map(Value::text)) })
}

/// Where a list begins or ends: an empty one does neither.
fn bound_of(of: &[Value], lower: bool) -> Value {
    match argument(of, 0).elements() {
        Some(list) if !list.is_empty() && argument(of, 1).as_int() == Some(1) => {
            Value::Int(if lower { 1 } else { list.len() as i64 })
        }
        _ => Value::Null,
    }
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn array_position(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let Some(list) = argument(of, 0).elements() else { return Ok(Value::Null) };
    let wanted = argument(of, 1);
    let place = list.iter().position(|value| super::value::compared(value, wanted) == Some(std::cmp::Ordering::Equal));
    Ok(place.map_or(Value::Null, |place| Value::Int(place as i64 + 1)))
}

/// Numbers of a series at most.
const SERIES_MAX: i64 = 10_000;

fn generate_series(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let (Some(from), Some(to)) = (argument(of, 0).as_int(), argument(of, 1).as_int()) else {
        return Ok(Value::list([]));
    };
    if to.saturating_sub(from) >= SERIES_MAX {
        return Err(Fault::new(
            crate::fault::code::TOO_COMPLEX,
            format!("a series here has at most {SERIES_MAX} numbers"),
        ));
    }
    let step = usize::try_from(argument(of, 2).as_int().unwrap_or(1)).unwrap_or(1).max(1);
    Ok(Value::list((from..=to).step_by(step).map(Value::Int)))
}

#[allow(clippy::unnecessary_wraps, reason = "functions have one shape")]
fn generate_subscripts(_: &World, of: &[Value]) -> Result<Value, Fault> {
    let length = argument(of, 0).elements().map_or(0, |list| list.len() as i64);
    Ok(Value::list((1..=length).map(Value::Int)))
}

/// A value as another type: what a `CAST` makes of it.
pub(crate) fn cast(world: &World, value: Value, from: Oid, to: Oid) -> Result<Value, Fault> {
    if value.is_null() || from == to {
        return Ok(value);
    }
    let invalid = |value: &Value| {
        let shown = types::shown(to, -1);
        Fault::new(crate::fault::code::INVALID_TEXT, format!("`{}` is no {shown}", value.shown().unwrap_or_default()))
    };
    match to {
        types::REGCLASS => as_class(world, &value),
        types::REGTYPE if matches!(value, Value::Text(_)) => {
            let found =
                value.shown().and_then(|name| types::by_name(&name)).map(|facts| Value::Int(i64::from(facts.oid)));
            found.or_else(|| value.as_int().map(Value::Int)).ok_or_else(|| no_object("type", &value))
        }
        types::REGNAMESPACE if matches!(value, Value::Text(_)) => as_namespace(world, &value),
        types::REGPROC => Ok(unqualified(&value)),
        types::OID
        | types::INT2
        | types::INT4
        | types::INT8
        | types::REGTYPE
        | types::REGNAMESPACE
        | types::REGROLE => value.as_int().map(Value::Int).ok_or_else(|| invalid(&value)),
        types::BOOL => match &value {
            Value::Text(text) => truth(text).map(Value::Bool).ok_or_else(|| invalid(&value)),
            Value::Int(number) => Ok(Value::Bool(*number != 0)),
            _ => Ok(value),
        },
        types::TEXT | types::VARCHAR | types::NAME | types::CHAR | types::BPCHAR => {
            Ok(shown_as(world, &value, from).map_or(Value::Null, Value::text))
        }
        _ if types::element_of(to).is_some() => value.elements().map(Value::list).ok_or_else(|| invalid(&value)),
        _ => Ok(value),
    }
}

fn as_class(world: &World, value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Text(text) if text.parse::<Oid>().is_err() => {
            let found = world.tables.oid_of(text);
            found
                .map(|oid| Value::Int(i64::from(oid)))
                .ok_or_else(|| Fault::new(crate::fault::code::NO_TABLE, format!("there is no table `{text}`")))
        }
        other => Ok(other.as_int().map_or(Value::Null, Value::Int)),
    }
}

fn as_namespace(world: &World, value: &Value) -> Result<Value, Fault> {
    let name = value.shown().unwrap_or_default();
    let namespaces = world.tables.table(None, "pg_namespace");
    let found = namespaces.and_then(|table| table.rows.iter().find(|row| row.get(1) == Some(&Value::text(&name))));
    found.and_then(|row| row.first()).cloned().ok_or_else(|| no_object("schema", value))
}

fn no_object(what: &str, value: &Value) -> Fault {
    let message = format!("there is no {what} `{}`", value.shown().unwrap_or_default());
    Fault::new(crate::fault::code::NO_SETTING, message)
}

fn unqualified(value: &Value) -> Value {
    value.shown().map_or(Value::Null, |name| Value::text(name.strip_prefix("pg_catalog.").unwrap_or(&name)))
}

/// How a value of a type is written: tables and types by their names.
pub(crate) fn shown_as(world: &World, value: &Value, ty: Oid) -> Option<String> {
    let number = || value.as_int().and_then(|number| Oid::try_from(number).ok());
    match (ty, value) {
        (_, Value::Null) => None,
        (types::REGCLASS, _) => number().map(|oid| class_name(world, oid)),
        (types::REGTYPE, _) => number().map(|oid| types::shown(oid, -1)),
        (types::REGROLE, _) => Some("florin".to_owned()),
        (types::REGNAMESPACE, _) => {
            let rows = world.tables.table(None, "pg_namespace").map(|table| table.rows.as_slice()).unwrap_or_default();
            let found = rows.iter().find(|row| row.first() == Some(value)).and_then(|row| row.get(1)?.shown());
            found.or_else(|| value.shown())
        }
        (types::BOOL, Value::Bool(truth)) => Some(if *truth { "true" } else { "false" }.to_owned()),
        _ => value.shown(),
    }
}

fn class_name(world: &World, oid: Oid) -> String {
    match world.tables.name_of(oid) {
        Some((_, name)) if world.tables.is_visible(oid) => quoted_name(name),
        Some((schema, name)) => format!("{}.{}", quoted_name(schema), quoted_name(name)),
        None if oid == 0 => "-".to_owned(),
        None => oid.to_string(),
    }
}
