//! What people do for a living, what it pays, and how safe it is.
//!
//! Wages are log-normal around the occupation's median, times the city's level and a hump over age. The medians are
//! round figures near the averages that the National Bureau of Statistics publishes by industry for 2023; `instability` is the
//! yearly probability of losing most of one's income, and is what drives defaults.

use crate::random::Stream;

/// An occupation.
pub(crate) struct Occupation {
    pub(crate) name: &'static str,
    /// As the core system writes it.
    pub(crate) chinese: &'static str,
    /// Yuan a month.
    wage_median: f64,
    sigma: f64,
    /// A year.
    pub(crate) instability: f64,
    /// Whether wages come on one day from one employer.
    pub(crate) salaried: bool,
    weight: f64,
}

const fn occupation(
    name: &'static str,
    chinese: &'static str,
    (wage_median, sigma): (f64, f64),
    instability: f64,
    salaried: bool,
    weight: f64,
) -> Occupation {
    Occupation { name, chinese, wage_median, sigma, instability, salaried, weight }
}

/// All of them.
pub(crate) const OCCUPATIONS: [Occupation; 14] = [
    occupation("factory", "制造业工人", (6200.0, 0.28), 0.055, true, 15.0),
    occupation("office", "公司职员", (8800.0, 0.38), 0.040, true, 20.0),
    occupation("public_service", "公务员", (8600.0, 0.25), 0.004, true, 7.0),
    occupation("teacher", "教师", (8000.0, 0.27), 0.006, true, 6.0),
    occupation("medical", "医护人员", (9500.0, 0.36), 0.006, true, 4.0),
    occupation("software", "IT工程师", (15500.0, 0.42), 0.060, true, 7.0),
    occupation("finance", "金融从业者", (13500.0, 0.48), 0.045, true, 4.0),
    occupation("retail", "销售人员", (6000.0, 0.42), 0.085, true, 9.0),
    occupation("construction", "建筑工人", (6800.0, 0.35), 0.110, true, 5.0),
    occupation("delivery", "外卖配送员", (6600.0, 0.36), 0.130, false, 5.0),
    occupation("self_employed", "个体工商户", (9000.0, 0.72), 0.090, false, 7.0),
    occupation("student", "学生", (1900.0, 0.35), 0.020, false, 6.0),
    occupation("retired", "退休", (3700.0, 0.40), 0.001, true, 4.0),
    occupation("homemaker", "自由职业", (3200.0, 0.60), 0.070, false, 3.0),
];

pub(crate) const STUDENT: usize = 11;
pub(crate) const RETIRED: usize = 12;

/// Days of the month on which employers pay, and how usual each is.
pub(crate) const PAY_DAYS: [usize; 8] = [5, 8, 10, 15, 20, 25, 28, 31];
const PAY_DAY_WEIGHTS: [f64; 8] = [10.0, 6.0, 26.0, 28.0, 9.0, 9.0, 4.0, 8.0];

/// An occupation that people of this age have.
pub(crate) fn draw(stream: &mut Stream, age: i32, woman: bool) -> usize {
    let retires = if woman { 53 } else { 60 };
    if age < 22 && stream.chance(0.7) {
        return STUDENT;
    }
    if age >= retires && stream.chance(0.88) {
        return RETIRED;
    }
    let weights: Vec<f64> = OCCUPATIONS.iter().enumerate().map(|(at, o)| weight(at, o, age)).collect();
    stream.weighted(&weights)
}

fn weight(at: usize, occupation: &Occupation, age: i32) -> f64 {
    match at {
        STUDENT | RETIRED => 0.0,
        // Software and delivery are young trades.
        5 | 9 if age > 42 => occupation.weight * 0.3,
        _ => occupation.weight,
    }
}

/// Yuan a month.
pub(crate) fn wage(stream: &mut Stream, occupation: usize, age: i32, city_level: f64) -> u32 {
    let job = &OCCUPATIONS[occupation % OCCUPATIONS.len()];
    let peak = 1.0 - 0.00055 * f64::from(age - 43).powi(2).min(500.0);
    let wage = stream.log_normal(job.wage_median, job.sigma) * city_level * peak;
    wage.clamp(700.0, 180_000.0) as u32
}

/// Which of [`PAY_DAYS`] an employer keeps.
pub(crate) fn pay_day(stream: &mut Stream) -> usize {
    stream.weighted(&PAY_DAY_WEIGHTS)
}

/// Monthly income in the bands that forms ask for, and as the core system writes them.
pub(crate) fn income_band(yuan: u32) -> &'static str {
    match yuan {
        0..3000 => "3000以下",
        3000..6000 => "3000-6000",
        6000..10_000 => "6000-10000",
        10_000..20_000 => "10000-20000",
        20_000..50_000 => "20000-50000",
        _ => "50000以上",
    }
}
