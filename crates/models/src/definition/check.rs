//! Whether definitions hold up, one by one and together.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;
use toml::{Spanned, value::Datetime};

use super::{
    Assumed, CHALLENGER, Chosen, FeaturesDef, Known, LabelDef, LearnerDef, ModelDef, ModelFile, RetrainDef, RowsDef,
    Source, TableDef, Task, Treatment, sql,
};
use crate::{error::DefinitionProblem, names};

/// The column that tells customers apart in queries.
pub(super) const CUSTOMER: &str = "customer_id";
/// The column of a label.
const VALUE: &str = "value";
/// The columns of a treatment's query.
const TREATED: &str = "treated";
const CHANCE: &str = "chance";
/// The longest horizon, in days: ten years.
const HORIZON_MAX: u32 = 3653;

/// Everything that could be understood, and everything that is wrong.
pub(super) fn models(files: &[(String, ModelFile)], known: &Known) -> (Vec<ModelDef>, Vec<DefinitionProblem>) {
    let mut checker = Checker { known, file: "", problems: Vec::new() };
    let mut sound: BTreeMap<String, ModelDef> = BTreeMap::new();
    for (file, written) in files {
        checker.file = file;
        let model = checker.one(written);
        if let Some(earlier) = sound.get(&model.name) {
            let message = format!("model `{}` is defined in {} too", model.name, earlier.file);
            checker.wrong(Some(&written.name), message, "give one of them another name");
            continue;
        }
        sound.insert(model.name.clone(), model);
    }
    (sound.into_values().collect(), checker.problems)
}

pub(super) struct Checker<'a> {
    known: &'a Known,
    file: &'a str,
    problems: Vec<DefinitionProblem>,
}

impl Checker<'_> {
    pub(super) fn wrong<T>(&mut self, place: Option<&Spanned<T>>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(DefinitionProblem::new(self.file, place.map(Spanned::span), message, help));
    }

    /// A model with what could be understood of it; what could not is among the problems.
    fn one(&mut self, written: &ModelFile) -> ModelDef {
        self.words(written);
        let (source, features) = self.source(written);
        self.split(written, &source);
        self.task(written);
        self.odd(written);
        self.guards(written);
        self.retrain(written);
        let protected = written.features.as_ref().map(|f| f.get_ref().protected.clone()).unwrap_or_default();
        if let Some(features) = &features {
            protected.iter().for_each(|name| self.is_feature(Some(name), name.get_ref(), features));
            written.reasons.keys().for_each(|name| self.is_feature(Some(name), name.get_ref(), features));
            let named: Vec<String> = written.learner.get_ref().named().into_iter().map(str::to_owned).collect();
            named.iter().for_each(|name| self.is_feature(Some(&written.learner), name, features));
        }
        for name in
            protected.iter().filter(|name| written.reasons.keys().any(|reason| reason.get_ref() == name.get_ref()))
        {
            let message = format!("`{}` is protected and has a text for reasons", name.get_ref());
            self.wrong(Some(name), message, "take one of them away: what is protected is never named");
        }
        let learner = written.learner.get_ref().clone();
        let split = written.split.get_ref().clone();
        ModelDef {
            name: written.name.get_ref().clone(),
            file: self.file.to_owned(),
            meaning: written.meaning.get_ref().clone(),
            owner: written.owner.get_ref().clone(),
            purposes: Purpose::ALL.into_iter().filter(|p| written.purposes.get_ref().contains(p)).collect(),
            definition: hash(&[&format!("{source:?}"), &format!("{learner:?}"), &format!("{split:?}")]),
            source,
            protected: protected.into_iter().map(Spanned::into_inner).collect(),
            learner,
            split,
            guards: written.guards.as_ref().map(|g| g.get_ref().clone()).unwrap_or_default(),
            retrain_days: written.retrain.as_ref().and_then(RetrainDef::days),
            reasons: written.reasons.iter().map(|(name, words)| (name.get_ref().clone(), words.clone())).collect(),
        }
    }

    fn words(&mut self, written: &ModelFile) {
        let name = written.name.get_ref();
        if !names::is_identifier(name) {
            self.wrong(
                Some(&written.name),
                format!("`{name}` is no name of a model"),
                "use a-z, 0-9 and _, as in `churn_90d`",
            );
        }
        if name.ends_with(CHALLENGER) {
            let message = format!("`{name}` is what scores of a challenger are called");
            self.wrong(Some(&written.name), message, format!("let it not end with `{CHALLENGER}`"));
        }
        let meaning = written.meaning.get_ref();
        if meaning.zh.trim().is_empty() || meaning.en.trim().is_empty() {
            let message = format!("model `{name}` does not say what it foretells");
            self.wrong(Some(&written.meaning), message, "fill in `zh` and `en`: both are shown");
        }
        for (feature, words) in &written.reasons {
            if words.zh.trim().is_empty() || words.en.trim().is_empty() {
                let message = format!("the reason of `{}` lacks a language", feature.get_ref());
                self.wrong(Some(feature), message, "fill in `zh` and `en`: customers read one of them");
            }
        }
        if written.purposes.get_ref().is_empty() {
            self.wrong(
                Some(&written.purposes),
                format!("model `{name}` may be used for nothing"),
                "name at least one purpose",
            );
        }
        let owner = written.owner.get_ref();
        if !self.known.users.contains(owner) {
            let help = names::advice(owner, "users", self.known.users.iter().map(String::as_str));
            self.wrong(
                Some(&written.owner),
                format!("`{owner}` answers for model `{name}`, and there is no such user"),
                help,
            );
        }
    }

    /// Where rows come from, and what features are called; nothing where that cannot be told.
    fn source(&mut self, written: &ModelFile) -> (Source, Option<BTreeSet<String>>) {
        let none = FeaturesDef::default();
        let features = written.features.as_ref().map_or(&none, Spanned::get_ref);
        if let Some(texts) = &written.texts {
            return (self.texts(written, texts), None);
        }
        if let Some(series) = &written.series {
            return (self.series(written, series), None);
        }
        let odd = matches!(written.learner.get_ref(), LearnerDef::Isolation(_));
        match (&written.table, &written.rows, &written.label) {
            (Some(table), None, None) => self.table(written, table.get_ref(), features),
            (None, Some(rows), label) if label.is_some() || odd => {
                self.lake(written, rows.get_ref(), label.as_ref().map(Spanned::get_ref), features)
            }
            (Some(table), ..) => {
                let help = "a flat table has its rows and its label: take `[rows]` and `[label]` away, or `[table]`";
                self.wrong(Some(table), "`[table]` stands beside `[rows]` or `[label]`", help);
                (self.table(written, table.get_ref(), features).0, None)
            }
            (None, rows, _) => {
                let missing = if rows.is_none() { "`[rows]`" } else { "`[label]`" };
                let message = format!("model `{}` has no {missing}", written.name.get_ref());
                self.wrong(Some(&written.name), message, "write `[rows]` and `[label]`, or `[table]` for a flat table");
                let source = Source::Table {
                    name: String::new(),
                    label: None,
                    id: String::new(),
                    date: None,
                    time: None,
                    columns: Vec::new(),
                };
                (source, None)
            }
        }
    }

    fn lake(
        &mut self,
        written: &ModelFile,
        rows: &RowsDef,
        label: Option<&LabelDef>,
        features: &FeaturesDef,
    ) -> (Source, Option<BTreeSet<String>>) {
        let purposes = written.purposes.get_ref();
        self.query(&rows.population, "the population", &[CUSTOMER], purposes);
        let horizon = label.map_or(0, |label| self.label(label, purposes));
        let dates = (self.date(&rows.first), self.date(&rows.last));
        if dates.0 > dates.1 {
            self.wrong(
                Some(&rows.last),
                format!("the last date, {}, is before the first, {}", dates.1, dates.0),
                "swap them",
            );
        }
        for columns in features.columns.iter().flatten() {
            self.wrong(Some(columns), "`columns` are those of a flat table", "name traits, or write `sql`");
        }
        self.latest(rows);
        let mut called: BTreeSet<String> = features.traits.iter().map(|name| name.get_ref().clone()).collect();
        features.traits.iter().for_each(|name| self.trait_may(name, name.get_ref(), purposes));
        let outputs = match &features.sql {
            Some(query) => self.query(query, "the features", &[CUSTOMER], purposes).map(|reads| reads.outputs),
            None => Some(Some(Vec::new())),
        };
        let from_query = outputs.flatten().unwrap_or_default();
        for name in from_query.into_iter().filter(|name| name != CUSTOMER) {
            if !called.insert(name.clone()) {
                self.wrong(
                    features.sql.as_ref(),
                    format!("there are two features `{name}`"),
                    "give one of them another name",
                );
            }
        }
        for name in &features.without {
            self.is_feature(Some(name), name.get_ref(), &called);
            called.remove(name.get_ref());
        }
        if called.is_empty() {
            let message = format!("model `{}` has no features", written.name.get_ref());
            self.wrong(Some(&written.name), message, "name traits in `[features]`, or write `sql` there");
        }
        let source = Source::Lake {
            population: rows.population.get_ref().trim().to_owned(),
            dates,
            every: rows.every,
            latest: rows.latest.as_ref().map(|latest| *latest.get_ref()),
            label: label.map(|label| label.sql.get_ref().trim().to_owned()),
            horizon_days: horizon,
            treatment: self.treatment(written, &mut called),
            traits: features.traits.iter().map(|t| t.get_ref().clone()).filter(|name| called.contains(name)).collect(),
            sql: features.sql.as_ref().map(|query| query.get_ref().trim().to_owned()),
            without: features.without.iter().map(|name| name.get_ref().clone()).collect(),
        };
        (source, Some(called))
    }

    /// What becomes of customers; and within how many days.
    fn label(&mut self, label: &LabelDef, purposes: &[Purpose]) -> u32 {
        if let Some(reads) = self.query(&label.sql, "the label", &[CUSTOMER, VALUE], purposes)
            && !reads.as_of
        {
            let help =
                "compare times with `as_of()`, as in `WHERE closed_on > as_of()`: what happened before is no label";
            self.wrong(Some(&label.sql), "the label does not look after its date", help);
        }
        let horizon = *label.horizon_days.get_ref();
        if !(1..=HORIZON_MAX).contains(&horizon) {
            self.wrong(Some(&label.horizon_days), format!("a horizon of {horizon} days"), "it is from 1 to 3653 days");
        }
        horizon
    }

    /// What was done, and to whom; what its query gives besides is among the features from here on.
    fn treatment(&mut self, written: &ModelFile, called: &mut BTreeSet<String>) -> Option<Treatment> {
        let place = written.treatment.as_ref()?;
        let def = place.get_ref();
        let reads = self.query(&def.sql, "the treatment", &[CUSTOMER, TREATED], written.purposes.get_ref());
        if reads.as_ref().is_some_and(|reads| reads.outputs.is_none()) {
            let help = "name them in its SELECT: what it gives besides are features of the treatment";
            self.wrong(Some(&def.sql), "what the treatment's query gives cannot be told from it", help);
        }
        let outputs = reads.and_then(|reads| reads.outputs).unwrap_or_default();
        let gives_chance = outputs.iter().any(|name| name == CHANCE);
        let features: Vec<String> =
            outputs.into_iter().filter(|name| ![CUSTOMER, TREATED, CHANCE].contains(&name.as_str())).collect();
        for name in &features {
            if !called.insert(name.clone()) {
                let help = "give one of them another name";
                self.wrong(Some(&def.sql), format!("there are two features `{name}`"), help);
            }
        }
        let mut scored_as = BTreeMap::new();
        for (name, value) in &def.scored_as {
            self.is_feature(Some(name), name.get_ref(), called);
            match Assumed::of(value) {
                Some(assumed) => {
                    scored_as.insert(name.get_ref().clone(), assumed);
                }
                None => self.wrong(
                    Some(name),
                    format!("`{}` is a {}", name.get_ref(), value.type_str()),
                    "write a number or a text",
                ),
            }
        }
        let chosen = match (&def.chance, gives_chance, def.learn_chance) {
            (Some(chance), false, false) => {
                if !(*chance.get_ref() > 0.0 && *chance.get_ref() < 1.0) {
                    let message = format!("a chance of {} to be treated", chance.get_ref());
                    self.wrong(Some(chance), message, "it is between 0 and 1: everybody could have been in either arm");
                }
                Chosen::Known(*chance.get_ref())
            }
            (None, true, false) => Chosen::Given,
            (None, false, true) => Chosen::Learnt,
            (chance, given, learn) => {
                let message = match (chance, given || learn) {
                    (None, false) => "it does not say how likely customers were to be treated",
                    _ => "it says in more than one way how likely customers were to be treated",
                };
                let help = "write `chance` where lots were drawn, or let the query give a column `chance`, or write `learn_chance = true`";
                self.wrong(Some(place), message, help);
                Chosen::Learnt
            }
        };
        Some(Treatment { sql: def.sql.get_ref().trim().to_owned(), chosen, features, scored_as })
    }

    /// Effects are learnt where something was done to some, and nothing else is.
    fn task(&mut self, written: &ModelFile) {
        match (written.learner.get_ref(), &written.treatment) {
            (LearnerDef::Uplift(def), Some(_)) => {
                if def.outcome.as_deref().is_some_and(|of| of.task() != Task::Chance) {
                    let help = "take `trees`, `logistic` or `scorecard`";
                    self.wrong(Some(&written.learner), "the outcome of either arm cannot be learnt by this", help);
                }
            }
            (LearnerDef::Uplift(_), None) => {
                let help = "write `[treatment]` with a query that gives `customer_id` and `treated`";
                self.wrong(Some(&written.learner), "effects are learnt, and nothing was done to anybody", help);
            }
            (_, Some(place)) => {
                let help = "take it away, or learn effects: `kind = \"uplift\"`";
                self.wrong(Some(place), "there is a treatment, and the learner does not look at it", help);
            }
            (_, None) => {}
        }
        self.alone_or_not(written);
        if let LearnerDef::Foreign(foreign) = written.learner.get_ref() {
            for path in [&foreign.file, &foreign.samples].into_iter().filter(|path| !is_inside(path)) {
                let help = "put it into the bank directory, and write where from there, as in `models/churn.onnx`";
                self.wrong(Some(&written.learner), format!("`{path}` is not in the bank directory"), help);
            }
            if let Some(within) = foreign.within.filter(|within| !(*within > 0.0 && within.is_finite())) {
                self.wrong(Some(&written.learner), format!("`within` is {within}"), "it is above 0");
            }
        }
        if let (Some(table), Some(_)) = (&written.table, &written.treatment) {
            let help = "write `[rows]` and `[label]`: effects are learnt of customers as of dates";
            self.wrong(Some(table), "`[table]` stands beside `[treatment]`", help);
        }
    }

    fn table(
        &mut self,
        written: &ModelFile,
        table: &TableDef,
        features: &FeaturesDef,
    ) -> (Source, Option<BTreeSet<String>>) {
        let name = table.name.get_ref();
        for other in &features.traits {
            self.wrong(Some(other), "a flat table has columns, not traits", "name them in `columns`");
        }
        if let Some(query) = &features.sql {
            self.wrong(Some(query), "a flat table has columns, not a query", "name them in `columns`");
        }
        let Some(known) = self.known.tables.get(name).cloned() else {
            let help = names::advice(name, "tables", self.known.tables.keys().map(String::as_str));
            self.wrong(Some(&table.name), format!("there is no table `{name}`"), help);
            return (flat(table, Vec::new()), None);
        };
        let all: BTreeSet<String> = known.iter().cloned().collect();
        let column = |checker: &mut Self, place: &Spanned<String>| {
            if !all.contains(place.get_ref()) {
                let help = names::advice(place.get_ref(), "columns", known.iter().map(String::as_str));
                checker.wrong(Some(place), format!("`{name}` has no column `{}`", place.get_ref()), help);
            }
        };
        let named = table.label.iter().chain([&table.id]).chain(&table.date).chain(&table.time);
        named.for_each(|place| column(self, place));
        if table.label.is_none() {
            self.labelled(written, &table.name, "label", "name the column with it in `label`");
        }
        self.times(written, table);
        features.columns.iter().flatten().chain(&features.without).for_each(|place| column(self, place));
        let special = |c: &String| {
            let mut others = table.label.iter().chain([&table.id]).chain(&table.date).chain(&table.time);
            others.any(|other| other.get_ref() == c)
        };
        let wanted: Vec<String> = match &features.columns {
            Some(columns) => {
                for place in columns.iter().filter(|place| special(place.get_ref())) {
                    let message =
                        format!("`{}` is the label, the id, the date or the time, and a feature", place.get_ref());
                    self.wrong(
                        Some(place),
                        message,
                        "take it out of `columns`: it would tell the model what it is to learn",
                    );
                }
                columns.iter().map(|c| c.get_ref().clone()).collect()
            }
            None => known.iter().filter(|c| !special(c)).cloned().collect(),
        };
        let without = |c: &String| features.without.iter().any(|w| w.get_ref() == c);
        let columns: Vec<String> = wanted.into_iter().filter(|c| !without(c) && !special(c)).collect();
        if columns.is_empty() {
            self.wrong(
                Some(&written.name),
                format!("model `{}` has no features", written.name.get_ref()),
                "leave some columns in",
            );
        }
        let called = columns.iter().cloned().collect();
        (flat(table, columns), Some(called))
    }

    /// A flat table of times says how long rows were seen and up to when chances are said; others do not.
    fn times(&mut self, written: &ModelFile, table: &TableDef) {
        let foretells = written.learner.get_ref().task() == Task::Time;
        match (foretells, &table.time, &table.horizon) {
            (true, Some(_), Some(horizon)) if !(*horizon.get_ref() > 0.0 && horizon.get_ref().is_finite()) => {
                self.wrong(Some(horizon), format!("a horizon of {}", horizon.get_ref()), "it is above 0");
            }
            (true, Some(_), Some(_)) | (false, None, None) => {}
            (true, ..) => {
                let help = "name the column in `time`, and in `horizon` up to which time chances are said";
                self.wrong(
                    Some(&table.name),
                    "it is not said how long rows were seen, or up to when chances are said",
                    help,
                );
            }
            (false, ..) => {
                let help = "take `time` and `horizon` away, or learn times: `kind = \"survival\"`";
                self.wrong(Some(&table.name), "there are times, and the learner does not look at them", help);
            }
        }
    }

    pub(super) fn query(
        &mut self,
        query: &Spanned<String>,
        what: &str,
        columns: &[&str],
        purposes: &[Purpose],
    ) -> Option<sql::Reads> {
        let reads = match sql::read(query.get_ref()) {
            Ok(reads) => reads,
            Err((message, help)) => {
                self.wrong(Some(query), format!("{what}: {message}"), help);
                return None;
            }
        };
        for clock in &reads.clocks {
            let help = "write `as_of()`: the query is asked as of many dates";
            self.wrong(Some(query), format!("{what} reads the clock with `{clock}`"), help);
        }
        for table in
            reads.tables.iter().filter(|table| !self.known.tables.contains_key(*table)).cloned().collect::<Vec<_>>()
        {
            let help = match self.known.traits.contains_key(&table) {
                true => format!("`{table}` is a trait: write `traits.{table}`"),
                false => names::advice(&table, "tables", self.known.tables.keys().map(String::as_str)),
            };
            self.wrong(Some(query), format!("{what} reads `{table}`, and there is no such table"), help);
        }
        reads.traits.iter().for_each(|name| self.trait_may(query, name, purposes));
        if let Some(outputs) = &reads.outputs {
            for column in columns.iter().filter(|column| !outputs.iter().any(|o| o == *column)) {
                let help = format!("its SELECT gives: {}", outputs.join(", "));
                self.wrong(Some(query), format!("{what} gives no column `{column}`"), help);
            }
        }
        Some(reads)
    }

    /// A trait is there and may be used for all that the model may be used for.
    fn trait_may<T>(&mut self, place: &Spanned<T>, name: &str, purposes: &[Purpose]) {
        let Some(allowed) = self.known.traits.get(name) else {
            let help = names::advice(name, "traits", self.known.traits.keys().map(String::as_str));
            self.wrong(Some(place), format!("there is no trait `{name}`"), help);
            return;
        };
        let refused: Vec<&str> = purposes.iter().filter(|p| !allowed.contains(p)).map(|p| p.name()).collect();
        if !refused.is_empty() {
            let message = format!("trait `{name}` may not be used for {}", refused.join(" and "));
            self.wrong(Some(place), message, "leave it out, or take the purpose away from the model");
        }
    }

    fn is_feature<T>(&mut self, place: Option<&Spanned<T>>, name: &str, features: &BTreeSet<String>) {
        // A query that gives all columns of a table has features that only the engine knows.
        if !features.contains(name) {
            let help = names::advice(name, "features", features.iter().map(String::as_str));
            self.wrong(place, format!("there is no feature `{name}`"), help);
        }
    }

    /// A date as text, which sorts by time.
    fn date(&mut self, written: &Spanned<Datetime>) -> String {
        match (written.get_ref().date, written.get_ref().time) {
            (Some(date), None) => date.to_string(),
            _ => {
                self.wrong(
                    Some(written),
                    format!("`{}` is no date", written.get_ref()),
                    "write a day, as in 2024-01-31",
                );
                String::new()
            }
        }
    }

    fn guards(&mut self, written: &ModelFile) {
        let Some(place) = &written.guards else { return };
        let guards = place.get_ref();
        let task = written.learner.get_ref().task();
        for limit in guards.limits() {
            let Some(value) = limit.value else { continue };
            let name = limit.name;
            if !limit.of.contains(&task) {
                let of = kinds(limit.of);
                let message = format!("`{name}` guards models of {of}, and this one is of {}", task.word());
                self.wrong(Some(place), message, "take it away");
            } else if !(limit.least..=1.0).contains(&value) {
                self.wrong(Some(place), format!("`{name}` is {value}"), format!("it is from {} to 1", limit.least));
            }
        }
        if let Some(value) = guards.stability_index_max.filter(|value| !(*value > 0.0 && value.is_finite())) {
            self.wrong(
                Some(place),
                format!("`stability_index_max` is {value}"),
                "it is above 0; 0.25 is a common limit",
            );
        }
    }
}

/// `chances, times and texts`.
fn kinds(of: &[Task]) -> String {
    let words: Vec<&str> = of.iter().map(|of| of.word()).collect();
    match &words[..] {
        [first @ .., before, last] if !first.is_empty() => format!("{}, {before} and {last}", first.join(", ")),
        few => few.join(" and "),
    }
}

/// Whether a path leads from a directory to something in it.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = std::path::Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn flat(table: &TableDef, columns: Vec<String>) -> Source {
    Source::Table {
        name: table.name.get_ref().clone(),
        label: table.label.as_ref().map(|label| label.get_ref().clone()),
        id: table.id.get_ref().clone(),
        date: table.date.as_ref().map(|date| date.get_ref().clone()),
        time: table.time.as_ref().zip(table.horizon.as_ref()).map(|(time, to)| (time.get_ref().clone(), *to.get_ref())),
        columns,
    }
}

/// Parts are told apart by their lengths, so that no two definitions have one text.
fn hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
