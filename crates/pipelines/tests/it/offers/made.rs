//! The bank whose customers say goodbye, with products, holdings, complaints and offers.

use std::fmt::Write as _;

use florin_domain::{EventTime, Purpose};
use florin_pipelines::{
    House,
    load::Silent,
    offers::{AT_MOST, Recommended, recommend},
};

use crate::{
    models::made::{AS_OF, PEOPLE, bank, promoted, run_all},
    support::{Rng, TestBank, map, moment},
};

const ASSESSMENT: &str = r#"
name = "assessment"
about = "what a customer was found to bear"
key = ["customer_id", "made_on"]
columns = [
    { name = "customer_id", type = "int", class = "C1", required = true },
    { name = "made_on", type = "date", class = "C2" },
    { name = "tolerance", type = "text", class = "C2" },
]
"#;

const RULES: &str = r#"
weights = { propensity = 1.0, uplift = 1.0, alike = 0.5 }
value_weight = 0.0

[[contacts]]
scope = "all"
at_most = 2
days = 30

[facts]
assessments = "SELECT customer_id, tolerance, CAST(made_on AS TIMESTAMP) AS made_at FROM assessment"
log = """
SELECT c.customer_id, CASE c.arm WHEN 'treatment' THEN c.campaign END AS product, c.ts, 0.5 AS chance,
       CASE WHEN a.customer_id IS NULL THEN 0.0 ELSE 1.0 END AS reward
FROM contact c LEFT JOIN (SELECT a.customer_id, p.name FROM account a JOIN product p ON p.product_id = a.product_id) a
  ON a.customer_id = c.customer_id AND a.name = c.campaign
"""
"#;

/// As `offers/fund.toml`.
pub(crate) const FUND: &str = r#"
name = "fund"
product = "fund"
meaning = { zh = "基金", en = "a fund" }
purposes = ["marketing"]
eligibility = "payments_30d >= 0"
group = "investment"
value = 5.0

[suitability]
risk_level = "R3"

[score]
propensity = "leaving"

[reasons]
quiet_days = { zh = "距上次交易{value}天", en = "{value} quiet days" }
"#;

const CARD: &str = r#"
name = "card"
product = "card"
meaning = { zh = "信用卡", en = "a credit card" }
purposes = ["marketing", "service"]
eligibility = "customer_id not in (select customer_id from transaction where kind = 'fraud')"
group = "credit"
value = 3.0
unrated = "a card, no investment"
after_refusal_days = 60
"#;

const DEPOSIT: &str = r#"
name = "deposit"
product = "deposit"
meaning = { zh = "定期存款", en = "a deposit" }
purposes = ["marketing", "service"]
group = "saving"
value = 1.0
unrated = "a deposit of ours has no risk level"
"#;

/// Everything but what was promoted and loaded.
pub(crate) fn with_offers() -> TestBank {
    let bank = bank();
    bank.write("tables/assessment.toml", ASSESSMENT);
    bank.write("offers/rules.toml", RULES);
    bank.write("offers/fund.toml", FUND);
    bank.write("offers/card.toml", CARD);
    bank.write("offers/deposit.toml", DEPOSIT);
    bank.source(
        "d_product",
        &["name \"text\"", "risk \"text\"", "sold \"bool\""],
        &map(
            "product",
            "select key('product', p.name) as product_id, p.name as name, p.risk as risk_level, p.sold as active, timestamp '2025-01-01' as known_at from d_product p",
        ),
    );
    bank.write("data/d_product.csv", "name,risk,sold\nfund,R3,true\ncard,,true\ndeposit,,true\nold,,false\n");
    bank.source(
        "e_account",
        &["id \"int\"", "who \"int\"", "product \"text\"", "opened \"date\""],
        &map(
            "account",
            "select key('account', a.id) as account_id, customer_id('core', a.who) as customer_id, key('product', a.product) as product_id, a.opened as opened_on, cast(a.opened as timestamp) as valid_from, cast(a.opened as timestamp) as known_at from e_account a",
        ),
    );
    bank.write("data/e_account.csv", accounts());
    bank.source(
        "f_said",
        &["id \"int\"", "who \"int\"", "kind \"text\"", "at \"timestamp\""],
        &map(
            "interaction",
            "select key('said', s.id) as interaction_id, customer_id('core', s.who) as customer_id, s.at as ts, s.kind as kind, s.at as known_at from f_said s",
        ),
    );
    bank.write(
        "data/f_said.csv",
        "id,who,kind,at\n1,3,complaint,2025-10-20T03:00:00Z\n2,4,inquiry,2025-10-20T03:00:00Z\n",
    );
    bank.source(
        "g_touched",
        &["id \"int\"", "who \"int\"", "offer \"text\"", "arm \"text\"", "at \"timestamp\""],
        &map(
            "contact",
            "select key('touched', t.id) as contact_id, customer_id('core', t.who) as customer_id, t.offer as campaign, t.arm as arm, t.at as ts, t.at as known_at from g_touched t",
        ),
    );
    bank.write("data/g_touched.csv", contacts());
    bank.source(
        "h_refused",
        &["id \"int\"", "who \"int\"", "offer \"text\"", "at \"timestamp\""],
        &map(
            "response",
            "select key('refused', r.id) as response_id, customer_id('core', r.who) as customer_id, r.offer as campaign, r.at as ts, 'refused' as kind, r.at as known_at from h_refused r",
        ),
    );
    bank.write(
        "data/h_refused.csv",
        "id,who,offer,at\n1,11,card,2025-10-01T03:00:00Z\n2,13,card,2025-05-01T03:00:00Z\n",
    );
    bank.source(
        "i_asked",
        &["who \"int\"", "grade \"text\"", "on \"date\""],
        &map(
            "assessment",
            "select customer_id('core', a.who) as customer_id, a.on as made_on, a.grade as tolerance, cast(a.on as timestamp) as known_at from i_asked a",
        ),
    );
    bank.write("data/i_asked.csv", assessments());
    bank
}

/// Nobody has everything; who has a deposit often takes a fund later.
fn accounts() -> String {
    let mut rng = Rng::new(3);
    let (mut text, mut id) = ("id,who,product,opened\n".to_owned(), 0);
    let mut open = |who: usize, product: &str, month: usize, day: usize| {
        id += 1;
        writeln!(text, "{id},{who},{product},2025-{month:02}-{day:02}").unwrap();
    };
    // Customers up to 20 are those of whom tests know what they have: nothing.
    for who in 21..=PEOPLE {
        let deposit = rng.once_in(2);
        let first = if deposit { "deposit" } else { "card" };
        open(who, first, 1 + rng.below(3), 1 + rng.below(28));
        if !rng.once_in(4) {
            let usual = if deposit { "fund" } else { "deposit" };
            let wanted = if deposit && rng.once_in(12) { "card" } else { usual };
            open(who, wanted, 4 + rng.below(7), 1 + rng.below(28));
        }
    }
    text
}

/// Customer 9 was contacted twice in October, 10 once and once held back; everybody from 21 on has a row of the log in September.
fn contacts() -> String {
    let mut text =
        "id,who,offer,arm,at\n1,9,card,treatment,2025-10-10T03:00:00Z\n2,9,fund,treatment,2025-10-12T03:00:00Z\n\
                    3,10,card,treatment,2025-10-10T03:00:00Z\n4,10,fund,control,2025-10-12T03:00:00Z\n"
            .to_owned();
    let mut rng = Rng::new(4);
    for who in 21..=PEOPLE {
        let (offer, arm) = (rng.pick(&["fund", "card", "deposit"]), rng.pick(&["treatment", "control"]));
        writeln!(text, "{who},{who},{offer},{arm},2025-09-{:02}T03:00:00Z", 1 + rng.below(28)).unwrap();
    }
    text
}

/// All bear C3 since the summer; 5 bears C2, 6 was asked too long ago, and 12 never.
fn assessments() -> String {
    let mut text = "who,grade,on\n".to_owned();
    for who in (1..=PEOPLE).filter(|who| *who != 12) {
        let (grade, on) = match who {
            5 => ("C2", "2025-06-01"),
            6 => ("C5", "2024-06-01"),
            _ => ("C3", "2025-06-01"),
        };
        writeln!(text, "{who},{grade},{on}").unwrap();
    }
    text
}

pub(crate) fn at() -> EventTime {
    EventTime(moment(AS_OF))
}

/// Loaded, with scores and nothing recommended yet.
pub(crate) async fn scored(bank: &TestBank) -> House {
    bank.ingest().await;
    promoted(bank).await;
    let house = bank.open("owner").await;
    run_all(&house, AS_OF).await;
    house
}

/// Everybody's recommendations, for all purposes.
pub(crate) async fn recommended(house: &House) -> Vec<Recommended> {
    let made = recommend(house, &[], at(), AT_MOST, false, &Silent).await.unwrap();
    assert!(made.iter().all(|made| made.failed.is_none()), "{made:?}");
    made
}

pub(crate) fn of(made: &[Recommended], purpose: Purpose) -> &Recommended {
    made.iter().find(|made| made.purpose == purpose).unwrap()
}
