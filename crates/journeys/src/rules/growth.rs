//! FP-Growth: baskets in a prefix tree, the tree mined item by item from the rarest.

use rustc_hash::FxHashMap;

use super::FREQUENT_MAX;
use crate::JourneyError;

/// Frequent sets (ascending codes) and how many baskets have them.
pub(super) fn frequent_sets(
    baskets: Vec<(Vec<u32>, u64)>,
    support_min: u64,
    items_max: usize,
) -> Result<FxHashMap<Vec<u32>, u64>, JourneyError> {
    let mut mine = Mine { support_min, items_max, found: FxHashMap::default() };
    mine.grow(baskets, &mut Vec::new())?;
    Ok(mine.found)
}

struct Mine {
    support_min: u64,
    items_max: usize,
    found: FxHashMap<Vec<u32>, u64>,
}

impl Mine {
    /// Finds the frequent sets of the baskets, each with `suffix` added. The recursion is as deep as a set may be long.
    fn grow(&mut self, baskets: Vec<(Vec<u32>, u64)>, suffix: &mut Vec<u32>) -> Result<(), JourneyError> {
        let frequent = frequent_items(&baskets, self.support_min);
        let tree = Tree::build(baskets, &frequent);
        for (rank, (item, count)) in frequent.iter().enumerate().rev() {
            suffix.push(*item);
            self.note(suffix, *count)?;
            if suffix.len() < self.items_max {
                self.grow(tree.prefixes(rank, &frequent), suffix)?;
            }
            suffix.pop();
        }
        Ok(())
    }

    fn note(&mut self, items: &[u32], count: u64) -> Result<(), JourneyError> {
        let mut items = items.to_vec();
        items.sort_unstable();
        self.found.insert(items, count);
        if self.found.len() > FREQUENT_MAX {
            let advice = "ask for a higher support or for fewer items in a rule";
            return Err(JourneyError::TooMany { what: "frequent sets of items", limit: FREQUENT_MAX, advice });
        }
        Ok(())
    }
}

/// Items with enough support, the most frequent first; equal ones by code.
fn frequent_items(baskets: &[(Vec<u32>, u64)], support_min: u64) -> Vec<(u32, u64)> {
    let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
    for (items, count) in baskets {
        items.iter().for_each(|item| *counts.entry(*item).or_default() += count);
    }
    let mut frequent: Vec<(u32, u64)> = counts.into_iter().filter(|(_, count)| *count >= support_min).collect();
    frequent.sort_unstable_by_key(|(item, count)| (std::cmp::Reverse(*count), *item));
    frequent
}

/// Where a node without a parent hangs.
const ROOT: usize = usize::MAX;

struct Node {
    rank: usize,
    count: u64,
    parent: usize,
}

/// A prefix tree of baskets whose items stand in order of rank.
struct Tree {
    nodes: Vec<Node>,
    /// The nodes of each rank.
    of_rank: Vec<Vec<usize>>,
}

impl Tree {
    fn build(baskets: Vec<(Vec<u32>, u64)>, frequent: &[(u32, u64)]) -> Self {
        let ranks: FxHashMap<u32, usize> = frequent.iter().enumerate().map(|(rank, (item, _))| (*item, rank)).collect();
        let mut tree = Self { nodes: Vec::new(), of_rank: vec![Vec::new(); frequent.len()] };
        let mut children: FxHashMap<(usize, usize), usize> = FxHashMap::default();
        for (items, count) in baskets {
            let mut order: Vec<usize> = items.iter().filter_map(|item| ranks.get(item).copied()).collect();
            order.sort_unstable();
            let mut at = ROOT;
            for rank in order {
                at = *children.entry((at, rank)).or_insert_with(|| tree.add(rank, at));
                tree.nodes[at].count += count;
            }
        }
        tree
    }

    fn add(&mut self, rank: usize, parent: usize) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { rank, count: 0, parent });
        self.of_rank[rank].push(node);
        node
    }

    /// What stands before an item, with how often.
    fn prefixes(&self, rank: usize, frequent: &[(u32, u64)]) -> Vec<(Vec<u32>, u64)> {
        let prefix = |node: usize| {
            let mut items = Vec::new();
            let mut at = self.nodes[node].parent;
            while at != ROOT {
                items.push(frequent[self.nodes[at].rank].0);
                at = self.nodes[at].parent;
            }
            (items, self.nodes[node].count)
        };
        self.of_rank[rank].iter().map(|node| prefix(*node)).filter(|(items, _)| !items.is_empty()).collect()
    }
}
