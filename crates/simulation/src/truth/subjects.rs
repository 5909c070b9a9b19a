//! The columns of each subject of the truth.

use crate::table::Type::{self, Bool, Date, Float, Int, Text, Time};

type Column = (&'static str, Type);

/// Whose a key of a system is.
#[rustfmt::skip]
pub(super) const IDENTITY: [Column; 4] = [
    ("system", Text), ("key", Text), ("person", Int), ("household", Int),
];

/// Who leaves within the time, when and why; a row for everybody.
#[rustfmt::skip]
pub(super) const DEPARTURE: [Column; 7] = [
    ("person", Int), ("customer_no", Text), ("leaves", Bool), ("decided_on", Date), ("leaves_on", Date),
    ("reason", Text), ("closes_accounts", Bool),
];

/// At the end of each month, how likely each customer is to be gone 90 days later: for one who knows the formulas and how the person stands, and not what
/// will be drawn; and for one who does not know either whether the person has decided to leave.
#[rustfmt::skip]
pub(super) const CHANCE: [Column; 5] = [
    ("person", Int), ("customer_no", Text), ("day", Date), ("leaves_90d", Float), ("leaves_90d_by_formula", Float),
];

/// Each loan that was granted: its true probability of default, what would come of it, and whether that came within the time.
#[rustfmt::skip]
pub(super) const DEFAULT: [Column; 7] = [
    ("person", Int), ("customer_no", Text), ("loan_no", Text), ("granted_on", Date), ("pd", Float),
    ("would_default", Bool), ("defaulted_on", Date),
];

/// What each person who could be offered something would do, without and with the offer. The probabilities are those at the time.
#[rustfmt::skip]
pub(super) const RESPONSE: [Column; 9] = [
    ("person", Int), ("customer_no", Text), ("campaign", Text), ("treated", Bool), ("p_without", Float),
    ("p_with", Float), ("buys_without", Bool), ("buys_with", Bool), ("bought_on", Date),
];

/// As of the end, what each person who is still there would do in a month with each product of the campaigns that they do not have: the probability of
/// buying without an offer, and with one by each way.
#[rustfmt::skip]
pub(super) const PROSPECT: [Column; 8] = [
    ("person", Int), ("customer_no", Text), ("product", Text), ("marketing", Bool), ("p_without", Float),
    ("p_sms", Float), ("p_push", Float), ("p_call", Float),
];

/// Who needs a product from which day on, and what the need comes from. Strength is from 0 to 1.
#[rustfmt::skip]
pub(super) const NEED: [Column; 6] = [
    ("person", Int), ("customer_no", Text), ("day", Date), ("product", Text), ("driver", Text), ("strength", Float),
];

/// What words are about: mood from -2 (angry) to 2 (delighted), urgency from 0 to 2.
#[rustfmt::skip]
pub(super) const COMPLAINT: [Column; 10] = [
    ("system", Text), ("interaction", Text), ("person", Int), ("kind", Text), ("topic", Text), ("mood", Int),
    ("urgency", Int), ("root_cause", Text), ("cause_day", Date), ("language", Text),
];

/// Records that are part of a fraud; one case of a scenario has one number. Amounts are in yuan.
#[rustfmt::skip]
pub(super) const FRAUD: [Column; 7] = [
    ("system", Text), ("record", Text), ("person", Int), ("scenario", Text), ("case", Int), ("at", Time),
    ("amount", Float),
];

/// The release that broke the application funnel.
#[rustfmt::skip]
pub(super) const RELEASE: [Column; 6] = [
    ("version", Text), ("device", Text), ("funnel", Text), ("step", Text), ("from", Date), ("mended", Date),
];

/// Applications for credit: who belonged to the group that the old policy disfavoured, and the true risk of all, the refused included.
#[rustfmt::skip]
pub(super) const POLICY: [Column; 10] = [
    ("application", Text), ("person", Int), ("customer_no", Text), ("day", Date), ("disfavoured", Bool),
    ("old_policy", Bool), ("score", Int), ("approved", Bool), ("pd", Float), ("would_default", Bool),
];

/// The days, and how much of each kind of thing happens on them; 1 is usual. Weekdays are 1 (Monday) to 7.
#[rustfmt::skip]
pub(super) const CALENDAR: [Column; 10] = [
    ("day", Date), ("weekday", Int), ("working", Bool), ("holiday", Text), ("moved", Bool),
    ("from_lunar_new_year", Int), ("daily", Float), ("leisure", Float), ("online", Float), ("business", Float),
];

/// Every flaw that was planted. Rows count from 1 without the header; `*` is the whole record.
#[rustfmt::skip]
pub(super) const ERROR: [Column; 6] = [
    ("system", Text), ("file", Text), ("row_number", Int), ("column", Text), ("kind", Text), ("found_as", Text),
];
