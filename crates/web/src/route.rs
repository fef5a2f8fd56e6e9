//! A route is data.

use std::{future::Future, pin::Pin};

use access::policy::Permission;
use kernel::{Refusal, Text};
use store::caller::{Event, Purpose};

use crate::{Answer, Request};

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// To whom the route talks; it decides how a refusal looks and which credentials count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// A person's browser: HTML, session cookie, form token.
    Page,
    /// The citizen's browser: as `Page`, with the portal's log-in.
    Portal,
    /// A program: JSON, bearer token (a browser session is taken for reading only).
    Api,
    /// A FHIR program: OperationOutcome, bearer token.
    Fhir,
}

/// What a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// None is read.
    None,
    /// A form.
    Form,
    /// JSON of our own API.
    Json,
    /// A FHIR document.
    Fhir,
    /// A change of a FHIR document: JSON Patch, or FHIRPath Patch as `Parameters`.
    Patch,
    /// A file of the national interface.
    Xml,
    /// A file of lines (CSV): as it is from a program, chosen in a form (multipart) by a person.
    File,
    /// A form of a person's with several files in it (multipart), each with its name.
    Files,
}

impl Body {
    /// What a route of this method and face takes, unless it says otherwise.
    #[must_use]
    pub const fn usual(method: Method, face: Face) -> Self {
        match (method, face) {
            (Method::Get | Method::Delete, _) => Self::None,
            (_, Face::Page | Face::Portal) => Self::Form,
            (_, Face::Api) => Self::Json,
            (_, Face::Fhir) => Self::Fhir,
        }
    }

    /// Most bytes.
    #[must_use]
    pub const fn bytes_max(self) -> usize {
        match self {
            Self::None => 0,
            Self::Form => 64 << 10,
            Self::Json | Self::Patch => 256 << 10,
            Self::Fhir => 10 << 20,
            Self::Xml => 1 << 20,
            Self::File => 64 << 20,
            // Ten megabytes of a document, with what a form adds.
            Self::Files => 12 << 20,
        }
    }
}

/// What a handler gives back.
pub type Reply = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// What a route runs.
pub type Handler = fn(Request) -> Reply;

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with `{name}` for a part.
    pub path: &'static str,
    /// For whom.
    pub face: Face,
    /// What it needs.
    pub permission: Permission,
    /// What its audit record says.
    pub event: &'static Event,
    /// For what the data is used.
    pub purpose: Purpose,
    /// What body it takes.
    pub body: Body,
    /// What it does, in a sentence.
    pub summary: Text,
    /// Who does it.
    pub handler: Handler,
}

impl Route {
    /// `GET /path`, the route's name in documents and tests.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method.word(), self.path)
    }
}

/// Makes an async function a route's handler.
///
/// ```text
/// handler: handler!(check),
/// ```
#[macro_export]
macro_rules! handler {
    ($function:path) => {
        |request| Box::pin($function(request))
    };
}
