//! What a released classifier says of each text, kept as a table of the lake, and why.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_models::{
    definition::{ModelDef, Source},
    explain::REASONS_MAX,
};
use florin_store::ModelVersion;
use florin_text::Classifier;
use rayon::prelude::*;

use super::{
    super::{
        drift::Drifted,
        due::rests_on,
        explain::{Effect, Explained},
        kept::{TextsSaid, keep_texts},
        known::Made,
        score::{Found, Scored, seen},
        told::{KeptReason, Told},
        train::named,
        wrong,
    },
    gather::{TextRow, of_query},
    learn::{Said, classifier},
};
use crate::{FlowError, House};

/// Labels with fewer than this chance are not told beside the one that is said.
const OTHERS: usize = 3;

/// Says of every text of the query what it is about, of customers who may be seen for at least one of the model's purposes, and keeps that.
pub(in super::super) async fn score(
    house: &House,
    def: &ModelDef,
    version: &ModelVersion,
    as_of: EventTime,
) -> Result<Scored, FlowError> {
    let Source::Texts { sql: Some(sql), .. } = &def.source else {
        return Err(wrong(&def.name, "it has no query of texts to say something of"));
    };
    let made = Made::of(version)?;
    let classifier = classifier(house, &def.name, &version.bytes)?;
    let rests = rests_on(house, def).await?;
    let profiling = house.profiling(Purpose::Service, as_of).await?;
    profiling.with_traits(&named(def).1).await?;
    let texts = of_query(profiling.session().sql(sql).await?, &def.name).await?;
    let mut people: Vec<i64> = texts.rows.iter().filter_map(|row| row.customer).collect();
    people.sort_unstable();
    people.dedup();
    let (people, left_out) = seen(house, def, people, as_of).await?;
    let mut rows = texts.rows;
    // Texts of nobody have nobody whose consent could be asked.
    rows.retain(|row| row.customer.is_some_and(|customer| people.binary_search(&customer).is_ok()));
    rows.sort_unstable_by(|a, b| (a.customer, a.time, &a.id).cmp(&(b.customer, b.time, &b.id)));
    let (said, drift) = tokio::task::block_in_place(|| -> Result<(TextsSaid, Vec<Drifted>), FlowError> {
        let said = Said::of(&classifier, &rows);
        let reasons = reasons(&classifier, &rows, &said.labels)?;
        let labels: Vec<String> = said.labels.iter().map(|label| classifier.labels()[*label].clone()).collect();
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let drift = if rows.is_empty() { Vec::new() } else { made.expected.drift_of_texts(&labels, &texts)? };
        let said = TextsSaid {
            customers: rows.iter().filter_map(|row| row.customer).collect(),
            ids: rows.iter().map(|row| row.id.clone()).collect(),
            times: rows.iter().map(|row| row.time).collect(),
            labels,
            chances: said.chances,
            reasons,
        };
        Ok((said, drift))
    })?;
    let found = Found { customers: people.len(), left_out, days: 0, drift };
    keep_texts(house, def, said, &found.kept(version, as_of, rests)).await?;
    found.told(house, def, version, as_of).await
}

/// Of each text, the words that spoke most for what was said, as JSON.
fn reasons(classifier: &Classifier, rows: &[TextRow], labels: &[usize]) -> Result<Vec<String>, FlowError> {
    let one = |(row, label): (&TextRow, &usize)| {
        let kept: Vec<KeptReason> = classifier
            .explain(&row.text, *label)
            .reasons
            .into_iter()
            .filter(|reason| reason.adds > 0.0 && !reason.word.trim().is_empty())
            .take(REASONS_MAX)
            .map(|reason| KeptReason { feature: reason.word, value: None, effect: reason.adds })
            .collect();
        serde_json::to_string(&kept).map_err(|e| FlowError::Internal(e.to_string()))
    };
    rows.par_iter().zip(labels).map(one).collect()
}

/// Why a customer's latest text is said to be about what it is.
pub(in super::super) async fn explain(
    house: &House,
    def: &ModelDef,
    version: &ModelVersion,
    customer: CustomerId,
    purpose: Purpose,
    as_of: Option<EventTime>,
) -> Result<Explained, FlowError> {
    let Source::Texts { sql: Some(sql), .. } = &def.source else {
        return Err(wrong(&def.name, "it is about texts of a file, and not about customers"));
    };
    let asking = house.asking(purpose, as_of).await?;
    let customer = CustomerId(asking.persons().known_as(customer.0));
    asking.traits_of(sql).await?;
    let mut rows = of_query(asking.sql(sql).await?, &def.name).await?.rows;
    rows.retain(|row| row.customer == Some(i64::from(customer.0)));
    let Some(latest) = rows.last() else {
        let known = "none with a text that may be seen for this purpose".to_owned();
        return Err(FlowError::Unknown { what: "customer", name: customer.to_string(), known });
    };
    let classifier = classifier(house, &def.name, &version.bytes)?;
    tokio::task::block_in_place(|| {
        let verdict = classifier.classify(&latest.text);
        let found = classifier.explain(&latest.text, verdict.label);
        let effects: Vec<Effect> = found
            .reasons
            .iter()
            .map(|reason| Effect {
                feature: reason.word.clone(),
                called: Told { zh: reason.word.clone(), en: reason.word.clone() },
                value: None,
                adds: reason.adds,
                protected: false,
            })
            .collect();
        let label = classifier.labels()[verdict.label].clone();
        let spoke = effects.iter().filter(|effect| effect.adds > 0.0 && !effect.feature.trim().is_empty());
        let reasons = spoke.take(REASONS_MAX).map(|effect| word(&effect.feature)).collect();
        let mut others: Vec<(String, f64)> =
            classifier.labels().iter().cloned().zip(verdict.probabilities.iter().copied()).collect();
        others.retain(|(other, _)| *other != label);
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        others.truncate(OTHERS);
        Ok(Explained {
            model: def.name.clone(),
            version: version.version,
            state: version.state,
            customer,
            score: verdict.probabilities.get(verdict.label).copied().unwrap_or(0.0),
            margin: found.decision,
            base: found.bias,
            times: None,
            text: Some(super::super::explain::ExplainedText { text: latest.text.clone(), label, others }),
            effects,
            reasons,
            to: 0.0,
            nearest: None,
        })
    })
}

/// A word that decided, as a sentence.
pub(in super::super) fn word(word: &str) -> Told {
    Told { zh: format!("文中提到“{word}”。"), en: format!("It says “{word}”.") }
}
