//! A mapping's SELECT, taken apart.

use datafusion::sql::sqlparser::{
    ast::{
        Expr, GroupByExpr, Join, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr, Statement,
        TableFactor, TableWithJoins,
    },
    dialect::GenericDialect,
    parser::Parser,
};

use super::MappingProblem;

/// A SELECT over inputs: what it reads and what it computes.
#[derive(Debug, Clone)]
pub struct MappingSelect {
    pub(super) driver: Source,
    pub(super) lookups: Vec<(Source, Expr)>,
    /// Name of a column of the target table, and the expression for it.
    pub(super) outputs: Vec<(String, Expr)>,
}

#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) input: String,
    pub(super) alias: String,
}

impl MappingSelect {
    /// The input that drives: each of its records gets one outcome.
    #[must_use]
    pub fn driver(&self) -> &str {
        &self.driver.input
    }

    /// The inputs that are looked things up in, in the order of the statement.
    pub fn lookups(&self) -> impl Iterator<Item = &str> {
        self.lookups.iter().map(|(source, _)| source.input.as_str())
    }
}

/// Takes a mapping's SELECT apart.
///
/// # Errors
/// When it is not SQL, or has a clause that would lose or multiply records.
pub fn parse(sql: &str) -> Result<MappingSelect, MappingProblem> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql)
        .map_err(|e| MappingProblem::new(e.to_string(), "a mapping is one SELECT statement"))?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err(MappingProblem::new("a mapping is one SELECT statement", "write `select … from <this input>`"));
    };
    let select = plain_select(query)?;
    let (driver, lookups) = sources(select)?;
    let outputs = select.projection.iter().map(output).collect::<Result<Vec<_>, _>>()?;
    for (i, (name, _)) in outputs.iter().enumerate() {
        if outputs[..i].iter().any(|(n, _)| n == name) {
            return Err(MappingProblem::new(format!("`{name}` is selected twice"), "give each column once"));
        }
    }
    Ok(MappingSelect { driver, lookups, outputs })
}

const KEEP_ALL: &str = "each record needs an outcome: keep them all, and let a check say which to quarantine";

fn plain_select(query: &Query) -> Result<&Select, MappingProblem> {
    let refuse = |what: &str| Err(MappingProblem::new(format!("a mapping has no {what}"), KEEP_ALL));
    if query.with.is_some() {
        return refuse("WITH");
    }
    if query.order_by.is_some() {
        return refuse("ORDER BY");
    }
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return refuse("LIMIT");
    }
    let SetExpr::Select(select) = query.body.as_ref() else { return refuse("UNION or VALUES") };
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(e, m) if e.is_empty() && m.is_empty());
    let clauses = [
        (select.selection.is_some(), "WHERE"),
        (grouped, "GROUP BY"),
        (select.having.is_some(), "HAVING"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.distinct.is_some(), "DISTINCT"),
        (select.top.is_some(), "TOP"),
    ];
    match clauses.iter().find(|(there, _)| *there) {
        Some((_, what)) => refuse(what),
        None => Ok(select),
    }
}

fn sources(select: &Select) -> Result<(Source, Vec<(Source, Expr)>), MappingProblem> {
    let [TableWithJoins { relation, joins }] = select.from.as_slice() else {
        let advice = "write `from <this input> <alias> left join <another input> <alias> on …`";
        return Err(MappingProblem::new("a mapping reads FROM one input", advice));
    };
    let lookups = joins.iter().map(lookup).collect::<Result<Vec<_>, _>>()?;
    Ok((source(relation)?, lookups))
}

fn lookup(join: &Join) -> Result<(Source, Expr), MappingProblem> {
    let (JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint)) = &join.join_operator else {
        return Err(MappingProblem::new(
            "only LEFT JOIN looks things up",
            "an inner join would lose the records that find nothing; use LEFT JOIN and a `required` check",
        ));
    };
    match constraint {
        JoinConstraint::On(on) => Ok((source(&join.relation)?, on.clone())),
        _ => Err(MappingProblem::new("a look-up needs ON", "write `left join <input> <alias> on <alias>.key = …`")),
    }
}

fn source(relation: &TableFactor) -> Result<Source, MappingProblem> {
    let TableFactor::Table { name, alias, args: None, .. } = relation else {
        return Err(MappingProblem::new("a mapping reads inputs by name", "a subquery or function cannot stand here"));
    };
    let input = match name.0.as_slice() {
        [part] => part.as_ident().map(|i| i.value.clone()),
        _ => None,
    };
    let input = input.ok_or_else(|| {
        MappingProblem::new(
            format!("`{name}` is not the name of an input"),
            "an input has the name of its file in sources/",
        )
    })?;
    let alias = alias.as_ref().map_or_else(|| input.clone(), |a| a.name.value.clone());
    Ok(Source { input, alias })
}

fn output(item: &SelectItem) -> Result<(String, Expr), MappingProblem> {
    match item {
        SelectItem::ExprWithAlias { expr, alias } => Ok((alias.value.clone(), expr.clone())),
        SelectItem::UnnamedExpr(expr @ Expr::Identifier(name)) => Ok((name.value.clone(), expr.clone())),
        SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts)) => {
            Ok((parts.last().map(|p| p.value.clone()).unwrap_or_default(), expr.clone()))
        }
        other => Err(MappingProblem::new(
            format!("`{other}` has no name"),
            "say which column it fills: `… as amount`; `*` is not possible, so that a new column cannot slip in",
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_projection_with_look_ups_is_taken_apart() {
        let select = parse("select t.id as x, d.name from t left join disp d on d.k = t.k").unwrap();
        assert_eq!(select.driver(), "t");
        assert_eq!(select.lookups().collect::<Vec<_>>(), ["disp"]);
        assert_eq!(select.outputs.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["x", "name"]);
    }

    #[test]
    fn whatever_could_lose_or_multiply_records_is_refused() {
        for (sql, problem) in [
            ("select a from t where a > 1", "no WHERE"),
            ("select a from t group by a", "no GROUP BY"),
            ("select distinct a from t", "no DISTINCT"),
            ("select a from t limit 5", "no LIMIT"),
            ("select a from t order by a", "no ORDER BY"),
            ("select a from t union all select a from u", "no UNION"),
            ("with x as (select 1) select a from x", "no WITH"),
            ("select a from t join u on t.k = u.k", "only LEFT JOIN"),
            ("select a from t cross join u", "only LEFT JOIN"),
            ("select a from t, u", "FROM one input"),
            ("select * from t", "has no name"),
            ("select a + 1 from t", "has no name"),
            ("select a, b as a from t", "selected twice"),
            ("delete from t", "one SELECT"),
            ("selekt a", "SQL statement"),
        ] {
            let error = parse(sql).expect_err(sql).to_string();
            assert!(error.contains(problem), "{sql}: {error}");
        }
    }
}
