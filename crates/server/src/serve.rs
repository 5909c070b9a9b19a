//! Listens until it is told to end, then lets what is under way come to its end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};

use crate::{
    bounds::ENDING_SECONDS_MAX,
    events, jobs, router,
    state::{OpenError, Server},
    tools::Tools,
};

/// Threads that read requests and write answers. Questions are answered on the engine's own, so that a long one delays no event.
const HTTP_THREADS: usize = 2;

/// Who is told of requests and of what goes on.
#[derive(Clone)]
pub struct Told(Arc<dyn Fn(&serde_json::Value) + Send + Sync>);

impl Told {
    /// Tells by that.
    pub fn by(tell: impl Fn(&serde_json::Value) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// A request, by its route: addresses can hold customers' numbers, so they are not told.
    pub(crate) fn request(
        &self,
        id: &str,
        route: &str,
        status: u16,
        took: Duration,
        user: Option<&str>,
        inside: Option<&str>,
    ) {
        let took_ms = (took.as_secs_f64() * 1e4).round() / 10.0;
        let mut line = serde_json::json!({
            "told": "request", "id": id, "route": route, "status": status, "took_ms": took_ms, "user": user,
        });
        if let (Some(inside), Some(fields)) = (inside, line.as_object_mut()) {
            fields.insert("inside".to_owned(), inside.into());
        }
        (self.0)(&line);
    }

    /// Something that went on by itself.
    pub(crate) fn of(&self, what: &str, detail: &str) {
        (self.0)(&serde_json::json!({ "told": what, "detail": detail }));
    }
}

/// Returns when the server is told to end.
pub(crate) async fn ended(ending: &mut watch::Receiver<bool>) {
    // Whoever could tell is gone as well, when it fails.
    drop(ending.wait_for(|ending| *ending).await);
}

/// A server that listens.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    /// Where PostgreSQL's wire is spoken, if the settings open it.
    pub postgres: Option<SocketAddr>,
    /// Where Arrow Flight SQL is spoken, if the settings open it.
    pub flight: Option<SocketAddr>,
    server: Arc<Server>,
    http: Option<tokio::runtime::Runtime>,
    listening: tokio::task::JoinHandle<std::io::Result<()>>,
    beside: Vec<std::thread::JoinHandle<()>>,
    tools: Vec<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Listens at the settings' addresses (for HTTP at `listen` instead, if it is given), and goes on with jobs that a stop had interrupted. To be called on the runtime that
    /// questions are answered on.
    ///
    /// # Errors
    /// When an address is taken, a door of BI tools cannot be opened as the settings say, or the store fails.
    pub async fn serve(self: &Arc<Self>, listen: Option<&str>, told: Told) -> Result<Serving, OpenError> {
        let house = self.house();
        let address = listen.unwrap_or(&house.bank().settings.serve.listen).to_owned();
        let wrong = |source| OpenError::Listen { address: address.clone(), source };
        let listener = std::net::TcpListener::bind(&address).map_err(wrong)?;
        listener.set_nonblocking(true)?;
        let bound = listener.local_addr()?;
        let tools = Tools::bind(self, &told).await?;
        let (postgres, flight) = tools.addresses();
        // Last of all that can fail: a runtime cannot be given up on a thread of another.
        let http = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(HTTP_THREADS)
            .thread_name("http")
            .enable_all()
            .build()?;
        let app = router::router(self, &told).into_make_service_with_connect_info::<SocketAddr>();
        let mut ending = self.ending.subscribe();
        let listening = http.spawn(async move {
            let listener = TcpListener::from_std(listener)?;
            let told_to_end = async move { ended(&mut ending).await };
            axum::serve(listener, app).with_graceful_shutdown(told_to_end).await
        });
        let tools = tools.answer(self, &told);
        let mut beside = vec![self.beside("jobs", told.clone(), jobs::work)?];
        if self.collector.is_some() {
            beside.push(self.beside("events", told, events::load)?);
        }
        self.jobs.wake();
        let server = Arc::clone(self);
        Ok(Serving { address: bound, postgres, flight, server, http: Some(http), listening, beside, tools })
    }
}

impl Server {
    /// Goes on with something beside requests, on a thread of its own and the engine's runtime.
    fn beside<F>(
        self: &Arc<Self>,
        name: &str,
        told: Told,
        work: impl FnOnce(Arc<Self>, Told) -> F + Send + 'static,
    ) -> std::io::Result<std::thread::JoinHandle<()>>
    where
        F: Future<Output = ()>,
    {
        let (engine, server) = (tokio::runtime::Handle::current(), Arc::clone(self));
        std::thread::Builder::new().name(name.to_owned()).spawn(move || engine.block_on(work(server, told)))
    }
}

impl Serving {
    /// Ends when `told` does: takes nothing on any more, lets requests come to their end, puts what was acknowledged on disk.
    ///
    /// # Errors
    /// When listening broke off.
    pub async fn until(mut self, told: impl Future<Output = ()>) -> Result<(), OpenError> {
        let broke_off = tokio::select! {
            () = told => None,
            ended = &mut self.listening => Some(ended),
        };
        self.server.ending.send_replace(true);
        let ended = match broke_off {
            Some(ended) => Ok(ended),
            // Whoever is not done by then is cut off: a client may hold a connection for ever.
            None => tokio::time::timeout(ENDING_SECONDS_MAX, &mut self.listening).await,
        };
        let beside = std::mem::take(&mut self.beside);
        for tool in std::mem::take(&mut self.tools) {
            let _ = tokio::time::timeout(ENDING_SECONDS_MAX, tool).await;
        }
        // Work that is cut off is safe, and begun again; a thread that computes cannot be stopped, and is left behind.
        let ended_beside = tokio::task::spawn_blocking(move || beside.into_iter().for_each(|one| drop(one.join())));
        let _ = tokio::time::timeout(ENDING_SECONDS_MAX, ended_beside).await;
        self.server.access.settled().await;
        if let Some(collector) = self.server.collector.clone() {
            // It waits for its thread, which puts what waits on disk.
            let _ = tokio::task::spawn_blocking(move || collector.close()).await;
        }
        if let Some(http) = self.http.take() {
            http.shutdown_background();
        }
        match ended {
            Ok(Ok(listened)) => Ok(listened?),
            Ok(Err(stopped)) => Err(std::io::Error::other(stopped).into()),
            Err(_) => Ok(()),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.server.ending.send_replace(true);
        if let Some(http) = self.http.take() {
            http.shutdown_background();
        }
    }
}
