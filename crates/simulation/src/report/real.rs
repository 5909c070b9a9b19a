//! Figures of real data, from folders that may be absent: `None` then.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use arrow::{
    array::AsArray,
    compute::cast,
    datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use flate2::read::GzDecoder;

use super::{
    ours::{Flow, Sessions, batches, cut, seconds},
    statistics::Share,
};
use crate::SimulationError;

/// As long as a month of ours.
const MONTH_SECONDS: f64 = 30.0 * 86_400.0;
/// The file ends with March 1994.
const BERKA_FROM: &str = "940101";

type Figures<T> = Result<Option<T>, SimulationError>;

/// The text of a file, unzipped; `None` when there is no such file.
fn text(path: &Path) -> Figures<String> {
    if !path.is_file() {
        return Ok(None);
    }
    let failed = || SimulationError::file("read", path);
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        let file = File::open(path).map_err(failed())?;
        GzDecoder::new(file).read_to_end(&mut bytes).map_err(failed())?;
    } else {
        bytes = fs::read(path).map_err(failed())?;
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Fields of a line that has no delimiters inside quotes.
fn fields(line: &str, delimiter: char) -> Vec<&str> {
    line.trim_end().split(delimiter).map(|field| field.trim().trim_matches('"')).collect()
}

pub(super) fn handbook(data: &Path) -> Figures<Flow> {
    let path = data.join("fraud_handbook_simulated/transactions_apr_jul.parquet");
    if !path.is_file() {
        return Ok(None);
    }
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    let mut end = f64::INFINITY;
    for batch in batches(&path)? {
        let column = |name: &str, ty: DataType| batch.column_by_name(name).map(|column| cast(column, &ty)).transpose();
        let customer = column("CUSTOMER_ID", DataType::Int64)?;
        let at = column("TX_DATETIME", DataType::Timestamp(TimeUnit::Microsecond, None))?;
        let amount = column("TX_AMOUNT", DataType::Float64)?;
        let (Some(customer), Some(at), Some(amount)) = (customer, at, amount) else { continue };
        let (customer, at, amount) = (
            customer.as_primitive::<Int64Type>(),
            at.as_primitive::<TimestampMicrosecondType>(),
            amount.as_primitive::<Float64Type>(),
        );
        if batch.num_rows() > 0 {
            end = end.min(at.value(0) as f64 / 1e6 + MONTH_SECONDS);
        }
        for row in (0..batch.num_rows()).filter(|row| (at.value(*row) as f64 / 1e6) < end) {
            amounts.push(amount.value(row));
            moments.push((customer.value(row) as u64, at.value(row) as f64 / 1e6));
        }
    }
    amounts.retain(|amount| *amount > 0.0);
    Ok(Some(Flow { amounts, moments }))
}

/// The last three months that are there, without what the bank books itself (interest, statements, penalties).
pub(super) fn berka(data: &Path) -> Figures<Flow> {
    let Some(text) = text(&data.join("berka/trans_first_3MiB.asc"))? else { return Ok(None) };
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields = fields(line, ';');
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let by_bank = matches!(fields.get(7).copied(), Some("UROK" | "SLUZBY" | "SANKC. UROK"));
        let at = fields
            .get(2)
            .filter(|day| !by_bank && **day >= BERKA_FROM)
            .and_then(|day| seconds(&format!("19{}-{}-{} 00:00:00", day.get(..2)?, day.get(2..4)?, day.get(4..6)?)));
        if let (Some(account), Some(amount), Some(at)) = (number(1), number(5), at) {
            amounts.push(amount);
            moments.push((account as u64, at));
        }
    }
    amounts.retain(|amount| *amount > 0.0);
    Ok(Some(Flow { amounts, moments }))
}

pub(super) fn shop(data: &Path) -> Figures<Sessions> {
    let Some(text) = text(&data.join("clickstream_retentioneering/simple-onlineshop.csv"))? else { return Ok(None) };
    let events = text.lines().skip(1).filter_map(|line| {
        let fields = fields(line, ',');
        Some((fields.first()?.to_string(), seconds(fields.get(2)?)?, fields.get(1)?.to_string()))
    });
    Ok(Some(cut(events.collect())))
}

/// Pages of a session: administrative, informational and product pages together.
pub(super) fn shoppers(data: &Path) -> Figures<Vec<f64>> {
    let Some(text) = text(&data.join("uci_online_shoppers/online_shoppers_intention.csv"))? else { return Ok(None) };
    let pages = text.lines().skip(1).map(|line| {
        let fields = fields(line, ',');
        [0, 2, 4].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum()
    });
    Ok(Some(pages.collect()))
}

fn share_of_lines(path: &Path, bad: impl Fn(&str) -> Option<bool>) -> Figures<Share> {
    let Some(text) = text(path)? else { return Ok(None) };
    let (mut yes, mut all) = (0.0, 0.0);
    for is_bad in text.lines().filter_map(bad) {
        yes += f64::from(u8::from(is_bad));
        all += 1.0;
    }
    Ok(Some(Share::of(yes, all)))
}

pub(super) fn churn(data: &Path) -> Figures<Share> {
    share_of_lines(&data.join("bank_churn/Churn_Modelling.csv"), |line| match *fields(line, ',').last()? {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    })
}

/// Of loans whose contract is over, those that were not paid.
pub(super) fn berka_ended(data: &Path) -> Figures<Share> {
    berka_loans(data, "A", "B")
}

/// Of loans whose contract runs, those in debt.
pub(super) fn berka_running(data: &Path) -> Figures<Share> {
    berka_loans(data, "C", "D")
}

fn berka_loans(data: &Path, good: &str, bad: &str) -> Figures<Share> {
    share_of_lines(&data.join("berka/loan.asc"), |line| match *fields(line, ';').last()? {
        status if status == good => Some(false),
        status if status == bad => Some(true),
        _ => None,
    })
}
