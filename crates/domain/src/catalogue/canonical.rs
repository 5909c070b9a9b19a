//! The canonical tables, as data: one line a column.

use super::{ColumnDef, ColumnType, DataClass, TableDef};
use ColumnType::{Bool, Date, Decimal, Int, Text, Timestamp};
use DataClass::{C1, C2, C3, Identifying};

/// `!` after a name: a row without it cannot be stored.
type Column = (&'static str, ColumnType, DataClass, &'static str);

struct Spec {
    name: &'static str,
    about: &'static str,
    key: &'static [&'static str],
    versions_of: &'static [&'static str],
    order: &'static [&'static str],
    columns: &'static [Column],
}

const SPECS: &[Spec] = &[
    Spec {
        name: "customer",
        about: "a person or business, one version",
        key: &["customer_id", "valid_from"],
        versions_of: &["customer_id"],
        order: &["valid_from"],
        columns: &[
            ("customer_id!", Int, C1, "dense, from 1"),
            ("kind", Text, C1, "person or business"),
            ("birth_date", Date, C2, ""),
            ("gender", Text, C2, "female, male or other"),
            ("region", Text, C2, "where the customer lives, as coarse as the bank wants it"),
            ("occupation", Text, C2, ""),
            ("income_band", Text, C2, ""),
            ("joined_on", Date, C1, "first day as a customer"),
            ("risk_tolerance", Text, C2, "C1 (cautious) to C5 (bold)"),
            ("valid_from!", Timestamp, C1, "from when this version holds"),
        ],
    },
    Spec {
        name: "identifier",
        about: "one way to recognise a customer",
        key: &["customer_id", "kind", "token"],
        versions_of: &[],
        order: &[],
        columns: &[
            ("customer_id!", Int, C1, ""),
            ("kind!", Text, C1, "national_id, name, phone, email, card, device, login, …"),
            ("token!", Text, Identifying, "keyed token; the value is in the vault"),
        ],
    },
    Spec {
        name: "account",
        about: "an account, one version",
        key: &["account_id", "valid_from"],
        versions_of: &["account_id"],
        order: &["account_id", "valid_from"],
        columns: &[
            ("account_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id!", Int, C1, "the owner"),
            ("product_id", Int, C1, ""),
            ("opened_on", Date, C2, ""),
            ("closed_on", Date, C2, ""),
            ("currency", Text, C1, "ISO 4217"),
            ("credit_limit", Decimal, C2, ""),
            ("status", Text, C2, ""),
            ("valid_from!", Timestamp, C1, "from when this version holds"),
        ],
    },
    Spec {
        name: "relationship",
        about: "who may use an account",
        key: &["customer_id", "account_id", "role"],
        versions_of: &[],
        order: &["account_id"],
        columns: &[
            ("customer_id!", Int, C1, ""),
            ("account_id!", Int, C1, ""),
            ("role!", Text, C2, "owner, disponent, …"),
        ],
    },
    Spec {
        name: "product",
        about: "something the bank sells",
        key: &["product_id"],
        versions_of: &[],
        order: &[],
        columns: &[
            ("product_id!", Int, C1, "keyed hash of the source's own key"),
            ("name!", Text, C1, ""),
            ("family", Text, C1, "account, card, loan, fund, …"),
            ("risk_level", Text, C1, "R1 (low) to R5 (high)"),
            ("active", Bool, C1, ""),
        ],
    },
    Spec {
        name: "transaction",
        about: "money moved",
        key: &["transaction_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("transaction_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id!", Int, C1, "who owns the account"),
            ("account_id", Int, C1, ""),
            ("ts!", Timestamp, C2, "when it was booked"),
            ("amount!", Decimal, C2, "never negative; `direction` says which way"),
            ("direction!", Text, C2, "in or out"),
            ("currency", Text, C1, "ISO 4217"),
            ("kind", Text, C2, ""),
            ("channel", Text, C1, ""),
            ("counterparty", Text, C2, "a token where it recognises a person"),
            ("merchant_category", Text, C2, ""),
            ("place", Text, C2, ""),
            ("device", Text, C2, ""),
            ("status", Text, C1, ""),
            ("balance_after", Decimal, C2, ""),
        ],
    },
    Spec {
        name: "loan",
        about: "credit granted, one version",
        key: &["loan_id", "valid_from"],
        versions_of: &["loan_id"],
        order: &["loan_id", "valid_from"],
        columns: &[
            ("loan_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id!", Int, C1, ""),
            ("account_id", Int, C1, ""),
            ("ts!", Timestamp, C2, "when it was granted"),
            ("amount!", Decimal, C2, ""),
            ("term_months", Int, C2, ""),
            ("instalment", Decimal, C2, "a month"),
            ("status", Text, C2, "as known from `valid_from` on"),
            ("valid_from!", Timestamp, C1, "from when this version holds"),
        ],
    },
    Spec {
        name: "event",
        about: "something done in a channel",
        key: &["event_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("event_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id", Int, C1, "absent while the visitor is anonymous"),
            ("anonymous_id", Text, Identifying, ""),
            ("ts!", Timestamp, C2, ""),
            ("name!", Text, C1, ""),
            ("channel", Text, C1, ""),
            ("session_id", Text, C1, ""),
            ("device", Text, C2, ""),
            ("product_id", Int, C1, ""),
            ("amount", Decimal, C2, ""),
            ("duration_ms", Int, C1, ""),
            ("properties", Text, C2, "JSON"),
        ],
    },
    Spec {
        name: "interaction",
        about: "words exchanged",
        key: &["interaction_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("interaction_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id", Int, C1, ""),
            ("ts!", Timestamp, C2, ""),
            ("channel", Text, C1, ""),
            ("kind", Text, C1, "inquiry, complaint, feedback, call, chat, social"),
            ("text", Text, C3, ""),
            ("agent", Text, C1, ""),
            ("resolved_at", Timestamp, C1, ""),
            ("satisfaction", Int, C2, ""),
        ],
    },
    Spec {
        name: "contact",
        about: "an offer made",
        key: &["contact_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("contact_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id!", Int, C1, ""),
            ("campaign!", Text, C1, ""),
            ("arm", Text, C1, ""),
            ("channel", Text, C1, ""),
            ("ts!", Timestamp, C2, ""),
            ("cost", Decimal, C1, ""),
        ],
    },
    Spec {
        name: "response",
        about: "what came of an offer",
        key: &["response_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("response_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id!", Int, C1, ""),
            ("campaign!", Text, C1, ""),
            ("ts!", Timestamp, C2, ""),
            ("kind!", Text, C2, ""),
            ("value", Decimal, C2, ""),
        ],
    },
    Spec {
        name: "survey_response",
        about: "an answer",
        key: &["answer_id"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("answer_id!", Int, C1, "keyed hash of the source's own key"),
            ("customer_id", Int, C1, ""),
            ("survey!", Text, C1, ""),
            ("question!", Text, C1, ""),
            ("ts!", Timestamp, C2, ""),
            ("score", Decimal, C2, ""),
            ("text", Text, C3, ""),
        ],
    },
    Spec {
        name: "consent",
        about: "a customer's word on a purpose",
        key: &["customer_id", "purpose", "ts"],
        versions_of: &[],
        order: &["ts"],
        columns: &[
            ("customer_id!", Int, C1, ""),
            ("purpose!", Text, C1, "service, analytics, marketing, risk or compliance"),
            ("state!", Text, C1, "given or withdrawn"),
            ("ts!", Timestamp, C1, ""),
            ("notice", Text, C1, "which notice the customer was shown"),
        ],
    },
];

/// Tables that Florin makes itself: no source can fill them.
const DERIVED: &[Spec] = &[Spec {
    name: "anonymous_span",
    about: "a time in which what an anonymous visitor does is a customer's; found by `florin resolve`",
    key: &["anonymous_id", "first_ts"],
    versions_of: &[],
    order: &["first_ts"],
    columns: &[
        ("customer_id!", Int, C1, "whose it is"),
        ("anonymous_id!", Text, Identifying, "as in `event`"),
        ("first_ts!", Timestamp, C2, "its first moment"),
        ("last_ts!", Timestamp, C2, "its last moment"),
    ],
}];

fn column(&(name, ty, class, about): &Column) -> ColumnDef {
    ColumnDef {
        name: name.trim_end_matches('!').to_owned(),
        ty,
        class,
        required: name.ends_with('!'),
        about: about.to_owned(),
    }
}

fn table(spec: &Spec) -> TableDef {
    let owned = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
    TableDef {
        name: spec.name.to_owned(),
        about: spec.about.to_owned(),
        key: owned(spec.key),
        versions_of: owned(spec.versions_of),
        order: owned(spec.order),
        purposes: Vec::new(),
        columns: spec.columns.iter().map(column).collect(),
    }
}

/// The canonical tables, in the order of DESIGN's table of tables.
#[must_use]
pub fn canonical_tables() -> Vec<TableDef> {
    SPECS.iter().map(table).collect()
}

/// The tables that Florin makes itself, by name.
#[must_use]
pub fn derived_tables() -> Vec<TableDef> {
    DERIVED.iter().map(table).collect()
}
