//! Ledgers of terminals, servers, network equipment, certificates and connection points, held against what actually connects; the installation's own certificate authority; maintenance windows.

use web::Service;

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "equipment",
        schema: None,
        routes: Vec::new(),
        errors: &[],
    }
}
