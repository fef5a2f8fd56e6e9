//! Search, by address and by form, and inside a Patient's compartment.

use kernel::Refusal;
use store::caller::Event;
use web::{Answer, Body, Method, Request, Route, handler};

use super::{resource::kind, route, speech::check_format};
use crate::{
    errors,
    model::is_personal,
    ops::{self, Partition},
    search::{Link, Page, Query, bundle, links, reads_people},
};

static SEARCH: Event = Event {
    code: "fhir.search",
    ja: "自施設の診療記録の検索",
    en: "own facility's records searched",
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(
            (Method::Get, "/fhir/{type}"),
            Body::None,
            &SEARCH,
            (
                "一人の患者さんの記録、または自施設の職員・場所などを検索",
                "search the records of one patient, or the facility's own resources",
            ),
            handler!(by_address),
        ),
        route(
            (Method::Post, "/fhir/{type}/_search"),
            Body::Form,
            &SEARCH,
            (
                "同じ検索をフォームで(患者さんの識別子はこちら)",
                "the same by form; a patient's identifier belongs here",
            ),
            handler!(by_form),
        ),
        route(
            (Method::Get, "/fhir/Patient/{id}/{type}"),
            Body::None,
            &SEARCH,
            (
                "一人の患者さんの記録を検索(コンパートメント)",
                "search one type in a Patient's compartment",
            ),
            handler!(in_compartment),
        ),
    ]
}

async fn by_address(request: Request) -> Result<Answer, Refusal> {
    let kind = kind(&request)?;
    let pairs = request.query_pairs().to_vec();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| reads_people(&kind, name)) {
        // The value is not repeated: it is the number.
        return Err(Refusal::at(&errors::SEARCH_ADDRESS, name, ""));
    }
    let address = format!("{}/fhir/{kind}", request.app().origin);
    let place = Place {
        address: Some(address),
        patient: None,
    };
    answer(&request, &kind, pairs, place).await
}

async fn by_form(request: Request) -> Result<Answer, Refusal> {
    let kind = kind(&request)?;
    let mut pairs = request.query_pairs().to_vec();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| reads_people(&kind, name)) {
        return Err(Refusal::at(&errors::SEARCH_ADDRESS, name, ""));
    }
    pairs.extend(request.form()?.pairs().iter().cloned());
    let has_number = pairs.iter().any(|(name, _)| reads_people(&kind, name));
    let address = format!("{}/fhir/{kind}", request.app().origin);
    let place = Place {
        address: (!has_number).then_some(address),
        patient: None,
    };
    answer(&request, &kind, pairs, place).await
}

async fn in_compartment(request: Request) -> Result<Answer, Refusal> {
    let kind = kind(&request)?;
    if !is_personal(&kind) || kind == "Patient" {
        return Err(Refusal::at(&errors::TYPE, "type", &kind));
    }
    let id = request.param("id").to_owned();
    let mut pairs = request.query_pairs().to_vec();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| reads_people(&kind, name)) {
        return Err(Refusal::at(&errors::SEARCH_ADDRESS, name, ""));
    }
    let code = patient_code(&kind).ok_or_else(|| Refusal::at(&errors::TYPE, "type", &kind))?;
    pairs.insert(0, (code.to_owned(), format!("Patient/{id}")));
    let address = format!("{}/fhir/{kind}", request.app().origin);
    let place = Place {
        address: Some(address),
        patient: Some(id),
    };
    answer(&request, &kind, pairs, place).await
}

/// Where a search is.
struct Place {
    /// Without one there are no links that repeat the question: it holds a person's number.
    address: Option<String>,
    /// In whose compartment: it must be there.
    patient: Option<String>,
}

/// Runs a search.
async fn answer(
    request: &Request,
    kind: &str,
    pairs: Vec<(String, String)>,
    place: Place,
) -> Result<Answer, Refusal> {
    check_format(request)?;
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let query = Query::parse(kind, &pairs, &origin)?;
    let asked = query.clone();
    let base = format!("{origin}/fhir/");
    let patient = place.patient;
    let page = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            if let Some(patient) = &patient {
                own.check_patient(call, patient)?;
            }
            ops::search(call, &own, &asked)
        })
        .await?;
    let links = match (place.address, &page.next) {
        (Some(address), next) => links(
            &address,
            &query.pairs,
            query.cursor.as_deref(),
            next.as_deref(),
        ),
        (None, None) => vec![("self", format!("{base}{kind}/_search"))],
        (None, Some(next)) => next_of_number(&base, &query, &page, next)?,
    };
    Ok(Answer::fhir(
        200,
        bundle(&query, &page, &links, (&base, request.at())),
    ))
}

/// The links of a search by a person's number: they name the Patient that was found instead.
fn next_of_number(
    base: &str,
    query: &Query,
    page: &Page,
    next: &str,
) -> Result<Vec<Link>, Refusal> {
    let kind = query.kind.as_str();
    let code = patient_code(kind).zip(page.patient.clone());
    let (code, patient) = code.ok_or_else(|| Refusal::new(&errors::SEARCH_BOUND))?;
    let pairs = query
        .pairs
        .iter()
        .filter(|(name, _)| !reads_people(kind, name));
    let mut pairs: Vec<(String, String)> = pairs.cloned().collect();
    pairs.insert(0, (code.to_owned(), patient));
    Ok(links(&format!("{base}{kind}"), &pairs, None, Some(next)))
}

/// The parameter by which a search for this type names its patient.
fn patient_code(kind: &str) -> Option<&'static str> {
    ["patient", "subject"]
        .into_iter()
        .find(|code| fhir::search::param(kind, code).is_some())
}
