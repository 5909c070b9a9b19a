//! Groups of customers: how columns are cut into them, and how well the model does in each.

use florin_measurement::{GroupFigures, Groups, Resampling, SmallGroups, by_group};

use super::{
    report::{AxisFigures, GroupReport},
    rows::{Scored, measured},
};
use crate::{
    definition::{ModelDef, Words},
    error::{Result, argument},
    frame::{Column, Frame, MISSING, Values},
};

/// The most groups of an axis; rarer levels become "others".
const GROUPS_MAX: usize = 12;
/// Into how many parts numbers are cut, other than ages and lengths of time with the bank.
const PARTS: usize = 4;
/// A group is failed when its AUC lies surely below the others', by at least this.
pub(super) const FAILS_BY: f64 = 0.03;
/// Where ages are cut, in years.
const AGES: [f64; 5] = [25.0, 35.0, 45.0, 60.0, 75.0];

/// What axes are called whose columns have one of these names, and by which a model is judged even where nothing is protected.
const KNOWN: [(&[&str], &str, &str); 7] = [
    (&["age", "age_band", "age_years"], "年龄", "age"),
    (&["gender", "sex"], "性别", "gender"),
    (&["region", "province", "city", "geography"], "地区", "region"),
    (&["tenure", "tenure_days", "tenure_months", "tenure_years"], "在行年限", "tenure"),
    (&["product", "product_family", "main_product"], "产品", "product"),
    (&["channel", "main_channel"], "渠道", "channel"),
    (&["segment", "income_band", "kind"], "客群", "segment"),
];

/// Rows cut into groups.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBy {
    /// The column.
    pub axis: String,
    /// What people call it.
    pub words: Words,
    /// Whether it is a protected attribute.
    pub protected: bool,
    names: Vec<Words>,
    keys: Vec<String>,
    of: Vec<u32>,
}

impl GroupBy {
    /// Names of groups, and for each row the place of its group's name.
    ///
    /// # Errors
    /// When a row names a place that is not there, or two groups have one English name.
    pub fn new(axis: &str, words: Words, protected: bool, names: Vec<Words>, of: Vec<u32>) -> Result<Self> {
        if let Some(place) = of.iter().find(|place| **place as usize >= names.len()) {
            return Err(argument("a group", place, "it is one of those that have names"));
        }
        let keys: Vec<String> = names.iter().map(|words| words.en.clone()).collect();
        if let Some(twice) = keys.iter().enumerate().find(|(at, key)| keys[..*at].contains(key)) {
            return Err(argument("the name of a group", twice.1, "each group has its own"));
        }
        Ok(Self { axis: axis.to_owned(), words, protected, names, keys, of })
    }

    /// A column cut into groups: ages at 25, 35, 45, 60 and 75, other numbers at their quartiles, categories by level (the rarest
    /// together); a gap is a group of its own.
    #[must_use]
    pub fn of_column(column: &Column, protected: bool) -> Self {
        let words = axis_words(&column.name);
        let (names, of) = match &column.values {
            Values::Number(values) if words.en == "age" => cut(values, &AGES, &age_names()),
            Values::Number(values) => numbers(values),
            Values::Category { codes, levels } => categories(codes, levels),
        };
        let keys = names.iter().map(|words| words.en.clone()).collect();
        Self { axis: column.name.clone(), words, protected, names, keys, of }
    }

    /// The group of each row.
    #[must_use]
    pub fn of(&self) -> &[u32] {
        &self.of
    }

    /// Names of groups.
    #[must_use]
    pub fn names(&self) -> &[Words] {
        &self.names
    }

    /// Of these rows only.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { of: rows.iter().map(|&row| self.of[row]).collect(), ..self.clone() }
    }

    pub(super) fn groups(&self) -> Result<Groups<'_>> {
        Groups::new(&self.keys, &self.of).map_err(measured)
    }

    pub(super) fn called(&self, key: &str) -> Words {
        let place = self.keys.iter().position(|known| known == key);
        place.map_or_else(|| same(key), |place| self.names[place].clone())
    }
}

/// The protected features of a definition, and those features that are called age, gender, region, tenure, product or channel, as groups of a frame.
#[must_use]
pub fn default_groups(definition: &ModelDef, frame: &Frame) -> Vec<GroupBy> {
    let wanted = |column: &&Column| definition.protected.contains(&column.name) || known(&column.name).is_some();
    let columns = frame.columns().iter().filter(wanted);
    columns.map(|column| GroupBy::of_column(column, definition.protected.contains(&column.name))).collect()
}

fn known(name: &str) -> Option<Words> {
    let lower = name.to_lowercase();
    let (_, zh, en) = KNOWN.iter().find(|(names, ..)| names.contains(&lower.as_str()))?;
    Some(Words { zh: (*zh).to_owned(), en: (*en).to_owned() })
}

fn axis_words(name: &str) -> Words {
    known(name).unwrap_or_else(|| same(&name.replace('_', " ")))
}

fn same(text: &str) -> Words {
    Words { zh: text.to_owned(), en: text.to_owned() }
}

fn unknown() -> Words {
    Words { zh: "未知".to_owned(), en: "unknown".to_owned() }
}

fn age_names() -> Vec<Words> {
    let mut names = vec![Words { zh: format!("{} 岁以下", AGES[0]), en: format!("under {}", AGES[0]) }];
    for pair in AGES.windows(2) {
        let (from, to) = (pair[0], pair[1] - 1.0);
        names.push(Words { zh: format!("{from}–{to} 岁"), en: format!("{from}–{to}") });
    }
    let last = AGES[AGES.len() - 1];
    names.push(Words { zh: format!("{last} 岁及以上"), en: format!("{last} and over") });
    names
}

/// Numbers cut at rising places, a value on a cut belonging above; groups without rows are left out.
fn cut(values: &[f64], cuts: &[f64], names: &[Words]) -> (Vec<Words>, Vec<u32>) {
    let group = |value: &f64| match value.is_nan() {
        true => names.len(),
        false => cuts.partition_point(|cut| cut <= value),
    };
    let all: Vec<Words> = names.iter().cloned().chain([unknown()]).collect();
    used(&all, values.iter().map(group).collect())
}

/// Only the groups that have rows.
fn used(names: &[Words], of: Vec<usize>) -> (Vec<Words>, Vec<u32>) {
    let mut there = vec![false; names.len()];
    of.iter().for_each(|&group| there[group] = true);
    let mut places = vec![0_u32; names.len()];
    let mut kept = Vec::new();
    for (group, name) in names.iter().enumerate().filter(|(group, _)| there[*group]) {
        places[group] = kept.len() as u32;
        kept.push(name.clone());
    }
    (kept, of.into_iter().map(|group| places[group]).collect())
}

fn numbers(values: &[f64]) -> (Vec<Words>, Vec<u32>) {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let mut different = known.clone();
    different.dedup();
    let cuts: Vec<f64> = match different.len() <= GROUPS_MAX {
        // Counts and codes are groups themselves.
        true => different.iter().skip(1).copied().collect(),
        false => {
            let mut cuts: Vec<f64> = (1..PARTS).map(|part| known[known.len() * part / PARTS]).collect();
            cuts.dedup();
            cuts.retain(|cut| *cut > known[0]);
            cuts
        }
    };
    let names: Vec<Words> = if different.len() <= GROUPS_MAX {
        different.iter().map(|value| same(&value.to_string())).collect()
    } else {
        let number = |value: f64| figure(value);
        let mut names = vec![Words {
            zh: format!("{} 以下", number(cuts.first().copied().unwrap_or(0.0))),
            en: format!("below {}", number(cuts.first().copied().unwrap_or(0.0))),
        }];
        for (at, cut) in cuts.iter().enumerate() {
            names.push(match cuts.get(at + 1) {
                Some(next) => same(&format!("{}–{}", number(*cut), number(*next))),
                None => Words { zh: format!("{} 及以上", number(*cut)), en: format!("{} and over", number(*cut)) },
            });
        }
        names
    };
    cut(values, &cuts, &names)
}

/// A number as people write it in a name: whole where it is large.
fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

fn categories(codes: &[u32], levels: &[String]) -> (Vec<Words>, Vec<u32>) {
    let mut counts = vec![0_usize; levels.len()];
    codes.iter().filter(|code| **code != MISSING).for_each(|code| counts[*code as usize] += 1);
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then(a.cmp(&b)));
    let own = if order.len() > GROUPS_MAX { GROUPS_MAX - 1 } else { order.len() };
    let mut names: Vec<Words> = order[..own].iter().map(|&level| same(&levels[level])).collect();
    names.push(Words { zh: "其他".to_owned(), en: "all others".to_owned() });
    // A level may be called as the gap is; then they are one group.
    let gap = names.iter().position(|name| name.en == unknown().en).unwrap_or_else(|| {
        names.push(unknown());
        names.len() - 1
    });
    let mut places = vec![own; levels.len()];
    order[..own].iter().enumerate().for_each(|(place, &level)| places[level] = place);
    let group = |code: &u32| if *code == MISSING { gap } else { places[*code as usize] };
    used(&names, codes.iter().map(group).collect())
}

/// The figures of each group, axis by axis.
pub(super) fn figures(
    axes: &[GroupBy],
    test: &Scored,
    small: SmallGroups,
    how: &Resampling,
) -> Result<Vec<AxisFigures>> {
    let sample = test.sample()?;
    let one = |axis: &GroupBy| {
        let found = by_group(&sample, axis.groups()?, small, how).map_err(measured)?;
        let groups = found.into_iter().map(|figures| GroupReport {
            words: axis.called(&figures.name),
            fails: fails(&figures),
            figures,
        });
        Ok(AxisFigures {
            axis: axis.axis.clone(),
            words: axis.words.clone(),
            protected: axis.protected,
            groups: groups.collect(),
        })
    };
    axes.iter().map(one).collect()
}

fn fails(group: &GroupFigures) -> bool {
    let versus = group.figures.as_ref().and_then(|figures| figures.auc_less_rest);
    versus.is_some_and(|versus| versus.worse && versus.difference.value <= -FAILS_BY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_cut_where_people_cut_them() {
        let group = GroupBy::of_column(&Column::number("age", vec![18.0, 24.9, 25.0, 80.0, f64::NAN]), true);
        let named: Vec<&str> = group.of().iter().map(|at| group.names()[*at as usize].en.as_str()).collect();
        assert_eq!(named, ["under 25", "under 25", "25–34", "75 and over", "unknown"]);
        assert_eq!(group.names()[0].zh, "25 岁以下");
    }

    #[test]
    fn rare_levels_become_others_and_gaps_stay_apart() {
        let mut levels: Vec<Option<String>> = (0..30).map(|at| Some(format!("town {:02}", at % 15))).collect();
        levels.extend((0..50).map(|_| Some("capital".to_owned())));
        levels.push(None);
        let group = GroupBy::of_column(&Column::category("branch_town", &levels), false);
        assert_eq!(group.names().len(), GROUPS_MAX + 1);
        assert_eq!(group.names()[0].en, "capital");
        assert_eq!(group.words.en, "branch town");
        assert_eq!(group.names()[group.of()[80] as usize].en, "unknown");
    }

    #[test]
    fn numbers_are_cut_into_quarters_and_counts_are_groups() {
        let group = GroupBy::of_column(&Column::number("balance", (0..400).map(f64::from).collect()), false);
        assert_eq!(
            group.names().iter().map(|n| n.en.as_str()).collect::<Vec<_>>(),
            ["below 100", "100–200", "200–300", "300 and over"]
        );
        let counts = GroupBy::of_column(&Column::number("products", vec![1.0, 2.0, 1.0, 4.0]), false);
        assert_eq!(counts.names().iter().map(|n| n.en.as_str()).collect::<Vec<_>>(), ["1", "2", "4"]);
        let none = GroupBy::of_column(&Column::number("nothing", vec![f64::NAN; 3]), false);
        assert_eq!(none.names(), [unknown()]);
    }
}
