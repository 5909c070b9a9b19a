//! How people are compared, unless a bank says otherwise: what most systems know of somebody, and what it is worth.

use crate::{Comparison, Contradiction, Field, FieldKind, KeyPart, Prior, Rule, Settings, Training};

/// Pairs at least that probable are one person.
const LINK_PROBABILITY: f64 = 0.99;
/// The share of matches that the rules for the prior are expected to find.
const PRIOR_RECALL: f64 = 0.9;

/// What people are compared by.
#[must_use]
pub fn fields() -> Vec<Field> {
    let kinds = [
        ("name", FieldKind::Name),
        ("birth_date", FieldKind::Date),
        ("phone", FieldKind::Phone),
        ("national_id", FieldKind::NationalId),
        ("email", FieldKind::Email),
        ("address", FieldKind::Address),
    ];
    kinds.into_iter().map(|(name, kind)| Field::new(name, kind)).collect()
}

/// What makes two records one when it is the same, and is not weighed: a phone whose owner was checked, and a login.
#[must_use]
pub fn certain_fields() -> Vec<Field> {
    vec![Field::new("verified_phone", FieldKind::Phone), Field::new("login", FieldKind::Login)]
}

/// The rules that go with [`certain_fields`].
#[must_use]
pub fn certain_rules() -> Vec<Rule> {
    certain_fields().iter().map(|field| Rule::new(vec![whole(&field.name)])).collect()
}

/// How records of [`fields`] are matched: a valid national id makes two records one, and two different ones never meet.
#[must_use]
pub fn settings() -> Settings {
    let mut settings = Settings::new(blocking(), comparisons(), training());
    settings.certain = vec![Rule::new(vec![valid_id()])];
    settings.contradictions = vec![Contradiction { name: "national id".to_owned(), part: valid_id() }];
    settings.link_probability = LINK_PROBABILITY;
    settings
}

fn blocking() -> Vec<Rule> {
    let end_of_phone = || KeyPart::Suffix { column: "phone".to_owned(), letters: 4 };
    let surname = KeyPart::FirstWord { column: "name".to_owned() };
    let year = KeyPart::Year { column: "birth_date".to_owned() };
    let keys = vec![
        vec![whole("phone")],
        vec![whole("national_id")],
        vec![whole("email")],
        vec![surname, whole("birth_date")],
        vec![sound(), year],
        vec![sound(), end_of_phone()],
        vec![whole("birth_date"), end_of_phone()],
    ];
    keys.into_iter().map(Rule::new).collect()
}

fn comparisons() -> Vec<Comparison> {
    vec![
        Comparison::date("birth_date"),
        Comparison::digits("phone"),
        Comparison::digits("national_id"),
        Comparison::name("name"),
        Comparison::email("email"),
        Comparison::address("address"),
    ]
}

fn training() -> Training {
    let by_phone = || Rule::new(vec![whole("phone")]);
    let by_name_and_birth = || Rule::new(vec![sound(), whole("birth_date")]);
    let prior = Prior::Rules { rules: vec![by_name_and_birth(), by_phone()], recall: PRIOR_RECALL };
    Training::new(prior, vec![by_phone(), by_name_and_birth()])
}

fn whole(column: &str) -> KeyPart {
    KeyPart::Whole { column: column.to_owned() }
}

fn valid_id() -> KeyPart {
    KeyPart::Valid { column: "national_id".to_owned() }
}

fn sound() -> KeyPart {
    KeyPart::Sound { column: "name".to_owned() }
}
