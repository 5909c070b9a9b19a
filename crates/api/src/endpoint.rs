//! A route, as data.

use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Content, Ref, RefOr, Schema,
        path::{Parameter, ParameterIn},
        schema::ArrayBuilder,
    },
};

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "they are HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Whether it may change something.
    #[must_use]
    pub fn changes(self) -> bool {
        self != Self::Get
    }

    /// As it is written in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call a route at all. What they then see is decided by policies, purpose and consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Anybody, without signing in.
    Anybody,
    /// Whoever has signed in.
    SignedIn,
    /// Administrators of users.
    Administrator,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A type that has a schema.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) schema: fn() -> RefOr<Schema>,
    pub(crate) parts: fn(&mut Schemas),
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        fn schema<T: ToSchema>() -> RefOr<Schema> {
            RefOr::Ref(Ref::from_schema_name(T::name()))
        }
        Self { schema: schema::<T>, parts: parts::<T> }
    }

    fn list_of<T: ToSchema>() -> Self {
        fn schema<T: ToSchema>() -> RefOr<Schema> {
            ArrayBuilder::new().items(RefOr::Ref(Ref::from_schema_name(T::name()))).into()
        }
        Self { schema: schema::<T>, parts: parts::<T> }
    }
}

/// A type and all that it is made of.
fn parts<T: ToSchema>(into: &mut Schemas) {
    into.push((T::name().into_owned(), T::schema()));
    T::schemas(into);
}

/// What a route takes in its body.
#[derive(Clone, Copy)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A JSON object.
    #[doc(hidden)]
    Json(#[allow(private_interfaces, reason = "made by `Endpoint::takes` only")] Shape),
}

/// What a route answers.
#[derive(Clone, Copy)]
pub enum Answer {
    /// Nothing but the status 204.
    Nothing,
    /// JSON.
    #[doc(hidden)]
    Json(#[allow(private_interfaces, reason = "made by `Endpoint::answers` only")] Shape),
    /// Nothing but the status 303, and where to go on.
    Redirect,
    /// Something else: its media types.
    Bytes(&'static [&'static str]),
    /// Server-sent events whose data are JSON.
    #[doc(hidden)]
    Events(#[allow(private_interfaces, reason = "made by `Endpoint::streams` only")] Shape),
}

/// One route.
#[derive(Clone)]
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// What generated clients call it, and what the server mounts it by.
    pub id: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Its chapter.
    pub chapter: &'static str,
    /// Who may call it.
    pub may: May,
    /// Its body.
    pub takes: Takes,
    /// Its answer.
    pub answers: Answer,
    pub(crate) parameters: fn() -> Vec<Parameter>,
}

impl Endpoint {
    pub(crate) fn new(method: Method, path: &'static str, id: &'static str, about: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            about,
            chapter: "",
            may: May::SignedIn,
            takes: Takes::Nothing,
            answers: Answer::Nothing,
            parameters: Vec::new,
        }
    }

    pub(crate) fn get(path: &'static str, id: &'static str, about: &'static str) -> Self {
        Self::new(Method::Get, path, id, about)
    }

    pub(crate) fn post(path: &'static str, id: &'static str, about: &'static str) -> Self {
        Self::new(Method::Post, path, id, about)
    }

    pub(crate) fn put(path: &'static str, id: &'static str, about: &'static str) -> Self {
        Self::new(Method::Put, path, id, about)
    }

    pub(crate) fn delete(path: &'static str, id: &'static str, about: &'static str) -> Self {
        Self::new(Method::Delete, path, id, about)
    }

    pub(crate) fn may(self, may: May) -> Self {
        Self { may, ..self }
    }

    pub(crate) fn query<Q: IntoParams>(self) -> Self {
        fn parameters<Q: IntoParams>() -> Vec<Parameter> {
            Q::into_params(|| Some(ParameterIn::Query))
        }
        Self { parameters: parameters::<Q>, ..self }
    }

    pub(crate) fn takes<T: ToSchema>(self) -> Self {
        Self { takes: Takes::Json(Shape::of::<T>()), ..self }
    }

    pub(crate) fn answers<T: ToSchema>(self) -> Self {
        Self { answers: Answer::Json(Shape::of::<T>()), ..self }
    }

    pub(crate) fn lists<T: ToSchema>(self) -> Self {
        Self { answers: Answer::Json(Shape::list_of::<T>()), ..self }
    }

    pub(crate) fn streams<T: ToSchema>(self) -> Self {
        Self { answers: Answer::Events(Shape::of::<T>()), ..self }
    }

    pub(crate) fn redirects(self) -> Self {
        Self { answers: Answer::Redirect, ..self }
    }

    pub(crate) fn bytes(self, types: &'static [&'static str]) -> Self {
        Self { answers: Answer::Bytes(types), ..self }
    }

    /// The names in braces.
    #[must_use]
    pub fn path_parameters(&self) -> Vec<&'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    pub(crate) fn content(shape: Shape) -> Content {
        Content::new(Some((shape.schema)()))
    }

    pub(crate) fn status(&self) -> &'static str {
        match self.answers {
            Answer::Nothing => "204",
            Answer::Redirect => "303",
            _ => "200",
        }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.path)
    }
}
