//! The other side of eligibility (資格情報の登録): insurers keep true who is insured by them, one
//! person at a time or by files, and are told where their word and another insurer's disagree.
//!
//! Source: eligibility-eprescription section e; 健康保険法 205条の4; peers A, K.

pub mod api;
mod csv;
pub mod errors;
pub mod model;
pub mod ops;
pub mod pages;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod wire;
pub mod work;

use web::Service;

pub use store::schema;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = api::routes();
    routes.extend(pages::routes());
    Service {
        name: "payers",
        schema: Some(schema()),
        routes,
        errors: errors::ALL.to_vec(),
    }
}
