//! What is wrong with a policy file is said with file, line and column, all at once.

use florin_domain::Role::{Analyst, Marketer, RiskOfficer};
use florin_domain::{Catalogue, ColumnDef, ColumnType, DataClass, Purpose, Role, TableDef};
use florin_governance::{Action, DEFAULT_POLICIES, Policies, PolicyFile};

use crate::{catalogue, defaults, defaults_and, session, user};

fn problems(files: &[(&str, &str)]) -> String {
    let files: Vec<PolicyFile> = files.iter().map(|&(name, text)| PolicyFile::new(name, text)).collect();
    Policies::parse(&files, &catalogue()).expect_err("a problem").to_string()
}

/// The first problem of a `permit` for analysts under this condition, or of this whole text.
fn first_problem(text: &str) -> String {
    let whole = match text.contains("permit") || text.contains("forbid") {
        true => text.to_owned(),
        false => format!("permit (principal, action == Action::\"read\", resource)\nwhen {{ {text} }};"),
    };
    problems(&[("ours.cedar", &whole)]).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn every_word_that_is_not_in_the_vocabulary_is_refused_where_it_stands() {
    let cases = [
        // what the policy says                                                                   place   says
        (r#"context.porpose == Purpose::"risk""#, "2:8", "porpose"),
        (r#"context.purpose == Purpose::"rsik""#, "2:27", "rsik"),
        (r#"context.purpose == "risk""#, "2:8", "String"),
        (r#"context.class == Class::"C4""#, "2:25", "C4"),
        (r#"principal.branch == "Berlin""#, "2:8", "branch"),
        (r#"context.rows < "#, "2:24", "unexpected token"),
        (r#"permit (principal in Role::"analist", action, resource);"#, "1:22", "analist"),
        (r#"permit (principal in Roll::"analyst", action, resource);"#, "1:22", "Roll"),
        (r#"permit (principal, action == Action::"reed", resource);"#, "1:30", "reed"),
        (r#"permit (principal, action, resource == Table::"intreaction");"#, "1:40", "intreaction"),
        (r#"permit (principal, action == Action::"look_up", resource == Table::"loan");"#, "1:1", "impossible"),
        (r#"permit (principal == ?principal, action, resource);"#, "1:1", "?principal"),
        (
            r#"@id("a") permit (principal, action, resource); @id("a") permit (principal, action, resource);"#,
            "1:1",
            "`@id` `a`",
        ),
    ];
    let mut wrong = String::new();
    for (text, place, says) in cases {
        let found = first_problem(text);
        if !found.starts_with(&format!("ours.cedar:{place}: ")) || !found.contains(says) {
            wrong += &format!("{text}\n  expected {place}, {says}\n  found    {found}\n");
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn all_problems_of_all_files_are_said_at_once_with_cedars_help() {
    let found = problems(&[
        (
            "b.cedar",
            "permit (principal, action == Action::\"read\", resource)\nwhen { context.porpose == Purpose::\"risk\" };",
        ),
        (
            "a.cedar",
            "// ours\nforbid (principal in Role::\"analist\", action, resource);\nforbid (principal, action, resource == Table::\"lone\");",
        ),
        ("c.cedar", "permit (principal, action, resource"),
        ("d.cedar", "permit (principal, action, resource);"),
    ]);
    insta::assert_snapshot!(found, @r#"
    a.cedar:2:22: for policy `a.cedar#1`: entity `Role::"analist"` is of an enumerated entity type, but `"analist"` is not declared as a valid eid
      help: valid entity eids: "analyst", "marketer", "risk_officer", "service_agent", "compliance_officer", "data_engineer", "administrator"
    a.cedar:3:40: for policy `a.cedar#2`: entity `Table::"lone"` is of an enumerated entity type, but `"lone"` is not declared as a valid eid
      help: valid entity eids: "account", "anonymous_span", "consent", "contact", "customer", "event", "identifier", "interaction", "loan", "product", "relationship", "response", "survey_response", "transaction"
    b.cedar:2:8: for policy `b.cedar#1`, attribute `porpose` in context for Action::"read" not found
      help: did you mean `purpose`?
    c.cedar:1:36: unexpected end of input
    "#);
}

#[test]
fn every_name_of_the_domain_is_in_the_vocabulary() {
    let quoted =
        |kind: &str, names: Vec<String>| names.iter().map(|name| format!("{kind}::\"{name}\"")).collect::<Vec<_>>();
    let actions = quoted("Action", Action::ALL.map(|action| action.name().to_owned()).to_vec());
    let roles = quoted("Role", Role::ALL.map(|role| role.name().to_owned()).to_vec());
    let purposes = quoted("Purpose", Purpose::ALL.map(|purpose| purpose.name().to_owned()).to_vec());
    let classes = [DataClass::C1, DataClass::C2, DataClass::C3, DataClass::Identifying].map(|class| class.to_string());
    let classes = quoted("Class", classes.to_vec());
    let mut text = format!(
        "permit (principal, action in [{}], resource) when {{ [{}].contains(context.purpose) }};",
        actions.join(", "),
        purposes.join(", ")
    );
    text += &format!(
        "permit (principal, action == Action::\"read\", resource) when {{ [{}].contains(context.class) }};",
        classes.join(", ")
    );
    for role in roles {
        text += &format!("permit (principal in {role}, action, resource);");
    }
    defaults_and(&text);
}

#[test]
fn a_policy_that_can_never_apply_is_refused() {
    let found = first_problem("context.about_customers && !context.about_customers && principal is Table");
    assert!(found.contains("impossible"), "{found}");
}

#[test]
fn a_file_given_twice_is_refused() {
    let file = ("a.cedar", "permit (principal, action, resource);");
    assert_eq!(problems(&[file, file]), "a.cedar:1:1: a file of this name was given twice");
}

#[test]
fn names_in_chinese_are_fine() {
    let policies = defaults_and(
        "permit (principal == User::\"王芳Ana\", action == Action::\"read\", resource)\nwhen { context.purpose == Purpose::\"risk\" };",
    );
    assert!(session(&policies, &user("王芳Ana", &[]), Purpose::Risk).is_ok());
    assert!(session(&policies, &user("王芳", &[]), Purpose::Risk).is_err());
}

#[test]
fn a_forbid_wins_over_every_permit() {
    let policies = defaults_and(
        "@id(\"works-council\") forbid (principal in Role::\"analyst\", action == Action::\"read\", resource == Table::\"loan\");",
    );
    let grant = session(&policies, &user("ana", &[Analyst, RiskOfficer]), Purpose::Analytics).unwrap();
    assert!(grant.table("account").is_some());
    assert!(grant.table("loan").is_none());
    insta::assert_snapshot!(grant.refuse_table("loan"), @"`ana` (analyst, risk_officer) may not read `loan` for analytics; allowed purposes for this table: none");
    insta::assert_snapshot!(grant.refuse_table("loan").help(), @"forbidden by `ours.cedar#works-council`, whatever else permits it");
}

#[test]
fn a_forbid_that_fails_while_it_runs_still_forbids() {
    let permitted = defaults_and("permit (principal, action, resource);");
    assert!(session(&permitted, &user("ana", &[]), Purpose::Service).is_ok());
    let overflowing = defaults_and(
        "permit (principal, action, resource); forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 };",
    );
    assert!(session(&overflowing, &user("ana", &[Analyst]), Purpose::Analytics).is_err());
}

#[test]
fn a_class_above_one_that_is_not_permitted_is_not_seen() {
    let policies = defaults_and(
        "forbid (principal, action == Action::\"read\", resource) when { context.class == Class::\"C2\" };",
    );
    let grant = session(&policies, &user("rio", &[RiskOfficer]), Purpose::Risk).unwrap();
    let interaction = grant.table("interaction").unwrap();
    assert_eq!(interaction.class_max(), DataClass::C1);
    assert!(
        interaction.is_masked("text") && interaction.is_masked("satisfaction") && !interaction.is_masked("channel")
    );
}

#[test]
fn policies_can_tell_tables_about_customers_from_others() {
    let policies =
        defaults_and("forbid (principal, action == Action::\"read\", resource) when { context.about_customers };");
    let grant = session(&policies, &user("mia", &[Marketer]), Purpose::Marketing).unwrap();
    assert_eq!(grant.tables().keys().collect::<Vec<_>>(), ["product"]);
}

#[test]
fn tables_of_the_banks_own_are_part_of_the_vocabulary() {
    let column = |name: &str, class| ColumnDef {
        name: name.into(),
        ty: ColumnType::Text,
        class,
        required: false,
        about: String::new(),
    };
    let district = TableDef {
        name: "district".into(),
        about: "where the bank is".into(),
        key: vec!["name".into()],
        versions_of: vec![],
        order: vec![],
        purposes: vec![],
        columns: vec![column("name", DataClass::C1), column("salary", DataClass::C2), column("notes", DataClass::C3)],
    };
    let own = Catalogue::new(vec![district]).unwrap();
    let text =
        "forbid (principal, action, resource == Table::\"district\") when { context.purpose == Purpose::\"risk\" };";
    let files = [PolicyFile::new("a.cedar", DEFAULT_POLICIES), PolicyFile::new("b.cedar", text)];
    assert!(Policies::parse(&files, &catalogue()).is_err());
    let policies = Policies::parse(&files, &own).unwrap();
    let open = |purpose| {
        let rules = florin_governance::PurposeRules::default();
        florin_governance::open_session(&policies, &own, &rules, &user("rio", &[Analyst]), purpose, None, crate::NOW)
    };
    let grant = open(Purpose::Analytics).unwrap();
    assert_eq!(grant.table("district").unwrap().masked().iter().collect::<Vec<_>>(), ["notes"]);
    assert!(open(Purpose::Risk).is_err());
}

#[test]
fn the_version_is_of_everything_given_whatever_its_order() {
    let (a, b) = (PolicyFile::new("a.cedar", DEFAULT_POLICIES), PolicyFile::new("b.cedar", "// ours"));
    let version = |files: &[PolicyFile]| Policies::parse(files, &catalogue()).unwrap().version();
    assert_eq!(version(&[a.clone(), b.clone()]), version(&[b.clone(), a.clone()]));
    let changed = PolicyFile::new("b.cedar", "// ours ");
    assert_ne!(version(&[a.clone(), b]), version(&[a.clone(), changed]));
    assert_ne!(version(&[a]), defaults().version(), "the name of the file counts");
}
