//! Pictures as SVG: whole by itself, without scripts or anything from elsewhere.

use std::fmt::Write as _;

use crate::{
    Picture,
    canvas::{Anchor, Element, Shape, unit},
};

/// What most machines have, the Chinese ones behind the Latin ones.
pub(crate) const FONTS: &str = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Micro Hei', 'DejaVu Sans', sans-serif";

impl Picture {
    /// The picture as an SVG document.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, height) = (unit(self.width), unit(self.height));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{}</title>\n<desc>{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
            escaped(&self.title),
            escaped(&self.about),
            self.background.hex(),
        );
        for (top, elements) in &self.parts {
            write_part(&mut svg, *top, elements);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn write_part(svg: &mut String, top: f64, elements: &[Element]) {
    if top > 0.0 {
        put(svg, format_args!("<g transform=\"translate(0 {})\">\n", unit(top)));
    }
    for element in elements {
        write_element(svg, element);
    }
    if top > 0.0 {
        svg.push_str("</g>\n");
    }
}

fn write_element(svg: &mut String, element: &Element) {
    let (name, text) = match &element.shape {
        Shape::Rect { x, y, width, height, radius } => {
            let (x, y, width, height) = (unit(*x), unit(*y), unit(*width), unit(*height));
            put(svg, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""));
            if *radius > 0.0 {
                put(svg, format_args!(" rx=\"{}\"", unit(*radius)));
            }
            ("rect", None)
        }
        Shape::Circle { x, y, radius } => {
            put(svg, format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", unit(*x), unit(*y), unit(*radius)));
            ("circle", None)
        }
        Shape::Path(d) => {
            put(svg, format_args!("<path d=\"{d}\""));
            ("path", None)
        }
        Shape::Text { x, y, size, anchor, bold, text } => {
            put(svg, format_args!("<text x=\"{}\" y=\"{}\" font-size=\"{}\"", unit(*x), unit(*y), unit(*size)));
            write_text_style(svg, *anchor, *bold);
            ("text", Some(text))
        }
    };
    write_paint(svg, element);
    write_inside(svg, name, text, element.tip.as_deref());
}

fn write_text_style(svg: &mut String, anchor: Anchor, bold: bool) {
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => svg.push_str(" text-anchor=\"middle\""),
        Anchor::End => svg.push_str(" text-anchor=\"end\""),
    }
    if bold {
        svg.push_str(" font-weight=\"600\"");
    }
}

fn write_paint(svg: &mut String, element: &Element) {
    let fill = element.fill.map_or_else(|| "none".to_owned(), crate::style::Colour::hex);
    put(svg, format_args!(" fill=\"{fill}\""));
    if let Some((colour, width)) = element.stroke {
        put(svg, format_args!(" stroke=\"{}\" stroke-width=\"{}\"", colour.hex(), unit(width)));
        if matches!(element.shape, Shape::Text { .. }) {
            // The outline keeps words readable on what they lie on.
            svg.push_str(" stroke-linejoin=\"round\" paint-order=\"stroke\"");
        }
    }
    if element.dashed {
        svg.push_str(" stroke-dasharray=\"4 3\"");
    }
    if element.opacity < 1.0 {
        put(svg, format_args!(" opacity=\"{}\"", unit(element.opacity)));
    }
}

fn write_inside(svg: &mut String, name: &str, text: Option<&String>, tip: Option<&str>) {
    if text.is_none() && tip.is_none() {
        svg.push_str("/>\n");
        return;
    }
    svg.push('>');
    if let Some(tip) = tip {
        put(svg, format_args!("<title>{}</title>", escaped(tip)));
    }
    if let Some(text) = text {
        svg.push_str(&escaped(text));
    }
    put(svg, format_args!("</{name}>\n"));
}

fn put(svg: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = svg.write_fmt(text);
}

/// Text as XML wants it. Characters that XML has no way to write become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_picture() {
        assert_eq!(escaped("a<script>&\"\0\n"), "a&lt;script&gt;&amp;&quot;\u{fffd} ");
    }
}
