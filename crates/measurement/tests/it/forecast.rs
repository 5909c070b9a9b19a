//! Errors of forecasts against scikit-learn, and back-tests.

use florin_measurement::forecast::{Window, coverage, forecast_errors, pinball, windows};

use crate::golden::{Golden, close};

#[test]
fn errors_are_those_of_the_references() {
    let golden = Golden::read("forecasts");
    let (train, actual, forecast) = (golden.numbers("/train"), golden.numbers("/actual"), golden.numbers("/forecast"));
    let found = forecast_errors(&actual, &forecast, &train, 7).expect("sound");
    close(found.mape.expect("nothing is 0"), golden.number("/mape"), 1e-12);
    close(found.smape, golden.number("/smape"), 1e-12);
    close(found.mase.expect("a season"), golden.number("/mase"), 1e-12);
    close(pinball(&actual, &forecast, 0.9).expect("sound"), golden.number("/pinball_90"), 1e-12);
}

#[test]
fn a_perfect_forecast_has_no_error_and_nought_has_no_percentage() {
    let found = forecast_errors(&[0.0, 2.0], &[0.0, 2.0], &[1.0, 2.0, 3.0], 1).expect("sound");
    assert_eq!((found.mae, found.smape, found.mape, found.mase), (0.0, 0.0, None, Some(0.0)));
    assert_eq!(forecast_errors(&[1.0], &[1.0], &[5.0, 5.0], 1).expect("sound").mase, None);
    assert!(forecast_errors(&[1.0], &[f64::NAN], &[], 1).is_err());
}

#[test]
fn coverage_counts_ends_as_inside() {
    let found = coverage(&[1.0, 2.0, 3.0, 9.0], &[1.0; 4], &[3.0; 4]).expect("sound");
    assert_eq!(found, (0.75, 2.0));
}

#[test]
fn back_tests_end_with_the_series_and_never_see_what_they_forecast() {
    let found = windows(100, 10, 20, 50, false).expect("room");
    let last = Window { train: 0..90, test: 90..100 };
    assert_eq!((found.len(), found.last()), (3, Some(&last)));
    assert_eq!(found[0], Window { train: 0..50, test: 50..60 });
    for window in windows(100, 10, 7, 50, true).expect("room") {
        assert_eq!((window.train.len(), window.train.end), (50, window.test.start));
    }
    assert!(windows(59, 10, 1, 50, false).is_err());
    assert!(windows(60, 10, 0, 50, false).is_err());
}

#[test]
fn skill_is_the_share_of_the_plain_rules_errors_that_is_saved() {
    use florin_measurement::{Resampling, forecast::skill};
    let how = Resampling::new(1);
    let found = skill(&[(5.0, 10.0), (6.0, 10.0), (4.0, 10.0), (5.0, 12.0)], &how).expect("a share");
    assert!((found.value - (1.0 - 20.0 / 42.0)).abs() < 1e-12);
    assert!(found.low < found.value && found.value < found.high && found.low > 0.4, "{found:?}");
    assert!(skill(&[(7.0, 5.0), (5.0, 4.0)], &how).expect("a share").high < 0.0);
    assert!(skill(&[], &how).is_err() && skill(&[(1.0, 0.0)], &how).is_err() && skill(&[(-1.0, 2.0)], &how).is_err());
}
