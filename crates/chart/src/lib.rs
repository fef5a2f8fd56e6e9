//! The clinic's and hospital's desk (診療): the shared record of a visiting patient.

pub mod api;
pub mod fhir_api;
pub mod pages;
#[cfg(test)]
mod tests;
pub mod view;

use web::Service;

/// The desk, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes.extend(fhir_api::routes());
    Service {
        name: "chart",
        schema: None,
        routes,
        errors: Vec::new(),
    }
}
