//! Bookings verified beforehand (一括照会): up to 500 in one request, each with its own answer
//! or reason, and with what is not as it was at the last visit.
//!
//! A line is an operation of its own, as a check by number is: it leaves its own record on the
//! person's chain, and a wrong line spoils no other. No visit is made, for nobody has come.
//!
//! Source: eligibility-eprescription section e (OQSmuquc); peers A 10.

mod api;
mod model;
mod ops;
mod pages;
mod parse;
#[cfg(test)]
mod tests;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler};

static BATCH: Event = Event {
    code: "eligibility.batch",
    ja: "資格の確認(予約)",
    en: "eligibility verified for a booking",
};
static FORM: Event = Event {
    code: "eligibility.bookings",
    ja: "予約の資格確認の画面の表示",
    en: "form for verifying bookings shown",
};

/// Routes of the batch.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, (face, body), event, handler| Route {
        method,
        path,
        face,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body,
        summary: Text {
            ja: "予約の方の資格をまとめて確認する",
            en: "verify the eligibility of bookings",
        },
        handler,
    };
    let page = |body| (Face::Page, body);
    vec![
        route(
            Method::Post,
            "/api/v1/eligibility/batches",
            (Face::Api, Body::Json),
            &BATCH,
            handler!(api::verify),
        ),
        route(
            Method::Get,
            "/reception/bookings",
            page(Body::None),
            &FORM,
            handler!(pages::ask),
        ),
        route(
            Method::Post,
            "/reception/bookings",
            page(Body::Form),
            &BATCH,
            handler!(pages::verify),
        ),
        route(
            Method::Post,
            "/reception/bookings/file",
            page(Body::File),
            &BATCH,
            handler!(pages::verify_file),
        ),
    ]
}
