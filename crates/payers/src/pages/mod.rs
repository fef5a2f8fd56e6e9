//! The insurer's console.
#[must_use]
pub fn routes() -> Vec<web::Route> {
    Vec::new()
}
