//! The beginning of a connection: TLS or not, who it is, and what they set.

use std::{net::IpAddr, time::Duration};

use florin_access::{ClientFirst, KeyUse, Mechanism};
use florin_domain::Purpose;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    fault::{Fault, code},
    faults,
    messages::{self, LOGIN_BYTES_MAX, Parts, Unread},
    settings::{PURPOSE, REPORTED, Settings},
    shared::Shared,
    tls::Tls,
};

/// How long signing in may take.
pub(crate) const LOGIN_SECONDS_MAX: Duration = Duration::from_secs(30);
/// How often a client may ask how to encrypt before it begins.
const ASKS_MAX: usize = 4;
const PLAIN: &str = "SCRAM-SHA-256";
const PLUS: &str = "SCRAM-SHA-256-PLUS";
/// Databases that stand for none: what tools connect to when nobody says.
const NO_DATABASE: [&str; 3] = ["florin", "postgres", "template1"];

/// A stream of bytes, encrypted or not.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// What a client began with.
pub(crate) enum Begun {
    /// It wants to sign in.
    SignIn { stream: Box<dyn Wire>, said: StartUp, encrypted: bool },
    /// It wants to stop what another connection is answering.
    Cancel { process: i32, secret: i32 },
}

/// What a client says first.
#[derive(Debug, Default)]
pub(crate) struct StartUp {
    parameters: Vec<(String, String)>,
    minor: u32,
}

impl StartUp {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads what a client says first, and encrypts if it asks for it.
pub(crate) async fn begin(stream: TcpStream, tls: Option<&Tls>) -> Result<Begun, Unread> {
    let mut stream: Box<dyn Wire> = Box::new(stream);
    let mut encrypted = false;
    for _ in 0..ASKS_MAX {
        let (number, body) = messages::read_first(&mut stream).await?;
        match (number, tls) {
            (messages::TLS, Some(tls)) if !encrypted => {
                stream.write_all(b"S").await?;
                stream = Box::new(tls.acceptor.accept(stream).await?);
                encrypted = true;
            }
            (messages::TLS | messages::GSS, _) => stream.write_all(b"N").await?,
            (messages::CANCEL, _) => {
                let mut parts = Parts(&body);
                let process = parts.int().map_err(Unread::Broken)?;
                return Ok(Begun::Cancel { process, secret: parts.int().map_err(Unread::Broken)? });
            }
            (version, _) if version >> 16 == 3 => {
                let said = start_up(&body, version & 0xffff).map_err(Unread::Broken)?;
                return Ok(Begun::SignIn { stream, said, encrypted });
            }
            (version, _) => {
                let message = format!(
                    "version {}.{} of the protocol is not spoken here; 3.0 is",
                    version >> 16,
                    version & 0xffff
                );
                refuse(&mut stream, &Fault::new(code::NOT_SUPPORTED, message)).await;
                return Err(Unread::Gone);
            }
        }
    }
    Err(Unread::Gone)
}

fn start_up(body: &[u8], minor: u32) -> Result<StartUp, Fault> {
    let mut parts = Parts(body);
    let mut said = StartUp { parameters: Vec::new(), minor };
    loop {
        match parts.text()? {
            "" => return Ok(said),
            name => said.parameters.push((name.to_owned(), parts.text()?.to_owned())),
        }
    }
}

/// Says no, and ends.
pub(crate) async fn refuse(stream: &mut (impl AsyncWrite + Unpin), fault: &Fault) {
    let mut out = Vec::new();
    messages::error(&mut out, "FATAL", fault);
    // Who is gone need not be told.
    let _ = stream.write_all(&out).await;
    let _ = stream.flush().await;
}

/// Who signed in, and what they set.
pub(crate) struct SignedIn {
    pub(crate) used: KeyUse,
    pub(crate) settings: Settings,
    pub(crate) database: String,
}

/// Lets somebody in, or not.
pub(crate) async fn sign_in(
    stream: &mut Box<dyn Wire>,
    said: &StartUp,
    tls: Option<&Tls>,
    from: IpAddr,
    shared: &Shared,
) -> Result<SignedIn, Unread> {
    let user = said.get("user").unwrap_or_default();
    let mut out = Vec::new();
    let unknown: Vec<String> =
        said.parameters.iter().map(|(name, _)| name).filter(|name| name.starts_with("_pq_.")).cloned().collect();
    if said.minor > 0 || !unknown.is_empty() {
        messages::negotiate(&mut out, &unknown);
        stream.write_all(&out).await?;
        out.clear();
    }
    let used = proven(stream, user, tls, from, shared).await?;
    let mut settings = Settings::new(&used.principal.user, &(shared.house)().bank().settings.bank.time_zone);
    let database = begin_with(&mut settings, said, user, shared).map_err(Unread::Broken)?;
    messages::authentication(&mut out, 0, &[]);
    for name in REPORTED {
        messages::parameter_status(&mut out, name, settings.get(name).unwrap_or_default());
    }
    stream.write_all(&out).await?;
    Ok(SignedIn { used, settings, database })
}

async fn said_next(stream: &mut Box<dyn Wire>) -> Result<Vec<u8>, Unread> {
    match messages::read(stream, LOGIN_BYTES_MAX).await? {
        (b'p', body) => Ok(body),
        (b'X', _) => Err(Unread::Gone),
        _ => Err(Unread::Broken(Fault::new(code::PROTOCOL, "a message of the login was expected"))),
    }
}

/// The exchange of SCRAM-SHA-256; over TLS bound to the certificate, where the client can.
async fn proven(
    stream: &mut Box<dyn Wire>,
    user: &str,
    tls: Option<&Tls>,
    from: IpAddr,
    shared: &Shared,
) -> Result<KeyUse, Unread> {
    let end_point = tls.and_then(|tls| tls.end_point.as_ref());
    let offered: Vec<u8> = match end_point {
        Some(_) => [PLUS, "\0", PLAIN, "\0\0"].concat(),
        None => [PLAIN, "\0\0"].concat(),
    }
    .into_bytes();
    let malformed = |error: florin_access::Malformed| Unread::Broken(Fault::new(code::PROTOCOL, error.to_string()));
    let utf8 = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .map_err(|_| Unread::Broken(Fault::new(code::PROTOCOL, "the login is no text")))
    };
    send(stream, 10, &offered).await?;

    let body = said_next(stream).await?;
    let mut parts = Parts(&body);
    let chosen = parts.text().map_err(Unread::Broken)?;
    let mechanism = match (chosen, end_point) {
        (PLAIN, _) => Mechanism::Plain { plus_offered: end_point.is_some() },
        (PLUS, Some(end_point)) => Mechanism::Plus { end_point: end_point.clone() },
        _ => return Err(Unread::Broken(Fault::new(code::PROTOCOL, "this way of signing in was not offered"))),
    };
    parts.int().map_err(Unread::Broken)?;
    let first = ClientFirst::read(&utf8(parts.0)?, &mechanism).map_err(malformed)?;
    let login = shared.access.begin_sql_login(user).await.map_err(|error| Unread::Broken(faults::of_access(error)))?;
    let first = first.answer(&login);
    send(stream, 11, first.message().as_bytes()).await?;

    let last = first.read(&utf8(&said_next(stream).await?)?).map_err(malformed)?;
    let signed_in = shared.access.finish_sql_login(login, last.auth_message(), last.proof(), from).await;
    let signed_in = signed_in.map_err(|error| Unread::Broken(faults::of_access(error)))?;
    send(stream, 12, signed_in.message().as_bytes()).await?;
    Ok(signed_in.used)
}

async fn send(stream: &mut Box<dyn Wire>, step: i32, data: &[u8]) -> Result<(), Unread> {
    let mut out = Vec::new();
    messages::authentication(&mut out, step, data);
    stream.write_all(&out).await?;
    stream.flush().await?;
    Ok(())
}

/// What the connection begins with: its database, which can be a purpose, and what it sets at once.
fn begin_with(settings: &mut Settings, said: &StartUp, user: &str, shared: &Shared) -> Result<String, Fault> {
    let database = said.get("database").filter(|name| !name.is_empty()).unwrap_or(user).to_owned();
    if database.parse::<Purpose>().is_ok() {
        settings.set(PURPOSE, &database, false)?;
    } else if database != user && !NO_DATABASE.contains(&database.as_str()) {
        let purposes = Purpose::ALL.map(Purpose::name).join(", ");
        return Err(Fault::new(code::NO_DATABASE, format!("database `{database}` does not exist"))
            .with_hint(format!("a database is a purpose: {purposes}; or `florin`, to set it later")));
    }
    let mut wanted = options(said.get("options").unwrap_or_default())?;
    let names = said.parameters.iter().filter(|(name, _)| {
        !["user", "database", "options", "replication"].contains(&name.as_str()) && !name.starts_with("_pq_.")
    });
    wanted.extend(names.cloned());
    for (name, value) in wanted {
        settings.set(&name, &value, false)?;
    }
    if let Some(as_of) = settings.as_of() {
        (shared.house)().as_of(as_of).map_err(faults::of_flow)?;
    }
    settings.begun();
    Ok(database)
}

/// `-c name=value` and `--name=value`; a backslash keeps a space.
fn options(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let (mut words, mut word, mut signs) = (Vec::new(), String::new(), text.chars());
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => word.extend(signs.next()),
            sign if sign.is_whitespace() => words.push(std::mem::take(&mut word)),
            sign => word.push(sign),
        }
    }
    words.push(word);
    let mut found = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("-c").or_else(|| word.strip_prefix("--")) {
            Some("") => words.next().unwrap_or_default(),
            Some(rest) => rest.to_owned(),
            None => return Err(Fault::new(code::SYNTAX, format!("`{word}` is no option; write -c name=value"))),
        };
        let (name, value) =
            setting.split_once('=').ok_or_else(|| Fault::new(code::SYNTAX, format!("`{setting}` has no value")))?;
        found.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(found)
}

/// Waits for what remains to be read, so that a client sees why it was refused before the connection is reset.
pub(crate) async fn drain(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let _ = stream.shutdown().await;
    let mut rest = [0; 1024];
    let _ = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut rest)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_postgres_reads_them() {
        let read = |text| options(text).unwrap();
        let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("-c florin.purpose=analytics"), [one("florin.purpose", "analytics")]);
        assert_eq!(
            read(" -cflorin.purpose=risk  --application-name=a\\ b"),
            [one("florin.purpose", "risk"), one("application_name", "a b")]
        );
        assert_eq!(read(""), []);
        assert!(options("-x").is_err() && options("-c purpose").is_err());
    }
}
