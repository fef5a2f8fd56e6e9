//! Online eligibility verification (オンライン資格確認).

pub mod answer;
pub mod api;
pub mod batch;
mod care;
pub mod codes;
pub mod consents;
pub mod disaster;
pub mod errors;
pub mod home;
pub mod method;
pub mod model;
pub mod notices;
pub mod ops;
pub mod oqs;
pub mod pages;
pub mod phones;
pub mod rules;
pub mod snapshot;
mod store;
pub mod subsidies;
#[cfg(test)]
mod tests;

use web::Service;

pub use store::schema;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = api::routes();
    routes.extend(pages::routes());
    routes.extend(answer::routes());
    routes.extend(notices::routes());
    routes.extend(batch::routes());
    routes.extend(codes::routes());
    routes.extend(home::routes());
    routes.extend(consents::routes());
    routes.extend(disaster::routes());
    routes.extend(subsidies::routes());
    routes.extend(oqs::routes());
    routes.extend(snapshot::api::routes());
    routes.extend(phones::api::routes());
    routes.extend(phones::pages::routes());
    Service {
        name: "eligibility",
        schema: Some(schema()),
        routes,
        errors: [
            errors::ALL,
            codes::errors::ALL,
            oqs::errors::ALL,
            subsidies::errors::ALL,
            phones::errors::ALL,
            disaster::errors::ALL,
            snapshot::errors::ALL,
        ]
        .concat(),
    }
}
