//! What came since a full run is linked as a full run would, without comparing everything again.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::CustomerId;
use florin_identity::{
    Clusters, Decision, KeptModel, Link, RecordRef, Records, Rule, Settings, cluster, cluster_onto, index::Index, link,
    link_new,
};
use proptest::prelude::*;

use crate::small::{Raw, at, model, records, settings, valid};

const NAMES: [Option<&str>; 6] =
    [None, Some("张小明"), Some("Zhang Xiaoming"), Some("小明张"), Some("李娜"), Some("张晓明")];
const PHONES: [Option<&str>; 5] =
    [None, Some("13812345678"), Some("13812345679"), Some("+86 138 1234 5687"), Some("13900000001")];
const IDS: [Option<&str>; 4] = [None, Some("11010519491231002X"), Some("110105491231002"), Some("440524188001010014")];

type Row = (RecordRef, Raw);

/// Records of few values, so that keys are shared, with systems and keys in no order.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0u16..3, 0u64..40, 0..NAMES.len(), 0..PHONES.len(), 0..IDS.len());
    prop::collection::btree_map((0u16..3, 0u64..40), row, 1..24).prop_map(|rows| {
        let raw = |(_, _, name, phone, id): (u16, u64, usize, usize, usize)| [NAMES[name], PHONES[phone], IDS[id]];
        rows.into_iter().map(|((system, key), row)| (at(system, key), raw(row))).collect()
    })
}

/// Small bounds, so that blocks are left out, and frequencies, so that who is there matters.
fn bounded(block_records_max: u32, certain_records_max: u32, one_record: bool) -> Settings {
    let mut settings = settings();
    settings.certain = vec![Rule::new(vec![valid("national_id")])];
    settings.comparisons[0].levels[0].frequency = Some("name".into());
    settings.one_record_systems = if one_record { vec![1] } else { Vec::new() };
    (settings.block_records_max, settings.certain_records_max) = (block_records_max, certain_records_max);
    settings
}

fn touching(links: &[Link], records: &Records, new: &[RecordRef]) -> Vec<Link> {
    let touches = |link: &&Link| new.contains(&records.id(link.left)) || new.contains(&records.id(link.right));
    links.iter().filter(touches).copied().collect()
}

fn choose(rows: &[Row], marks: &[bool]) -> (Vec<Row>, Vec<Row>) {
    let (new, old): (Vec<_>, Vec<_>) = rows.iter().zip(marks.iter().cycle()).partition(|(_, mark)| **mark);
    (old.into_iter().map(|(row, _)| *row).collect(), new.into_iter().map(|(row, _)| *row).collect())
}

fn marks() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(prop::bool::weighted(0.3), 24)
}

/// Which rows are together, in a form that can be compared.
fn partition(records: &Records, clusters: &Clusters) -> BTreeSet<BTreeSet<RecordRef>> {
    let of = |rows: Vec<u32>| rows.into_iter().map(|row| records.id(row)).collect();
    clusters.members().into_iter().map(of).collect()
}

proptest! {
    #[test]
    fn links_of_new_records_are_those_of_a_full_run(
        rows in rows(), marks in marks(), block in 2u32..12, certain in 2u32..6, one_record in any::<bool>(), least in 0.0f64..0.99,
    ) {
        let settings = bounded(block, certain, one_record);
        let (all, model) = (records(&rows), model(&settings));
        let new: Vec<RecordRef> = choose(&rows, &marks).1.into_iter().map(|(id, _)| id).collect();
        let full = link(&all, &settings, &model, least).expect("sound settings");
        let some = link_new(&all, &settings, &model, &new, least).expect("sound settings");
        prop_assert_eq!(&some.links, &touching(&full.links, &all, &new));
        prop_assert!(some.pairs_compared <= full.pairs_compared);
        prop_assert!(some.skewed_keys <= full.skewed_keys);
        prop_assert!(some.skewed.iter().all(|key| full.skewed.contains(key)), "{:?} {:?}", some.skewed, full.skewed);
    }

    #[test]
    fn what_is_not_compared_to_the_end_would_not_have_been_a_link(rows in rows(), least in 0.0f64..0.999) {
        let settings = bounded(20, 4, false);
        let (all, model) = (records(&rows), model(&settings));
        let whole = link(&all, &settings, &model, 0.0).expect("sound settings");
        let some = link(&all, &settings, &model, least).expect("sound settings");
        let heavy = |link: &&Link| link.evidence.weight().is_none_or(|weight| weight >= florin_identity::model::weight(least));
        prop_assert_eq!(some.links, whole.links.iter().filter(heavy).copied().collect::<Vec<_>>());
        prop_assert_eq!(some.pairs_compared, whole.pairs_compared);
    }

    #[test]
    fn with_all_records_new_it_is_a_full_run(rows in rows(), block in 2u32..12) {
        let settings = bounded(block, 4, false);
        let (all, model) = (records(&rows), model(&settings));
        let new: Vec<RecordRef> = rows.iter().map(|(id, _)| *id).collect();
        let full = link(&all, &settings, &model, 0.5).expect("sound settings");
        prop_assert_eq!(link_new(&all, &settings, &model, &new, 0.5).expect("sound settings"), full);
    }

    #[test]
    fn clusters_grow_to_what_a_full_run_makes_when_nothing_is_refused(rows in rows(), marks in marks()) {
        let settings = settings();
        let model = model(&settings);
        let (old, new) = choose(&rows, &marks);
        let before = records(&old);
        let links = link(&before, &settings, &model, 0.5).expect("sound settings").links;
        let clusters = cluster(&before, &settings, &links, &[]).expect("sound settings");
        let whose: BTreeMap<RecordRef, CustomerId> =
            clusters.of.iter().zip(0..).map(|(of, row)| (before.id(row), CustomerId(*of))).collect();
        let all = records(&rows);
        let new: Vec<RecordRef> = new.iter().map(|(id, _)| *id).collect();
        let links = link_new(&all, &settings, &model, &new, 0.5).expect("sound settings").links;
        let grown = cluster_onto(&all, &settings, |id| whose.get(&id).copied(), &links, &[]).expect("sound settings");
        let links = link(&all, &settings, &model, 0.5).expect("sound settings").links;
        let full = cluster(&all, &settings, &links, &[]).expect("sound settings");
        prop_assert_eq!(partition(&all, &grown), partition(&all, &full));
    }

    #[test]
    fn an_index_that_was_changed_answers_as_a_new_one_of_what_is_left(
        rows in rows(), marks in marks(), gone in marks(), probe in (0u16..4, 0..NAMES.len(), 0..PHONES.len(), 0..IDS.len()),
    ) {
        let settings = bounded(6, 4, true);
        let model = model(&settings);
        let (start, added) = choose(&rows, &marks);
        let mut index = Index::new(records(&start), settings.clone(), &model).expect("sound settings");
        for (id, raw) in &added {
            index.insert(*id, raw).expect("a new record");
        }
        let (kept, gone) = choose(&rows, &gone);
        for (id, raw) in &gone {
            prop_assert!(index.remove(*id) && !index.remove(*id));
            index.insert(*id, raw).expect("it is not there any more");
            prop_assert!(index.insert(*id, raw).is_err() && index.remove(*id));
        }
        let fresh = Index::new(records(&kept), settings, &model).expect("sound settings");
        let (system, name, phone, id) = probe;
        let values = [NAMES[name], PHONES[phone], IDS[id]];
        let (mut ours, mut expected) = (index.find(system, &values).expect("three"), fresh.find(system, &values).expect("three"));
        prop_assert_eq!((ours.compared, &ours.skewed_rules), (expected.compared, &expected.skewed_rules));
        for found in [&mut ours, &mut expected] {
            found.matches.sort_by_key(|found| found.record);
            found.matches.iter_mut().for_each(|found| found.row = 0);
        }
        prop_assert_eq!(ours, expected);
    }
}

#[test]
fn a_decision_keeps_apart_what_was_one_and_a_new_link_does_not_get_round_it() {
    let zhang: Raw = [Some("张伟"), Some("13812345678"), None];
    let all = records(&[(at(0, 1), zhang), (at(1, 1), zhang), (at(2, 1), zhang)]);
    let settings = settings();
    let links = link_new(&all, &settings, &model(&settings), &[at(2, 1)], 0.5).expect("sound settings").links;
    assert_eq!(links.len(), 2);
    let apart = Decision { left: at(0, 1), right: at(1, 1), same: false };
    let one = |_| Some(CustomerId(1));
    let clusters = cluster_onto(&all, &settings, one, &links, &[apart]).expect("sound settings");
    assert_ne!(clusters.of[0], clusters.of[1]);
    let clusters = cluster_onto(&all, &settings, one, &[], &[]).expect("sound settings");
    assert_eq!(clusters.of, [0, 0, 0], "who is one already stays so without a link");
}

#[test]
fn a_new_record_that_is_not_there_is_refused() {
    let all = records(&[(at(0, 1), [None, None, None])]);
    let settings = settings();
    let refusal = link_new(&all, &settings, &model(&settings), &[at(4, 2)], 0.5).expect_err("no such record");
    assert_eq!(refusal.to_string(), "there is no record 2 of system number 4");
}

#[test]
fn a_model_is_kept_as_text_and_used_again_for_what_it_was_made_for() {
    let all = records(&[(at(0, 1), [None, None, None])]);
    let settings = settings();
    let kept = KeptModel::new(model(&settings), &settings, &all);
    let text = serde_json::to_string(&kept).expect("plain data");
    let read: KeptModel = serde_json::from_str(&text).expect("what was written");
    assert_eq!(read.for_run(&settings, &all).expect("nothing changed"), &model(&settings));
}

#[test]
fn a_kept_model_of_another_version_other_comparisons_or_far_fewer_records_is_refused() {
    let few = records(&[(at(0, 1), [None, None, None])]);
    let many: Vec<Row> = (0..5).map(|key| (at(0, key), [None, None, None])).collect();
    let settings = settings();
    let kept = KeptModel::new(model(&settings), &settings, &few);
    let text = serde_json::to_string(&kept).expect("plain data").replacen("\"version\":1", "\"version\":2", 1);
    let refusal = serde_json::from_str::<KeptModel>(&text).expect_err("another version").to_string();
    assert!(refusal.starts_with("the model is of version 2, not 1; train again"), "{refusal}");
    let refusal = kept.for_run(&settings, &records(&many)).expect_err("five times as many").to_string();
    assert_eq!(refusal, "the kept model was trained on 1 records, and there are 5; train again");
    let mut others = settings;
    others.comparisons.pop();
    let refusal = kept.for_run(&others, &few).expect_err("other comparisons").to_string();
    assert_eq!(refusal, "the kept model was trained with other comparisons; train again");
}
