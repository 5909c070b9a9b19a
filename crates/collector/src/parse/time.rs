//! When it was done: clients' clocks are wrong, and what they say of when they sent it tells by how much.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use super::field::{Raw, present, text};
use crate::outcome::Problem;

/// A time in ISO 8601; without an offset, it is UTC.
pub(super) fn time(raw: Option<Raw<'_>>, field: &'static str) -> Result<Option<Timestamp>, Problem> {
    let Some(raw) = present(raw) else { return Ok(None) };
    let written = text(raw).ok_or(Problem::BadTime(field))?;
    moment(&written).map(Some).ok_or(Problem::BadTime(field))
}

/// A time in ISO 8601, as it stands.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// When it was done by our clock: as long before it was received as it was, by the client's clock, before it was sent.
/// It was not done after it was received, whatever its clock says.
///
/// Source: Segment's and PostHog's rule, `timestamp = receivedAt - (sentAt - originalTimestamp)`.
pub(super) fn corrected(original: Timestamp, sent: Option<Timestamp>, received: Timestamp) -> Timestamp {
    let ago = sent.map_or(SignedDuration::ZERO, |sent| received.duration_since(sent));
    original.checked_add(ago).unwrap_or(original).min(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        moment(text).expect("a time")
    }

    #[test]
    fn times_with_and_without_an_offset_are_read() {
        let wanted = at("2012-12-02T00:30:12.984Z");
        for same in [
            "2012-12-02T00:30:12.984+00:00",
            "2012-12-02T08:30:12.984+08:00",
            "2012-12-02T00:30:12.984",
            "2012-12-02 00:30:12.984",
        ] {
            assert_eq!(at(same), wanted, "{same}");
        }
        for wrong in ["", "yesterday", "2012-13-02T00:30:12Z", "1354408212984"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_put_right() {
        let received = at("2026-11-23T08:00:00Z");
        let fast = corrected(at("2026-11-23T09:59:50Z"), Some(at("2026-11-23T10:00:00Z")), received);
        assert_eq!(fast, at("2026-11-23T07:59:50Z"));
        let slow = corrected(at("2019-12-31T23:59:50Z"), Some(at("2020-01-01T00:00:00Z")), received);
        assert_eq!(slow, at("2026-11-23T07:59:50Z"));
        assert_eq!(corrected(at("2026-11-23T09:00:00Z"), None, received), received);
        assert_eq!(corrected(at("2026-11-22T09:00:00Z"), None, received), at("2026-11-22T09:00:00Z"));
    }
}
