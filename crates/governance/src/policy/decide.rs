//! Asks the policies one question.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::LazyLock,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
};
use florin_domain::{DataClass, Principal, Purpose, Role, TableDef};

use super::{
    Policies,
    known::{Answers, Question, answered},
};

/// The classes, from the least sensitive. Each is a step: see [`Asker::class_max`].
const CLASSES: [DataClass; 4] = [DataClass::C1, DataClass::C2, DataClass::C3, DataClass::Identifying];

/// The types of `schema.cedarschema`, parsed once: a session asks hundreds of questions, and each names five of them.
static TYPES: LazyLock<HashMap<&str, EntityTypeName>> = LazyLock::new(|| {
    let names = ["User", "Role", "Purpose", "Class", "Action", "Bank", "Table", "Source", "Customer"];
    names.into_iter().filter_map(|name| Some((name, EntityTypeName::from_str(name).ok()?))).collect()
});

/// A Cedar entity of one of our types, for example `Table::"loan"`. `None` only for a type that is not ours.
pub(crate) fn entity(kind: &str, id: &str) -> Option<EntityUid> {
    Some(EntityUid::from_type_name_and_id(TYPES.get(kind)?.clone(), EntityId::new(id)))
}

/// What the policies said. Anything that could not be decided is a no.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// The `forbid` policies that decided, as `file#id`, sorted; empty when merely nothing permits.
    pub(crate) forbidden_by: Vec<String>,
}

/// A principal before the policies.
pub(crate) struct Asker<'a> {
    policies: &'a Policies,
    user: Option<EntityUid>,
    roles: Vec<Role>,
    /// Made when a question comes that was not answered before.
    entities: OnceCell<Option<Entities>>,
    answers: Answers,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(policies: &'a Policies, principal: &Principal) -> Self {
        Self {
            policies,
            user: entity("User", &principal.user),
            roles: principal.roles.clone(),
            entities: OnceCell::new(),
            answers: policies.known.of(&principal.user, &principal.roles),
        }
    }

    /// The same user, had they only this role: to say who might.
    pub(crate) fn with_only(&self, user: &str, role: Role) -> Self {
        Self::new(self.policies, &Principal { user: user.to_owned(), roles: vec![role] })
    }

    /// Whether an action of `schema.cedarschema` other than `read` is allowed.
    pub(crate) fn may(&self, purpose: Purpose, action: &str, resource: Option<EntityUid>) -> Answer {
        let to = resource.as_ref().map(ToString::to_string).unwrap_or_default();
        let question = Question::May(purpose, action.to_owned(), to);
        answered(&self.answers, question, || self.answer(action, resource, vec![purpose_entry(purpose)]))
    }

    /// Whether columns of one class of a table may be read.
    pub(crate) fn may_read(&self, purpose: Purpose, table: &TableDef, class: DataClass) -> Answer {
        let question = match self.policies.named.contains(&table.name) {
            true => Question::Read(purpose, table.name.clone(), class),
            false => Question::ReadAny(purpose, table.is_about_customers(), class),
        };
        answered(&self.answers, question, || self.asked_to_read(purpose, table, class))
    }

    fn asked_to_read(&self, purpose: Purpose, table: &TableDef, class: DataClass) -> Answer {
        let about_customers = RestrictedExpression::new_bool(table.is_about_customers());
        let context = vec![
            purpose_entry(purpose),
            ("class", entity("Class", &class.to_string()).map(RestrictedExpression::new_entity_uid)),
            ("about_customers", Some(about_customers)),
        ];
        self.answer("read", entity("Table", &table.name), context)
    }

    /// The most sensitive class of a table that may be read together with every class before it; `None` when not even
    /// C1 may. A gap in the policies (C3 but not C2) thus gives less, not more.
    pub(crate) fn class_max(&self, purpose: Purpose, table: &TableDef) -> Option<DataClass> {
        CLASSES.into_iter().take_while(|&class| self.may_read(purpose, table, class).allowed).last()
    }

    fn answer(
        &self,
        action: &str,
        resource: Option<EntityUid>,
        context: Vec<(&'static str, Option<RestrictedExpression>)>,
    ) -> Answer {
        self.asked(action, resource, context).unwrap_or_default()
    }

    fn entities(&self) -> Option<&Entities> {
        let made = || {
            let roles = self.roles.iter().filter_map(|role| entity("Role", role.name())).collect::<HashSet<_>>();
            let user = Entity::new_no_attrs(self.user.clone()?, roles);
            Entities::from_entities([user], Some(&self.policies.schema)).ok()
        };
        self.entities.get_or_init(made).as_ref()
    }

    fn asked(
        &self,
        action: &str,
        resource: Option<EntityUid>,
        context: Vec<(&'static str, Option<RestrictedExpression>)>,
    ) -> Option<Answer> {
        let pairs: Option<Vec<_>> = context.into_iter().map(|(key, value)| Some((key.to_owned(), value?))).collect();
        let context = Context::from_pairs(pairs?).ok()?;
        let action = entity("Action", action)?;
        let request = Request::new(self.user.clone()?, action, resource?, context, Some(&self.policies.schema)).ok()?;
        let response = Authorizer::new().is_authorized(&request, &self.policies.set, self.entities()?);
        // Cedar passes over a policy that fails while it runs. Were that a `forbid`, passing over it would permit.
        let failed = response.diagnostics().errors().next().is_some();
        let allowed = response.decision() == Decision::Allow && !failed;
        let mut forbidden_by: Vec<String> = Vec::new();
        if response.decision() == Decision::Deny {
            forbidden_by.extend(response.diagnostics().reason().map(ToString::to_string));
        }
        forbidden_by.sort();
        Some(Answer { allowed, forbidden_by })
    }
}

fn purpose_entry(purpose: Purpose) -> (&'static str, Option<RestrictedExpression>) {
    ("purpose", entity("Purpose", purpose.name()).map(RestrictedExpression::new_entity_uid))
}
