//! `GET /api/v1/access/decisions`: may the caller do this, on which conditions, and by which
//! rule? The answer is the same decision that the other routes ask for.
//!
//! Nobody is opened unless a visit of the caller's own facility is named. What the caller's
//! role may not do at all is not asked further: then the visit is not even looked for.
//!
//! Source: identity-security AUTHZ-01, AUTHZ-04.

use access::{
    consent::{self, Category, Scope, Standing},
    policy::{self, Action, Class, Decision, Facts, Need, Permission, Policy, Question},
    window,
};
use kernel::{Refusal, Text};
use serde::Serialize;
use store::{
    Call, Stop, StoreError,
    caller::{Actor, Event, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler};

use crate::{errors, model::VisitId, ops};

static DECISION: Event = Event {
    code: "access.decision",
    ja: "閲覧できるかどうかの問い合わせ",
    en: "asked what may be done",
};

pub(super) fn route() -> Route {
    Route {
        method: Method::Get,
        path: "/api/v1/access/decisions",
        face: Face::Api,
        permission: Permission::Ask,
        event: &DECISION,
        purpose: Purpose::Operation,
        body: Body::None,
        summary: Text {
            ja: "閲覧・登録できるかどうかの問い合わせ",
            en: "ask whether the caller may do something, and why",
        },
        handler: handler!(decide),
    }
}

#[derive(Serialize)]
struct WireDecision {
    decision: &'static str,
    /// Are names and numbers to be masked?
    masked: bool,
    /// The rule's conditions, in the order in which they are asked.
    needs: Vec<&'static str>,
    /// The first of them that does not hold.
    unmet: Option<&'static str>,
    rule: Option<WireRule>,
    /// Where the rule comes from.
    source: Option<&'static str>,
}

#[derive(Serialize)]
struct WireRule {
    ja: &'static str,
    en: &'static str,
}

/// What is asked.
#[derive(Clone, Copy)]
struct Asked {
    class: Class,
    action: Action,
    purpose: Purpose,
    visit: Option<VisitId>,
    /// Has the caller shown their second factor within the last five minutes?
    is_fresh: bool,
}

fn asked(request: &Request) -> Result<Asked, Refusal> {
    fn word<T>(request: &Request, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Refusal> {
        let found = request.query(name).unwrap_or_default();
        parse(found).ok_or_else(|| Refusal::at(&errors::QUESTION, name, found))
    }
    let visit = request.query("visit").map(VisitId::parse);
    Ok(Asked {
        class: word(request, "class", Class::parse)?,
        action: word(request, "action", Action::parse)?,
        purpose: word(request, "purpose", Purpose::parse)?,
        visit: match visit {
            Some(None) => return Err(Refusal::new(&errors::VISIT)),
            Some(found) => found,
            None => None,
        },
        is_fresh: request.fresh().is_ok(),
    })
}

async fn decide(request: Request) -> Result<Answer, Refusal> {
    let asked = asked(&request)?;
    let question = Question {
        role: request.caller().role(),
        class: asked.class,
        action: asked.action,
        purpose: asked.purpose,
    };
    let decision = request.read(move |call| answer(call, asked)).await?;
    // A rule that the caller's token does not reach is none for them.
    let rule = Policy::own()
        .rule(question)
        .filter(|_| decision != Decision::NoRule);
    let (unmet, masked) = match decision {
        Decision::Permit { masked } => (None, masked),
        Decision::NoRule => (None, false),
        Decision::Unmet(need) => (Some(need.word()), false),
    };
    Ok(Answer::json(
        200,
        &WireDecision {
            decision: if decision.is_permit() {
                "permit"
            } else {
                "deny"
            },
            masked,
            needs: rule
                .map(|rule| rule.needs.iter().map(|need| need.word()).collect())
                .unwrap_or_default(),
            unmet,
            rule: rule.map(|rule| WireRule {
                ja: &rule.ja,
                en: &rule.en,
            }),
            source: rule.map(|rule| rule.source.as_str()),
        },
    ))
}

/// Decides, and notes what was asked and answered.
///
/// # Errors
/// `TSK-ELG-030`; the store's.
fn answer(call: &mut Call<'_>, asked: Asked) -> Result<Decision, Stop> {
    let Asked {
        class,
        action,
        purpose,
        visit,
        is_fresh: _,
    } = asked;
    call.detail("class", class.word());
    call.detail("action", action.word());
    call.detail("asked-purpose", purpose.word());
    let own = own(call, asked)?;
    let mut decision = policy::decide(call.caller(), class, action, purpose, own);
    if let (Decision::Unmet(_), Some(visit)) = (decision, visit) {
        let facts = of_visit(call, asked, own, visit)?;
        decision = policy::decide(call.caller(), class, action, purpose, facts);
    }
    let word = if decision.is_permit() {
        "permit"
    } else {
        "deny"
    };
    call.detail("decision", word);
    Ok(decision)
}

/// What holds of the caller now, whoever comes: whose information they may mean by "own", their
/// facility, their maintenance window and how lately they proved who they are.
fn own(call: &Call<'_>, asked: Asked) -> Result<Facts, StoreError> {
    let caller = call.caller();
    let facts = match &caller.actor {
        Actor::Patient { person, .. } | Actor::Proxy { person, .. } => {
            Facts::about(call, *person, asked.class, asked.action)?
        }
        Actor::Staff { staff, home, .. } => {
            let open = window::is_open(call, home.id, *staff, call.at())?;
            Facts::of(caller).with(Need::Window, open.is_some())
        }
        _ => Facts::of(caller),
    };
    Ok(facts.with(Need::Fresh, asked.is_fresh))
}

/// What a visit of the caller's own facility shows beside.
fn of_visit(call: &mut Call<'_>, asked: Asked, own: Facts, visit: VisitId) -> Result<Facts, Stop> {
    let home = call.caller().home().map(|home| home.id);
    let facility = home.ok_or_else(|| Stop::from(&errors::VISIT))?;
    let visit = ops::visit(call, facility, visit)?;
    call.open(visit.person)?;
    let category = Category::ALL
        .into_iter()
        .find(|category| Class::from(*category) == asked.class);
    let consents = match category {
        Some(category) => {
            let scope = Scope {
                facility,
                category,
                purpose: asked.purpose,
            };
            let ledger = consent::ledger(call, visit.person)?;
            let standing = consent::standing(&ledger, scope, call.at());
            matches!(standing, Standing::Given { .. })
        }
        None => false,
    };
    Ok(own
        .with(Need::Visit, true)
        .with(Need::Presence, visit.is_present(call.at()))
        .with(Need::Consent, consents))
}
