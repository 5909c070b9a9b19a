//! Which sources, in which order.

use crate::{FlowError, bank::CompiledSource};

/// The named sources (all when none is named) so that what is looked up is loaded first: customers, then tables that
/// others refer to, then the rest by name.
pub(super) fn in_order<'a>(
    sources: Vec<CompiledSource<'a>>,
    names: &[String],
) -> Result<Vec<CompiledSource<'a>>, FlowError> {
    for name in names {
        if !sources.iter().any(|s| s.name == *name) {
            let known = sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(FlowError::Unknown { what: "source", name: name.clone(), known });
        }
    }
    let mut waiting: Vec<_> = sources.into_iter().filter(|s| names.is_empty() || names.contains(&s.name)).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        // With a cycle of references nobody is ready; then the first goes, and what it refers to is quarantined.
        let ready = (0..waiting.len()).find(|&i| is_ready(&waiting[i], &waiting)).unwrap_or(0);
        ordered.push(waiting.remove(ready));
    }
    Ok(ordered)
}

fn is_ready(source: &CompiledSource<'_>, waiting: &[CompiledSource<'_>]) -> bool {
    let others = || waiting.iter().filter(|other| other.name != source.name);
    let refers =
        |table: &str| source.maps.iter().flat_map(|m| m.checks.references()).any(|reference| reference.table == table);
    let fills_customer = |s: &CompiledSource<'_>| s.maps.iter().any(|m| m.table.name == "customer");
    let customers_first = fills_customer(source) || !others().any(fills_customer);
    customers_first && !others().flat_map(|other| &other.maps).any(|map| refers(&map.table.name))
}
