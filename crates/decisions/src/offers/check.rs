//! Whether offers hold up, one by one and together.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;
use florin_models::DefinitionProblem;
use toml::Spanned;

use super::{Eligibility, Known, ModelFacts, Offer, OfferFile, Rules, SuitabilityDef, Words, eligibility, rules};
use crate::{
    names,
    suitability::{ASSESSMENT_DAYS_MAX, RiskLevel, Suitability},
};

/// The longest rest after a refusal, in days.
const REST_DAYS_MAX: u32 = 3653;

/// Everything that could be understood, by name, and everything that is wrong.
pub(super) fn offers(
    files: &[(String, OfferFile)],
    rules: &Rules,
    known: &Known,
) -> (Vec<Offer>, Vec<DefinitionProblem>) {
    let mut files: Vec<&(String, OfferFile)> = files.iter().collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut checker = Checker { known, rules, file: "", problems: Vec::new() };
    let mut sound: BTreeMap<String, Offer> = BTreeMap::new();
    for (file, written) in files {
        checker.file = file;
        let offer = checker.one(written);
        if let Some(earlier) = sound.get(&offer.name) {
            let message = format!("offer `{}` is defined in {} too", offer.name, earlier.file);
            checker.wrong(Some(&written.name), message, "give one of them another name");
            continue;
        }
        sound.insert(offer.name.clone(), offer);
    }
    (sound.into_values().collect(), checker.problems)
}

struct Checker<'a> {
    known: &'a Known,
    rules: &'a Rules,
    file: &'a str,
    problems: Vec<DefinitionProblem>,
}

impl Checker<'_> {
    fn wrong<T>(&mut self, place: Option<&Spanned<T>>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(names::problem(self.file, place.map(Spanned::span), message, help));
    }

    /// An offer with what could be understood of it; what could not is among the problems.
    fn one(&mut self, written: &OfferFile) -> Offer {
        self.words(written);
        self.numbers(written);
        let risk = self.product(written);
        let suitability = self.suitability(written, risk);
        let eligibility = self.eligibility(written);
        let models = self.models(written);
        let protected: BTreeSet<String> = models.iter().flat_map(|model| model.protected.iter().cloned()).collect();
        let mut reasons: BTreeMap<String, Words> = BTreeMap::new();
        models.iter().rev().for_each(|model| reasons.extend(model.reasons.clone()));
        self.reasons(written, &models);
        reasons.extend(written.reasons.iter().map(|(name, words)| (name.get_ref().clone(), words.clone())));
        let mut contacts: Vec<_> = written.contacts.iter().map(|limit| *limit.get_ref()).collect();
        contacts.extend(&self.rules.contacts);
        contacts.sort();
        contacts.dedup();
        let named = |model: &Option<Spanned<String>>| model.as_ref().map(|name| name.get_ref().clone());
        Offer {
            name: written.name.get_ref().clone(),
            file: self.file.to_owned(),
            product: written.product.get_ref().clone(),
            meaning: written.meaning.get_ref().clone(),
            purposes: Purpose::ALL.into_iter().filter(|p| written.purposes.get_ref().contains(p)).collect(),
            eligibility,
            group: written.group.get_ref().clone(),
            value: *written.value.get_ref(),
            repeatable: written.repeatable,
            after_refusal_days: written.after_refusal_days.as_ref().map(|days| *days.get_ref()),
            suitability,
            propensity: named(&written.score.propensity),
            uplift: named(&written.score.uplift),
            contacts,
            reasons,
            protected,
        }
    }

    fn words(&mut self, written: &OfferFile) {
        let name = written.name.get_ref();
        if !names::is_identifier(name) {
            let message = format!("`{name}` is no name of an offer");
            self.wrong(Some(&written.name), message, "use a-z, 0-9 and _, as in `balanced_fund`");
        }
        let group = written.group.get_ref();
        if !names::is_identifier(group) {
            let message = format!("`{group}` is no name of a group");
            self.wrong(Some(&written.group), message, "use a-z, 0-9 and _, as in `investment`");
        }
        if !complete(written.meaning.get_ref()) {
            let message = format!("offer `{name}` does not say what it is called");
            self.wrong(Some(&written.meaning), message, "fill in `zh` and `en`: both are shown");
        }
        if written.purposes.get_ref().is_empty() {
            let message = format!("offer `{name}` may be made for nothing");
            self.wrong(Some(&written.purposes), message, "name at least one purpose, as in [\"marketing\"]");
        }
    }

    fn numbers(&mut self, written: &OfferFile) {
        let value = *written.value.get_ref();
        if !(value.is_finite() && value > 0.0) {
            let message = format!("`value` is {value}");
            self.wrong(Some(&written.value), message, "it is above 0; 1 for all offers lets it weigh nothing");
        }
        if let Some(days) = written.after_refusal_days.as_ref().filter(|d| !(1..=REST_DAYS_MAX).contains(d.get_ref())) {
            let message = format!("a rest of {} days after a refusal", days.get_ref());
            self.wrong(Some(days), message, "it is from 1 to 3653 days");
        }
        for limit in &written.contacts {
            self.problems.extend(rules::limit_problem(self.file, limit));
        }
    }

    /// The product's risk level by the table `product`.
    fn product(&mut self, written: &OfferFile) -> Option<RiskLevel> {
        let product = written.product.get_ref();
        let known = self.known.products.get(product).copied();
        if known.is_none() {
            let help = names::advice(product, "products", self.known.products.keys().map(String::as_str));
            self.wrong(Some(&written.product), format!("there is no product `{product}`"), help);
        }
        known.flatten()
    }

    fn suitability(&mut self, written: &OfferFile, by_table: Option<RiskLevel>) -> Option<Suitability> {
        let product = written.product.get_ref();
        match (&written.suitability, &written.unrated) {
            (Some(def), None) => Some(self.rated(def.get_ref(), product, by_table)),
            (Some(_), Some(unrated)) => {
                let help = "take one of them away: what has a risk level is not unrated";
                self.wrong(Some(unrated), "`unrated` stands beside `[suitability]`", help);
                None
            }
            (None, Some(why)) => {
                if why.get_ref().trim().is_empty() {
                    self.wrong(Some(why), "`unrated` does not say why", "write it, as in \"a card, no investment\"");
                }
                if let Some(risk) = by_table {
                    let message = format!("product `{product}` has the risk level {}", risk.name());
                    self.wrong(Some(why), message, "write `[suitability]` with `risk_level` instead of `unrated`");
                }
                None
            }
            (None, None) => {
                let message = format!("offer `{}` does not say whom its risk suits", written.name.get_ref());
                let help = "write `[suitability]` with `risk_level`, or `unrated = \"why\"` for what is no investment";
                self.wrong(Some(&written.name), message, help);
                None
            }
        }
    }

    fn rated(&mut self, def: &SuitabilityDef, product: &str, by_table: Option<RiskLevel>) -> Suitability {
        let risk = *def.risk_level.get_ref();
        if let Some(table) = by_table.filter(|table| *table > risk) {
            let message =
                format!("product `{product}` has the risk level {}, and the offer says {}", table.name(), risk.name());
            self.wrong(Some(&def.risk_level), message, format!("the higher one counts: write {}", table.name()));
        }
        let tolerance = def.tolerance_min.as_ref().map_or(risk.needs(), |t| *t.get_ref());
        if let Some(place) = def.tolerance_min.as_ref().filter(|_| tolerance < risk.needs()) {
            let message = format!(
                "{} asks for {} at least, and the offer for {}",
                risk.name(),
                risk.needs().name(),
                tolerance.name()
            );
            self.wrong(Some(place), message, "a bank may be stricter than the matrix, not laxer");
        }
        let days = def.assessment_days_max.as_ref().map_or(ASSESSMENT_DAYS_MAX, |d| *d.get_ref());
        if let Some(place) = def.assessment_days_max.as_ref().filter(|_| !(1..=ASSESSMENT_DAYS_MAX).contains(&days)) {
            self.wrong(Some(place), format!("an assessment of up to {days} days"), "it is from 1 to 365 days");
        }
        let risk = by_table.map_or(risk, |table| table.max(risk));
        Suitability {
            risk,
            tolerance_min: tolerance.max(risk.needs()),
            assessment_days_max: days.min(ASSESSMENT_DAYS_MAX),
        }
    }

    fn eligibility(&mut self, written: &OfferFile) -> Option<Eligibility> {
        let place = written.eligibility.as_ref()?;
        let read = match eligibility::read(place.get_ref()) {
            Ok(read) => read,
            Err((message, help)) => {
                self.wrong(Some(place), message, help);
                return None;
            }
        };
        for name in &read.traits {
            match self.known.traits.get(name) {
                None => {
                    let help = names::advice(name, "traits", self.known.traits.keys().map(String::as_str));
                    self.wrong(Some(place), format!("there is no trait `{name}`"), help);
                }
                Some(may) => self.may(place, "trait", name, may, written.purposes.get_ref()),
            }
        }
        Some(read)
    }

    /// Each purpose of the offer is one of what it reads.
    fn may(&mut self, place: &Spanned<String>, what: &str, name: &str, may: &[Purpose], purposes: &[Purpose]) {
        for purpose in purposes.iter().filter(|purpose| !may.contains(purpose)) {
            let message = format!("{what} `{name}` may not be used for {purpose}");
            let help = format!("take `{purpose}` out of the offer's purposes, or let the {what}'s owner allow it");
            self.wrong(Some(place), message, help);
        }
    }

    /// Facts of the models that score it.
    fn models(&mut self, written: &OfferFile) -> Vec<ModelFacts> {
        let mut found = Vec::new();
        let named = [(&written.score.propensity, false), (&written.score.uplift, true)];
        for (place, uplift) in named.into_iter().filter_map(|(place, uplift)| Some((place.as_ref()?, uplift))) {
            let name = place.get_ref();
            let Some(model) = self.known.models.get(name) else {
                let help = names::advice(name, "models", self.known.models.keys().map(String::as_str));
                self.wrong(Some(place), format!("there is no model `{name}`"), help);
                continue;
            };
            if model.uplift != uplift {
                let (is, key) =
                    if model.uplift { ("the effect of an offer", "uplift") } else { ("a chance", "propensity") };
                self.wrong(Some(place), format!("model `{name}` foretells {is}"), format!("name it as `{key}`"));
            }
            self.may(place, "model", name, &model.purposes.clone(), written.purposes.get_ref());
            found.push(model.clone());
        }
        found
    }

    fn reasons(&mut self, written: &OfferFile, models: &[ModelFacts]) {
        // A model that is not there is told already; which features it has cannot be.
        let named = [&written.score.propensity, &written.score.uplift].into_iter().flatten().count();
        let features: Option<BTreeSet<&str>> = models
            .iter()
            .map(|model| model.features.as_ref())
            .collect::<Option<Vec<_>>>()
            .filter(|found| found.len() == named)
            .map(|all| all.into_iter().flatten().map(String::as_str).collect());
        for (place, words) in &written.reasons {
            let name = place.get_ref();
            if !complete(words) {
                let message = format!("the reason of `{name}` lacks a language");
                self.wrong(Some(place), message, "fill in `zh` and `en`: customers read one of them");
            }
            if models.iter().any(|model| model.protected.contains(name)) {
                let message = format!("`{name}` is protected and has a text for reasons");
                self.wrong(Some(place), message, "take the text away: what is protected is never named");
            }
            if let Some(features) = features.as_ref().filter(|all| !all.contains(name.as_str())) {
                let help = names::advice(name, "features of its models", features.iter().copied());
                self.wrong(Some(place), format!("no model of the offer has a feature `{name}`"), help);
            }
        }
    }
}

fn complete(words: &Words) -> bool {
    !words.zh.trim().is_empty() && !words.en.trim().is_empty()
}
