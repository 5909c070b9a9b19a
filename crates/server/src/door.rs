//! The door: users and sessions over the bank's store, addresses behind proxies, and how often somebody may knock.

use std::net::IpAddr;

use async_trait::async_trait;
use axum::http::HeaderMap;
use florin_access::{Access, AccessError, AuditLog, RateLimit, Settings, Surroundings, Unrecorded};
use florin_domain::EventTime;
use florin_governance::audit::Entry;
use florin_pipelines::{House, bank::ServeSettings};

use crate::{address::PublicAddress, bounds::USER_RATE};

/// Users whose rate is remembered.
const RATES_MAX: usize = 10_000;
/// Where proxies write who asked them.
const FORWARDED: &str = "x-forwarded-for";

/// What is known of the way requests come.
pub(crate) struct Door {
    pub(crate) https: bool,
    proxies: usize,
    rates: RateLimit<String>,
}

impl Door {
    pub(crate) fn new(settings: &ServeSettings, address: Option<&PublicAddress>) -> Self {
        let (a_second, burst) = USER_RATE;
        let rates = RateLimit::new(a_second, burst, RATES_MAX);
        let https = settings.https || address.is_some_and(PublicAddress::is_https);
        Self { https, proxies: settings.proxies, rates }
    }

    /// Counts a request of somebody.
    ///
    /// # Errors
    /// In how many seconds they may ask again.
    pub(crate) fn knock(&self, user: &str, now: EventTime) -> Result<(), u32> {
        self.rates.take(user, 1, now)
    }

    /// Who asked: the one who is connected, or whom the bank's proxies name. What stands before their words anybody may have written.
    pub(crate) fn address(&self, connected: IpAddr, headers: &HeaderMap) -> IpAddr {
        let Some(place) = self.proxies.checked_sub(1) else { return connected };
        let listed = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
        let addresses: Vec<&str> = listed.flat_map(|value| value.split(',')).map(str::trim).collect();
        let named = addresses.iter().rev().nth(place).and_then(|address| address.parse().ok());
        named.unwrap_or(connected)
    }
}

/// Puts what happens at the door on the bank's audit log.
struct Log(House);

#[async_trait]
impl AuditLog for Log {
    async fn record(&self, entry: Entry) -> Result<(), Unrecorded> {
        self.0.record_at_the_door(&entry).await.map_err(|error| Unrecorded(error.to_string()))
    }
}

/// Users and sessions of a bank, on its audit log.
///
/// # Errors
/// When the machine cannot hash passwords.
pub async fn access(house: &House) -> Result<Access, AccessError> {
    let around = house.surroundings().clone();
    let around = Surroundings { now: around.now, random: around.random, log: std::sync::Arc::new(Log(house.clone())) };
    let settings = Settings { issuer: house.bank().settings.bank.name.clone(), ..Settings::default() };
    Access::open(house.store().clone(), house.sealing_vault(), settings, around).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_banks_own_proxies_wrote_is_believed() {
        let connected: IpAddr = [10, 0, 0, 1].into();
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, "6.6.6.6, 1.2.3.4".parse().unwrap());
        headers.append(FORWARDED, "10.0.0.9".parse().unwrap());
        let told = |proxies| {
            let settings = ServeSettings { proxies, ..ServeSettings::default() };
            Door::new(&settings, None).address(connected, &headers).to_string()
        };
        assert_eq!([told(0), told(1), told(2), told(9)], ["10.0.0.1", "10.0.0.9", "1.2.3.4", "10.0.0.1"]);
    }
}
