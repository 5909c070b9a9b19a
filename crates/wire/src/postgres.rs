//! The server of PostgreSQL's wire protocol.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use florin_access::Access;
use florin_pipelines::bank::SqlSettings;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    OpenError,
    asker::Asker,
    connection::Connection,
    fault::{Fault, code},
    login::{Begun, LOGIN_SECONDS_MAX, begin, drain, refuse, sign_in},
    messages::Unread,
    shared::{Entered, HouseNow, Shared, Tell},
    tls::Tls,
};

/// Where it listens when the settings do not say.
const LISTEN: &str = "127.0.0.1:5432";
/// How long statements may go on after the server was told to end.
pub const ENDING_SECONDS_MAX: Duration = Duration::from_secs(20);
/// How often it is looked whether all have ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Connections of which nobody signed in yet, beside those there may be: so many may ask to cancel, or be told that there is no room.
const UNKNOWN_MAX: usize = 64;

/// A server of PostgreSQL's wire protocol.
pub struct Postgres;

/// A server that is bound to an address, and listens when it is waited for.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    shared: Arc<Shared>,
    end: watch::Sender<bool>,
}

impl Postgres {
    /// Binds an address. To be called on the runtime that questions are answered on.
    ///
    /// # Errors
    /// When a file of TLS is missing or wrong, the address is taken, or one without TLS is not loopback.
    pub async fn bind(
        settings: &SqlSettings,
        house: HouseNow,
        access: Arc<Access>,
        tell: Tell,
    ) -> Result<Listening, OpenError> {
        let tls = Tls::of(settings, &house().bank().dir, &[])?;
        let listener = listener(settings.listen.as_deref().unwrap_or(LISTEN), tls.is_some()).await?;
        let address = listener.local_addr()?;
        let (end, ending) = watch::channel(false);
        let shared = Arc::new(Shared::new(house, access, tell, settings.clone(), ending));
        Ok(Listening { listener, address, tls, shared, end })
    }
}

/// Binds an address; one that is not loopback needs TLS.
pub(crate) async fn listener(address: &str, encrypted: bool) -> Result<TcpListener, OpenError> {
    let wrong = |source| OpenError::Listen { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(wrong)?;
    if !encrypted && !listener.local_addr()?.ip().is_loopback() {
        return Err(OpenError::Setting(format!(
            "{address} can be reached from other machines, so it needs a `certificate` and its `key`; without TLS, listen on 127.0.0.1"
        )));
    }
    Ok(listener)
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is told to end; then what is under way may come to its end, for a while.
    pub async fn until(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let unknown = Arc::new(tokio::sync::Semaphore::new(UNKNOWN_MAX));
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => accepted,
            };
            match (accepted, Arc::clone(&unknown).try_acquire_owned()) {
                (Ok((stream, from)), Ok(place)) => {
                    let (tls, shared) = (self.tls.clone(), Arc::clone(&self.shared));
                    tokio::spawn(async move {
                        let begun = timeout(LOGIN_SECONDS_MAX, welcome(stream, from.ip(), tls, shared)).await;
                        drop((begun, place));
                    });
                }
                // Who finds no place to knock at is not answered.
                (Ok(_), Err(_)) => {}
                // The system has no room for another; it may have in a moment.
                (Err(_), _) => sleep(LOOK_EVERY).await,
            }
        }
        drop(self.listener);
        self.end.send_replace(true);
        wait_for_none(&self.shared, ENDING_SECONDS_MAX).await;
        self.shared.cancel_all();
        wait_for_none(&self.shared, LOOK_EVERY * 20).await;
    }
}

async fn wait_for_none(shared: &Shared, most: Duration) {
    let none = async {
        while shared.connected() > 0 {
            sleep(LOOK_EVERY).await;
        }
    };
    let _ = timeout(most, none).await;
}

/// From the first byte until somebody signed in; from then on the connection has a thread of its own.
async fn welcome(stream: TcpStream, from: IpAddr, tls: Option<Tls>, shared: Arc<Shared>) {
    // Small answers are not held back for more.
    let _ = stream.set_nodelay(true);
    let (mut stream, said, encrypted) = match begin(stream, tls.as_ref()).await {
        Ok(Begun::SignIn { stream, said, encrypted }) => (stream, said, encrypted),
        Ok(Begun::Cancel { process, secret }) => return shared.cancel(process, secret),
        Err(_) => return,
    };
    if tls.is_some() && !encrypted {
        let fault = Fault::new(code::NOT_ALLOWED_IN, "this server speaks TLS only")
            .with_hint("connect with sslmode=require, or better verify-full");
        refuse(&mut stream, &fault).await;
        return drain(&mut stream).await;
    }
    let Some(entered) = shared.enter() else {
        let fault = Fault::new(code::TOO_MANY_CONNECTIONS, "sorry, too many clients already");
        refuse(&mut stream, &fault).await;
        return drain(&mut stream).await;
    };
    let bound = tls.as_ref().filter(|_| encrypted);
    match sign_in(&mut stream, &said, bound, from, &shared).await {
        Ok(signed_in) => {
            let asker = Asker::new(&shared, signed_in.used, signed_in.settings, signed_in.database, entered.process);
            let connection = Connection::new(stream, asker, Arc::clone(&entered.stop), Arc::clone(&shared));
            on_its_own(connection, entered);
        }
        Err(Unread::Gone) => {}
        Err(Unread::Broken(fault)) => {
            let (fault, inside) = crate::faults::told(fault);
            if let Some(inside) = inside {
                (shared.tell)(&format!("postgres: signing in failed: {inside}"));
            }
            refuse(&mut stream, &fault).await;
            drain(&mut stream).await;
        }
    }
}

/// What a question holds on to while it waits need not be fit for other threads, so a connection stays on one from beginning to end.
fn on_its_own(connection: Connection, entered: Entered) {
    let engine = Handle::current();
    engine.clone().spawn_blocking(move || {
        let secret = (entered.process, entered.stop.secret);
        engine.block_on(connection.serve(secret));
        drop(entered);
    });
}
