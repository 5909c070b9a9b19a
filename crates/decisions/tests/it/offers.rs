//! Definitions of offers.

use florin_decisions::{
    DecisionError,
    offers::{OfferFile, RulesFile, Scope, compile},
    suitability::{RiskLevel, Tolerance},
};

use crate::bank::{CARD, RULES, file, files, fund, known, offers, problems, rules};

fn messages(text: &str) -> String {
    problems(text).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn sound_offers_compile_by_name_with_the_rules_limits_among_their_own() {
    let offers = offers();
    let names: Vec<&str> = offers.all().iter().map(|offer| offer.name.as_str()).collect();
    assert_eq!(names, ["card", "cash", "futures", "mixed"]);
    let card = offers.get("card").expect("there");
    assert_eq!(card.contacts.iter().map(|limit| limit.scope).collect::<Vec<_>>(), [Scope::Offer, Scope::All]);
    let eligibility = card.eligibility.as_ref().expect("one");
    assert_eq!(eligibility.traits.iter().map(String::as_str).collect::<Vec<_>>(), ["age", "balance_30d"]);
    assert_eq!(offers.get("mixed").expect("there").suitability.expect("rated").tolerance_min, Tolerance::C3);
    let error = offers.get("carb").expect_err("misspelt").to_string();
    assert_eq!(error, "there is no offer `carb`; did you mean `card`?");
}

#[test]
fn the_order_of_files_changes_nothing() {
    let mut turned = files();
    turned.reverse();
    assert_eq!(compile(&turned, Some(&rules(RULES)), &known()).expect("sound"), offers());
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    let problem = OfferFile::parse("offers/x.toml", &CARD.replace("eligibility", "eligiblity")).expect_err("misspelt");
    assert_eq!(problem.help, "did you mean `eligibility`?");
    assert_eq!(problem.line(CARD), Some(6));
    let problem = OfferFile::parse("offers/x.toml", &fund("x", "FD003", "R6", 1.0)).expect_err("no such level");
    assert!(problem.message.contains("R6"), "{problem}");
    let problem = RulesFile::parse("offers/rules.toml", "value_wieght = 1.0").expect_err("misspelt");
    assert_eq!(problem.help, "did you mean `value_weight`?");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_points_to_its_place() {
    let text = CARD
        .replace("\"CC001\"", "\"CC01\"")
        .replace("value = 60.0", "value = 0.0")
        .replace("age >= 18", "agee >= 18")
        .replace("\"takes_card\"", "\"take_card\"");
    let problems = problems(&text);
    let told: Vec<(Option<usize>, &str)> = problems.iter().map(|p| (p.line(&text), p.help.as_str())).collect();
    assert_eq!(told.len(), 4, "nothing follows from what is told already: {told:?}");
    for wanted in [
        (Some(3), "did you mean `CC001`?"),
        (Some(6), "did you mean `age`?"),
        (Some(8), "it is above 0; 1 for all offers lets it weigh nothing"),
        (Some(12), "did you mean `takes_card`?"),
    ] {
        assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
    }
}

#[test]
fn an_offer_cannot_be_laxer_than_its_product_or_the_matrix() {
    let lower = messages(&fund("x", "FD003", "R2", 1.0));
    assert!(
        lower.contains("product `FD003` has the risk level R3, and the offer says R2") && lower.contains("write R3"),
        "{lower}"
    );
    let laxer = messages(
        &fund("x", "FD003", "R3", 1.0).replace("risk_level = \"R3\"", "risk_level = \"R3\"\ntolerance_min = \"C2\""),
    );
    assert!(laxer.contains("a bank may be stricter than the matrix, not laxer"), "{laxer}");
    let older = messages(&fund("x", "FD003", "R3", 1.0).replace("risk_level", "assessment_days_max = 400\nrisk_level"));
    assert!(older.contains("an assessment of up to 400 days"), "{older}");
    let unrated = messages(&CARD.replace("CC001", "FD005"));
    assert!(unrated.contains("product `FD005` has the risk level R5"), "{unrated}");
    let silent = messages(&CARD.replace("unrated = \"a card, no investment\"", ""));
    assert!(silent.contains("does not say whom its risk suits"), "{silent}");
    let stricter = fund("x", "FD003", "R4", 1.0);
    let sound = compile(&[file("x", &stricter)], None, &known()).expect("stricter is fine");
    assert_eq!(sound.all()[0].suitability.expect("rated").risk, RiskLevel::R4);
}

#[test]
fn a_predicate_must_have_the_form_of_one() {
    let with = |predicate: &str| messages(&CARD.replace("age >= 18 and balance_30d > 100", predicate));
    for (predicate, wanted) in [
        ("age >=", "cannot be read"),
        ("age + 1", "neither true nor false"),
        ("age", "no-such-message"),
        ("age > 1; drop table x", "more behind the predicate"),
        ("age > 1 order by age", "more behind the predicate"),
        ("age > date_part('year', now())", "reads the clock by `now`"),
        ("current_date > '2020-01-01'", "reads the clock"),
        ("traits.age > 18", "names a table"),
        ("income > 5", "may not be used for marketing"),
    ] {
        if predicate == "age" {
            let sound = CARD.replace("age >= 18 and balance_30d > 100", predicate);
            assert!(compile(&[file("x", &sound)], None, &known()).is_ok(), "a trait may be a truth value");
            continue;
        }
        let told = with(predicate);
        assert!(told.contains(wanted), "{predicate}: {told}");
    }
    let nested = "customer_id in (select a.customer_id from account a where a.status = 'open') and age > 18";
    assert!(compile(&[file("x", &CARD.replace("age >= 18 and balance_30d > 100", nested))], None, &known()).is_ok());
}

#[test]
fn what_is_protected_is_never_given_a_text_and_models_are_used_as_what_they_are() {
    let protected = messages(&CARD.replace("[reasons]", "[reasons]\nage = { zh = \"年龄\", en = \"age\" }"));
    assert!(protected.contains("`age` is protected"), "{protected}");
    let unknown = messages(&CARD.replace("balance_30d = {", "balance_30 = {"));
    assert!(unknown.contains("did you mean `balance_30d`?"), "{unknown}");
    let mixed_up = messages(&CARD.replace("\"takes_card\"", "\"fund_effect\""));
    assert!(mixed_up.contains("name it as `uplift`"), "{mixed_up}");
    let purpose = messages(&CARD.replace("[\"marketing\"]", "[\"service\"]"));
    assert!(purpose.contains("model `takes_card` may not be used for service"), "{purpose}");
}

#[test]
fn two_offers_of_one_name_and_rules_out_of_their_bounds_are_refused() {
    let twice = compile(&[file("a", CARD), file("b", CARD)], None, &known());
    assert!(
        matches!(&twice, Err(DecisionError::Definitions(p)) if p[0].message.contains("offers/a.toml too")),
        "{twice:?}"
    );
    for wrong in [
        "value_weight = 1.5",
        "value_weight = nan",
        "group_discount = 0.0",
        "per_group_max = 0",
        "weights = { propensity = 0.0, uplift = 0.0, alike = 0.0 }",
        "weights = { propensity = -1.0, uplift = 2.0, alike = 0.0 }",
        "[[contacts]]\nscope = \"all\"\nat_most = 0\ndays = 3",
        "[[contacts]]\nscope = \"all\"\nat_most = 1\ndays = 0",
    ] {
        assert!(compile(&files(), Some(&rules(wrong)), &known()).is_err(), "{wrong}");
    }
}

#[test]
fn facts_come_from_the_canonical_tables_unless_the_bank_says_otherwise() {
    let usual = offers().rules().facts.clone();
    assert!(usual.complaints.contains("interaction") && usual.log.is_none());
    let text = "personalisation = \"marketing\"\n[facts]\ncomplaints = \" SELECT customer_id FROM cases \"\nlog = \"SELECT 1\"";
    let offers = compile(&files(), Some(&rules(text)), &known()).expect("sound");
    let facts = &offers.rules().facts;
    assert_eq!((facts.complaints.as_str(), facts.log.as_deref()), ("SELECT customer_id FROM cases", Some("SELECT 1")));
    assert_eq!((&facts.holdings, offers.rules().personalisation), (&usual.holdings, florin_domain::Purpose::Marketing));
    for (wrong, told) in [
        ("holdings = \"SELEC 1\"", "cannot be read"),
        ("holdings = \"DELETE FROM account\"", "it is not one query"),
        ("holdings = \"SELECT 1 WHERE now() > 1\"", "reads the clock by `now`"),
        ("holding = \"SELECT 1\"", ""),
    ] {
        let text = format!("[facts]\n{wrong}");
        let Ok(parsed) = RulesFile::parse("offers/rules.toml", &text) else {
            assert!(told.is_empty(), "{wrong}");
            continue;
        };
        let found = compile(&files(), Some(&("offers/rules.toml".to_owned(), parsed)), &known()).expect_err(wrong);
        assert!(found.to_string().contains(told), "{wrong}: {found}");
    }
}
