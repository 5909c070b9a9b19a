//! What a released classifier says of each text, kept as a table of the lake, and why.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_models::{
    definition::{ModelDef, Source},
    explain::REASONS_MAX,
};
use florin_store::ModelVersion;
use florin_text::classifier::Explanation;

use super::{
    super::{
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
    known::{Known, KnownTexts, digest},
    learn::Said,
    reader::Reader,
};
use crate::{FlowError, House, bank::Seat};

/// Labels with fewer than this chance are not told beside the one that is said.
const OTHERS: usize = 3;

/// Says of every text of the query what it is about, of customers who may be seen for at least one of the model's purposes, and keeps that. What the same version
/// said of a text before stays as it is, unless all is to be said `anew`.
pub(in super::super) async fn score(
    house: &House,
    (def, seat): (&ModelDef, Seat),
    version: &ModelVersion,
    (as_of, anew): (EventTime, bool),
) -> Result<Scored, FlowError> {
    let Source::Texts { sql: Some(sql), .. } = &def.source else {
        return Err(wrong(&def.name, "it has no query of texts to say something of"));
    };
    let made = Made::of(version)?;
    let rests = rests_on(house, def).await?;
    let profiling = house.profiling(Purpose::Service, as_of).await?;
    profiling.with_traits(&named(def).1).await?;
    let texts = of_query(profiling.session().sql(sql).await?, &def.name).await?;
    let known =
        if anew { KnownTexts::default() } else { KnownTexts::of(house, &profiling, (def, seat), version).await? };
    let mut people: Vec<i64> = texts.rows.iter().filter_map(|row| row.customer).collect();
    people.sort_unstable();
    people.dedup();
    let (people, left_out) = seen(house, def, people, as_of).await?;
    let mut rows = texts.rows;
    // Texts of nobody have nobody whose consent could be asked.
    rows.retain(|row| row.customer.is_some_and(|customer| people.binary_search(&customer).is_ok()));
    rows.sort_unstable_by(|a, b| (a.customer, a.time, &a.id).cmp(&(b.customer, b.time, &b.id)));
    let (said, read, drift) = tokio::task::block_in_place(|| -> Result<_, FlowError> {
        let (said, read) = said(house, def, (version, &made), &rows, known)?;
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let drift = if rows.is_empty() { Vec::new() } else { made.expected.drift_of_texts(&said.labels, &texts)? };
        Ok((said, read, drift))
    })?;
    let found = Found { customers: people.len(), left_out, days: 0, texts_read: read, drift };
    keep_texts(house, (def, seat), said, &found.kept(version, as_of, rests)).await?;
    found.told(house, def, version, as_of).await
}

/// What is said of each text, and how many of them had to be read. Where all are known, nothing is opened.
fn said(
    house: &House,
    def: &ModelDef,
    (version, made): (&ModelVersion, &Made),
    rows: &[TextRow],
    mut known: KnownTexts,
) -> Result<(TextsSaid, usize), FlowError> {
    let before: Vec<Option<Known>> = rows.iter().map(|row| known.take(row)).collect();
    let new: Vec<TextRow> =
        rows.iter().zip(&before).filter(|(_, known)| known.is_none()).map(|(row, _)| row.clone()).collect();
    let mut fresh = match new.is_empty() {
        true => Vec::new(),
        false => of_new(&Reader::of_version(house, def, &version.bytes, made)?, &new)?,
    }
    .into_iter();
    let mut said = TextsSaid {
        customers: rows.iter().filter_map(|row| row.customer).collect(),
        ids: rows.iter().map(|row| row.id.clone()).collect(),
        times: rows.iter().map(|row| row.time).collect(),
        digests: rows.iter().map(|row| digest(&row.text)).collect(),
        labels: Vec::with_capacity(rows.len()),
        chances: Vec::with_capacity(rows.len()),
        reasons: Vec::with_capacity(rows.len()),
    };
    for known in before {
        let known = known.map(|known| (known.label, known.chance, known.reasons)).or_else(|| fresh.next());
        let Some((label, chance, reasons)) = known else {
            return Err(FlowError::Internal("a text was neither known nor read".to_owned()));
        };
        said.labels.push(label);
        said.chances.push(chance);
        said.reasons.push(reasons);
    }
    Ok((said, new.len()))
}

/// Of each text that is new: its label, how probable that is, and as JSON the words that spoke most for it.
fn of_new(reader: &Reader, rows: &[TextRow]) -> Result<Vec<(String, f64, String)>, FlowError> {
    let said = Said::of(reader, rows)?;
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let names = reader.classifier.labels();
    let one = |((label, chance), why): ((&usize, &f64), Explanation)| {
        let kept: Vec<KeptReason> = why
            .reasons
            .into_iter()
            .filter(|reason| reason.adds > 0.0 && !reason.word.trim().is_empty())
            .take(REASONS_MAX)
            .map(|reason| KeptReason { feature: reason.word, value: None, effect: reason.adds })
            .collect();
        let kept = serde_json::to_string(&kept).map_err(|e| FlowError::Internal(e.to_string()))?;
        Ok((names[*label].clone(), *chance, kept))
    };
    let why = reader.explanations(&texts, &said.labels)?;
    said.labels.iter().zip(&said.chances).zip(why).map(one).collect()
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
    tokio::task::block_in_place(|| {
        let reader = Reader::of_version(house, def, &version.bytes, &Made::of(version)?)?;
        let (classifier, text) = (&reader.classifier, [latest.text.as_str()]);
        let Some(verdict) = reader.verdicts(&text)?.pop() else {
            return Err(FlowError::Internal("nothing was said of a text".to_owned()));
        };
        let Some(found) = reader.explanations(&text, &[verdict.label])?.pop() else {
            return Err(FlowError::Internal("a text was not explained".to_owned()));
        };
        let mut effects: Vec<Effect> = found
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
        if classifier.dimensions() > 0 {
            effects.push(of_meaning(found.meaning));
            effects.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()));
        }
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

/// What the meaning of the whole text added, beside its words.
fn of_meaning(adds: f64) -> Effect {
    let called = Told { zh: "整句话的意思".to_owned(), en: "what it means as a whole".to_owned() };
    Effect { feature: "meaning".to_owned(), called, value: None, adds, protected: false }
}

/// A word that decided, as a sentence.
pub(in super::super) fn word(word: &str) -> Told {
    Told { zh: format!("文中提到“{word}”。"), en: format!("It says “{word}”.") }
}
