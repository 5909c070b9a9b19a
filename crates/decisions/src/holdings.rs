//! Who holds what: a sparse table of yes and nothing.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::error::{DecisionError, Result, argument};

/// The most items.
pub const ITEMS_MAX: usize = 100_000;
/// The most customers.
pub const CUSTOMERS_MAX: usize = u32::MAX as usize;
/// Rows whose sums are made as one piece: pieces are added up in order, so that sums do not depend on threads.
pub(crate) const PIECE_ROWS: usize = 1024;

/// Customers by row; of each the items held, rising, none twice. Nothing else of a customer is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    items: Vec<String>,
    starts: Vec<usize>,
    held: Vec<u32>,
}

impl Holdings {
    /// Rows of item numbers (from 0, in the order of `items`), in any order and with repetitions.
    ///
    /// # Errors
    /// When there are too many, an item is named twice, or a row holds a number that is none of an item.
    pub fn new(items: Vec<String>, rows: impl IntoIterator<Item = Vec<u32>>) -> Result<Self> {
        if items.len() > ITEMS_MAX {
            return Err(argument("the number of items", items.len(), "at most 100,000"));
        }
        let distinct: BTreeSet<&String> = items.iter().collect();
        if distinct.len() < items.len() {
            return Err(argument("the number of distinct items", distinct.len(), "each item is named once"));
        }
        let (mut starts, mut held) = (vec![0], Vec::new());
        for mut row in rows {
            row.sort_unstable();
            row.dedup();
            if let Some(wrong) = row.last().filter(|item| **item as usize >= items.len()) {
                return Err(argument("an item's number", wrong, "it is below the number of items"));
            }
            held.extend(row);
            starts.push(held.len());
        }
        if starts.len() > CUSTOMERS_MAX {
            return Err(argument("the number of customers", starts.len() - 1, "below 2³²"));
        }
        Ok(Self { items, starts, held })
    }

    /// From pairs of a customer and an item, in any order. Items and customers are sorted, so the same pairs give the same table;
    /// the customers of the rows are handed back.
    ///
    /// # Errors
    /// When there are too many.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (u64, &'a str)>) -> Result<(Self, Vec<u64>)> {
        let mut by_customer: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for (customer, item) in pairs {
            by_customer.entry(customer).or_default().insert(item);
        }
        let names: BTreeSet<&str> = by_customer.values().flatten().copied().collect();
        let numbers: BTreeMap<&str, u32> = names.iter().zip(0..).map(|(name, at)| (*name, at)).collect();
        let rows = by_customer
            .values()
            .map(|items| items.iter().filter_map(|item| numbers.get(item).copied()).collect::<Vec<u32>>());
        let holdings = Self::new(names.into_iter().map(str::to_owned).collect(), rows)?;
        Ok((holdings, by_customer.into_keys().collect()))
    }

    /// What can be held.
    #[must_use]
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many pairs of a customer and an item.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.held.len()
    }

    /// What the customer of a row holds; nothing for a row that is not there.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u32] {
        match (self.starts.get(row), self.starts.get(row + 1)) {
            (Some(&from), Some(&to)) => &self.held[from..to],
            _ => &[],
        }
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.held[ends[0]..ends[1]])
    }

    /// How many hold each item.
    #[must_use]
    pub fn holders(&self) -> Vec<u64> {
        let mut holders = vec![0; self.items.len()];
        self.held.iter().for_each(|item| holders[*item as usize] += 1);
        holders
    }

    /// The same items with other rows.
    pub(crate) fn with_rows<'a>(&self, rows: impl IntoIterator<Item = &'a [u32]>) -> Result<Self> {
        Self::new(self.items.clone(), rows.into_iter().map(<[u32]>::to_vec))
    }

    /// By item, the rows of those who hold it, rising.
    pub(crate) fn by_item(&self) -> Vec<Vec<u32>> {
        let mut of: Vec<Vec<u32>> = self.holders().into_iter().map(|n| Vec::with_capacity(n as usize)).collect();
        for (row, items) in self.rows().enumerate() {
            items.iter().for_each(|item| of[*item as usize].push(row as u32));
        }
        of
    }

    /// How many hold both of two items, n × n. Whole numbers, so the order of sums does not matter.
    pub(crate) fn together(&self) -> Vec<u32> {
        let n = self.items.len();
        let by_item = self.by_item();
        let row = |holders: &Vec<u32>| {
            let mut counts = vec![0u32; n];
            for &customer in holders {
                self.row(customer as usize).iter().for_each(|item| counts[*item as usize] += 1);
            }
            counts
        };
        by_item.par_iter().map(row).collect::<Vec<_>>().concat()
    }
}

pub(crate) fn unknown_item(name: &str, items: &[String]) -> DecisionError {
    let help = crate::names::advice(name, "items", items.iter().map(String::as_str));
    DecisionError::Unknown { what: "item", name: name.to_owned(), help }
}
