//! How long contracts last, and what that is worth.
//!
//! The curve is Kaplan and Meier's (1958): S(t) = Π_{u ≤ t} (1 − d_u / n_u), with n_u contracts at risk in period u of their life and d_u
//! ended in it, and Greenwood's (1926) standard error, S(t) √Σ d_u / (n_u (n_u − d_u)). Contracts that were already running when
//! observation began count from then on (delayed entry, Cox & Oakes 1984, ch. 1.3). d_u / n_u is the discrete hazard by
//! tenure.

use serde::Serialize;

use crate::error::{FeatureError, Result, argument};

/// Periods a contract can have lived.
pub const TENURE_MAX: u32 = 1200;
/// Beyond the last tenure seen, the hazard is that of its last periods together.
pub const TAIL_PERIODS: usize = 12;

/// One contract, in whole periods of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// Its age when it was first observed; 0 when that was from the start.
    pub entered: u32,
    /// Its age when it ended, or when it was last seen; more than `entered`.
    pub seen_until: u32,
    /// Whether it ended then.
    pub ended: bool,
}

/// One period of life.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Period {
    /// From 1.
    pub tenure: u32,
    /// Contracts that could have ended in it.
    pub at_risk: u64,
    /// Contracts that did.
    pub ended: u64,
    /// The share still there after it.
    pub survival: f64,
    /// Its standard error; 0 while none has ended, `NaN` once all have.
    pub standard_error: f64,
}

impl Period {
    /// The share of those at risk that ended.
    #[must_use]
    pub fn hazard(&self) -> f64 {
        match self.at_risk {
            0 => 0.0,
            n => self.ended as f64 / n as f64,
        }
    }
}

/// A survival curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    periods: Vec<Period>,
    tail_hazard: f64,
}

impl Curve {
    /// The curve of contracts.
    ///
    /// # Errors
    /// No contract; one that ends before it is seen, or beyond [`TENURE_MAX`].
    pub fn estimate(contracts: &[Contract]) -> Result<Self> {
        let Some(last) = contracts.iter().map(|c| c.seen_until).max() else {
            return Err(FeatureError::TooLittle { what: "contracts", found: 0, needed: 1 });
        };
        let wrong = contracts.iter().find(|c| c.seen_until <= c.entered || c.seen_until > TENURE_MAX);
        if let Some(contract) = wrong {
            let allowed = "a contract is seen for at least one period of its first 1,200";
            return Err(argument("contract", format!("{contract:?}"), allowed));
        }
        let (mut entered, mut left, mut ended) =
            (vec![0_u64; last as usize + 1], vec![0_u64; last as usize + 1], vec![0_u64; last as usize + 1]);
        for contract in contracts {
            entered[contract.entered as usize] += 1;
            left[contract.seen_until as usize] += 1;
            ended[contract.seen_until as usize] += u64::from(contract.ended);
        }
        let mut at_risk = 0;
        let counts = (1..=last).map(|tenure| {
            at_risk += entered[tenure as usize - 1];
            at_risk -= left[tenure as usize - 1];
            (tenure, at_risk, ended[tenure as usize])
        });
        Ok(Self::of_counts(counts.collect()))
    }

    fn of_counts(counts: Vec<(u32, u64, u64)>) -> Self {
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let mut periods = Vec::with_capacity(counts.len());
        for (tenure, at_risk, ended) in counts {
            if ended > 0 {
                survival *= (at_risk - ended) as f64 / at_risk as f64;
                greenwood += ended as f64 / (at_risk as f64 * (at_risk - ended) as f64);
            }
            periods.push(Period { tenure, at_risk, ended, survival, standard_error: survival * greenwood.sqrt() });
        }
        let tail = &periods[periods.len().saturating_sub(TAIL_PERIODS)..];
        let (at_risk, ended) = tail.iter().fold((0, 0), |(n, d), p| (n + p.at_risk, d + p.ended));
        let tail_hazard = if at_risk == 0 { 0.0 } else { ended as f64 / at_risk as f64 };
        Self { periods, tail_hazard }
    }

    /// Period by period.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The hazard used beyond the last period seen.
    #[must_use]
    pub fn tail_hazard(&self) -> f64 {
        self.tail_hazard
    }

    /// The share of contracts that live through `tenure` periods.
    #[must_use]
    pub fn survival(&self, tenure: u32) -> f64 {
        let Some(last) = self.periods.last().filter(|_| tenure > 0) else { return 1.0 };
        match self.periods.get(tenure as usize - 1) {
            Some(period) => period.survival,
            None => last.survival * (1.0 - self.tail_hazard).powi(tenure.saturating_sub(last.tenure).cast_signed()),
        }
    }

    /// How many of the next `horizon` periods' margins a contract of age `tenure` is worth today:
    /// Σ_{k=1..horizon} S(tenure+k) / S(tenure) · (1+d)^−k, the residual lifetime of Fader & Hardie (2010, "Customer-base valuation in a
    /// contractual setting", Marketing Science 29(1), eq. 6) with margins at the end of each period. 0 when no contract lives that long.
    ///
    /// # Errors
    /// A discount (a period's) of −1 or less.
    pub fn discounted_periods(&self, tenure: u32, horizon: u32, discount: f64) -> Result<f64> {
        if !(discount > -1.0 && discount.is_finite()) {
            return Err(argument("discount", discount, "a rate a period is more than -1"));
        }
        let now = self.survival(tenure);
        if now <= 0.0 {
            return Ok(0.0);
        }
        let mut factor = 1.0;
        Ok((1..=horizon)
            .map(|k| {
                factor /= 1.0 + discount;
                self.survival(tenure.saturating_add(k)) / now * factor
            })
            .sum())
    }
}

/// A margin a period (ten thousandths of the currency) over `periods` discounted ones, to the nearest ten thousandth. An expectation, no
/// booking: it may be shown beside money and never added to it.
#[must_use]
pub fn expected_margin(margin: i128, periods: f64) -> i128 {
    (margin as f64 * periods).round_ties_even() as i128
}
