//! The administration of a facility (管理): accounts of its staff, rights that take two people,
//! and the review of what its staff looked at.
//!
//! Source: identity-security AUTHZ-02, AUTHZ-03, AUD-04, AUTH-07, AUTH-08, section 3.2.

pub mod errors;
pub mod model;
pub mod ops;
pub mod pages;
pub mod roster;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;

use web::Service;

pub use store::schema;

/// The desk, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "accounts",
        schema: Some(schema()),
        routes: pages::routes(),
        errors: errors::ALL.to_vec(),
    }
}
