//! Finding written cues in texts: phrases of a list, English ones at the edges of words, Chinese ones anywhere.

use std::collections::BTreeMap;

use crate::tokens::is_han;

/// One cue and what it stands for.
#[derive(Debug, Clone)]
struct Cue<T> {
    text: String,
    /// Any ending may follow.
    open: bool,
    means: T,
}

/// A list of cues by their first character; of those that start at one place the longest counts.
#[derive(Debug, Clone)]
pub(crate) struct Cues<T> {
    by_first: BTreeMap<char, Vec<Cue<T>>>,
}

/// A cue in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found<'t, T> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
    pub(crate) means: T,
}

impl<T: Copy> Cues<T> {
    /// Cues parted by `|`, each with what it means; `*` at the end: any ending.
    pub(crate) fn new(lists: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut cues = Self { by_first: BTreeMap::new() };
        for (list, means) in lists {
            for cue in list.split('|').map(str::trim) {
                cues.add(cue, means);
            }
        }
        cues
    }

    /// One more cue, as normalised texts write it; among equals the one that was first counts.
    pub(crate) fn add(&mut self, cue: &str, means: T) {
        let text = cue.trim_end_matches('*').to_owned();
        let Some(first) = text.chars().next() else { return };
        let of_first = self.by_first.entry(first).or_default();
        let place = of_first.partition_point(|known| known.text.len() >= text.len());
        of_first.insert(place, Cue { text, open: cue.ends_with('*'), means });
    }

    /// The cues of a normalised text in order; none overlaps another.
    pub(crate) fn find<'t>(&self, normal: &'t str) -> Vec<Found<'t, T>> {
        let mut found = Vec::new();
        let (mut next, mut before) = (0, ' ');
        for (at, c) in normal.char_indices() {
            let edge = is_han(c) || !before.is_alphanumeric() || is_han(before);
            before = c;
            if at < next || !edge {
                continue;
            }
            let rest = &normal[at..];
            let here = self.by_first.get(&c).and_then(|cues| cues.iter().find(|cue| cue.starts(rest)));
            if let Some(cue) = here {
                found.push(Found { text: &rest[..cue.text.len()], start: at, means: cue.means });
                next = at + cue.text.len();
            }
        }
        found
    }
}

impl<T> Cue<T> {
    /// Whether a text starts with it, and its last word ends there.
    fn starts(&self, rest: &str) -> bool {
        let Some(after) = rest.strip_prefix(self.text.as_str()) else { return false };
        let last_is_han = self.text.chars().next_back().is_some_and(is_han);
        self.open || last_is_han || !after.chars().next().is_some_and(|c| c.is_alphanumeric() && !is_han(c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_end_where_words_do_and_the_longest_counts() {
        let cues = Cues::new([("fee|fees|charg*", 1), ("手续费|费", 2), ("late fee", 3)]);
        let found: Vec<(&str, i32)> =
            cues.find("a late fee, coffee fees charged 收手续费和fee费").iter().map(|f| (f.text, f.means)).collect();
        assert_eq!(found, [("late fee", 3), ("fees", 1), ("charg", 1), ("手续费", 2), ("fee", 1), ("费", 2)]);
    }
}
