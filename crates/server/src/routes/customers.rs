//! One customer.

use axum::{Json, extract::State, http::StatusCode};
use florin_api::{
    Compared, ComparedStep, ConsentWord, Customer, CustomerOffer, CustomerScore, ExplainedScore, ForPurpose,
    ForPurposeAsOf, FoundCustomer, Happened, IdentifyingValue, InSegment, Member, Merged, NearestChange, OffersNow,
    Person, Records, ScoreEffect, SearchCustomers, TakeBack, TextLabel, Timeline, TimelineQuery, TraitValue, Unmask,
    WithheldOffer, Words,
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_features::definition::Meaning;
use florin_pipelines::{
    customer as view, models, offers as offering,
    resolve::{self, Because},
    traits::ProfileValue,
};

use crate::{
    answer::all_rows,
    caller::{Asked, Body, Caller, Named},
    failure::{Answer, Failure},
    state::Shared,
};

/// What happened, on one page, when nobody says.
const TIMELINE_DEFAULT: u32 = 50;

pub(super) async fn search(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<SearchCustomers>,
) -> Answer<Vec<FoundCustomer>> {
    let found = view::search(&caller.house(&server), asked.purpose, &asked.text).await?;
    let shown = found.into_iter().map(|of| FoundCustomer { customer: of.customer, by: of.by, said: of.said });
    Ok(Json(shown.collect()))
}

pub(super) async fn customer(
    State(server): State<Shared>,
    caller: Caller,
    Named(customer): Named<u32>,
    Asked(asked): Asked<ForPurposeAsOf>,
) -> Answer<Customer> {
    let house = caller.house(&server);
    let as_of = asked.as_of.as_deref().map(|text| house.as_of(text)).transpose()?;
    let found = view::customer(&house, CustomerId(customer), asked.purpose, as_of, false).await?;
    let records = found.sections.iter().map(|(table, batches)| {
        let rows = all_rows(batches)?;
        Ok(Records { table: table.clone(), rows })
    });
    Ok(Json(Customer {
        customer: found.customer.0,
        at: house.time(),
        profile: found.profile.into_iter().map(value).collect(),
        segments: found.segments.into_iter().map(in_segment).collect(),
        scores: found.scores.into_iter().map(score).collect(),
        offers: found.recommendations.into_iter().map(offer).collect(),
        consent: found.consent.into_iter().filter_map(word).collect(),
        records: records.collect::<Result<_, Failure>>()?,
    }))
}

fn in_segment((name, meaning): (String, Meaning)) -> InSegment {
    InSegment { name, meaning: Words { zh: meaning.zh, en: meaning.en } }
}

fn value(of: ProfileValue) -> TraitValue {
    TraitValue {
        name: of.name,
        meaning: Words { zh: of.meaning.zh, en: of.meaning.en },
        value: of.value.filter(|_| !of.masked).map(|value| value.to_string()),
        unit: of.unit,
        filled: of.filled,
        masked: of.masked,
        class: of.class,
        as_of: of.as_of,
        file: of.file,
        tables: of.tables,
    }
}

fn score(of: models::CustomerScore) -> CustomerScore {
    CustomerScore {
        model: of.model,
        meaning: Words { zh: of.meaning.zh, en: of.meaning.en },
        score: of.score,
        median_days: of.median_days,
        text: of.text.map(|text| TextLabel { label: text.label, at: text.at }),
        version: of.version,
        as_of: of.as_of,
        reasons: of.reasons.into_iter().map(told).collect(),
    }
}

fn told(of: models::Told) -> Words {
    Words { zh: of.zh, en: of.en }
}

fn offer(of: offering::CustomerOffer) -> CustomerOffer {
    CustomerOffer {
        offer: of.offer,
        meaning: Words { zh: of.meaning.zh, en: of.meaning.en },
        purpose: of.purpose,
        place: of.place,
        score: of.score,
        personalised: of.personalised,
        reasons: of.reasons.into_iter().map(|words| Words { zh: words.zh, en: words.en }).collect(),
        as_of: of.as_of,
    }
}

fn word((purpose, state): (String, String)) -> Option<ConsentWord> {
    Some(ConsentWord { purpose: purpose.parse::<Purpose>().ok()?, state })
}

pub(super) async fn timeline(
    State(server): State<Shared>,
    caller: Caller,
    Named(customer): Named<u32>,
    Asked(asked): Asked<TimelineQuery>,
) -> Answer<Timeline> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let tables = asked.tables.iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    let page = view::Page {
        tables: tables.map(str::to_owned).collect(),
        before: asked.before.map(EventTime),
        limit: asked.limit.unwrap_or(TIMELINE_DEFAULT) as usize,
    };
    let story = view::story(&asking, CustomerId(customer), &page).await?;
    let happened = story.events.into_iter().map(|of| Happened { ts: of.ts, table: of.table, said: of.said });
    Ok(Json(Timeline {
        happened: happened.collect(),
        next_before: story.next_before.map(EventTime::micros),
        tables: story.tables,
    }))
}

pub(super) async fn unmask(
    State(server): State<Shared>,
    caller: Caller,
    Named(customer): Named<u32>,
    Body(asked): Body<Unmask>,
) -> Answer<Vec<IdentifyingValue>> {
    let house = caller.house(&server);
    let found = view::look_up(&house, CustomerId(customer), asked.purpose, &asked.reason).await?;
    Ok(Json(found.into_iter().map(|(kind, value)| IdentifyingValue { kind, value }).collect()))
}

pub(super) async fn person(
    State(server): State<Shared>,
    caller: Caller,
    Named(customer): Named<u32>,
) -> Answer<Person> {
    let found = resolve::show(&caller.house(&server), CustomerId(customer)).await?;
    let member = |of: resolve::Member| Member { customer: of.customer, system: of.system };
    let merged = |of: resolve::Merged| Merged {
        event: of.event,
        what: of.what.to_owned(),
        customers: of.customers,
        by: of.by,
        at: of.at,
        reason: of.reason,
        because: of.because.map(compared),
    };
    Ok(Json(Person {
        person: found.person,
        members: found.members.into_iter().map(member).collect(),
        events: found.events.into_iter().map(merged).collect(),
    }))
}

fn compared(of: Because) -> Compared {
    let steps = of.waterfall.steps.into_iter();
    Compared {
        left: of.left,
        right: of.right,
        certain_rule: of.waterfall.certain_rule,
        prior_weight: of.waterfall.prior_weight,
        steps: steps
            .map(|step| ComparedStep { comparison: step.comparison, level: step.level, weight: step.weight })
            .collect(),
        weight: of.waterfall.weight,
        probability: of.waterfall.probability,
    }
}

pub(super) async fn undo(
    State(server): State<Shared>,
    caller: Caller,
    Named(event): Named<usize>,
    Body(asked): Body<TakeBack>,
) -> Result<StatusCode, Failure> {
    let customers: Vec<CustomerId> = asked.customers.into_iter().map(CustomerId).collect();
    resolve::undo(&caller.house(&server), event, &customers, &asked.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn explain(
    State(server): State<Shared>,
    caller: Caller,
    Named((customer, model)): Named<(u32, String)>,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<ExplainedScore> {
    let house = caller.house(&server);
    let found = models::explain(&house, &model, CustomerId(customer), None, None, Some(asked.purpose)).await?;
    let effect = |of: models::Effect| ScoreEffect {
        feature: of.feature,
        called: told(of.called),
        value: of.value,
        adds: of.adds,
        protected: of.protected,
    };
    Ok(Json(ExplainedScore {
        model: found.model,
        version: found.version,
        customer: found.customer.0,
        score: found.score,
        margin: found.margin,
        base: found.base,
        effects: found.effects.into_iter().map(effect).collect(),
        reasons: found.reasons.into_iter().map(told).collect(),
        nearest: found
            .nearest
            .map(|of| NearestChange { changes: of.changes.into_iter().map(told).collect(), score: of.score }),
    }))
}

pub(super) async fn offers(
    State(server): State<Shared>,
    caller: Caller,
    Named(customer): Named<u32>,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<OffersNow> {
    let house = caller.house(&server);
    let made = offering::recommend_to(&house, CustomerId(customer), asked.purpose, None, offering::AT_MOST).await?;
    let (purpose, as_of, personalised) = (made.purpose, made.as_of, made.ranking.personalised);
    let words = |zh: String, en: String| Words { zh, en };
    let offers = made.ranking.offers.into_iter().zip(1..).map(|(of, place)| CustomerOffer {
        offer: of.offer,
        meaning: words(of.meaning.zh, of.meaning.en),
        purpose,
        place,
        score: Some(of.score),
        personalised,
        reasons: of.reasons.into_iter().map(|reason| words(reason.words.zh, reason.words.en)).collect(),
        as_of,
    });
    let withheld = made.ranking.withheld.into_iter().map(|of| WithheldOffer {
        offer: of.offer,
        meaning: words(of.meaning.zh, of.meaning.en),
        reasons: of.vetoes.into_iter().map(|(_, why)| words(why.zh, why.en)).collect(),
    });
    Ok(Json(OffersNow {
        purpose,
        as_of,
        personalised,
        offers: offers.collect(),
        withheld: withheld.collect(),
        notes: made.notes,
    }))
}
