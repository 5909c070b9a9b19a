//! Where facts of customers come from: `[facts]` of `offers/rules.toml`, an SQL query each.
//!
//! What is not written is asked of the canonical tables. A bank that keeps assessments, complaints or contacts elsewhere writes its own query. Queries are over a session as of the moment of asking; the engine types them.

use florin_models::DefinitionProblem;
use serde::{Deserialize, Serialize};
use sqlparser::{ast::Statement, dialect::GenericDialect, parser::Parser};
use toml::Spanned;

use super::eligibility::clocks;
use crate::names;

/// The section, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FactsFile {
    /// What there is to offer: `product`, `risk_level` (R1–R5 or nothing), `active`.
    pub products: Option<Spanned<String>>,
    /// What customers can bear: `customer_id`, `tolerance` (C1–C5), `made_at`. The latest counts.
    pub assessments: Option<Spanned<String>>,
    /// What customers have: `customer_id`, `product`, `since` (a day or a moment).
    pub holdings: Option<Spanned<String>>,
    /// Complaints that are not resolved: `customer_id`, a row each.
    pub complaints: Option<Spanned<String>>,
    /// Offers that were made or are planned: `customer_id`, `offer` or `product`, `ts`.
    pub contacts: Option<Spanned<String>>,
    /// Offers that were refused: `customer_id`, `offer` or `product`, `ts`.
    pub refusals: Option<Spanned<String>>,
    /// Offers whose chance was logged: `customer_id`, `product` (nothing where none was made), `ts`, `chance`, `reward`. None when it is not written.
    pub log: Option<Spanned<String>>,
}

impl FactsFile {
    /// What is written, with its place.
    pub fn written(&self) -> impl Iterator<Item = &Spanned<String>> {
        let Self { products, assessments, holdings, complaints, contacts, refusals, log } = self;
        [products, assessments, holdings, complaints, contacts, refusals, log].into_iter().flatten()
    }
}

/// Queries for facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// What there is to offer.
    pub products: String,
    /// What customers can bear.
    pub assessments: String,
    /// What customers have.
    pub holdings: String,
    /// Complaints that are not resolved.
    pub complaints: String,
    /// Offers that were made.
    pub contacts: String,
    /// Offers that were refused.
    pub refusals: String,
    /// Offers whose chance was logged.
    pub log: Option<String>,
}

impl Facts {
    /// Those that every ranking needs, by name.
    #[must_use]
    pub fn needed(&self) -> [(&'static str, &str); 6] {
        [
            ("products", &self.products),
            ("assessments", &self.assessments),
            ("holdings", &self.holdings),
            ("complaints", &self.complaints),
            ("contacts", &self.contacts),
            ("refusals", &self.refusals),
        ]
    }
}

impl Default for Facts {
    /// Of the canonical tables. A tolerance is as old as the version of the customer that says it.
    fn default() -> Self {
        let of = |sql: &str| sql.to_owned();
        Self {
            products: of("SELECT name AS product, risk_level, active FROM product"),
            assessments: of(
                "SELECT customer_id, risk_tolerance AS tolerance, valid_from AS made_at FROM customer WHERE risk_tolerance IS NOT NULL",
            ),
            holdings: of(
                "SELECT a.customer_id, p.name AS product, a.opened_on AS since FROM account a JOIN product p ON p.product_id = a.product_id \
                 WHERE a.closed_on IS NULL OR a.closed_on > CAST(as_of() AS DATE)",
            ),
            complaints: of(
                "SELECT customer_id FROM interaction WHERE kind = 'complaint' AND (resolved_at IS NULL OR resolved_at > as_of())",
            ),
            contacts: of(
                "SELECT customer_id, campaign AS offer, ts FROM contact WHERE arm IS NULL OR arm <> 'control'",
            ),
            refusals: of("SELECT customer_id, campaign AS offer, ts FROM response WHERE kind = 'refused'"),
            log: None,
        }
    }
}

/// The queries that are written, else those of the canonical tables, and what is wrong with them.
pub(super) fn check(file: &str, written: &FactsFile) -> (Facts, Vec<DefinitionProblem>) {
    let usual = Facts::default();
    let mut problems = Vec::new();
    let mut take = |query: &Option<Spanned<String>>, usual: String| {
        let Some(query) = query else { return usual };
        problems.extend(problem(file, query));
        query.get_ref().trim().to_owned()
    };
    let facts = Facts {
        products: take(&written.products, usual.products),
        assessments: take(&written.assessments, usual.assessments),
        holdings: take(&written.holdings, usual.holdings),
        complaints: take(&written.complaints, usual.complaints),
        contacts: take(&written.contacts, usual.contacts),
        refusals: take(&written.refusals, usual.refusals),
        log: written.log.is_some().then(|| take(&written.log, String::new())),
    };
    (facts, problems)
}

fn problem(file: &str, query: &Spanned<String>) -> Option<DefinitionProblem> {
    let wrong = |message: String, help: &str| Some(names::problem(file, Some(query.span()), message, help));
    let statements = match Parser::parse_sql(&GenericDialect {}, query.get_ref()) {
        Ok(statements) => statements,
        Err(error) => return wrong(format!("the SQL cannot be read: {error}"), "check it with `florin sql`"),
    };
    let [Statement::Query(query)] = &statements[..] else {
        return wrong("it is not one query".to_owned(), "write one SELECT, without a semicolon");
    };
    let clock = clocks(query).into_iter().next()?;
    wrong(format!("the query reads the clock by `{clock}`"), "use `as_of()`: a decision must replay")
}
