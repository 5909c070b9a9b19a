//! Paths, as a Sankey: what customers do after something, or on the way to it.

mod layout;

use std::collections::BTreeMap;

use crate::{
    Chart, Picture, Style, WIDTH,
    canvas::{Canvas, MARGIN, unit},
    figures::{count, percent, share},
    frame::{note, nothing, wide},
    style::{Colour, SERIES_MAX},
    text::{fit, width, wrap},
};
use layout::{Layout, Placed, Ribbon};

const NODE_WIDTH: f64 = 10.0;
/// Between two places, so that names can be read; longer paths make a wider picture.
const APART_LEAST: f64 = 118.0;
const LABEL_GAP: f64 = 7.0;
const LABEL_SIZE: f64 = 11.0;
const LINE: f64 = 13.5;

/// Paths that all begin (or end) with one event.
#[derive(Debug, Clone, Default)]
pub struct PathsChart {
    /// What it asks.
    pub title: String,
    /// Whether positions count backwards: position 0 is where paths end.
    pub backwards: bool,
    /// Events at each position.
    pub nodes: Vec<PathNode>,
    /// Who went from which to which.
    pub links: Vec<PathLink>,
}

/// An event at a position.
#[derive(Debug, Clone, Default)]
pub struct PathNode {
    /// 0 is where all paths begin (or end).
    pub position: usize,
    /// What; `None` for all others together.
    pub name: Option<String>,
    /// How many were there.
    pub customers: u64,
}

/// A step of paths.
#[derive(Debug, Clone, Default)]
pub struct PathLink {
    /// That of `from`; `to` is at the next one.
    pub position: usize,
    /// The event nearer to position 0.
    pub from: Option<String>,
    /// The event further from it.
    pub to: Option<String>,
    /// How many.
    pub customers: u64,
}

impl Chart for PathsChart {
    fn draw(&self, style: Style) -> Picture {
        let last = self.nodes.iter().map(|node| node.position).max().unwrap_or_default();
        let needed = 2.0 * MARGIN + NODE_WIDTH + APART_LEAST * (last + 1) as f64;
        let all: u64 = self.nodes.iter().filter(|node| node.position == 0).map(|node| node.customers).sum();
        let subtitle = format!("{} {}", count(all), style.say("customers", "位客户"));
        let mut canvas = wide(style, &self.title, style.say("Paths", "路径"), &subtitle, needed.max(WIDTH));
        if all == 0 {
            nothing(&mut canvas);
            return canvas.finish(subtitle);
        }
        canvas.y += 6.0;
        let layout = Layout::new(&self.nodes, &self.links, all);
        let apart = (canvas.right() - MARGIN - NODE_WIDTH) / (last + 1) as f64;
        let drawing =
            Drawing { chart: self, colours: colours_of(&self.nodes, &canvas), apart, last, top: canvas.y, all };
        layout.ribbons.iter().for_each(|ribbon| drawing.ribbon(&mut canvas, ribbon));
        layout.nodes.iter().for_each(|placed| drawing.node(&mut canvas, placed));
        layout.nodes.iter().for_each(|placed| drawing.label(&mut canvas, placed));
        canvas.y += layout.height;
        if layout.nodes.iter().any(|placed| placed.ended > 0) {
            let text = match self.backwards {
                false => style.say("Grey: the path ends there", "灰色：路径到此结束"),
                true => style.say("Grey: the path begins there", "灰色：路径由此开始"),
            };
            note(&mut canvas, text);
        }
        canvas.finish(self.about(&subtitle, style))
    }
}

impl PathsChart {
    fn about(&self, subtitle: &str, style: Style) -> String {
        let mut links: Vec<&PathLink> = self.links.iter().collect();
        links.sort_by_key(|link| std::cmp::Reverse(link.customers));
        let others = style.say("(others)", "（其他）");
        let one = |link: &&PathLink| {
            let (from, to) = (link.from.as_deref().unwrap_or(others), link.to.as_deref().unwrap_or(others));
            let (from, to) = if self.backwards { (to, from) } else { (from, to) };
            format!("{from} → {to} {}", count(link.customers))
        };
        let largest: Vec<String> = links.iter().take(8).map(one).collect();
        format!("{subtitle}. {}.", largest.join(", "))
    }
}

/// A colour for each of the names with most customers; the rest are neutral.
fn colours_of<'a>(nodes: &'a [PathNode], canvas: &Canvas) -> BTreeMap<&'a str, Colour> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for node in nodes {
        if let Some(name) = &node.name {
            *sizes.entry(name).or_default() += node.customers;
        }
    }
    let mut names: Vec<(&str, u64)> = sizes.into_iter().collect();
    names.sort_by_key(|(name, size)| (std::cmp::Reverse(*size), *name));
    let named = names.into_iter().take(SERIES_MAX).enumerate();
    named.map(|(i, (name, _))| (name, canvas.colours.of_series(i))).collect()
}

struct Drawing<'a> {
    chart: &'a PathsChart,
    colours: BTreeMap<&'a str, Colour>,
    apart: f64,
    last: usize,
    top: f64,
    all: u64,
}

impl Drawing<'_> {
    fn colour(&self, name: Option<&str>, canvas: &Canvas) -> Colour {
        name.and_then(|name| self.colours.get(name)).copied().unwrap_or(canvas.colours.neutral)
    }

    fn name<'b>(name: Option<&'b str>, canvas: &'b Canvas) -> &'b str {
        name.unwrap_or(canvas.say("(others)", "（其他）"))
    }

    /// Time goes to the right, whichever way positions count.
    fn x(&self, position: usize) -> f64 {
        let place = if self.chart.backwards { self.last - position.min(self.last) } else { position };
        MARGIN + place as f64 * self.apart
    }

    fn ribbon(&self, canvas: &mut Canvas, ribbon: &Ribbon<'_>) {
        let link = ribbon.link;
        let near = (self.x(link.position), self.top + ribbon.from_y);
        let far = (self.x(link.position + 1), self.top + ribbon.to_y);
        let ((left, left_y), (right, right_y)) = if self.chart.backwards { (far, near) } else { (near, far) };
        let (left, middle) = (left + NODE_WIDTH, (left + NODE_WIDTH + right) / 2.0);
        let (x0, x1, xm, h) = (unit(left), unit(right), unit(middle), ribbon.thick);
        let (a, b, c, d) = (unit(left_y), unit(right_y), unit(right_y + h), unit(left_y + h));
        let path = format!("M{x0} {a}C{xm} {a} {xm} {b} {x1} {b}L{x1} {c}C{xm} {c} {xm} {d} {x0} {d}Z");
        let (first, second) = (link.from.as_deref(), link.to.as_deref());
        let (first, second) = if self.chart.backwards { (second, first) } else { (first, second) };
        let colour = self.colour(first, canvas);
        let (first, second) = (Self::name(first, canvas), Self::name(second, canvas));
        let of_all = percent(share(link.customers, self.all));
        let tip = format!("{first} → {second}: {} ({of_all})", count(link.customers));
        canvas.area(path, colour).opacity(0.32).tip(tip);
    }

    fn node(&self, canvas: &mut Canvas, placed: &Placed<'_>) {
        let (x, y) = (self.x(placed.node.position), self.top + placed.y);
        let name = placed.node.name.as_deref();
        let (colour, neutral) = (self.colour(name, canvas), canvas.colours.neutral);
        let said = Self::name(name, canvas);
        let of_all = percent(share(placed.node.customers, self.all));
        let mut tip = format!("{said}: {} ({of_all})", count(placed.node.customers));
        if placed.ended > 0 {
            let ends = if self.chart.backwards {
                canvas.say("begins here", "由此开始")
            } else {
                canvas.say("ends here", "到此结束")
            };
            tip = format!("{tip}; {ends}: {}", count(placed.ended));
        }
        canvas.rect(x, y, NODE_WIDTH, placed.height, colour).rounded(2.0).tip(tip);
        if placed.ended_height > 0.0 && placed.node.position < self.last {
            // Where the ribbons stop: those who went no further.
            let x = if self.chart.backwards { x - 5.0 } else { x + NODE_WIDTH };
            canvas.rect(x, y + placed.height - placed.ended_height, 5.0, placed.ended_height, neutral).opacity(0.7);
        }
    }

    /// The name and the number, beside the node, over the ribbons; in up to three lines, as there is room.
    fn label(&self, canvas: &mut Canvas, placed: &Placed<'_>) {
        let name = Self::name(placed.node.name.as_deref(), canvas).to_owned();
        let number = count(placed.node.customers);
        let x = self.x(placed.node.position) + NODE_WIDTH + LABEL_GAP;
        let room = self.apart - NODE_WIDTH - LABEL_GAP - 3.0;
        let mut lines = match placed.slot {
            low if low < 2.0 * LINE => vec![one_line(&name, &number, room)],
            middle if middle < 3.0 * LINE => vec![fit(&name, room, LABEL_SIZE, false)],
            _ => wrap(&name, room, LABEL_SIZE, false, 2),
        };
        let numbered = placed.slot >= 2.0 * LINE;
        lines.extend(numbered.then(|| number.clone()));
        let (text, halo, muted) = (canvas.colours.text, canvas.colours.background, canvas.colours.muted);
        let first = self.top + placed.y + placed.slot / 2.0 + 4.0 - (lines.len() - 1) as f64 * LINE / 2.0;
        for (i, line) in lines.iter().enumerate() {
            let colour = if numbered && i + 1 == lines.len() { muted } else { text };
            let shown = canvas.text(x, first + i as f64 * LINE, line, LABEL_SIZE, colour);
            shown.stroke(halo, 3.0).tip(format!("{name}: {number}"));
        }
    }
}

/// As much of the name as leaves room for the number.
fn one_line(name: &str, number: &str, room: f64) -> String {
    let left = room - width(&format!("  {number}"), LABEL_SIZE, false);
    format!("{}  {number}", fit(name, left, LABEL_SIZE, false))
}
