//! Made-up questions over the tables of a small bank. The same seed and number give the same question, and every answer
//! is one that does not depend on the order in which rows happen to come.

use crate::support::Rng;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ty {
    Int,
    Decimal,
    Text,
    Time,
    Date,
}

use Ty::{Date, Decimal, Int, Text, Time};

#[derive(Clone)]
struct Column {
    sql: String,
    ty: Ty,
}

/// Something with columns that a FROM can name.
#[derive(Clone)]
struct Source {
    from: String,
    columns: Vec<Column>,
}

type Table = (&'static str, &'static [(&'static str, Ty)]);

const TABLES: &[Table] = &[
    (
        "customer",
        &[
            ("customer_id", Int),
            ("kind", Text),
            ("birth_date", Date),
            ("gender", Text),
            ("region", Text),
            ("income_band", Text),
            ("valid_from", Time),
        ],
    ),
    (
        "account",
        &[
            ("customer_id", Int),
            ("account_id", Int),
            ("opened_on", Date),
            ("currency", Text),
            ("credit_limit", Decimal),
            ("status", Text),
            ("valid_from", Time),
        ],
    ),
    (
        "loan",
        &[
            ("customer_id", Int),
            ("loan_id", Int),
            ("account_id", Int),
            ("ts", Time),
            ("amount", Decimal),
            ("term_months", Int),
            ("status", Text),
        ],
    ),
    (
        "\"transaction\"",
        &[
            ("customer_id", Int),
            ("transaction_id", Int),
            ("account_id", Int),
            ("ts", Time),
            ("amount", Decimal),
            ("direction", Text),
            ("kind", Text),
            ("place", Text),
        ],
    ),
    (
        "event",
        &[
            ("customer_id", Int),
            ("event_id", Int),
            ("ts", Time),
            ("name", Text),
            ("channel", Text),
            ("device", Text),
            ("duration_ms", Int),
            ("anonymous_id", Text),
        ],
    ),
    ("consent", &[("customer_id", Int), ("purpose", Text), ("state", Text), ("ts", Time)]),
    ("rate", &[("code", Text), ("factor", Decimal)]),
];

/// Texts that occur, with some that only customers have who are hidden.
const TEXTS: &[&str] = &[
    "north", "W!north", "open", "W!open", "A", "W!B", "card", "W!cash", "Oslo", "W!Lima", "click", "W!view", "web",
    "CNY", "in", "female", "", "7", "W!x", "given", "R3",
];
const PATTERNS: &[&str] = &["%o%", "W!%", "A%", "%e_", "_", "%"];

/// A question, and what it may do.
pub(crate) struct Question {
    pub(crate) sql: String,
}

/// Makes questions.
pub(crate) struct Generator {
    rng: Rng,
    number: usize,
    aliases: usize,
}

impl Generator {
    pub(crate) fn new(seed: u64, number: usize) -> Self {
        let mut rng = Rng::new(seed ^ (number as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        rng.next();
        Self { rng, number, aliases: 0 }
    }

    pub(crate) fn question(&mut self) -> Question {
        let sql = match self.rng.below(20) {
            0..=3 => self.plain(2),
            4..=6 => self.aggregate(2),
            7 | 8 => self.window(),
            9 | 10 => self.set_operation(),
            11 => self.scalar_subquery(),
            12 => self.anti_join(),
            13 => self.common_table(),
            14 => self.view(),
            15 | 16 => self.top(),
            17 => self.everything(),
            _ => self.risky(),
        };
        Question { sql }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    fn table(&mut self) -> Source {
        let &(name, columns) = self.rng.pick(TABLES);
        self.named(name, columns)
    }

    fn named(&mut self, name: &str, columns: &[(&str, Ty)]) -> Source {
        let alias = self.alias();
        let columns = columns.iter().map(|(c, ty)| Column { sql: format!("{alias}.{c}"), ty: *ty }).collect();
        Source { from: format!("{name} as {alias}"), columns }
    }

    fn about_customers(&mut self) -> Source {
        let &(name, columns) = self.rng.pick(&TABLES[..TABLES.len() - 1]);
        self.named(name, columns)
    }

    /// A table, or a subquery in its place.
    fn source(&mut self, depth: usize) -> Source {
        if depth == 0 || !self.rng.once_in(4) {
            return self.table();
        }
        let inner = self.source(depth - 1);
        let alias = self.alias();
        let columns: Vec<Column> = (0..inner.columns.len())
            .map(|i| Column { sql: format!("{alias}.c{i}"), ty: inner.columns[i].ty })
            .collect();
        let list: Vec<String> = inner.columns.iter().enumerate().map(|(i, c)| format!("{} as c{i}", c.sql)).collect();
        let condition = self.where_clause(&inner, depth - 1);
        let distinct = if self.rng.once_in(3) { "distinct " } else { "" };
        let from = format!("(select {distinct}{} from {}{condition}) as {alias}", list.join(", "), inner.from);
        Source { from, columns }
    }

    /// One source, or two or three joined.
    fn relation(&mut self, depth: usize) -> Source {
        let mut left = self.source(depth);
        for _ in 0..[0, 1, 1, 2][self.rng.below(4)] {
            let right = self.source(depth.saturating_sub(1));
            let Some(on) = self.on(&left, &right) else { continue };
            let kind = *self.rng.pick(&["join", "join", "left join", "right join", "full join"]);
            left.from = format!("{} {kind} {} on {on}", left.from, right.from);
            left.columns.extend(right.columns);
        }
        left
    }

    fn on(&mut self, left: &Source, right: &Source) -> Option<String> {
        let ids =
            |s: &Source| s.columns.iter().find(|c| c.sql.ends_with(".customer_id") || c.sql.ends_with(".c0")).cloned();
        let equal = match (ids(left), ids(right)) {
            (Some(l), Some(r)) if l.ty == r.ty && !self.rng.once_in(3) => (l, r),
            _ => {
                let left = self.rng.pick(&left.columns).clone();
                let fit: Vec<Column> = right.columns.iter().filter(|c| c.ty == left.ty).cloned().collect();
                if fit.is_empty() || (left.ty != Int && left.ty != Text) {
                    return None;
                }
                (left, self.rng.pick(&fit).clone())
            }
        };
        let more = if self.rng.once_in(3) { format!(" and {}", self.condition(right, 0)) } else { String::new() };
        Some(format!("{} = {}{more}", equal.0.sql, equal.1.sql))
    }

    fn where_clause(&mut self, source: &Source, depth: usize) -> String {
        match self.rng.below(3) {
            0 => String::new(),
            1 => format!(" where {}", self.condition(source, depth)),
            _ => {
                let (a, b) = (self.condition(source, depth), self.condition(source, depth));
                let link = *self.rng.pick(&["and", "and", "or"]);
                format!(" where {a} {link} {b}")
            }
        }
    }

    fn condition(&mut self, source: &Source, depth: usize) -> String {
        let column = self.rng.pick(&source.columns).clone();
        match self.rng.below(if depth > 0 { 9 } else { 7 }) {
            0 => format!("{} is {}null", column.sql, self.rng.pick(&["", "not "])),
            1 => format!("not ({})", self.comparison(&column)),
            2 if column.ty == Text => {
                format!("{} {}like '{}'", column.sql, self.rng.pick(&["", "not "]), self.rng.pick(PATTERNS))
            }
            3 => format!(
                "{} {}in ({}, {}, {})",
                column.sql,
                self.rng.pick(&["", "not "]),
                self.literal(column.ty),
                self.literal(column.ty),
                self.literal(column.ty)
            ),
            4 => format!("{} between {} and {}", column.sql, self.literal(column.ty), self.literal(column.ty)),
            7 => self.in_subquery(&column),
            8 => self.exists(source),
            _ => self.comparison(&column),
        }
    }

    fn comparison(&mut self, column: &Column) -> String {
        format!("{} {} {}", column.sql, self.rng.pick(&["=", "<>", "<", "<=", ">", ">="]), self.literal(column.ty))
    }

    fn literal(&mut self, ty: Ty) -> String {
        match ty {
            Int => self.rng.below(70).to_string(),
            Decimal => format!("{}.50", self.rng.below(500)),
            Text => format!("'{}'", self.rng.pick(TEXTS)),
            Time => format!("timestamp '{}-{:02}-01T00:00:00Z'", 2022 + self.rng.below(5), 1 + self.rng.below(12)),
            Date => format!("date '{}-06-15'", 1960 + self.rng.below(65)),
        }
    }

    fn in_subquery(&mut self, column: &Column) -> String {
        let inner = self.table();
        let fit: Vec<Column> = inner.columns.iter().filter(|c| c.ty == column.ty).cloned().collect();
        if fit.is_empty() {
            return self.comparison(column);
        }
        let what = self.rng.pick(&fit).clone();
        let condition = self.where_clause(&inner, 0);
        format!(
            "{} {}in (select {} from {}{condition})",
            column.sql,
            self.rng.pick(&["", "not "]),
            what.sql,
            inner.from
        )
    }

    fn exists(&mut self, outer: &Source) -> String {
        let inner = self.about_customers();
        let condition = self.condition(&inner, 0);
        let not = *self.rng.pick(&["", "not "]);
        let Some(id) = outer.columns.iter().find(|c| c.ty == Int) else {
            return format!("{not}exists (select 1 from {} where {condition})", inner.from);
        };
        format!(
            "{not}exists (select 1 from {} where {} = {} and {condition})",
            inner.from, inner.columns[0].sql, id.sql
        )
    }

    fn expression(&mut self, source: &Source) -> String {
        let column = self.rng.pick(&source.columns).clone();
        let c = &column.sql;
        match (column.ty, self.rng.below(5)) {
            (Int, 0) => format!("{c} % 7"),
            (Int | Decimal, 1) => format!("coalesce({c}, 0) + 1"),
            (Decimal, 2) => format!("round({c})"),
            (Text, 0) => format!("upper({c})"),
            (Text, 1) => format!("length({c})"),
            (Text, 2) => format!("case when {c} like 'W%' then 1 else 0 end"),
            (Text, 3) => format!("coalesce({c}, 'none')"),
            (Time, 0) => format!("date_trunc('month', {c})"),
            (Time | Date, 1) => format!("date_part('year', {c})"),
            (_, 4) => format!("nullif({c}, {})", self.literal(column.ty)),
            _ => column.sql,
        }
    }

    fn expressions(&mut self, source: &Source) -> Vec<String> {
        (0..=self.rng.below(4)).map(|_| self.expression(source)).collect()
    }

    fn plain(&mut self, depth: usize) -> String {
        let source = self.relation(depth);
        let list = self.expressions(&source).join(", ");
        let distinct = if self.rng.once_in(3) { "distinct " } else { "" };
        let condition = self.where_clause(&source, depth);
        format!("select {distinct}{list} from {}{condition}", source.from)
    }

    fn aggregates(&mut self, source: &Source) -> Vec<String> {
        let aggregate = |g: &mut Self| {
            let column = g.rng.pick(&source.columns).clone();
            let c = &column.sql;
            match (g.rng.below(7), column.ty) {
                (0, _) => "count(*)".to_owned(),
                (1, _) => format!("count({c})"),
                (2, _) => format!("count(distinct {c})"),
                (3, Int) => format!("sum({c} % 1000)"),
                (3 | 4, Decimal) => format!("sum({c})"),
                (4, _) => format!("max({c}) filter (where {})", g.condition(source, 0)),
                (5, _) => format!("min({c})"),
                _ => format!("max({c})"),
            }
        };
        (0..=self.rng.below(3)).map(|_| aggregate(self)).collect()
    }

    fn aggregate(&mut self, depth: usize) -> String {
        let source = self.relation(depth);
        let condition = self.where_clause(&source, depth);
        let measures = self.aggregates(&source);
        let groups: Vec<String> = match self.rng.below(4) {
            0 => Vec::new(),
            1 => vec![source.columns[0].sql.clone()],
            _ => (0..=self.rng.below(2)).map(|_| self.rng.pick(&source.columns).sql.clone()).collect(),
        };
        let list: Vec<String> = groups.iter().chain(&measures).cloned().collect();
        let list = list.iter().enumerate().map(|(i, e)| format!("{e} as e{i}")).collect::<Vec<_>>().join(", ");
        let group = if groups.is_empty() { String::new() } else { format!(" group by {}", groups.join(", ")) };
        let having = if self.rng.once_in(3) {
            format!(" having count(*) {} {}", self.rng.pick(&[">", "<", "="]), self.rng.below(4))
        } else {
            String::new()
        };
        format!("select {list} from {}{condition}{group}{having}", source.from)
    }

    fn window(&mut self) -> String {
        let source = if self.rng.once_in(2) { self.about_customers() } else { self.relation(1) };
        let condition = self.where_clause(&source, 1);
        // In an order that leaves ties only between equal rows.
        let order = source.columns.iter().map(|c| c.sql.clone()).collect::<Vec<_>>().join(", ");
        let by = self.rng.pick(&source.columns[..source.columns.len().min(3)]).sql.clone();
        let value = self.rng.pick(&source.columns).clone();
        let function = match self.rng.below(6) {
            0 => "row_number()".to_owned(),
            1 => format!("lag({}) ", value.sql),
            2 => format!("first_value({})", value.sql),
            3 => "rank()".to_owned(),
            4 => format!("count({})", value.sql),
            _ => format!("max({})", value.sql),
        };
        let partition = if self.rng.once_in(4) { String::new() } else { format!("partition by {by} ") };
        let list = self.expressions(&source).join(", ");
        format!("select {list}, {function} over ({partition}order by {order}) as w from {}{condition}", source.from)
    }

    fn set_operation(&mut self) -> String {
        let side = |g: &mut Self| {
            let source = g.about_customers();
            let text = source.columns.iter().filter(|c| c.ty == Text).cloned().collect::<Vec<_>>();
            let text = g.rng.pick(&text).sql.clone();
            let condition = g.where_clause(&source, 1);
            format!("select {} as a, {text} as b from {}{condition}", source.columns[0].sql, source.from)
        };
        let mut sql = side(self);
        for _ in 0..=self.rng.below(2) {
            let operation = *self.rng.pick(&["union", "union all", "intersect", "except"]);
            sql = format!("({sql}) {operation} ({})", side(self));
        }
        if self.rng.once_in(3) { format!("select b, count(*) as n from ({sql}) as u group by b") } else { sql }
    }

    fn scalar_subquery(&mut self) -> String {
        let outer = self.about_customers();
        let inner = self.about_customers();
        let condition = self.condition(&inner, 0);
        let measure = *self.rng.pick(&["count(*)", "max(", "min("]);
        let measure =
            if measure.ends_with('(') { format!("{measure}{})", inner.columns[1].sql) } else { measure.to_owned() };
        let correlated = if self.rng.once_in(3) {
            String::new()
        } else {
            format!("{} = {} and ", inner.columns[0].sql, outer.columns[0].sql)
        };
        let list = self.expressions(&outer).join(", ");
        format!(
            "select {list}, (select {measure} from {} where {correlated}{condition}) as s from {}",
            inner.from, outer.from
        )
    }

    fn anti_join(&mut self) -> String {
        let outer = self.relation(1);
        let (a, b) = (self.exists(&outer), self.exists(&outer));
        let list = self.expressions(&outer).join(", ");
        format!("select {list} from {} where {a} {} {b}", outer.from, self.rng.pick(&["and", "or"]))
    }

    fn common_table(&mut self) -> String {
        let columns = [("id", Int), ("label", Text)];
        let body = self.id_and_label();
        let (a, b) = (self.named("common", &columns), self.named("common", &columns));
        let other = self.about_customers();
        let condition = self.where_clause(&a, 1);
        format!(
            "with common as ({body}) select {}, {}, count(*) as n from {} left join {} on {} = {} join {} on {} = {}{condition} group by 1, 2",
            a.columns[0].sql,
            b.columns[1].sql,
            a.from,
            b.from,
            a.columns[0].sql,
            b.columns[0].sql,
            other.from,
            other.columns[0].sql,
            a.columns[0].sql
        )
    }

    fn id_and_label(&mut self) -> String {
        let source = self.about_customers();
        let text = source.columns.iter().filter(|c| c.ty == Text).cloned().collect::<Vec<_>>();
        let label = self.rng.pick(&text).sql.clone();
        let condition = self.where_clause(&source, 1);
        format!("select distinct {} as id, {label} as label from {}{condition}", source.columns[0].sql, source.from)
    }

    fn view(&mut self) -> String {
        let (first, second) = (format!("v{}", self.number), format!("w{}", self.number));
        let body = self.id_and_label();
        let columns = [("id", Int), ("label", Text)];
        let view = self.named(&first, &columns);
        let condition = self.where_clause(&view, 1);
        let over =
            format!("select {} as id, count(*) as n from {}{condition} group by 1", view.columns[0].sql, view.from);
        let joined = self.about_customers();
        format!(
            "create view {first} as {body}; create view {second} as {over}; \
             select x.id, x.n, {} from {second} as x full join {} on x.id = {}",
            joined.columns[1].sql, joined.from, joined.columns[0].sql
        )
    }

    /// The first rows in a total order.
    fn top(&mut self) -> String {
        let source = self.relation(1);
        let list = self.expressions(&source);
        let order: Vec<String> = (1..=list.len())
            .map(|i| format!("{i}{}", self.rng.pick(&["", " desc", " desc nulls last", " nulls first"])))
            .collect();
        let condition = self.where_clause(&source, 1);
        let list = list.iter().enumerate().map(|(i, e)| format!("{e} as e{i}")).collect::<Vec<_>>().join(", ");
        let offset = if self.rng.once_in(3) { format!(" offset {}", self.rng.below(5)) } else { String::new() };
        let limit =
            if self.rng.once_in(3) { String::new() } else { format!(" limit {}{offset}", 1 + self.rng.below(9)) };
        format!("select {list} from {}{condition} order by {}{limit}", source.from, order.join(", "))
    }

    /// All columns there are, common ones too.
    fn everything(&mut self) -> String {
        let source = self.about_customers();
        let condition = self.where_clause(&source, 1);
        match self.rng.below(3) {
            0 => format!("select count(*) from {}{condition}", source.from),
            _ => format!("select * from {}{condition}", source.from),
        }
    }

    /// What fails for some rows: of one table, and without anything that might spare those rows.
    fn risky(&mut self) -> String {
        let (table, expression) = *self.rng.pick(&[
            (3, "100 / t1.amount"),
            (3, "cast(t1.transaction_id / cast(t1.amount as bigint) as text)"),
            (4, "cast(t1.device as int)"),
            (4, "100 / (t1.duration_ms - 3)"),
            (2, "arrow_cast(t1.status, 'Int64')"),
            (2, "100 / (t1.term_months - 12)"),
            (0, "cast(t1.region as date)"),
            (4, "cast(t1.name as timestamp)"),
        ]);
        let (name, columns) = TABLES[table];
        let source = self.named(name, columns);
        match self.rng.below(4) {
            0 => format!("select {expression} as r from {}", source.from),
            1 => format!("select count(*) from {} where ({expression}) is not null", source.from),
            2 => format!("select {}, max({expression}) as m from {} group by 1", source.columns[0].sql, source.from),
            _ => format!("select {expression} as r from {} order by 1 limit 3", source.from),
        }
    }
}
