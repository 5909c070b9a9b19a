//! Recency, frequency and money in fifths, and the groups that marketers know.
//!
//! **Scores.** Each of the three measures is cut into fifths: 5 is the most recent, the most frequent, the most spent. Among n
//! customers, one with b customers below and t equal (itself among them) has the mid-rank b + (t + 1) / 2, and the score
//! ⌈5 · mid-rank / n⌉ ([`fifths`]). So equal customers always have equal scores, whatever the order of the rows, and with no ties the
//! fifths are equal. (SQL's `NTILE` deals equal customers out by chance.) It is worked out in integers.
//!
//! **Groups.** The eleven names that go round since Putler's RFM map (2016). Published maps overlap or leave holes; the table [`GROUPS`] is
//! ours, gives each pair of scores exactly one name, and reads frequency and money together: F+M = ⌈(frequency + money) / 2⌉.

use serde::Serialize;

use crate::error::{FeatureError, Result, same_length};

/// How many parts customers are cut into.
pub const SCORES: u64 = 5;
/// The most customers: five times twice as many is exact in 64 bits.
const CUSTOMERS_MAX: usize = u32::MAX as usize;

/// Scores of one customer, each 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Scores {
    /// 5: bought most recently.
    pub recency: u8,
    /// 5: buys most often.
    pub frequency: u8,
    /// 5: spent most.
    pub monetary: u8,
}

impl Scores {
    /// Frequency and money as one: the mean, a half upwards.
    #[must_use]
    pub fn value(self) -> u8 {
        (self.frequency + self.monetary).div_ceil(2)
    }

    /// The group that goes with the scores.
    #[must_use]
    pub fn group(self) -> Group {
        let cell = |score: u8| usize::from(score.clamp(1, 5) - 1);
        GROUPS[cell(self.recency)][cell(self.value())]
    }
}

/// One of the eleven groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Bought just now, buy often, spend most.
    Champions,
    /// Buy often and well.
    Loyal,
    /// Recent, and have begun to come back.
    PotentialLoyalists,
    /// Bought just now, for the first time or nearly.
    NewCustomers,
    /// Recent, and have spent little.
    Promising,
    /// Middling in all, and slipping.
    NeedAttention,
    /// Middling in recency, low otherwise.
    AboutToSleep,
    /// Bought often and well, but not lately.
    AtRisk,
    /// Were among the best, and are long gone.
    CannotLose,
    /// Not lately, not often, not much.
    Hibernating,
    /// The lowest of all.
    Lost,
}

use Group::{
    AboutToSleep, AtRisk, CannotLose, Champions, Hibernating, Lost, Loyal, NeedAttention, NewCustomers,
    PotentialLoyalists, Promising,
};

/// By recency (1 to 5, downwards) and F+M (1 to 5, rightwards).
#[rustfmt::skip]
pub const GROUPS: [[Group; 5]; 5] = [
    [Lost,         Hibernating,        AtRisk,             AtRisk, CannotLose],
    [Hibernating,  Hibernating,        AtRisk,             AtRisk, CannotLose],
    [AboutToSleep, AboutToSleep,       NeedAttention,      Loyal,  Loyal],
    [Promising,    PotentialLoyalists, PotentialLoyalists, Loyal,  Champions],
    [NewCustomers, PotentialLoyalists, PotentialLoyalists, Champions, Champions],
];

impl Group {
    /// All eleven, the best first.
    pub const ALL: [Self; 11] = [
        Champions,
        Loyal,
        PotentialLoyalists,
        NewCustomers,
        Promising,
        NeedAttention,
        AboutToSleep,
        AtRisk,
        CannotLose,
        Hibernating,
        Lost,
    ];

    /// The name in English.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Champions => "Champions",
            Loyal => "Loyal customers",
            PotentialLoyalists => "Potential loyalists",
            NewCustomers => "New customers",
            Promising => "Promising",
            NeedAttention => "Need attention",
            AboutToSleep => "About to sleep",
            AtRisk => "At risk",
            CannotLose => "Cannot lose them",
            Hibernating => "Hibernating",
            Lost => "Lost",
        }
    }

    /// The name in Chinese.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Champions => "核心客户",
            Loyal => "忠诚客户",
            PotentialLoyalists => "潜在忠诚客户",
            NewCustomers => "新客户",
            Promising => "有潜力客户",
            NeedAttention => "需要关注客户",
            AboutToSleep => "即将沉睡客户",
            AtRisk => "流失风险客户",
            CannotLose => "不可失去的客户",
            Hibernating => "沉睡客户",
            Lost => "已流失客户",
        }
    }
}

/// What is scored, a column each. A customer without a recency never bought, and has no scores.
#[derive(Debug, Clone, Copy)]
pub struct Activity<'a> {
    /// Whole days since the last purchase.
    pub recency_days: &'a [Option<i64>],
    /// How many purchases.
    pub frequency: &'a [i64],
    /// How much money, in ten thousandths.
    pub monetary: &'a [i128],
}

/// The scores of all customers, among those who have any.
///
/// # Errors
/// Columns of different lengths; more than 2³² − 1 customers.
pub fn score(activity: Activity<'_>) -> Result<Vec<Option<Scores>>> {
    let rows = activity.recency_days.len();
    same_length("frequency", activity.frequency.len(), rows)?;
    same_length("monetary", activity.monetary.len(), rows)?;
    let buyers: Vec<usize> = (0..rows).filter(|&row| activity.recency_days[row].is_some()).collect();
    if buyers.len() > CUSTOMERS_MAX {
        return Err(FeatureError::Argument { what: "customers", found: rows.to_string(), allowed: "at most 2^32 - 1" });
    }
    // Fewer days are better.
    let recency =
        fifths(&buyers.iter().map(|&r| -i128::from(activity.recency_days[r].unwrap_or(0))).collect::<Vec<_>>());
    let frequency = fifths(&buyers.iter().map(|&r| i128::from(activity.frequency[r])).collect::<Vec<_>>());
    let monetary = fifths(&buyers.iter().map(|&r| activity.monetary[r]).collect::<Vec<_>>());
    let mut scores = vec![None; rows];
    for (place, &row) in buyers.iter().enumerate() {
        let scored = Scores { recency: recency[place], frequency: frequency[place], monetary: monetary[place] };
        scores[row] = Some(scored);
    }
    Ok(scores)
}

/// The fifth of each value, 1 (lowest) to 5, by mid-rank.
#[must_use]
pub fn fifths(values: &[i128]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by_key(|&row| values[row]);
    let mut scores = vec![0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let twice_rank = 2 * below as u64 + tied.len() as u64 + 1;
        let score = (SCORES * twice_rank).div_ceil(2 * values.len() as u64).min(SCORES);
        tied.iter().for_each(|&row| scores[row] = score as u8);
        below += tied.len();
    }
    scores
}
