//! The authorization server: how a vendor's system proves who it is and gets a short-lived token (OAuth 2.0, SMART App Launch 2.2).

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "oauth",
        schema: None,
        routes: Vec::new(),
        errors: &[],
    }
}
