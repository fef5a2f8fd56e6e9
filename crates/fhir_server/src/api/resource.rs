//! Interactions with one resource: create, read, read of a version.

use kernel::Refusal;
use store::{Stop, caller::Event};
use web::{Answer, Body, Method, Request, Route, handler};

use super::{
    route,
    speech::{self, check_format},
};
use crate::{
    draft::Draft,
    errors, model,
    ops::{self, Partition},
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

pub(super) fn routes() -> Vec<Route> {
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
            (Method::Get, "/fhir/{type}/{id}"),
            Body::None,
            &READ,
            (
                "自施設の記録のリソースを読む",
                "read a resource of the own facility's partition",
            ),
            handler!(read),
        ),
        route(
            (Method::Get, "/fhir/{type}/{id}/_history/{version}"),
            Body::None,
            &READ,
            ("リソースの一つの版を読む", "read one version of a resource"),
            handler!(vread),
        ),
    ]
}

/// The type in the address, if resources of it are kept.
pub(crate) fn kind(request: &Request) -> Result<String, Refusal> {
    let kind = request.param("type");
    if model::is_kept(kind) {
        Ok(kind.to_owned())
    } else {
        Err(Refusal::at(&errors::TYPE, "type", kind))
    }
}

async fn create(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let kind = kind(&request)?;
    let draft = Draft::read(&kind, request.body())?;
    let packed = table::pack(&draft.text);
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let text = draft.text.clone();
    let done = request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::create(call, &own, &draft, &packed, None)
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
