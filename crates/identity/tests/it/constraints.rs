//! Rules, people's decisions and what a customer can have only one of.

use florin_identity::{Contradiction, Decision, RecordRef, Records, Refusal, Rule, Settings, cluster, link};

use crate::small::{Raw, at, model, records, settings, valid, whole};

const ZHANG: Raw = [Some("张伟"), Some("13812345678"), None];

fn clusters(records: &Records, settings: &Settings, decisions: &[Decision]) -> (Vec<u32>, Vec<Refusal>) {
    let links = link(records, settings, &model(settings), 0.0).expect("sound settings");
    let clusters = cluster(records, settings, &links.links, decisions).expect("sound settings");
    (clusters.of, clusters.refused.into_iter().map(|refused| refused.refusal).collect())
}

fn decided(left: RecordRef, right: RecordRef, same: bool) -> Decision {
    Decision { left, right, same }
}

#[test]
fn the_same_valid_number_is_one_customer_and_a_wrong_one_says_nothing() {
    let records = records(&[
        (at(0, 1), [Some("张伟"), None, Some("11010519491231002X")]),
        (at(1, 1), [Some("李娜"), None, Some("110105491231002")]),
        (at(2, 1), [Some("王芳"), None, Some("999")]),
        (at(3, 1), [Some("陈静"), None, Some("999")]),
    ]);
    let mut settings = settings();
    settings.certain = vec![Rule::new(vec![valid("national_id")])];
    assert_eq!(clusters(&records, &settings, &[]).0, [0, 0, 2, 3]);
}

#[test]
fn a_number_that_too_many_share_is_nobodys_and_is_reported_without_its_value() {
    let rows: Vec<(RecordRef, Raw)> = (0..9).map(|key| (at(0, key), [None, Some("13812345678"), None])).collect();
    let records = records(&rows);
    let mut settings = settings();
    settings.certain = vec![Rule::new(vec![whole("phone")])];
    settings.certain_records_max = 8;
    settings.block_records_max = 8;
    let links = link(&records, &settings, &model(&settings), 0.0).expect("sound settings");
    assert!(links.links.is_empty());
    assert_eq!(links.skewed_keys, 2);
    assert_eq!((links.skewed[0].records, links.skewed[0].pairs, links.skewed[0].example), (9, 36, at(0, 0)));
    assert!(!serde_json::to_string(&links.skewed).expect("plain data").contains("138"));
}

#[test]
fn a_pair_that_two_rules_make_is_compared_once_and_a_skewed_rule_leaves_it_to_the_next() {
    let records = records(&[(at(0, 1), ZHANG), (at(1, 1), ZHANG), (at(2, 1), [Some("张伟"), None, None])]);
    let mut settings = settings();
    assert_eq!(link(&records, &settings, &model(&settings), 0.0).expect("sound").pairs_compared, 3);
    settings.block_records_max = 2;
    assert_eq!(link(&records, &settings, &model(&settings), 0.0).expect("sound").pairs_compared, 1);
}

#[test]
fn a_system_that_knows_each_customer_once_has_one_record_in_a_cluster_also_through_others() {
    let far: Raw = [Some("张伟"), Some("13812345679"), None];
    let records = records(&[(at(0, 1), ZHANG), (at(0, 2), far), (at(1, 1), ZHANG), (at(1, 2), far)]);
    let mut settings = settings();
    assert_eq!(clusters(&records, &settings, &[]).0, [0, 0, 0, 0]);
    settings.one_record_systems = vec![0];
    let (of, refused) = clusters(&records, &settings, &[]);
    assert_ne!(of[0], of[1]);
    assert!(refused.contains(&Refusal::OneRecordSystem { system: 0 }), "{refused:?}");
}

#[test]
fn no_chain_joins_two_valid_numbers() {
    let with = |id| [Some("张伟"), Some("13812345678"), Some(id)];
    let records =
        records(&[(at(0, 1), with("11010519491231002X")), (at(1, 1), ZHANG), (at(2, 1), with("440524188001010014"))]);
    let mut settings = settings();
    assert_eq!(clusters(&records, &settings, &[]).0, [0, 0, 0]);
    settings.contradictions = vec![Contradiction { name: "national id".into(), part: valid("national_id") }];
    let (of, refused) = clusters(&records, &settings, &[]);
    assert_ne!(of[0], of[2]);
    assert!(refused.contains(&Refusal::Contradiction { name: "national id".into() }), "{refused:?}");
}

#[test]
fn people_are_obeyed_and_the_newest_of_contradicting_decisions_holds() {
    let records = records(&[(at(0, 1), ZHANG), (at(1, 1), ZHANG), (at(2, 1), [Some("李娜"), None, None])]);
    let settings = settings();
    let apart = decided(at(0, 1), at(1, 1), false);
    let one = decided(at(0, 1), at(2, 1), true);
    assert_eq!(clusters(&records, &settings, &[]).0, [0, 0, 2]);
    assert_eq!(clusters(&records, &settings, &[apart, one]).0, [0, 1, 0]);
    let (of, refused) = clusters(&records, &settings, &[apart, decided(at(0, 1), at(1, 1), true)]);
    assert_eq!((of, refused), (vec![0, 0, 2], vec![Refusal::Outdated]));
}

#[test]
fn a_decision_holds_against_chains() {
    let records = records(&[(at(0, 1), ZHANG), (at(1, 1), ZHANG), (at(2, 1), ZHANG)]);
    let (of, refused) = clusters(&records, &settings(), &[decided(at(0, 1), at(2, 1), false)]);
    assert_ne!(of[0], of[2]);
    assert!(refused.iter().all(|refusal| *refusal == Refusal::Decided) && !refused.is_empty());
}
