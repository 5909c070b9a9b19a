//! Definitions, read and written.

use axum::{Json, extract::State};
use florin_api::{DefinitionFile, DefinitionKind, OfKind, WriteDefinition, Written};
use florin_pipelines::define::{define, definitions};
use florin_store::ChangeKind;

use crate::{
    caller::{Asked, Body, Caller, Named},
    failure::{Answer, Failure},
    state::Shared,
};

fn word(kind: DefinitionKind) -> &'static str {
    match kind {
        DefinitionKind::Source => "source",
        DefinitionKind::Table => "table",
        DefinitionKind::Trait => "trait",
        DefinitionKind::Segment => "segment",
        DefinitionKind::Journey => "journey",
        DefinitionKind::Model => "model",
        DefinitionKind::Offer => "offer",
        DefinitionKind::Policy => "policy",
    }
}

pub(super) async fn list(
    State(server): State<Shared>,
    caller: Caller,
    Asked(OfKind { kind }): Asked<OfKind>,
) -> Answer<Vec<DefinitionFile>> {
    let files = definitions(&caller.house(&server), word(kind)).await?;
    let shown = files.into_iter();
    Ok(Json(
        shown.map(|file| DefinitionFile { kind, name: file.name, text: file.text, version: file.version }).collect(),
    ))
}

pub(super) async fn write(
    State(server): State<Shared>,
    caller: Caller,
    Named((kind, name)): Named<(String, String)>,
    Body(asked): Body<WriteDefinition>,
) -> Answer<Written> {
    let text = text(&asked)?;
    let applied = define(&caller.house(&server), &kind, &name, &text, asked.plan).await?;
    if !asked.plan {
        server.read_again()?;
    }
    let changes = applied.changes.iter().map(|change| {
        let what = match change.what {
            ChangeKind::New => "new",
            ChangeKind::Changed => "changed",
            ChangeKind::Removed => "removed",
            ChangeKind::Same => "the same",
        };
        format!("{} {}: {what}", change.kind, change.name)
    });
    Ok(Json(Written { text, changes: changes.collect(), notes: applied.notes }))
}

/// As TOML, whichever way it was sent.
fn text(asked: &WriteDefinition) -> Result<String, Failure> {
    match (&asked.text, &asked.object) {
        (Some(text), None) => Ok(text.clone()),
        (None, Some(object)) => as_toml(object),
        _ => Err(Failure::invalid("send either `text` or `object`")),
    }
}

/// An object as TOML. What is null is absent: TOML has no such value.
pub(super) fn as_toml(object: &serde_json::Value) -> Result<String, Failure> {
    let wrong = |error: toml::ser::Error| Failure::invalid(format!("this cannot be written as TOML: {error}"));
    toml::to_string_pretty(&without_nulls(object)).map_err(wrong)
}

fn without_nulls(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().filter(|item| !item.is_null()).map(without_nulls).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_written_as_people_write_it() {
        let object =
            json!({"kind": "funnel", "about": null, "within": "14 days", "step": [{"name": "a", "where": "x = 'y'"}]});
        let text = as_toml(&object).unwrap();
        assert_eq!(text, "kind = \"funnel\"\nwithin = \"14 days\"\n\n[[step]]\nname = \"a\"\nwhere = \"x = 'y'\"\n");
        assert!(as_toml(&json!(3)).is_err());
    }
}
