//! Salary and income, as money comes in.
//!
//! [`Incoming`] payments are pushed one by one into a customer's [`IncomeState`], which keeps what the rule needs and no more;
//! at any day it says who pays a [`Salary`] and what the customer earns a month ([`Income`]). Pushing all of history gives what
//! pushing day by day gave.
//!
//! **The rule.** A payer pays a salary when, looking back [`LOOK_BACK_DAYS`] days:
//!
//! 1. payments recur by the month. Each payment has a place on the circle of the month, (day − 1) / days of the month; the payday is the place
//!    with the least sum of distances to all of them (so the 1st and the 31st are neighbours), and each payment belongs to the
//!    payday it is nearest to;
//! 2. at least [`Rule::months_min`] paydays were met, and three in four of those between the first and the last;
//! 3. three in four of the paydays met were met within [`Rule::day_tolerance`] days (weekends and holidays move paydays) and within
//!    [`Rule::amount_tolerance_percent`] of the median amount. Of several payments at one payday, the one nearest to the median counts, the
//!    others are bonuses;
//! 4. there are at most three payments for two paydays: takings of the self-employed come in many;
//! 5. the median is at least [`Rule::amount_min`]: interest recurs too;
//! 6. the last payment is at most [`CURRENT_DAYS`] days old: a salary that ended is none.
//!
//! **Income a month** is the sum of the median salaries; without a salary, the median of the monthly sums (months without
//! any count as 0) of payers who paid in at least half of the months since the customer's first payment, and in three. What is not earned (own
//! transfers, loans paid out, investments sold, interest) is for the caller to leave out.

mod salary;

use serde::{Deserialize, Serialize};

pub use salary::Salary;

use crate::fill::median_of_integers;

/// How far back is looked.
pub const LOOK_BACK_DAYS: i32 = 400;
/// How old the last payment of a current salary may be.
pub const CURRENT_DAYS: i32 = 45;
/// Payers that are remembered; of more, the one who has not paid for longest is forgotten.
pub const PAYERS_MAX: usize = 32;
/// Payments that are remembered of each payer; of more, the oldest is forgotten.
pub const PAYMENTS_MAX: usize = 64;
/// Months that an estimate without a salary looks back.
const MONTHS: i32 = 12;
/// Months in which an irregular payer must have paid.
const MONTHS_PAID_MIN: usize = 3;

/// What counts as a salary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Paydays that must have been met.
    pub months_min: u32,
    /// Days that a payment may be off its payday.
    pub day_tolerance: u32,
    /// How far an amount may be off the median, in per cent of it.
    pub amount_tolerance_percent: u32,
    /// The least median, in ten thousandths of the currency.
    pub amount_min: i64,
}

impl Default for Rule {
    /// Three paydays, four days, 30 %, 500.0000.
    fn default() -> Self {
        Self { months_min: 3, day_tolerance: 4, amount_tolerance_percent: 30, amount_min: 5_000_000 }
    }
}

/// A payment that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Which day of the bank's time zone, as days since 1970-01-01.
    pub day: i32,
    /// In ten thousandths of the currency; more than 0.
    pub amount: i128,
    /// Who paid: equal for equal counterparties.
    pub payer: u64,
}

/// What is remembered of a customer's incoming money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomeState {
    payers: Vec<Payer>,
    first_day: Option<i32>,
}

/// One payer's payments, by day and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Payer {
    id: u64,
    payments: Vec<(i32, i128)>,
}

/// Where an estimate of income comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// One or more salaries.
    Salary,
    /// Payers who pay most months, without a salary's regularity.
    Regular,
}

/// What a customer earns a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Income {
    /// In ten thousandths of the currency.
    pub monthly: i128,
    /// Where that comes from.
    pub basis: Basis,
}

impl IncomeState {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a payment in. Payments may be late; amounts of 0 or less are left out.
    pub fn push(&mut self, payment: Incoming) {
        if payment.amount <= 0 {
            return;
        }
        self.first_day = Some(self.first_day.map_or(payment.day, |first| first.min(payment.day)));
        match self.payers.binary_search_by_key(&payment.payer, |payer| payer.id) {
            Ok(at) => self.payers[at].push(payment),
            Err(at) => {
                self.payers.insert(at, Payer { id: payment.payer, payments: vec![(payment.day, payment.amount)] });
                self.forget_one_of_too_many();
            }
        }
    }

    fn forget_one_of_too_many(&mut self) {
        if self.payers.len() > PAYERS_MAX {
            let last = |payer: &Payer| payer.payments.last().map_or(i32::MIN, |(day, _)| *day);
            let oldest = (0..self.payers.len()).min_by_key(|&at| (last(&self.payers[at]), self.payers[at].id));
            oldest.map(|at| self.payers.remove(at));
        }
    }

    /// The salaries as of a day, the largest first; ties by payer. Payments after that day are not looked at.
    #[must_use]
    pub fn salaries(&self, today: i32, rule: &Rule) -> Vec<Salary> {
        let mut found: Vec<Salary> =
            self.payers.iter().filter_map(|payer| salary::detect(payer.id, payer.seen(today), today, rule)).collect();
        found.sort_by_key(|salary| (-salary.monthly, salary.payer));
        found
    }

    /// What the customer earns a month, as of a day; `None` when nothing recurs.
    #[must_use]
    pub fn income(&self, today: i32, rule: &Rule) -> Option<Income> {
        let salaries = self.salaries(today, rule);
        if !salaries.is_empty() {
            return Some(Income { monthly: salaries.iter().map(|s| s.monthly).sum(), basis: Basis::Salary });
        }
        let this_month = salary::month_of(today);
        // Only whole months: the present one is not over.
        let first = salary::month_of(self.first_day?).max(this_month - MONTHS);
        let months = usize::try_from(this_month - first).ok().filter(|months| *months >= MONTHS_PAID_MIN)?;
        let mut sums = vec![0_i128; months];
        let mut any = false;
        for payer in &self.payers {
            let monthly = payer.by_month(first, months, today);
            let paid = monthly.iter().filter(|sum| **sum > 0).count();
            if paid >= MONTHS_PAID_MIN && 2 * paid >= months {
                any = true;
                sums.iter_mut().zip(monthly).for_each(|(sum, more)| *sum += more);
            }
        }
        let monthly = median_of_integers(sums).filter(|monthly| any && *monthly > 0)?;
        Some(Income { monthly, basis: Basis::Regular })
    }
}

impl Payer {
    fn push(&mut self, payment: Incoming) {
        let at = self.payments.partition_point(|known| *known <= (payment.day, payment.amount));
        self.payments.insert(at, (payment.day, payment.amount));
        if self.payments.len() > PAYMENTS_MAX {
            self.payments.remove(0);
        }
    }

    /// The payments of the time that is looked at.
    fn seen(&self, today: i32) -> &[(i32, i128)] {
        let from = self.payments.partition_point(|(day, _)| *day <= today.saturating_sub(LOOK_BACK_DAYS));
        let until = self.payments.partition_point(|(day, _)| *day <= today);
        self.payments.get(from..until).unwrap_or_default()
    }

    fn by_month(&self, first: i32, months: usize, today: i32) -> Vec<i128> {
        let mut sums = vec![0; months];
        for (day, amount) in self.payments.iter().filter(|(day, _)| *day <= today) {
            let at = usize::try_from(salary::month_of(*day) - first).ok();
            if let Some(sum) = at.and_then(|at| sums.get_mut(at)) {
                *sum += amount;
            }
        }
        sums
    }
}
