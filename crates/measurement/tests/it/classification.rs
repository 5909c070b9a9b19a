//! Verdicts between several classes.

use florin_measurement::{Resampling, classification::classify};

use crate::golden::close;

#[test]
fn figures_are_those_counted_by_hand() {
    let (truth, said) = ([0, 0, 0, 1, 1, 2, 2, 2, 2, 2], [0, 0, 1, 1, 0, 2, 2, 2, 1, 2]);
    let found = classify(&truth, &said, 4, &Resampling::new(1)).expect("figures");
    close(found.accuracy.value, 0.7, 1e-12);
    let f1: Vec<f64> = found.classes.iter().map(|class| class.f1.map_or(-1.0, |f1| f1.value)).collect();
    for (found, wanted) in f1.iter().zip([4.0 / 6.0, 2.0 / 5.0, 8.0 / 9.0, -1.0]) {
        close(*found, wanted, 1e-12);
    }
    close(found.macro_f1.value, (4.0 / 6.0 + 2.0 / 5.0 + 8.0 / 9.0) / 3.0, 1e-12);
    let second = &found.classes[1];
    assert_eq!((second.rows, second.said), (2, 3));
    close(second.precision.expect("said").value, 1.0 / 3.0, 1e-12);
    close(second.recall.expect("there").value, 0.5, 1e-12);
    assert!(found.classes[3].precision.is_none() && found.classes[3].recall.is_none());
    assert!(found.accuracy.low < 0.7 && 0.7 < found.accuracy.high, "{:?}", found.accuracy);
}

#[test]
fn intervals_narrow_with_rows_and_bad_input_is_refused() {
    let made = |rows: usize| {
        let truth: Vec<usize> = (0..rows).map(|row| row % 3).collect();
        let said: Vec<usize> = (0..rows).map(|row| if row % 7 == 0 { (row + 1) % 3 } else { row % 3 }).collect();
        let found = classify(&truth, &said, 3, &Resampling::new(2)).expect("figures").macro_f1;
        found.high - found.low
    };
    assert!(made(4000) < 0.4 * made(400), "{} {}", made(400), made(4000));
    let how = Resampling::new(1);
    assert!(classify(&[], &[], 2, &how).is_err() && classify(&[0], &[0, 1], 2, &how).is_err());
    assert!(classify(&[0, 2], &[0, 1], 2, &how).expect_err("no class").to_string().contains("class 2"));
}
