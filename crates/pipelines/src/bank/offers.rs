//! `offers/*.toml`: what they may name, and the tables of what customers are recommended.

use std::{collections::BTreeMap, path::Path};

use florin_decisions::{
    DecisionError,
    offers::{Known, ModelFacts, OfferFile, Offers, RULES_FILE, RulesFile, compile},
    suitability::RiskLevel,
};
use florin_domain::{
    Catalogue, ColumnDef, ColumnType, DataClass, Purpose, TableDef,
    catalogue::{CUSTOMER_ID, RECOMMENDATIONS, VALID_FROM},
};
use florin_features::{Traits, definition::reads};
use florin_lake::mapping::SqlCheck;
use florin_models::{
    DefinitionProblem,
    definition::{CHALLENGER, LearnerDef, ModelDef, Task},
};

use super::{
    Bank, Problem, Problems, Reader,
    defined::{Found, NotSound},
    score_table,
};

/// The files as written, each with its path.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfferFiles {
    pub(crate) offers: Vec<(String, OfferFile)>,
    rules: Option<(String, RulesFile)>,
}

/// A file of the folder: the rules, or one offer.
enum OfTheFolder {
    Rules(Box<RulesFile>),
    Offer(Box<OfferFile>),
}

impl OfTheFolder {
    fn parse(file: &str, text: &str) -> Result<Self, DefinitionProblem> {
        match Path::new(file).file_name().is_some_and(|name| name == RULES_FILE) {
            true => RulesFile::parse(file, text).map(|rules| Self::Rules(Box::new(rules))),
            false => OfferFile::parse(file, text).map(|offer| Self::Offer(Box::new(offer))),
        }
    }
}

impl OfferFiles {
    /// Checks all of them with the products there are.
    pub(crate) fn compile(
        &self,
        products: BTreeMap<String, Option<RiskLevel>>,
        traits: &Traits,
        models: &BTreeMap<String, ModelDef>,
    ) -> Result<Offers, DecisionError> {
        let facts = |model: &ModelDef| ModelFacts::of(model, foretells_effect(&model.learner));
        let known = Known {
            products,
            traits: traits.in_order().map(|of| (of.name.clone(), of.purposes.clone())).collect(),
            models: models.values().map(|model| (model.name.clone(), facts(model))).collect(),
        };
        compile(&self.offers, self.rules.as_ref(), &known)
    }

    /// The products that they name, as if all of them were there.
    fn named(&self) -> BTreeMap<String, Option<RiskLevel>> {
        self.offers.iter().map(|(_, offer)| (offer.product.get_ref().clone(), None)).collect()
    }
}

/// Whether a learner learns what making an offer changes, and not a chance.
fn foretells_effect(learner: &LearnerDef) -> bool {
    learner.task() == Task::Effect
}

impl Reader<'_> {
    /// The offers, checked with traits and models. Products are in the lake: what is said of them is checked when it is open.
    pub(super) fn offers(
        &mut self,
        catalogue: &Catalogue,
        traits: &Traits,
        models: &BTreeMap<String, ModelDef>,
    ) -> (OfferFiles, Offers) {
        let mut files = OfferFiles::default();
        for (file, parsed) in self.defined("offers", "offer", OfTheFolder::parse) {
            match parsed {
                OfTheFolder::Rules(rules) => files.rules = Some((file, *rules)),
                OfTheFolder::Offer(offer) => files.offers.push((file, *offer)),
            }
        }
        // Without sound traits and models every offer that names one would be wrong.
        if !self.problems.is_empty() {
            return (files, Offers::default());
        }
        let offers = self.compiled(files.compile(files.named(), traits, models));
        typed(&files, &offers, traits).into_iter().for_each(|problem| self.wrong(problem));
        unknown_tables(&files, catalogue, traits).into_iter().for_each(|problem| self.wrong(problem));
        by_challengers(&files).into_iter().for_each(|problem| self.wrong(problem));
        no_chances(&offers, models).into_iter().for_each(|problem| self.wrong(problem));
        (files, offers)
    }
}

/// What the engine says of predicates. Those that ask other tables are typed when they are asked.
fn typed(files: &OfferFiles, offers: &Offers, traits: &Traits) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    for offer in offers.all() {
        let Some(eligibility) = offer.eligibility.as_ref().filter(|of| !asks_tables(&of.sql)) else { continue };
        let columns = eligibility.traits.iter().filter_map(|name| traits.get(name));
        let mut columns: Vec<ColumnDef> = columns.map(|of| column(&of.name, of.ty, of.class, false, "")).collect();
        columns.push(column(CUSTOMER_ID, ColumnType::Int, DataClass::C1, true, ""));
        let table = TableDef {
            name: "traits".to_owned(),
            about: String::new(),
            key: vec![CUSTOMER_ID.to_owned()],
            versions_of: Vec::new(),
            order: Vec::new(),
            purposes: Vec::new(),
            columns,
        };
        if let Err(problem) = SqlCheck::compile(&eligibility.sql, &table) {
            let written = files.offers.iter().find(|(file, _)| *file == offer.file);
            let place = written.and_then(|(_, written)| written.eligibility.as_ref()).map(toml::Spanned::span);
            problems.push(DefinitionProblem {
                file: offer.file.clone(),
                place: place.map(|range| (range.start, range.end)),
                message: problem.message,
                help: problem.help,
            });
        }
    }
    problems
}

/// Tables and traits that queries for facts name and that are not there.
fn unknown_tables(files: &OfferFiles, catalogue: &Catalogue, traits: &Traits) -> Vec<DefinitionProblem> {
    let Some((file, rules)) = &files.rules else { return Vec::new() };
    let mut problems = Vec::new();
    for query in rules.facts.written() {
        let Some(named) = reads(query.get_ref()) else { continue };
        let tables = named.tables.iter().filter(|name| catalogue.table(name).is_none()).map(|name| ("table", name));
        let traits = named.traits.iter().filter(|name| traits.get(name).is_none()).map(|name| ("trait", name));
        problems.extend(tables.chain(traits).map(|(what, name)| DefinitionProblem {
            file: file.clone(),
            place: Some((query.span().start, query.span().end)),
            message: format!("there is no {what} `{name}`"),
            help:
                "`florin sql` says which there are; a table of the bank's own is declared in tables/*.toml".to_owned(),
        }));
    }
    problems
}

/// Offers are ranked by chances and effects: what is odd, what a text is about and what comes next are neither.
fn no_chances(offers: &Offers, models: &BTreeMap<String, ModelDef>) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    for offer in offers.all() {
        let named = offer.propensity.iter().chain(&offer.uplift).filter_map(|name| models.get(name));
        for model in named.filter(|model| matches!(model.learner.task(), Task::Odd | Task::Text | Task::Series)) {
            let (name, of) = (&model.name, model.learner.task().word());
            problems.push(DefinitionProblem {
                file: offer.file.clone(),
                place: None,
                message: format!("`{name}` is a model of {of}, and its score is no chance that the offer is taken"),
                help: "name a model of chances, of times or of effects".to_owned(),
            });
        }
    }
    problems
}

/// What a challenger says is there to be compared: no offer is made or withheld by it.
fn by_challengers(files: &OfferFiles) -> Vec<DefinitionProblem> {
    let facts = files.rules.iter().flat_map(|(file, rules)| rules.facts.written().map(move |of| (file, of)));
    let offers = files.offers.iter().filter_map(|(file, offer)| Some((file, offer.eligibility.as_ref()?)));
    let asking = facts.chain(offers).filter(|(_, query)| query.get_ref().contains(CHALLENGER));
    let problem = |(file, query): (&String, &toml::Spanned<String>)| DefinitionProblem {
        file: file.clone(),
        place: Some((query.span().start, query.span().end)),
        message: "it asks what a challenger says, and nothing is decided by that".to_owned(),
        help: "read the champion's scores, or promote the challenger".to_owned(),
    };
    asking.map(problem).collect()
}

fn asks_tables(sql: &str) -> bool {
    sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case("select"))
}

impl Bank {
    /// The offers, checked with the products there are: their risk levels hold where they are higher than what offers say.
    pub(crate) fn offers_of(&self, products: BTreeMap<String, Option<RiskLevel>>) -> Result<Offers, Problems> {
        self.offer_files.compile(products, &self.traits, &self.models).map_err(|error| match error.found() {
            Ok(found) => Problems::new(found.into_iter().map(|found| found.placed(&self.texts)).collect()),
            Err(other) => Problems::new(vec![Problem::of_file(Path::new("offers"), other, "")]),
        })
    }

    /// A problem of an offer, at its product.
    pub(crate) fn wrong_product(&self, offer: &str, message: String, help: &str) -> Problem {
        let written = self.offer_files.offers.iter().find(|(_, written)| written.name.get_ref() == offer);
        let (file, place) = match written {
            Some((file, written)) => (file.clone(), Some(written.product.span())),
            None => ("offers".to_owned(), None),
        };
        let place = place.map(|range| (range.start, range.end));
        Found::from(DefinitionProblem { file, place, message, help: help.to_owned() }).placed(&self.texts)
    }
}

/// The name of the table of what customers are recommended for a purpose.
pub(crate) fn recommendation_table(purpose: Purpose) -> String {
    format!("{RECOMMENDATIONS}.{purpose}")
}

/// A table for each purpose that an offer may be made for: a row for each offer that a customer is to be made, made anew each time. What it says of
/// customers is as sensitive as the most sensitive thing it follows from.
pub(super) fn recommendations(offers: &Offers, traits: &Traits, catalogue: &Catalogue) -> Vec<TableDef> {
    let of_traits = offers.all().iter().filter_map(|offer| offer.eligibility.as_ref()).flat_map(|of| &of.traits);
    let of_traits = of_traits.filter_map(|name| traits.get(name)).map(|of| of.class);
    let models = offers.all().iter().flat_map(|offer| offer.propensity.iter().chain(&offer.uplift));
    let of_models = models.filter_map(|name| catalogue.table(&score_table(name))?.column("score").map(|of| of.class));
    let class = of_traits.chain(of_models).max().unwrap_or(DataClass::C2).max(DataClass::C2);
    let named = |purpose: &Purpose| offers.all().iter().any(|offer| offer.purposes.contains(purpose));
    Purpose::ALL.into_iter().filter(named).map(|purpose| table(purpose, class)).collect()
}

fn table(purpose: Purpose, class: DataClass) -> TableDef {
    let offer = "offer";
    TableDef {
        name: recommendation_table(purpose),
        about: format!("what customers are to be offered for {purpose}, the best first"),
        key: [CUSTOMER_ID, offer, VALID_FROM].map(str::to_owned).to_vec(),
        versions_of: [CUSTOMER_ID, offer].map(str::to_owned).to_vec(),
        order: vec![VALID_FROM.to_owned()],
        purposes: vec![purpose],
        columns: vec![
            column(CUSTOMER_ID, ColumnType::Int, DataClass::C1, true, "who"),
            column(offer, ColumnType::Text, class, false, "its name in offers/*.toml"),
            column("product", ColumnType::Text, class, false, "as the table `product` calls it"),
            column("place", ColumnType::Int, class, false, "1 for the first"),
            column("score", ColumnType::Float, class, false, "what it was ranked by, before variety counted"),
            column("personalised", ColumnType::Bool, class, false, "whether the order went by what is personal"),
            column("reasons", ColumnType::Text, class, false, "at most three, as JSON in both languages"),
            column(VALID_FROM, ColumnType::Timestamp, DataClass::C1, true, "the time it is as of"),
            column("made_at", ColumnType::Timestamp, DataClass::C1, true, "when it was made"),
        ],
    }
}

fn column(name: &str, ty: ColumnType, class: DataClass, required: bool, about: &str) -> ColumnDef {
    ColumnDef { name: name.to_owned(), ty, class, required, about: about.to_owned() }
}
