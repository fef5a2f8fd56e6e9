//! The shared record as FHIR (`/fhir/shared/{type}`): read only, inside the consent of one visit.
//!
//! The search names the patient by the visit: `patient={visit}`. What the view of that visit
//! does not show, no search finds. A write is another thing altogether: the shared record
//! changes only by registering and deleting documents.
//!
//! Source: design section 2 (two partitions); FHIR R4 search.html.

use ::fhir::search::Env;
use access::policy::Permission;
use eligibility::model::VisitId;
use fhir_server::{
    errors,
    id::{Key, Owner},
    model::Resource,
    search::{Page, Query, Shelf, bundle, links, run},
};
use kernel::{Refusal, Text, hex, id::FacilityId};
use records::ops::{Shown, TYPES};
use store::{Call, Stop, caller::Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler};

use crate::view::VIEW;

/// A cursor is sealed as this table's.
const CURSOR: &str = "shared_cursor";

/// Routes of the shared record as FHIR.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |path, ja, en, handler| Route {
        method: Method::Get,
        path,
        face: Face::Fhir,
        permission: Permission::ViewShared,
        event: &VIEW,
        purpose: Purpose::Treatment,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    };
    vec![
        route(
            "/fhir/shared/{type}",
            "共有された診療情報の検索(来院ごとの同意の範囲)",
            "search the shared record of a visiting patient",
            handler!(search),
        ),
        route(
            "/fhir/shared/{type}/{id}",
            "共有された診療情報の1件(来院ごとの同意の範囲)",
            "one resource of the shared record of a visiting patient",
            handler!(read),
        ),
    ]
}

/// The type of the address: one of which the shared record consists.
fn kind(request: &Request) -> Result<&'static str, Refusal> {
    let kind = request.param("type");
    let known = TYPES.into_iter().find(|one| *one == kind);
    known.ok_or_else(|| Refusal::at(&errors::TYPE, "type", kind))
}

/// The visit by which the search names its patient.
fn visit(pairs: &[(String, String)]) -> Result<VisitId, Refusal> {
    let mut named = pairs
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "patient" | "subject"));
    let none = || Refusal::at(&errors::SEARCH_NO_PATIENT, "patient", "");
    let (_, value) = named.next().ok_or_else(none)?;
    let id = value.strip_prefix("Patient/").unwrap_or(value);
    match (VisitId::parse(id), named.next()) {
        (Some(visit), None) => Ok(visit),
        _ => Err(none()),
    }
}

/// What the view of one visit shows, of one type.
struct Seen {
    kind: &'static str,
    resources: Vec<Resource>,
}

impl Seen {
    fn of(
        call: &mut Call<'_>,
        facility: FacilityId,
        visit: VisitId,
        kind: &'static str,
    ) -> Result<Self, Stop> {
        let found = eligibility::ops::visit(call, facility, visit)?;
        let shown = records::ops::resources(call, found.person, facility, kind, &visit.to_hex())?;
        let owner = Owner::Person(found.person);
        let resources = shown
            .into_iter()
            .zip(0_u64..)
            .map(|(one, place)| resource(kind, owner, one, place))
            .collect();
        Ok(Self { kind, resources })
    }
}

/// A resource has one version here: a replacement is another registration.
fn resource(kind: &str, owner: Owner, shown: Shown, place: u64) -> Resource {
    let local = place.to_be_bytes();
    Resource {
        kind: kind.to_owned(),
        key: Key { owner, local },
        id: hex::encode(&shown.key),
        version: 1,
        at: shown.at,
        is_deleted: false,
        text: shown.text,
    }
}

impl Shelf for Seen {
    fn all(&mut self, kind: &str) -> Result<Vec<Resource>, Stop> {
        if kind == self.kind {
            return Ok(self.resources.clone());
        }
        Ok(Vec::new())
    }

    fn one(&mut self, kind: &str, id: &str) -> Result<Option<Resource>, Stop> {
        let is = |one: &&Resource| one.kind == kind && one.id == id;
        Ok(self.resources.iter().find(is).cloned())
    }
}

async fn search(request: Request) -> Result<Answer, Refusal> {
    let kind = kind(&request)?;
    let pairs = request.query_pairs().to_vec();
    let visit = visit(&pairs)?;
    let (facility, origin) = (request.facility()?, request.app().origin.clone());
    let query = Query::parse(kind, &pairs, &origin)?;
    if !query.includes.is_empty() || !query.reverse.is_empty() {
        let name = "_include";
        return Err(Refusal::at(&errors::SEARCH_PARAMETER, name, ""));
    }
    let (asked, base) = (query.clone(), format!("{origin}/fhir/shared/"));
    let whole = base.clone();
    let page = request
        .read(move |call| page(call, facility, visit, kind, &asked, &whole))
        .await?;
    let links = links(
        &format!("{base}{kind}"),
        &query.pairs,
        query.cursor.as_deref(),
        page.next.as_deref(),
    );
    Ok(Answer::fhir(
        200,
        bundle(&query, &page, &links, (&base, request.at())),
    ))
}

fn page(
    call: &mut Call<'_>,
    facility: FacilityId,
    visit: VisitId,
    kind: &'static str,
    query: &Query,
    base: &str,
) -> Result<Page, Stop> {
    let mut seen = Seen::of(call, facility, visit, kind)?;
    let place = visit.to_hex();
    let key: [&[u8]; 2] = [place.as_bytes(), kind.as_bytes()];
    let bad = || Stop::Refused(Refusal::at(&errors::CURSOR, "_page", ""));
    let after = match &query.cursor {
        Some(cursor) => {
            let sealed = hex::decode(cursor).ok_or_else(bad)?;
            let plain = call
                .unseal_for_facility(facility, CURSOR, &key, &sealed)
                .map_err(|_| bad())?;
            Some(String::from_utf8(plain).map_err(|_| bad())?)
        }
        None => None,
    };
    let env = Env {
        now: call.at().micros(),
        base,
    };
    let mut page = run(query, &mut seen, env, after.as_deref())?;
    if let Some(next) = &page.next {
        let sealed = call.seal_for_facility(facility, CURSOR, &key, next.as_bytes())?;
        page.next = Some(hex::encode(&sealed));
    }
    Ok(page)
}

async fn read(request: Request) -> Result<Answer, Refusal> {
    let kind = kind(&request)?;
    let visit = visit(request.query_pairs())?;
    let (facility, id) = (request.facility()?, request.param("id").to_owned());
    let found = request
        .read(move |call| {
            let mut seen = Seen::of(call, facility, visit, kind)?;
            let found = seen.one(kind, &id)?;
            found.ok_or_else(|| Stop::from(&errors::ABSENT))
        })
        .await?;
    Ok(Answer::fhir(200, found.render().into_bytes()))
}
