//! Whether pictures are sound: nothing outside, no word on another, lengths as their numbers.

use florin_charts::{Chart as _, Style, text_width};
use roxmltree::{Document, Node};

use crate::made::{charts, funnel, paths, styles};

/// Left, top, right, bottom.
type Extent = [f64; 4];

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

/// What a shape covers; of a path, all points it names.
fn extent(node: &Node<'_, '_>) -> Option<Extent> {
    let at = |name| number(node, name);
    match node.tag_name().name() {
        "rect" => Some([at("x"), at("y"), at("x") + at("width"), at("y") + at("height")]),
        "circle" => Some([at("cx") - at("r"), at("cy") - at("r"), at("cx") + at("r"), at("cy") + at("r")]),
        "text" => Some(text_extent(node)),
        "path" => path_extent(node.attribute("d").unwrap_or_default()),
        _ => None,
    }
}

fn text_extent(node: &Node<'_, '_>) -> Extent {
    let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
    let wide = text_width(words(node), size, node.attribute("font-weight").is_some());
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    [left, y - size * 0.75, left + wide, y + size * 0.2]
}

/// The words of a text, without its tool tip.
fn words<'a>(node: &Node<'a, '_>) -> &'a str {
    node.children().filter(Node::is_text).find_map(|child| child.text()).unwrap_or_default()
}

fn path_extent(d: &str) -> Option<Extent> {
    let (mut found, mut x, mut y) = ([f64::MAX, f64::MAX, f64::MIN, f64::MIN], 0.0, 0.0);
    let commands = d.split_inclusive(|c: char| c.is_ascii_alphabetic());
    let commands: Vec<&str> = commands.collect();
    for pair in commands.windows(2) {
        let (command, rest) = (pair[0].chars().last()?, pair[1].trim_end_matches(|c: char| c.is_ascii_alphabetic()));
        let numbers: Vec<f64> = rest.split(' ').filter_map(|n| n.parse().ok()).collect();
        note(&mut found, command, &numbers, (&mut x, &mut y));
    }
    // The last command's numbers have no command behind them.
    let last = d.rfind(|c: char| c.is_ascii_alphabetic())?;
    let numbers: Vec<f64> = d[last + 1..].split(' ').filter_map(|n| n.parse().ok()).collect();
    note(&mut found, d[last..].chars().next()?, &numbers, (&mut x, &mut y));
    Some(found)
}

fn note(found: &mut Extent, command: char, numbers: &[f64], (x, y): (&mut f64, &mut f64)) {
    let mut visit = |x: f64, y: f64| *found = [found[0].min(x), found[1].min(y), found[2].max(x), found[3].max(y)];
    match command {
        'H' => *x = numbers[0],
        'V' => *y = numbers[0],
        _ => {
            for point in numbers.chunks_exact(2) {
                (*x, *y) = (point[0], point[1]);
                visit(*x, *y);
            }
        }
    }
    if !numbers.is_empty() {
        visit(*x, *y);
    }
}

fn overlap(a: &Extent, b: &Extent) -> bool {
    const TOUCH: f64 = 0.5;
    a[0] + TOUCH < b[2] && b[0] + TOUCH < a[2] && a[1] + TOUCH < b[3] && b[1] + TOUCH < a[3]
}

#[test]
fn nothing_lies_outside_the_picture() {
    for (style_name, style) in styles() {
        for (name, chart) in charts(style) {
            let picture = chart.draw(style);
            let svg = picture.svg();
            let document = Document::parse(&svg).expect("XML");
            for node in document.descendants() {
                let Some([left, top, right, bottom]) = extent(&node) else { continue };
                let inside = left >= -0.01
                    && top >= -0.01
                    && right <= picture.width() + 0.01
                    && bottom <= picture.height() + 0.01;
                assert!(inside, "{name} {style_name}: {node:?} covers {left} {top} {right} {bottom}");
            }
        }
    }
}

#[test]
fn no_word_lies_on_another() {
    for (style_name, style) in styles() {
        for (name, chart) in charts(style) {
            let svg = chart.draw(style).svg();
            let document = Document::parse(&svg).expect("XML");
            let texts: Vec<(Extent, String)> = document
                .descendants()
                .filter(|node| node.has_tag_name("text") || node.tag_name().name() == "text")
                .map(|node| (text_extent(&node), words(&node).to_owned()))
                .collect();
            assert!(texts.len() > 4, "{name}");
            for (i, (a, first)) in texts.iter().enumerate() {
                for (b, second) in &texts[i + 1..] {
                    assert!(!overlap(a, b), "{name} {style_name}: `{first}` {a:?} lies on `{second}` {b:?}");
                }
            }
        }
    }
}

/// Widths of the shapes whose tip starts so.
fn widths(svg: &str, tip: &str) -> Vec<f64> {
    let Ok(document) = Document::parse(svg) else { return Vec::new() };
    let with_tip = |node: &Node<'_, '_>| {
        let said = node.children().find(|child| child.tag_name().name() == "title").and_then(|title| title.text());
        node.tag_name().name() == "rect" && said.is_some_and(|said| said.starts_with(tip))
    };
    document.descendants().filter(with_tip).map(|node| number(&node, "width")).collect()
}

#[test]
fn bars_are_as_long_as_their_numbers() {
    let chart = funnel(|english, _| english);
    let svg = chart.draw(Style::default()).svg();
    let all = widths(&svg, "13,087 (")[0];
    for (count, said) in [(7_367.0, "7,367 ("), (5_113.0, "5,113 ("), (2_246.0, "2,246 (")] {
        let bar = widths(&svg, said)[0];
        assert!((bar / all - count / 13_087.0).abs() < 1e-3, "{said} {bar} of {all}");
    }
}

#[test]
fn nodes_of_paths_are_as_high_as_their_customers_whichever_way_paths_go() {
    for backwards in [false, true] {
        let svg = paths(|english, _| english, backwards).draw(Style::default()).svg();
        let document = Document::parse(&svg).expect("XML");
        let nodes: Vec<(f64, f64, f64)> = document
            .descendants()
            .filter(|node| node.tag_name().name() == "rect" && number(node, "width") == 10.0)
            .map(|node| (number(&node, "x"), number(&node, "height"), customers(&node)))
            .collect();
        assert_eq!(nodes.len(), 13);
        let scale = 340.0 / 13_087.0;
        for (_, height, customers) in &nodes {
            assert!((height - (customers * scale).max(1.0)).abs() < 0.01, "{height} for {customers}");
        }
        let anchor = nodes.iter().filter(|node| node.2 == 13_087.0).map(|node| node.0).fold(0.0, f64::max);
        assert_eq!(anchor > 400.0, backwards, "time goes to the right");
    }
}

/// `name: 1,234 (…)` of a tip.
fn customers(node: &Node<'_, '_>) -> f64 {
    let tip = node.children().find_map(|child| child.text()).unwrap_or_default();
    let number = tip.rsplit(": ").find(|part| part.contains('(')).unwrap_or_default();
    number.split(' ').next().unwrap_or_default().replace(',', "").parse().unwrap_or(f64::NAN)
}
