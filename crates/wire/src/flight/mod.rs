//! Arrow Flight SQL: answers in bulk, as the columns they are.
//!
//! Nothing is kept between requests: each brings its key (`authorization: Bearer fl_…`, scope `sql`), its purpose (`florin-purpose`) and, if
//! it likes, the time it stands at (`florin-as-of`), and is weighed anew. A ticket is the question itself, so whoever holds one can ask
//! what they could have asked anyway.

mod catalogue;
mod service;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use arrow_flight::flight_service_server::FlightServiceServer;
use florin_access::Access;
use florin_pipelines::bank::SqlSettings;
use tokio::{net::TcpListener, sync::Semaphore};
use tonic::transport::{Identity, Server, ServerTlsConfig, server::TcpIncoming};

use self::service::Service;
use crate::{
    OpenError,
    postgres::{ENDING_SECONDS_MAX, listener},
    shared::{HouseNow, Tell},
    tls::Tls,
};

/// Where it listens when the settings do not say.
const LISTEN: &str = "127.0.0.1:32010";
/// The longest message of a client: a question.
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// Requests of one connection at once.
const REQUESTS_MAX: usize = 16;
/// A connection that does not answer whether it is there is ended after so long.
const ALIVE: Duration = Duration::from_secs(60);

/// A server of Arrow Flight SQL.
pub struct Flight;

/// A server that is bound to an address, and listens when it is waited for.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<ServerTlsConfig>,
    service: Service,
}

impl Flight {
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
        let tls = identity(settings, &house().bank().dir)?;
        let listener = listener(settings.listen.as_deref().unwrap_or(LISTEN), tls.is_some()).await?;
        let address = listener.local_addr()?;
        let room = Arc::new(Semaphore::new(settings.connections_max));
        let time_out = Duration::from_secs(u64::from(settings.statement_timeout_seconds));
        Ok(Listening { listener, address, tls, service: Service { house, access, tell, room, time_out } })
    }
}

/// The files of TLS, read and tried: what cannot be used is said now.
fn identity(settings: &SqlSettings, folder: &std::path::Path) -> Result<Option<ServerTlsConfig>, OpenError> {
    let (Some(_), Some(certificate), Some(key)) =
        (Tls::of(settings, folder, &["h2"])?, &settings.certificate, &settings.key)
    else {
        return Ok(None);
    };
    let read = |name: &String| {
        let path = folder.join(name);
        std::fs::read(&path)
            .map_err(|error| OpenError::Tls { path: path.display().to_string(), why: error.to_string() })
    };
    Ok(Some(ServerTlsConfig::new().identity(Identity::from_pem(read(certificate)?, read(key)?))))
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is told to end; then what is under way may come to its end, for a while.
    ///
    /// # Errors
    /// When TLS cannot be set up, or serving breaks off.
    pub async fn until(self, shutdown: impl Future<Output = ()>) -> Result<(), OpenError> {
        let broken = |error: tonic::transport::Error| OpenError::Setting(format!("Flight SQL: {error}"));
        let mut server = Server::builder()
            .concurrency_limit_per_connection(REQUESTS_MAX)
            .http2_keepalive_interval(Some(ALIVE))
            .http2_keepalive_timeout(Some(ALIVE));
        if let Some(tls) = self.tls {
            server = server.tls_config(tls).map_err(broken)?;
        }
        let service = FlightServiceServer::new(self.service).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let incoming = TcpIncoming::from(self.listener).with_nodelay(Some(true));
        let (told, ending) = tokio::sync::oneshot::channel::<()>();
        let ended = async {
            shutdown.await;
            // Nobody waits for it when serving broke off.
            let _ = told.send(());
        };
        let serving = server.add_service(service).serve_with_incoming_shutdown(incoming, ended);
        let too_long = async {
            match ending.await {
                Ok(()) => tokio::time::sleep(ENDING_SECONDS_MAX).await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            served = serving => served.map_err(broken),
            () = too_long => Ok(()),
        }
    }
}
