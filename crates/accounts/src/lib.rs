//! Staff accounts of a facility: opened, changed and closed by its administrators, rights of administrators by two people.

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "accounts",
        schema: None,
        routes: Vec::new(),
        errors: &[],
    }
}
