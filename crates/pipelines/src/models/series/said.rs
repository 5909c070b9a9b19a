//! The days to come, kept as a table of the lake.

use florin_domain::{EventTime, Purpose};
use florin_forecasts::forecast;
use florin_models::definition::{ModelDef, Source};
use florin_store::ModelVersion;

use super::{
    super::{
        due::rests_on,
        kept::{DaysSaid, keep_days},
        score::{Found, Scored},
        train::named,
        wrong,
    },
    gather::{holidays, last_whole_day, of_file, of_query},
    learn::{days, of},
};
use crate::{FlowError, House};

/// Forecasts from all that is known by a time, and keeps the days to come.
pub(in super::super) async fn score(
    house: &House,
    def: &ModelDef,
    version: &ModelVersion,
    as_of: EventTime,
) -> Result<Scored, FlowError> {
    let Source::Series { sql, file, missing, holidays: calendar } = &def.source else {
        return Err(wrong(&def.name, "it has no series"));
    };
    let rests = rests_on(house, def).await?;
    let gathered = match (sql, file) {
        (Some(sql), _) => {
            let profiling = house.profiling(Purpose::Service, as_of).await?;
            profiling.with_traits(&named(def).1).await?;
            let until = last_whole_day(house, as_of)?;
            of_query(profiling.session().sql(sql).await?, &def.name, *missing, until).await?
        }
        (None, Some(file)) => of_file(house, &def.name, file, *missing)?,
        (None, None) => return Err(wrong(&def.name, "it has neither `sql` nor `file`")),
    };
    let (own, calendar) = (of(def)?, holidays(house, &def.name, calendar)?);
    let found = tokio::task::block_in_place(|| {
        forecast(&gathered.series, &calendar, own.horizon_days as usize, own.level()).map_err(|e| wrong(&def.name, e))
    })?;
    let said = DaysSaid(days(&found));
    let found = Found { customers: 0, left_out: 0, days: said.0.len(), texts_read: 0, drift: Vec::new() };
    keep_days(house, def, &said, &found.kept(version, as_of, rests)).await?;
    found.told(house, def, version, as_of).await
}
