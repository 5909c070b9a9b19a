//! What tools ask before they ask anything: which tables there are, of which columns and types, and who they are connected to.
//!
//! Tools ask it of `pg_catalog` and `information_schema`, in questions that are PostgreSQL's own in every way: subqueries that name the row
//! around them, `ANY (array)`, `::regclass`, functions that no other engine has. So they are answered here, by a small interpreter
//! over tables in memory, and not by the query engine. That has a second good: this path holds the names of what
//! a session may see, and nothing else. No question that comes here can reach a row of the bank.
//!
//! [`tables`] fills the tables of what [`World`] knows; [`plan`], [`from`], [`bind`] and [`call`] look up every name of a question;
//! [`run`], [`group`] and [`evaluate`] answer it. [`about`] says which questions come here.

pub(crate) mod about;
mod bind;
mod bound;
mod call;
mod evaluate;
mod from;
pub(crate) mod functions;
mod group;
mod plan;
mod run;
mod scope;
pub(crate) mod tables;
pub(crate) mod types;
pub(crate) mod value;
pub(crate) mod world;

use std::cell::Cell;

use sqlparser::ast::Query;

use self::{
    run::Here,
    scope::{Named, Scope},
    types::Oid,
    value::Row,
    world::World,
};
use crate::fault::Fault;

/// An answer.
#[derive(Debug)]
pub(crate) struct Told {
    /// Names and types of its columns.
    pub(crate) columns: Vec<(String, Oid)>,
    pub(crate) rows: Vec<Row>,
}

/// Answers a question about the catalogue.
pub(crate) fn answer(world: &World, question: &Query) -> Result<Told, Fault> {
    let named = Named::new();
    let plan = plan::question(question, &Scope::outermost(world, &named))?;
    let work = Cell::new(0);
    let rows = run::rows(&plan, &Here::outermost(world, &work))?;
    let columns = plan.columns.into_iter().map(|column| (column.name, column.ty)).collect();
    Ok(Told { columns, rows })
}
