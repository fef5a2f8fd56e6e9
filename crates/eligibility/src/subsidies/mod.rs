//! Public subsidies (公費) and medical assistance tickets in an answer, in the order in which
//! they pay; and the check by a subsidy's own card (受給者証).
//!
//! Source: fees 2.4; 地方公費 parameter tables; eligibility-eprescription section e (OQSmutic).

pub mod errors;
mod ops;
mod pages;
#[cfg(test)]
mod tests;
mod wire;

use kernel::Text;
use masters::local_subsidy::{Burden, Scheme, Way};
use registry::subsidy::{Entitlement, Ticket};
use web::{Body, Face, Method as Http, Route, handler};

use crate::api::CHECK;

pub use ops::{Asked, by_card, of};
pub(crate) use pages::shown;
pub(crate) use wire::{WireSubsidy, WireTicket};

/// What pays beside the insurance on one day, for one facility.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Paying {
    /// Subsidies in the order in which they pay, each with its scheme of the master when it is
    /// a local one that the master knows.
    pub subsidies: Vec<(Entitlement, Option<Scheme>)>,
    /// Tickets that name this facility.
    pub tickets: Vec<Ticket>,
}

/// What the person pays under a scheme, in a few words: `1割、1月18,000円まで`.
#[must_use]
pub fn burden_ja(burden: &Burden) -> String {
    match burden.way {
        Way::NotCovered => return "対象外".to_owned(),
        Way::Nothing => return "自己負担なし".to_owned(),
        Way::PaidBack => return "窓口で支払い、あとで自治体に請求(償還払い)".to_owned(),
        Way::Part => {}
    }
    let mut parts = Vec::new();
    match burden.percent {
        Some(percent) if percent % 10 == 0 => parts.push(format!("{}割", percent / 10)),
        Some(percent) => parts.push(format!("{percent}%")),
        None => {}
    }
    let limits = [
        (burden.visit, "1回", "円"),
        (burden.visit_max, "1回", "円まで"),
        (burden.day_max, "1日", "円まで"),
        (burden.month_max, "1月", "円まで"),
    ];
    for (yen, per, end) in limits {
        if let Some(yen) = yen {
            let yen = web::ui::grouped(u64::try_from(yen.get()).unwrap_or(0));
            parts.push(format!("{per}{yen}{end}"));
        }
    }
    if parts.is_empty() {
        return "一部負担あり(額は受給者証を確認)".to_owned();
    }
    parts.join("、")
}

/// Routes of the check by a subsidy's card.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, face, body, summary, handler| Route {
        method,
        path,
        face,
        permission: access::policy::Permission::CheckEligibility,
        event: &CHECK,
        purpose: store::caller::Purpose::Eligibility,
        body,
        summary,
        handler,
    };
    let check = Text {
        ja: "公費の受給者証による資格確認",
        en: "verify by a public subsidy's card",
    };
    let form = Text {
        ja: "公費の受給者証の入力",
        en: "type a public subsidy's card",
    };
    vec![
        route(
            Http::Post,
            "/api/v1/eligibility/subsidy-checks",
            Face::Api,
            Body::Json,
            check,
            handler!(wire::check),
        ),
        Route {
            event: &crate::pages::RECEPTION,
            ..route(
                Http::Get,
                pages::PATH,
                Face::Page,
                Body::None,
                form,
                handler!(pages::ask),
            )
        },
        route(
            Http::Post,
            pages::PATH,
            Face::Page,
            Body::Form,
            check,
            handler!(pages::check),
        ),
    ]
}
