//! The index links a new record as a run over all records would.

use florin_identity::{RecordRef, Rule, index::Index, link};

use crate::small::{Raw, at, model, records, settings, valid};

const ROWS: [(RecordRef, Raw); 5] = [
    (RecordRef { system: 0, key: 1 }, [Some("张小明"), Some("13812345678"), None]),
    (RecordRef { system: 0, key: 2 }, [Some("张小明"), Some("13900000001"), None]),
    (RecordRef { system: 0, key: 3 }, [Some("李娜"), Some("13812345679"), Some("11010519491231002X")]),
    (RecordRef { system: 0, key: 4 }, [None, Some("13812345678"), None]),
    (RecordRef { system: 0, key: 5 }, [Some("王芳"), None, None]),
];

const NEW: [Raw; 4] = [
    [Some("Zhang Xiaoming"), Some("+86 138 1234 5678"), None],
    [Some("王芳"), Some("13812345678"), None],
    [Some("谁"), None, Some("110105491231002")],
    [Some("陌生人"), Some("1"), None],
];

#[test]
fn a_new_record_is_linked_as_in_a_run_over_all() {
    let mut settings = settings();
    settings.certain = vec![Rule::new(vec![valid("national_id")])];
    let model = model(&settings);
    let index = Index::new(records(&ROWS), settings.clone(), &model).expect("sound settings");
    for new in NEW {
        let all = records(&[&ROWS[..], &[(at(9, 1), new)]].concat());
        let links = link(&all, &settings, &model, settings.link_probability).expect("sound settings").links;
        let mut expected: Vec<_> =
            links.iter().filter(|link| link.right == 5).map(|link| (link.left, link.evidence)).collect();
        let found = index.find(9, &new).expect("as many values as fields");
        let mut found: Vec<_> = found.matches.iter().map(|found| (found.row, found.evidence)).collect();
        expected.sort_by_key(|(row, _)| *row);
        found.sort_by_key(|(row, _)| *row);
        assert_eq!(found, expected, "{new:?}");
    }
}

#[test]
fn matches_are_explained_by_the_weight_that_they_have_and_others_when_asked_for() {
    let mut settings = settings();
    settings.certain = vec![Rule::new(vec![valid("national_id")])];
    let index = Index::new(records(&ROWS), settings.clone(), &model(&settings)).expect("sound settings");
    let found = index.find(9, &NEW[0]).expect("as many values as fields");
    assert_eq!(found.matches.len(), 2);
    for found in &found.matches {
        let why = found.waterfall.as_ref().expect("the first are explained");
        assert_eq!((Some(why.weight), why.probability), (found.evidence.weight(), found.probability));
    }
    let certain = index.find(9, &NEW[2]).expect("as many values as fields").matches.remove(0);
    let why = certain.waterfall.expect("the first are explained");
    assert_eq!(why.certain_rule.as_deref(), Some("valid national_id"));
    let stranger = index.explain(9, &NEW[3], at(0, 1)).expect("as many values as fields").expect("it is there");
    assert!(stranger.probability < 0.01 && stranger.certain_rule.is_none());
    assert_eq!(index.explain(9, &NEW[3], at(7, 7)).expect("as many values as fields"), None);
}

#[test]
fn an_added_record_is_found_by_the_next() {
    let settings = settings();
    let mut index = Index::new(records(&ROWS), settings.clone(), &model(&settings)).expect("sound settings");
    let new: Raw = [Some("欧阳修"), Some("13700000007"), None];
    assert!(index.find(9, &new).expect("as many values as fields").matches.is_empty());
    let row = index.insert(at(9, 1), &new).expect("as many values as fields");
    let found = index.find(8, &new).expect("as many values as fields");
    assert_eq!(found.matches.iter().map(|found| (found.row, found.record)).collect::<Vec<_>>(), [(row, at(9, 1))]);
}

#[test]
fn a_block_that_is_too_large_is_left_out_and_named() {
    let rows: Vec<(RecordRef, Raw)> = (0..9).map(|key| (at(0, key), [None, Some("13812345678"), None])).collect();
    let mut settings = settings();
    settings.block_records_max = 9;
    let index = Index::new(records(&rows), settings.clone(), &model(&settings)).expect("sound settings");
    let found = index.find(1, &rows[0].1).expect("as many values as fields");
    assert_eq!((found.matches.len(), found.compared, found.skewed_rules), (0, 0, vec!["phone".to_owned()]));
}

#[test]
fn a_table_that_is_printed_shows_no_values() {
    let printed = format!("{:?}", records(&ROWS));
    assert_eq!(printed, "Records(5 records of 3 fields, …)");
}
