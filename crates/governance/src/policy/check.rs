//! Reads policy files and finds everything that is wrong with them.

use std::str::FromStr;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, ValidationWarning, Validator};
use miette::Diagnostic;

use super::{PolicyFile, PolicyProblem, PolicyProblems};

/// The vocabulary; wrong only if a table has a name that no catalogue lets through.
pub(super) fn schema(text: &str) -> Result<Schema, PolicyProblems> {
    let file = PolicyFile::new("schema.cedarschema", text);
    match Schema::from_cedarschema_str(text) {
        Ok((schema, _warnings)) => Ok(schema),
        Err(error) => Err(PolicyProblems { problems: vec![problem(&file, &error)] }),
    }
}

/// All policies of all files, or all problems of all files.
pub(super) fn policies(files: &[&PolicyFile], schema: &Schema) -> Result<PolicySet, PolicyProblems> {
    let validator = Validator::new(schema.clone());
    let mut all = PolicySet::new();
    let mut problems = Vec::new();
    for file in files {
        match checked(file, &validator) {
            Ok(policies) => problems.extend(add(&mut all, file, &policies)),
            Err(found) => problems.extend(sorted(found)),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(PolicyProblems { problems }) }
}

fn sorted(mut problems: Vec<PolicyProblem>) -> Vec<PolicyProblem> {
    problems.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
    problems.dedup();
    problems
}

/// The policies of one file, under names that say where they are from.
fn checked(file: &PolicyFile, validator: &Validator) -> Result<PolicySet, Vec<PolicyProblem>> {
    let parsed = PolicySet::from_str(&file.text)
        .map_err(|errors| errors.iter().map(|error| problem(file, error)).collect::<Vec<_>>())?;
    let named = named(file, &parsed)?;
    let result = validator.validate(&named, ValidationMode::Strict);
    let mut problems: Vec<PolicyProblem> = result.validation_errors().map(|error| problem(file, error)).collect();
    if problems.is_empty() {
        // After an error these merely follow from it: a policy of an unknown action can never apply.
        problems.extend(result.validation_warnings().filter(|w| is_mistake(w)).map(|warning| problem(file, warning)));
    }
    if problems.is_empty() { Ok(named) } else { Err(problems) }
}

/// A policy that can never apply, or that reads otherwise than it looks, is a mistake. A name in another script is not:
/// banks have customers and staff with Chinese names.
fn is_mistake(warning: &ValidationWarning) -> bool {
    !matches!(
        warning,
        ValidationWarning::MixedScriptString(_)
            | ValidationWarning::MixedScriptIdentifier(_)
            | ValidationWarning::ConfusableIdentifier(_)
    )
}

/// The policies as `file#id`, where `id` is the `@id` or the number in the file. Messages and refusals name them so.
fn named(file: &PolicyFile, parsed: &PolicySet) -> Result<PolicySet, Vec<PolicyProblem>> {
    let mut problems: Vec<PolicyProblem> =
        parsed.templates().map(|template| slots_are_never_filled(file, template.id())).collect();
    let mut set = PolicySet::new();
    for policy in in_order(parsed) {
        let label = policy.annotation("id").map_or_else(|| number(policy.id()), str::to_owned);
        let id = PolicyId::new(format!("{}#{label}", file.name));
        if set.add(policy.new_id(id)).is_err() {
            problems.push(start_of_file(file, format!("two policies have the `@id` `{label}`")));
        }
    }
    if problems.is_empty() { Ok(set) } else { Err(problems) }
}

fn in_order(parsed: &PolicySet) -> Vec<&Policy> {
    let mut policies: Vec<&Policy> = parsed.policies().collect();
    policies.sort_by_key(|policy| index(policy.id()));
    policies
}

/// Cedar calls the policies of a text `policy0`, `policy1`, ….
fn index(id: &PolicyId) -> usize {
    AsRef::<str>::as_ref(id).trim_start_matches("policy").parse().unwrap_or(usize::MAX)
}

fn number(id: &PolicyId) -> String {
    index(id).saturating_add(1).to_string()
}

fn slots_are_never_filled(file: &PolicyFile, id: &PolicyId) -> PolicyProblem {
    let message = format!("policy {} has a slot (`?principal` or `?resource`), which nothing fills", number(id));
    PolicyProblem { help: Some("name the role or the table".to_owned()), ..start_of_file(file, message) }
}

fn start_of_file(file: &PolicyFile, message: String) -> PolicyProblem {
    PolicyProblem { file: file.name.clone(), line: 1, column: 1, message, help: None }
}

fn add(all: &mut PolicySet, file: &PolicyFile, policies: &PolicySet) -> Option<PolicyProblem> {
    let clash = policies.policies().cloned().any(|policy| all.add(policy).is_err());
    clash.then(|| start_of_file(file, "a file of this name was given twice".to_owned()))
}

fn problem(file: &PolicyFile, error: &(impl Diagnostic + ?Sized)) -> PolicyProblem {
    let offset = error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
    let (line, column) = place(&file.text, offset);
    PolicyProblem {
        file: file.name.clone(),
        line,
        column,
        message: error.to_string(),
        help: error.help().map(|help| help.to_string()),
    }
}

/// Line and column, from 1, of a byte offset.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "甲乙\n丙x\n";
        for (offset, expected) in [(0, (1, 1)), (3, (1, 2)), (7, (2, 1)), (10, (2, 2)), (999, (3, 1))] {
            assert_eq!(place(text, offset), expected, "{offset}");
        }
    }
}
