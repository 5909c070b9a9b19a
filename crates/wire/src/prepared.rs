//! Statements that are prepared, and portals: questions with values in their places, told in as many parts as a client likes.

use tokio::time::Instant;

use crate::{
    answer::{Answer, Came, binary_columns},
    catalogue::types::Oid,
    columns::Column,
    connection::{Connection, Halt, Outcome},
    fault::{Fault, code},
    messages::{self, Parts},
    parameters::{self, Parameter},
    show,
    statement::{Statement, statements},
};

/// Prepared statements of a connection at most.
pub(crate) const STATEMENTS_MAX: usize = 1_000;
/// Portals of a connection at most.
pub(crate) const PORTALS_MAX: usize = 256;

/// A statement that is prepared.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// `None` when there is nothing to do.
    statement: Option<Statement>,
    /// Types of parameters that the client named; 0 where it did not.
    types: Vec<Oid>,
    /// What the client was told that it tells.
    columns: Option<Vec<Column>>,
}

/// A statement with values.
pub(crate) struct Portal {
    statement: Option<Statement>,
    formats: Vec<u16>,
    columns: Option<Vec<Column>>,
    opened: Option<Opened>,
}

/// What a portal came to so far.
enum Opened {
    Answer(Box<Answer>, Vec<bool>),
    Fetch { name: String, rows: Option<usize>, moves: bool, binary: Vec<bool> },
    Done(String),
}

impl Connection {
    pub(crate) async fn extended(&mut self, letter: u8, body: &[u8]) -> Result<(), Halt> {
        let mut parts = Parts(body);
        match letter {
            b'P' => self.parse(&mut parts)?,
            b'B' => self.bind(&mut parts)?,
            b'D' => return self.describe(&mut parts).await,
            b'E' => return self.execute(&mut parts).await,
            _ => {
                let (what, name) = (parts.byte()?, parts.text()?);
                let _ = if what == b'S' {
                    self.statements.remove(name).is_some()
                } else {
                    self.portals.remove(name).is_some()
                };
                messages::bare(&mut self.out, b'3');
            }
        }
        Ok(())
    }

    fn parse(&mut self, parts: &mut Parts<'_>) -> Result<(), Fault> {
        let (name, text) = (parts.text()?.to_owned(), parts.text()?);
        let types =
            (0..parts.short()?).map(|_| Ok(parts.int()?.cast_unsigned())).collect::<Result<Vec<Oid>, Fault>>()?;
        let mut found = statements(text)?;
        if found.len() > 1 {
            return Err(Fault::new(code::SYNTAX, "cannot insert multiple commands into a prepared statement"));
        }
        if !name.is_empty() && self.statements.contains_key(&name) {
            return Err(Fault::new("42P05", format!("prepared statement `{name}` already exists")));
        }
        if self.statements.len() >= STATEMENTS_MAX {
            return Err(Fault::new(
                code::LIMIT,
                format!("a connection has at most {STATEMENTS_MAX} prepared statements"),
            ));
        }
        self.statements.insert(name, Prepared { statement: found.pop(), types, columns: None });
        messages::bare(&mut self.out, b'1');
        Ok(())
    }

    fn bind(&mut self, parts: &mut Parts<'_>) -> Result<(), Fault> {
        let (portal, name) = (parts.text()?.to_owned(), parts.text()?);
        let prepared = self.statements.get(name).ok_or_else(|| no_statement(name))?.clone();
        let sent = values(parts, &prepared.types)?;
        let formats = (0..parts.short()?).map(|_| parts.short()).collect::<Result<Vec<u16>, Fault>>()?;
        let statement = prepared.statement.map(|statement| with_values(statement, &sent)).transpose()?;
        if self.portals.len() >= PORTALS_MAX && !self.portals.contains_key(&portal) {
            return Err(Fault::new(code::LIMIT, format!("a connection has at most {PORTALS_MAX} portals")));
        }
        self.portals.insert(portal, Portal { statement, formats, columns: prepared.columns, opened: None });
        messages::bare(&mut self.out, b'2');
        Ok(())
    }

    async fn describe(&mut self, parts: &mut Parts<'_>) -> Result<(), Halt> {
        let (what, name) = (parts.byte()?, parts.text()?.to_owned());
        if what == b'S' {
            return self.describe_statement(&name).await;
        }
        // A cursor is a portal too, and a driver may ask what it tells.
        if !self.portals.contains_key(&name) && self.cursors.contains_key(&name) {
            let columns = self.columns_of_cursor(&name)?;
            messages::row_description(&mut self.out, &columns, &[]);
            return Ok(());
        }
        self.begin_statement();
        let until = self.deadline();
        self.open(&name, until).await?;
        let described = match self.portals.get(&name).and_then(|portal| portal.opened.as_ref()) {
            Some(Opened::Answer(answer, binary)) => Some((answer.columns.clone(), binary.clone())),
            Some(Opened::Fetch { name, moves: false, binary, .. }) => {
                Some((self.columns_of_cursor(name)?, binary.clone()))
            }
            _ => None,
        };
        match described {
            Some((columns, binary)) => messages::row_description(&mut self.out, &columns, &binary),
            None => messages::bare(&mut self.out, b'n'),
        }
        Ok(())
    }

    async fn describe_statement(&mut self, name: &str) -> Result<(), Halt> {
        let prepared = self.statements.get(name).ok_or_else(|| no_statement(name))?.clone();
        self.begin_statement();
        let until = self.deadline();
        let (columns, types) = match &prepared.statement {
            Some(Statement::Question(text)) => {
                let (columns, types) = self.described(text, &prepared.types, until).await?;
                (Some(columns), types)
            }
            Some(Statement::Show(name)) => (Some(show::shown(name, &self.asker.settings)?.columns), prepared.types),
            Some(Statement::Fetch { name, moves: false, .. }) => (Some(self.columns_of_cursor(name)?), prepared.types),
            _ => (None, prepared.types),
        };
        messages::parameter_description(&mut self.out, &types);
        match &columns {
            Some(columns) => messages::row_description(&mut self.out, columns, &[]),
            None => messages::bare(&mut self.out, b'n'),
        }
        if let Some(held) = self.statements.get_mut(name) {
            (held.columns, held.types) = (columns, types);
        }
        Ok(())
    }

    /// Begins what a portal wants, unless it began.
    async fn open(&mut self, name: &str, until: Instant) -> Result<(), Halt> {
        let portal = self.portals.get(name).ok_or_else(|| no_portal(name))?;
        if portal.opened.is_some() {
            return Ok(());
        }
        let Some(statement) = portal.statement.clone() else { return Ok(()) };
        // What has no rows is done when it is executed, and not before.
        let tells = matches!(statement, Statement::Question(_) | Statement::Show(_) | Statement::Fetch { .. });
        if !tells {
            return Ok(());
        }
        let outcome = self.performed(statement, until).await?;
        self.opened(name, outcome)
    }

    fn opened(&mut self, name: &str, outcome: Outcome) -> Result<(), Halt> {
        let formats = self.portals.get(name).map(|portal| portal.formats.clone()).unwrap_or_default();
        let opened = match outcome {
            Outcome::Rows(answer) => {
                let promised = self.portals.get(name).and_then(|portal| portal.columns.as_ref());
                if promised.is_some_and(|promised| !same_types(promised, &answer.columns)) {
                    return Err(Fault::new(code::NOT_SUPPORTED, "cached plan must not change result type").into());
                }
                let binary = binary_columns(&formats, answer.columns.len())?;
                Opened::Answer(answer, binary)
            }
            Outcome::Fetched { name, rows, moves } => {
                let columns = self.columns_of_cursor(&name)?;
                let binary = binary_columns(&formats, columns.len())?;
                Opened::Fetch { name, rows, moves, binary }
            }
            Outcome::Done(tag) => Opened::Done(tag),
        };
        if let Some(portal) = self.portals.get_mut(name) {
            portal.opened = Some(opened);
        }
        Ok(())
    }

    async fn execute(&mut self, parts: &mut Parts<'_>) -> Result<(), Halt> {
        let (name, most) = (parts.text()?.to_owned(), parts.int()?);
        self.begin_statement();
        let until = self.deadline();
        self.open(&name, until).await?;
        let portal = self.portals.get_mut(&name).ok_or_else(|| no_portal(&name))?;
        match (portal.opened.take(), portal.statement.clone()) {
            (Some(Opened::Answer(answer, binary)), _) => self.execute_rows(&name, answer, binary, most, until).await,
            (Some(Opened::Fetch { name, rows, moves, binary }), _) => {
                let told = self.fetched(&name, rows, moves, &binary, false, until).await?;
                messages::complete(&mut self.out, &format!("{} {told}", if moves { "MOVE" } else { "FETCH" }));
                Ok(())
            }
            (Some(Opened::Done(tag)), _) => {
                messages::complete(&mut self.out, &tag);
                Ok(())
            }
            (None, None) => {
                messages::bare(&mut self.out, b'I');
                Ok(())
            }
            (None, Some(statement)) => {
                if let Outcome::Done(tag) = self.performed(statement, until).await? {
                    messages::complete(&mut self.out, &tag);
                }
                Ok(())
            }
        }
    }

    async fn execute_rows(
        &mut self,
        name: &str,
        mut answer: Box<Answer>,
        binary: Vec<bool>,
        most: i32,
        until: Instant,
    ) -> Result<(), Halt> {
        let most = u64::try_from(most).ok().filter(|most| *most > 0).unwrap_or(u64::MAX);
        let (told, came) = self.rows(&mut answer, &binary, most, until).await?;
        if came == Came::ToTheLimit {
            messages::bare(&mut self.out, b's');
            if let Some(portal) = self.portals.get_mut(name) {
                portal.opened = Some(Opened::Answer(answer, binary));
            }
        } else {
            messages::complete(&mut self.out, &format!("SELECT {told}"));
        }
        Ok(())
    }

    async fn described(&mut self, text: &str, types: &[Oid], until: Instant) -> Result<(Vec<Column>, Vec<Oid>), Halt> {
        match tokio::time::timeout_at(until, self.asker.described(text, types)).await {
            Ok(described) => Ok(described?),
            Err(_) => Err(crate::shared::cancelled(true).into()),
        }
    }
}

fn same_types(a: &[Column], b: &[Column]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.ty == b.ty)
}

fn values(parts: &mut Parts<'_>, types: &[Oid]) -> Result<Vec<Parameter>, Fault> {
    let formats = (0..parts.short()?).map(|_| parts.short()).collect::<Result<Vec<u16>, Fault>>()?;
    let count = usize::from(parts.short()?);
    if formats.len() > 1 && formats.len() != count {
        return Err(Fault::new(code::PROTOCOL, "not every parameter has its format"));
    }
    let value = |place: usize| {
        let format = formats.get(if formats.len() == 1 { 0 } else { place }).copied().unwrap_or_default();
        let bytes = match usize::try_from(parts.int()?) {
            Ok(length) => Some(parts.bytes(length)?.to_vec()),
            Err(_) => None,
        };
        Ok(Parameter { bytes, binary: format == 1, ty: types.get(place).copied().unwrap_or_default() })
    };
    (0..count).map(value).collect()
}

fn with_values(statement: Statement, sent: &[Parameter]) -> Result<Statement, Fault> {
    Ok(match statement {
        Statement::Question(text) => Statement::Question(parameters::filled(&text, sent)?),
        Statement::Declare { name, question, hold } => {
            Statement::Declare { name, question: parameters::filled(&question, sent)?, hold }
        }
        other => other,
    })
}

fn no_statement(name: &str) -> Fault {
    Fault::new(code::NO_STATEMENT, format!("prepared statement `{name}` does not exist"))
}

fn no_portal(name: &str) -> Fault {
    Fault::new(code::NO_CURSOR, format!("portal `{name}` does not exist"))
}
