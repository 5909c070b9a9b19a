//! One value a day, without holes.

use std::collections::BTreeMap;

use arrow::{
    array::{Array as _, AsArray as _},
    compute::cast,
    datatypes::{DataType, Date32Type, Float64Type},
};
use florin_domain::EventTime;
use florin_forecasts::{DailySeries, Holidays};
use florin_lake::QueryOutput;
use florin_models::definition::{HolidaysDef, Missing, SeriesFile};
use jiff::{ToSpan as _, civil::Date};

use super::super::{csv::CsvFile, gather::each, wrong};
use crate::{FlowError, House};

/// Days of a series at most: twenty years.
const DAYS_MAX: usize = 7305;

/// A series, and how many of its days had no row.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) series: DailySeries,
    pub(super) to: Date,
    pub(super) filled: usize,
}

/// The values that a query gives, up to a day.
pub(super) async fn of_query(
    output: QueryOutput,
    model: &str,
    missing: Missing,
    until: Date,
) -> Result<Gathered, FlowError> {
    let mut days: BTreeMap<Date, f64> = BTreeMap::new();
    each(output, |batch| {
        let named = |name: &str| {
            let none = || wrong(model, format!("the series' query gives no column `{name}`"));
            batch.column_by_name(name).ok_or_else(none)
        };
        let (on, values) = (named("day")?, named("value")?);
        if !matches!(on.data_type(), DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)) {
            return Err(wrong(
                model,
                format!("the series' query gives a `day` of type {}; cast it to a date", on.data_type()),
            ));
        }
        if !values.data_type().is_numeric() {
            return Err(wrong(
                model,
                format!("the series' query gives a `value` of type {}; make it a number", values.data_type()),
            ));
        }
        let (on, values) = (cast(on, &DataType::Date32)?, cast(values, &DataType::Float64)?);
        let (on, values) = (on.as_primitive::<Date32Type>(), values.as_primitive::<Float64Type>());
        for row in (0..batch.num_rows()).filter(|&row| on.is_valid(row) && values.is_valid(row)) {
            let day = day_of(on.value(row))?;
            if day <= until && days.insert(day, values.value(row)).is_some() {
                return Err(wrong(model, format!("the series' query gives {day} twice; group by `day`")));
            }
        }
        Ok(())
    })
    .await?;
    whole(&days, model, missing)
}

/// The values of a file.
pub(super) fn of_file(house: &House, model: &str, file: &SeriesFile, missing: Missing) -> Result<Gathered, FlowError> {
    let read = CsvFile::read(house, model, &file.path)?;
    let mut days: BTreeMap<Date, f64> = BTreeMap::new();
    for (day, value) in read.pairs(&file.day, &file.value)? {
        let day: Date = day.parse().map_err(|_| read.wrong(format!("`{day}` is no day")))?;
        let value: f64 = value.parse().map_err(|_| read.wrong(format!("`{value}` is no number")))?;
        if days.insert(day, value).is_some() {
            return Err(read.wrong(format!("{day} comes twice")));
        }
    }
    whole(&days, model, missing)
}

fn day_of(since_1970: i32) -> Result<Date, FlowError> {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(i64::from(since_1970).days()).map_err(|e| FlowError::Time(e.to_string()))
}

/// From the first day to the last, with what the definition says where there was no row.
fn whole(days: &BTreeMap<Date, f64>, model: &str, missing: Missing) -> Result<Gathered, FlowError> {
    let (Some((from, first)), Some((to, _))) = (days.first_key_value(), days.last_key_value()) else {
        return Err(wrong(model, "its series has no day"));
    };
    let (from, to, mut last) = (*from, *to, *first);
    if let Some((day, value)) = days.iter().find(|(_, value)| !value.is_finite()) {
        return Err(wrong(model, format!("its series has {value} on {day}; make it a number, or leave the day out")));
    }
    let mut values = Vec::new();
    let (mut filled, mut day) = (0, from);
    while day <= to {
        if values.len() == DAYS_MAX {
            return Err(wrong(model, format!("its series has more than {DAYS_MAX} days; let it start later")));
        }
        let value = days.get(&day).copied().unwrap_or_else(|| {
            filled += 1;
            match missing {
                Missing::Zero => 0.0,
                Missing::Before => last,
            }
        });
        last = value;
        values.push(value);
        day = day.tomorrow().map_err(|e| FlowError::Time(e.to_string()))?;
    }
    Ok(Gathered { series: DailySeries { from, values }, to, filled })
}

/// The last day that is over at a time.
pub(super) fn last_whole_day(house: &House, at: EventTime) -> Result<Date, FlowError> {
    let today = day_of(crate::traits::day_of(at, &house.bank.settings.bank.time_zone)?)?;
    let over = house.as_of(&today.to_string())?.micros() <= at.micros();
    if over { Ok(today) } else { today.yesterday().map_err(|e| FlowError::Time(e.to_string())) }
}

/// Official holidays as the definition says.
pub(super) fn holidays(house: &House, model: &str, def: &HolidaysDef) -> Result<Holidays, FlowError> {
    match def {
        HolidaysDef::China => Holidays::china().map_err(|e| wrong(model, e)),
        HolidaysDef::None => Ok(Holidays::none()),
        HolidaysDef::File(file) => {
            let path = house.bank.path(file);
            let text = std::fs::read_to_string(&path).map_err(|e| FlowError::file(&path, e))?;
            let read = Holidays::parse(&text).map_err(|e| wrong(model, format!("`{file}`: {e}")))?;
            Ok(read.with_spring_festival())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn days_without_a_row_are_filled_as_the_definition_says() {
        let date = |day: i8| jiff::civil::date(2024, 2, day);
        let days = BTreeMap::from([(date(27), 3.0), (date(28), 5.0)]);
        let more: BTreeMap<Date, f64> = days.into_iter().chain([(jiff::civil::date(2024, 3, 2), 7.0)]).collect();
        let of = |missing| whole(&more, "m", missing).unwrap();
        assert_eq!(of(Missing::Zero).series.values, [3.0, 5.0, 0.0, 0.0, 7.0], "2024 has a 29 February");
        assert_eq!((of(Missing::Before).series.values, of(Missing::Before).filled), (vec![3.0, 5.0, 5.0, 5.0, 7.0], 2));
        assert!(whole(&BTreeMap::new(), "m", Missing::Zero).is_err());
        assert!(whole(&BTreeMap::from([(date(1), f64::NAN)]), "m", Missing::Zero).is_err());
    }
}
