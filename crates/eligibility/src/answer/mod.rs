//! The whole answer (回答): which coverage holds, on which terms, how fresh that is, and what
//! is not as it was at the last visit.
//!
//! Source: eligibility-eprescription section e (OQSCD 006, 010 to 013); peers A 2, A 7, A 8.

pub(crate) mod api;
pub mod model;
pub mod ops;
pub(crate) mod pages;
pub mod rules;

#[cfg(test)]
mod tests;

pub use model::{Detail, Freshness, Held, Validity};

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler};

static HISTORY: Event = Event {
    code: "eligibility.history",
    ja: "資格の履歴の表示",
    en: "history of coverage shown",
};

/// Routes of the history of coverage.
#[must_use]
pub fn routes() -> Vec<Route> {
    let get = |path, face, handler| Route {
        method: Method::Get,
        path,
        face,
        permission: Permission::CheckEligibility,
        event: &HISTORY,
        purpose: Purpose::Eligibility,
        body: Body::None,
        summary: Text {
            ja: "資格の履歴",
            en: "history of the coverage of whoever came to a visit",
        },
        handler,
    };
    vec![
        get(
            "/api/v1/visits/{visit}/coverages",
            Face::Api,
            handler!(api::history),
        ),
        get(
            "/visits/{visit}/coverages",
            Face::Page,
            handler!(pages::history),
        ),
    ]
}
