//! The requests of Flight SQL.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use arrow_flight::{
    Action, FlightDescriptor, FlightEndpoint, FlightInfo, IpcMessage, SchemaAsIpc, Ticket,
    encode::FlightDataEncoderBuilder,
    error::FlightError,
    flight_service_server::FlightService,
    sql::{
        ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult,
        Any, CommandGetCatalogs, CommandGetDbSchemas, CommandGetSqlInfo, CommandGetTableTypes, CommandGetTables,
        CommandPreparedStatementQuery, CommandStatementQuery, ProstMessageExt, SqlInfo, TicketStatementQuery,
        server::FlightSqlService,
    },
};
use florin_access::{Access, Scope, Secret};
use florin_domain::{EventTime, Purpose};
use florin_lake::{Described, QueryOutput};
use florin_pipelines::House;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use prost::Message as _;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::catalogue;
use crate::{
    asker::no_purpose,
    fault::{Fault, code},
    faults,
    shared::{HouseNow, Tell},
};

type DoGet = <Service as FlightService>::DoGetStream;

/// What answers requests.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) house: HouseNow,
    pub(super) access: Arc<Access>,
    pub(super) tell: Tell,
    /// Answers that may still be given at once.
    pub(super) room: Arc<Semaphore>,
    pub(super) time_out: Duration,
}

/// Who asks, what for, and as of when.
struct Asked {
    house: House,
    purpose: Option<Purpose>,
    as_of: Option<EventTime>,
}

fn header<'a>(headers: &'a MetadataMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).filter(|value| !value.is_empty())
}

impl Service {
    /// Whose request it is.
    async fn asked<T>(&self, request: &Request<T>) -> Result<Asked, Status> {
        let headers = request.metadata();
        let from = request.remote_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let key = header(headers, "authorization").and_then(|value| value.split_once(' '));
        let key = key.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, key)| Secret::from(key.trim()));
        let key =
            key.ok_or_else(|| Status::unauthenticated("send a key of scope `sql` as `authorization: Bearer fl_...`"))?;
        let used =
            self.access.key(&key, Scope::Sql, from).await.map_err(|error| self.status(faults::of_access(error)))?;
        let house = (self.house)().acting_as(used.principal);
        let purpose = header(headers, "florin-purpose").map(str::parse::<Purpose>).transpose();
        let purpose = purpose.map_err(|unknown| Status::invalid_argument(unknown.to_string()))?;
        let as_of = header(headers, "florin-as-of").map(|text| house.as_of(text)).transpose();
        let as_of = as_of.map_err(|error| self.status(faults::of_flow(error)))?;
        Ok(Asked { house, purpose, as_of })
    }

    fn status(&self, fault: Fault) -> Status {
        let (fault, inside) = faults::told(fault);
        if let Some(inside) = inside {
            (self.tell)(&format!("flight: a question failed: {inside}"));
        }
        let said = match &fault.hint {
            Some(hint) => format!("{} ({hint}) [{}]", fault.message, fault.code),
            None => format!("{} [{}]", fault.message, fault.code),
        };
        match fault.code {
            code::NOT_PERMITTED => Status::permission_denied(said),
            code::WRONG_PASSWORD | code::NOT_ALLOWED_IN => Status::unauthenticated(said),
            code::NO_TABLE => Status::not_found(said),
            code::NOT_SUPPORTED => Status::unimplemented(said),
            code::READ_ONLY => Status::failed_precondition(said),
            code::CANCELLED => Status::deadline_exceeded(said),
            code::INTERNAL => Status::internal(said),
            _ => Status::invalid_argument(said),
        }
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Status> {
        let place = Arc::clone(&self.room).try_acquire_owned();
        place.map_err(|_| Status::resource_exhausted("too much is asked at once; try again in a moment"))
    }

    /// A session is awaited on one thread from beginning to end: what it holds on to need not be fit for others.
    async fn alone<T: Send + 'static>(&self, asked: Asked, sql: String, how: How<T>) -> Result<T, Status> {
        let (engine, time_out) = (Handle::current(), self.time_out);
        let done = engine.clone().spawn_blocking(move || {
            engine.block_on(async move {
                let purpose = asked.purpose.ok_or_else(no_purpose)?;
                let work = how(asked, purpose, sql);
                let late = || crate::shared::cancelled(true);
                tokio::time::timeout(time_out, work).await.unwrap_or_else(|_| Err(late()))
            })
        });
        match done.await {
            Ok(done) => done.map_err(|fault| self.status(fault)),
            Err(_) => Err(Status::internal("a question stopped unexpectedly")),
        }
    }

    async fn described(&self, asked: Asked, sql: String) -> Result<Described, Status> {
        self.alone(asked, sql, |asked, purpose, sql| {
            Box::pin(async move {
                let asking = asked.house.asking(purpose, asked.as_of).await.map_err(faults::of_flow)?;
                asking.described(&sql).await.map_err(faults::of_flow)
            })
        })
        .await
    }

    async fn answered(&self, asked: Asked, sql: String) -> Result<Response<DoGet>, Status> {
        let place = self.place()?;
        let output = self.alone(asked, sql, |asked, purpose, sql| {
            Box::pin(async move {
                let asking = asked.house.asking(purpose, asked.as_of).await.map_err(faults::of_flow)?;
                asking.sql(&sql).await.map_err(faults::of_flow)
            })
        });
        Ok(self.streamed(output.await?, place))
    }

    /// Rows as they are read, for as long as an answer may take.
    fn streamed(&self, output: QueryOutput, place: OwnedSemaphorePermit) -> Response<DoGet> {
        let QueryOutput { schema, batches } = output;
        let until = Instant::now() + self.time_out;
        let service = self.clone();
        let rows = futures::stream::unfold((batches, place), move |(mut batches, place)| {
            let service = service.clone();
            async move {
                let next = match tokio::time::timeout_at(until, batches.next()).await {
                    Ok(next) => {
                        next?.map_err(|error| FlightError::Tonic(Box::new(service.status(faults::of_lake(&error)))))
                    }
                    Err(_) => Err(FlightError::Tonic(Box::new(service.status(crate::shared::cancelled(true))))),
                };
                Some((next, (batches, place)))
            }
        });
        encoded(schema, rows.boxed())
    }

    fn told(&self, batch: RecordBatch) -> Response<DoGet> {
        encoded(batch.schema(), futures::stream::iter([Ok(batch)]).boxed())
    }
}

type Working<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Fault>>>>;
type How<T> = fn(Asked, Purpose, String) -> Working<T>;

fn encoded(schema: SchemaRef, rows: BoxStream<'static, Result<RecordBatch, FlightError>>) -> Response<DoGet> {
    let encoder = FlightDataEncoderBuilder::new().with_schema(schema).build(rows);
    Response::new(Box::pin(encoder.map_err(Status::from)))
}

fn info(
    schema: &arrow::datatypes::Schema,
    ticket: Vec<u8>,
    descriptor: FlightDescriptor,
) -> Result<Response<FlightInfo>, Status> {
    let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
    let info =
        FlightInfo::new().try_with_schema(schema).map_err(|_| Status::internal("a schema could not be written"))?;
    Ok(Response::new(info.with_endpoint(endpoint).with_descriptor(descriptor)))
}

fn text(bytes: &[u8]) -> Result<String, Status> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Status::invalid_argument("a question is a text"))
}

fn of_arrow(error: impl std::fmt::Display) -> Status {
    Status::internal(error.to_string())
}

#[tonic::async_trait]
impl FlightSqlService for Service {
    type FlightService = Self;

    async fn get_flight_info_statement(
        &self,
        query: CommandStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let asked = self.asked(&request).await?;
        let described = self.described(asked, query.query.clone()).await?;
        let ticket = TicketStatementQuery { statement_handle: query.query.into_bytes().into() };
        info(&described.schema, ticket.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_statement(
        &self,
        ticket: TicketStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        let asked = self.asked(&request).await?;
        self.answered(asked, text(&ticket.statement_handle)?).await
    }

    async fn do_action_create_prepared_statement(
        &self,
        query: ActionCreatePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<ActionCreatePreparedStatementResult, Status> {
        let asked = self.asked(&request).await?;
        let described = self.described(asked, query.query.clone()).await?;
        if !described.parameters.is_empty() {
            return Err(Status::unimplemented(
                "parameters are not taken here; write values into the question, or use PostgreSQL's wire",
            ));
        }
        let options = arrow::ipc::writer::IpcWriteOptions::default();
        let IpcMessage(dataset_schema) = SchemaAsIpc::new(&described.schema, &options).try_into().map_err(of_arrow)?;
        let prepared_statement_handle = query.query.into_bytes().into();
        Ok(ActionCreatePreparedStatementResult {
            prepared_statement_handle,
            dataset_schema,
            parameter_schema: Default::default(),
        })
    }

    async fn get_flight_info_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let asked = self.asked(&request).await?;
        let described = self.described(asked, text(&query.prepared_statement_handle)?).await?;
        info(&described.schema, query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_prepared_statement(
        &self,
        query: CommandPreparedStatementQuery,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        let asked = self.asked(&request).await?;
        self.answered(asked, text(&query.prepared_statement_handle)?).await
    }

    async fn do_action_close_prepared_statement(
        &self,
        _: ActionClosePreparedStatementRequest,
        request: Request<Action>,
    ) -> Result<(), Status> {
        self.asked(&request).await.map(drop)
    }

    async fn get_flight_info_catalogs(
        &self,
        query: CommandGetCatalogs,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        self.asked(&request).await?;
        info(&query.into_builder().schema(), query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_catalogs(
        &self,
        query: CommandGetCatalogs,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        self.asked(&request).await?;
        let mut builder = query.into_builder();
        builder.append(catalogue::NAME);
        Ok(self.told(builder.build().map_err(of_arrow)?))
    }

    async fn get_flight_info_schemas(
        &self,
        query: CommandGetDbSchemas,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        self.asked(&request).await?;
        info(&query.clone().into_builder().schema(), query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_schemas(
        &self,
        query: CommandGetDbSchemas,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        let asked = self.asked(&request).await?;
        let tables = asked.house.visible(asked.purpose);
        Ok(self.told(catalogue::schemas(query.into_builder(), &tables).map_err(of_arrow)?))
    }

    async fn get_flight_info_tables(
        &self,
        query: CommandGetTables,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        self.asked(&request).await?;
        info(&query.clone().into_builder().schema(), query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_tables(
        &self,
        query: CommandGetTables,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        let asked = self.asked(&request).await?;
        let tables = asked.house.visible(asked.purpose);
        Ok(self.told(catalogue::tables(query.into_builder(), &tables).map_err(of_arrow)?))
    }

    async fn get_flight_info_table_types(
        &self,
        query: CommandGetTableTypes,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        self.asked(&request).await?;
        info(&query.into_builder().schema(), query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_table_types(
        &self,
        query: CommandGetTableTypes,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        self.asked(&request).await?;
        let mut builder = query.into_builder();
        builder.append(catalogue::TABLE);
        Ok(self.told(builder.build().map_err(of_arrow)?))
    }

    async fn get_flight_info_sql_info(
        &self,
        query: CommandGetSqlInfo,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        self.asked(&request).await?;
        let facts = catalogue::facts().map_err(of_arrow)?;
        info(&query.clone().into_builder(&facts).schema(), query.as_any().encode_to_vec(), request.into_inner())
    }

    async fn do_get_sql_info(
        &self,
        query: CommandGetSqlInfo,
        request: Request<Ticket>,
    ) -> Result<Response<DoGet>, Status> {
        self.asked(&request).await?;
        let facts = catalogue::facts().map_err(of_arrow)?;
        Ok(self.told(query.into_builder(&facts).build().map_err(of_arrow)?))
    }

    async fn do_get_fallback(&self, request: Request<Ticket>, _: Any) -> Result<Response<DoGet>, Status> {
        self.asked(&request).await?;
        Err(Status::unimplemented("such tickets are not given here"))
    }

    async fn register_sql_info(&self, _: i32, _: &SqlInfo) {}
}
