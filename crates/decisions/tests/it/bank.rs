//! A small bank's offers, for tests.

use std::collections::{BTreeMap, BTreeSet};

use florin_decisions::{
    DefinitionProblem, Words,
    error::DecisionError,
    offers::{Known, ModelFacts, OfferFile, Offers, RulesFile, compile},
    ranking::Asked,
    standing::Standing,
    suitability::{Assessment, RiskLevel, Tolerance},
};
use florin_domain::{CustomerId, EventTime, Purpose};

pub(crate) const DAY: i64 = 86_400_000_000;
pub(crate) const NOW: EventTime = EventTime(20_000 * DAY);

pub(crate) fn words(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

pub(crate) fn known() -> Known {
    let products = [
        ("CC001", None),
        ("FD001", Some(RiskLevel::R1)),
        ("FD003", Some(RiskLevel::R3)),
        ("FD005", Some(RiskLevel::R5)),
    ];
    let traits = [
        ("age", vec![Purpose::Marketing]),
        ("balance_30d", vec![Purpose::Marketing, Purpose::Service]),
        ("income", vec![Purpose::Risk]),
    ];
    let model = |uplift: bool| ModelFacts {
        purposes: vec![Purpose::Marketing],
        uplift,
        features: Some(["age", "balance_30d"].map(str::to_owned).into()),
        protected: BTreeSet::from(["age".to_owned()]),
        reasons: BTreeMap::from([("balance_30d".to_owned(), words("近期余额", "recent balance"))]),
    };
    Known {
        products: products.map(|(name, risk)| (name.to_owned(), risk)).into(),
        traits: traits.map(|(name, may)| (name.to_owned(), may)).into(),
        models: [("takes_card", model(false)), ("fund_effect", model(true))].map(|(n, m)| (n.to_owned(), m)).into(),
    }
}

pub(crate) const CARD: &str = r#"
name = "card"
product = "CC001"
meaning = { zh = "信用卡", en = "credit card" }
purposes = ["marketing"]
eligibility = "age >= 18 and balance_30d > 100"
group = "card"
value = 60.0
unrated = "a card, no investment"
after_refusal_days = 90
[score]
propensity = "takes_card"
[[contacts]]
scope = "offer"
at_most = 1
days = 30
[reasons]
balance_30d = { zh = "您近期的余额为{value}", en = "your recent balance is {value}" }
"#;

pub(crate) fn fund(name: &str, product: &str, risk: &str, value: f64) -> String {
    format!(
        r#"
name = "{name}"
product = "{product}"
meaning = {{ zh = "基金{name}", en = "fund {name}" }}
purposes = ["marketing"]
group = "fund"
value = {value}
[suitability]
risk_level = "{risk}"
[score]
uplift = "fund_effect"
"#
    )
}

pub(crate) const RULES: &str = r#"
weights = { propensity = 0.5, uplift = 0.3, alike = 0.2 }
value_weight = 0.5
group_discount = 0.7
per_group_max = 2
[[contacts]]
scope = "all"
at_most = 3
days = 30
"#;

pub(crate) fn file(name: &str, text: &str) -> (String, OfferFile) {
    let path = format!("offers/{name}.toml");
    let parsed = OfferFile::parse(&path, text).expect("the right form");
    (path, parsed)
}

pub(crate) fn rules(text: &str) -> (String, RulesFile) {
    let path = "offers/rules.toml".to_owned();
    let parsed = RulesFile::parse(&path, text).expect("the right form");
    (path, parsed)
}

pub(crate) fn files() -> Vec<(String, OfferFile)> {
    vec![
        file("card", CARD),
        file("cash", &fund("cash", "FD001", "R1", 20.0)),
        file("mixed", &fund("mixed", "FD003", "R3", 100.0)),
        file("futures", &fund("futures", "FD005", "R5", 400.0)),
    ]
}

pub(crate) fn offers() -> Offers {
    compile(&files(), Some(&rules(RULES)), &known()).expect("sound")
}

pub(crate) fn problems(text: &str) -> Vec<DefinitionProblem> {
    match compile(&[file("one", text)], None, &known()) {
        Err(DecisionError::Definitions(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

/// One who may be offered everything.
pub(crate) fn welcome() -> Standing {
    Standing {
        personalised: true,
        purposes: BTreeSet::from([Purpose::Marketing]),
        assessment: Some(Assessment { tolerance: Tolerance::C5, made_at: EventTime(NOW.micros() - 10 * DAY) }),
        eligible: BTreeMap::from([("card".to_owned(), true)]),
        ..Standing::unknown(CustomerId(7))
    }
}

pub(crate) fn asked() -> Asked {
    Asked { purpose: Purpose::Marketing, as_of: NOW, at_most: 10 }
}
