//! A server of the program, in a process of its own that ends with this.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::house;

/// How long a server may take to answer for the first time.
const START_MAX: Duration = Duration::from_secs(120);

/// A server that answers.
pub(crate) struct Served {
    process: Child,
    said: Value,
}

impl Served {
    /// Starts it and waits until it answers. `command` is the program, and where its bank is; `log` is where it writes what happens.
    ///
    /// # Errors
    /// When it does not start, or does not answer.
    pub(crate) fn start(mut command: Command, listen: &str, log: &Path) -> Result<Self> {
        let written = fs::File::create(log).with_context(|| format!("cannot write `{}`", log.display()))?;
        command.args(["serve", "--json", "--listen", listen]).stdout(Stdio::piped()).stderr(written);
        let process = command.spawn().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
        let mut served = Self { process, said: Value::Null };
        served.said = served.first_words().with_context(|| format!("it did not start: see {}", log.display()))?;
        let began = Instant::now();
        while !is_ready(served.address()) {
            if began.elapsed() > START_MAX {
                bail!("the server does not answer: see {}", log.display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(served)
    }

    /// It says one object when it listens.
    fn first_words(&mut self) -> Result<Value> {
        let mut said = String::new();
        let output = self.process.stdout.take().context("no output")?;
        for line in BufReader::new(output).lines() {
            said += &line?;
            if let Ok(value) = serde_json::from_str(&said) {
                return Ok(value);
            }
        }
        bail!("it said nothing")
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        self.said["address"].as_str().unwrap_or_default()
    }

    /// Where it speaks PostgreSQL's wire.
    pub(crate) fn postgres(&self) -> Option<&str> {
        self.said["postgres"].as_str()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When the system has lost it.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        self.process.wait().context("the server is gone")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn is_ready(address: &str) -> bool {
    let asked = || -> Option<String> {
        let mut stream = TcpStream::connect(address.strip_prefix("http://")?).ok()?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    };
    asked().is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
