//! Segments.

use std::time::Instant;

use axum::{Json, extract::State, response::Response};
use florin_api::{
    Beside, Cluster, CustomerPage, ExportSegment, ForPurpose, MembersQuery, Moment, PreviewSegment, Reachable, Segment,
    SegmentLine, SegmentPreview, TraitDrift, Words,
};
use florin_pipelines::{
    House,
    ask::Asking,
    define::definitions,
    facts,
    segments::{Draftable, Line},
};
use roaring::RoaringBitmap;
use serde_json::json;

use super::{definitions::as_toml, files};
use crate::{
    answer::took_ms,
    bounds::{PAGE_DEFAULT, PAGE_MAX},
    caller::{Asked, Body, Caller, Named},
    failure::{Answer, Failure},
    state::Shared,
};

/// The name that a draft has while it is looked at.
const DRAFT: &str = "a_draft_that_is_looked_at";

pub(super) async fn list(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<Vec<SegmentLine>> {
    let house = caller.house(&server);
    let lines = house.asking(asked.purpose, None).await?.segment_list().await?;
    Ok(Json(lines.into_iter().map(line).collect()))
}

pub(super) fn line(of: Line) -> SegmentLine {
    SegmentLine {
        name: of.name,
        kind: of.kind.to_owned(),
        zh: of.zh,
        en: of.en,
        purposes: of.purposes,
        size: of.size,
        share: of.share,
        unknown: of.unknown,
        as_of: of.as_of,
        followed: of.followed,
        follows: of.follows,
        stale: of.stale,
    }
}

pub(super) async fn one(
    State(server): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<Segment> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let found = asking.segment_view(&name, None).await?;
    let reachable = match found.seen {
        Some(_) => reachable(&house, &asking.members(&name).await?).await?,
        None => Vec::new(),
    };
    let history = match found.seen {
        Some(_) => asking.segment_history(&name, None).await?,
        None => Vec::new(),
    };
    let moment = |of: florin_pipelines::segments::Moment| Moment {
        at: of.at,
        size: of.size,
        entered: of.entered,
        left: of.left,
    };
    let clusters = found.clusters.into_iter().flat_map(|of| of.clusters).map(|of| Cluster {
        number: of.number,
        size: of.size,
        differences: of.differences.into_iter().map(|of| Words { zh: of.zh, en: of.en }).collect(),
    });
    Ok(Json(Segment {
        definition: definition(&house, &name).await?,
        line: line(found.line),
        seen: found.seen,
        hidden: found.hidden,
        reachable,
        history: history.into_iter().map(moment).collect(),
        beside: found.beside.into_iter().map(beside).collect(),
        drift: found
            .drift
            .into_iter()
            .map(|of| TraitDrift { name: of.name, since: of.since, index: of.index })
            .collect(),
        clusters: clusters.collect(),
        saved: found.saved.map(serde_json::to_value).transpose()?,
    }))
}

fn beside(of: florin_pipelines::segments::Beside) -> Beside {
    Beside { name: of.name, both: of.both, share: of.share, alike: of.alike }
}

/// The file that a segment is defined in.
async fn definition(house: &House, name: &str) -> Result<Option<String>, Failure> {
    let needle = format!("name = \"{name}\"");
    let files = definitions(house, "segment").await?;
    Ok(files.into_iter().map(|file| file.text).find(|text| text.contains(&needle)))
}

async fn reachable(house: &House, members: &RoaringBitmap) -> Result<Vec<Reachable>, Failure> {
    let found = facts::reach(house, members).await?;
    Ok(found.into_iter().map(|(purpose, customers)| Reachable { purpose, customers }).collect())
}

pub(super) async fn preview(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<PreviewSegment>,
) -> Answer<SegmentPreview> {
    let (house, began) = (caller.house(&server), Instant::now());
    let asking = house.asking(asked.purpose, None).await?;
    let preview = match (&asked.predicate, &asked.expression) {
        (Some(predicate), None) => draft(&house, &asking, predicate, began).await?,
        (None, Some(expression)) => expressed(&house, &asking, expression, began).await?,
        _ => return Err(Failure::invalid("send either `where` or `expression`")),
    };
    Ok(Json(preview))
}

async fn draft(
    house: &House,
    asking: &Asking<'_>,
    predicate: &serde_json::Value,
    began: Instant,
) -> Result<SegmentPreview, Failure> {
    let purpose = asking.grant().purpose();
    let meaning = json!({"zh": "草稿", "en": "a draft"});
    let file = json!({"segment": [{"name": DRAFT, "meaning": meaning, "purposes": [purpose], "where": predicate}]});
    let text = as_toml(&file)?;
    let drafts = asking.segment_preview(&Draftable::File("segments/draft.toml", &text)).await?;
    let draft = drafts.into_iter().next().ok_or_else(|| Failure::inside("a draft came to nothing"))?;
    let of = draft.preview;
    Ok(SegmentPreview {
        size: of.size,
        share: of.share,
        unknown: of.unknown,
        reachable: reachable(house, &draft.members).await?,
        beside: of.beside.into_iter().map(beside).collect(),
        took_ms: took_ms(began),
    })
}

async fn expressed(
    house: &House,
    asking: &Asking<'_>,
    expression: &str,
    began: Instant,
) -> Result<SegmentPreview, Failure> {
    let members = asking.members(expression).await?;
    let everybody = asking.persons_seen().await?;
    let share = if everybody == 0 { 0.0 } else { members.len() as f64 / everybody as f64 };
    Ok(SegmentPreview {
        size: members.len(),
        share,
        unknown: 0,
        reachable: reachable(house, &members).await?,
        beside: Vec::new(),
        took_ms: took_ms(began),
    })
}

pub(super) async fn members(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<MembersQuery>,
) -> Answer<CustomerPage> {
    let house = caller.house(&server);
    let members = house.asking(asked.purpose, None).await?.members(&asked.expression).await?;
    Ok(Json(page(&members, asked.after, asked.limit)))
}

/// Some of many customers, by number.
pub(super) fn page(all: &RoaringBitmap, after: Option<u32>, limit: Option<u32>) -> CustomerPage {
    let limit = limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX) as usize;
    let mut rest = all.iter();
    if let Some(after) = after {
        rest.advance_to(after);
    }
    let mut customers: Vec<u32> = rest.filter(|one| after.is_none_or(|after| *one > after)).take(limit + 1).collect();
    let more = customers.len() > limit;
    customers.truncate(limit);
    CustomerPage { total: all.len(), next_after: customers.last().copied().filter(|_| more), customers }
}

pub(super) async fn export(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<ExportSegment>,
) -> Result<Response, Failure> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let columns: Vec<String> = asked.traits.iter().map(|name| format!("traits.{name}")).collect();
    let out = files::Outgoing::new(&house, asked.format)?;
    asking.export(&asked.expression, &columns, files::format(asked.format), out.path()).await?;
    out.sent("customers").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_everybody_once() {
        let all: RoaringBitmap = (1..=250).chain([u32::MAX]).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = page(&all, after, None);
            assert_eq!(page.total, 251);
            seen.extend(page.customers);
            match page.next_after {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, all.iter().collect::<Vec<_>>());
    }
}
