//! Rows of one instant when each may fill one step: which steps in a row can be filled by different rows?

use super::STEPS_MAX;

/// Rows of one customer at one instant that are kept apart (those with equal conditions count once a step).
pub(super) const TIED_ROWS_MAX: usize = 4096;

/// The rows of the instant at hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Tied {
    rows: Vec<u64>,
    seen: Vec<bool>,
    pub(super) overflown: bool,
}

impl Tied {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    pub(super) fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Adds a row, unless there are as many alike as there are steps: more cannot matter.
    pub(super) fn add(&mut self, steps: u64) {
        if steps == 0 || self.rows.iter().filter(|row| **row == steps).count() >= STEPS_MAX {
            return;
        }
        if self.rows.len() == TIED_ROWS_MAX {
            self.overflown = true;
            return;
        }
        self.rows.push(steps);
    }

    /// Whether each row meets one condition at most, so that different steps are always filled by different rows.
    pub(super) fn single(&self) -> bool {
        self.rows.iter().all(|row| row.is_power_of_two())
    }

    /// How many steps from `from` on can be filled by different rows: a matching that grows step by step along augmenting
    /// paths (H. W. Kuhn, "The Hungarian method for the assignment problem", 1955).
    pub(super) fn longest(&mut self, from: usize, steps: usize) -> usize {
        let mut row_of = [usize::MAX; STEPS_MAX];
        let mut filled = 0;
        for step in from..steps {
            self.seen.clear();
            self.seen.resize(self.rows.len(), false);
            if !augment(&self.rows, &mut self.seen, &mut row_of, from, step) {
                break;
            }
            filled += 1;
        }
        filled
    }
}

/// Finds a row for a step, moving other steps to other rows where needed.
fn augment(rows: &[u64], seen: &mut [bool], row_of: &mut [usize; STEPS_MAX], from: usize, step: usize) -> bool {
    for row in 0..rows.len() {
        if rows[row] >> step & 1 == 0 || seen[row] {
            continue;
        }
        seen[row] = true;
        let holder = (from..STEPS_MAX).find(|other| row_of[*other] == row);
        if holder.is_none_or(|other| augment(rows, seen, row_of, from, other)) {
            row_of[step] = row;
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_moved_to_make_room() {
        let mut tied = Tied::default();
        [0b011, 0b001, 0b110].into_iter().for_each(|row| tied.add(row));
        assert_eq!(tied.longest(0, 3), 3);
        assert_eq!(tied.longest(1, 3), 2);
        assert_eq!(tied.longest(2, 3), 1);
    }

    #[test]
    fn one_row_fills_one_step() {
        let mut tied = Tied::default();
        tied.add(0b111);
        assert_eq!(tied.longest(0, 3), 1);
    }
}
