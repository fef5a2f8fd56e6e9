//! JSON for record systems, and the routes of both.

use access::policy::Permission;
use kernel::{Refusal, Text, time::Timestamp};
use serde::{Deserialize, Serialize};
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler, ui};

use super::{
    errors,
    model::{CodeId, Kind, VisitCode},
    ops::{self, NewCode},
    pages,
};

static MAKE: Event = Event {
    code: "eligibility.visit-code",
    ja: "来院コードの発行",
    en: "visit code made",
};
static SHOW: Event = Event {
    code: "eligibility.visit-codes",
    ja: "来院コードの表示",
    en: "visit codes shown",
};

/// Routes of the facility's side.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, event, summary: (&'static str, &'static str), handler| Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body: Body::usual(method, Face::Page),
        summary: Text {
            ja: summary.0,
            en: summary.1,
        },
        handler,
    };
    let (list, one) = (
        ("来院コードの一覧", "visit codes"),
        ("来院コード", "a visit code"),
    );
    let made = ("来院コードの発行", "make a visit code");
    let (get, post) = (Method::Get, Method::Post);
    vec![
        route(get, "/reception/codes", &SHOW, list, handler!(pages::list)),
        route(post, "/reception/codes", &MAKE, made, handler!(pages::make)),
        route(
            get,
            "/reception/codes/{code}",
            &SHOW,
            one,
            handler!(pages::one),
        ),
        Route {
            face: Face::Api,
            body: Body::Json,
            ..route(
                post,
                "/api/v1/eligibility/visit-codes",
                &MAKE,
                made,
                handler!(make),
            )
        },
        Route {
            face: Face::Api,
            ..route(
                get,
                "/api/v1/eligibility/visit-codes/{code}",
                &SHOW,
                one,
                handler!(show),
            )
        },
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireNew {
    kind: String,
    /// Booked time of an online consultation, RFC 3339.
    booked_at: Option<String>,
    /// The facility's own mark.
    label: Option<String>,
}

#[derive(Serialize)]
struct WireCode {
    id: String,
    kind: &'static str,
    care_class: &'static str,
    code: String,
    url: String,
    qr_svg: String,
    label: String,
    made_at: String,
    expires_at: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<String>,
}

fn wire(code: &VisitCode, request: &Request) -> WireCode {
    let url = format!("{}{}", request.app().origin, code.digits.path());
    let used = code.used.as_ref();
    WireCode {
        id: code.id.to_hex(),
        kind: code.kind.word(),
        care_class: code.kind.care().code(),
        code: code.digits.reveal().to_owned(),
        qr_svg: ui::qr(&url, &url).into_string(),
        url,
        label: code.label.clone(),
        made_at: code.at.to_string(),
        expires_at: code.expires_at.to_string(),
        state: code.state(request.at()).word(),
        confirmed_at: used.map(|used| used.at.to_string()),
        visit: used.map(|used| used.visit.to_hex()),
        consent: used.and_then(|used| Some(used.consent?.to_hex())),
    }
}

async fn make(request: Request) -> Result<Answer, Refusal> {
    let wired: WireNew = request.json()?;
    let kind = Kind::parse(&wired.kind)
        .ok_or_else(|| Refusal::at(&errors::CODE_KIND, "kind", &wired.kind))?;
    let booked = match wired.booked_at.as_deref() {
        None => None,
        Some(text) => Some(
            Timestamp::parse(text)
                .ok_or_else(|| Refusal::at(&errors::CODE_BOOKED, "booked_at", text))?,
        ),
    };
    let new = NewCode {
        kind,
        booked,
        label: wired.label.unwrap_or_default().trim().to_owned(),
    };
    let facility = request.facility()?;
    let code = request
        .write(move |call| ops::make(call, facility, &new))
        .await?;
    Ok(Answer::json(201, &wire(&code, &request)))
}

async fn show(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("code", CodeId::parse)?;
    let facility = request.facility()?;
    let code = request
        .read(move |call| ops::one(call, facility, id))
        .await?;
    Ok(Answer::json(200, &wire(&code, &request)))
}
