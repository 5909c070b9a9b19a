//! A page that needs nothing from elsewhere: no script, no font, no picture, no style that is not in it.
//!
//! Both languages are in the page, and two buttons choose (plain radio inputs: what is not chosen is not displayed). Colours follow the
//! reader's choice of light or dark; pictures are drawn once, with colours that are looked up.

use std::{collections::BTreeMap, fmt::Write as _};

use florin_charts::{Language, Style, Theme};
use florin_models::evaluation::Severity;

use crate::document::{Block, Document, Mark, Section, Table, Tile};

const STYLE: &str = include_str!("page.css");

/// Colours that pictures use: in the light theme and in the dark one.
#[derive(Default)]
struct Palette(BTreeMap<(String, String), usize>);

pub(crate) fn page(documents: &[(Language, Document)], first: Language) -> String {
    let mut palette = Palette::default();
    let mut body = String::new();
    for (language, _) in documents {
        let (id, checked) = (code(*language), if *language == first { " checked" } else { "" });
        let _ = writeln!(body, "<input type=\"radio\" name=\"language\" id=\"{id}\" class=\"choice\"{checked}>");
    }
    body.push_str("<nav>");
    for (language, _) in documents {
        let name = match language {
            Language::English => "English",
            Language::Chinese => "中文",
        };
        let _ = write!(body, "<label for=\"{}\">{name}</label>", code(*language));
    }
    body.push_str("</nav>\n");
    for (language, document) in documents {
        let id = code(*language);
        let tag = if *language == Language::Chinese { "zh-CN" } else { "en" };
        let _ = writeln!(body, "<main class=\"{id}\" lang=\"{tag}\">");
        write_document(&mut body, document, *language, &mut palette);
        body.push_str("</main>\n");
    }
    let title = documents.iter().find(|(language, _)| *language == first).map_or("", |(_, document)| &document.title);
    let (lang, colours) = (if first == Language::Chinese { "zh-CN" } else { "en" }, palette.css());
    let head = format!(
        "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}{colours}</style>",
        escaped(title)
    );
    format!("<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n{head}\n</head>\n<body>\n{body}</body>\n</html>\n")
}

fn code(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh",
    }
}

fn write_document(out: &mut String, document: &Document, language: Language, palette: &mut Palette) {
    let (good, verdict) = &document.verdict;
    let class = if *good { "good" } else { "bad" };
    let _ = writeln!(
        out,
        "<header><h1>{}</h1>\n<p class=\"about\">{}</p>\n<p class=\"verdict {class}\">{}</p></header>",
        escaped(&document.title),
        escaped(&document.subtitle),
        escaped(verdict)
    );
    for section in &document.sections {
        write_section(out, section, language, palette);
    }
}

fn write_section(out: &mut String, section: &Section, language: Language, palette: &mut Palette) {
    out.push_str("<section>\n");
    if let Some(heading) = &section.heading {
        let _ = writeln!(out, "<h2>{}</h2>", escaped(heading));
    }
    let mut open = false;
    for block in &section.blocks {
        let is_picture = matches!(block, Block::Picture(_));
        if is_picture != open {
            out.push_str(if is_picture { "<div class=\"pictures\">\n" } else { "</div>\n" });
            open = is_picture;
        }
        write_block(out, block, language, palette);
    }
    out.push_str(if open { "</div>\n</section>\n" } else { "</section>\n" });
}

fn write_block(out: &mut String, block: &Block, language: Language, palette: &mut Palette) {
    match block {
        Block::Paragraph(text) => {
            let _ = writeln!(out, "<p>{}</p>", escaped(text));
        }
        Block::Under(text) => {
            let _ = writeln!(out, "<h3>{}</h3>", escaped(text));
        }
        Block::Findings(findings) => {
            out.push_str("<ul class=\"findings\">\n");
            for (severity, text) in findings {
                let (class, word) = severity_words(*severity, language);
                let text = escaped(text);
                let _ = writeln!(out, "<li class=\"{class}\"><b>{word}</b> <span>{text}</span></li>");
            }
            out.push_str("</ul>\n");
        }
        Block::Tiles(tiles) => {
            out.push_str("<div class=\"tiles\">\n");
            tiles.iter().for_each(|tile| write_tile(out, tile));
            out.push_str("</div>\n");
        }
        Block::Facts(facts) => {
            out.push_str("<dl>\n");
            for (name, value) in facts {
                let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
            }
            out.push_str("</dl>\n");
        }
        Block::Table(table) => write_table(out, table),
        Block::Picture(chart) => {
            let draw = |theme| chart.draw(Style { theme, language }).svg();
            let _ = writeln!(out, "<figure>{}</figure>", palette.merged(&draw(Theme::Light), &draw(Theme::Dark)));
        }
    }
}

pub(crate) fn severity_words(severity: Severity, language: Language) -> (&'static str, &'static str) {
    let zh = language == Language::Chinese;
    match severity {
        Severity::Fails => ("fails", if zh { "不合格" } else { "Fails" }),
        Severity::Watch => ("watch", if zh { "关注" } else { "Watch" }),
        Severity::Note => ("note", if zh { "提示" } else { "Note" }),
    }
}

fn write_tile(out: &mut String, tile: &Tile) {
    let (name, figure, below) = (escaped(&tile.name), escaped(&tile.figure), escaped(&tile.below));
    let _ = writeln!(out, "<div><span>{name}</span><strong>{figure}</strong><small>{below}</small></div>");
}

fn write_table(out: &mut String, table: &Table) {
    out.push_str("<div class=\"table\"><table>\n<thead><tr>");
    let class = |column: usize| if table.is_word(column) { "" } else { " class=\"n\"" };
    for (column, name) in table.head.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column), escaped(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str(match row.mark {
            Mark::None => "<tr>",
            Mark::Bad => "<tr class=\"bad\">",
            Mark::Faint => "<tr class=\"faint\">",
        });
        for (column, cell) in row.cells.iter().enumerate() {
            let _ = write!(out, "<td{}>{}</td>", class(column), escaped(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

impl Palette {
    /// One picture for both themes. Colours are written as `#rrggbb` at the same places in both; wherever one stands, the page looks it up.
    fn merged(&mut self, light: &str, dark: &str) -> String {
        if light.len() != dark.len() {
            return light.to_owned();
        }
        let mut out = String::with_capacity(light.len() + 1024);
        let mut rest = 0;
        while let Some(at) = light[rest..].find("\"#").map(|found| rest + found + 1) {
            let end = at + 7;
            let (Some(a), Some(b)) = (light.get(at..end), dark.get(at..end)) else { break };
            out.push_str(&light[rest..at]);
            match is_colour(a) && is_colour(b) {
                true => {
                    let next = self.0.len();
                    let number = *self.0.entry((a.to_owned(), b.to_owned())).or_insert(next);
                    let _ = write!(out, "var(--p{number})");
                }
                false => out.push_str(a),
            }
            rest = end;
        }
        out.push_str(&light[rest..]);
        out
    }

    fn css(&self) -> String {
        let mut all: Vec<(&(String, String), &usize)> = self.0.iter().collect();
        all.sort_by_key(|(_, number)| **number);
        let of = |pick: fn(&(String, String)) -> &String| -> String {
            all.iter().map(|(pair, number)| format!("--p{number}:{};", pick(pair))).collect()
        };
        let (light, dark) = (of(|pair| &pair.0), of(|pair| &pair.1));
        format!(
            ":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n@media print{{:root{{{light}}}}}\n"
        )
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Text as HTML wants it. Control characters become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_out_of_the_page() {
        assert_eq!(escaped("<b onclick='x'>&\"\u{0}"), "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\u{fffd}");
    }

    #[test]
    fn colours_of_both_themes_are_looked_up() {
        let mut palette = Palette::default();
        let merged = palette.merged("<a fill=\"#ffffff\" s=\"#010203\"/>#", "<a fill=\"#000000\" s=\"#040506\"/>#");
        assert_eq!(merged, "<a fill=\"var(--p0)\" s=\"var(--p1)\"/>#");
        assert!(palette.css().contains("--p0:#ffffff;--p1:#010203;") && palette.css().contains("--p0:#000000;"));
    }
}
