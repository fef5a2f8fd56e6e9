//! The patient's choice as the patient meets it: the form, the sentence that says what it
//! means, and the receipt. The counter, the person's own phone and the portal share them.
//!
//! Source: identity-security CONS-01; eligibility-eprescription section e (同意: 区分ごと, 24時間).

mod api;
mod chooser;
mod pages;
mod paper;
mod sentence;

pub use chooser::{Chooser, chooser, read};
pub use paper::{UNDO_PATH, paper, receipt, verify, wire};
pub use sentence::{sentence, until_words, words};

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler};

static RECEIPT: Event = Event {
    code: "consent.receipt",
    ja: "同意の控えの表示",
    en: "receipt of a choice shown",
};

/// Routes of the receipt at the counter.
#[must_use]
pub fn routes() -> Vec<Route> {
    let page = Route {
        method: Method::Get,
        path: "/visits/{visit}/consents/{consent}",
        face: Face::Page,
        permission: Permission::RecordConsent,
        event: &RECEIPT,
        purpose: Purpose::Eligibility,
        body: Body::None,
        summary: Text {
            ja: "同意の控え",
            en: "receipt of the patient's choice",
        },
        handler: handler!(pages::show),
    };
    vec![
        page,
        Route {
            path: "/api/v1/visits/{visit}/consents/{consent}",
            face: Face::Api,
            handler: handler!(api::show),
            ..page
        },
    ]
}
