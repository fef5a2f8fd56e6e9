//! EHR information sharing (電子カルテ情報共有サービス): the shared record.

mod decimal;
pub mod documents;
pub mod errors;
pub mod exchange;
pub mod fhir_api;
pub mod labs;
pub mod model;
pub mod ops;
mod publish;
pub mod rules;
pub mod show;
mod store;
#[cfg(test)]
mod tests;

use web::Service;

pub use store::schema;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "records",
        schema: Some(schema()),
        routes: [
            fhir_api::routes(),
            publish::api::routes(),
            exchange::api::routes(),
        ]
        .concat(),
        errors: [errors::ALL, documents::errors::ALL].concat(),
    }
}
