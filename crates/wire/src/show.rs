//! `SHOW`.

use std::sync::Arc;

use crate::{
    answer::Answer,
    catalogue::{
        Told, types,
        value::Value,
        world::{Known, World},
    },
    fault::Fault,
    settings::{Settings, unknown},
};

/// What a setting is, or what all are.
pub(crate) fn shown(name: &str, settings: &Settings) -> Result<Answer, Fault> {
    let text = |name: &str| (name.to_owned(), types::TEXT);
    let told = if name == "all" {
        let row = |(name, value): (&String, &String)| vec![Value::text(name), Value::text(value), Value::text("")];
        let rows = settings.all().iter().map(row).collect();
        Told { columns: vec![text("name"), text("setting"), text("description")], rows }
    } else {
        let value = settings.get(name).ok_or_else(|| unknown(name))?;
        Told { columns: vec![text(name)], rows: vec![vec![Value::text(value)]] }
    };
    Ok(Answer::told(told, Arc::new(nobody())))
}

/// Texts need nothing of the world.
fn nobody() -> World {
    World {
        user: String::new(),
        database: String::new(),
        process: 0,
        settings: std::collections::BTreeMap::new(),
        now: 0,
        tables: Arc::new(Known::nothing()),
    }
}
