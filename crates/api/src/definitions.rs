//! Definitions: what the bank directory holds.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Endpoint;

/// What kinds of definitions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionKind {
    /// `sources/*.toml`
    Source,
    /// `tables/*.toml`
    Table,
    /// `traits/*.toml`
    Trait,
    /// `segments/*.toml`
    Segment,
    /// `journeys/*.toml`
    Journey,
    /// `models/*.toml`
    Model,
    /// `offers/*.toml`
    Offer,
    /// `policies/*.cedar`
    Policy,
}

/// Which kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OfKind {
    /// Which kind.
    #[param(inline)]
    pub kind: DefinitionKind,
}

/// A file of the bank directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionFile {
    /// What it defines.
    pub kind: DefinitionKind,
    /// The name of its file, without the ending.
    pub name: String,
    /// As it is written.
    pub text: String,
    /// Its version, once it was recorded.
    pub version: Option<u32>,
}

/// A definition to be written into the bank directory and applied. One of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteDefinition {
    /// As TOML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// As an object with the keys that the TOML would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub object: Option<serde_json::Value>,
    /// Only check it and say what would change.
    #[serde(default)]
    pub plan: bool,
}

/// What became of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The text of its file.
    pub text: String,
    /// What changes in the bank directory by it.
    pub changes: Vec<String>,
    /// What people ought to know of it.
    pub notes: Vec<String>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/definitions", "definitions", "Files of the bank directory, of one kind")
            .query::<OfKind>()
            .lists::<DefinitionFile>(),
        Endpoint::put(
            "/v1/definitions/{kind}/{name}",
            "writeDefinition",
            "Write a journey or a segment into the bank directory and apply it",
        )
        .takes::<WriteDefinition>()
        .answers::<Written>(),
    ]
}
