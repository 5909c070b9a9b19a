//! What journeys take on the command line.

use super::bank::Bank;

/// Each journey, and an option that says what a definition says.
const OPTIONS: [(&str, &[&str]); 11] = [
    ("funnel", &["--step", "true"]),
    ("funnel", &["--where", "true"]),
    ("retention", &["--start", "true"]),
    ("retention", &["--recurring"]),
    ("sessions", &["--gap", "30 min"]),
    ("paths", &["--after", "look"]),
    ("next", &["--within", "5 min"]),
    ("stickiness", &["--within", "week"]),
    ("rhythm", &["--activity", "true"]),
    ("rules", &["--item", "kind"]),
    ("rules", &["--from", "event"]),
];

#[test]
fn a_journey_by_name_takes_nothing_that_its_definition_says() {
    let bank = Bank::new(1);
    for (journey, option) in OPTIONS {
        let run = bank.run(&[&[journey, "some_name"], option].concat());
        assert_eq!(run.code, Some(2), "{journey} {option:?}: {}", run.err);
        assert!(run.err.contains("cannot be used with") && run.err.contains(option[0]), "{}", run.err);
        // Without the option it is the name that is wrong: defaults are no options.
        let err = bank.run(&[journey, "some_name"]).refused();
        assert!(err.contains("`some_name`"), "{err}");
    }
    let run = bank.run(&["rules", "--item", "kind", "--explain", "--chart", "a.svg"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
}
