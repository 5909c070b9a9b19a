//! Fifths and groups.

use std::collections::BTreeSet;

use florin_features::rfm::{Activity, GROUPS, Group, Scores, fifths, score};
use proptest::prelude::*;

#[test]
fn without_ties_the_fifths_are_equal() {
    let scores = fifths(&(0..100).collect::<Vec<_>>());
    for fifth in 1..=5 {
        assert_eq!(scores.iter().filter(|&&s| s == fifth).count(), 20);
    }
}

#[test]
fn all_equal_customers_are_in_the_middle() {
    assert_eq!(fifths(&[7; 9]), [3; 9]);
    assert_eq!(fifths(&[]), Vec::<u8>::new());
}

#[test]
fn ties_share_the_score_of_their_mid_rank() {
    // Six of ten are 0: mid-rank 3.5, so 1.75 fifths up. The others: ranks 7, 8, 9 and 10.
    assert_eq!(fifths(&[0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]);
}

#[test]
fn who_never_bought_has_no_scores_and_does_not_move_others() {
    let recency = [Some(1), None, Some(9)];
    let activity = Activity { recency_days: &recency, frequency: &[9, 0, 1], monetary: &[9, 0, 1] };
    let scores = score(activity).expect("sound");
    assert_eq!(scores[1], None);
    assert_eq!(scores[0].map(Scores::group), Some(Group::Champions));
    let better = scores[0].expect("bought");
    assert!(better.recency > scores[2].expect("bought").recency);
}

#[test]
fn each_pair_of_scores_has_one_group_and_each_group_a_place_and_two_names() {
    let used: BTreeSet<Group> = GROUPS.into_iter().flatten().collect();
    assert_eq!(used, Group::ALL.into_iter().collect());
    let english: BTreeSet<&str> = Group::ALL.map(Group::english).into();
    let chinese: BTreeSet<&str> = Group::ALL.map(Group::chinese).into();
    assert_eq!((english.len(), chinese.len()), (11, 11));
    let scores = |recency, frequency, monetary| Scores { recency, frequency, monetary };
    assert_eq!(scores(5, 5, 5).group(), Group::Champions);
    assert_eq!(scores(1, 5, 5).group(), Group::CannotLose);
    assert_eq!(scores(1, 1, 1).group(), Group::Lost);
    assert_eq!(scores(5, 1, 1).group(), Group::NewCustomers);
    assert_eq!(scores(3, 2, 3).group(), Group::NeedAttention, "a half goes upwards");
}

proptest! {
    #[test]
    fn scores_follow_values_and_equal_values_score_equally(values in prop::collection::vec(-5_i128..5, 1..80)) {
        let scores = fifths(&values);
        for a in 0..values.len() {
            for b in 0..values.len() {
                prop_assert!(values[a] != values[b] || scores[a] == scores[b]);
                prop_assert!(values[a] >= values[b] || scores[a] <= scores[b]);
            }
            // By definition: the mid-rank counted by hand.
            let below = values.iter().filter(|v| **v < values[a]).count() as f64;
            let ties = values.iter().filter(|v| **v == values[a]).count() as f64;
            let expected = (5.0 * (below + f64::midpoint(ties, 1.0)) / values.len() as f64 - 1e-9).ceil();
            prop_assert_eq!(f64::from(scores[a]), expected.clamp(1.0, 5.0));
        }
    }
}
