//! The routes of exports.

use http::{HeaderName, header};
use kernel::Refusal;
use serde_json::json;
use store::{
    Call, Stop,
    caller::{Actor, Event, Home},
};
use web::{Answer, Body, Method, Request, Route, handler};

use super::{Body as Kept, Export, ExportId, State, store as table, work};
use crate::{
    api::{route, speech::check_format},
    operations::{errors, only, record},
    ops::Partition,
};

static EXPORT: Event = Event {
    code: "fhir.export",
    ja: "自施設の診療記録の持ち出しの開始",
    en: "export of the own facility's record begun",
};
static STATUS: Event = Event {
    code: "fhir.export-status",
    ja: "持ち出しの状況の確認",
    en: "export looked at",
};
static FILE: Event = Event {
    code: "fhir.export-file",
    ja: "自施設の診療記録の持ち出しファイルの取得",
    en: "file of an export fetched",
};
static CANCEL: Event = Event {
    code: "fhir.export-cancel",
    ja: "持ち出しの取り消し",
    en: "export cancelled",
};

/// Exports of one facility that are kept at once.
const EXPORTS_MAX: i64 = 20;
const PROGRESS: HeaderName = HeaderName::from_static("x-progress");

/// Every route.
pub(crate) fn routes() -> Vec<Route> {
    let one = "/fhir/$export/{export}";
    vec![
        route(
            (Method::Get, "/fhir/Patient/{id}/$export"),
            Body::None,
            &EXPORT,
            (
                "患者さん一人の記録の持ち出しを始める(NDJSON)",
                "begin the export of one patient's record as NDJSON",
            ),
            handler!(begin),
        ),
        route(
            (Method::Get, one),
            Body::None,
            &STATUS,
            (
                "持ち出しの状況と一覧",
                "progress of an export, then its manifest",
            ),
            handler!(status),
        ),
        route(
            (Method::Delete, one),
            Body::None,
            &CANCEL,
            (
                "持ち出しを取り消し、ファイルを消す",
                "cancel an export and remove its files",
            ),
            handler!(cancel),
        ),
        route(
            (Method::Get, "/fhir/$export/{export}/{number}"),
            Body::None,
            &FILE,
            ("持ち出しファイルの取得", "one file of an export"),
            handler!(file),
        ),
    ]
}

fn place(origin: &str, id: ExportId) -> String {
    format!("{origin}/fhir/$export/{}", id.to_hex())
}

async fn begin(request: Request) -> Result<Answer, Refusal> {
    only(&request, &["_since", "_type", "_outputFormat"])?;
    let prefer = request.header("prefer").unwrap_or_default();
    let is_async = prefer
        .split([';', ','])
        .any(|one| one.trim() == "respond-async");
    if let Some(format) = request.query("_outputFormat")
        && !matches!(
            format.replace(' ', "+").as_str(),
            "application/fhir+ndjson" | "application/ndjson" | "ndjson"
        )
    {
        return Err(Refusal::at(&errors::VALUE, "_outputFormat", format));
    }
    let types = record::types("_type", &request.query_all("_type"))?;
    let since = request.query("_since");
    let since = since
        .map(|text| record::instant("_since", text))
        .transpose()?;
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let id = request.param("id").to_owned();
    let asked = format!("{origin}/fhir/Patient/{id}/$export");
    let body = Kept {
        patient: id,
        types,
        since: since.map(|at| at.to_string()),
        request: asked,
        client: String::new(),
        name: request.caller().name().to_owned(),
        code: home.code.clone(),
        home: home.name.clone(),
        files: Vec::new(),
        left: Vec::new(),
        trouble: None,
        scopes: request.caller().scopes.as_deref().map(str::to_owned),
    };
    let (own_origin, facility) = (origin.clone(), home);
    let id = request
        .write(move |call| start(call, &facility, &own_origin, (body.clone(), is_async)))
        .await?;
    Ok(Answer::fhir(202, Vec::new()).with_header(header::CONTENT_LOCATION, place(&origin, id)))
}

fn start(
    call: &mut Call<'_>,
    home: &Home,
    origin: &str,
    (mut body, is_async): (Kept, bool),
) -> Result<ExportId, Stop> {
    let own = Partition::of(call, home, origin)?;
    // The person is opened: that it was begun stands in their history.
    record::open_for_export(call, own, &body.patient)?;
    if !is_async {
        return Err(Stop::from(&errors::EXPORT_PREFER));
    }
    // The policy lets a system alone export.
    if let Actor::System { client, .. } = &call.caller().actor {
        body.client = client.to_hex();
    }
    if table::count(call, home.id)? >= EXPORTS_MAX {
        return Err(Stop::from(&errors::EXPORT_MANY));
    }
    let export = Export {
        facility: home.id,
        id: ExportId::random(call.rng()),
        state: State::Waiting,
        asked_at: call.at(),
        done: 0,
        total: 0,
        body,
    };
    table::put(call, &export, call.at().plus_hours(work::KEEP_HOURS))?;
    Ok(export.id)
}

fn id(request: &Request) -> Result<ExportId, Refusal> {
    ExportId::parse(request.param("export")).ok_or_else(|| Refusal::new(&errors::EXPORT_ABSENT))
}

/// The caller's own export: what one system began, another of the facility may not fetch.
fn find(call: &mut Call<'_>, home: &Home, id: ExportId) -> Result<Export, Stop> {
    let absent = || Stop::from(&errors::EXPORT_ABSENT);
    let export = table::get(call, home.id, id)?.ok_or_else(absent)?;
    let client = match &call.caller().actor {
        Actor::System { client, .. } => client.to_hex(),
        _ => String::new(),
    };
    if client.is_empty() || client != export.body.client {
        return Err(absent());
    }
    Ok(export)
}

async fn status(request: Request) -> Result<Answer, Refusal> {
    only(&request, &[])?;
    let (id, home) = (id(&request)?, request.home()?.clone());
    let export = request.read(move |call| find(call, &home, id)).await?;
    let body = &export.body;
    match export.state {
        State::Waiting => {
            let progress = format!("{} of {} types", export.done, export.total);
            let answer = Answer::fhir(202, Vec::new()).with_header(PROGRESS, progress);
            Ok(answer.with_header(header::RETRY_AFTER, "1"))
        }
        State::Done => {
            let place = place(&request.app().origin, id);
            let files = body.files.iter().enumerate();
            let output: Vec<_> = files
                .map(|(number, (kind, count))| {
                    json!({ "type": kind, "url": format!("{place}/{number}"), "count": count })
                })
                .collect();
            Ok(Answer::json(
                200,
                &json!({
                    "transactionTime": export.asked_at.to_string(),
                    "request": body.request,
                    "requiresAccessToken": true,
                    "output": output,
                    "error": [],
                }),
            ))
        }
        State::Failed => {
            let mut refusal = Refusal::new(&errors::EXPORT_FAILED);
            let why = body.trouble.as_deref().unwrap_or_default();
            refusal.findings = Refusal::at(&errors::EXPORT_FAILED, "", why).findings;
            Err(refusal)
        }
    }
}

async fn file(request: Request) -> Result<Answer, Refusal> {
    only(&request, &[])?;
    let (id, home) = (id(&request)?, request.home()?.clone());
    let number = request.param("number").parse::<i64>();
    let number = number.map_err(|_| Refusal::new(&errors::EXPORT_ABSENT))?;
    let origin = request.app().origin.clone();
    let (kind, text) = request
        .read(move |call| {
            let export = find(call, &home, id)?;
            let own = Partition::of(call, &home, &origin)?;
            let record = record::open_for_export(call, own, &export.body.patient)?;
            let person = work::person(&record)?;
            let found = table::file(call, &export, person, number)?;
            found.ok_or_else(|| Stop::from(&errors::EXPORT_ABSENT))
        })
        .await?;
    let name = format!("{kind}-{number}.ndjson");
    Ok(Answer::file("application/fhir+ndjson", &name, text))
}

async fn cancel(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let (id, home) = (id(&request)?, request.home()?.clone());
    let origin = request.app().origin.clone();
    request
        .write(move |call| {
            let export = find(call, &home, id)?;
            let own = Partition::of(call, &home, &origin)?;
            let record = record::open_for_export(call, own, &export.body.patient)?;
            let person = work::person(&record)?;
            Ok(table::remove(call, &export, Some(person))?)
        })
        .await?;
    Ok(Answer::fhir(202, Vec::new()))
}
