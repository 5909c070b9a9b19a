//! Whose data may be used for what.

use florin_domain::Purpose;
use florin_governance::ConsentFilter;
use florin_lake::{Consented, Persons};

use crate::{FlowError, House};

/// What persons said of a purpose, and what it rests on.
pub(super) struct Consenting {
    filter: ConsentFilter,
    said: Consented,
}

impl Consenting {
    /// As it stands now: who withdrew is withdrawn at every date.
    pub(super) async fn of(house: &House, purpose: Purpose, persons: &Persons) -> Result<Self, FlowError> {
        let words = house.store.consent_bitmaps(purpose, house.now()).await?;
        let said = crate::ask::of_persons(Consented { given: words.given, withdrawn: words.withdrawn }, persons);
        Ok(Self { filter: house.bank.settings.purposes.rule(purpose).filter(), said })
    }

    /// Whether a person's data may be used for it.
    pub(super) fn may(&self, customer: i64) -> bool {
        let Ok(customer) = u32::try_from(customer) else { return false };
        match self.filter {
            ConsentFilter::Everyone => true,
            ConsentFilter::AllBut => !self.said.withdrawn.contains(customer),
            ConsentFilter::Only => self.said.given.contains(customer),
        }
    }
}
