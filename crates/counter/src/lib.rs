//! A clinic's own counter: asks the platform while the line holds, answers from the facility's
//! own copy (控え) while it is cut, notes what it did, and settles it afterwards.
//!
//! The program of a clinic is the same as the platform's, started with `--upstream`. What it
//! keeps is the facility's: the copy, a journal of acts that only grows, and what came of them.
//!
//! Source: peers A11, F53, reports 39 and 47.

pub mod errors;
pub mod line;
pub mod model;
pub mod ops;
pub mod pages;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod upstream;

use web::Service;

pub use store::schema;
pub use upstream::Upstream;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "counter",
        schema: Some(schema()),
        routes: pages::routes(),
        errors: errors::ALL.to_vec(),
    }
}

/// The service of a clinic's node, whose pages begin at the counter.
#[must_use]
pub fn node() -> Service {
    let mut service = service();
    service.routes.push(pages::start());
    service
}
