//! Types by PostgreSQL's numbers, as its own catalogue tells of them (`data/types.txt`).

use std::sync::LazyLock;

/// The number of a type.
pub(crate) type Oid = u32;

pub(crate) const BOOL: Oid = 16;
pub(crate) const BYTEA: Oid = 17;
pub(crate) const CHAR: Oid = 18;
pub(crate) const NAME: Oid = 19;
pub(crate) const INT8: Oid = 20;
pub(crate) const INT2: Oid = 21;
pub(crate) const INT2VECTOR: Oid = 22;
pub(crate) const INT4: Oid = 23;
pub(crate) const REGPROC: Oid = 24;
pub(crate) const TEXT: Oid = 25;
pub(crate) const OID: Oid = 26;
pub(crate) const OIDVECTOR: Oid = 30;
pub(crate) const JSON: Oid = 114;
pub(crate) const FLOAT4: Oid = 700;
pub(crate) const FLOAT8: Oid = 701;
pub(crate) const UNKNOWN: Oid = 705;
pub(crate) const BPCHAR: Oid = 1042;
pub(crate) const VARCHAR: Oid = 1043;
pub(crate) const DATE: Oid = 1082;
pub(crate) const TIME: Oid = 1083;
pub(crate) const TIMESTAMP: Oid = 1114;
pub(crate) const TIMESTAMPTZ: Oid = 1184;
pub(crate) const INTERVAL: Oid = 1186;
pub(crate) const NUMERIC: Oid = 1700;
pub(crate) const REGCLASS: Oid = 2205;
pub(crate) const REGTYPE: Oid = 2206;
pub(crate) const UUID: Oid = 2950;
pub(crate) const REGNAMESPACE: Oid = 4089;
pub(crate) const REGROLE: Oid = 4096;

/// What is known of a type.
#[derive(Debug)]
pub(crate) struct TypeFacts {
    pub(crate) oid: Oid,
    pub(crate) name: &'static str,
    /// Bytes; -1 when it varies.
    pub(crate) len: i16,
    /// Of a list: what it is a list of.
    pub(crate) element: Oid,
    /// The list of it.
    pub(crate) array: Oid,
    /// As `format_type` writes it.
    pub(crate) shown: String,
    /// Every word of its line.
    pub(crate) words: Vec<&'static str>,
}

static ALL: LazyLock<Vec<TypeFacts>> =
    LazyLock::new(|| include_str!("data/types.txt").lines().filter_map(facts).collect());

fn facts(line: &'static str) -> Option<TypeFacts> {
    let words: Vec<&str> = line.split(' ').collect();
    let word = |place: usize| words.get(place).copied();
    Some(TypeFacts {
        oid: word(0)?.parse().ok()?,
        name: word(1)?,
        len: word(2)?.parse().ok()?,
        element: word(9)?.parse().ok()?,
        array: word(10)?.parse().ok()?,
        shown: if word(20) == word(1) { word(20)?.to_owned() } else { word(20)?.replace('_', " ") },
        words,
    })
}

/// Every type there is.
pub(crate) fn all() -> &'static [TypeFacts] {
    &ALL
}

/// A type by its number.
pub(crate) fn by_oid(oid: Oid) -> Option<&'static TypeFacts> {
    ALL.binary_search_by_key(&oid, |facts| facts.oid).ok().and_then(|at| ALL.get(at))
}

/// A type by its name, or as people write it (`integer`, `timestamp with time zone`).
pub(crate) fn by_name(name: &str) -> Option<&'static TypeFacts> {
    let name = name.trim().to_ascii_lowercase();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(&name).trim_matches('"');
    if let Some(element) = name.strip_suffix("[]") {
        return by_name(element).and_then(|element| by_oid(element.array));
    }
    let name = name.split_once('(').map_or(name, |(before, _)| before.trim_end());
    let name = match name {
        "int" => "int4",
        "decimal" | "dec" => "numeric",
        "float" | "double" => "float8",
        "string" => "text",
        "char" => "bpchar",
        other => other,
    };
    ALL.iter().find(|facts| facts.name == name).or_else(|| ALL.iter().find(|facts| facts.shown == name))
}

/// The list of a type; of what has none, of text.
pub(crate) fn list_of(element: Oid) -> Oid {
    by_oid(element).map(|facts| facts.array).filter(|array| *array != 0).unwrap_or(1009)
}

/// What a list is of; `None` when it is none.
pub(crate) fn element_of(list: Oid) -> Option<Oid> {
    by_oid(list).filter(|facts| facts.element != 0 && facts.name != "name").map(|facts| facts.element)
}

/// As `format_type` writes it, with the modifier where it says something.
pub(crate) fn shown(oid: Oid, modifier: i64) -> String {
    let Some(facts) = by_oid(oid) else { return if oid == 0 { "-" } else { "???" }.to_owned() };
    match (oid, modifier) {
        (NUMERIC, 4..) => format!("numeric({},{})", (modifier - 4) >> 16, (modifier - 4) & 0xffff),
        (VARCHAR, 4..) => format!("character varying({})", modifier - 4),
        _ => facts.shown.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_every_name_they_go_by() {
        for (name, oid) in [
            ("int4", INT4),
            ("integer", INT4),
            ("pg_catalog.text", TEXT),
            ("timestamp with time zone", TIMESTAMPTZ),
            ("numeric(18,4)", NUMERIC),
            ("double precision", FLOAT8),
            ("text[]", 1009),
            ("regclass", REGCLASS),
        ] {
            assert_eq!(by_name(name).map(|facts| facts.oid), Some(oid), "{name}");
        }
        assert_eq!(shown(NUMERIC, (18 << 16 | 4) + 4), "numeric(18,4)");
    }
}
