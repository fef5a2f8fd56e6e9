//! The FHIR R4 server over the caller's own facility partition.

pub mod api;
pub mod bundle;
mod codes;
pub mod draft;
pub mod errors;
pub mod export;
pub mod id;
pub mod identity;
pub mod model;
pub mod operations;
pub mod ops;
pub mod patch;
pub mod search;
mod splice;
mod store;
pub mod subscriptions;
#[cfg(test)]
mod tests;

use web::Service;

pub use store::schema;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "fhir_server",
        schema: Some(schema()),
        routes: api::routes(),
        errors: [errors::ALL, operations::errors::ALL, profiles::errors::ALL].concat(),
    }
}
