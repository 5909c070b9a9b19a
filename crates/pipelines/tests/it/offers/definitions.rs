//! Definitions of offers: what is wrong is told with its file and line.

use florin_pipelines::{apply::apply, bank::Bank};

use super::made::{FUND, scored, with_offers};
use crate::support::TestBank;

fn problems(bank: &TestBank) -> String {
    Bank::read(bank.path()).err().unwrap().to_string()
}

#[test]
fn what_is_wrong_with_an_offer_points_at_its_line() {
    let bank = with_offers();
    for (from, to, words) in [
        ("payments_30d >= 0", "payment_30d >= 0", "offers/fund.toml:6: there is no trait `payment_30d`"),
        (
            "payments_30d >= 0",
            "region > 5 and payments_30d + 1",
            "offers/fund.toml:6: `region > 5 AND payments_30d + 1`",
        ),
        ("payments_30d >= 0", "payments_30d like 'x'", "offers/fund.toml:6"),
        ("payments_30d >= 0", "secret > 1", "may not be used for marketing"),
        ("propensity = \"leaving\"", "propensity = \"leafing\"", "offers/fund.toml:14: there is no model `leafing`"),
        ("propensity = \"leaving\"", "uplift = \"leaving\"", "foretells a chance"),
        ("quiet_days =", "region =", "`region` is protected"),
        ("value = 5.0", "worth = 5.0", "unknown field `worth`"),
    ] {
        let text = FUND.replace(from, to);
        assert_ne!(text, FUND, "{from}");
        bank.write("offers/fund.toml", text);
        let found = problems(&bank);
        assert!(found.contains(words), "{words}: {found}");
    }
    bank.write("offers/fund.toml", FUND);
    let rules = std::fs::read_to_string(bank.path().join("offers/rules.toml")).unwrap();
    bank.write("offers/rules.toml", rules.replace("FROM assessment\"", "FROM assessment WHERE made_on < now()\""));
    let found = problems(&bank);
    assert!(found.contains("offers/rules.toml:11: the query reads the clock by `now`"), "{found}");
    bank.write("offers/rules.toml", rules.replace("FROM assessment\"", "FROM assesment\""));
    let found = problems(&bank);
    assert!(found.contains("offers/rules.toml:11: there is no table `assesment`"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_checks_offers_beside_the_products_that_are_sold() {
    let bank = with_offers();
    let note = apply(&bank.open("owner").await, true).await.unwrap().notes.join("\n");
    assert!(note.contains("no product is loaded"), "{note}");
    scored(&bank).await;
    let applied = apply(&bank.open("owner").await, false).await.unwrap();
    assert_eq!(applied.notes, Vec::<String>::new());
    assert!(applied.changes.iter().any(|change| change.kind == "offer" && change.name == "fund"));
    for (from, to, words) in [
        (
            "product = \"fund\"",
            "product = \"fond\"",
            "offers/fund.toml:3: there is no product `fond`\n  help: did you mean `fund`?",
        ),
        ("product = \"fund\"", "product = \"old\"", "offers/fund.toml:3: product `old` is no longer sold"),
        ("risk_level = \"R3\"", "risk_level = \"R2\"", "the higher one counts: write R3"),
    ] {
        bank.write("offers/fund.toml", FUND.replace(from, to));
        let error = apply(&bank.open("owner").await, true).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
