//! `marketing/*.csv`, `consent/consent.csv`, `surveys/answers.csv`: files that grow by a month at a time.

use std::path::Path;

use super::SYSTEM;
use crate::{
    SimulationError,
    dirt::{Dirt, Spoil, Spot, spoil, twice, warned},
    exports::{
        Few,
        files::{Part, PartFile, write_all},
        rows::{Rows, Shape},
    },
    keys::Keys,
    life::{
        outbox::Outbox,
        records::{Answer, ConsentWord, Offer},
        world::World,
    },
    text,
    truth::Truth,
};

const SHAPE: Shape = Shape::Delimited { gb18030: false };
const CONTACT_HEADER: [&str; 7] = ["contact_id", "campaign", "customer_no", "arm", "channel", "sent_at", "cost"];
const RESPONSE_HEADER: [&str; 6] = ["response_id", "campaign", "customer_no", "kind", "at", "value"];
const CONSENT_HEADER: [&str; 5] = ["customer_no", "purpose", "state", "at", "notice"];
const ANSWER_HEADER: [&str; 7] = ["answer_id", "survey", "question", "customer_no", "at", "score", "comment"];
const CONTACT_SPOILS: [Spoil; 7] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 5, "sent_at"),
    spoil(Spot::BadCode, 3, "arm"),
    spoil(Spot::Negative, 6, "cost"),
    spoil(Spot::DecimalComma, 6, "cost"),
    spoil(Spot::UnknownReference, 2, "customer_no"),
    twice(0, "contact_id"),
];
const RESPONSE_SPOILS: [Spoil; 5] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 4, "at"),
    spoil(Spot::BadCode, 3, "kind"),
    spoil(Spot::UnknownReference, 2, "customer_no"),
    twice(0, "response_id"),
];
const CONSENT_SPOILS: [Spoil; 4] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::BadCode, 2, "state"),
    spoil(Spot::UnknownReference, 0, "customer_no"),
    twice(0, "customer_no"),
];
const ANSWER_SPOILS: [Spoil; 6] = [
    spoil(Spot::BrokenRecord, 0, "*"),
    spoil(Spot::WrongDate, 4, "at"),
    spoil(Spot::Missing, 5, "score"),
    spoil(Spot::Negative, 5, "score"),
    warned(Spot::BadCode, 2, "question"),
    twice(0, "answer_id"),
];
const RATE: f64 = 0.005;
const CONSENT_RATE: f64 = 0.003;

/// The growing files.
pub(crate) struct MarketingFiles {
    contacts: PartFile,
    responses: PartFile,
    consents: PartFile,
    answers: PartFile,
}

impl MarketingFiles {
    pub(crate) fn create(folder: &Path, truth: &mut Truth) -> Result<Self, SimulationError> {
        let mut create = |name, header: &[&str]| {
            let mut file = PartFile::create(folder, SYSTEM, name)?;
            let mut rows = Rows::new(SHAPE);
            rows.header(header);
            file.append(&Part::from(rows), truth)?;
            Ok::<_, SimulationError>(file)
        };
        Ok(Self {
            contacts: create("marketing/contacts.csv", &CONTACT_HEADER)?,
            responses: create("marketing/responses.csv", &RESPONSE_HEADER)?,
            consents: create("consent/consent.csv", &CONSENT_HEADER)?,
            answers: create("surveys/answers.csv", &ANSWER_HEADER)?,
        })
    }

    /// What happened in a month.
    pub(crate) fn month(&mut self, few: &mut Few<'_>, outbox: &Outbox) -> Result<(), SimulationError> {
        let settings = &few.world.settings;
        let dirt = |file, rate| Dirt::new(settings.seed, settings.dirt, file, i32::from(few.month.at), rate);
        let (contact_dirt, response_dirt) = (dirt(50, RATE), dirt(51, RATE));
        let (consent_dirt, answer_dirt) = (dirt(52, CONSENT_RATE), dirt(53, RATE));
        let new = || Rows::new(SHAPE);
        let (mut contacts, mut responses, mut consents, mut answers) = (new(), new(), new(), new());
        let month = few.month.name().replace('-', "");
        for (number, offer) in outbox.offers.iter().enumerate() {
            let Some(campaign) = few.world.campaigns.get(usize::from(offer.campaign)) else { continue };
            few.truth.response(few.keys, offer, campaign)?;
            write_contact(&mut contacts, few, offer, &format!("K{month}{:07}", number + 1));
            contacts.end(contact_dirt.of(number as u64, &CONTACT_SPOILS));
        }
        for (number, (offer, kind, day, at)) in in_time(&outbox.offers).into_iter().enumerate() {
            write_response(&mut responses, few, offer, (&format!("R{month}{:07}", number + 1), kind, day, at));
            responses.end(response_dirt.of(number as u64, &RESPONSE_SPOILS));
        }
        for (number, word) in outbox.consents.iter().enumerate() {
            write_consent(&mut consents, few.keys, word);
            consents.end(consent_dirt.of(number as u64, &CONSENT_SPOILS));
        }
        for (number, answer) in outbox.answers.iter().enumerate() {
            write_answer(&mut answers, few, answer, &format!("Q{month}{:07}", number + 1));
            answers.end(answer_dirt.of(number as u64, &ANSWER_SPOILS));
        }
        let parts = [
            (&mut self.contacts, contacts),
            (&mut self.responses, responses),
            (&mut self.consents, consents),
            (&mut self.answers, answers),
        ];
        parts.into_iter().try_for_each(|(file, rows)| file.append(&Part::from(rows), few.truth))
    }

    pub(crate) fn close(self) -> Result<u64, SimulationError> {
        [self.contacts, self.responses, self.consents, self.answers].into_iter().map(PartFile::close).sum()
    }
}

/// Looks and purchases in the order of time.
fn in_time(offers: &[Offer]) -> Vec<(&Offer, &'static str, i32, u32)> {
    let clicks = offers
        .iter()
        .filter(|o| o.clicked)
        .map(|o| (o, "click", o.day, o.at.saturating_add(1_150_000).min(86_399_000)));
    let purchases =
        offers.iter().filter_map(|o| o.bought_on.map(|day| (o, "purchase", day, 43_200_000 + o.at % 20_000_000)));
    let mut all: Vec<_> = clicks.chain(purchases).collect();
    all.sort_by_key(|(offer, _, day, at)| (*day, *at, offer.person));
    all
}

fn write_contact(rows: &mut Rows, few: &Few<'_>, offer: &Offer, id: &str) {
    let campaign = &few.world.campaigns[usize::from(offer.campaign)];
    rows.word(id);
    rows.word(&campaign.name);
    rows.number_text(few.keys.customer(offer.person));
    rows.word(if offer.treated { "treatment" } else { "control" });
    rows.word(if offer.treated { campaign.way.name() } else { "none" });
    rows.moment(offer.day, offer.at);
    rows.money(if offer.treated { campaign.way.cost().into() } else { 0 });
}

fn write_response(rows: &mut Rows, few: &Few<'_>, offer: &Offer, (id, kind, day, at): (&str, &str, i32, u32)) {
    rows.word(id);
    rows.word(&few.world.campaigns[usize::from(offer.campaign)].name);
    rows.number_text(few.keys.customer(offer.person));
    rows.word(kind);
    rows.moment(day, at);
    rows.money(if kind == "purchase" { i64::from(offer.value) * 100 } else { 0 });
}

fn write_consent(rows: &mut Rows, keys: &Keys, word: &ConsentWord) {
    rows.number_text(keys.customer(word.person));
    rows.word(if word.marketing { "marketing" } else { "analytics" });
    rows.word(if word.given { "given" } else { "withdrawn" });
    rows.moment(word.day, word.at);
    // The Personal Information Protection Law came into force on 2021-11-01 (day 18,932) and brought a new notice.
    rows.word(if word.day < 18_932 { "notice-2015" } else { "PIPL-2021" });
}

fn write_answer(rows: &mut Rows, few: &Few<'_>, answer: &Answer, id: &str) {
    let english = few.world.person(answer.person).is_some_and(|person| person.english);
    rows.word(id);
    rows.word(&format!("NPS-{}", few.month.name()));
    rows.word(["recommend", "app", "service"][usize::from(answer.question.min(2))]);
    rows.number_text(few.keys.customer(answer.person));
    rows.moment(answer.day, answer.at);
    rows.int(answer.score.into());
    let comment =
        answer.dice.map(|dice| text::of_answer(few.world.settings.seed, answer.person, dice, answer.score, english));
    rows.maybe(comment.as_deref());
}

/// `marketing/campaigns.csv`: which campaigns there were.
pub(crate) fn campaigns(world: &World, folder: &Path, truth: &mut Truth) -> Result<u64, SimulationError> {
    let mut rows = Rows::new(SHAPE);
    rows.header(&["campaign", "month", "product", "channel", "holdout_share", "unit_cost"]);
    for campaign in &world.campaigns {
        rows.word(&campaign.name);
        rows.word(&world.calendar.months[usize::from(campaign.month)].name());
        rows.word(campaign.holding.product().code);
        rows.word(campaign.way.name());
        rows.word(&crate::life::campaigns::HOLDOUT.to_string());
        rows.money(campaign.way.cost().into());
        rows.end(None);
    }
    write_all(folder, SYSTEM, "marketing/campaigns.csv", rows, truth)
}
