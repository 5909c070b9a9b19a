//! Whether definitions hold up, one by one and together.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{Catalogue, ColumnType, DataClass, Purpose};
use toml::Spanned;

use super::{FillDef, SqlReads, TRAIT_SCHEMA, Trait, TraitDef, TraitFile, sql};
use crate::{error::DefinitionProblem, fill::Fill, methods::Method, names, value::Value};

/// Everything that could be understood, and everything that is wrong.
pub(super) fn traits(
    files: &[(String, TraitFile)],
    catalogue: &Catalogue,
) -> (BTreeMap<String, Trait>, Vec<DefinitionProblem>) {
    let types = types(files);
    let mut checker = Checker { catalogue, types: &types, file: "", problems: Vec::new() };
    let mut sound: BTreeMap<String, Trait> = BTreeMap::new();
    for (file, def) in files.iter().flat_map(|(file, defs)| defs.traits.iter().map(move |def| (file, def))) {
        checker.file = file;
        let compiled = checker.one(def);
        if let Some(earlier) = sound.get(def.name.get_ref()) {
            let message = format!("trait `{}` is defined in {} too", def.name.get_ref(), earlier.file);
            checker.wrong(Some(&def.name), message, "give one of them another name");
            continue;
        }
        sound.insert(compiled.name.clone(), compiled);
    }
    (sound, checker.problems)
}

fn types(files: &[(String, TraitFile)]) -> BTreeMap<&str, ColumnType> {
    files.iter().flat_map(|(_, defs)| &defs.traits).map(|def| (def.name.get_ref().as_str(), def.ty)).collect()
}

struct Checker<'a> {
    catalogue: &'a Catalogue,
    types: &'a BTreeMap<&'a str, ColumnType>,
    file: &'a str,
    problems: Vec<DefinitionProblem>,
}

impl Checker<'_> {
    fn wrong<T>(&mut self, place: Option<&Spanned<T>>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(DefinitionProblem::new(self.file, place.map(Spanned::span), message, help));
    }

    /// A trait with what could be understood of it; what could not is among the problems.
    fn one(&mut self, def: &TraitDef) -> Trait {
        self.words(def);
        let reads = self.reads(def);
        self.inputs(def, &reads);
        let fill = self.fill(def);
        let grouped_by = match &fill {
            Fill::MedianBy(by) => Some(by.clone()),
            _ => None,
        };
        let sql = def.sql.get_ref().trim().to_owned();
        let method = self.method(def);
        Trait {
            name: def.name.get_ref().clone(),
            file: self.file.to_owned(),
            meaning: def.meaning.get_ref().clone(),
            ty: def.ty,
            unit: def.unit.clone(),
            class: def.class,
            purposes: Purpose::ALL.into_iter().filter(|p| def.purposes.get_ref().contains(p)).collect(),
            definition: definition_hash(def.ty, &fill, &method, &sql),
            fill,
            method,
            sql,
            tables: reads.tables,
            traits: reads.traits.into_iter().chain(grouped_by).collect(),
            reads_time: reads.time,
        }
    }

    fn method(&mut self, def: &TraitDef) -> Method {
        let method = def.method();
        let name = def.name.get_ref();
        if let Some(problem) = method.problem() {
            self.wrong(def.method.as_ref(), format!("the method of trait `{name}` does not hold up"), problem);
        }
        if let Some(ty) = method.ty().filter(|ty| *ty != def.ty) {
            let message = format!("trait `{name}` is a {}, and its method gives a {}", def.ty.name(), ty.name());
            self.wrong(def.method.as_ref(), message, format!("write `type = \"{}\"`", ty.name()));
        }
        method
    }

    fn words(&mut self, def: &TraitDef) {
        let name = def.name.get_ref();
        if !names::is_identifier(name) {
            self.wrong(
                Some(&def.name),
                format!("`{name}` is no name of a trait"),
                "use a-z, 0-9 and _, as in `balance_30d`",
            );
        }
        let meaning = def.meaning.get_ref();
        if meaning.zh.trim().is_empty() || meaning.en.trim().is_empty() {
            self.wrong(
                Some(&def.meaning),
                format!("trait `{name}` does not say what it means"),
                "fill in `zh` and `en`: both are shown",
            );
        }
        if def.purposes.get_ref().is_empty() {
            self.wrong(
                Some(&def.purposes),
                format!("trait `{name}` may be used for nothing"),
                "name at least one purpose",
            );
        }
        if def.class == DataClass::Identifying {
            let help = "identifying values stay in the vault; a trait is C1, C2 or C3";
            self.wrong(Some(&def.name), format!("trait `{name}` is of the class `identifying`"), help);
        }
        if def.ty == ColumnType::Decimal && def.unit.is_none() {
            self.wrong(
                Some(&def.name),
                format!("trait `{name}` is a decimal without a unit"),
                "say what one of it is: `unit = \"CNY\"`",
            );
        }
    }

    fn reads(&mut self, def: &TraitDef) -> SqlReads {
        let reads = match sql::read(def.sql.get_ref(), def.method().columns()) {
            Ok(reads) => reads,
            Err(wrong) => {
                wrong.into_iter().for_each(|(message, help)| self.wrong(Some(&def.sql), message, help));
                return SqlReads::default();
            }
        };
        let name = def.name.get_ref();
        for table in reads.tables.iter().filter(|t| self.catalogue.table(t).is_none()).cloned().collect::<Vec<_>>() {
            let help = match self.types.contains_key(table.as_str()) {
                true => format!("`{table}` is a trait: write `{TRAIT_SCHEMA}.{table}`"),
                false => names::advice(&table, "tables", self.catalogue.tables().map(|t| t.name.as_str())),
            };
            self.wrong(Some(&def.sql), format!("trait `{name}` reads `{table}`, and there is no such table"), help);
        }
        let unknown: Vec<String> =
            reads.traits.iter().filter(|t| !self.types.contains_key(t.as_str())).cloned().collect();
        for read in unknown {
            self.unknown_trait(&def.sql, name, &read);
        }
        reads
    }

    fn unknown_trait<T>(&mut self, place: &Spanned<T>, name: &str, read: &str) {
        let help = names::advice(read, "traits", self.types.keys().copied().filter(|t| *t != name));
        self.wrong(Some(place), format!("trait `{name}` reads the trait `{read}`, and there is none"), help);
    }

    fn inputs(&mut self, def: &TraitDef, reads: &SqlReads) {
        let Some(given) = &def.inputs else { return };
        let found: BTreeSet<String> = reads
            .tables
            .iter()
            .cloned()
            .chain(reads.traits.iter().map(|name| format!("{TRAIT_SCHEMA}.{name}")))
            .collect();
        let given_set: BTreeSet<String> = given.get_ref().iter().cloned().collect();
        if found != given_set {
            let names = found.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!("the `inputs` of trait `{}` are not what its query reads", def.name.get_ref());
            self.wrong(Some(given), message, format!("the query reads: {names}; correct `inputs`, or leave it out"));
        }
    }

    fn fill(&mut self, def: &TraitDef) -> Fill {
        let Some(written) = &def.fill else { return Fill::Nothing };
        match written.get_ref() {
            FillDef::Constant(literal) => match Value::from_literal(literal, def.ty) {
                Ok(value) => Fill::Constant(value),
                Err(help) => {
                    let message = format!(
                        "trait `{}` is filled with `{literal}`, which is no {}",
                        def.name.get_ref(),
                        def.ty.name()
                    );
                    self.wrong(Some(written), message, help);
                    Fill::Nothing
                }
            },
            FillDef::Median => self.median(def, written, Fill::Median),
            FillDef::MedianBy(by) => {
                self.grouping(def, written, by);
                self.median(def, written, Fill::MedianBy(by.clone()))
            }
        }
    }

    fn median(&mut self, def: &TraitDef, written: &Spanned<FillDef>, fill: Fill) -> Fill {
        if matches!(def.ty, ColumnType::Text | ColumnType::Bool) {
            let message = format!("trait `{}` is a {}, which has no median", def.name.get_ref(), def.ty.name());
            self.wrong(Some(written), message, "fill with a constant: `fill = { constant = … }`");
        }
        fill
    }

    fn grouping(&mut self, def: &TraitDef, written: &Spanned<FillDef>, by: &str) {
        let name = def.name.get_ref();
        match self.types.get(by) {
            None => self.unknown_trait(written, name, by),
            Some(ColumnType::Text | ColumnType::Int | ColumnType::Bool) => {}
            Some(ty) => {
                let message = format!("trait `{name}` is grouped by `{by}`, which is a {}", ty.name());
                self.wrong(
                    Some(written),
                    message,
                    "group by a text, an int or a bool: few values, many customers each",
                );
            }
        }
    }
}

/// Fields are told apart by their lengths, so that no two definitions have one text.
fn definition_hash(ty: ColumnType, fill: &Fill, method: &Method, sql: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [ty.name(), &format!("{fill:?}"), &format!("{method:?}"), sql] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
