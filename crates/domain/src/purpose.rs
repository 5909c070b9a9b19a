//! Who asks, and what for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What data is used for. A customer consents to a purpose, not to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Serving the customer.
    Service,
    /// Understanding customers in general.
    Analytics,
    /// Offering something.
    Marketing,
    /// Credit, fraud and other risk.
    Risk,
    /// Showing that the rules were kept.
    Compliance,
}

impl Purpose {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Service, Self::Analytics, Self::Marketing, Self::Risk, Self::Compliance];

    /// The name used in settings, policies and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Analytics => "analytics",
            Self::Marketing => "marketing",
            Self::Risk => "risk",
            Self::Compliance => "compliance",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of those allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} `{given}`; one of: {allowed}")]
pub struct UnknownName {
    what: &'static str,
    given: String,
    allowed: String,
}

impl FromStr for Purpose {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| UnknownName {
            what: "purpose",
            given: name.to_owned(),
            allowed: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// What somebody is at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks questions of the tables.
    Analyst,
    /// Builds audiences and offers.
    Marketer,
    /// Writes rules, watches alerts.
    RiskOfficer,
    /// Serves one customer at a time.
    ServiceAgent,
    /// Shows that the rules were kept.
    ComplianceOfficer,
    /// Loads the records and mends the mappings.
    DataEngineer,
    /// Administers users; sees no customer.
    Administrator,
}

impl Role {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 7] = [
        Self::Analyst,
        Self::Marketer,
        Self::RiskOfficer,
        Self::ServiceAgent,
        Self::ComplianceOfficer,
        Self::DataEngineer,
        Self::Administrator,
    ];

    /// The name used in settings, policies and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Marketer => "marketer",
            Self::RiskOfficer => "risk_officer",
            Self::ServiceAgent => "service_agent",
            Self::ComplianceOfficer => "compliance_officer",
            Self::DataEngineer => "data_engineer",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|r| r.name() == name).ok_or_else(|| UnknownName {
            what: "role",
            given: name.to_owned(),
            allowed: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// Who asks: a user of the bank, in one or more roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The user's name, as the bank knows it.
    pub user: String,
    /// What the user is.
    pub roles: Vec<Role>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_a_wrong_one_lists_the_right_ones() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.name().parse(), Ok(purpose));
        }
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        let error = "profit".parse::<Purpose>().expect_err("no such purpose").to_string();
        assert_eq!(error, "no purpose `profit`; one of: service, analytics, marketing, risk, compliance");
    }
}
