//! Notices of change (資格変更の通知): what a facility relied on and what is otherwise now.
//!
//! Programs ask with the `ETag` of the last answer: as long as nothing is new that is a look
//! into one index, without a record, and answered 304 with `Retry-After`. What is new is told
//! at least once: transactions end in another order than they began, so the place to go on
//! from (`next`) stays two minutes behind, and a notice may come twice with the same `id`.
//!
//! Source: peers A 7; report 46.

mod api;
pub(crate) mod pages;
mod rules;
#[cfg(test)]
mod tests;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler};

static SEEN: Event = Event {
    code: "eligibility.notices",
    ja: "資格が変わった方の表示",
    en: "notices of changed coverage shown",
};
static DONE: Event = Event {
    code: "eligibility.notice-done",
    ja: "資格が変わった方への対応の記録",
    en: "notice of changed coverage dealt with",
};

/// Routes of the notices.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, (face, body), event, (ja, en), handler| Route {
        method,
        path,
        face,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body,
        summary: Text { ja, en },
        handler,
    };
    let seen = ("資格が変わった方", "notices of coverage changed afterwards");
    let done = ("対応済みにする", "mark a notice as dealt with");
    vec![
        route(
            Method::Get,
            "/api/v1/eligibility/notices",
            (Face::Api, Body::None),
            &SEEN,
            seen,
            handler!(api::list),
        ),
        route(
            Method::Post,
            "/api/v1/eligibility/notices/{notice}/done",
            (Face::Api, Body::Json),
            &DONE,
            done,
            handler!(api::done),
        ),
        route(
            Method::Get,
            "/reception/notices",
            (Face::Page, Body::None),
            &SEEN,
            seen,
            handler!(pages::list),
        ),
        route(
            Method::Post,
            "/reception/notices/{notice}/done",
            (Face::Page, Body::Form),
            &DONE,
            done,
            handler!(pages::done),
        ),
    ]
}
