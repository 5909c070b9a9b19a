//! What goes together: who has these has that.

use crate::{
    Chart, Picture, Style,
    figures::{count, percent, share, trimmed},
    frame::{begin, legend, note, nothing},
    rows::{self, Bar, Row},
};

/// Rules that are drawn; the rest are counted.
const ROWS_SHOWN: usize = 20;

/// Association rules, the strongest first.
#[derive(Debug, Clone, Default)]
pub struct RulesChart {
    /// What it asks.
    pub title: String,
    /// What customers have: an expression.
    pub of: String,
    /// How many customers have anything.
    pub customers: u64,
    /// The rules; as many as there is room for are drawn, the rest counted.
    pub rules: Vec<RuleRow>,
}

/// Who has the one has the other.
#[derive(Debug, Clone, Default)]
pub struct RuleRow {
    /// What they have.
    pub antecedent: Vec<String>,
    /// What they have too.
    pub consequent: Vec<String>,
    /// Customers with all of both.
    pub customers: u64,
    /// Customers with the consequent, whatever else they have.
    pub with_consequent: u64,
    /// The share of those with the antecedent who have both, 0 to 1.
    pub confidence: f64,
    /// The confidence, in times the share of all customers with the consequent.
    pub lift: f64,
}

impl Chart for RulesChart {
    fn draw(&self, style: Style) -> Picture {
        let subtitle = format!(
            "{}: {} {}",
            self.of,
            count(self.customers),
            style.say("customers; who has the first has the second", "位客户；拥有前者的客户中拥有后者的比例")
        );
        let mut canvas = begin(style, &self.title, style.say("What goes together", "关联规则"), &subtitle);
        if self.rules.is_empty() {
            nothing(&mut canvas);
            return canvas.finish(subtitle);
        }
        let colours = canvas.colours;
        let (more, less) = (style.say("more than by chance", "高于随机"), style.say("no more", "不高于随机"));
        let by_chance = style.say("line: of all customers", "竖线：全体客户中的比例");
        let keys = [(colours.accent(), more), (colours.neutral, less), (colours.text, by_chance)];
        legend(&mut canvas, &keys);
        let headings = [
            style.say("Confidence", "置信度"),
            style.say("Lift", "提升度"),
            style.say("Customers", "客户数"),
            style.say("Support", "支持度"),
        ];
        let rows: Vec<Row> = self.rules.iter().take(ROWS_SHOWN).map(|rule| self.drawn(rule, style)).collect();
        canvas.y -= 8.0;
        rows::draw(&mut canvas, style.say("Rule", "规则"), &headings, &rows);
        canvas.y -= 12.0;
        let hidden = self.rules.len().saturating_sub(ROWS_SHOWN);
        if hidden > 0 {
            note(&mut canvas, &format!("{}{hidden}", style.say("More, not shown: ", "其余未显示：")));
        }
        let said: Vec<String> = rows.iter().map(|row| format!("{} {}", row.label, row.bars[0].tip)).collect();
        canvas.finish(format!("{subtitle}: {}.", said.join("; ")))
    }
}

impl RulesChart {
    fn drawn(&self, rule: &RuleRow, style: Style) -> Row {
        let colours = style.theme.colours();
        let lift = format!("× {}", trimmed(rule.lift, 2));
        let support = share(rule.customers, self.customers);
        let of_all = share(rule.with_consequent, self.customers);
        let tip = format!(
            "{} {}, {} {}, {} {}",
            style.say("confidence", "置信度"),
            percent(Some(rule.confidence)),
            style.say("of all customers", "全体客户中"),
            percent(of_all),
            style.say("lift", "提升度"),
            lift
        );
        let bar = Bar {
            share: rule.confidence,
            before: None,
            mark: of_all,
            colour: if rule.lift > 1.0 { colours.accent() } else { colours.neutral },
            tip,
            cells: vec![percent(Some(rule.confidence)), lift, count(rule.customers), percent(support)],
        };
        Row { label: format!("{} → {}", rule.antecedent.join(", "), rule.consequent.join(", ")), bars: vec![bar] }
    }
}
