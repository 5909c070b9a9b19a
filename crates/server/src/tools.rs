//! The doors of BI tools: PostgreSQL's wire and Arrow Flight SQL, where the settings open them.

use std::{net::SocketAddr, sync::Arc};

use florin_wire::{Flight, HouseNow, Postgres, Tell, flight, postgres};
use tokio::task::JoinHandle;

use crate::{
    serve::{Told, ended},
    state::{OpenError, Server},
};

/// Addresses that are taken, where nobody is answered yet.
pub(crate) struct Tools {
    postgres: Option<postgres::Listening>,
    flight: Option<flight::Listening>,
}

impl Tools {
    /// Takes the addresses that the settings name.
    ///
    /// # Errors
    /// When one is taken or can be reached by others without TLS, or a file of TLS is wrong.
    pub(crate) async fn bind(server: &Arc<Server>, told: &Told) -> Result<Self, OpenError> {
        let settings = server.house().bank().settings.serve.clone();
        let (banks, log) = (Arc::clone(server), told.clone());
        let house: HouseNow = Arc::new(move || banks.house());
        let tell: Tell = Arc::new(move |said| log.of("BI tools", said));
        let access = || Arc::clone(&server.access);
        let postgres = match &settings.postgres {
            Some(postgres) => Some(Postgres::bind(postgres, Arc::clone(&house), access(), Arc::clone(&tell)).await?),
            None => None,
        };
        let flight = match &settings.flight {
            Some(flight) => Some(Flight::bind(flight, house, access(), tell).await?),
            None => None,
        };
        Ok(Self { postgres, flight })
    }

    /// Where PostgreSQL's wire and Flight SQL are.
    pub(crate) fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.postgres.as_ref().map(postgres::Listening::address), self.flight.as_ref().map(flight::Listening::address))
    }

    /// Answers until the server ends.
    pub(crate) fn answer(self, server: &Arc<Server>, told: &Told) -> Vec<JoinHandle<()>> {
        let ending = || {
            let mut ending = server.ending.subscribe();
            async move { ended(&mut ending).await }
        };
        let postgres = self.postgres.map(|one| tokio::spawn(one.until(ending())));
        let flight = self.flight.map(|one| {
            let (ending, told) = (ending(), told.clone());
            tokio::spawn(async move {
                if let Err(error) = one.until(ending).await {
                    told.of("Flight SQL broke off; the rest goes on", &error.to_string());
                }
            })
        });
        postgres.into_iter().chain(flight).collect()
    }
}
