//! The same without pictures, for reviews and archives.

use std::fmt::Write as _;

use florin_charts::Language;

use crate::{
    document::{Block, Document, Mark, Table},
    html::severity_words,
};

pub(crate) fn written(document: &Document) -> String {
    // The words of severities are in the language of the page, which its verdict shows.
    let language = match document.verdict.1.is_ascii() {
        true => Language::English,
        false => Language::Chinese,
    };
    let mut out = format!("# {}\n\n{}\n\n", inline(&document.title), inline(&document.subtitle));
    let _ = writeln!(out, "**{}**", inline(&document.verdict.1));
    for section in &document.sections {
        if let Some(heading) = &section.heading {
            let _ = write!(out, "\n## {}\n", inline(heading));
        }
        for block in &section.blocks {
            write_block(&mut out, block, language);
        }
    }
    out
}

fn write_block(out: &mut String, block: &Block, language: Language) {
    match block {
        Block::Paragraph(text) => {
            let _ = write!(out, "\n{}\n", inline(text));
        }
        Block::Under(text) => {
            let _ = write!(out, "\n### {}\n", inline(text));
        }
        Block::Findings(findings) => {
            out.push('\n');
            for (severity, text) in findings {
                let _ = writeln!(out, "- **{}** {}", severity_words(*severity, language).1, inline(text));
            }
        }
        Block::Tiles(tiles) => {
            let mut table = Table { head: vec![String::new(); 3], ..Table::default() };
            for tile in tiles {
                table.row(vec![tile.name.clone(), tile.figure.clone(), tile.below.clone()], Mark::None);
            }
            write_table(out, &table);
        }
        Block::Facts(facts) => {
            out.push('\n');
            for (name, value) in facts {
                let _ = writeln!(out, "- {}: {}", inline(name), inline(value));
            }
        }
        Block::Table(table) => write_table(out, table),
        Block::Picture(_) => {}
    }
}

fn write_table(out: &mut String, table: &Table) {
    let row = |cells: &[String], bad: bool| {
        let cell = |text: &String| if bad { format!("**{}**", inline(text)) } else { inline(text) };
        format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "))
    };
    let rule = (0..table.head.len()).map(|column| if table.is_word(column) { " --- |" } else { " ---: |" });
    let _ = write!(out, "\n{}|{}\n", row(&table.head, false), rule.collect::<String>());
    table.rows.iter().for_each(|line| out.push_str(&row(&line.cells, line.mark == Mark::Bad)));
}

/// Text that no sign of Markdown or HTML gets out of.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_in_its_cell() {
        assert_eq!(inline("a|b `c` <i>\n[x](y)"), "a\\|b \\`c\\` &lt;i> \\[x\\](y)");
    }
}
