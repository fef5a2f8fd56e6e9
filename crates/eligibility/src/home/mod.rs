//! Home care (在宅): who gave a facility the continuing consent is verified again without
//! showing their card, for as long as the consent stands.
//!
//! The facility keeps a list of its own such patients, each under a reference that is worth
//! nothing anywhere else. The person's ledger decides at every request; the list only says whom
//! to offer. Such a visit shows what the standing consent opens, and cannot give a new one:
//! nobody has shown that they are there.
//!
//! Source: eligibility-eprescription section e (居宅同意取得型: 継続的な同意, 再照会);
//! docs/decisions/0016-consent-precedence.md.

mod api;
mod ops;
mod pages;
pub(crate) mod store;

pub use ops::{HomePatient, PatientId, check, list, sync};

use ::store::caller::{Event, Purpose};
use access::policy::Permission;
use kernel::Text;
use web::{Body, Face, Method, Route, handler};

static LIST: Event = Event {
    code: "eligibility.home-list",
    ja: "在宅の患者さんの一覧の表示",
    en: "list of home-care patients shown",
};
static CHECK: Event = Event {
    code: "eligibility.home-check",
    ja: "資格の確認(在宅の継続同意)",
    en: "eligibility verified by the continuing consent of home care",
};

/// Routes of home care.
#[must_use]
pub fn routes() -> Vec<Route> {
    let list = Route {
        method: Method::Get,
        path: "/reception/home",
        face: Face::Page,
        permission: Permission::CheckEligibility,
        event: &LIST,
        purpose: Purpose::Eligibility,
        body: Body::None,
        summary: Text {
            ja: "在宅の患者さんの一覧",
            en: "home-care patients",
        },
        handler: handler!(pages::show),
    };
    vec![
        list,
        Route {
            method: Method::Post,
            event: &CHECK,
            body: Body::Form,
            summary: Text {
                ja: "在宅の患者さんの資格の再確認",
                en: "verify a home-care patient again",
            },
            handler: handler!(pages::check),
            ..list
        },
        Route {
            path: "/api/v1/eligibility/home-patients",
            face: Face::Api,
            handler: handler!(api::list),
            ..list
        },
        Route {
            method: Method::Post,
            path: "/api/v1/eligibility/home-checks",
            face: Face::Api,
            event: &CHECK,
            body: Body::Json,
            summary: Text {
                ja: "在宅の継続同意による資格の再確認",
                en: "verify eligibility again by the continuing consent of home care",
            },
            handler: handler!(api::check),
            ..list
        },
    ]
}
