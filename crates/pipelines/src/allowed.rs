//! What somebody may do at all, so that nobody is shown what would be refused. Asking it reads nothing and is not on record; whatever is
//! then done is weighed again.

use florin_domain::{Principal, Purpose, Role};
use florin_governance::{Action, Permit, Resource, open_session, permit};

use crate::{FlowError, House};

/// What the policies let somebody do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Purposes for which there is a table to read.
    pub purposes: Vec<Purpose>,
    /// Actions that may be done to the bank as a whole for some purpose, and looking up a customer.
    pub actions: Vec<Action>,
}

/// What a role sees for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSees {
    /// Which role.
    pub role: Role,
    /// For which purpose.
    pub purpose: Purpose,
    /// Tables that it may read.
    pub tables: usize,
    /// Of how many.
    pub of: usize,
    /// Columns of those that read as NULL.
    pub masked: usize,
}

impl House {
    /// What whoever acts may do.
    #[must_use]
    pub fn allowed(&self) -> Allowed {
        let purposes = Purpose::ALL.into_iter().filter(|purpose| self.sees(&self.who, *purpose).is_some()).collect();
        let actions = Action::ALL.into_iter().filter(|action| self.may(*action)).collect();
        Allowed { purposes, actions }
    }

    fn may(&self, action: Action) -> bool {
        // Of customers, leave is the same for each in the default policies; a policy that tells them apart is asked when it counts.
        let somebody = Resource::Customer(florin_domain::CustomerId(0));
        let to = if action.applies_to(&Resource::Bank) { Resource::Bank } else { somebody };
        let ask = |purpose| permit(&self.bank.policies, &self.who, purpose, action, to.clone(), self.now());
        Purpose::ALL.into_iter().any(|purpose| ask(purpose).is_ok())
    }

    /// Leave to administer users, on record.
    ///
    /// # Errors
    /// When the policies do not permit it, or it cannot be put on record.
    pub async fn leave_to_administer(&self) -> Result<Permit, FlowError> {
        self.permit(Purpose::Service, Action::Administer, Resource::Bank).await
    }

    /// What each role sees for each purpose, by role and purpose.
    #[must_use]
    pub fn role_matrix(&self) -> Vec<RoleSees> {
        let of = self.bank.catalogue.tables().count();
        let mut cells = Vec::new();
        for role in Role::ALL {
            let somebody = Principal { user: String::new(), roles: vec![role] };
            for purpose in Purpose::ALL {
                let (tables, masked) = self.sees(&somebody, purpose).unwrap_or_default();
                cells.push(RoleSees { role, purpose, tables, of, masked });
            }
        }
        cells
    }

    /// How many tables somebody may read for a purpose, and how many of their columns are masked; nothing when there are none.
    fn sees(&self, who: &Principal, purpose: Purpose) -> Option<(usize, usize)> {
        let bank = &self.bank;
        let rules = &bank.settings.purposes;
        let grant = open_session(&bank.policies, &bank.catalogue, rules, who, purpose, None, self.now()).ok()?;
        let seen = bank.catalogue.tables().filter_map(|table| grant.table(&table.name));
        Some(seen.fold((0, 0), |(tables, masked), table| (tables + 1, masked + table.masked().len())))
    }
}
