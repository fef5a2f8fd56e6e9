//! Interactions with one resource: create, read, update, patch, delete, history.

use kernel::{Refusal, time::Timestamp};
use store::{Stop, caller::Event};
use web::{Answer, Body, Method, Request, Route, handler};

use super::{
    route,
    speech::{self, check_format},
};
use crate::{
    draft::Draft,
    errors, model,
    ops::{self, Part, Partition},
    patch::Patch,
    search::{Listed, Mode, Query, Shape, links, reads_people, write},
    store as table,
};

static READ: Event = Event {
    code: "fhir.read",
    ja: "自施設の診療記録の閲覧",
    en: "own facility's record read",
};
static CREATE: Event = Event {
    code: "fhir.create",
    ja: "自施設の診療記録の作成",
    en: "own facility's record created",
};

static UPDATE: Event = Event {
    code: "fhir.update",
    ja: "自施設の診療記録の更新",
    en: "own facility's record updated",
};
static DELETE: Event = Event {
    code: "fhir.delete",
    ja: "自施設の診療記録の削除",
    en: "own facility's record deleted",
};

pub(super) fn routes() -> Vec<Route> {
    let mut all = reading();
    all.extend(writing());
    all
}

fn writing() -> Vec<Route> {
    vec![
        route(
            (Method::Post, "/fhir/{type}"),
            Body::Fhir,
            &CREATE,
            (
                "自施設の記録にリソースを作成",
                "create a resource in the own facility's partition",
            ),
            handler!(create),
        ),
        route(
            (Method::Put, "/fhir/{type}/{id}"),
            Body::Fhir,
            &UPDATE,
            ("リソースの更新", "update a resource"),
            handler!(update),
        ),
        route(
            (Method::Put, "/fhir/{type}"),
            Body::Fhir,
            &UPDATE,
            (
                "条件に当てはまる一つの更新",
                "update the one resource that meets a condition",
            ),
            handler!(update),
        ),
        route(
            (Method::Patch, "/fhir/{type}/{id}"),
            Body::Patch,
            &UPDATE,
            (
                "リソースの一部の変更(JSON Patch、FHIRPath Patch)",
                "change a resource step by step (JSON Patch, FHIRPath Patch)",
            ),
            handler!(patch),
        ),
        route(
            (Method::Patch, "/fhir/{type}"),
            Body::Patch,
            &UPDATE,
            (
                "条件に当てはまる一つの変更",
                "patch the one resource that meets a condition",
            ),
            handler!(patch),
        ),
        route(
            (Method::Delete, "/fhir/{type}/{id}"),
            Body::None,
            &DELETE,
            ("リソースの削除", "delete a resource"),
            handler!(delete),
        ),
        route(
            (Method::Delete, "/fhir/{type}"),
            Body::None,
            &DELETE,
            (
                "条件に当てはまる一つの削除",
                "delete the one resource that meets a condition",
            ),
            handler!(delete),
        ),
    ]
}

fn reading() -> Vec<Route> {
    let get =
        |path, summary, handler| route((Method::Get, path), Body::None, &READ, summary, handler);
    vec![
        get(
            "/fhir/{type}/{id}",
            (
                "自施設の記録のリソースを読む",
                "read a resource of the own facility's partition",
            ),
            handler!(read),
        ),
        get(
            "/fhir/{type}/{id}/_history/{version}",
            ("リソースの一つの版を読む", "read one version of a resource"),
            handler!(vread),
        ),
        get(
            "/fhir/{type}/{id}/_history",
            ("リソースのすべての版", "all versions of a resource"),
            handler!(history),
        ),
        // Beside the compartment's address, which would take this one for its own.
        get(
            "/fhir/Patient/{id}/_history",
            (
                "患者さんのリソースのすべての版",
                "all versions of a Patient",
            ),
            handler!(history),
        ),
        get(
            "/fhir/{type}/_history",
            (
                "一人の患者さんの、一つの種類のすべての版",
                "all versions of one type inside a patient",
            ),
            handler!(history_of_type),
        ),
    ]
}

/// The type in the address, if resources of it are kept.
pub(crate) fn kind(request: &Request) -> Result<String, Refusal> {
    // One address of a Patient's history names the type itself.
    let kind = match request.param("type") {
        "" => "Patient",
        kind => kind,
    };
    if model::is_kept(kind) {
        Ok(kind.to_owned())
    } else {
        Err(Refusal::at(&errors::TYPE, "type", kind))
    }
}

/// The number in `If-Match: W/"1"`.
fn if_match(request: &Request) -> Result<Option<i64>, Refusal> {
    let Some(given) = request.header("if-match") else {
        return Ok(None);
    };
    version_of(given)
        .map(Some)
        .ok_or_else(|| Refusal::at(&errors::CONDITION, "If-Match", given))
}

/// The number in `W/"1"`.
pub(crate) fn version_of(etag: &str) -> Option<i64> {
    let quoted = etag.trim().strip_prefix("W/").unwrap_or(etag.trim());
    quoted.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// The condition in the address: a search that leads to one resource.
fn condition(request: &Request, kind: &str) -> Result<Query, Refusal> {
    let pairs = request.query_pairs();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| reads_people(kind, name)) {
        return Err(Refusal::at(&errors::SEARCH_ADDRESS, name, ""));
    }
    as_condition(Query::parse(kind, pairs, &request.app().origin)?)
}

/// A search as a condition: it asks something, and how its answer is cut does not matter.
fn as_condition(query: Query) -> Result<Query, Refusal> {
    if query.is_condition() {
        return Ok(query);
    }
    Err(Refusal::new(&errors::CONDITION))
}

/// The condition of a conditional create.
fn if_none_exist(request: &Request, kind: &str) -> Result<Option<Query>, Refusal> {
    let Some(given) = request.header("if-none-exist") else {
        return Ok(None);
    };
    parse_condition(given, kind, &request.app().origin).map(Some)
}

/// A condition as a header or an entry of a Bundle has it: parameters of a search.
///
/// # Errors
/// [`errors::CONDITION`] for none; the search's.
pub fn parse_condition(text: &str, kind: &str, origin: &str) -> Result<Query, Refusal> {
    let text = text.trim_start_matches('?');
    let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    as_condition(Query::parse(kind, &pairs, origin)?)
}

async fn create(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let condition = if_none_exist(&request, &kind)?;
    let draft = Draft::read(&kind, request.body())?;
    let packed = table::pack(&draft.text);
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let text = draft.text.clone();
    let done = request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::create(call, &own, &draft, &packed, condition.as_ref())
        })
        .await?;
    Ok(speech::written(&request, &kind, &done, &text))
}

async fn read(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let found = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::read(call, &own, &kind, &id)
        })
        .await?;
    Ok(speech::shown(&request, &found))
}

async fn vread(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let number = request.param("version").parse::<i64>();
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let found = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            let number = number.clone().map_err(|_| Stop::from(&errors::ABSENT))?;
            ops::version(call, &own, (&kind, &id), number)
        })
        .await?;
    Ok(speech::shown(&request, &found))
}

async fn update(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let condition = if id.is_empty() {
        Some(condition(&request, &kind)?)
    } else {
        None
    };
    let known = if_match(&request)?;
    let draft = Draft::read(&kind, request.body())?;
    let is_named = condition.is_some() || draft.id.as_ref() == Some(&id);
    if !is_named {
        let found = draft.id.as_deref().unwrap_or_default();
        return Err(Refusal::at(&errors::ID, "id", found));
    }
    let packed = table::pack(&draft.text);
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let text = draft.text.clone();
    let done = request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            let what = (&draft, packed.as_slice());
            match &condition {
                Some(query) => ops::update_where(call, &own, query, what, known),
                None => ops::update(call, &own, &id, what, known),
            }
        })
        .await?;
    Ok(speech::written(&request, &kind, &done, &text))
}

async fn patch(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let condition = if id.is_empty() {
        Some(condition(&request, &kind)?)
    } else {
        None
    };
    let known = if_match(&request)?;
    let media_type = request.header("content-type").unwrap_or_default();
    let steps = Patch::read(media_type, request.body())?;
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let named = kind.clone();
    let done = request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            match &condition {
                Some(query) => ops::patch_where(call, &own, query, &steps, known),
                None => ops::patch(call, &own, (&named, &id), &steps, known),
            }
        })
        .await?;
    Ok(speech::written(&request, &kind, &done, ""))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let condition = if id.is_empty() {
        Some(condition(&request, &kind)?)
    } else {
        None
    };
    let known = if_match(&request)?;
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let done = request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            match &condition {
                Some(query) => ops::delete_where(call, &own, query, known),
                None => ops::delete(call, &own, (&kind, &id), known),
            }
        })
        .await?;
    let etag = format!("W/\"{}\"", done.version);
    Ok(Answer::fhir(204, Vec::new()).with_header(http::header::ETAG, etag))
}

/// Which part of a history is asked for; its parameters beside the page.
fn part(request: &Request) -> Result<(Part, Vec<(String, String)>), Refusal> {
    let mut part = Part {
        count: crate::search::COUNT,
        ..Part::default()
    };
    let mut pairs = Vec::new();
    for (name, value) in request.query_pairs() {
        let bad = || Refusal::at(&errors::SEARCH_VALUE, name, value);
        match name.as_str() {
            "_page" => {
                part.cursor = Some(value.clone());
                continue;
            }
            "_format" => continue,
            "_count" => {
                let count: usize = value.parse().map_err(|_| bad())?;
                part.count = count.clamp(1, crate::search::COUNT_MAX);
            }
            "_since" => {
                let text = value.replace(' ', "+");
                let since = Timestamp::parse(&text).ok_or_else(bad)?;
                part.since = Some(since.micros());
            }
            "patient" => {}
            _ => return Err(Refusal::at(&errors::SEARCH_PARAMETER, name, value)),
        }
        pairs.push((name.clone(), value.clone()));
    }
    Ok((part, pairs))
}

async fn history(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let id = request.param("id").to_owned();
    let (part, pairs) = part(&request)?;
    let address = format!("{}/fhir/{kind}/{id}/_history", request.app().origin);
    let (home, origin, asked) = (
        request.home()?.clone(),
        request.app().origin.clone(),
        part.clone(),
    );
    let found = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::history(call, &own, (&kind, &id), &asked)
        })
        .await?;
    Ok(versions(&request, &found, &address, &pairs, &part))
}

async fn history_of_type(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let (part, pairs) = part(&request)?;
    let Some(patient) = request.query("patient").map(str::to_owned) else {
        return Err(Refusal::new(&errors::SEARCH_NO_PATIENT));
    };
    let address = format!("{}/fhir/{kind}/_history", request.app().origin);
    let (home, origin, asked) = (
        request.home()?.clone(),
        request.app().origin.clone(),
        part.clone(),
    );
    let found = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            let id = crate::draft::patient_id(&patient, &origin).unwrap_or(&patient);
            ops::history_of_type(call, &own, (&kind, id), &asked)
        })
        .await?;
    Ok(versions(&request, &found, &address, &pairs, &part))
}

fn versions(
    request: &Request,
    found: &ops::Versions,
    address: &str,
    pairs: &[(String, String)],
    part: &Part,
) -> Answer {
    let base = format!("{}/fhir/", request.app().origin);
    let links = links(
        address,
        pairs,
        part.cursor.as_deref(),
        found.next.as_deref(),
    );
    let listed: Vec<Listed<'_>> = found
        .page
        .iter()
        .map(|resource| Listed {
            resource,
            mode: Mode::History,
        })
        .collect();
    let how = (base.as_str(), request.at(), &Shape::Whole);
    Answer::fhir(
        200,
        write("history", &listed, Some(found.total), &links, how),
    )
}
