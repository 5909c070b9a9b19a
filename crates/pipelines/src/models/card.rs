//! The card of a version: one page for whoever has to sign it.

use super::{Shown, defined, show};
use crate::{FlowError, House};

/// As what it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a browser.
    Html,
    /// For a text editor.
    Markdown,
}

/// The card of a version (the newest, when none is named).
///
/// # Errors
/// When there is no such model or version.
pub async fn card(house: &House, name: &str, version: Option<u32>, format: Format) -> Result<String, FlowError> {
    let shown = show(house, name, version).await?;
    let def = defined(house, name)?;
    let text = markdown(&def.meaning.en, &def.meaning.zh, &shown);
    Ok(match format {
        Format::Markdown => text,
        Format::Html => format!(
            "<!doctype html><meta charset=\"utf-8\"><title>{name}</title><pre>{}</pre>\n",
            text.replace('&', "&amp;").replace('<', "&lt;")
        ),
    })
}

fn markdown(en: &str, zh: &str, shown: &Shown) -> String {
    let found = &shown.made.evaluation;
    let judged = &found.quality.figures;
    let number = shown.line.version.unwrap_or_default();
    let mut text = format!("# {} version {number}\n\n{en}（{zh}）\n\n", shown.line.name);
    text.push_str("| figure | value | low | high |\n| --- | --- | --- | --- |\n");
    let intervals = [
        ("AUC", Some(judged.auc)),
        ("KS", Some(judged.ks)),
        ("average precision", Some(judged.average_precision)),
        ("lift of the top tenth", Some(judged.lift)),
        ("Brier", judged.brier),
    ];
    for (name, i) in intervals.into_iter().filter_map(|(name, i)| Some((name, i?))) {
        text.push_str(&format!("| {name} | {:.4} | {:.4} | {:.4} |\n", i.value, i.low, i.high));
    }
    text.push_str("\n| guard | lets it go | because |\n| --- | --- | --- |\n");
    for verdict in &found.guards {
        let goes = if verdict.passes { "yes" } else { "no" };
        text.push_str(&format!("| {} | {goes} | {} |\n", verdict.guard, verdict.words.en));
    }
    text.push_str("\n| feature | moves the margin by |\n| --- | --- |\n");
    for one in &found.importance {
        text.push_str(&format!("| {} | {:.4} |\n", one.feature, one.value));
    }
    text
}
