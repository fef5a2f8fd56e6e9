//! Ledgers of terminals, servers, network equipment, certificates and connection points, held
//! against what actually connects; the installation's own certificate authority; vendor
//! support inside maintenance windows; who answers for the safety of it all.
//!
//! Source: checklist 2025 1-①, 2-①, 2-②; identity-security OA-04, MAINT-01, MAINT-02, ORG-01.

pub mod ca;
pub mod csv;
pub mod diagnosis;
pub mod errors;
pub mod model;
pub mod ops;
pub mod pages;
mod store;
#[cfg(test)]
mod tests;

use web::Service;

pub use store::schema;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "equipment",
        schema: Some(schema()),
        routes: pages::routes(),
        errors: errors::ALL.to_vec(),
    }
}
