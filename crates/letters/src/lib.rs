//! The desk of letters (紹介状): writing, sending, opening, reading and answering referral
//! letters, the checkup reports that reach an insurer, and the page on which vendors check what
//! their systems send.
//!
//! Every document is shown as the one sheet that `paper` makes of it, on the page and as a PDF.

mod events;
pub mod letter;
mod pages;
#[cfg(test)]
mod tests;

use web::Service;

/// The desk, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "letters",
        schema: None,
        routes: pages::routes(),
        errors: paper::errors::ALL.to_vec(),
    }
}
