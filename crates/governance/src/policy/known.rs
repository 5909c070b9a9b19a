//! What policies answered before. The same policies answer the same question the same way: nothing that they are told changes with time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use florin_domain::{DataClass, Purpose, Role};

use super::decide::Answer;

/// Principals whose answers are kept. More than a bank has at work at once; beyond, all are forgotten.
const PRINCIPALS_MAX: usize = 1_000;
/// Answers that are kept of one principal.
const ANSWERS_MAX: usize = 10_000;

/// One question, but for who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Reading a class of a table that no policy names: such differ only in whether their rows are about customers.
    ReadAny(Purpose, bool, DataClass),
    /// Reading a class of a table by its name.
    Read(Purpose, String, DataClass),
    /// Another action on a resource, which goes by type and name.
    May(Purpose, String, String),
}

/// A principal's answers.
pub(super) type Answers = Arc<Mutex<HashMap<Question, Answer>>>;

/// User and roles.
type Who = (String, Vec<Role>);

/// Answers by principal. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<HashMap<Who, Answers>>>);

impl Known {
    /// Those of somebody with these roles.
    pub(super) fn of(&self, user: &str, roles: &[Role]) -> Answers {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= PRINCIPALS_MAX {
            all.clear();
        }
        Arc::clone(all.entry((user.to_owned(), roles.to_vec())).or_default())
    }
}

/// What was answered to a question, or what `ask` answers now.
pub(super) fn answered(answers: &Answers, question: Question, ask: impl FnOnce() -> Answer) -> Answer {
    let known = || answers.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known().get(&question) {
        return answer.clone();
    }
    let answer = ask();
    let mut kept = known();
    if kept.len() >= ANSWERS_MAX {
        kept.clear();
    }
    kept.insert(question, answer.clone());
    answer
}
