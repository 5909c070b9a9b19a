//! Customers whom several systems know, as one.
//!
//! Rows keep the number that their customer was born with; who is one is found out later, and may be taken back. So the
//! person's number takes the customer's place when rows are read, below every rule of the session: consent, versions and
//! questions see persons.

use std::{collections::BTreeMap, sync::OnceLock};

use datafusion::{
    common::ScalarValue,
    logical_expr::{BinaryExpr, Expr, Operator, expr::InList, lit},
};
use florin_domain::catalogue::CUSTOMER_ID;

use super::whose::or_nobody;

/// Who is one with whom.
#[derive(Debug, Default)]
pub struct Persons {
    /// By the number a customer was born with: the person's.
    of: Vec<u32>,
    /// Of each person of several customers: their numbers of birth.
    members: BTreeMap<u32, Vec<u32>>,
    /// A hash that knows who is somebody else than the number they were born with, made when it is first asked for.
    hashed: OnceLock<blake3::Hasher>,
}

impl Persons {
    /// From pairs of the number a customer was born with and the number of the person, where that is another. A person who
    /// goes by a number that nobody else goes away from is the customer of that number too.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut persons = Self::default();
        let mut moved = std::collections::BTreeSet::new();
        for (born, person) in pairs.into_iter().filter(|(born, person)| born != person) {
            persons.members.entry(person).or_default().push(born);
            moved.insert(born);
        }
        for (&person, born) in &mut persons.members {
            born.extend((!moved.contains(&person)).then_some(person));
            born.sort_unstable();
            for &born in born.iter() {
                let index = born as usize;
                while persons.of.len() <= index {
                    persons.of.push(u32::try_from(persons.of.len()).unwrap_or(u32::MAX));
                }
                persons.of[index] = person;
            }
        }
        persons
    }

    /// Whether every customer is a person of their own.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The person whom a customer is.
    #[must_use]
    pub fn person(&self, born: u32) -> u32 {
        self.of.get(born as usize).copied().unwrap_or(born)
    }

    /// The person who goes by a number; else the one whom the customer born with it is.
    #[must_use]
    pub fn known_as(&self, number: u32) -> u32 {
        if self.members.contains_key(&number) { number } else { self.person(number) }
    }

    /// The customers whom a person is.
    #[must_use]
    pub fn members(&self, person: u32) -> Vec<u32> {
        match self.members.get(&person) {
            Some(members) => members.clone(),
            None if self.person(person) == person => vec![person],
            None => Vec::new(),
        }
    }

    /// A hash of who is somebody else than the number they were born with.
    pub(super) fn hashed(&self) -> blake3::Hasher {
        let hashed = || {
            let mut hash = blake3::Hasher::new();
            for (born, person) in (0u32..).zip(&self.of).filter(|(born, person)| born != *person) {
                hash.update(&born.to_le_bytes()).update(&person.to_le_bytes());
            }
            hash
        };
        self.hashed.get_or_init(hashed).clone()
    }

    pub(super) fn person_of(&self, born: i64) -> i64 {
        u32::try_from(born).map_or(born, |born| i64::from(self.person(born)))
    }

    /// What must hold of customers where a condition on persons holds; `None` when that cannot be said. Whom a person is whom the session
    /// does not see is not told: plans can be looked at.
    pub(super) fn on_customers(&self, condition: &Expr, sees: &impl Fn(i64) -> bool) -> Option<Expr> {
        let (column, wanted, negated) = match condition {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                return Some(self.on_customers(left, sees)?.or(self.on_customers(right, sees)?));
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (&**left, &**right) {
                (Expr::Column(c), value) | (value, Expr::Column(c)) => (c, vec![value], false),
                _ => return self.if_not_about_customers(condition),
            },
            Expr::InList(InList { expr, list, negated }) => match &**expr {
                Expr::Column(c) => (c, list.iter().collect(), *negated),
                _ => return self.if_not_about_customers(condition),
            },
            _ => return self.if_not_about_customers(condition),
        };
        if column.name != CUSTOMER_ID {
            return self.if_not_about_customers(condition);
        }
        let mut members = Vec::new();
        for value in wanted {
            let Expr::Literal(ScalarValue::Int64(Some(person)), _) = value else { return None };
            if sees(*person) {
                let person = u32::try_from(*person).ok()?;
                members.extend(self.members(person).into_iter().map(|born| lit(i64::from(born))));
            }
        }
        (!negated).then(|| Expr::Column(column.clone()).in_list(or_nobody(members), false))
    }

    fn if_not_about_customers(&self, condition: &Expr) -> Option<Expr> {
        let about = condition.column_refs().iter().any(|c| c.name == CUSTOMER_ID);
        (!about).then(|| condition.clone())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use datafusion::logical_expr::col;

    use super::*;

    fn persons() -> Persons {
        Persons::new([(3, 2), (5, 2)])
    }

    #[test]
    fn customers_are_their_person_and_others_themselves() {
        let persons = persons();
        assert_eq!([0, 1, 2, 3, 4, 5, 9].map(|born| persons.person(born)), [0, 1, 2, 2, 4, 2, 9]);
        assert_eq!(persons.members(2), [2, 3, 5]);
        assert_eq!(persons.members(4), [4]);
        assert_eq!(persons.members(3), Vec::<u32>::new());
        assert!(Persons::new([(1, 1)]).is_empty() && !persons.is_empty());
    }

    #[test]
    fn a_number_may_be_of_somebody_else_than_the_customer_who_was_born_with_it() {
        let persons = Persons::new([(6, 9), (7, 6)]);
        assert_eq!([6, 7, 9].map(|born| persons.person(born)), [9, 6, 9]);
        assert_eq!((persons.members(6), persons.members(9)), (vec![7], vec![6, 9]));
        assert_eq!([6, 7, 9].map(|number| persons.known_as(number)), [6, 6, 9]);
    }

    #[test]
    fn a_condition_on_a_person_is_one_on_their_customers() {
        let persons = persons();
        let on = |condition: Expr| persons.on_customers(&condition, &|person| person != 4).map(|e| e.to_string());
        assert_eq!(on(col("customer_id").eq(lit(2i64))).unwrap(), "customer_id IN ([Int64(2), Int64(3), Int64(5)])");
        assert_eq!(on(col("customer_id").eq(lit(3i64))).unwrap(), "customer_id IN ([Int64(-1)])");
        assert_eq!(on(col("customer_id").eq(lit(4i64))).unwrap(), "customer_id IN ([Int64(-1)])", "nobody who is seen");
        let either = col("customer_id").eq(lit(2i64)).or(col("customer_id").eq(lit(9i64)));
        let several = "customer_id IN ([Int64(2), Int64(3), Int64(5)]) OR customer_id IN ([Int64(9)])";
        assert_eq!(on(either).unwrap(), several);
        assert_eq!(on(col("customer_id").gt(lit(3i64))), None);
        assert_eq!(on(col("amount").gt(lit(3i64))).unwrap(), "amount > Int64(3)");
    }
}
