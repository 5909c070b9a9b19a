//! What fails beneath, as PostgreSQL's codes. What whoever asks can do nothing about is told to the log, and to them only that it failed.

use arrow::error::ArrowError;
use florin_access::AccessError;
use florin_lake::{LakeError, Wrong};
use florin_pipelines::FlowError;

use crate::fault::{Fault, code};

/// An error and what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {}", more.lines().next().unwrap_or_default());
        }
        cause = error.source();
    }
    said
}

/// Something failed that nobody who asks can mend. The words are for the log: [`told`] takes them out.
fn inside(said: String) -> Fault {
    Fault {
        code: code::INTERNAL,
        message: "something failed inside; the server's log has more".to_owned(),
        hint: Some(said),
    }
}

/// What a client is told, and what goes to the log.
pub(crate) fn told(fault: Fault) -> (Fault, Option<String>) {
    match fault.code {
        code::INTERNAL => (Fault { hint: None, ..fault.clone() }, Some(fault.hint.unwrap_or(fault.message))),
        _ => (fault, None),
    }
}

pub(crate) fn of_lake(error: &LakeError) -> Fault {
    let said = error.to_string();
    match error.wrong() {
        Wrong::NotAQuestion => Fault::new(code::READ_ONLY, said),
        Wrong::Syntax => Fault::new(code::SYNTAX, said),
        Wrong::Table => Fault::new(code::NO_TABLE, said),
        Wrong::Column => Fault::new(code::NO_COLUMN, said),
        Wrong::Function => Fault::new(code::NO_FUNCTION, said),
        Wrong::Meaning => Fault::new(code::WRONG_TYPE, said),
        Wrong::NotSupported => Fault::new(code::NOT_SUPPORTED, said),
        Wrong::Value => Fault::new("22000", said),
        Wrong::DividedByZero => Fault::new("22012", said),
        Wrong::Resources => {
            Fault::new("53200", "the question needs more memory than one may have; ask for less at a time")
        }
        _ => inside(chain(error)),
    }
}

pub(crate) fn of_arrow(error: &ArrowError) -> Fault {
    match error {
        ArrowError::CastError(_) | ArrowError::ComputeError(_) => Fault::new(code::OUT_OF_RANGE, error.to_string()),
        other => inside(chain(other)),
    }
}

pub(crate) fn of_flow(error: FlowError) -> Fault {
    match error {
        FlowError::Refused(refusal) => Fault::new(code::NOT_PERMITTED, refusal.to_string()).with_hint(refusal.help()),
        FlowError::Lake(error) => of_lake(&error),
        FlowError::Time(_) => Fault::new(code::INVALID_VALUE, error.to_string()),
        FlowError::Unknown { .. } => Fault::new(code::NO_TABLE, error.to_string()),
        FlowError::NeverComputed(_) | FlowError::Segment(_) => Fault::new("55000", error.to_string()),
        other => inside(chain(&other)),
    }
}

pub(crate) fn of_access(error: AccessError) -> Fault {
    match error {
        AccessError::WrongCredentials => Fault::new(code::WRONG_PASSWORD, "user or password is wrong")
            .with_hint("the user is a key's id, the password the whole key (fl_...), and the key has the scope `sql`"),
        AccessError::NotAllowed { .. } | AccessError::Throttled { .. } => {
            Fault::new(code::NOT_ALLOWED_IN, error.to_string())
        }
        other => inside(chain(&other)),
    }
}
