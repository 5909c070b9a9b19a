//! Four eyes, tried over every small graph of users, roles and steps.

use std::collections::BTreeSet;

use florin_domain::{EventTime, Purpose, Role};
use florin_governance::{
    Action, Permit, Resource,
    approval::{ApprovalError, Change, ContentHash, Draft, State, Step},
    permit,
};

use crate::{NOW, defaults, user};

const USERS: [&str; 3] = ["ana", "ben", "cy"];

fn change(content: &str) -> Change {
    Change { kind: "rule".into(), name: "velocity".into(), content: content.into() }
}

fn approver(name: &str, role: Role) -> Option<Permit> {
    let policies = defaults();
    let purpose = if role == Role::RiskOfficer { Purpose::Risk } else { Purpose::Compliance };
    permit(&policies, &user(name, &[role]), purpose, Action::Approve, Resource::Bank, NOW).ok()
}

#[test]
fn a_change_is_approved_by_an_approver_who_made_none_of_it_and_by_nobody_else() {
    let may_approve = [Role::RiskOfficer, Role::ComplianceOfficer];
    for role in Role::ALL {
        for checker in USERS {
            let permit = approver(checker, role);
            assert_eq!(permit.is_some(), may_approve.contains(&role), "{role}");
            let Some(permit) = permit else { continue };
            for maker in USERS {
                for editor in [None, Some("ana"), Some("ben"), Some("cy")] {
                    let approved = made(maker, editor).submit().approve(&permit, change("x > 1").hash());
                    let independent = checker != maker && Some(checker) != editor;
                    assert_eq!(approved.is_ok(), independent, "{maker} {editor:?} {checker}");
                    let rejected = made(maker, editor).submit().reject(&permit, "too strict".into());
                    assert_eq!(rejected.is_ok(), independent, "{maker} {editor:?} {checker}");
                }
            }
        }
    }
}

fn made(maker: &str, editor: Option<&str>) -> Draft {
    match editor {
        None => Draft::new(change("x > 1"), &user(maker, &[])),
        Some(editor) => Draft::new(change("x > 0"), &user(maker, &[])).edit("x > 1".into(), &user(editor, &[])),
    }
}

#[test]
fn an_approval_is_of_one_content() {
    let rio = approver("rio", Role::RiskOfficer).unwrap();
    let submitted = made("ana", None).submit();
    let other_rule = Change { name: "amount".into(), ..change("x > 1") };
    for read in [change("x > 2").hash(), other_rule.hash()] {
        let refused = submitted.clone().approve(&rio, read).unwrap_err();
        assert_eq!(refused.to_string(), "the content is no longer the one that was submitted");
    }
    let approved = submitted.approve(&rio, change("x > 1").hash()).unwrap();
    assert_eq!((approved.checker(), approved.approved_at()), ("rio", NOW));
    let refused = approved.clone().activate("x > 2", NOW).unwrap_err();
    assert_eq!(refused.to_string(), "the content is no longer the one that was approved");
    assert_eq!(approved.activate("x > 1", EventTime(9)).unwrap().active_since(), EventTime(9));
}

#[test]
fn leave_for_something_else_is_no_leave_to_approve() {
    let dan = user("dan", &[Role::DataEngineer]);
    let define = permit(&defaults(), &dan, Purpose::Service, Action::Define, Resource::Bank, NOW).unwrap();
    let refused = made("ana", None).submit().approve(&define, change("x > 1").hash()).unwrap_err();
    assert_eq!(refused.to_string(), "`dan` has leave to `define`, not to `approve`");
}

#[test]
fn editing_voids_an_approval() {
    let rio = approver("rio", Role::RiskOfficer).unwrap();
    let approved = made("ana", None).submit().approve(&rio, change("x > 1").hash()).unwrap();
    let edited = approved.recall().edit("x > 2".into(), &user("rio", &[]));
    let refused = edited.submit().approve(&rio, change("x > 2").hash()).unwrap_err();
    assert_eq!(refused.to_string(), "`rio` made this change; somebody else has to decide on it");
}

/// Every sequence of up to this many steps after the draft.
const STEPS_MAX: usize = 8;

fn alphabet() -> Vec<Step> {
    let edited = |user: &str, content: &str| Step::Edited { user: user.into(), content: content.into() };
    let approved = |user: &str, content| Step::Approved { user: user.into(), read: change(content).hash(), at: NOW };
    vec![
        edited("ana", "y"),
        edited("ben", "y"),
        edited("ben", "x"),
        Step::Submitted {},
        Step::Recalled {},
        approved("ana", "x"),
        approved("ben", "x"),
        approved("ben", "y"),
        Step::Rejected { user: "ben".into(), reason: "no".into() },
        Step::Revised {},
        Step::Activated { at: NOW },
    ]
}

#[test]
fn no_sequence_of_steps_activates_what_nobody_else_approved() {
    let (mut tried, mut active) = (0, 0);
    let mut open = vec![vec![Step::Drafted { user: "ana".into(), change: change("x") }]];
    while let Some(steps) = open.pop() {
        tried += 1;
        let Ok(state) = State::replay(steps.clone()) else { continue };
        if matches!(state, State::Active(_)) {
            active += 1;
            assert!(somebody_else_approved_the_last_content(&steps), "{steps:?}");
        }
        if steps.len() <= STEPS_MAX {
            open.extend(alphabet().into_iter().map(|step| [steps.clone(), vec![step]].concat()));
        }
    }
    assert!(tried > 10_000 && active > 20, "{tried} sequences, {active} of them active");
}

/// Said again, straight from the steps: the last content was read by somebody who wrote nothing before that, and
/// nothing was written afterwards.
fn somebody_else_approved_the_last_content(steps: &[Step]) -> bool {
    let mut makers = BTreeSet::new();
    let mut content: Option<ContentHash> = None;
    let mut valid = false;
    for step in steps {
        match step {
            Step::Drafted { user, change } => {
                makers.insert(user.clone());
                content = Some(change.hash());
            }
            Step::Edited { user, content: text } => {
                makers.insert(user.clone());
                content = Some(change(text).hash());
                valid = false;
            }
            Step::Approved { user, read, .. } => valid = !makers.contains(user) && Some(*read) == content,
            Step::Recalled {} | Step::Rejected { .. } => valid = false,
            Step::Submitted {} | Step::Revised {} | Step::Activated { .. } => {}
        }
    }
    valid
}

#[test]
fn stored_steps_that_break_a_rule_are_refused_when_they_are_read() {
    let drafted = || Step::Drafted { user: "ana".into(), change: change("x") };
    let approved = |user: &str| Step::Approved { user: user.into(), read: change("x").hash(), at: NOW };
    let cases = [
        // stored                                                     said
        (vec![], "a change begins with a draft"),
        (vec![Step::Submitted {}], "a change begins with a draft"),
        (vec![drafted(), approved("ben")], "step 2 cannot follow: `approved` on a change that is `draft`"),
        (
            vec![drafted(), Step::Submitted {}, approved("ana")],
            "`ana` made this change; somebody else has to decide on it",
        ),
        (
            vec![drafted(), Step::Submitted {}, Step::Activated { at: NOW }],
            "step 3 cannot follow: `activated` on a change that is `submitted`",
        ),
    ];
    for (steps, expected) in cases {
        assert_eq!(State::replay(steps).unwrap_err().to_string(), expected);
    }
}

#[test]
fn steps_are_stored_as_json_and_unknown_fields_are_refused() {
    let step = Step::Approved { user: "ben".into(), read: change("x").hash(), at: EventTime(1) };
    let text = serde_json::to_string(&step).unwrap();
    insta::assert_snapshot!(text, @r#"{"step":"approved","user":"ben","read":"ed6c7959f70a9145359c2fbc99f24a75c4980deb1574ceadff929fb07f99f264","at":1}"#);
    assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), step);
    assert!(serde_json::from_str::<Step>(r#"{"step":"submitted","by":"eve"}"#).is_err());
    let refused: ApprovalError = State::replay([step]).unwrap_err();
    assert_eq!(refused, ApprovalError::NoSteps);
}
