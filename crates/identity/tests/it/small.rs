//! A small table that several tests share, and settings with given weights.

use florin_identity::{
    Comparison, Field, FieldKind, KeyPart, Model, Prior, RecordRef, Records, Rule, Settings, Training,
    model::{ComparisonModel, LevelModel},
};

pub(crate) type Raw = [Option<&'static str>; 3];

pub(crate) fn at(system: u16, key: u64) -> RecordRef {
    RecordRef { system, key }
}

pub(crate) fn records(rows: &[(RecordRef, Raw)]) -> Records {
    let fields = vec![
        Field::new("name", FieldKind::Name),
        Field::new("phone", FieldKind::Phone),
        Field::new("national_id", FieldKind::NationalId),
    ];
    Records::build(fields, rows.iter().map(|(id, values)| (*id, values.iter().copied()))).expect("well-formed rows")
}

pub(crate) fn whole(column: &str) -> KeyPart {
    KeyPart::Whole { column: column.into() }
}

pub(crate) fn valid(column: &str) -> KeyPart {
    KeyPart::Valid { column: column.into() }
}

/// Compared by name and phone, when either is shared.
pub(crate) fn settings() -> Settings {
    let blocking = vec![Rule::new(vec![whole("phone")]), Rule::new(vec![KeyPart::Sound { column: "name".into() }])];
    let training = Training::new(Prior::Given { share: 0.01 }, vec![Rule::new(vec![whole("phone")])]);
    let mut settings = Settings::new(blocking, vec![Comparison::name("name"), Comparison::digits("phone")], training);
    for level in settings.comparisons.iter_mut().flat_map(|comparison| &mut comparison.levels) {
        level.frequency = None;
    }
    settings.link_probability = 0.5;
    settings
}

/// Weights that are easy to add: the first level +8 bits, the second +5 bits, each further one bit less, anything else −6.
pub(crate) fn model(settings: &Settings) -> Model {
    let levels = |comparison: &Comparison| {
        let names = comparison.levels.iter().map(|level| level.name.clone());
        let mut levels: Vec<LevelModel> =
            names.enumerate().map(|(at, name)| level(name, if at == 0 { 8 } else { 6 - at as i32 })).collect();
        levels.push(level("anything else".into(), -6));
        levels
    };
    let comparison = |of: &Comparison| ComparisonModel { name: of.name.clone(), levels: levels(of), trained: true };
    Model { prior: 0.01, comparisons: settings.comparisons.iter().map(comparison).collect() }
}

fn level(name: String, bits: i32) -> LevelModel {
    let u = 0.5f64.powi(10);
    LevelModel { name, m: u * 2f64.powi(bits), u }
}
