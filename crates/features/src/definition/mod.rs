//! What a bank says of its traits: `traits/*.toml`.
//!
//! A trait is one value a customer, defined once. A file has one or more `[[trait]]` tables, each with a query that gives
//! one row a customer with the columns `customer_id` and `value`. The query sees the tables of a session **as of a time**
//! and the traits that it names as `traits.<name>` (with the same two columns); the time itself is `as_of()`. So the same
//! text gives today's profile and a training set at any past date.
//!
//! [`Traits::compile`] checks all files together and knows the order in which traits can be computed; [`stale`] says
//! which must be, and why.

mod check;
mod fuse;
mod graph;
mod sql;
mod stale;

use std::{collections::BTreeMap, collections::BTreeSet, fmt};

use florin_domain::{
    Catalogue, ColumnDef, ColumnType, DataClass, Purpose, TableDef,
    catalogue::{CUSTOMER_ID, VALID_FROM},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use toml::Spanned;

pub use fuse::{InPass, Pass, Windows, passes};
pub(crate) use graph::{cycle_words, sorted};
pub use sql::{SqlReads, TRAIT_SCHEMA, columns, outputs, reads};
pub use stale::{PERSONS, Reason, Stale, TraitRun, stale};

use crate::{
    error::{DefinitionProblem, FeatureError, Result},
    fill::Fill,
    methods::Method,
    names,
};

/// One file of `traits/*.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraitFile {
    /// One line for people.
    #[serde(default)]
    pub about: String,
    /// What it defines.
    #[serde(rename = "trait")]
    pub traits: Vec<TraitDef>,
}

impl TraitFile {
    /// Reads a file's text; `file` is what problems call it.
    ///
    /// # Errors
    /// What is wrong with its form, with the nearest known key.
    pub fn parse(file: &str, text: &str) -> std::result::Result<Self, DefinitionProblem> {
        names::parse(file, text)
    }
}

/// One `[[trait]]`, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraitDef {
    /// Lower-case, unique in the bank.
    pub name: Spanned<String>,
    /// What it says of a customer.
    pub meaning: Spanned<Meaning>,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Of numbers: what one of it is (`CNY`, `days`, `1`).
    #[serde(default)]
    pub unit: Option<String>,
    /// How sensitive it is.
    pub class: DataClass,
    /// What it may be used for.
    pub purposes: Spanned<Vec<Purpose>>,
    /// What stands where there is no value; nothing when absent.
    #[serde(default)]
    pub fill: Option<Spanned<FillDef>>,
    /// What makes values of what the query gives; nothing, when absent: it gives them.
    #[serde(default)]
    pub method: Option<Spanned<Method>>,
    /// A query that gives `customer_id` and `value`, or the columns that the method asks for.
    pub sql: Spanned<String>,
    /// The tables and traits (`traits.<name>`) that the query reads. Found in the query; when given, it must agree.
    #[serde(default)]
    pub inputs: Option<Spanned<Vec<String>>>,
}

impl TraitDef {
    pub(crate) fn method(&self) -> Method {
        self.method.as_ref().map(|method| *method.get_ref()).unwrap_or_default()
    }
}

/// What something means, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What fills a gap, as written: `"median"`, `{ median_by = "region" }` or `{ constant = 0 }`.
#[derive(Debug, Clone, PartialEq)]
pub enum FillDef {
    /// The median of all customers who have a value.
    Median,
    /// The median of those with the same value of another trait.
    MedianBy(String),
    /// A value.
    Constant(Literal),
}

/// A value as written in TOML.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// `true`
    Bool(bool),
    /// `0`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `"0.01"`, `"2024-01-31"`, `"east"`
    Text(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => v.fmt(f),
            Self::Int(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Text(v) => v.fmt(f),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FillTable {
    median_by: Option<String>,
    constant: Option<Literal>,
}

impl<'de> Deserialize<'de> for FillDef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct WordOrTable;
        impl<'de> de::Visitor<'de> for WordOrTable {
            type Value = FillDef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"median\", { median_by = \"trait\" } or { constant = value }")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> std::result::Result<FillDef, E> {
                match word {
                    "median" => Ok(FillDef::Median),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<FillDef, A::Error> {
                let table = FillTable::deserialize(de::value::MapAccessDeserializer::new(map))?;
                match (table.median_by, table.constant) {
                    (Some(by), None) => Ok(FillDef::MedianBy(by)),
                    (None, Some(value)) => Ok(FillDef::Constant(value)),
                    _ => Err(de::Error::custom("`fill` takes one of `median_by` and `constant`")),
                }
            }
        }
        deserializer.deserialize_any(WordOrTable)
    }
}

/// A trait that holds up: checked, with what it reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Trait {
    /// Unique in the bank.
    pub name: String,
    /// Where it is defined.
    pub file: String,
    /// What it says of a customer.
    pub meaning: Meaning,
    /// What it holds.
    pub ty: ColumnType,
    /// Of numbers: what one of it is.
    pub unit: Option<String>,
    /// How sensitive it is.
    pub class: DataClass,
    /// What it may be used for, without repetition, in the order of declaration of [`Purpose`].
    pub purposes: Vec<Purpose>,
    /// What stands where there is no value.
    pub fill: Fill,
    /// What makes values of what the query gives.
    pub method: Method,
    /// Its query.
    pub sql: String,
    /// The tables that the query reads.
    pub tables: BTreeSet<String>,
    /// The traits that must be there first: those the query reads, and the one that groups for filling.
    pub traits: BTreeSet<String>,
    /// Whether the query calls `as_of()`, so that its values change with time alone.
    pub reads_time: bool,
    /// A hash (BLAKE3, hex) of what its values follow from: type, fill, method and query. Meaning, unit, class and purposes are not
    /// part of it.
    pub definition: String,
}

impl Trait {
    /// The table with its values: one row a customer, made anew each time it is computed.
    #[must_use]
    pub fn table(&self) -> TableDef {
        let column = |name: &str, ty, class, required, about: &str| ColumnDef {
            name: name.to_owned(),
            ty,
            class,
            required,
            about: about.to_owned(),
        };
        let unit = self.unit.as_ref().map(|unit| format!(", in {unit}")).unwrap_or_default();
        TableDef {
            name: format!("{TRAIT_SCHEMA}.{}", self.name),
            about: format!("{} ({}); a trait", self.meaning.en, self.meaning.zh),
            key: vec![CUSTOMER_ID.to_owned(), VALID_FROM.to_owned()],
            // Of customers who became one since it was computed, the best known value is the person's.
            versions_of: vec![CUSTOMER_ID.to_owned()],
            order: vec![VALID_FROM.to_owned()],
            purposes: self.purposes.clone(),
            columns: vec![
                column(CUSTOMER_ID, ColumnType::Int, DataClass::C1, true, "whose it is"),
                column("value", self.ty, self.class, false, &format!("{}{unit}", self.meaning.en)),
                column("filled", ColumnType::Bool, self.class, false, "whether a gap was filled with it"),
                column(VALID_FROM, ColumnType::Timestamp, DataClass::C1, true, "the time it is as of"),
            ],
        }
    }
}

/// All traits of a bank, with the order in which they can be computed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traits {
    traits: BTreeMap<String, Trait>,
    order: Vec<String>,
}

impl Traits {
    /// Checks the files of a bank together. Each comes with its path.
    ///
    /// # Errors
    /// [`FeatureError::Definitions`] with everything that is wrong, by file and place.
    pub fn compile(files: &[(String, TraitFile)], catalogue: &Catalogue) -> Result<Self> {
        let (traits, mut problems) = check::traits(files, catalogue);
        let (order, cycles) = graph::order(&traits);
        problems.extend(cycles.into_iter().map(|cycle| graph::problem(&cycle, &traits, files)));
        problems.sort();
        problems.dedup();
        match problems.is_empty() {
            true => Ok(Self { traits, order }),
            false => Err(FeatureError::Definitions(problems)),
        }
    }

    /// One trait, or `None`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Trait> {
        self.traits.get(name)
    }

    /// All, in an order in which each comes after those it reads; names decide where nothing else does.
    pub fn in_order(&self) -> impl Iterator<Item = &Trait> {
        self.order.iter().filter_map(|name| self.traits.get(name))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.traits.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.traits.is_empty()
    }

    /// Everything that a trait rests on, directly or through others, tables and traits apart.
    #[must_use]
    pub fn lineage(&self, name: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let (mut tables, mut traits) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![name];
        while let Some(found) = open.pop().and_then(|name| self.traits.get(name)) {
            tables.extend(found.tables.iter().map(String::as_str));
            let new = found.traits.iter().map(String::as_str).filter(|t| traits.insert(*t)).collect::<Vec<_>>();
            open.extend(new);
        }
        (tables, traits)
    }
}
