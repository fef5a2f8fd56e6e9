//! Public subsidies (公費負担医療) and medical assistance tickets (医療券・調剤券) as towns and
//! offices load them.
//!
//! Source: fees 2.4; eligibility-eprescription section e (OQSmutic).

pub mod api;
pub mod errors;
pub mod ops;
pub mod pages;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod wire;

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = api::routes();
    routes.extend(pages::routes());
    Service {
        name: "subsidy",
        schema: None,
        routes,
        errors: errors::ALL.to_vec(),
    }
}
