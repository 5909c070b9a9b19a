//! Models and offers.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
};
use florin_api::{ActOnModel, CardQuery, Headline, Model, ModelAct, ModelDrift, ModelLine, OfferFacts, Words};
use florin_cards::{Card, Language};
use florin_pipelines::{
    House,
    define::definitions,
    models::{self as flow, Act, Drift, Line},
};

use crate::{
    caller::{Asked, Body, Caller, Named},
    failure::{Answer, Failure},
    state::Shared,
};

/// A card brings its own style and pictures, and nothing from elsewhere; it runs nothing.
const CARD_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

pub(super) async fn list(State(server): State<Shared>, caller: Caller) -> Answer<Vec<ModelLine>> {
    let house = caller.house(&server);
    let lines = flow::list(&house, None).await?;
    Ok(Json(lines.into_iter().map(|of| line(&house, of)).collect()))
}

fn line(house: &House, of: Line) -> ModelLine {
    let def = house.bank().models.get(&of.name);
    let drifted = |of: flow::Drifted| ModelDrift {
        of: of.of,
        psi: of.psi,
        by_chance: of.by_chance,
        drift: match of.drift {
            Drift::Stable => "stable",
            Drift::Watch => "watch",
            Drift::Act => "act",
        }
        .to_owned(),
    };
    ModelLine {
        meaning: def.map_or_else(
            || Words { zh: of.name.clone(), en: of.name.clone() },
            |def| Words { zh: def.meaning.zh.clone(), en: def.meaning.en.clone() },
        ),
        purposes: def.map(|def| def.purposes.clone()).unwrap_or_default(),
        owner: def.map(|def| def.owner.clone()).unwrap_or_default(),
        name: of.name,
        version: of.version,
        state: of.state.map(|state| state.name().to_owned()),
        trained_at: of.trained_at,
        trained_by: of.trained_by,
        headline: of.headline.map(|of| Headline {
            figure: of.figure.to_owned(),
            low: of.value.low,
            value: of.value.value,
            high: of.value.high,
        }),
        held_back_by: of.held_back_by,
        waived: of.waived,
        stale: of.stale,
        drift: of.drift.into_iter().map(drifted).collect(),
    }
}

pub(super) async fn one(
    State(server): State<Shared>,
    caller: Caller,
    Named((name, version)): Named<(String, u32)>,
) -> Answer<Model> {
    let house = caller.house(&server);
    let found = flow::show(&house, &name, Some(version)).await?;
    let act = |of: florin_store::ModelAct| ModelAct {
        at: of.at,
        by: of.by,
        act: of.act,
        subject: of.subject,
        reason: of.reason,
    };
    Ok(Json(Model {
        line: line(&house, found.line),
        content: found.content,
        definition: found.made.definition,
        train: found.made.trained_on.train as u64,
        test: found.made.trained_on.test as u64,
        acts: found.acts.into_iter().map(act).collect(),
        evaluation: serde_json::to_value(&found.made.evaluation)?,
    }))
}

pub(super) async fn card(
    State(server): State<Shared>,
    caller: Caller,
    Named((name, version)): Named<(String, u32)>,
    Asked(asked): Asked<CardQuery>,
) -> Result<Response, Failure> {
    let shown = flow::show(&caller.house(&server), &name, Some(version)).await?;
    let on = &shown.made.trained_on;
    let mut card = Card::of_version(&shown.made.evaluation, version, &shown.content, on.purpose, &on.tables);
    if let Some(at) = shown.line.trained_at.and_then(|at| jiff::Timestamp::from_microsecond(at.micros()).ok()) {
        card = card.trained_at(at.strftime("%Y-%m-%d %H:%M").to_string());
    }
    let language = if asked.language.as_deref() == Some("zh") { Language::Chinese } else { Language::English };
    let mut answer = Html(card.html(language)).into_response();
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CARD_POLICY));
    Ok(answer)
}

pub(super) async fn act(
    State(server): State<Shared>,
    caller: Caller,
    Named((name, version)): Named<(String, u32)>,
    Body(asked): Body<ActOnModel>,
) -> Answer<ModelLine> {
    let house = caller.house(&server);
    let what = match asked {
        ActOnModel::Approve {} => Act::Approve,
        ActOnModel::Refuse { reason } => Act::Refuse { reason },
        ActOnModel::Waive { guard, reason } => Act::Waive { guard, reason },
        ActOnModel::Promote { challenger } => Act::Promote { challenger },
        ActOnModel::Retire { reason } => Act::Retire { reason },
        ActOnModel::Rollback { reason } => Act::Rollback { reason },
    };
    let done = flow::act(&house, &name, Some(version), &what).await?;
    Ok(Json(line(&house, done)))
}

pub(super) async fn offers(State(server): State<Shared>, caller: Caller) -> Answer<Vec<OfferFacts>> {
    let house = caller.house(&server);
    let files = definitions(&house, "offer").await?;
    let text = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.text.clone());
    let shown = house.bank().offers.all().iter().map(|of| OfferFacts {
        name: of.name.clone(),
        meaning: Words { zh: of.meaning.zh.clone(), en: of.meaning.en.clone() },
        product: of.product.clone(),
        purposes: of.purposes.clone(),
        recommended: None,
        first: None,
        definition: text(&of.name).unwrap_or_default(),
    });
    Ok(Json(shown.collect()))
}
