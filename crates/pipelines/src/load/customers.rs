//! Customers' numbers during a load.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, PoisonError, RwLock},
};

use arrow::array::Int64Array;
use florin_domain::{CustomerId, KeyHasher, ids::DomainHasher};
use florin_lake::mapping::KeySource;
use florin_store::NewCustomer;
use roaring::RoaringBitmap;

use crate::{FlowError, House};

/// Turns keys of sources into ids, and customers' keys into their numbers. Which systems are known, and whether unknown
/// customers get numbers, changes from mapping to mapping.
pub(super) struct Keyring {
    hasher: KeyHasher,
    numbers: RwLock<Numbers>,
}

/// What one mapping knows of customers.
#[derive(Default)]
pub(super) struct Numbers {
    systems: HashMap<String, Arc<ByKey>>,
    /// The next free number; none when unknown customers stay unknown.
    next: Option<u32>,
    new: Vec<NewCustomer>,
}

/// Customers of one system by the id of their key, which is a hash already.
type ByKey = HashMap<i64, u32, BuildHasherDefault<AsItIs>>;

#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_i64(&mut self, id: i64) {
        // Ids have 63 random bits; the table looks at the top ones too.
        self.0 = id.cast_unsigned() << 1;
    }
}

impl Keyring {
    pub(super) fn new(hasher: KeyHasher) -> Self {
        Self { hasher, numbers: RwLock::default() }
    }

    pub(super) fn set(&self, numbers: Numbers) {
        *self.numbers.write().unwrap_or_else(PoisonError::into_inner) = numbers;
    }

    /// The customers that got a number since the mapping began and whose rows are stored. The others lose it: what
    /// refers to them is put aside until they are there.
    pub(super) fn take_new(&self, stored: &RoaringBitmap) -> Vec<NewCustomer> {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        let (new, lost): (Vec<_>, Vec<_>) =
            std::mem::take(&mut numbers.new).into_iter().partition(|c| stored.contains(c.customer.0));
        for customer in lost {
            if let Some(by_key) = numbers.systems.get_mut(&customer.system) {
                Arc::make_mut(by_key).remove(&customer.key);
            }
        }
        new
    }

    fn find(&self, system: &str, keys: &Int64Array) -> Int64Array {
        let by_key = self.numbers.read().unwrap_or_else(PoisonError::into_inner).systems.get(system).cloned();
        let Some(by_key) = by_key else { return Int64Array::new_null(keys.len()) };
        keys.iter().map(|key| key.and_then(|k| by_key.get(&k)).map(|&n| i64::from(n))).collect()
    }

    fn find_or_number(&self, system: &str, keys: &Int64Array) -> Int64Array {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        let numbers = &mut *numbers;
        let by_key = Arc::make_mut(numbers.systems.entry(system.to_owned()).or_default());
        let mut number = |key: i64| {
            if let Some(&known) = by_key.get(&key) {
                return Some(i64::from(known));
            }
            let next = numbers.next.filter(|&n| n < u32::MAX)?;
            numbers.next = Some(next + 1);
            by_key.insert(key, next);
            numbers.new.push(NewCustomer { system: system.to_owned(), key, customer: CustomerId(next) });
            Some(i64::from(next))
        };
        keys.iter().map(|key| key.and_then(&mut number)).collect()
    }
}

impl KeySource for Keyring {
    fn domain(&self, name: &str) -> DomainHasher {
        self.hasher.domain(name)
    }

    fn customers(&self, system: &str, keys: &Int64Array) -> Int64Array {
        let numbers_new = self.numbers.read().unwrap_or_else(PoisonError::into_inner).next.is_some();
        if numbers_new { self.find_or_number(system, keys) } else { self.find(system, keys) }
    }
}

/// Customers of all systems, read from the store once a load.
#[derive(Default)]
pub(super) struct Customers {
    systems: HashMap<String, Arc<ByKey>>,
    pub(super) max: u32,
}

impl Customers {
    /// What a mapping whose SELECT names these systems needs to know. `numbering`: unknown customers get numbers.
    pub(super) async fn numbers(&mut self, house: &House, select: &str, numbering: bool) -> Result<Numbers, FlowError> {
        self.max = house.store.max_customer_id().await?.map_or(0, |id| id.0);
        let mut systems = HashMap::new();
        for system in systems_of(select) {
            let mut by_key = self.systems.remove(&system).unwrap_or_default();
            if by_key.is_empty() {
                let mut read = ByKey::default();
                let keep = |key, customer: CustomerId| {
                    read.insert(key, customer.0);
                };
                house.store.each_customer(&system, keep).await?;
                by_key = Arc::new(read);
            }
            systems.insert(system, by_key);
        }
        Ok(Numbers { systems, next: numbering.then_some(self.max + 1), new: Vec::new() })
    }

    /// Keeps what a mapping knew, for the next.
    pub(super) fn keep(&mut self, keyring: &Keyring) {
        let mut numbers = keyring.numbers.write().unwrap_or_else(PoisonError::into_inner);
        self.systems = std::mem::take(&mut numbers.systems);
        if let Some(next) = numbers.next {
            self.max = next - 1;
        }
    }

    /// Forgets everything, after a load that came to nothing.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The systems named in `customer_id('…', …)`.
fn systems_of(select: &str) -> Vec<String> {
    let calls = select.split("customer_id").skip(1);
    let literal = |rest: &str| {
        let rest = rest.trim_start().strip_prefix('(')?.trim_start().strip_prefix('\'')?;
        rest.split_once('\'').map(|(system, _)| system.to_owned())
    };
    let mut systems: Vec<String> = calls.filter_map(literal).collect();
    systems.sort();
    systems.dedup();
    systems
}

#[cfg(test)]
mod tests {
    use arrow::array::Array as _;

    use super::*;

    #[test]
    fn systems_are_found_in_a_select() {
        let select = "select customer_id('core', c.id) as customer_id, customer_id( 'crm' ,x) as y from c";
        assert_eq!(systems_of(select), ["core", "crm"]);
    }

    #[test]
    fn unknown_customers_get_numbers_only_where_customers_are_loaded() {
        let keyring = Keyring::new(KeyHasher::new([1; 32]));
        let keys = Int64Array::from(vec![Some(50), None, Some(51), Some(50)]);
        assert_eq!(keyring.customers("core", &keys).null_count(), 4);
        keyring.set(Numbers { next: Some(8), ..Numbers::default() });
        assert_eq!(keyring.customers("core", &keys), Int64Array::from(vec![Some(8), None, Some(9), Some(8)]));
        let stored: RoaringBitmap = [8].into_iter().collect();
        assert_eq!(keyring.take_new(&stored).iter().map(|c| c.customer.0).collect::<Vec<_>>(), [8]);
        assert_eq!(keyring.customers("core", &keys), Int64Array::from(vec![Some(8), None, Some(10), Some(8)]));
    }
}
