//! The routes, a file for each family of interactions, and what their answers share.

mod bundle;
mod metadata;
mod resource;
mod search;
mod shared;
pub(crate) mod speech;

pub use resource::parse_condition as condition_of;
pub(crate) use resource::version_of;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, route::Handler};

use crate::{export, operations, subscriptions};

/// Every route of the server.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = resource::routes();
    all.extend(search::routes());
    all.extend(bundle::routes());
    all.extend(metadata::routes());
    all.extend(shared::routes());
    all.extend(operations::routes());
    all.extend(subscriptions::routes());
    all.extend(export::routes());
    all
}

/// A route of the own partition.
pub(crate) const fn route(
    (method, path): (Method, &'static str),
    body: Body,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    let reads = matches!(method, Method::Get) || matches!(body, Body::Form);
    Route {
        method,
        path,
        face: Face::Fhir,
        permission: if reads {
            Permission::SeeRecords
        } else {
            Permission::KeepRecords
        },
        event,
        purpose: Purpose::Treatment,
        body,
        summary: Text { ja, en },
        handler,
    }
}
