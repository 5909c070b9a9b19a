//! Rankings: no veto is beaten, nothing personal reaches one who declined, and the order of what is handed in does not count.

use std::collections::{BTreeMap, BTreeSet};

use florin_decisions::{
    Holdings,
    alike::{Alike, ChooseSettings, Method, TakeUp, choose},
    evaluation::by_customer,
    offers::{Offers, compile},
    ranking::{LeftOut, Personal, Ranker, ReasonKind, Signals},
    standing::{Contact, Standing},
    suitability::{Assessment, Tolerance},
    vetoes::{Veto, vetoes},
};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_models::explain::Reason;
use proptest::prelude::*;

use crate::bank::{DAY, NOW, RULES, asked, files, known, offers, rules, welcome, words};

fn signals(propensity: f64, uplift: f64, alike: f64) -> Signals {
    Signals { propensity: Some(propensity), uplift: Some(uplift), alike: Some(alike), ..Signals::default() }
}

fn all_alike() -> Personal {
    let names = ["card", "cash", "mixed", "futures"];
    Personal { signals: names.map(|name| (name.to_owned(), signals(0.5, 0.1, 0.2))).into() }
}

fn ask(standing: &Standing, personal: &Personal) -> florin_decisions::ranking::Ranking {
    let (offers, names) = (offers(), BTreeMap::new());
    let who = standing.personalisable().expect("agreed");
    Ranker::new(&offers, &names).rank_personal(who, personal, &asked()).expect("sound")
}

fn names(ranking: &florin_decisions::ranking::Ranking) -> Vec<&str> {
    ranking.offers.iter().map(|offer| offer.offer.as_str()).collect()
}

#[test]
fn value_weighs_by_its_root_and_variety_by_its_discount() {
    // By value alone: futures 400, mixed 100, card 60, cash 20; one fund counts 0.7 of the one before.
    let ranking = ask(&welcome(), &all_alike());
    assert_eq!(names(&ranking), ["futures", "card", "mixed"], "√(100/400) · 0.7 = 0.35 < √(60/400) = 0.39");
    assert_eq!(ranking.left_out, [("cash".to_owned(), LeftOut::GroupFull)]);
    let mean = 0.5 * 0.5 + 0.3 * 0.1 + 0.2 * 0.2;
    assert!((ranking.offers[0].score - mean).abs() < 1e-12 && ranking.offers[0].parts.value_factor == 1.0);
}

#[test]
fn an_offer_without_a_part_is_scored_by_the_others_and_one_without_any_is_left_out() {
    let one = Signals { propensity: Some(0.4), ..Signals::default() };
    let personal = Personal { signals: BTreeMap::from([("futures".to_owned(), one)]) };
    let ranking = ask(&welcome(), &personal);
    assert!((ranking.offers[0].score - 0.4).abs() < 1e-12);
    let nothing = ["card", "cash", "mixed"].map(|name| (name.to_owned(), LeftOut::NothingKnown));
    assert_eq!(ranking.left_out, nothing);
}

#[test]
fn an_offer_that_puts_people_off_comes_last() {
    let mut personal = all_alike();
    personal.signals.insert("futures".to_owned(), signals(0.0, -0.5, 0.0));
    assert_eq!(names(&ask(&welcome(), &personal)), ["mixed", "card", "cash"], "two other funds fill the group");
    personal.signals.remove("cash");
    assert_eq!(names(&ask(&welcome(), &personal)), ["mixed", "card", "futures"]);
}

#[test]
fn each_veto_comes_with_its_words_in_both_languages() {
    let past = |days: i64| EventTime(NOW.micros() - days * DAY);
    let contact = |offer: &str, group: &str, days: i64| Contact {
        offer: offer.to_owned(),
        group: group.to_owned(),
        at: past(days),
    };
    let assessed = |tolerance, days| Some(Assessment { tolerance, made_at: past(days) });
    let cases: [(&str, Standing, &str); 10] = [
        ("card", Standing { purposes: BTreeSet::new(), ..welcome() }, "the customer has not agreed to marketing"),
        ("cash", Standing { assessment: None, ..welcome() }, "was not assessed"),
        ("cash", Standing { assessment: assessed(Tolerance::C5, 366), ..welcome() }, "older than 365 days"),
        (
            "mixed",
            Standing { assessment: assessed(Tolerance::C2, 1), ..welcome() },
            "a tolerance of C3 or more; the customer's is C2",
        ),
        ("card", Standing { eligible: BTreeMap::from([("card".to_owned(), false)]), ..welcome() }, "does not meet"),
        ("card", Standing { eligible: BTreeMap::new(), ..welcome() }, "cannot be told"),
        ("card", Standing { products: BTreeSet::from(["CC001".to_owned()]), ..welcome() }, "has this product already"),
        ("card", Standing { open_complaints: 2, ..welcome() }, "2 of the customer's complaints are not resolved"),
        (
            "card",
            Standing { contacts: vec![contact("card", "card", 29)], ..welcome() },
            "with this offer 1 times in the last 30 days; the limit is 1",
        ),
        (
            "card",
            Standing { refusals: vec![contact("card", "card", 89)], ..welcome() },
            "refused this offer within the last 90 days",
        ),
    ];
    for (offer, standing, wanted) in cases {
        let ranking = ask(&standing, &all_alike());
        assert!(!names(&ranking).contains(&offer), "{offer}: {wanted}");
        let withheld = ranking.withheld.iter().find(|w| w.offer == offer).expect("withheld");
        let [(_, told)] = &withheld.vetoes[..] else { panic!("{:?}", withheld.vetoes) };
        assert!(told.en.contains(wanted), "{}", told.en);
        assert!(told.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}", told.zh);
    }
}

#[test]
fn contacts_and_refusals_that_are_long_past_do_not_count_and_planned_ones_do() {
    let contact = |days: i64| Contact {
        offer: "card".to_owned(),
        group: "card".to_owned(),
        at: EventTime(NOW.micros() - days * DAY),
    };
    let with = |contacts, refusals| Standing { contacts, refusals, ..welcome() };
    assert!(names(&ask(&with(vec![contact(30)], vec![contact(90)]), &all_alike())).contains(&"card"));
    assert!(!names(&ask(&with(vec![contact(-1)], vec![]), &all_alike())).contains(&"card"));
    let other = Contact { offer: "loan".to_owned(), group: "loan".to_owned(), at: NOW };
    assert!(
        names(&ask(&with(vec![other.clone(); 3], vec![]), &all_alike())).is_empty(),
        "three contacts of any kind are the limit"
    );
    assert!(!names(&ask(&with(vec![other; 2], vec![]), &all_alike())).is_empty());
}

#[test]
fn an_offer_is_only_made_for_a_purpose_it_has() {
    let (offers, none) = (offers(), BTreeMap::new());
    let standing = Standing { purposes: Purpose::ALL.into(), ..welcome() };
    let asked = florin_decisions::ranking::Asked { purpose: Purpose::Service, ..asked() };
    let who = standing.personalisable().expect("agreed");
    let ranking = Ranker::new(&offers, &none).rank_personal(who, &all_alike(), &asked).expect("sound");
    assert!(
        ranking.offers.is_empty()
            && ranking.withheld.iter().all(|w| w.vetoes[0].0 == Veto::NotForPurpose(Purpose::Service))
    );
}

#[test]
fn reasons_name_no_protected_feature_and_say_what_alike_customers_hold() {
    let reason = |feature: &str, value: Option<&str>, contribution: f64| Reason {
        feature: feature.to_owned(),
        value: value.map(str::to_owned),
        contribution,
    };
    let reasons =
        vec![reason("age", Some("31"), 0.9), reason("balance_30d", Some("5200"), 0.4), reason("visits", None, 0.1)];
    let one =
        Signals { propensity_reasons: reasons, alike_because: vec!["FD001".to_owned()], ..signals(0.5, 0.1, 0.2) };
    let personal = Personal { signals: BTreeMap::from([("card".to_owned(), one)]) };
    let ranking = ask(&welcome(), &personal);
    let told: Vec<(ReasonKind, &str, &str)> =
        ranking.offers[0].reasons.iter().map(|r| (r.kind, r.words.en.as_str(), r.words.zh.as_str())).collect();
    assert_eq!(
        told,
        [
            (ReasonKind::Propensity, "your recent balance is 5200", "您近期的余额为5200"),
            (
                ReasonKind::Alike,
                "customers who have fund cash often choose credit card too",
                "持有基金cash的客户也常选择信用卡"
            ),
        ]
    );
    let mut gap = personal;
    for signals in gap.signals.values_mut() {
        signals.propensity_reasons = vec![reason("balance_30d", None, 0.4), reason("balance_30d", Some("1"), -0.4)];
    }
    assert_eq!(ask(&welcome(), &gap).offers[0].reasons.len(), 1, "no value to tell, or it lowered the score");
}

#[test]
fn one_who_declined_cannot_be_ranked_by_what_is_personal() {
    let declined = Standing { personalised: false, ..welcome() };
    assert!(declined.personalisable().is_none());
    let (offers, none) = (offers(), BTreeMap::new());
    let ranker = Ranker::new(&offers, &none);
    let popularity =
        [("CC001", 0.4), ("FD001", 0.3), ("FD003", 0.2), ("FD005", 0.01)].map(|(p, s)| (p.to_owned(), s)).into();
    let order = ranker.general(&popularity).expect("shares");
    assert_eq!(order.names().collect::<Vec<_>>(), ["card", "mixed", "cash", "futures"]);
    let ranking = ranker.rank_general(&order, &declined, &asked()).expect("sound");
    assert_eq!(names(&ranking), ["card", "mixed", "cash"], "two funds fill the group");
    assert!(!ranking.personalised);
    let reasons: Vec<&str> = ranking.offers[0].reasons.iter().map(|r| r.words.en.as_str()).collect();
    assert_eq!(reasons, ["40 % of customers have it", "the order is the same for everybody and uses nothing personal"]);
}

#[test]
fn numbers_out_of_range_and_unknown_offers_are_refused() {
    let (offers, none) = (offers(), BTreeMap::new());
    let ranker = Ranker::new(&offers, &none);
    let standing = welcome();
    let rank = |name: &str, signals: Signals| {
        let personal = Personal { signals: BTreeMap::from([(name.to_owned(), signals)]) };
        ranker.rank_personal(standing.personalisable().expect("agreed"), &personal, &asked()).map(drop)
    };
    assert!(rank("card", signals(0.0, -1.0, 1.0)).is_ok());
    for wrong in
        [signals(1.1, 0.0, 0.0), signals(f64::NAN, 0.0, 0.0), signals(0.0, -1.1, 0.0), signals(0.0, 0.0, f64::INFINITY)]
    {
        assert!(rank("card", wrong).is_err());
    }
    assert_eq!(
        rank("crad", signals(0.1, 0.0, 0.0)).expect_err("misspelt").to_string(),
        "there is no offer `crad`; did you mean `card`?"
    );
    assert!(ranker.general(&BTreeMap::from([("CC001".to_owned(), f64::NAN)])).is_err());
    let long = florin_decisions::ranking::Asked { at_most: 1001, ..asked() };
    assert!(ranker.rank_personal(standing.personalisable().expect("agreed"), &all_alike(), &long).is_err());
}

#[test]
fn alike_customers_fill_signals_and_their_reasons() {
    let rows = (0..400).map(|row: u32| match row % 4 {
        0 => vec![0, 1],
        1 => vec![0, 1, 2],
        2 => vec![2],
        _ => vec![2, 3],
    });
    let items = ["CC001", "FD001", "FD003", "FD005"].map(str::to_owned).to_vec();
    let holdings = Holdings::new(items, rows).expect("sound");
    let split = by_customer(&holdings, 0.2, 3).expect("enough");
    let chosen = choose(&holdings, &split, &ChooseSettings { k: 2, ..ChooseSettings::usual(4, 1) }).expect("chosen");
    assert!(chosen.why.contains("the highest NDCG@2"), "{}", chosen.why);
    let mut personal = Personal::default();
    personal
        .add_alike(&offers(), &chosen.model, None, &BTreeSet::from(["CC001".to_owned(), "ZZ".to_owned()]))
        .expect("chances");
    let cash = &personal.signals["cash"];
    assert!(cash.alike > personal.signals["futures"].alike, "{personal:?}");
    assert_eq!(cash.alike_because, ["CC001"]);
}

#[test]
fn what_alike_customers_hold_becomes_a_chance_to_take_it_with_the_mean_that_was_seen() {
    let rows = (0..400).map(|row: u32| match row % 4 {
        0 => vec![0],
        1 => vec![0, 1],
        _ => vec![],
    });
    let holdings = Holdings::new(["CC001", "FD001"].map(str::to_owned).to_vec(), rows).expect("sound");
    let split = by_customer(&holdings, 0.2, 3).expect("enough");
    let chosen = choose(&holdings, &split, &ChooseSettings { k: 1, ..ChooseSettings::usual(2, 1) }).expect("chosen");
    // Of the 100 who have FD001, 30 took it in the last 90 days; so of 330 without it 30 did, a third of them in 30 days.
    let take_up = TakeUp::of(&chosen.model, &holdings, &[0, 30], (90.0, 30.0)).expect("counts of both");
    let rate = 30.0 / 330.0 / 3.0;
    assert!((take_up.chance("FD001", None).expect("known") - rate).abs() < 1e-12);
    assert_eq!(take_up.chance("CC001", Some(0.5)), Some(0.0), "nobody took it");
    assert_eq!(take_up.chance("ZZ", Some(0.5)), None);

    let chance = |held: &[u32]| {
        let alike = chosen.model.chances(held).expect("items").map(|chances| chances[1]);
        take_up.chance("FD001", alike).expect("known")
    };
    // 100 hold the card alone and 200 nothing: together they take as often as was seen.
    let mean = (100.0 * chance(&[0]) + 200.0 * chance(&[])) / 300.0;
    assert!((mean - rate).abs() < 1e-9, "{mean} beside {rate}");
    assert!(TakeUp::of(&chosen.model, &holdings, &[0], (90.0, 30.0)).is_err());
    assert!(TakeUp::of(&chosen.model, &holdings, &[0, 0], (0.0, 30.0)).is_err());
}

#[test]
fn an_offer_of_which_only_popularity_is_known_says_how_often_it_is_taken() {
    let rows = (0..100).map(|row: u32| if row < 60 { vec![0] } else { vec![1] });
    let holdings = Holdings::new(["CC001", "FD001"].map(str::to_owned).to_vec(), rows).expect("sound");
    let popular = Alike::fit(&holdings, Method::Popularity).expect("holdings");
    let take_up = TakeUp::of(&popular, &holdings, &[0, 9], (90.0, 30.0)).expect("counts");
    let mut personal = Personal::default();
    let held = BTreeSet::from(["CC001".to_owned()]);
    personal.add_alike(&offers(), &popular, Some(&take_up), &held).expect("items");
    let standing = welcome();
    let offers = offers();
    let products = BTreeMap::new();
    let ranker = Ranker::new(&offers, &products);
    let ranking =
        ranker.rank_personal(standing.personalisable().expect("agreed"), &personal, &asked()).expect("ranked");
    let cash = ranking.offers.iter().find(|offer| offer.offer == "cash").expect("may be made");
    assert_eq!(cash.reasons[0].words.en, "43 of 1,000 customers without it take it within 30 days");
    assert_eq!(cash.reasons[0].words.zh, "每千名尚未持有的客户中，30天内有43人办理");
}

/// Offers in another order, with other file names.
fn turned(seed: usize) -> Offers {
    let mut files = files();
    files.rotate_left(seed % 4);
    compile(&files, Some(&rules(RULES)), &known()).expect("sound")
}

prop_compose! {
    fn any_standing()(
        personalised in any::<bool>(), consent in any::<bool>(), grade in 0usize..5, assessed in any::<bool>(), age in -5i64..500,
        eligible in proptest::option::of(any::<bool>()), held in 0usize..16, complaints in prop_oneof![4 => Just(0u32), 1 => Just(1u32)],
        contacts in proptest::collection::vec((0usize..4, -2i64..60), 0..4), refusals in proptest::collection::vec((0usize..4, -2i64..120), 0..2),
    ) -> Standing {
        let offers = [("card", "card", "CC001"), ("cash", "fund", "FD001"), ("mixed", "fund", "FD003"), ("futures", "fund", "FD005")];
        let contact = |(at, days): (usize, i64)| Contact { offer: offers[at].0.to_owned(), group: offers[at].1.to_owned(), at: EventTime(NOW.micros() - days * DAY) };
        Standing {
            customer: CustomerId(1),
            personalised,
            purposes: if consent { BTreeSet::from([Purpose::Marketing]) } else { BTreeSet::new() },
            assessment: assessed.then_some(Assessment { tolerance: Tolerance::ALL[grade], made_at: EventTime(NOW.micros() - age * DAY) }),
            eligible: eligible.map(|yes| ("card".to_owned(), yes)).into_iter().collect(),
            products: (0..4).filter(|at| held & (1 << at) != 0).map(|at| offers[at].2.to_owned()).collect(),
            open_complaints: complaints,
            contacts: contacts.into_iter().map(contact).collect(),
            refusals: refusals.into_iter().map(contact).collect(),
        }
    }
}

prop_compose! {
    fn any_personal()(each in proptest::collection::vec(
        (proptest::option::of(0.0..=1.0f64), proptest::option::of(-1.0..=1.0f64), proptest::option::of(0.0..=1.0f64), any::<bool>()), 4)
    ) -> Personal {
        let signals = each.into_iter().map(|(propensity, uplift, alike, because)| Signals {
            propensity, uplift, alike,
            propensity_reasons: vec![Reason { feature: "balance_30d".to_owned(), value: Some("1".to_owned()), contribution: 1.0 }],
            uplift_reasons: Vec::new(),
            alike_because: because.then(|| "CC001".to_owned()).into_iter().collect(), taken: None,
        });
        Personal { signals: ["card", "cash", "mixed", "futures"].map(str::to_owned).into_iter().zip(signals).collect() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_score_beats_a_veto_and_every_offer_is_accounted_for(standing in any_standing(), personal in any_personal()) {
        let (offers, none) = (offers(), BTreeMap::new());
        let ranker = Ranker::new(&offers, &none);
        let order = ranker.general(&BTreeMap::new()).expect("shares");
        let mut rankings = vec![ranker.rank_general(&order, &standing, &asked()).expect("sound")];
        if let Some(who) = standing.personalisable() {
            rankings.push(ranker.rank_personal(who, &personal, &asked()).expect("sound"));
        }
        for ranking in rankings {
            let mut seen: Vec<&str> = names(&ranking);
            for name in &seen {
                prop_assert!(vetoes(offers.get(name).expect("there"), &standing, &asked()).is_empty());
            }
            for withheld in &ranking.withheld {
                let found: Vec<Veto> = withheld.vetoes.iter().map(|(veto, _)| veto.clone()).collect();
                prop_assert!(!found.is_empty());
                prop_assert_eq!(found, vetoes(offers.get(&withheld.offer).expect("there"), &standing, &asked()));
            }
            // The laws, told anew and not by `vetoes`.
            let too_risky = |risk: usize| standing.assessment.is_none_or(|a| {
                let age = NOW.micros() - a.made_at.micros();
                (a.tolerance as usize) < risk || !(0..=365 * DAY).contains(&age)
            });
            for (name, risk) in [("cash", 0), ("mixed", 2), ("futures", 4)] {
                prop_assert!(!(seen.contains(&name) && too_risky(risk)));
            }
            prop_assert!(seen.is_empty() || (standing.purposes.contains(&Purpose::Marketing) && standing.open_complaints == 0));
            prop_assert!(!seen.contains(&"card") || standing.eligible.get("card") == Some(&true));
            seen.extend(ranking.withheld.iter().map(|w| w.offer.as_str()));
            seen.extend(ranking.left_out.iter().map(|(name, _)| name.as_str()));
            seen.sort_unstable();
            prop_assert_eq!(seen, ["card", "cash", "futures", "mixed"]);
        }
    }

    #[test]
    fn the_order_of_what_is_handed_in_changes_no_byte(mut standing in any_standing(), personal in any_personal(), seed in 1usize..4) {
        standing.personalised = true;
        let none = BTreeMap::new();
        let bytes = |offers: &Offers, standing: &Standing| {
            let who = standing.personalisable().expect("agreed");
            Ranker::new(offers, &none).rank_personal(who, &personal, &asked()).expect("sound").to_bytes().expect("JSON")
        };
        let here = bytes(&offers(), &standing);
        standing.contacts.reverse();
        standing.refusals.reverse();
        prop_assert_eq!(here, bytes(&turned(seed), &standing));
    }

    /// Whatever is personal changes, the bytes are the same: `rank_general` has no argument for it. And whoever asks, what is left of the order for everybody is in its order.
    #[test]
    fn one_who_declined_gets_the_same_bytes_whatever_is_personal(standing in any_standing(), before in any_personal(), after in any_personal()) {
        let declined = Standing { personalised: false, ..standing };
        let (offers, none) = (offers(), BTreeMap::new());
        let ranker = Ranker::new(&offers, &none);
        let popularity: BTreeMap<String, f64> = [("CC001", 0.4), ("FD001", 0.3), ("FD003", 0.2)].map(|(p, s)| (p.to_owned(), s)).into();
        let order = ranker.general(&popularity).expect("shares");
        // What a caller does who holds personal features of everybody.
        let recommend = |personal: &Personal| match declined.personalisable() {
            Some(who) => ranker.rank_personal(who, personal, &asked()),
            None => ranker.rank_general(&order, &declined, &asked()),
        };
        let here = recommend(&before).expect("sound");
        prop_assert_eq!(here.to_bytes().expect("JSON"), recommend(&after).expect("sound").to_bytes().expect("JSON"));
        let places: Vec<usize> = names(&here).iter().map(|name| order.names().position(|n| n == *name).expect("there")).collect();
        prop_assert!(places.is_sorted());
    }
}

#[test]
fn words_of_held_products_come_from_the_bank() {
    let (offers, names) = (offers(), BTreeMap::from([("SA001".to_owned(), words("定期存款", "a term deposit"))]));
    let one = Signals { alike_because: vec!["SA001".to_owned(), "XX".to_owned()], ..signals(0.1, 0.0, 0.9) };
    let personal = Personal { signals: BTreeMap::from([("cash".to_owned(), one)]) };
    let standing = welcome();
    let who = standing.personalisable().expect("agreed");
    let ranking = Ranker::new(&offers, &names).rank_personal(who, &personal, &asked()).expect("sound");
    let told: Vec<&str> = ranking.offers[0].reasons.iter().map(|r| r.words.en.as_str()).collect();
    assert_eq!(
        told,
        [
            "customers who have a term deposit often choose fund cash too",
            "customers who have XX often choose fund cash too"
        ]
    );
}
