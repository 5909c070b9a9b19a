//! How browsers call this server: what cookies, passkeys and the way back from the bank's sign-on hang on.

use florin_access::PasskeySettings;
use florin_pipelines::bank::ServeSettings;
use url::{Host, Url};

use crate::state::OpenError;

/// Scheme, host and port; nothing after them.
#[derive(Debug, Clone)]
pub(crate) struct PublicAddress(Url);

impl PublicAddress {
    /// What the settings say, if they do.
    ///
    /// # Errors
    /// When it is no address, or one that passwords should not travel to.
    pub(crate) fn of(settings: &ServeSettings) -> Result<Option<Self>, OpenError> {
        let Some(text) = &settings.public_address else { return Ok(None) };
        let url = Url::parse(text).ok().filter(|url| is_origin(url) && (url.scheme() == "https" || is_here(url)));
        let unfit = || {
            OpenError::Setting(format!(
                "`{text}` cannot be a public_address: write `https://` and a host, and a port if it is not 443"
            ))
        };
        url.map(|url| Some(Self(url))).ok_or_else(unfit)
    }

    /// Whether browsers come by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Where passkeys are used; nowhere where browsers call us by a number, which they are not bound to.
    pub(crate) fn site(&self) -> Option<PasskeySettings> {
        let Some(Host::Domain(name)) = self.0.host() else { return None };
        Some(PasskeySettings { rp_id: name.to_owned(), origin: self.0.origin().ascii_serialization() })
    }

    /// A page or route of ours.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

fn is_origin(url: &Url) -> bool {
    url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Whether it is this machine.
fn is_here(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_bound_to_a_name_and_to_the_port_that_pages_come_from() {
        let cases = [
            ("https://florin.bank.example:8443/", Some(("florin.bank.example", "https://florin.bank.example:8443"))),
            ("https://florin.bank.example:443", Some(("florin.bank.example", "https://florin.bank.example"))),
            ("http://localhost:8080", Some(("localhost", "http://localhost:8080"))),
            ("http://127.0.0.1:8080", None),
        ];
        for (text, expected) in cases {
            let settings = ServeSettings { public_address: Some(text.to_owned()), ..ServeSettings::default() };
            let site = PublicAddress::of(&settings).unwrap().unwrap().site();
            assert_eq!(site.as_ref().map(|site| (site.rp_id.as_str(), site.origin.as_str())), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_https_or_this_machine_and_nothing_follows_it() {
        let cases = [
            ("https://florin.bank.example", true),
            ("https://florin.bank.example:8443/", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", true),
            ("http://florin.bank.example", false),
            ("https://florin.bank.example/console", false),
            ("https://ana@florin.bank.example", false),
            ("https://florin.bank.example?x", false),
            ("ftp://localhost", false),
            ("florin.bank.example", false),
        ];
        for (text, fits) in cases {
            let settings = ServeSettings { public_address: Some(text.to_owned()), ..ServeSettings::default() };
            assert_eq!(PublicAddress::of(&settings).is_ok(), fits, "{text}");
        }
    }
}
