//! What no query can say: traits by a method over the rows that a query gives.
//!
//! A query gives, instead of a `value`, the columns that its method asks for ([`Method::columns`]), any number of rows a
//! customer where the method folds them. The formulae are those of [`crate::rfm`], [`crate::money`] and [`crate::clv`].

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch};
use florin_domain::ColumnType;
use serde::Deserialize;

use crate::{
    clv::{
        bg_nbd::{self, BgNbd, Histories, History, Horizon},
        gamma_gamma::{self, GammaGamma, Spending},
        survival::{Contract, Curve, TENURE_MAX},
    },
    error::{FeatureError, Result},
    money::{IncomeState, Incoming, Rule},
    rfm::{self, Activity},
    value::Value,
};

/// Days of a month on average, for contracts and steps of a lifetime.
const MONTH_DAYS: f64 = 30.4375;
/// The longest horizon of a lifetime value: a hundred years.
const MONTHS_MAX: u32 = 1200;

/// How a trait's values follow from the rows of its query.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The query's `value` is the value.
    #[default]
    Value,
    /// In which fifth of all customers the `amount` is, 1 the lowest.
    Fifth,
    /// The group by recency, frequency and money, in English.
    Rfm,
    /// The monthly salaries that are found among incoming payments.
    Salary,
    /// What comes in a month: salaries, else payers who pay most months.
    Income,
    /// The probability that the customer will ever buy again (BG/NBD).
    Alive,
    /// Expected spending, discounted, of a customer without a contract (BG/NBD and Gamma-Gamma).
    LifetimeValue(Worth),
    /// Expected margin, discounted, of contracts by how long contracts last (Kaplan-Meier).
    ContractValue(Worth),
}

/// How far a value looks ahead.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// Months to look ahead.
    pub months: u32,
    /// Discount a year, such as 0.1.
    pub discount: f64,
}

impl Worth {
    /// The discount of one month.
    fn monthly(self) -> f64 {
        ((1.0 + self.discount).ln() / 12.0).exp_m1()
    }
}

impl Method {
    /// The columns that the query gives, in order.
    #[must_use]
    pub fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Value => &["customer_id", "value"],
            Self::Fifth => &["customer_id", "amount"],
            Self::Rfm => &["customer_id", "recency_days", "frequency", "amount"],
            Self::Salary | Self::Income => &["customer_id", "payer", "day", "amount"],
            Self::Alive | Self::LifetimeValue(_) => &["customer_id", "day", "amount"],
            Self::ContractValue(_) => &["customer_id", "started_on", "ended_on", "amount"],
        }
    }

    /// The type of its values; any for [`Self::Value`].
    #[must_use]
    pub fn ty(&self) -> Option<ColumnType> {
        match self {
            Self::Value => None,
            Self::Fifth => Some(ColumnType::Int),
            Self::Rfm => Some(ColumnType::Text),
            Self::Salary | Self::Income => Some(ColumnType::Decimal),
            Self::Alive | Self::LifetimeValue(_) | Self::ContractValue(_) => Some(ColumnType::Float),
        }
    }

    /// What is wrong with its settings.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let (Self::LifetimeValue(worth) | Self::ContractValue(worth)) = self else { return None };
        let sound = (1..=MONTHS_MAX).contains(&worth.months) && worth.discount > -1.0 && worth.discount.is_finite();
        (!sound).then(|| format!("`months` is from 1 to {MONTHS_MAX}, and `discount` a rate a year above -1"))
    }

    /// The values, by customer, as of a day (days since 1970-01-01 in the bank's time zone). Rows without a customer or with a
    /// gap where a value is needed are left out.
    ///
    /// # Errors
    /// Columns that are not there or of another type; too few customers for a method that learns from all of them.
    pub fn apply(&self, rows: &[RecordBatch], today: i32) -> Result<BTreeMap<i64, Value>> {
        match self {
            Self::Value => by_customer(rows, ["value"], |[value]| value.cloned()),
            Self::Fifth => fifths(rows),
            Self::Rfm => groups(rows),
            Self::Salary => incomes(rows, |state| {
                let salaries = state.salaries(today, &Rule::default());
                (!salaries.is_empty()).then(|| salaries.iter().map(|salary| salary.monthly).sum())
            }),
            Self::Income => incomes(rows, |state| Some(state.income(today, &Rule::default())?.monthly)),
            Self::Alive => alive(&purchases(rows)?, today),
            Self::LifetimeValue(worth) => lifetime_values(&purchases(rows)?, today, *worth),
            Self::ContractValue(worth) => contract_values(rows, today, *worth),
        }
    }
}

/// Calls `each` with the customer and the named columns of every row that has a customer.
fn for_each<const N: usize>(
    rows: &[RecordBatch],
    names: [&'static str; N],
    mut each: impl FnMut(i64, [Option<Value>; N]) -> Result<()>,
) -> Result<()> {
    for batch in rows {
        let column = |name: &'static str| {
            let missing = || FeatureError::Argument {
                what: "a column of the query",
                found: format!("no `{name}`"),
                allowed: "the columns that the method asks for",
            };
            batch.column_by_name(name).ok_or_else(missing)
        };
        let customers = column("customer_id")?;
        let columns = names.map(column).into_iter().collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let Some(Value::Int(customer)) = Value::of_row(customers, row) else { continue };
            each(customer, std::array::from_fn(|i| Value::of_row(columns[i] as &dyn Array, row)))?;
        }
    }
    Ok(())
}

fn by_customer<const N: usize>(
    rows: &[RecordBatch],
    names: [&'static str; N],
    value: impl Fn([Option<&Value>; N]) -> Option<Value>,
) -> Result<BTreeMap<i64, Value>> {
    let mut values = BTreeMap::new();
    for_each(rows, names, |customer, found| {
        values.extend(value(std::array::from_fn(|i| found[i].as_ref())).map(|value| (customer, value)));
        Ok(())
    })?;
    Ok(values)
}

fn wrong(name: &'static str, found: &Value, expected: &str) -> FeatureError {
    let (found, expected) = (found.ty().name().to_owned(), expected.to_owned());
    FeatureError::Type { what: format!("the column `{name}` of the query"), found, expected }
}

/// Whole ten thousandths.
fn amount(name: &'static str, value: &Value) -> Result<i128> {
    match value {
        Value::Int(v) => Ok(i128::from(*v) * crate::value::DECIMAL_ONE),
        Value::Decimal(v) => Ok(*v),
        other => Err(wrong(name, other, "int or decimal")),
    }
}

fn whole(name: &'static str, value: &Value) -> Result<i64> {
    match value {
        Value::Int(v) => Ok(*v),
        other => Err(wrong(name, other, "int")),
    }
}

fn day(name: &'static str, value: &Value) -> Result<i32> {
    match value {
        Value::Date(v) => Ok(*v),
        other => Err(wrong(name, other, "date")),
    }
}

fn fifths(rows: &[RecordBatch]) -> Result<BTreeMap<i64, Value>> {
    let (mut customers, mut amounts) = (Vec::new(), Vec::new());
    for_each(rows, ["amount"], |customer, [found]| {
        if let Some(found) = found {
            amounts.push(amount("amount", &found)?);
            customers.push(customer);
        }
        Ok(())
    })?;
    Ok(customers.into_iter().zip(rfm::fifths(&amounts)).map(|(c, fifth)| (c, Value::Int(i64::from(fifth)))).collect())
}

fn groups(rows: &[RecordBatch]) -> Result<BTreeMap<i64, Value>> {
    let (mut customers, mut recency_days) = (Vec::new(), Vec::new());
    let (mut frequency, mut monetary) = (Vec::new(), Vec::new());
    for_each(rows, ["recency_days", "frequency", "amount"], |customer, [recency, times, money]| {
        let (Some(recency), Some(times), Some(money)) = (recency, times, money) else { return Ok(()) };
        recency_days.push(Some(whole("recency_days", &recency)?));
        frequency.push(whole("frequency", &times)?);
        monetary.push(amount("amount", &money)?);
        customers.push(customer);
        Ok(())
    })?;
    let activity = Activity { recency_days: &recency_days, frequency: &frequency, monetary: &monetary };
    let scores = rfm::score(activity)?.into_iter();
    let group = |(customer, scores): (i64, Option<rfm::Scores>)| {
        Some((customer, Value::Text(scores?.group().english().to_owned())))
    };
    Ok(customers.into_iter().zip(scores).filter_map(group).collect())
}

fn incomes(rows: &[RecordBatch], of: impl Fn(&IncomeState) -> Option<i128>) -> Result<BTreeMap<i64, Value>> {
    let mut states: BTreeMap<i64, IncomeState> = BTreeMap::new();
    for_each(rows, ["payer", "day", "amount"], |customer, [payer, paid_on, paid]| {
        let (Some(payer), Some(paid_on), Some(paid)) = (payer, paid_on, paid) else { return Ok(()) };
        let payment =
            Incoming { day: day("day", &paid_on)?, amount: amount("amount", &paid)?, payer: number_of(&payer) };
        states.entry(customer).or_default().push(payment);
        Ok(())
    })?;
    Ok(states.iter().filter_map(|(&customer, state)| Some((customer, Value::Decimal(of(state)?)))).collect())
}

/// Equal for equal payers, whatever they are called.
fn number_of(payer: &Value) -> u64 {
    let hash = blake3::hash(payer.to_string().as_bytes());
    hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The days on which a customer bought, and for how much.
type Purchases = BTreeMap<i64, BTreeMap<i32, i128>>;

fn purchases(rows: &[RecordBatch]) -> Result<Purchases> {
    let mut bought = Purchases::new();
    for_each(rows, ["day", "amount"], |customer, [on, spent]| {
        if let (Some(on), Some(spent)) = (on, spent) {
            *bought.entry(customer).or_default().entry(day("day", &on)?).or_default() += amount("amount", &spent)?;
        }
        Ok(())
    })?;
    Ok(bought)
}

/// Nothing can be told of those whose first purchase was today.
fn history(days: &BTreeMap<i32, i128>, today: i32) -> Option<History> {
    let (first, last) = (*days.keys().next()?, *days.keys().next_back()?);
    let frequency = u32::try_from(days.len() - 1).ok().filter(|&x| x <= bg_nbd::FREQUENCY_MAX)?;
    (first < today && last <= today).then(|| History {
        frequency,
        recency: f64::from(last - first),
        age: f64::from(today - first),
    })
}

fn buying(bought: &Purchases, today: i32) -> Result<(BTreeMap<i64, History>, BgNbd)> {
    let histories: BTreeMap<i64, History> =
        bought.iter().filter_map(|(&customer, days)| Some((customer, history(days, today)?))).collect();
    let gathered = Histories::gather(&histories.values().copied().collect::<Vec<_>>())?;
    let model = bg_nbd::fit(&gathered)?.model;
    Ok((histories, model))
}

fn alive(bought: &Purchases, today: i32) -> Result<BTreeMap<i64, Value>> {
    let (histories, model) = buying(bought, today)?;
    Ok(histories.iter().map(|(&customer, h)| (customer, Value::Float(model.probability_alive(h)))).collect())
}

/// Repeat purchases and their mean, in units: the first purchase is what makes somebody a customer.
fn spending(days: &BTreeMap<i32, i128>) -> Option<Spending> {
    let purchases = u32::try_from(days.len() - 1).ok().filter(|&n| n > 0)?;
    let total: i128 = days.values().skip(1).sum();
    let mean = Value::Decimal(total).measure()? / f64::from(purchases);
    (mean > 0.0).then_some(Spending { purchases, mean })
}

fn lifetime_values(bought: &Purchases, today: i32, worth: Worth) -> Result<BTreeMap<i64, Value>> {
    let (histories, model) = buying(bought, today)?;
    let spendings: BTreeMap<i64, Spending> =
        histories.keys().filter_map(|c| Some((*c, spending(bought.get(c)?)?))).collect();
    let money: GammaGamma = gamma_gamma::fit(&spendings.values().copied().collect::<Vec<_>>())?.model;
    let horizon = Horizon { steps: worth.months, step_periods: MONTH_DAYS, discount: worth.monthly() };
    let mut values = BTreeMap::new();
    for (&customer, history) in &histories {
        let Some(mean) = money.expected_mean(spendings.get(&customer)) else { continue };
        values.insert(customer, Value::Float(model.discounted_value(history, horizon, mean)?));
    }
    Ok(values)
}

/// A contract as written: from when to when, and its margin a month.
struct Written {
    customer: i64,
    started_on: i32,
    ended_on: Option<i32>,
    margin: i128,
}

fn contract_values(rows: &[RecordBatch], today: i32, worth: Worth) -> Result<BTreeMap<i64, Value>> {
    let mut contracts = Vec::new();
    for_each(rows, ["started_on", "ended_on", "amount"], |customer, [started, ended, margin]| {
        let (Some(started), Some(margin)) = (started, margin) else { return Ok(()) };
        let started_on = day("started_on", &started)?;
        let ended_on = ended.map(|ended| day("ended_on", &ended)).transpose()?.filter(|&ended| ended <= today);
        if started_on <= today {
            contracts.push(Written { customer, started_on, ended_on, margin: amount("amount", &margin)? });
        }
        Ok(())
    })?;
    let months = |c: &Written| {
        let days = f64::from(c.ended_on.unwrap_or(today) - c.started_on).max(0.0);
        // Tenures are counted in months that were begun; nothing is told apart beyond the longest.
        ((days / MONTH_DAYS).ceil() as u32).clamp(1, TENURE_MAX)
    };
    let seen = |c: &Written| Contract { entered: 0, seen_until: months(c), ended: c.ended_on.is_some() };
    let curve = Curve::estimate(&contracts.iter().map(seen).collect::<Vec<_>>())?;
    let mut values: BTreeMap<i64, f64> = BTreeMap::new();
    for contract in contracts.iter().filter(|c| c.ended_on.is_none()) {
        let periods = curve.discounted_periods(months(contract), worth.months, worth.monthly())?;
        let margin = Value::Decimal(contract.margin).measure().unwrap_or_default();
        *values.entry(contract.customer).or_default() += margin * periods;
    }
    Ok(values.into_iter().map(|(customer, value)| (customer, Value::Float(value))).collect())
}
