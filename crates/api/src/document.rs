//! The OpenAPI document.

use std::collections::BTreeMap;

use utoipa::ToSchema as _;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, RefOr, Required, ResponseBuilder,
    Responses, ResponsesBuilder, Schema, Tag,
    path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::{
    Answer, CHANGE_HEADER, Endpoint, May, Method, PROBLEM_TYPE, Problem, SESSION_COOKIE, Takes, customers, data,
    definitions, explore, governance, home, jobs, journeys, models, oidc, passkeys, segments, session, sql, users,
};

/// Every route that there is, by chapter.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let chapters: [(&'static str, Vec<Endpoint>); 13] = [
        ("session", [session::endpoints(), oidc::endpoints(), passkeys::endpoints()].concat()),
        ("users", users::endpoints()),
        ("home", home::endpoints()),
        ("customers", customers::endpoints()),
        ("segments", segments::endpoints()),
        ("journeys", journeys::endpoints()),
        ("explore", explore::endpoints()),
        ("sql", sql::endpoints()),
        ("data", data::endpoints()),
        ("models", models::endpoints()),
        ("governance", governance::endpoints()),
        ("jobs", jobs::endpoints()),
        ("definitions", definitions::endpoints()),
    ];
    chapters
        .into_iter()
        .flat_map(|(chapter, all)| all.into_iter().map(move |one| Endpoint { chapter, ..one }))
        .collect()
}

/// The OpenAPI 3.1 document of all routes.
#[must_use]
pub fn openapi() -> OpenApi {
    let all = endpoints();
    let mut schemas = vec![(Problem::name().into_owned(), problem_schema())];
    Problem::schemas(&mut schemas);
    let mut paths: BTreeMap<&str, PathItem> = BTreeMap::new();
    for one in &all {
        parts(one, &mut schemas);
        let item = PathItem::new(method(one.method), operation(one));
        match paths.get_mut(one.path) {
            Some(known) => known.merge_operations(item),
            None => _ = paths.insert(one.path, item),
        }
    }
    let mut into = PathsBuilder::new();
    for (path, item) in paths {
        into = into.path(path, item);
    }
    let mut components = ComponentsBuilder::new()
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE))))
        .security_scheme("key", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    let about = "Times are microseconds since 1970, UTC; money is decimal text; shares are 0 to 1. Changing requests of a session carry \
                 the header `x-florin: 1`.";
    let info = InfoBuilder::new().title("Florin").version(env!("CARGO_PKG_VERSION")).description(Some(about)).build();
    let mut tags: Vec<Tag> = Vec::new();
    for one in &all {
        if tags.iter().all(|tag| tag.name != one.chapter) {
            tags.push(Tag::new(one.chapter));
        }
    }
    OpenApiBuilder::new().info(info).paths(into.build()).components(Some(components.build())).tags(Some(tags)).build()
}

fn problem_schema() -> RefOr<Schema> {
    <Problem as utoipa::PartialSchema>::schema()
}

fn parts(one: &Endpoint, schemas: &mut Vec<(String, RefOr<Schema>)>) {
    let mut fresh = Vec::new();
    if let Takes::Json(shape) = one.takes {
        (shape.parts)(&mut fresh);
    }
    if let Answer::Json(shape) | Answer::Events(shape) = one.answers {
        (shape.parts)(&mut fresh);
    }
    for (name, schema) in fresh {
        if schemas.iter().all(|(known, _)| *known != name) {
            schemas.push((name, schema));
        }
    }
}

fn method(of: Method) -> HttpMethod {
    match of {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Patch => HttpMethod::Patch,
        Method::Delete => HttpMethod::Delete,
    }
}

fn operation(one: &Endpoint) -> utoipa::openapi::path::Operation {
    let mut building = OperationBuilder::new()
        .operation_id(Some(one.id))
        .summary(Some(one.about))
        .tag(one.chapter)
        .responses(responses(one));
    for parameter in path_parameters(one).into_iter().chain((one.parameters)()).chain(change_header(one)) {
        building = building.parameter(parameter);
    }
    if let Takes::Json(shape) = one.takes {
        building = building.request_body(Some(body(Endpoint::content(shape))));
    }
    if one.may != May::Anybody {
        let nothing: [&str; 0] = [];
        building = building
            .security(SecurityRequirement::new("session", nothing))
            .security(SecurityRequirement::new("key", nothing));
    }
    building.build()
}

fn path_parameters(one: &Endpoint) -> Vec<Parameter> {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let named = one.path_parameters().into_iter();
    named
        .map(|name| {
            let building = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
            building.schema(Some(text())).build()
        })
        .collect()
}

/// A page of another origin cannot send it unasked. Generated clients send it for all requests at once, so it is not required of each.
fn change_header(one: &Endpoint) -> Option<Parameter> {
    one.method.changes().then(|| {
        let building = ParameterBuilder::new().name(CHANGE_HEADER).parameter_in(ParameterIn::Header);
        let building = building.required(Required::False).description(Some("`1`, in requests of a session"));
        building.schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).build()
    })
}

fn body(content: utoipa::openapi::Content) -> RequestBody {
    RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build()
}

fn responses(one: &Endpoint) -> Responses {
    let done = ResponseBuilder::new().description("done");
    let done = match one.answers {
        Answer::Nothing | Answer::Redirect => done,
        Answer::Json(shape) => done.content("application/json", Endpoint::content(shape)),
        Answer::Events(shape) => done.content("text/event-stream", Endpoint::content(shape)),
        Answer::Bytes(types) => types.iter().fold(done, |done, kind| {
            let bytes = ObjectBuilder::new().schema_type(Type::String).build();
            done.content(*kind, utoipa::openapi::Content::new(Some(bytes)))
        }),
    };
    let reference = utoipa::openapi::Ref::from_schema_name(Problem::name());
    let refused = ResponseBuilder::new().description("refused or failed");
    let refused = refused.content(PROBLEM_TYPE, utoipa::openapi::Content::new(Some(reference)));
    ResponsesBuilder::new().response(one.status(), done.build()).response("default", refused.build()).build()
}
