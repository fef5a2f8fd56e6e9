//! Pages: where a person lets an app in, and where a facility keeps the list of its clients.

pub mod authorize;
pub mod clients;

use web::Route;

/// Routes of both.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = authorize::routes();
    routes.extend(clients::routes());
    routes
}
