//! What alike customers hold: recovered structure, exact shares, the same bytes.

use florin_decisions::{
    Holdings,
    alike::{Alike, ChooseSettings, FactorSettings, Method, choose},
    evaluation::by_customer,
};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

/// Two kinds of customers who like two halves of the items, with some noise; the same in every run.
fn planted(customers: u32) -> Holdings {
    let mut state = 1u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let rows = (0..customers).map(|customer| {
        let half = (customer % 2) * 10;
        let own = (0..3).map(|_| half + draw() % 10).collect::<Vec<_>>();
        if draw() % 4 == 0 { [own, vec![draw() % 20]].concat() } else { own }
    });
    Holdings::new((0..20).map(|item| format!("p{item:02}")).collect(), rows.collect::<Vec<_>>()).expect("sound")
}

fn factors(seed: u64) -> FactorSettings {
    FactorSettings { rank: 2, alpha: 5.0, lambda: 5.0, rounds: 8, seed }
}

fn methods() -> [Method; 4] {
    [Method::Popularity, Method::Cosine { shrinkage: 5.0 }, Method::Ease { ridge: 20.0 }, Method::Factors(factors(1))]
}

#[test]
fn every_method_but_popularity_finds_the_half_that_a_customer_likes() {
    let holdings = planted(2000);
    for method in &methods()[1..] {
        let model = Alike::fit(&holdings, *method).expect("learns");
        for (held, half) in [([0, 1], 0..10u32), ([10, 11], 10..20)] {
            let list = model.list(&held, 8).expect("a list");
            assert!(list.iter().all(|item| half.contains(item) && !held.contains(item)), "{method:?}: {list:?}");
        }
    }
}

#[test]
fn shares_of_held_items_add_up_to_the_score() {
    let holdings = planted(500);
    for method in &methods()[1..] {
        let model = Alike::fit(&holdings, *method).expect("learns");
        let held = [3, 7, 12];
        let scores = model.scores(&held).expect("scores");
        for item in [0u32, 9, 15, 3] {
            let sum: f64 = model.shares(&held, item).expect("shares").iter().map(|(_, share)| share).sum();
            assert!(
                (sum - scores[item as usize]).abs() < 1e-9,
                "{method:?} {item}: {sum} and {}",
                scores[item as usize]
            );
        }
        let why = model.why(&held, 5, 1).expect("why");
        assert!(why.len() == 1 && [3, 7].contains(&why[0].0), "{method:?}: {why:?}");
    }
}

#[test]
fn ease_is_the_closed_form_of_the_paper() {
    // Two items held together by 3, alone by 1 and 2: G = [[4, 3], [3, 5]], λ = 1, P = (G + λI)⁻¹ = [[6, -3], [-3, 5]] / 21.
    let rows = [vec![0, 1], vec![0, 1], vec![0, 1], vec![0], vec![1], vec![1]];
    let holdings = Holdings::new(vec!["a".into(), "b".into()], rows).expect("sound");
    let model = Alike::fit(&holdings, Method::Ease { ridge: 1.0 }).expect("learns");
    assert!((model.scores(&[0]).expect("scores")[1] - 3.0 / 5.0).abs() < 1e-12, "B_01 = -P_01 / P_11 = 3/5");
    assert!((model.scores(&[1]).expect("scores")[0] - 3.0 / 6.0).abs() < 1e-12, "B_10 = -P_10 / P_00 = 3/6");
    assert!(model.scores(&[0]).expect("scores")[0].abs() < 1e-12, "an item says nothing of itself");
}

#[test]
fn factors_lower_their_loss_with_each_round() {
    let holdings = planted(300);
    let loss = |rounds: usize| -> f64 {
        let settings = FactorSettings { rounds, ..factors(3) };
        let model = Alike::fit(&holdings, Method::Factors(settings)).expect("learns");
        let of_row = |held: &[u32]| -> f64 {
            let scores = model.scores(held).expect("scores");
            (0u32..)
                .zip(scores)
                .map(|(item, s)| if held.contains(&item) { 6.0 * (1.0 - s).powi(2) } else { s * s })
                .sum()
        };
        holdings.rows().map(of_row).sum()
    };
    let (one, two, many) = (loss(1), loss(3), loss(20));
    assert!(one > two && two > many, "{one} {two} {many}");
}

#[test]
fn the_same_bytes_on_one_thread_and_on_five() {
    let holdings = planted(3000);
    let split = by_customer(&holdings, 0.1, 5).expect("enough");
    let with = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let one = |method| Alike::fit(&holdings, method).expect("learns").to_bytes().expect("bytes");
        pool.install(|| {
            let settings = ChooseSettings { k: 5, methods: methods()[1..].to_vec() };
            let chosen = choose(&holdings, &split, &settings).expect("chosen");
            (methods().map(one), chosen.model.to_bytes().expect("bytes"), chosen.why)
        })
    };
    assert_eq!(with(1), with(5));
}

#[test]
fn what_is_saved_is_read_back_and_holds_no_row_of_anybody() {
    let holdings = planted(400);
    for method in methods() {
        let model = Alike::fit(&holdings, method).expect("learns");
        let bytes = model.to_bytes().expect("bytes");
        assert_eq!(Alike::from_bytes(&bytes).expect("read"), model);
        // 20 items of at most 20 floats, and a header: no room for 400 customers.
        assert!(bytes.len() < 20 * 20 * 8 + 1000, "{}", bytes.len());
        assert!(Alike::from_bytes(&bytes[..bytes.len() - 1]).is_err() || method == Method::Popularity);
    }
    let chosen = choose(&holdings, &by_customer(&holdings, 0.2, 1).expect("enough"), &ChooseSettings::usual(20, 1))
        .expect("chosen");
    let read = Alike::from_bytes(&chosen.model.to_bytes().expect("bytes")).expect("read");
    assert_eq!(read.chances(&[1]).expect("sound"), chosen.model.chances(&[1]).expect("sound"));
}

#[test]
fn items_by_popularity_alone_are_left_to_popularity() {
    // Everybody draws from one skewed urn: nobody is alike anybody.
    let mut state = 9u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64
    };
    let rows: Vec<Vec<u32>> = (0..3000).map(|_| (0..3).map(|_| (12.0 * draw() * draw()) as u32).collect()).collect();
    let holdings = Holdings::new((0..12).map(|item| item.to_string()).collect(), rows).expect("sound");
    let split = by_customer(&holdings, 0.2, 2).expect("enough");
    let settings = ChooseSettings { k: 3, methods: methods()[1..].to_vec() };
    let chosen = choose(&holdings, &split, &settings).expect("chosen");
    assert_eq!(chosen.model.method(), Method::Popularity, "{}", chosen.why);
    assert!(chosen.why.contains("not surely better"), "{}", chosen.why);
    assert!(chosen.test_difference.value == 0.0);
}

#[test]
fn wrong_settings_and_numbers_are_refused() {
    let holdings = planted(50);
    for wrong in [
        Method::Cosine { shrinkage: -1.0 },
        Method::Ease { ridge: f64::NAN },
        Method::Factors(FactorSettings { rank: 0, ..factors(1) }),
        Method::Factors(FactorSettings { rounds: 1000, ..factors(1) }),
        Method::Factors(FactorSettings { lambda: 0.0, ..factors(1) }),
        Method::Factors(FactorSettings { alpha: f64::INFINITY, ..factors(1) }),
    ] {
        assert!(Alike::fit(&holdings, wrong).is_err(), "{wrong:?}");
    }
    let model = Alike::fit(&holdings, Method::Popularity).expect("learns");
    assert!(model.scores(&[20]).is_err() && model.why(&[0], 20, 3).is_err());
    assert_eq!(model.number("p071").expect_err("misspelt").to_string(), "there is no item `p071`; did you mean `p07`?");
    assert!(Holdings::new(vec!["a".into(), "a".into()], []).is_err());
    assert!(Holdings::new(vec!["a".into()], [vec![1]]).is_err());
    assert!(Alike::fit(&Holdings::new(vec!["a".into()], [vec![]]).expect("sound"), Method::Popularity).is_err());
    assert!(by_customer(&holdings, 0.5, 1).is_err());
}

#[test]
fn pairs_in_any_order_give_the_same_table() {
    let pairs = [(7u64, "b"), (3, "a"), (7, "a"), (7, "b")];
    let mut turned = pairs;
    turned.reverse();
    let (holdings, customers) = Holdings::from_pairs(pairs).expect("sound");
    assert_eq!((&holdings, &customers), (&Holdings::from_pairs(turned).expect("sound").0, &vec![3, 7]));
    assert_eq!((holdings.row(1), holdings.pairs(), holdings.holders()), (&[0u32, 1][..], 3, vec![2, 1]));
}

proptest! {
    #[test]
    fn damaged_bytes_are_refused_or_are_another_model(at in 0usize..4000, to in any::<u8>()) {
        let model = Alike::fit(&planted(60), Method::Factors(factors(2))).expect("learns");
        let mut bytes = model.to_bytes().expect("bytes");
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(read) = Alike::from_bytes(&bytes) {
            let _ = read.scores(&[0]);
        }
        prop_assert!(Alike::from_bytes(&bytes[..at]).is_err());
    }
}
