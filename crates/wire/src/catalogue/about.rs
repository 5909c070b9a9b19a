//! Which questions are about the catalogue.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::ast::{Query, visit_relations};

use super::{bind::name_of, functions, world::Known};

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The catalogue, and nothing else.
    Catalogue,
    /// No table at all.
    Nothing,
    /// Tables of the bank.
    Bank,
}

/// What a question is about. One that names the bank's tables is about these, whatever else it names.
pub(crate) fn about(question: &Query, known: &Known) -> About {
    let named = named_queries(question);
    let mut about = About::Nothing;
    let _ = visit_relations(question, |relation| {
        let parts: Vec<String> = relation.0.iter().filter_map(|part| part.as_ident()).map(name_of).collect();
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name.as_str()),
            [.., schema, name] => (Some(schema.as_str()), name.as_str()),
            [] => return ControlFlow::<()>::Continue(()),
        };
        if schema.is_none() && named.contains(name) {
            return ControlFlow::Continue(());
        }
        if is_of_catalogue(schema, name, known) {
            about = About::Catalogue;
            return ControlFlow::Continue(());
        }
        about = About::Bank;
        ControlFlow::Break(())
    });
    about
}

fn is_of_catalogue(schema: Option<&str>, name: &str, known: &Known) -> bool {
    match schema {
        Some(schema) => schema == "pg_catalog" || schema == "information_schema",
        None => {
            let of_bank = known.seen.iter().any(|table| table.schema == "public" && table.name == name);
            !of_bank
                && (known.table(None, name).is_some()
                    || functions::OF_ROWS.contains(&name)
                    || functions::by_name(name).is_some())
        }
    }
}

/// Names that `WITH` gives, anywhere in it.
fn named_queries(question: &Query) -> BTreeSet<String> {
    use sqlparser::ast::{Visit as _, Visitor};
    struct Names(BTreeSet<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let named = query.with.iter().flat_map(|with| &with.cte_tables);
            self.0.extend(named.map(|cte| name_of(&cte.alias.name)));
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(BTreeSet::new());
    let _ = question.visit(&mut names);
    names.0
}
