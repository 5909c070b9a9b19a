//! One customer: profile, timeline, identity, scores, offers, consent.

use florin_domain::{DataClass, EventTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, ForPurpose, ForPurposeAsOf, Purpose, Rows, Words};

/// Whom to look for. Values go in the body, never into an address that a log would keep.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchCustomers {
    /// What for.
    pub purpose: Purpose,
    /// A customer's number, or something that recognises them: phone, e-mail, card, national id.
    pub text: String,
}

/// A customer who was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundCustomer {
    /// The person's number.
    pub customer: u32,
    /// By what: `number`, `phone`, `email` …
    pub by: String,
    /// What may be said of them: kind, region, since when.
    pub said: Vec<String>,
}

/// The whole view of one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The person's number.
    pub customer: u32,
    /// When this was asked.
    pub at: EventTime,
    /// What is known of them: values of traits.
    pub profile: Vec<TraitValue>,
    /// Segments they belong to, as far as that may be known.
    pub segments: Vec<InSegment>,
    /// What models foretell of them.
    pub scores: Vec<CustomerScore>,
    /// What they are to be offered, the best first.
    pub offers: Vec<CustomerOffer>,
    /// What they said on each purpose.
    pub consent: Vec<ConsentWord>,
    /// Their latest records, by table; at most ten of each.
    pub records: Vec<Records>,
}

/// Records of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// Which table.
    pub table: String,
    /// What is in it.
    pub rows: Rows,
}

/// The value of a trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitValue {
    /// Which trait.
    pub name: String,
    /// What it says.
    pub meaning: Words,
    /// The value as text; nothing when there is none.
    pub value: Option<String>,
    /// What one of it is.
    pub unit: Option<String>,
    /// Whether a gap was filled with it.
    pub filled: bool,
    /// Whether this purpose may not see it.
    pub masked: bool,
    /// How sensitive it is.
    pub class: DataClass,
    /// The time it is as of.
    pub as_of: EventTime,
    /// Where it is defined.
    pub file: String,
    /// The tables it was computed from.
    pub tables: Vec<String>,
}

/// A segment somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InSegment {
    /// Its name.
    pub name: String,
    /// Who that is.
    pub meaning: Words,
}

/// What a model foretells of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerScore {
    /// Of which model.
    pub model: String,
    /// What it foretells.
    pub meaning: Words,
    /// The score; nothing where this purpose may not see it.
    pub score: Option<f64>,
    /// Of models of times: days within which it happens to half of such customers.
    pub median_days: Option<f64>,
    /// Of models of texts: what the latest text is about.
    pub text: Option<TextLabel>,
    /// The version that scored.
    pub version: i64,
    /// The time it is as of.
    pub as_of: EventTime,
    /// Its principal reasons.
    pub reasons: Vec<Words>,
}

/// What a text is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextLabel {
    /// What was said; nothing where this purpose may not see it.
    pub label: Option<String>,
    /// When it was written.
    pub at: EventTime,
}

/// An offer to a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerOffer {
    /// Which.
    pub offer: String,
    /// What it is called.
    pub meaning: Words,
    /// For which purpose.
    pub purpose: Purpose,
    /// 1 for the first.
    pub place: u32,
    /// What it was ranked by; nothing where this purpose may not see it.
    pub score: Option<f64>,
    /// Whether the order went by what is personal.
    pub personalised: bool,
    /// Why.
    pub reasons: Vec<Words>,
    /// The time it is as of.
    pub as_of: EventTime,
}

/// What a customer said on a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWord {
    /// Which purpose.
    pub purpose: Purpose,
    /// `given` or `withdrawn`; what holds without a word is on the purpose.
    pub state: String,
}

/// Which part of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// What for.
    pub purpose: Purpose,
    /// Only these tables, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<String>,
    /// Only what happened before that (microseconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// At most so many, up to 200; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// When.
    pub ts: EventTime,
    /// In which table it is.
    pub table: String,
    /// What is said of it: name of the column, value.
    pub said: Vec<(String, String)>,
}

/// Part of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// The newest first.
    pub happened: Vec<Happened>,
    /// Ask for what happened before this to go on; nothing at the end.
    pub next_before: Option<i64>,
    /// Tables that may be on it.
    pub tables: Vec<String>,
}

/// Why identifying values are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmask {
    /// What for.
    pub purpose: Purpose,
    /// Why, in own words; it is on the audit log.
    pub reason: String,
}

/// An identifying value.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifyingValue {
    /// `name`, `phone` …
    pub kind: String,
    /// The value.
    pub value: String,
}

/// Who a person is made of, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The person's number.
    pub person: u32,
    /// The systems' customers who are that person.
    pub members: Vec<Member>,
    /// What was merged and split, and what was taken back.
    pub events: Vec<Merged>,
}

/// A system's customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its number before any merge.
    pub customer: u32,
    /// Who knows it.
    pub system: String,
}

/// A merge or a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    /// Its number, by which it can be taken back.
    pub event: usize,
    /// `merged`, `split` or `undone`.
    pub what: String,
    /// The customers that it moved.
    pub customers: Vec<u32>,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: EventTime,
    /// In their words.
    pub reason: String,
    /// What was compared.
    pub because: Option<Compared>,
}

/// Two customers who were compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// One of the two.
    pub left: u32,
    /// The other.
    pub right: u32,
    /// A rule that decided without weights.
    pub certain_rule: Option<String>,
    /// What speaks for it before anything is compared, in bits.
    pub prior_weight: f64,
    /// What each comparison added, in bits.
    pub steps: Vec<ComparedStep>,
    /// All together, in bits.
    pub weight: f64,
    /// The probability that they are one.
    pub probability: f64,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedStep {
    /// What was compared.
    pub comparison: String,
    /// How alike it is.
    pub level: String,
    /// What it adds, in bits.
    pub weight: f64,
}

/// A merge or split to be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBack {
    /// The customers it concerns.
    pub customers: Vec<u32>,
    /// Why.
    pub reason: String,
}

/// A score taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainedScore {
    /// Of which model.
    pub model: String,
    /// Which version.
    pub version: u32,
    /// Whose.
    pub customer: u32,
    /// The score.
    pub score: f64,
    /// Its margin: `base` and what all features add.
    pub margin: f64,
    /// The margin of a row of which nothing is known.
    pub base: f64,
    /// All features, by how far they moved it.
    pub effects: Vec<ScoreEffect>,
    /// At most four, none of them protected.
    pub reasons: Vec<Words>,
    /// The nearest change that would alter the outcome, in words, and the score then.
    pub nearest: Option<NearestChange>,
}

/// What a feature added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreEffect {
    /// Which.
    pub feature: String,
    /// What it is called.
    pub called: Words,
    /// Its value; none where there is none.
    pub value: Option<String>,
    /// What it added to the margin.
    pub adds: f64,
    /// Whether it is protected: judged by, and never named to customers.
    pub protected: bool,
}

/// What would be otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NearestChange {
    /// In words.
    pub changes: Vec<Words>,
    /// The score then.
    pub score: f64,
}

/// Offers for one customer, made now: to be made, and not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OffersNow {
    /// For which purpose.
    pub purpose: Purpose,
    /// As of when.
    pub as_of: EventTime,
    /// Whether the order goes by what is personal.
    pub personalised: bool,
    /// To be made, the best first.
    pub offers: Vec<CustomerOffer>,
    /// Not to be made, and why.
    pub withheld: Vec<WithheldOffer>,
    /// What could not be taken into account.
    pub notes: Vec<String>,
}

/// An offer that is not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithheldOffer {
    /// Which.
    pub offer: String,
    /// What it is called.
    pub meaning: Words,
    /// Why.
    pub reasons: Vec<Words>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post(
            "/v1/customers/search",
            "searchCustomers",
            "Find customers by number or by what recognises them",
        )
        .takes::<SearchCustomers>()
        .lists::<FoundCustomer>(),
        Endpoint::get("/v1/customers/{customer}", "customer", "The whole view of one customer")
            .query::<ForPurposeAsOf>()
            .answers::<Customer>(),
        Endpoint::get("/v1/customers/{customer}/timeline", "timeline", "What happened, the newest first")
            .query::<TimelineQuery>()
            .answers::<Timeline>(),
        Endpoint::post("/v1/customers/{customer}/unmask", "unmask", "Identifying values; needs a reason and is logged")
            .takes::<Unmask>()
            .lists::<IdentifyingValue>(),
        Endpoint::get("/v1/customers/{customer}/person", "person", "Who a person is made of, and why")
            .answers::<Person>(),
        Endpoint::post("/v1/identity/{event}/undo", "undoIdentity", "Take a merge or a split back").takes::<TakeBack>(),
        Endpoint::get("/v1/customers/{customer}/scores/{model}", "explainScore", "A score taken apart")
            .query::<ForPurpose>()
            .answers::<ExplainedScore>(),
        Endpoint::get("/v1/customers/{customer}/offers", "offersNow", "What to offer now, what not, and why")
            .query::<ForPurpose>()
            .answers::<OffersNow>(),
    ]
}
