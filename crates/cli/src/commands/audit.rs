//! `florin audit show`, `florin audit verify`.

use std::process::ExitCode;

use comfy_table::Cell;
use serde_json::json;

use crate::{
    args::{AuditCommand, Global},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, command: &AuditCommand) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match command {
        AuditCommand::Show { limit } => {
            let entries = house.audit_entries(*limit).await?;
            if global.json {
                let entries: Vec<_> =
                    entries.iter().map(|(seq, entry)| json!({ "seq": seq, "entry": entry })).collect();
                show::json(&entries)?;
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = show::table(&["entry", "when", "who", "what for", "what", "detail"]);
            for (seq, entry) in entries {
                let when =
                    jiff::Timestamp::from_microsecond(entry.at.micros()).map(|t| t.to_string()).unwrap_or_default();
                let purpose = entry.purpose.map(|p| p.to_string()).unwrap_or_default();
                let detail = serde_json::to_string(&brief(&entry.detail))?;
                table.add_row(vec![
                    show::number(seq),
                    Cell::new(when),
                    Cell::new(entry.user),
                    Cell::new(purpose),
                    Cell::new(entry.kind.name()),
                    Cell::new(detail),
                ]);
            }
            show::line(table)?;
        }
        AuditCommand::Verify => {
            let verified = house.audit_verify().await?;
            if global.json {
                show::json(&json!({ "entries": verified.entries, "whole": true }))?;
            } else {
                show::line(format!("the audit log is whole: {} entries, each as it was signed", verified.entries))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Details short enough for a table; --json has them whole.
fn brief(detail: &std::collections::BTreeMap<String, serde_json::Value>) -> std::collections::BTreeMap<&str, String> {
    const CHARS_MAX: usize = 120;
    let short = |value: &serde_json::Value| match value {
        serde_json::Value::Object(map) => map.keys().cloned().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    let cut = |text: String| text.chars().take(CHARS_MAX).collect();
    detail.iter().map(|(name, value)| (name.as_str(), cut(short(value)))).collect()
}
