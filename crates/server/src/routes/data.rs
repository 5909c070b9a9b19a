//! Sources, loads, quality, quarantine, lineage.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use florin_api::{
    Collecting, ColumnQuality, LineageEdge, LineageGraph, LineageKind, LineageNode, Load, LoadsQuery, QuarantineCount,
    QuarantineQuery, QuarantinedRecord, SourceFacts, TableQuality,
};
use florin_pipelines::{House, facts, quality as quality_flow, quarantine as quarantine_flow};
use florin_store::{Batch, BatchState};

use crate::{
    caller::{Asked, Caller},
    failure::Answer,
    state::Shared,
};

/// Loads that are listed when nobody says.
const LOADS_DEFAULT: u32 = 100;
/// Lists are no longer.
const LISTED_MAX: u32 = 1_000;
/// Quarantined records that are listed when nobody says.
const RECORDS_DEFAULT: u32 = 50;

pub(super) async fn sources(State(server): State<Shared>, caller: Caller) -> Answer<Vec<SourceFacts>> {
    let found = facts::sources(&caller.house(&server)).await?;
    let shown = found.into_iter().map(|of| SourceFacts {
        name: of.name,
        about: of.about,
        tables: of.tables,
        loads: of.loads,
        counts: of.counts,
        loaded_at: of.loaded_at,
    });
    Ok(Json(shown.collect()))
}

pub(super) async fn loads(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<LoadsQuery>,
) -> Answer<Vec<Load>> {
    let limit = asked.limit.unwrap_or(LOADS_DEFAULT).clamp(1, LISTED_MAX);
    let found = facts::loads(&caller.house(&server), asked.source.as_deref(), limit).await?;
    Ok(Json(found.into_iter().map(load).collect()))
}

/// A load, in a line. Of files, the name is enough; where they lie is the bank's own affair.
pub(super) fn load(of: Batch) -> Load {
    Load {
        id: of.id.0,
        source: of.source,
        mapping: of.mapping,
        table: of.table,
        file: of.file.rsplit('/').next().unwrap_or_default().to_owned(),
        state: match of.state {
            BatchState::Planned => "planned",
            BatchState::Prepared => "prepared",
            BatchState::Done => "done",
        }
        .to_owned(),
        started_at: of.started_at,
        finished_at: of.finished_at,
        counts: of.counts,
    }
}

pub(super) async fn quality(State(server): State<Shared>, caller: Caller) -> Answer<Vec<TableQuality>> {
    let found = quality_flow::quality(&caller.house(&server), &[]).await?;
    let column = |of: quality_flow::ColumnQuality| ColumnQuality {
        column: of.column,
        completeness: of.completeness,
        distinct: of.distinct,
        bounds: of.bounds,
        quarantined: of.quarantined,
    };
    let shown = found.into_iter().map(|of| TableQuality {
        table: of.table,
        rows: of.rows,
        counts: of.counts,
        validity: of.validity,
        consistency: of.consistency,
        uniqueness: of.uniqueness,
        newest_known_at: of.newest_known_at,
        columns: of.columns.into_iter().map(column).collect(),
        quarantined: of.quarantined.into_iter().map(count).collect(),
    });
    Ok(Json(shown.collect()))
}

fn count(of: florin_store::QuarantineCount) -> QuarantineCount {
    QuarantineCount {
        source: of.source,
        mapping: of.mapping,
        code: of.code,
        column: of.column,
        waiting: of.waiting,
        resolved: of.resolved,
    }
}

pub(super) async fn quarantine(State(server): State<Shared>, caller: Caller) -> Answer<Vec<QuarantineCount>> {
    let found = quarantine_flow::counts(&caller.house(&server)).await?;
    Ok(Json(found.into_iter().map(count).collect()))
}

pub(super) async fn quarantined_records(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<QuarantineQuery>,
) -> Answer<Vec<QuarantinedRecord>> {
    let limit = asked.limit.unwrap_or(RECORDS_DEFAULT).clamp(1, LISTED_MAX);
    let house = caller.house(&server);
    let found = quarantine_flow::records(&house, asked.source.as_deref(), limit, asked.raw).await?;
    let shown = found.into_iter().map(|of| QuarantinedRecord {
        id: of.id,
        source: of.source,
        mapping: of.mapping,
        file: of.file.rsplit('/').next().unwrap_or_default().to_owned(),
        row_number: of.row_number,
        code: of.code,
        column: of.column,
        reason: of.reason,
        raw: of.raw,
    });
    Ok(Json(shown.collect()))
}

pub(super) async fn collecting(State(server): State<Shared>) -> Answer<Collecting> {
    let figures: BTreeMap<&str, u64> =
        server.collector.iter().flat_map(|collector| collector.figures().named()).collect();
    let of = |name: &str| figures.get(name).copied().unwrap_or_default();
    Ok(Json(Collecting {
        on: server.collector.is_some(),
        stored: of("florin_collector_events_stored_total"),
        waiting_bytes: of("florin_collector_log_backlog_bytes"),
        loaded_at: None,
        purpose: None,
    }))
}

/// From sources to decisions, as the definitions say.
pub(super) async fn lineage(State(server): State<Shared>, caller: Caller) -> Answer<LineageGraph> {
    Ok(Json(graph(&caller.house(&server))))
}

#[derive(Default)]
struct Graph {
    nodes: BTreeSet<(LineageKind, String)>,
    edges: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Graph {
    fn node(&mut self, kind: LineageKind, name: &str) -> String {
        self.nodes.insert((kind, name.to_owned()));
        id(kind, name)
    }

    fn edge(&mut self, from: String, to: String, columns: impl IntoIterator<Item = String>) {
        self.edges.entry((from, to)).or_default().extend(columns);
    }
}

fn id(kind: LineageKind, name: &str) -> String {
    let word = match kind {
        LineageKind::Source => "source",
        LineageKind::Table => "table",
        LineageKind::Trait => "trait",
        LineageKind::Segment => "segment",
        LineageKind::Model => "model",
        LineageKind::Offer => "offer",
    };
    format!("{word}:{name}")
}

fn graph(house: &House) -> LineageGraph {
    let (bank, mut graph) = (house.bank(), Graph::default());
    for (name, source) in &bank.sources {
        let from = graph.node(LineageKind::Source, name);
        for map in &source.maps {
            let to = graph.node(LineageKind::Table, map.into.get_ref());
            graph.edge(from.clone(), to, []);
        }
    }
    for of in bank.traits.in_order() {
        let to = graph.node(LineageKind::Trait, &of.name);
        let columns =
            florin_pipelines::traits::lineage(house, &of.name).map(|lineage| lineage.tables).unwrap_or_default();
        for table in &of.tables {
            let from = graph.node(LineageKind::Table, table);
            graph.edge(from, to.clone(), columns.get(table).into_iter().flatten().cloned());
        }
        for name in &of.traits {
            let from = graph.node(LineageKind::Trait, name);
            graph.edge(from, to.clone(), []);
        }
    }
    for of in bank.segments.in_order() {
        let to = graph.node(LineageKind::Segment, &of.name);
        for name in of.traits() {
            let from = graph.node(LineageKind::Trait, name);
            graph.edge(from, to.clone(), []);
        }
        for name in of.segments() {
            let from = graph.node(LineageKind::Segment, name);
            graph.edge(from, to.clone(), []);
        }
    }
    for name in bank.models.keys() {
        let to = graph.node(LineageKind::Model, name);
        for of in florin_pipelines::models::traits_of(house, name) {
            let from = graph.node(LineageKind::Trait, &of);
            graph.edge(from, to.clone(), []);
        }
    }
    for offer in bank.offers.all() {
        let to = graph.node(LineageKind::Offer, &offer.name);
        for model in offer.propensity.iter().chain(&offer.uplift) {
            let from = graph.node(LineageKind::Model, model);
            graph.edge(from, to.clone(), []);
        }
    }
    let node = |(kind, name): (LineageKind, String)| LineageNode { id: id(kind, &name), kind, name };
    let edge = |((from, to), columns): ((String, String), BTreeSet<String>)| LineageEdge {
        from,
        to,
        columns: columns.into_iter().collect(),
    };
    LineageGraph {
        nodes: graph.nodes.into_iter().map(node).collect(),
        edges: graph.edges.into_iter().map(edge).collect(),
    }
}
