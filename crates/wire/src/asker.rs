//! Who asks on a connection, and what they are answered.
//!
//! Every question about the bank's tables opens a session of its own: consent, policies and what is known are those of the moment, and the
//! session and the question are on the audit log before a row is told. Questions about the catalogue read nothing of the bank.

use std::{sync::Arc, time::Duration};

use florin_access::KeyUse;
use florin_domain::{EventTime, Purpose};
use florin_pipelines::{House, VisibleTable, ask::Asking};
use sqlparser::{ast::Query, ast::Statement as Parsed, dialect::PostgreSqlDialect, parser::Parser};

use crate::{
    answer::{Answer, columns_of},
    catalogue::{
        self,
        about::{About, about},
        tables::FIRST_OF_BANK,
        types::{self, Oid},
        world::{Known, SeenColumn, SeenTable, World},
    },
    columns::{Column, type_of},
    fault::{Fault, code},
    faults,
    settings::Settings,
    shared::Shared,
};

/// What the store said of a key is believed for so long.
const KEY_BELIEVED: Duration = Duration::from_secs(5);

/// Somebody who is connected.
pub(crate) struct Asker {
    shared: Arc<Shared>,
    used: KeyUse,
    checked_at: EventTime,
    pub(crate) settings: Settings,
    database: String,
    process: i32,
    known: Option<Seen>,
}

/// What somebody may see of the catalogue, and of when that is.
struct Seen {
    house: Arc<House>,
    purpose: Option<Purpose>,
    used: KeyUse,
    known: Arc<Known>,
}

impl Asker {
    pub(crate) fn new(shared: &Arc<Shared>, used: KeyUse, settings: Settings, database: String, process: i32) -> Self {
        let checked_at = (shared.house)().time();
        Self { shared: Arc::clone(shared), used, checked_at, settings, database, process, known: None }
    }

    pub(crate) fn user(&self) -> &str {
        &self.used.principal.user
    }

    /// The bank, with whoever is connected acting; unless they may not any more.
    async fn house(&mut self) -> Result<House, Fault> {
        let house = (self.shared.house)();
        let now = house.time();
        if now.micros().saturating_sub(self.checked_at.micros()).unsigned_abs() > KEY_BELIEVED.as_micros() as u64 {
            self.used = self.shared.access.sql_login_now(&self.used).await.map_err(faults::of_access)?;
            self.checked_at = now;
        }
        Ok(house.acting_as(self.used.principal.clone()))
    }

    /// What the catalogue tells of.
    fn world(&mut self, house: &House) -> Arc<World> {
        let (whole, purpose) = ((self.shared.house)(), self.settings.purpose());
        let held = self
            .known
            .as_ref()
            .filter(|seen| Arc::ptr_eq(&seen.house, &whole) && seen.purpose == purpose && seen.used == self.used);
        let known = held.map(|seen| Arc::clone(&seen.known)).unwrap_or_else(|| {
            let seen = house.visible(purpose).iter().map(seen_table).collect();
            Arc::new(Known::new(seen, self.user(), &self.database))
        });
        self.known = Some(Seen { house: whole, purpose, used: self.used.clone(), known: Arc::clone(&known) });
        Arc::new(World {
            user: self.user().to_owned(),
            database: self.database.clone(),
            process: self.process,
            settings: self.settings.all().clone(),
            now: house.time().micros(),
            tables: known,
        })
    }

    /// Answers a question.
    pub(crate) async fn answer(&mut self, text: &str) -> Result<Answer, Fault> {
        let house = self.house().await?;
        if let Some(answer) = self.of_catalogue(text, &house)? {
            return Ok(answer);
        }
        let asking = self.asking(&house).await?;
        let output = asking.sql(text).await.map_err(faults::of_flow)?;
        Ok(Answer::read(output, self.settings.get("timezone").unwrap_or("UTC")))
    }

    /// What a question would tell, and the types of its parameters. Those that are known are handed in.
    pub(crate) async fn described(&mut self, text: &str, named: &[Oid]) -> Result<(Vec<Column>, Vec<Oid>), Fault> {
        let count = crate::parameters::count(text)?;
        let mut parameters: Vec<Oid> = (0..count).map(|place| named.get(place).copied().unwrap_or_default()).collect();
        let house = self.house().await?;
        if let Some(answer) = self.of_catalogue(text, &house)? {
            parameters.iter_mut().filter(|ty| **ty == 0).for_each(|ty| *ty = types::TEXT);
            return Ok((answer.columns, parameters));
        }
        let asking = self.asking(&house).await?;
        let described = asking.described(text).await.map_err(faults::of_flow)?;
        for (place, ty) in parameters.iter_mut().enumerate().filter(|(_, ty)| **ty == 0) {
            let found = described.parameters.get(&format!("${}", place + 1)).and_then(Option::as_ref);
            *ty = found.map_or(types::TEXT, type_of);
        }
        Ok((columns_of(&described.schema), parameters))
    }

    /// The answer to a question that is not about the bank's tables.
    fn of_catalogue(&mut self, text: &str, house: &House) -> Result<Option<Answer>, Fault> {
        let Some(question) = parsed(text) else { return Ok(None) };
        let world = self.world(house);
        let about = about(&question, &world.tables);
        if about == About::Bank {
            return Ok(None);
        }
        match catalogue::answer(&world, &question) {
            Ok(told) => Ok(Some(Answer::told(told, world))),
            // The engine knows more functions and types than the catalogue.
            Err(fault) if about == About::Nothing && self.settings.purpose().is_some() && is_beyond(&fault) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn asking<'h>(&self, house: &'h House) -> Result<Asking<'h>, Fault> {
        let purpose = self.settings.purpose().ok_or_else(no_purpose)?;
        let as_of = self.settings.as_of().map(|text| house.as_of(text)).transpose().map_err(faults::of_flow)?;
        house.asking(purpose, as_of).await.map_err(faults::of_flow)
    }

    /// Whether a time can be stood at.
    pub(crate) fn check_as_of(&self, text: &str) -> Result<(), Fault> {
        match text.is_empty() {
            true => Ok(()),
            false => (self.shared.house)().as_of(text).map(drop).map_err(faults::of_flow),
        }
    }
}

/// Whether a question was not understood, rather than wrong.
fn is_beyond(fault: &Fault) -> bool {
    [code::NOT_SUPPORTED, code::NO_FUNCTION, code::NO_SETTING].contains(&fault.code)
}

/// That nobody said what for.
pub(crate) fn no_purpose() -> Fault {
    let purposes = Purpose::ALL.map(Purpose::name).join(", ");
    Fault::new(code::NOT_PERMITTED, "nothing is read without a purpose, and this connection has none").with_hint(
        format!("SET florin.purpose = 'analytics', or connect to a database of that name; there are: {purposes}"),
    )
}

/// A question as its parts; `None` when it is something else, or only the engine can read it.
fn parsed(text: &str) -> Option<Box<Query>> {
    let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, text).ok()?;
    match (statements.pop(), statements.is_empty()) {
        (Some(Parsed::Query(query)), true) => Some(query),
        _ => None,
    }
}

fn seen_table(table: &VisibleTable) -> SeenTable {
    let columns = table.columns.iter().map(|column| {
        let field = arrow::datatypes::Field::new(&column.name, column.ty.arrow(), true);
        let Column { ty, modifier, .. } = crate::columns::column(&field);
        let about = match (column.masked, column.about.is_empty()) {
            (true, true) => "not shown to you".to_owned(),
            (true, false) => format!("{} (not shown to you)", column.about),
            (false, _) => column.about.clone(),
        };
        SeenColumn { name: column.name.clone(), ty, modifier, required: column.required && !column.masked, about }
    });
    SeenTable {
        schema: table.schema.clone(),
        name: table.name.clone(),
        about: table.about.clone(),
        columns: columns.collect(),
        oid: FIRST_OF_BANK + Oid::try_from(table.place).unwrap_or_default(),
    }
}
