//! JSON for record systems and card terminals.

pub(crate) mod answer;
mod card;
mod consent;
mod decision;
mod inquiry;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method as Http, Route, handler};

pub(crate) use answer::confirmed;
pub(crate) use card::{begin_for, place, terminal};
pub use card::{card_signature, challenge_answer};
pub use consent::categories;
pub use inquiry::WireInquiry;

/// Audit event of a check by number.
pub static CHECK: Event = Event {
    code: "eligibility.check",
    ja: "資格の確認(番号)",
    en: "eligibility verified by number",
};
/// Audit event of a check by card.
pub(crate) static CARD: Event = Event {
    code: "eligibility.card",
    ja: "資格の確認(マイナンバーカード)",
    en: "eligibility verified by card",
};
static CHALLENGE: Event = Event {
    code: "eligibility.challenge",
    ja: "カード確認の開始",
    en: "card challenge issued",
};
/// Audit event of a patient's choice.
pub static CONSENT: Event = Event {
    code: "consent.give",
    ja: "同意の登録",
    en: "consent recorded",
};

/// Routes of the API.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, permission, summary, handler| Route {
        method: Http::Post,
        path,
        face: Face::Api,
        permission,
        event,
        purpose: Purpose::Eligibility,
        body: Body::Json,
        summary,
        handler,
    };
    vec![
        decision::route(),
        post(
            "/api/v1/eligibility/checks",
            &CHECK,
            Permission::CheckEligibility,
            Text {
                ja: "番号による資格確認",
                en: "verify eligibility by insured number",
            },
            handler!(inquiry::check),
        ),
        post(
            "/api/v1/eligibility/challenges",
            &CHALLENGE,
            Permission::CheckEligibility,
            Text {
                ja: "カード確認の開始",
                en: "ask for a one-time card challenge",
            },
            handler!(card::begin),
        ),
        post(
            "/api/v1/eligibility/card-checks",
            &CARD,
            Permission::CheckEligibility,
            Text {
                ja: "カードによる資格確認",
                en: "verify eligibility by card",
            },
            handler!(card::check),
        ),
        post(
            "/api/v1/visits/{visit}/consents",
            &CONSENT,
            Permission::RecordConsent,
            Text {
                ja: "同意の登録",
                en: "record the patient's choice of consent",
            },
            handler!(consent::give),
        ),
    ]
}
