//! The counter's pages: reception, result, the patient's choice.

mod consent;
mod frame;
mod look;
mod reception;
mod result;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method as Http, Route, handler, route::Handler};

use crate::api::{CHECK, CONSENT};

pub(crate) use frame::refused;
pub use frame::{staff_page, visit_crumbs};

pub(crate) static RECEPTION: Event = Event {
    code: "eligibility.reception",
    ja: "受付一覧の表示",
    en: "reception list shown",
};
static RESULT: Event = Event {
    code: "eligibility.result",
    ja: "資格確認結果の表示",
    en: "eligibility result shown",
};

/// Routes of the counter's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let get = |path, event, permission, summary, handler| {
        page(Http::Get, path, event, permission, summary, handler)
    };
    let post = |path, event, permission, summary, handler| {
        page(Http::Post, path, event, permission, summary, handler)
    };
    let (check, choose) = (Permission::CheckEligibility, Permission::RecordConsent);
    vec![
        get(
            "/",
            &RECEPTION,
            Permission::OwnSession,
            ("はじめの画面", "start page"),
            handler!(reception::start),
        ),
        get(
            "/reception",
            &RECEPTION,
            check,
            ("受付", "reception"),
            handler!(reception::list),
        ),
        post(
            "/reception",
            &CHECK,
            check,
            ("番号による資格確認", "verify by number"),
            handler!(reception::check),
        ),
        get(
            "/visits/{visit}",
            &RESULT,
            check,
            ("資格確認の結果", "eligibility result"),
            handler!(result::show),
        ),
        get(
            "/visits/{visit}/consent",
            &RESULT,
            choose,
            ("同意の選択", "choice of consent"),
            handler!(consent::ask),
        ),
        post(
            "/visits/{visit}/consent",
            &CONSENT,
            choose,
            ("同意の登録", "record consent"),
            handler!(consent::give),
        ),
    ]
}

fn page(
    method: Http,
    path: &'static str,
    event: &'static Event,
    permission: Permission,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission,
        event,
        purpose: Purpose::Eligibility,
        body: Body::usual(method, Face::Page),
        summary: Text {
            ja: summary.0,
            en: summary.1,
        },
        handler,
    }
}
