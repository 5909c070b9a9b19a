//! Sources, compiled: what `apply` checks and `load` runs.

use std::{path::PathBuf, sync::Arc};

use arrow::datatypes::{Field, Schema, SchemaRef};
use florin_domain::{DataClass, TableDef};
use florin_ingest::{
    definition::{CheckDef, InputDef, MapDef, SourceDef},
    validate::Compiled,
};
use florin_lake::mapping::{KeySource, Mapping, MappingProblem, SqlCheck, parse};

use super::{Bank, Problem, Problems};

/// A source whose mappings are ready to run.
pub(crate) struct CompiledSource<'a> {
    pub(crate) name: String,
    pub(crate) def: &'a SourceDef,
    pub(crate) maps: Vec<CompiledMap>,
}

/// One mapping of a source.
pub(crate) struct CompiledMap {
    /// Which mapping of the source, from 0.
    pub(crate) position: usize,
    /// The table it fills; with a number where a source fills it twice. The mapping's name in the ledger.
    pub(crate) name: String,
    pub(crate) table: Arc<TableDef>,
    pub(crate) mapping: Mapping,
    pub(crate) checks: Compiled,
    /// In the order of `checks.needs_sql()`.
    pub(crate) sql: Vec<SqlCheck>,
    pub(crate) purpose: Option<florin_domain::Purpose>,
    check_names: Vec<String>,
}

impl CompiledMap {
    /// What a check is called in reports.
    pub(crate) fn check_name(&self, check: usize) -> String {
        self.check_names.get(check).cloned().unwrap_or_else(|| format!("check {}", check + 1))
    }
}

fn check_name(check: &CheckDef) -> String {
    let column = check.column.as_ref().map(|c| c.get_ref().as_str());
    let sql = check.sql.as_ref().map(|s| s.get_ref().as_str());
    check.message.clone().or_else(|| column.or(sql).map(str::to_owned)).unwrap_or_else(|| "unique".to_owned())
}

/// The columns of an input, as mappings see them.
pub(crate) fn input_schema(input: &InputDef) -> SchemaRef {
    let fields = input.columns.0.iter().map(|c| Field::new(&c.name, c.spec.ty.arrow(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Compiles all sources, or finds everything that is wrong with them.
pub(crate) fn compile_sources<'a>(
    bank: &'a Bank,
    keys: &Arc<dyn KeySource>,
) -> Result<Vec<CompiledSource<'a>>, Problems> {
    let (mut compiled, mut problems) = (Vec::new(), Vec::new());
    for (name, def) in &bank.sources {
        let compiler = Compiler { bank, keys, name, file: PathBuf::from(format!("sources/{name}.toml")) };
        let mut maps = Vec::new();
        for (position, map) in def.maps.iter().enumerate() {
            match compiler.map(position, map, &mut maps) {
                Ok(()) => {}
                Err(wrong) => problems.extend(wrong),
            }
        }
        compiled.push(CompiledSource { name: name.clone(), def, maps });
    }
    match problems.is_empty() {
        true => Ok(compiled),
        false => Err(Problems::new(problems)),
    }
}

struct Compiler<'a> {
    bank: &'a Bank,
    keys: &'a Arc<dyn KeySource>,
    name: &'a str,
    file: PathBuf,
}

impl Compiler<'_> {
    fn map(&self, position: usize, map: &MapDef, maps: &mut Vec<CompiledMap>) -> Result<(), Vec<Problem>> {
        let table = self.table(map).map_err(|p| vec![p])?;
        let mapping = self.mapping(map, &table);
        let checks = self.checks(map, &table);
        let (mapping, (checks, sql)) = match (mapping, checks) {
            (Ok(mapping), Ok(checks)) => (mapping, checks),
            (mapping, checks) => {
                return Err(mapping.err().into_iter().flatten().chain(checks.err().into_iter().flatten()).collect());
            }
        };
        let earlier = maps.iter().filter(|m| m.table.name == table.name).count();
        let name = if earlier == 0 { table.name.clone() } else { format!("{} {}", table.name, earlier + 1) };
        maps.push(CompiledMap {
            position,
            name,
            table,
            mapping,
            checks,
            sql,
            purpose: map.purpose,
            check_names: map.checks.iter().map(check_name).collect(),
        });
        Ok(())
    }

    fn table(&self, map: &MapDef) -> Result<Arc<TableDef>, Problem> {
        let name = map.into.get_ref();
        if self.bank.catalogue.is_derived(name) {
            let help = "map records into a canonical table, or declare one of the bank's own in tables/*.toml";
            return Err(self.problem(Some(map.into.span()), format!("`{name}` is made by Florin itself"), help));
        }
        self.bank.catalogue.table(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = self.bank.catalogue.tables().map(|t| t.name.as_str()).collect();
            let help = format!("the tables are: {}; or declare it in tables/{name}.toml", known.join(", "));
            self.problem(Some(map.into.span()), format!("there is no table `{name}`"), &help)
        })
    }

    fn mapping(&self, map: &MapDef, table: &TableDef) -> Result<Mapping, Vec<Problem>> {
        let span = map.select.span();
        let problem = |p: MappingProblem| self.problem(Some(span.clone()), p.message, &p.help);
        let select = parse(map.select.get_ref()).map_err(|p| vec![problem(p)])?;
        if select.driver() != self.name {
            let message = format!("the mapping reads from `{}`, not from `{}`", select.driver(), self.name);
            return Err(vec![self.problem(
                Some(span),
                message,
                "FROM names the input of this file; look-ups are LEFT JOINs",
            )]);
        }
        let schema_of = |name: &str| self.bank.sources.get(name).map(|s| input_schema(&s.input));
        Mapping::compile(&select, table, &schema_of, self.keys, &self.bank.settings.bank.time_zone)
            .map_err(|problems| problems.into_iter().map(problem).collect())
    }

    fn checks(&self, map: &MapDef, table: &TableDef) -> Result<(Compiled, Vec<SqlCheck>), Vec<Problem>> {
        let compiled = Compiled::compile(&map.checks, table).map_err(|problems| {
            let problem = |p: florin_ingest::validate::CheckProblem| {
                let place = p.span.or_else(|| Some(map.into.span()));
                self.problem(place, p.message, &p.help.unwrap_or_default())
            };
            problems.into_iter().map(problem).collect::<Vec<_>>()
        })?;
        let mut problems = self.references(&compiled);
        if table.name == "consent" && !compiled.unique().is_empty() {
            // Words reach the store while rows are read; who is not alone is known only at the end.
            let help = "the same word twice is one already, and of two words of one moment the withdrawal counts";
            problems.push(self.problem(Some(map.into.span()), "`consent` takes no `unique` check".to_owned(), help));
        }
        let mut sql = Vec::new();
        for check in compiled.needs_sql() {
            match SqlCheck::compile(&check.sql, table) {
                Ok(check) => sql.push(check),
                Err(p) => problems.push(self.problem(Some(check.span.clone()), p.message, &p.help)),
            }
        }
        if problems.is_empty() { Ok((compiled, sql)) } else { Err(problems) }
    }

    fn references(&self, checks: &Compiled) -> Vec<Problem> {
        let wrong = |r: &&florin_ingest::validate::Reference| {
            let column = self.bank.catalogue.table(&r.table).and_then(|t| t.column(&r.target_column).cloned());
            column.is_none_or(|c| c.class == DataClass::Identifying)
        };
        let problem = |r: &florin_ingest::validate::Reference| {
            let message = format!("`{}.{}` cannot be looked up", r.table, r.target_column);
            self.problem(
                Some(r.span.clone()),
                message,
                "`exists_in` names a column of the catalogue that is not identifying",
            )
        };
        checks.references().iter().filter(wrong).map(problem).collect()
    }

    fn problem(&self, place: Option<std::ops::Range<usize>>, message: String, help: &str) -> Problem {
        let text = self.bank.texts.iter().find(|t| t.kind == "source" && t.name == *self.name);
        Problem::at(&self.file, text.map_or("", |t| &t.expanded), place, message, help)
    }
}
