//! The registrar's desk (登録管理): disaster mode by area and period, and people who stand twice
//! in the register. No clinical data is shown here.
//!
//! Source: peers A1, A4, F51.

pub mod pages;
#[cfg(test)]
mod tests;

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "register",
        schema: None,
        routes: pages::routes(),
        errors: registry::errors::ALL.to_vec(),
    }
}
