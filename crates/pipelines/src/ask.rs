//! `florin sql`: a governed question.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{AsArray as _, RecordBatch},
    datatypes::{DataType, Int64Type},
};
use florin_domain::{EventTime, Purpose};
use florin_governance::{
    ConsentFilter, Grant, Refusal,
    audit::{Entry, EventKind},
    open_session,
};
use florin_lake::{
    Consented, Described, LakeError, Made, OfCustomer, Origins, Persons, QueryOutput, Session, without_literals,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use roaring::RoaringBitmap;

use crate::{FlowError, House, record::Recording, segments::Seen, traits::SourceColumns};

/// Tables of a customer that are read at the same time.
const TABLES_AT_ONCE: usize = 8;

/// Where a column of an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOrigins {
    /// What it is called.
    pub column: String,
    /// Columns of tables, as `table.column`.
    pub tables: BTreeSet<String>,
    /// Columns of sources' files, as `source: column`.
    pub sources: BTreeSet<String>,
}

/// An open session: what it may see is fixed, and on record.
pub struct Asking<'a> {
    house: &'a House,
    grant: Grant,
    persons: Arc<Persons>,
    session: Session,
    seen: Arc<Seen>,
    /// Traits that were computed for the past date at which the session stands.
    past: Mutex<BTreeSet<String>>,
}

impl House {
    /// Opens a session for a purpose, as of a time (the present when absent).
    ///
    /// # Errors
    /// When the policies do not permit it, or it cannot be put on record.
    pub async fn asking(&self, purpose: Purpose, as_of: Option<EventTime>) -> Result<Asking<'_>, FlowError> {
        let bank = &self.bank;
        let asked = open_session(
            &bank.policies,
            &bank.catalogue,
            &bank.settings.purposes,
            &self.who,
            purpose,
            as_of,
            self.now(),
        );
        let grant = match asked {
            Ok(grant) => grant,
            Err(refusal) => return Err(self.record_refusal(refusal).await),
        };
        self.record_grant(&grant).await?;
        let persons = crate::resolve::persons(self, as_of).await?;
        let consented = of_persons(self.consented(&grant).await?, &persons);
        let seen = Arc::new(Seen::open(self, &grant, &consented, &persons).await?);
        let session = Session::of_persons(&self.lake, &grant, &consented, &persons, Vec::new(), self.around.threads)?
            .with_functions(florin_analytics::functions())
            .with_schema(crate::segments::SCHEMA, Arc::clone(&seen) as Arc<dyn Made>)?;
        Ok(Asking { house: self, grant, persons, session, seen, past: Mutex::default() })
    }

    async fn consented(&self, grant: &Grant) -> Result<Consented, FlowError> {
        if grant.consent() == ConsentFilter::Everyone {
            return Ok(Consented::default());
        }
        let words = self.store.consent_bitmaps(grant.purpose(), grant.granted_at()).await?;
        Ok(Consented { given: words.given, withdrawn: words.withdrawn })
    }

    /// A date (the end of that day, in the bank's time zone) or a time with offset, as a moment.
    ///
    /// # Errors
    /// When it is neither.
    pub fn as_of(&self, text: &str) -> Result<EventTime, FlowError> {
        let wrong = || FlowError::Time(text.to_owned());
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(EventTime(time.as_microsecond()));
        }
        let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        let zone = jiff::tz::TimeZone::get(&self.bank.settings.bank.time_zone).map_err(|_| wrong())?;
        let next = day.tomorrow().and_then(|d| d.to_zoned(zone)).map_err(|_| wrong())?;
        Ok(EventTime(next.timestamp().as_microsecond() - 1))
    }
}

/// What persons said: one of their customers said no, or one said yes and none said no.
pub(crate) fn of_persons(said: Consented, persons: &Persons) -> Consented {
    if persons.is_empty() {
        return said;
    }
    let of = |customers: &RoaringBitmap| {
        // Most are themselves: only those who are not are looked up one by one.
        let moved: RoaringBitmap = customers.iter().filter(|&born| persons.person(born) != born).collect();
        (customers - &moved) | moved.iter().map(|born| persons.person(born)).collect::<RoaringBitmap>()
    };
    let withdrawn = of(&said.withdrawn);
    Consented { given: of(&said.given) - &withdrawn, withdrawn }
}

impl Asking<'_> {
    /// Answers a question that is on record.
    ///
    /// # Errors
    /// When it cannot be put on record, is no question, or fails.
    pub async fn sql(&self, text: &str) -> Result<QueryOutput, FlowError> {
        let recording = self.record_aside(text);
        let output = async {
            self.traits_of(text).await?;
            Ok::<_, FlowError>(self.session.sql(text).await)
        };
        let output = output.await;
        recording.kept().await?;
        match output? {
            Err(error) => Err(self.refused(error).await),
            Ok(output) => Ok(output),
        }
    }

    /// Rows of one customer, read side by side, of each table as asked. One entry on record says of all of them what was asked.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub(crate) async fn of_customer(&self, asked: &[OfCustomer<'_>]) -> Result<Vec<Vec<RecordBatch>>, FlowError> {
        let text = asked.iter().map(OfCustomer::sql).collect::<Vec<_>>().join("; ");
        let recording = self.record_aside(&text);
        let answers = stream::iter(asked.iter().map(|one| self.session.of_customer(one)));
        let answers: Result<Vec<_>, LakeError> = answers.buffered(TABLES_AT_ONCE).try_collect().await;
        recording.kept().await?;
        match answers {
            Err(error) => Err(self.refused(error).await),
            Ok(answers) => Ok(answers),
        }
    }

    /// The customers that a question tells, whose first column is their number.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn customers_of(&self, text: &str) -> Result<RoaringBitmap, FlowError> {
        let mut customers = RoaringBitmap::new();
        let mut rows = self.sql(text).await?.batches;
        while let Some(batch) = rows.try_next().await? {
            let numbers = arrow::compute::cast(batch.column(0), &DataType::Int64)?;
            customers
                .extend(numbers.as_primitive::<Int64Type>().iter().flatten().filter_map(|n| u32::try_from(n).ok()));
        }
        Ok(customers)
    }

    /// Puts a question on record, without the values in it.
    pub(crate) async fn record(&self, text: &str) -> Result<(), FlowError> {
        self.house.record(&self.entry(text)).await
    }

    /// As [`Self::record`], while the question is being answered: its answer is told when it is kept.
    pub(crate) fn record_aside(&self, text: &str) -> Recording {
        self.house.record_aside(self.entry(text))
    }

    fn entry(&self, text: &str) -> Entry {
        Entry::new(self.house.now(), self.house.who(), Some(self.grant.purpose()), EventKind::Query)
            .with("sql", without_literals(text))
    }

    pub(crate) fn house(&self) -> &House {
        self.house
    }

    /// What it may know of segments.
    pub(crate) fn segments(&self) -> &Seen {
        &self.seen
    }

    /// Whether a trait was computed for the session's date.
    pub(crate) fn has_past(&self, name: &str) -> bool {
        self.past.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    pub(crate) fn remember_past(&self, name: &str) {
        self.past.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// With `as_of()` telling a date, of what was known by the session's own time.
    pub(crate) fn told_as_of(mut self, at: EventTime) -> Self {
        self.session = self.session.told_as_of(at, &self.house.lake);
        self
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The plan of a question.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn explain(&self, text: &str) -> Result<String, FlowError> {
        self.traits_of(text).await?;
        Ok(self.session.explain(text).await?)
    }

    /// What a question would tell, and the types of its parameters. Nothing is read.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn described(&self, text: &str) -> Result<Described, FlowError> {
        self.traits_of(text).await?;
        match self.session.described(text).await {
            Err(error) => Err(self.refused(error).await),
            Ok(described) => Ok(described),
        }
    }

    /// Of each column of an answer: its name, the columns of tables it is made of, and those of sources' files that these are made of
    /// (`source: column`). Nothing is read.
    ///
    /// # Errors
    /// As [`Self::sql`].
    pub async fn origins(&self, text: &str) -> Result<Vec<ColumnOrigins>, FlowError> {
        let found = self.session.origins(text).await?;
        Ok(found.into_iter().map(|(column, tables)| self.of_files(column, tables)).collect())
    }

    fn of_files(&self, column: String, tables: Origins) -> ColumnOrigins {
        let mut by_table: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for origin in &tables {
            if let Some((table, column)) = origin.rsplit_once('.') {
                by_table.entry(table).or_default().insert(column.to_owned());
            }
        }
        let mut sources = BTreeSet::new();
        for (table, read) in by_table {
            for (table, read) in self.beneath(table, read) {
                let made_of = crate::traits::sources(self.house, &table, &read);
                let named = |of: SourceColumns| {
                    let from = of.columns.into_values().flatten();
                    from.map(move |column| format!("{}: {column}", of.source)).collect::<Vec<_>>()
                };
                sources.extend(made_of.into_iter().flat_map(named));
            }
        }
        ColumnOrigins { column, tables, sources }
    }

    /// The tables that sources fill beneath a table: itself, or what a trait's value is made of.
    fn beneath(&self, table: &str, read: BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let of_trait = table.strip_prefix("traits.").filter(|_| read.contains("value"));
        match of_trait.and_then(|name| crate::traits::lineage(self.house, name).ok()) {
            Some(lineage) => lineage.tables,
            None => [(table.to_owned(), read)].into(),
        }
    }

    /// Who is one with whom in it.
    #[must_use]
    pub fn persons(&self) -> &Persons {
        &self.persons
    }

    /// The grant it was opened under.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// The refusal that made the engine give up, if it was one.
pub(crate) fn refusal_in(error: &LakeError) -> Option<Refusal> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return Some(refusal.clone());
        }
        cause = error.source();
    }
    None
}
