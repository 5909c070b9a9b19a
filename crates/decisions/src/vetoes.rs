//! What no score can beat.
//!
//! `clear` asks all vetoes of one offer and one customer. Only what it hands out as `Cleared` can be recommended: no other function makes one.

use florin_domain::{EventTime, Purpose};
use serde::Serialize;

use crate::{
    Words,
    offers::{ContactLimit, Offer, Scope},
    standing::{Contact, Standing},
    suitability::{DAY_MICROS, Unsuitable},
};

/// Why an offer is not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Veto {
    /// The offer may not be made for this purpose.
    NotForPurpose(Purpose),
    /// The customer's data may not be used for this purpose.
    NoConsent(Purpose),
    /// It does not suit.
    Unsuitable(Unsuitable),
    /// Its conditions do not hold.
    NotEligible,
    /// Whether its conditions hold cannot be told.
    EligibilityUnknown,
    /// The customer has it.
    AlreadyHeld,
    /// A complaint is open.
    OpenComplaint {
        /// How many.
        complaints: u32,
    },
    /// The customer was contacted enough.
    ContactLimit {
        /// The limit that is reached.
        limit: ContactLimit,
        /// Contacts that count.
        contacts: u32,
    },
    /// The customer refused it lately.
    Refused {
        /// For how many days it rests.
        days: u32,
    },
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What the offers are to be made for.
    pub purpose: Purpose,
    /// The moment of asking.
    pub as_of: EventTime,
    /// The longest list.
    pub at_most: usize,
}

/// An offer that may be made to the customer it was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cleared<'a>(&'a Offer);

impl<'a> Cleared<'a> {
    pub(crate) fn offer(self) -> &'a Offer {
        self.0
    }
}

/// Leave to make an offer.
///
/// # Errors
/// All vetoes, in the order in which they are declared.
pub(crate) fn clear<'a>(offer: &'a Offer, standing: &Standing, asked: &Asked) -> Result<Cleared<'a>, Vec<Veto>> {
    let vetoes = vetoes(offer, standing, asked);
    if vetoes.is_empty() { Ok(Cleared(offer)) } else { Err(vetoes) }
}

/// All that speaks against an offer; none when it may be made.
#[must_use]
pub fn vetoes(offer: &Offer, standing: &Standing, asked: &Asked) -> Vec<Veto> {
    let Asked { purpose, as_of, .. } = *asked;
    let mut vetoes = Vec::new();
    vetoes.extend((!offer.purposes.contains(&purpose)).then_some(Veto::NotForPurpose(purpose)));
    vetoes.extend((!standing.purposes.contains(&purpose)).then_some(Veto::NoConsent(purpose)));
    if let Some(Err(why)) = offer.suitability.map(|suitability| suitability.check(standing.assessment, as_of)) {
        vetoes.push(Veto::Unsuitable(why));
    }
    vetoes.extend(ineligible(offer, standing));
    let held = !offer.repeatable && standing.products.contains(&offer.product);
    vetoes.extend(held.then_some(Veto::AlreadyHeld));
    let complaints = standing.open_complaints;
    vetoes.extend((complaints > 0).then_some(Veto::OpenComplaint { complaints }));
    vetoes.extend(offer.contacts.iter().filter_map(|limit| reached(*limit, offer, standing, as_of)));
    vetoes.extend(refused(offer, standing, as_of));
    vetoes
}

fn ineligible(offer: &Offer, standing: &Standing) -> Option<Veto> {
    offer.eligibility.as_ref()?;
    match standing.eligible.get(&offer.name) {
        Some(true) => None,
        Some(false) => Some(Veto::NotEligible),
        None => Some(Veto::EligibilityUnknown),
    }
}

fn reached(limit: ContactLimit, offer: &Offer, standing: &Standing, as_of: EventTime) -> Option<Veto> {
    let counts = |contact: &&Contact| match limit.scope {
        Scope::Offer => contact.offer == offer.name,
        Scope::Group => contact.group == offer.group,
        Scope::All => true,
    };
    let within = |contact: &&Contact| contact.at > days_before(as_of, limit.days);
    let contacts = standing.contacts.iter().filter(within).filter(counts).count();
    let contacts = u32::try_from(contacts).unwrap_or(u32::MAX);
    (contacts >= limit.at_most).then_some(Veto::ContactLimit { limit, contacts })
}

fn refused(offer: &Offer, standing: &Standing, as_of: EventTime) -> Option<Veto> {
    let days = offer.after_refusal_days?;
    let since = days_before(as_of, days);
    let refused = standing.refusals.iter().any(|refusal| refusal.offer == offer.name && refusal.at > since);
    refused.then_some(Veto::Refused { days })
}

fn days_before(as_of: EventTime, days: u32) -> EventTime {
    EventTime(as_of.micros().saturating_sub(i64::from(days) * DAY_MICROS))
}

impl Veto {
    /// With its words.
    pub(crate) fn with_words(self) -> (Self, Words) {
        let words = self.words();
        (self, words)
    }

    /// Its kind, as in records.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotForPurpose(_) => "not_for_purpose",
            Self::NoConsent(_) => "no_consent",
            Self::Unsuitable(_) => "unsuitable",
            Self::NotEligible => "not_eligible",
            Self::EligibilityUnknown => "eligibility_unknown",
            Self::AlreadyHeld => "already_held",
            Self::OpenComplaint { .. } => "open_complaint",
            Self::ContactLimit { .. } => "contact_limit",
            Self::Refused { .. } => "refused",
        }
    }

    /// In plain words, for a service agent.
    #[must_use]
    pub fn words(&self) -> Words {
        let (zh, en) = match self {
            Self::NotForPurpose(purpose) => (
                format!("该产品推荐不可用于{}用途", purpose_zh(*purpose)),
                format!("this offer may not be made for {purpose}"),
            ),
            Self::NoConsent(purpose) => (
                format!("客户未同意将其信息用于{}", purpose_zh(*purpose)),
                format!("the customer has not agreed to {purpose}"),
            ),
            Self::Unsuitable(why) => return unsuitable(why),
            Self::NotEligible => (
                "客户不符合该产品的办理条件".to_owned(),
                "the customer does not meet the product's conditions".to_owned(),
            ),
            Self::EligibilityUnknown => (
                "缺少信息，无法确认客户是否符合办理条件".to_owned(),
                "it cannot be told whether the customer meets the product's conditions".to_owned(),
            ),
            Self::AlreadyHeld => ("客户已持有该产品".to_owned(), "the customer has this product already".to_owned()),
            Self::OpenComplaint { complaints } => (
                format!("客户有{complaints}件投诉尚未解决，应先处理投诉"),
                format!("{complaints} of the customer's complaints are not resolved; resolve them first"),
            ),
            Self::ContactLimit { limit, contacts } => contacted(*limit, *contacts),
            Self::Refused { days } => (
                format!("客户在最近{days}天内拒绝过该产品"),
                format!("the customer refused this offer within the last {days} days"),
            ),
        };
        Words { zh, en }
    }
}

fn unsuitable(why: &Unsuitable) -> Words {
    let (zh, en) = match why {
        Unsuitable::NotAssessed => (
            "客户尚未进行风险承受能力评估，视为不适当".to_owned(),
            "the customer's risk tolerance was not assessed, which counts as unsuitable".to_owned(),
        ),
        Unsuitable::Expired { days_max } => (
            format!("客户的风险承受能力评估已超过{days_max}天，视为不适当"),
            format!(
                "the assessment of the customer's risk tolerance is older than {days_max} days, which counts as unsuitable"
            ),
        ),
        Unsuitable::TooRisky { risk, needed, found } => (
            format!("产品风险等级为{}，需要{}及以上的风险承受能力，客户为{}", risk.name(), needed.name(), found.name()),
            format!(
                "the product's risk is {}, which asks for a tolerance of {} or more; the customer's is {}",
                risk.name(),
                needed.name(),
                found.name()
            ),
        ),
    };
    Words { zh, en }
}

fn contacted(limit: ContactLimit, contacts: u32) -> (String, String) {
    let ContactLimit { scope, at_most, days } = limit;
    let (zh, en) = match scope {
        Scope::Offer => ("该产品", "with this offer"),
        Scope::Group => ("同类产品", "with offers of this kind"),
        Scope::All => ("各类产品", "with offers"),
    };
    (
        format!("最近{days}天内已就{zh}联系客户{contacts}次，上限为{at_most}次"),
        format!("the customer was contacted {en} {contacts} times in the last {days} days; the limit is {at_most}"),
    )
}

fn purpose_zh(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Service => "服务",
        Purpose::Analytics => "分析",
        Purpose::Marketing => "营销",
        Purpose::Risk => "风险管理",
        Purpose::Compliance => "合规",
    }
}
