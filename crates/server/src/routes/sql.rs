//! Questions in SQL, and what there is to ask.

use std::{collections::BTreeMap, time::Instant};

use axum::{Json, extract::State, response::Response};
use florin_api::{
    CatalogueFacts, ColumnFacts, ColumnLineage, ExportQuestion, ForPurpose, Question, Rows, TableFacts, TraitFacts,
    ValueCount, ValuesOf, Words,
};
use florin_pipelines::{House, ask::Asking};

use super::files;
use crate::{
    answer,
    bounds::{ROWS_DEFAULT, ROWS_MAX},
    caller::{Asked, Body, Caller},
    failure::{Answer, Failure},
    state::Shared,
};

/// Values that are told of a column.
const VALUES_MAX: usize = 200;

/// A session, as of the time that was asked for.
pub(super) async fn asking<'h>(
    house: &'h House,
    purpose: florin_domain::Purpose,
    as_of: Option<&str>,
) -> Result<Asking<'h>, Failure> {
    let as_of = as_of.map(|text| house.as_of(text)).transpose()?;
    Ok(house.asking(purpose, as_of).await?)
}

pub(super) async fn ask(State(server): State<Shared>, caller: Caller, Body(asked): Body<Question>) -> Answer<Rows> {
    let (house, began) = (caller.house(&server), Instant::now());
    let asking = asking(&house, asked.purpose, asked.as_of.as_deref()).await?;
    let rows_max = asked.rows_max.map_or(ROWS_DEFAULT, |rows| rows as usize).clamp(1, ROWS_MAX);
    let output = asking.sql(&asked.sql).await?;
    Ok(Json(answer::rows(output, rows_max, began).await?))
}

pub(super) async fn export(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<ExportQuestion>,
) -> Result<Response, Failure> {
    let house = caller.house(&server);
    let asking = asking(&house, asked.purpose, asked.as_of.as_deref()).await?;
    let out = files::Outgoing::new(&house, asked.format)?;
    asking.export_answer(&asked.sql, files::format(asked.format), out.path()).await?;
    out.sent("answer").await
}

pub(super) async fn lineage(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<Question>,
) -> Answer<Vec<ColumnLineage>> {
    let house = caller.house(&server);
    let asking = asking(&house, asked.purpose, asked.as_of.as_deref()).await?;
    let found = asking.origins(&asked.sql).await?;
    let shown = found.into_iter().map(|of| ColumnLineage { column: of.column, tables: of.tables, sources: of.sources });
    Ok(Json(shown.collect()))
}

pub(super) async fn catalogue(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<CatalogueFacts> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let catalogue = &house.bank().catalogue;
    let mut tables = Vec::new();
    for table in catalogue.tables().filter(|table| !table.name.starts_with("traits.")) {
        let Some(seen) = asking.grant().table(&table.name) else { continue };
        let columns = table.columns.iter().map(|column| ColumnFacts {
            name: column.name.clone(),
            ty: column.ty,
            class: column.class,
            masked: seen.is_masked(&column.name),
            about: column.about.clone(),
        });
        tables.push(TableFacts {
            name: table.name.clone(),
            about: table.about.clone(),
            of_customers: table.is_about_customers(),
            columns: columns.collect(),
        });
    }
    Ok(Json(CatalogueFacts { tables, traits: traits(&house, &asking).await?, segments: segments(&asking).await? }))
}

async fn traits(house: &House, asking: &Asking<'_>) -> Result<Vec<TraitFacts>, Failure> {
    let states = florin_pipelines::traits::states(house, house.time()).await?;
    let stale: BTreeMap<&str, Vec<String>> = states
        .iter()
        .map(|state| {
            let words = state.stale.iter().map(|reason| serde_json::to_value(reason).unwrap_or_default());
            (
                state.name.as_str(),
                words.filter_map(|reason| Some(reason.get("because")?.as_str()?.to_owned())).collect(),
            )
        })
        .collect();
    let all = house.bank().traits.in_order().filter(|of| of.purposes.contains(&asking.grant().purpose()));
    let shown = all.map(|of| TraitFacts {
        name: of.name.clone(),
        meaning: Words { zh: of.meaning.zh.clone(), en: of.meaning.en.clone() },
        ty: of.ty,
        unit: of.unit.clone(),
        class: of.class,
        purposes: of.purposes.clone(),
        stale: stale.get(of.name.as_str()).cloned().unwrap_or_default(),
    });
    let mut shown: Vec<TraitFacts> = shown.collect();
    shown.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(shown)
}

async fn segments(asking: &Asking<'_>) -> Result<BTreeMap<String, Words>, Failure> {
    let lines = asking.segment_list().await?;
    Ok(lines.into_iter().map(|line| (line.name, Words { zh: line.zh, en: line.en })).collect())
}

/// The commonest values of a column, as they are seen for the purpose. Names are looked up, never put together from what was sent.
pub(super) async fn values(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<ValuesOf>,
) -> Answer<Vec<ValueCount>> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let known = house.bank().catalogue.table(&asked.table).and_then(|table| {
        let column = table.columns.iter().find(|column| column.name == asked.column)?;
        Some((table.name.clone(), column.name.clone()))
    });
    let Some((table, column)) = known else {
        return Err(Failure::unknown(format!("there is no column `{}` in `{}`", asked.column, asked.table)));
    };
    let sql = format!(
        "select cast(\"{column}\" as varchar) as value, count(*) as rows from {} where \"{column}\" is not null \
         group by 1 order by 2 desc, 1 limit {VALUES_MAX}",
        super::explore::quoted(&table)
    );
    let rows = answer::rows(asking.sql(&sql).await?, VALUES_MAX, Instant::now()).await?;
    let shown = rows
        .rows
        .iter()
        .filter_map(|row| Some(ValueCount { value: row.first()?.as_str()?.to_owned(), rows: row.get(1)?.as_u64()? }));
    Ok(Json(shown.collect()))
}
