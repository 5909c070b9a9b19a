//! What customers said, and what a purpose makes of it.
//!
//! Each purpose rests on a legal basis, which the bank sets in `florin.toml`:
//!
//! ```toml
//! [purposes.marketing]
//! basis = "consent"
//! default = "withdrawn"   # what silence means; only for consent
//! ```
//!
//! Only a purpose that rests on consent is bound by it. A withdrawal from a purpose that rests on a contract or on a
//! legal duty is recorded like any other, and shown, but does not bind: the bank may not stop reporting to its
//! regulator because a customer asked it to. Should the bank later rest the purpose on consent, the recorded word
//! binds at once.
//!
//! Consent is judged at the time of use. A session as of 2019 still hides whoever withdrew yesterday.

use std::{fmt, str::FromStr};

use florin_domain::Purpose;
use serde::{Deserialize, Serialize};

/// A customer's word on a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentState {
    /// The customer agreed.
    Given,
    /// The customer took it back, or objected.
    Withdrawn,
}

impl ConsentState {
    /// The name used in the `consent` table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for ConsentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is no consent state. It does not repeat the text: that came from a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a consent state; one of: given, withdrawn")]
pub struct UnknownConsentState;

impl FromStr for ConsentState {
    type Err = UnknownConsentState;

    fn from_str(name: &str) -> Result<Self, UnknownConsentState> {
        [Self::Given, Self::Withdrawn].into_iter().find(|state| state.name() == name).ok_or(UnknownConsentState)
    }
}

/// What a customer's silence means, for a purpose that rests on consent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentDefault {
    /// Silence is agreement, until the customer objects.
    Given,
    /// Silence is no agreement.
    #[default]
    Withdrawn,
}

/// What a purpose rests on. As a setting: `{ basis = "contract" }`, `{ basis = "legal_duty" }`,
/// `{ basis = "consent", default = "given" }`; `default` beside another basis is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RuleText", into = "RuleText")]
pub enum PurposeRule {
    /// The contract with the customer needs it. A withdrawal is recorded but does not bind.
    Contract,
    /// The law demands it. A withdrawal is recorded but does not bind.
    LegalDuty,
    /// The customer's word decides, and `default` where there is none.
    Consent {
        /// What silence means.
        default: ConsentDefault,
    },
}

/// [`PurposeRule`] as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    basis: Basis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<ConsentDefault>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Basis {
    Contract,
    LegalDuty,
    Consent,
}

impl TryFrom<RuleText> for PurposeRule {
    type Error = &'static str;

    fn try_from(text: RuleText) -> Result<Self, &'static str> {
        match (text.basis, text.default) {
            (Basis::Consent, default) => Ok(Self::Consent { default: default.unwrap_or_default() }),
            (_, Some(_)) => Err("`default` says what silence means and needs `basis = \"consent\"`"),
            (Basis::Contract, None) => Ok(Self::Contract),
            (Basis::LegalDuty, None) => Ok(Self::LegalDuty),
        }
    }
}

impl From<PurposeRule> for RuleText {
    fn from(rule: PurposeRule) -> Self {
        match rule {
            PurposeRule::Contract => Self { basis: Basis::Contract, default: None },
            PurposeRule::LegalDuty => Self { basis: Basis::LegalDuty, default: None },
            PurposeRule::Consent { default } => Self { basis: Basis::Consent, default: Some(default) },
        }
    }
}

impl PurposeRule {
    /// Whose rows a session for this purpose sees.
    #[must_use]
    pub fn filter(self) -> ConsentFilter {
        match self {
            Self::Contract | Self::LegalDuty => ConsentFilter::Everyone,
            Self::Consent { default: ConsentDefault::Given } => ConsentFilter::AllBut,
            Self::Consent { default: ConsentDefault::Withdrawn } => ConsentFilter::Only,
        }
    }
}

/// The rule of every purpose: `[purposes]` in `florin.toml`. What is not set is as in [`PurposeRules::default`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PurposeRules {
    /// Serving the customer.
    pub service: PurposeRule,
    /// Understanding customers in general.
    pub analytics: PurposeRule,
    /// Offering something.
    pub marketing: PurposeRule,
    /// Credit, fraud and other risk.
    pub risk: PurposeRule,
    /// Showing that the rules were kept.
    pub compliance: PurposeRule,
}

impl Default for PurposeRules {
    /// Service rests on the contract, risk and compliance on the law. Analytics: customers may object. Marketing:
    /// customers must agree first.
    fn default() -> Self {
        Self {
            service: PurposeRule::Contract,
            analytics: PurposeRule::Consent { default: ConsentDefault::Given },
            marketing: PurposeRule::Consent { default: ConsentDefault::Withdrawn },
            risk: PurposeRule::LegalDuty,
            compliance: PurposeRule::LegalDuty,
        }
    }
}

impl PurposeRules {
    /// What `purpose` rests on.
    #[must_use]
    pub fn rule(&self, purpose: Purpose) -> PurposeRule {
        match purpose {
            Purpose::Service => self.service,
            Purpose::Analytics => self.analytics,
            Purpose::Marketing => self.marketing,
            Purpose::Risk => self.risk,
            Purpose::Compliance => self.compliance,
        }
    }
}

/// Whose rows a session sees, of tables about customers. A row that names no customer (a visitor who has not said who
/// they are) counts as silence: `Everyone` and `AllBut` show it, `Only` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentFilter {
    /// Of everyone.
    Everyone,
    /// Of all but those whose latest word is `withdrawn`.
    AllBut,
    /// Only of those whose latest word is `given`.
    Only,
}

impl ConsentFilter {
    /// The name used in the audit log and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AllBut => "all_but_withdrawn",
            Self::Only => "only_given",
        }
    }

    /// Whether rows of a customer with this latest word are seen; `None` is silence, or nobody.
    #[must_use]
    pub fn admits(self, latest_word: Option<ConsentState>) -> bool {
        match self {
            Self::Everyone => true,
            Self::AllBut => latest_word != Some(ConsentState::Withdrawn),
            Self::Only => latest_word == Some(ConsentState::Given),
        }
    }
}

/// Whether a customer's data may be used for a purpose with this rule, after the customer's latest word on it. The same
/// answer as `rule.filter().admits(latest_word)`, decided the other way round: the word first, silence by the default.
#[must_use]
pub fn may_use(rule: PurposeRule, latest_word: Option<ConsentState>) -> bool {
    let PurposeRule::Consent { default } = rule else { return true };
    match latest_word {
        Some(word) => word == ConsentState::Given,
        None => default == ConsentDefault::Given,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    const GIVEN: PurposeRule = PurposeRule::Consent { default: ConsentDefault::Given };
    const WITHDRAWN: PurposeRule = PurposeRule::Consent { default: ConsentDefault::Withdrawn };

    #[test]
    fn the_customers_word_decides_where_consent_is_the_basis() {
        use ConsentState::{Given, Withdrawn};
        let cases = [
            // basis (silence means)     latest word        may use
            (PurposeRule::Contract, None, true),
            (PurposeRule::Contract, Some(Given), true),
            (PurposeRule::Contract, Some(Withdrawn), true),
            (PurposeRule::LegalDuty, None, true),
            (PurposeRule::LegalDuty, Some(Given), true),
            (PurposeRule::LegalDuty, Some(Withdrawn), true),
            (GIVEN, None, true),
            (GIVEN, Some(Given), true),
            (GIVEN, Some(Withdrawn), false),
            (WITHDRAWN, None, false),
            (WITHDRAWN, Some(Given), true),
            (WITHDRAWN, Some(Withdrawn), false),
        ];
        for (rule, word, expected) in cases {
            assert_eq!(may_use(rule, word), expected, "{rule:?}, {word:?}");
            assert_eq!(rule.filter().admits(word), expected, "filter of {rule:?}, {word:?}");
        }
    }

    #[test]
    fn settings_are_read_and_what_is_not_set_stays_as_it_was() {
        let rules: PurposeRules =
            toml::from_str("marketing = { basis = \"consent\", default = \"given\" }\nrisk = { basis = \"contract\" }")
                .unwrap();
        assert_eq!(rules, PurposeRules { marketing: GIVEN, risk: PurposeRule::Contract, ..PurposeRules::default() });
        assert_eq!(toml::from_str::<PurposeRules>("analytics = { basis = \"consent\" }").unwrap().analytics, WITHDRAWN);
    }

    #[test]
    fn settings_that_would_be_ignored_are_refused() {
        let cases = [
            // setting                                                     what the message names
            ("profit = { basis = \"consent\" }", "profit"),
            ("risk = { basis = \"hope\" }", "legal_duty"),
            ("risk = { basis = \"consent\", silence = \"given\" }", "silence"),
            ("risk = { basis = \"contract\", default = \"given\" }", "needs `basis = \"consent\"`"),
        ];
        for (setting, expected) in cases {
            let error = toml::from_str::<PurposeRules>(setting).expect_err(setting).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn states_are_read_as_written_in_the_table_and_a_wrong_one_is_not_repeated() {
        assert_eq!("given".parse(), Ok(ConsentState::Given));
        assert_eq!("withdrawn".parse(), Ok(ConsentState::Withdrawn));
        let error = "4111111111111111".parse::<ConsentState>().unwrap_err().to_string();
        assert_eq!(error, "not a consent state; one of: given, withdrawn");
    }
}
