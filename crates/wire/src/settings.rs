//! What a connection has set: `SET`, `RESET`, `SHOW`.
//!
//! Florin's own settings are checked when they are set. Of PostgreSQL's, those that change nothing here are taken and told again; a value
//! that would promise something else is refused.

use std::{collections::BTreeMap, time::Duration};

use florin_domain::Purpose;

use crate::{
    VERSION,
    fault::{Fault, code},
};

/// What data is used for.
pub(crate) const PURPOSE: &str = "florin.purpose";
/// Since when nothing is known yet.
pub(crate) const AS_OF: &str = "florin.as_of";
/// How long an answer may take.
pub(crate) const STATEMENT_TIMEOUT: &str = "statement_timeout";
/// Settings whose value clients are told of whenever it changes.
pub(crate) const REPORTED: [&str; 13] = [
    "server_version",
    "server_encoding",
    "client_encoding",
    "application_name",
    "default_transaction_read_only",
    "in_hot_standby",
    "is_superuser",
    "session_authorization",
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "integer_datetimes",
    "standard_conforming_strings",
];
/// The longest value.
const VALUE_BYTES_MAX: usize = 1024;

/// PostgreSQL's settings that are told, with what they are unless somebody says otherwise.
const KNOWN: [(&str, &str); 58] = [
    ("application_name", ""),
    ("backslash_quote", "safe_encoding"),
    ("bytea_output", "hex"),
    ("check_function_bodies", "on"),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("cursor_tuple_fraction", "0.1"),
    ("datestyle", "ISO, MDY"),
    ("default_table_access_method", "heap"),
    ("default_tablespace", ""),
    ("default_transaction_deferrable", "off"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "on"),
    ("default_with_oids", "off"),
    ("enable_hashjoin", "on"),
    ("enable_mergejoin", "on"),
    ("enable_nestloop", "on"),
    ("enable_seqscan", "on"),
    ("escape_string_warning", "on"),
    ("extra_float_digits", "1"),
    ("from_collapse_limit", "8"),
    ("geqo", "on"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
    ("in_hot_standby", "off"),
    ("integer_datetimes", "on"),
    ("intervalstyle", "postgres"),
    ("is_superuser", "off"),
    ("jit", "off"),
    ("join_collapse_limit", "8"),
    ("lc_collate", "C"),
    ("lc_ctype", "C"),
    ("lc_messages", "C"),
    ("lc_monetary", "C"),
    ("lc_numeric", "C"),
    ("lc_time", "C"),
    ("lock_timeout", "0"),
    ("max_identifier_length", "63"),
    ("max_index_keys", "32"),
    ("max_parallel_workers_per_gather", "0"),
    ("plan_cache_mode", "auto"),
    ("role", "none"),
    ("row_security", "on"),
    ("search_path", "\"$user\", public"),
    ("server_encoding", "UTF8"),
    ("server_version", VERSION),
    ("server_version_num", "150000"),
    ("session_authorization", ""),
    ("standard_conforming_strings", "on"),
    (STATEMENT_TIMEOUT, "0"),
    ("synchronize_seqscans", "on"),
    ("timezone", "UTC"),
    ("transaction_deferrable", "off"),
    ("transaction_isolation", "read committed"),
    ("transaction_read_only", "on"),
    ("transform_null_equals", "off"),
    ("work_mem", "4MB"),
    ("xmloption", "content"),
];

/// Settings that tell how things are, and cannot be set.
const FIXED: [&str; 13] = [
    "in_hot_standby",
    "integer_datetimes",
    "is_superuser",
    "lc_collate",
    "lc_ctype",
    "max_identifier_length",
    "max_index_keys",
    "server_encoding",
    "server_version",
    "server_version_num",
    "session_authorization",
    "role",
    "default_with_oids",
];

/// The settings of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    values: BTreeMap<String, String>,
    /// What `RESET` goes back to: what the connection began with.
    first: BTreeMap<String, String>,
    /// What a transaction began with, and what it set for itself alone.
    before: Option<BTreeMap<String, String>>,
    local: BTreeMap<String, String>,
}

impl Settings {
    /// Of a new connection of somebody, at a bank of that time zone.
    pub(crate) fn new(user: &str, time_zone: &str) -> Self {
        let mut values: BTreeMap<String, String> =
            KNOWN.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        values.insert("session_authorization".to_owned(), user.to_owned());
        values.insert("timezone".to_owned(), time_zone.to_owned());
        values.insert(PURPOSE.to_owned(), String::new());
        values.insert(AS_OF.to_owned(), String::new());
        Self { first: values.clone(), values, before: None, local: BTreeMap::new() }
    }

    /// What is set now is what `RESET` goes back to.
    pub(crate) fn begun(&mut self) {
        self.first.clone_from(&self.values);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(&canonical(name)).map(String::as_str)
    }

    pub(crate) fn all(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Sets a value, until the transaction's end if it is the transaction's own.
    ///
    /// # Errors
    /// When there is no such setting, or the value promises what is not so.
    pub(crate) fn set(&mut self, name: &str, value: &str, local: bool) -> Result<(), Fault> {
        let name = canonical(name);
        let value = checked(&name, value)?;
        let Some(held) = self.values.get_mut(&name) else { return Err(unknown(&name)) };
        let earlier = std::mem::replace(held, value);
        if local && self.before.is_some() {
            self.local.entry(name).or_insert(earlier);
        }
        Ok(())
    }

    /// Back to what the connection began with.
    pub(crate) fn reset(&mut self, name: &str) -> Result<(), Fault> {
        let name = canonical(name);
        match self.first.get(&name) {
            Some(value) => drop(self.values.insert(name, value.clone())),
            None => return Err(unknown(&name)),
        }
        Ok(())
    }

    pub(crate) fn reset_all(&mut self) {
        self.values.clone_from(&self.first);
    }

    pub(crate) fn begin(&mut self) {
        self.before.get_or_insert_with(|| self.values.clone());
    }

    /// Ends a transaction: what was set for it alone is forgotten; all that was set in it, if it is rolled back.
    pub(crate) fn end(&mut self, rolled_back: bool) {
        let local = std::mem::take(&mut self.local);
        match self.before.take() {
            Some(before) if rolled_back => self.values = before,
            _ => self.values.extend(local),
        }
    }

    /// The purpose, if there is one.
    pub(crate) fn purpose(&self) -> Option<Purpose> {
        self.get(PURPOSE)?.parse().ok()
    }

    /// The time that questions stand at, as it was written.
    pub(crate) fn as_of(&self) -> Option<&str> {
        self.get(AS_OF).filter(|text| !text.is_empty())
    }

    /// How long an answer may take: what the client asks for, if it is less.
    pub(crate) fn time_out(&self, most: Duration) -> Duration {
        let asked = self.get(STATEMENT_TIMEOUT).and_then(milliseconds).filter(|millis| *millis > 0);
        asked.map_or(most, |millis| Duration::from_millis(millis).min(most))
    }
}

/// That there is no such setting.
pub(crate) fn unknown(name: &str) -> Fault {
    let fault = Fault::new(code::NO_SETTING, format!("unrecognized configuration parameter `{name}`"));
    if name.starts_with("florin.") { fault.with_hint(format!("there are {PURPOSE} and {AS_OF}")) } else { fault }
}

fn canonical(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "time zone" => "timezone".to_owned(),
        "names" => "client_encoding".to_owned(),
        "transaction isolation level" => "transaction_isolation".to_owned(),
        "florin.asof" => AS_OF.to_owned(),
        other => other.to_owned(),
    }
}

fn checked(name: &str, value: &str) -> Result<String, Fault> {
    let invalid = |why: String| Fault::new(code::INVALID_VALUE, why);
    if FIXED.contains(&name) && !(name == "role" && value.eq_ignore_ascii_case("none")) {
        return Err(Fault::new("55P02", format!("`{name}` cannot be changed")));
    }
    if value.len() > VALUE_BYTES_MAX {
        return Err(invalid(format!("the value of `{name}` is longer than {VALUE_BYTES_MAX} bytes")));
    }
    let only = |allowed: bool, what: &str| {
        if allowed {
            Ok(value.to_owned())
        } else {
            Err(invalid(format!("`{name}` is {what} here and cannot be `{value}`")))
        }
    };
    match name {
        PURPOSE if value.is_empty() => Ok(String::new()),
        PURPOSE => match value.parse::<Purpose>() {
            Ok(purpose) => Ok(purpose.name().to_owned()),
            Err(unknown) => Err(invalid(unknown.to_string())),
        },
        "client_encoding" => {
            let plain = value.to_ascii_lowercase().replace(['-', '_'], "");
            only(["utf8", "unicode", "sqlascii"].contains(&plain.as_str()), "UTF8").map(|_| "UTF8".to_owned())
        }
        "standard_conforming_strings" => only(is_on(value), "on"),
        "bytea_output" => only(value.eq_ignore_ascii_case("hex"), "hex"),
        "intervalstyle" => only(value.eq_ignore_ascii_case("postgres"), "postgres"),
        "datestyle" => {
            only(value.to_ascii_lowercase().contains("iso") || !value.to_ascii_lowercase().contains("sql"), "ISO")
                .map(|_| "ISO, MDY".to_owned())
        }
        "timezone" => match jiff::tz::TimeZone::get(value) {
            Ok(_) => Ok(value.to_owned()),
            Err(_) => Err(invalid(format!("there is no time zone `{value}`; use a name such as Asia/Shanghai"))),
        },
        STATEMENT_TIMEOUT => match milliseconds(value) {
            Some(millis) => Ok(millis.to_string()),
            None => Err(invalid(format!("`{value}` is no time; write milliseconds, or `30s`"))),
        },
        _ => Ok(value.to_owned()),
    }
}

fn is_on(value: &str) -> bool {
    ["on", "true", "yes", "1", "t"].contains(&value.to_ascii_lowercase().as_str())
}

/// `1500`, `1500ms`, `30s`, `5min`, `1h`.
fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_in_a_transaction_is_gone_with_it() {
        let mut settings = Settings::new("ana", "UTC");
        settings.begin();
        settings.set(PURPOSE, "risk", false).unwrap();
        settings.set("application_name", "x", true).unwrap();
        settings.end(false);
        assert_eq!((settings.purpose(), settings.get("application_name")), (Some(Purpose::Risk), Some("")));
        settings.begin();
        settings.set(PURPOSE, "service", false).unwrap();
        settings.end(true);
        assert_eq!(settings.purpose(), Some(Purpose::Risk));
        settings.reset(PURPOSE).unwrap();
        assert_eq!(settings.purpose(), None);
    }

    #[test]
    fn values_that_promise_something_else_are_refused() {
        let mut settings = Settings::new("ana", "UTC");
        for (name, value, code) in [
            (PURPOSE, "profit", Some("22023")),
            (PURPOSE, "analytics", None),
            ("client_encoding", "GBK", Some("22023")),
            ("Client_Encoding", "utf-8", None),
            ("standard_conforming_strings", "off", Some("22023")),
            ("TimeZone", "Asia/Shanghai", None),
            ("TimeZone", "Moon", Some("22023")),
            ("statement_timeout", "30s", None),
            ("statement_timeout", "soon", Some("22023")),
            ("server_version", "9", Some("55P02")),
            ("florin.porpoise", "x", Some("42704")),
            ("no_such_thing", "x", Some("42704")),
        ] {
            assert_eq!(settings.set(name, value, false).err().map(|fault| fault.code), code, "{name} = {value}");
        }
        assert_eq!(settings.time_out(Duration::from_secs(60)), Duration::from_secs(30));
        assert_eq!(settings.time_out(Duration::from_secs(10)), Duration::from_secs(10));
    }
}
