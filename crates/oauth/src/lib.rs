//! The authorization server: how a vendor's system proves who it is and gets a short-lived
//! token, and how a person lets an app act for them.
//!
//! Source: identity-security section 3.1 (OA-01 to OA-09); OAuth 2.0 (RFC 6749) and SMART App
//! Launch 2.2.

pub mod api;
pub mod assertion;
mod authenticate;
pub mod errors;
pub mod metadata;
pub mod pages;
pub mod registration;
#[cfg(test)]
mod tests;

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = metadata::routes();
    routes.extend(api::routes());
    routes.extend(pages::routes());
    Service {
        name: "oauth",
        schema: None,
        routes,
        errors: errors::ALL.to_vec(),
    }
}
