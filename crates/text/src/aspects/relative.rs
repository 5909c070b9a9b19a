//! High and low, more and less: good or bad by what they are said of. A high limit is good, a high fee is not.

use super::Aspect;
use crate::cues::Cues;

/// How far from its aspect such a word may stand, in bytes of text between them: some five characters or three short words.
const REACH_BYTES: usize = 18;
/// What it adds.
const ADDS: f64 = 1.5;
/// What is left of it when turned.
const TURNED: f64 = -0.7;

const UP: &str =
    "高|多|大|涨|升|提高|提升|增加|上调|变高|太高|很高|挺高|high|higher|raised|increase*|went up|go up|huge|generous";
const DOWN: &str =
    "低|少|小|降|降低|下降|下调|减少|缩水|变低|太低|很低|偏低|low|lower|lowered|small|tiny|reduced|decrease*|cut";
const NOT: &str = "不|没|没有|未|not|isn't|aren't|wasn't|never|no";
/// What only looks like one of them.
const NEITHER: &str = "多少|多久|多大|差不多|最高|最低|最多|最少|至少|不多|大概|大家|大额|小时|小额|多次|高级|高端|大厅|大堂|降级|升级|不少|不大|不小";

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    Up,
    Down,
    Not,
    Neither,
}

/// Finds them.
#[derive(Debug, Clone)]
pub(super) struct Relatives(Cues<Says>);

impl Relatives {
    pub(super) fn new() -> Self {
        Self(Cues::new([(NEITHER, Says::Neither), (UP, Says::Up), (DOWN, Says::Down), (NOT, Says::Not)]))
    }

    /// The word in a clause that is said of an aspect named at some bytes of it, and what it adds; the nearest one counts.
    pub(super) fn of<'t>(&self, clause: &'t str, aspect: Aspect, named: &str, start: usize) -> Option<(&'t str, f64)> {
        let good_up = good_when_high(aspect, named)?;
        let found = self.0.find(clause);
        let end = start + named.len();
        let gap = |at: usize, length: usize| if at >= end { at - end } else { start.saturating_sub(at + length) };
        let says = |means| matches!(means, Says::Up | Says::Down);
        let near = found.iter().filter(|word| says(word.means) && gap(word.start, word.text.len()) <= REACH_BYTES);
        let word = near.min_by_key(|word| (gap(word.start, word.text.len()), word.start))?;
        let turned = found.iter().any(|not| {
            not.means == Says::Not && not.start < word.start && word.start - not.start - not.text.len() <= REACH_BYTES
        });
        let good = (word.means == Says::Up) == good_up;
        Some((word.text, if good { ADDS } else { -ADDS } * if turned { TURNED } else { 1.0 }))
    }
}

/// Whether more of an aspect is good for a customer; none when it is neither.
fn good_when_high(aspect: Aspect, named: &str) -> Option<bool> {
    match aspect {
        Aspect::Limit | Aspect::Rewards => Some(true),
        Aspect::Interest => Some(named.contains("收益")),
        Aspect::Fees | Aspect::Collection | Aspect::Approval => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_is_good_or_bad_by_what_is_high() {
        let relatives = Relatives::new();
        let adds = |clause: &str, aspect, named: &str| {
            let start = clause.find(named).expect("it is named");
            relatives.of(clause, aspect, named, start).map(|found| found.1)
        };
        assert_eq!(adds("额度很高", Aspect::Limit, "额度"), Some(1.5));
        assert_eq!(adds("额度不高", Aspect::Limit, "额度"), Some(1.5 * TURNED));
        assert_eq!(adds("利息太高了", Aspect::Interest, "利息"), Some(-1.5));
        assert_eq!(adds("收益率高", Aspect::Interest, "收益率"), Some(1.5));
        assert_eq!(adds("the fees are high", Aspect::Fees, "fees"), Some(-1.5));
        assert_eq!(adds("low fees", Aspect::Fees, "fees"), Some(1.5));
        assert_eq!(adds("额度是多少", Aspect::Limit, "额度"), None);
        assert_eq!(adds("客服很高", Aspect::Staff, "客服"), None);
        assert_eq!(adds("额度嘛我昨天打电话问了他们才说现在不高", Aspect::Limit, "额度"), None);
    }
}
