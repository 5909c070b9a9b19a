//! A connection, from when somebody signed in until it ends. It lives on a thread of its own: what it asks need not be fit for others.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf},
    time::Instant,
};

use crate::{
    answer::{Answer, Came},
    asker::Asker,
    columns::Column,
    fault::{Fault, code},
    faults,
    login::Wire,
    messages::{self, MESSAGE_BYTES_MAX, Unread},
    prepared::{Portal, Prepared},
    settings::{REPORTED, Settings},
    shared::{Shared, Stop, cancelled},
    statement::Statement,
};

/// Cursors of a connection at most.
pub(crate) const CURSORS_MAX: usize = 64;
/// How long a client may take to read what it is sent.
const SEND_SECONDS_MAX: Duration = Duration::from_secs(120);

/// Why a statement was not done.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It is told, and the connection goes on.
    Fault(Fault),
    /// The connection is over.
    Gone,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<std::io::Error> for Halt {
    fn from(_: std::io::Error) -> Self {
        Self::Gone
    }
}

/// What a statement came to.
pub(crate) enum Outcome {
    Done(String),
    Rows(Box<Answer>),
    Fetched { name: String, rows: Option<usize>, moves: bool },
}

/// In which state a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transaction {
    None = b'I' as isize,
    Open = b'T' as isize,
    Failed = b'E' as isize,
}

/// A cursor.
pub(crate) struct Cursor {
    pub(crate) answer: Answer,
    hold: bool,
}

/// A connection.
pub(crate) struct Connection {
    pub(crate) reader: BufReader<ReadHalf<Box<dyn Wire>>>,
    writer: WriteHalf<Box<dyn Wire>>,
    pub(crate) out: Vec<u8>,
    pub(crate) asker: Asker,
    stop: Arc<Stop>,
    shared: Arc<Shared>,
    pub(crate) transaction: Transaction,
    pub(crate) statements: HashMap<String, Prepared>,
    pub(crate) portals: HashMap<String, Portal>,
    pub(crate) cursors: HashMap<String, Cursor>,
    /// After an error, what is sent is left alone until the client synchronises.
    pub(crate) skipping: bool,
}

impl Connection {
    pub(crate) fn new(stream: Box<dyn Wire>, asker: Asker, stop: Arc<Stop>, shared: Arc<Shared>) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader: BufReader::with_capacity(16 << 10, reader),
            writer,
            out: Vec::new(),
            asker,
            stop,
            shared,
            transaction: Transaction::None,
            statements: HashMap::new(),
            portals: HashMap::new(),
            cursors: HashMap::new(),
            skipping: false,
        }
    }

    /// Answers until the client leaves, is silent for too long, or the server ends.
    pub(crate) async fn serve(mut self, secret: (i32, i32)) {
        messages::key_data(&mut self.out, secret.0, secret.1);
        self.ready();
        let ended = loop {
            // What a client sent at once is answered at once.
            if self.reader.buffer().is_empty() && self.sent().await.is_err() {
                break None;
            }
            match self.next().await {
                Ok((b'X', _)) | Err(Unread::Gone) => break None,
                Err(Unread::Broken(fault)) => break Some(fault),
                Ok((letter, body)) => match self.message(letter, &body).await {
                    Ok(()) => {}
                    Err(Halt::Gone) => break None,
                    Err(Halt::Fault(fault)) => self.failed(fault),
                },
            }
        };
        if let Some(fault) = ended {
            messages::error(&mut self.out, "FATAL", &fault);
            // Who is gone need not be told.
            let _ = self.sent().await;
        }
    }

    async fn next(&mut self) -> Result<(u8, Vec<u8>), Unread> {
        let idle = Duration::from_secs(u64::from(self.shared.settings.idle_timeout_seconds));
        let mut ending = self.shared.ending.clone();
        tokio::select! {
            biased;
            read = messages::read(&mut self.reader, MESSAGE_BYTES_MAX) => read,
            _ = ending.wait_for(|ending| *ending) => Err(Unread::Broken(Fault::new(code::ENDING, "the server is ending"))),
            () = tokio::time::sleep(idle) => Err(Unread::Broken(Fault::new(code::IDLE, "nothing was asked for too long"))),
        }
    }

    async fn message(&mut self, letter: u8, body: &[u8]) -> Result<(), Halt> {
        match letter {
            b'S' => {
                self.skipping = false;
                self.end_portals();
                self.ready();
                Ok(())
            }
            b'Q' => {
                self.skipping = false;
                self.simple(body).await
            }
            _ if self.skipping => Ok(()),
            b'H' => self.sent().await,
            b'P' | b'B' | b'D' | b'E' | b'C' => self.extended(letter, body).await,
            // What is left of a COPY that was refused.
            b'd' | b'c' | b'f' => Ok(()),
            b'F' => Err(Fault::new(code::NOT_SUPPORTED, "functions are called in SQL here").into()),
            _ => Err(Halt::Gone),
        }
    }

    /// Tells what went wrong.
    fn failed(&mut self, fault: Fault) {
        let (fault, inside) = faults::told(fault);
        if let Some(inside) = inside {
            (self.shared.tell)(&format!("postgres: a question of `{}` failed: {inside}", self.asker.user()));
        }
        messages::error(&mut self.out, "ERROR", &fault);
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
        self.skipping = true;
    }

    fn ready(&mut self) {
        messages::ready(&mut self.out, self.transaction as u8);
    }

    /// Sends what is written.
    pub(crate) async fn sent(&mut self) -> Result<(), Halt> {
        if self.out.is_empty() {
            return Ok(());
        }
        let sending = async {
            self.writer.write_all(&self.out).await?;
            self.writer.flush().await
        };
        match tokio::time::timeout(SEND_SECONDS_MAX, sending).await {
            Ok(Ok(())) => self.out.clear(),
            _ => return Err(Halt::Gone),
        }
        Ok(())
    }

    /// A text of statements, each answered as it comes. The first that fails is the last.
    async fn simple(&mut self, body: &[u8]) -> Result<(), Halt> {
        let done = self.each_of(body).await;
        if let Err(Halt::Fault(fault)) = done {
            self.failed(fault);
            self.skipping = false;
        } else {
            done?;
        }
        self.end_portals();
        self.ready();
        Ok(())
    }

    async fn each_of(&mut self, body: &[u8]) -> Result<(), Halt> {
        let text = messages::Parts(body).text()?.to_owned();
        let statements = crate::statement::statements(&text)?;
        if statements.is_empty() {
            messages::bare(&mut self.out, b'I');
        }
        for statement in statements {
            self.stop.begin();
            let until = self.deadline();
            let outcome = self.performed(statement, until).await?;
            self.told(outcome, until).await?;
        }
        Ok(())
    }

    pub(crate) fn deadline(&self) -> Instant {
        let most = Duration::from_secs(u64::from(self.shared.settings.statement_timeout_seconds));
        Instant::now() + self.asker.settings.time_out(most)
    }

    pub(crate) fn begin_statement(&self) {
        self.stop.begin();
    }

    async fn told(&mut self, outcome: Outcome, until: Instant) -> Result<(), Halt> {
        match outcome {
            Outcome::Done(tag) => messages::complete(&mut self.out, &tag),
            Outcome::Rows(mut answer) => {
                messages::row_description(&mut self.out, &answer.columns, &[]);
                let (told, _) = self.rows(&mut answer, &[], u64::MAX, until).await?;
                messages::complete(&mut self.out, &format!("SELECT {told}"));
            }
            Outcome::Fetched { name, rows, moves } => {
                let told = self.fetched(&name, rows, moves, &[], true, until).await?;
                messages::complete(&mut self.out, &format!("{} {told}", if moves { "MOVE" } else { "FETCH" }));
            }
        }
        Ok(())
    }

    /// Tells rows of a cursor.
    pub(crate) async fn fetched(
        &mut self,
        name: &str,
        rows: Option<usize>,
        moves: bool,
        binary: &[bool],
        described: bool,
        until: Instant,
    ) -> Result<u64, Halt> {
        let mut cursor = self.cursors.remove(name).ok_or_else(|| no_cursor(name))?;
        if described && !moves {
            messages::row_description(&mut self.out, &cursor.answer.columns, binary);
        }
        cursor.answer.rewritten(binary);
        let most = rows.map_or(u64::MAX, |rows| rows as u64);
        let told = if moves {
            self.skipped(&mut cursor.answer, most, until).await
        } else {
            self.rows(&mut cursor.answer, binary, most, until).await
        };
        self.cursors.insert(name.to_owned(), cursor);
        told.map(|(told, _)| told)
    }

    async fn skipped(&mut self, answer: &mut Answer, most: u64, until: Instant) -> Result<(u64, Came), Halt> {
        let mut told = 0;
        loop {
            let mut nowhere = Vec::new();
            let came = self.bounded(answer.write(&[], most, &mut told, &mut nowhere), until).await?;
            if came != Came::OnTheWay {
                return Ok((told, came));
            }
        }
    }

    /// Tells rows of an answer, at most so many: how many there were, and whether there may be more.
    pub(crate) async fn rows(
        &mut self,
        answer: &mut Answer,
        binary: &[bool],
        most: u64,
        until: Instant,
    ) -> Result<(u64, Came), Halt> {
        let mut told = 0;
        loop {
            let mut out = std::mem::take(&mut self.out);
            let came = self.bounded(answer.write(binary, most, &mut told, &mut out), until).await;
            self.out = out;
            match came? {
                Came::OnTheWay => self.sent().await?,
                came => return Ok((told, came)),
            }
        }
    }

    /// Waits for something, unless it is stopped, takes too long, or whoever asked is gone.
    pub(crate) async fn bounded<T>(
        &mut self,
        work: impl Future<Output = Result<T, Fault>>,
        until: Instant,
    ) -> Result<T, Halt> {
        let stop = Arc::clone(&self.stop);
        let reader = &mut self.reader;
        let gone = async {
            match reader.fill_buf().await {
                // More was sent already; it waits.
                Ok(more) if !more.is_empty() => std::future::pending().await,
                _ => (),
            }
        };
        tokio::select! {
            biased;
            () = stop.asked() => Err(cancelled(false).into()),
            () = tokio::time::sleep_until(until) => Err(cancelled(true).into()),
            done = work => Ok(done?),
            () = gone => Err(Halt::Gone),
        }
    }

    /// The answer to a question.
    pub(crate) async fn answer(&mut self, text: &str, until: Instant) -> Result<Answer, Halt> {
        let stop = Arc::clone(&self.stop);
        let (reader, asker) = (&mut self.reader, &mut self.asker);
        let gone = async {
            match reader.fill_buf().await {
                Ok(more) if !more.is_empty() => std::future::pending().await,
                _ => (),
            }
        };
        tokio::select! {
            biased;
            () = stop.asked() => Err(cancelled(false).into()),
            () = tokio::time::sleep_until(until) => Err(cancelled(true).into()),
            done = asker.answer(text) => Ok(done?),
            () = gone => Err(Halt::Gone),
        }
    }

    /// Does what a statement wants.
    pub(crate) async fn performed(&mut self, statement: Statement, until: Instant) -> Result<Outcome, Halt> {
        self.check_transaction(&statement)?;
        Ok(match statement {
            Statement::Question(text) => Outcome::Rows(Box::new(self.answer(&text, until).await?)),
            Statement::Declare { name, question, hold } => self.declared(name, &question, hold, until).await?,
            Statement::Show(name) => {
                let told = crate::show::shown(&name, &self.asker.settings)?;
                Outcome::Rows(Box::new(told))
            }
            Statement::Fetch { name, rows, moves } => {
                if !self.cursors.contains_key(&name) {
                    return Err(no_cursor(&name).into());
                }
                Outcome::Fetched { name, rows, moves }
            }
            other => Outcome::Done(self.done(other)?),
        })
    }

    fn check_transaction(&self, statement: &Statement) -> Result<(), Fault> {
        let ends = matches!(statement, Statement::Commit | Statement::Rollback | Statement::RollbackTo);
        if self.transaction == Transaction::Failed && !ends {
            let message = "current transaction is aborted, commands ignored until end of transaction block";
            return Err(Fault::new(code::IN_FAILED_TRANSACTION, message));
        }
        Ok(())
    }

    async fn declared(&mut self, name: String, question: &str, hold: bool, until: Instant) -> Result<Outcome, Halt> {
        if self.transaction == Transaction::None && !hold {
            return Err(Fault::new("25P01", "DECLARE CURSOR can only be used in transaction blocks").into());
        }
        if self.cursors.contains_key(&name) {
            return Err(Fault::new(code::TAKEN_CURSOR, format!("cursor `{name}` already exists")).into());
        }
        if self.cursors.len() >= CURSORS_MAX {
            return Err(Fault::new(code::LIMIT, format!("a connection has at most {CURSORS_MAX} cursors")).into());
        }
        let answer = self.answer(question, until).await?;
        self.cursors.insert(name, Cursor { answer, hold });
        Ok(Outcome::Done("DECLARE CURSOR".to_owned()))
    }

    /// What is done at once; what is said then.
    fn done(&mut self, statement: Statement) -> Result<String, Fault> {
        let said = match statement {
            Statement::Set { name, value, local } => {
                self.set(&name, value.as_deref(), local)?;
                "SET"
            }
            Statement::Reset(name) => {
                self.changed(|settings| match &name {
                    Some(name) => settings.reset(name),
                    None => {
                        settings.reset_all();
                        Ok(())
                    }
                })?;
                "RESET"
            }
            Statement::Nothing(tag) | Statement::Savepoint(tag) => tag,
            Statement::DiscardAll => {
                self.discard()?;
                "DISCARD ALL"
            }
            Statement::Begin => {
                self.asker.settings.begin();
                self.transaction = Transaction::Open;
                "BEGIN"
            }
            Statement::Commit if self.transaction == Transaction::Failed => self.ended(true)?,
            Statement::Commit => self.ended(false)?,
            Statement::Rollback => self.ended(true)?,
            Statement::RollbackTo => {
                if self.transaction == Transaction::Failed {
                    self.transaction = Transaction::Open;
                }
                "ROLLBACK"
            }
            Statement::Close(name) => {
                self.close(name.as_deref())?;
                "CLOSE CURSOR"
            }
            Statement::Deallocate(name) => {
                match name {
                    Some(name) => drop(self.statements.remove(&name)),
                    None => self.statements.clear(),
                }
                "DEALLOCATE"
            }
            Statement::Write(what) => {
                return Err(Fault::new(code::READ_ONLY, format!("cannot execute {what} in a read-only transaction"))
                    .with_hint("what is in Florin's tables came through its sources; nothing is written from here"));
            }
            Statement::Unsupported { what, hint } => {
                let fault = Fault::new(code::NOT_SUPPORTED, format!("{what} is not spoken here"));
                return Err(if hint.is_empty() { fault } else { fault.with_hint(hint) });
            }
            Statement::Question(_) | Statement::Show(_) | Statement::Declare { .. } | Statement::Fetch { .. } => "",
        };
        Ok(said.to_owned())
    }

    fn set(&mut self, name: &str, value: Option<&str>, local: bool) -> Result<(), Fault> {
        if let (crate::settings::AS_OF, Some(value)) = (name, value) {
            self.asker.check_as_of(value)?;
        }
        self.changed(|settings| match value {
            Some(value) => settings.set(name, value, local),
            None => settings.reset(name),
        })
    }

    /// Changes settings, and says so where clients are told.
    fn changed(&mut self, change: impl FnOnce(&mut Settings) -> Result<(), Fault>) -> Result<(), Fault> {
        let told = |settings: &Settings| REPORTED.map(|name| settings.get(name).unwrap_or_default().to_owned());
        let before = told(&self.asker.settings);
        change(&mut self.asker.settings)?;
        for ((name, before), after) in REPORTED.into_iter().zip(before).zip(told(&self.asker.settings)) {
            if before != after {
                messages::parameter_status(&mut self.out, name, &after);
            }
        }
        Ok(())
    }

    fn ended(&mut self, rolled_back: bool) -> Result<&'static str, Fault> {
        self.changed(|settings| {
            settings.end(rolled_back);
            Ok(())
        })?;
        self.transaction = Transaction::None;
        self.cursors.retain(|_, cursor| cursor.hold && !rolled_back);
        Ok(if rolled_back { "ROLLBACK" } else { "COMMIT" })
    }

    fn discard(&mut self) -> Result<(), Fault> {
        if self.transaction != Transaction::None {
            return Err(Fault::new("25001", "DISCARD ALL cannot run inside a transaction block"));
        }
        self.statements.clear();
        self.portals.clear();
        self.cursors.clear();
        // What a pooled connection was for is not what it will be for.
        self.changed(|settings| {
            settings.reset_all();
            Ok(())
        })
    }

    fn close(&mut self, name: Option<&str>) -> Result<(), Fault> {
        match name {
            None => self.cursors.clear(),
            Some(name) => drop(self.cursors.remove(name).ok_or_else(|| no_cursor(name))?),
        }
        Ok(())
    }

    fn end_portals(&mut self) {
        if self.transaction != Transaction::Open {
            self.portals.clear();
        }
    }

    /// The columns that a cursor tells.
    pub(crate) fn columns_of_cursor(&self, name: &str) -> Result<Vec<Column>, Fault> {
        self.cursors.get(name).map(|cursor| cursor.answer.columns.clone()).ok_or_else(|| no_cursor(name))
    }
}

fn no_cursor(name: &str) -> Fault {
    Fault::new(code::NO_CURSOR, format!("cursor `{name}` does not exist"))
}
