//! `models/*.toml`: what they may name, and the tables of their scores.

use std::collections::BTreeMap;

use florin_domain::{
    Catalogue, ColumnDef, ColumnType, DataClass, TableDef,
    catalogue::{CUSTOMER_ID, SCORES, VALID_FROM},
};
use florin_features::{Traits, definition::reads};
use florin_models::definition::{CHALLENGER, Known, ModelDef, ModelFile, Source, Task, compile};

use super::{Reader, Settings};

impl Reader<'_> {
    /// The models, by name, checked with traits, tables and users.
    pub(super) fn models(
        &mut self,
        catalogue: &Catalogue,
        traits: &Traits,
        settings: Option<&Settings>,
    ) -> BTreeMap<String, ModelDef> {
        let files = self.defined("models", "model", ModelFile::parse);
        // Without sound traits and settings every model that names one would be wrong.
        let (true, Some(settings)) = (self.problems.is_empty(), settings) else { return BTreeMap::new() };
        let columns = |table: &TableDef| table.columns.iter().map(|column| column.name.clone()).collect();
        let known = Known {
            traits: traits.in_order().map(|of| (of.name.clone(), of.purposes.clone())).collect(),
            tables: catalogue.tables().map(|table| (table.name.clone(), columns(table))).collect(),
            users: settings.users.keys().cloned().collect(),
        };
        let models = self.compiled(compile(&files, &known));
        models.into_iter().map(|model| (model.name.clone(), model)).collect()
    }
}

/// The column with the median of a time, in tables of scores of models of times.
pub(crate) const MEDIAN_DAYS: &str = "median_days";

/// The column that says who is flagged, in tables of scores of models of the odd ones.
pub(crate) const FLAGGED: &str = "flagged";

/// The name of the table of a model's scores.
pub(crate) fn score_table(model: &str) -> String {
    format!("{SCORES}.{model}")
}

/// Whose scores they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// Those that are used.
    Champion,
    /// Those that are kept apart to be compared, and that nothing reads to decide.
    Challenger,
}

impl Seat {
    pub(crate) const ALL: [Self; 2] = [Self::Champion, Self::Challenger];

    /// The table of its scores.
    pub(crate) fn table(self, model: &str) -> String {
        match self {
            Self::Champion => score_table(model),
            Self::Challenger => format!("{}{CHALLENGER}", score_table(model)),
        }
    }
}

/// The tables of a model's scores: the champion's, and apart from it the challenger's. A series is forecast in one way: it has no challenger that says otherwise.
pub(super) fn scores(model: &ModelDef, traits: &Traits, catalogue: &Catalogue) -> Vec<TableDef> {
    let Some(champion) = of_champion(model, traits, catalogue) else { return Vec::new() };
    if model.learner.task() == Task::Series {
        return vec![champion];
    }
    let challenger = TableDef {
        name: Seat::Challenger.table(&model.name),
        about: format!("{}, by a challenger: to be compared, and never to decide by", champion.about),
        ..champion.clone()
    };
    vec![champion, challenger]
}

/// The table of a model's scores, a row a customer, made anew each time. A flat table is about rows and not about customers: it has none.
fn of_champion(model: &ModelDef, traits: &Traits, catalogue: &Catalogue) -> Option<TableDef> {
    let features = match &model.source {
        Source::Lake { traits, .. } => traits.as_slice(),
        Source::Texts { sql: Some(sql), .. } => return Some(of_texts(model, sql, catalogue)),
        Source::Series { .. } => return Some(of_series(model)),
        Source::Texts { sql: None, .. } | Source::Table { .. } => return None,
    };
    let classes = features.iter().filter_map(|name| traits.get(name)).map(|of| of.class);
    // What is learnt of customers' money says as much of them as what it was learnt from.
    let class = classes.max().unwrap_or(DataClass::C2).max(DataClass::C2);
    let mut columns = vec![
        column(CUSTOMER_ID, ColumnType::Int, DataClass::C1, true, "whose it is"),
        column("score", ColumnType::Float, class, false, &model.meaning.en),
        column("version", ColumnType::Int, DataClass::C1, true, "of the model"),
        column("reasons", ColumnType::Text, class, false, "at most four principal ones, as JSON"),
        column(VALID_FROM, ColumnType::Timestamp, DataClass::C1, true, "the time it is as of"),
        column("scored_at", ColumnType::Timestamp, DataClass::C1, true, "when it was scored"),
    ];
    if model.learner.task() == Task::Time {
        let about = "days within which it happens to half of such customers; none where that lies beyond the horizon";
        columns.push(column(MEDIAN_DAYS, ColumnType::Float, class, false, about));
    }
    if model.learner.task() == Task::Odd {
        let about = "whether its score is above that which the version flags from";
        columns.push(column(FLAGGED, ColumnType::Bool, class, false, about));
    }
    Some(TableDef {
        name: score_table(&model.name),
        about: format!("{} ({}); scores of a model", model.meaning.en, model.meaning.zh),
        key: vec![CUSTOMER_ID.to_owned(), VALID_FROM.to_owned()],
        versions_of: vec![CUSTOMER_ID.to_owned()],
        order: vec![VALID_FROM.to_owned()],
        purposes: model.purposes.clone(),
        columns,
    })
}

fn column(name: &str, ty: ColumnType, class: DataClass, required: bool, about: &str) -> ColumnDef {
    ColumnDef { name: name.to_owned(), ty, class, required, about: about.to_owned() }
}

/// The table of the days to come of a series. They are sums of many customers.
fn of_series(model: &ModelDef) -> TableDef {
    TableDef {
        name: score_table(&model.name),
        about: format!("{} ({}); a forecast", model.meaning.en, model.meaning.zh),
        key: vec!["day".to_owned(), VALID_FROM.to_owned()],
        versions_of: vec!["day".to_owned()],
        order: vec![VALID_FROM.to_owned()],
        purposes: model.purposes.clone(),
        columns: vec![
            column("day", ColumnType::Date, DataClass::C1, true, "which day"),
            column("value", ColumnType::Float, DataClass::C2, false, &model.meaning.en),
            column("low", ColumnType::Float, DataClass::C2, false, "the lower end of its interval"),
            column("high", ColumnType::Float, DataClass::C2, false, "the upper end"),
            column("version", ColumnType::Int, DataClass::C1, true, "of the model"),
            column(VALID_FROM, ColumnType::Timestamp, DataClass::C1, true, "the time it is as of"),
            column("scored_at", ColumnType::Timestamp, DataClass::C1, true, "when it was forecast"),
        ],
    }
}

/// The table of what a model says of texts, a row a text. Its reasons are words of texts, and of their class.
fn of_texts(model: &ModelDef, sql: &str, catalogue: &Catalogue) -> TableDef {
    let read = reads(sql).map(|found| found.tables).unwrap_or_default();
    let columns = read.iter().filter_map(|name| catalogue.table(name)).flat_map(|table| &table.columns);
    let texts =
        columns.filter(|column| column.ty == ColumnType::Text && column.name == "text").map(|column| column.class);
    // Of a table that calls its texts otherwise, nothing is known: as those of customers' words.
    let of_words = texts.max().unwrap_or(DataClass::C3).max(DataClass::C2);
    TableDef {
        name: score_table(&model.name),
        about: format!("{} ({}); what a model says of texts", model.meaning.en, model.meaning.zh),
        key: vec!["text_id".to_owned(), VALID_FROM.to_owned()],
        versions_of: vec!["text_id".to_owned()],
        order: vec![VALID_FROM.to_owned()],
        purposes: model.purposes.clone(),
        columns: vec![
            column("text_id", ColumnType::Text, DataClass::C1, true, "which text"),
            column(CUSTOMER_ID, ColumnType::Int, DataClass::C1, false, "whose it is"),
            column("ts", ColumnType::Timestamp, DataClass::C2, true, "when it was written"),
            column("label", ColumnType::Text, DataClass::C2, false, &model.meaning.en),
            column("score", ColumnType::Float, DataClass::C2, false, "how probable the label is"),
            column("version", ColumnType::Int, DataClass::C1, true, "of the model"),
            column("reasons", ColumnType::Text, of_words, false, "at most four words that decided, as JSON"),
            column(VALID_FROM, ColumnType::Timestamp, DataClass::C1, true, "the time it is as of"),
            column("scored_at", ColumnType::Timestamp, DataClass::C1, true, "when it was scored"),
        ],
    }
}
