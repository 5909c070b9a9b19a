//! Where the nodes and ribbons of a Sankey go.
//!
//! Heights are in proportion to customers, with one scale for the whole picture. At each position, nodes are ordered by where
//! their customers come from (the mean place of the nodes before, weighted by customers), which keeps ribbons from
//! crossing more than they must; the gathered others come last. A node too low for its name gets a slot that is high
//! enough, so names never touch.

use std::collections::BTreeMap;

use super::{PathLink, PathNode};

/// How high all customers together are.
const ALL_HEIGHT: f64 = 340.0;
/// The least room for a name.
const SLOT_LEAST: f64 = 17.0;
const SLOT_GAP: f64 = 7.0;

type Key<'a> = (usize, Option<&'a str>);

#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) nodes: Vec<Placed<'a>>,
    pub(super) ribbons: Vec<Ribbon<'a>>,
    pub(super) height: f64,
}

/// A node and its place, from the top of the chart.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) node: &'a PathNode,
    pub(super) y: f64,
    pub(super) height: f64,
    /// The room it has, its name included.
    pub(super) slot: f64,
    /// Who went no further, and how high they are.
    pub(super) ended: u64,
    pub(super) ended_height: f64,
}

/// A link and its place at either end.
#[derive(Debug)]
pub(super) struct Ribbon<'a> {
    pub(super) link: &'a PathLink,
    pub(super) from_y: f64,
    pub(super) to_y: f64,
    pub(super) thick: f64,
}

impl<'a> Layout<'a> {
    pub(super) fn new(nodes: &'a [PathNode], links: &'a [PathLink], all: u64) -> Self {
        let scale = ALL_HEIGHT / all.max(1) as f64;
        let mut placed: Vec<Placed<'a>> = Vec::new();
        let mut height: f64 = 0.0;
        let last = nodes.iter().map(|node| node.position).max().unwrap_or_default();
        for position in 0..=last {
            let mut here: Vec<&PathNode> = nodes.iter().filter(|node| node.position == position).collect();
            order(&mut here, &placed, links);
            let mut y = 0.0;
            for node in here {
                let place = place(node, links, y, scale, last);
                y += place.slot + SLOT_GAP;
                placed.push(place);
            }
            height = height.max(y - SLOT_GAP);
        }
        let ribbons = ribbons(&placed, links, scale);
        Self { nodes: placed, ribbons, height }
    }
}

fn key(node: &PathNode) -> Key<'_> {
    (node.position, node.name.as_deref())
}

fn place<'a>(node: &'a PathNode, links: &[PathLink], y: f64, scale: f64, last: usize) -> Placed<'a> {
    let leaving = |link: &&PathLink| (link.position, link.from.as_deref()) == key(node);
    let gone_on: u64 = links.iter().filter(leaving).map(|link| link.customers).sum();
    let ended = if node.position == last { 0 } else { node.customers.saturating_sub(gone_on) };
    let height = (node.customers as f64 * scale).max(1.0);
    Placed { node, y, height, slot: height.max(SLOT_LEAST), ended, ended_height: ended as f64 * scale }
}

/// By where their customers come from, then by size, then by name; the others last.
fn order(nodes: &mut [&PathNode], before: &[Placed<'_>], links: &[PathLink]) {
    let middles: BTreeMap<Key<'_>, f64> = before.iter().map(|p| (key(p.node), p.y + p.height / 2.0)).collect();
    let origin = |node: &PathNode| {
        let arriving = links.iter().filter(|l| l.position + 1 == node.position && l.to == node.name);
        let (mut weighted, mut all) = (0.0, 0.0);
        for link in arriving {
            let middle = middles.get(&(link.position, link.from.as_deref())).copied().unwrap_or_default();
            weighted += middle * link.customers as f64;
            all += link.customers as f64;
        }
        // Rounded, so that those of one origin are equal whatever their numbers.
        if all > 0.0 { (weighted / all * 100.0).round() } else { 0.0 }
    };
    nodes.sort_by(|a, b| {
        let others = a.name.is_none().cmp(&b.name.is_none());
        let by_origin = origin(a).total_cmp(&origin(b));
        others.then(by_origin).then(b.customers.cmp(&a.customers)).then(a.name.cmp(&b.name))
    });
}

/// Ribbons leave (and reach) a node in the order of the nodes at their other end.
fn ribbons<'a>(placed: &[Placed<'_>], links: &'a [PathLink], scale: f64) -> Vec<Ribbon<'a>> {
    let tops: BTreeMap<Key<'_>, f64> = placed.iter().map(|p| (key(p.node), p.y)).collect();
    let top = |key: Key<'_>| tops.get(&key).copied();
    let ends = |link: &'a PathLink| {
        let from = top((link.position, link.from.as_deref()))?;
        let to = top((link.position + 1, link.to.as_deref()))?;
        Some((link, from, to))
    };
    let mut found: Vec<(&PathLink, f64, f64)> = links.iter().filter_map(ends).collect();
    let mut used: BTreeMap<(bool, Key<'a>), f64> = BTreeMap::new();
    let mut take = |out: bool, key: Key<'a>, thick: f64| {
        let used = used.entry((out, key)).or_default();
        let at = *used;
        *used += thick;
        at
    };
    found.sort_by(|a, b| a.0.position.cmp(&b.0.position).then(a.2.total_cmp(&b.2)).then(a.1.total_cmp(&b.1)));
    let mut ribbons: Vec<Ribbon<'a>> = Vec::new();
    for (link, from, to) in found {
        let thick = link.customers as f64 * scale;
        let from_y = from + take(true, (link.position, link.from.as_deref()), thick);
        ribbons.push(Ribbon { link, from_y, to_y: to, thick });
    }
    ribbons.sort_by(|a, b| a.link.position.cmp(&b.link.position).then(a.from_y.total_cmp(&b.from_y)));
    for ribbon in &mut ribbons {
        let link = ribbon.link;
        ribbon.to_y += take(false, (link.position + 1, link.to.as_deref()), ribbon.thick);
    }
    ribbons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(position: usize, name: Option<&str>, customers: u64) -> PathNode {
        PathNode { position, name: name.map(str::to_owned), customers }
    }

    fn link(position: usize, from: Option<&str>, to: Option<&str>, customers: u64) -> PathLink {
        PathLink { position, from: from.map(str::to_owned), to: to.map(str::to_owned), customers }
    }

    #[test]
    fn nodes_of_one_origin_stand_in_the_order_of_their_size() {
        let sizes = [("a", 2_147), ("b", 66), ("c", 29), ("d", 2_868)];
        let mut nodes = vec![node(0, Some("from"), 5_113)];
        nodes.extend(sizes.map(|(name, customers)| node(1, Some(name), customers)));
        let links = sizes.map(|(name, customers)| link(0, Some("from"), Some(name), customers));
        let layout = Layout::new(&nodes, &links, 13_087);
        let names: Vec<&str> = layout.nodes.iter().filter_map(|placed| placed.node.name.as_deref()).collect();
        assert_eq!(names, ["from", "d", "a", "b", "c"]);
    }

    #[test]
    fn flows_are_conserved_and_nothing_lies_on_anything_else() {
        let nodes = [
            node(0, Some("a"), 100),
            node(1, None, 20),
            node(1, Some("b"), 60),
            node(1, Some("c"), 10),
            node(2, Some("b"), 5),
            node(2, Some("d"), 50),
        ];
        let links = [
            link(0, Some("a"), Some("b"), 60),
            link(0, Some("a"), Some("c"), 10),
            link(0, Some("a"), None, 20),
            link(1, Some("b"), Some("d"), 40),
            link(1, None, Some("d"), 10),
            link(1, Some("c"), Some("b"), 5),
        ];
        let layout = Layout::new(&nodes, &links, 100);
        for placed in &layout.nodes {
            let out: f64 = layout
                .ribbons
                .iter()
                .filter(|r| (r.link.position, &r.link.from) == (placed.node.position, &placed.node.name))
                .map(|r| r.thick)
                .sum();
            assert!((out + placed.ended_height - placed.height).abs() < 1e-9 || placed.node.position == 2);
            let arriving = layout
                .ribbons
                .iter()
                .filter(|r| (r.link.position + 1, &r.link.to) == (placed.node.position, &placed.node.name));
            let mut spans: Vec<(f64, f64)> = arriving.map(|r| (r.to_y, r.to_y + r.thick)).collect();
            spans.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(spans.windows(2).all(|w| w[0].1 <= w[1].0 + 1e-9));
            assert!(spans.iter().all(|s| s.0 >= placed.y - 1e-9 && s.1 <= placed.y + placed.height + 1e-9));
        }
        let at_one: Vec<_> = layout.nodes.iter().filter(|p| p.node.position == 1).collect();
        assert!(at_one.windows(2).all(|w| w[0].y + w[0].slot <= w[1].y));
        assert_eq!(at_one.last().and_then(|p| p.node.name.as_deref()), None, "others come last");
        assert_eq!(layout.nodes.iter().find(|p| p.node.position == 0).map(|p| p.ended), Some(10));
    }
}
