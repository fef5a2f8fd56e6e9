//! The routes of hospitals' record systems: register, delete, validate.

use std::sync::Arc;

use access::policy::Permission;
use fhir::{
    clins::{
        BundleIdentifier, InstitutionNumber, MemberId, MemberKind, document::DocumentKind, system,
    },
    json::Document,
    outcome::{self, Severity},
};
use kernel::{
    Finding, Refusal, Text,
    time::{JstDate, Timestamp},
};
use profiles::Library;
use serde::Deserialize;
use store::caller::{Event, Home, Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler, route::Handler};

use crate::{
    documents::{self, model::Oral},
    errors,
    model::Checked,
    ops::{self, Target},
};

static REGISTER: Event = Event {
    code: "records.register",
    ja: "電子カルテ情報の登録",
    en: "record registered",
};
static DELETE: Event = Event {
    code: "records.delete",
    ja: "電子カルテ情報の削除",
    en: "record deleted",
};
static DOCUMENT: Event = Event {
    code: "records.document",
    ja: "登録した文書の確認",
    en: "own registered document read",
};
static CHANGE: Event = Event {
    code: "records.change",
    ja: "診療文書の変更",
    en: "document changed",
};
static CANCEL: Event = Event {
    code: "records.cancel",
    ja: "診療文書の取消",
    en: "document cancelled",
};
static UNDO: Event = Event {
    code: "records.undo",
    ja: "診療文書の取消の取り下げ",
    en: "cancellation of a document undone",
};
static VALIDATE: Event = Event {
    code: "records.validate",
    ja: "文書の検証",
    en: "document validated",
};

/// Routes of the shared record.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = changing();
    routes.extend(reading());
    routes
}

const fn post(
    path: &'static str,
    event: &'static Event,
    permission: Permission,
    body: Body,
    summary: Text,
    handler: Handler,
) -> Route {
    Route {
        method: Method::Post,
        path,
        face: Face::Fhir,
        permission,
        event,
        purpose: Purpose::Registration,
        body,
        summary,
        handler,
    }
}

/// What changes the record.
fn changing() -> Vec<Route> {
    vec![
        post(
            "/fhir/Bundle/$register",
            &REGISTER,
            Permission::RegisterRecords,
            Body::Fhir,
            Text {
                ja: "JP-CLINS文書の登録・差し替え",
                en: "register or replace a JP-CLINS Bundle",
            },
            handler!(register),
        ),
        post(
            "/fhir/Bundle/$delete",
            &DELETE,
            Permission::RegisterRecords,
            Body::Json,
            Text {
                ja: "登録した文書の削除",
                en: "delete a registered Bundle by member, system and value",
            },
            handler!(delete),
        ),
        post(
            "/fhir/Bundle/$change",
            &CHANGE,
            Permission::RegisterRecords,
            Body::Fhir,
            Text {
                ja: "診療文書の変更(新しい版)",
                en: "change a document to a new version",
            },
            handler!(change),
        ),
        post(
            "/fhir/Bundle/$cancel",
            &CANCEL,
            Permission::RegisterRecords,
            Body::Json,
            Text {
                ja: "診療文書の取消",
                en: "cancel a document by member, system and value",
            },
            handler!(cancel),
        ),
        post(
            "/fhir/Bundle/$undo",
            &UNDO,
            Permission::RegisterRecords,
            Body::Json,
            Text {
                ja: "診療文書の取消を元に戻す(取消UNDO)",
                en: "undo the cancellation of a document",
            },
            handler!(undo),
        ),
    ]
}

/// What leaves the record as it is.
fn reading() -> Vec<Route> {
    vec![
        post(
            "/fhir/Bundle/$document",
            &DOCUMENT,
            Permission::RegisterRecords,
            Body::Json,
            Text {
                ja: "自院が登録した文書の取得",
                en: "the exact bytes of a Bundle that one's own institution registered",
            },
            handler!(document),
        ),
        post(
            "/fhir/Bundle/$validate",
            &VALIDATE,
            Permission::ValidateRecords,
            Body::Fhir,
            Text {
                ja: "文書の検証(保存しません)。?on= で別の日付の規則",
                en: "judge a Bundle without keeping it; ?on= for the rules of another date",
            },
            handler!(validate),
        ),
    ]
}

/// What a Bundle turned out to be.
enum Judged {
    Information(Box<Checked>),
    Document(Box<documents::model::Checked>),
}

/// Judging ten megabytes takes longer than others should wait.
async fn judge(request: &Request) -> Result<Judged, Refusal> {
    let (body, on) = (request.body().clone(), request.at().jst_date());
    let judged = request.compute(move || {
        let json = Document::parse(&body)
            .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))?;
        if documents::check::is_document(&json) {
            let checked = documents::check::check(&json, on)?;
            return Ok(Judged::Document(Box::new(checked)));
        }
        Ok(Judged::Information(Box::new(ops::check_on(&json, on)?)))
    });
    judged.await?
}

async fn register(request: Request) -> Result<Answer, Refusal> {
    let checked = match judge(&request).await? {
        Judged::Information(checked) => checked,
        Judged::Document(checked) => return register_document(request, *checked).await,
    };
    let home = request.home()?.clone();
    let mut warnings = checked.warnings.clone();
    let done = request
        .write(move |call| ops::register(call, &home, &checked))
        .await?;
    warnings.extend(done.warnings);
    let status = if done.replaced { 200 } else { 201 };
    Ok(Answer::fhir(
        status,
        outcome::findings(Severity::Warning, &warnings),
    ))
}

/// The patient's oral consent to a referral, when it is given with the letter: `consent` says
/// when, `consent-by` to whom (else to the letter's doctor).
fn oral(request: &Request, checked: &documents::model::Checked) -> Result<Option<Oral>, Refusal> {
    let Some(text) = request.query("consent") else {
        return Ok(None);
    };
    // A plus sign in an address that was not escaped arrives as a space.
    let at = Timestamp::parse(&text.replace(' ', "+"));
    let at = at.ok_or_else(|| Refusal::at(&documents::errors::CONSENT_TIME, "consent", text))?;
    let doctor = checked.card.author.doctor.as_deref();
    let by = request.query("consent-by").or(doctor).unwrap_or_default();
    Ok(Some(Oral {
        at,
        by: by.to_owned(),
    }))
}

fn registered(done: &documents::model::Registered, warnings: &[kernel::Finding]) -> Answer {
    let status = if done.replaced { 200 } else { 201 };
    let place = format!("/api/v1/letters/sent/{}", done.id.to_hex());
    Answer::fhir(status, outcome::findings(Severity::Warning, warnings))
        .with_header(http::header::LOCATION, place)
}

async fn register_document(
    request: Request,
    checked: documents::model::Checked,
) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let oral = oral(&request, &checked)?;
    let warnings = checked.warnings.clone();
    let done = request
        .write(move |call| documents::ops::register(call, &home, &checked, oral.as_ref()))
        .await?;
    Ok(registered(&done, &warnings))
}

async fn change(request: Request) -> Result<Answer, Refusal> {
    let checked = match judge(&request).await? {
        Judged::Document(checked) => checked,
        // What has no versions is replaced by its next registration.
        Judged::Information(_) => {
            let refusal = Refusal::at(
                &documents::errors::NOT_DOCUMENT,
                "Bundle.type",
                "collection",
            );
            return Err(refusal);
        }
    };
    let home = request.home()?.clone();
    let warnings = checked.warnings.clone();
    let done = request
        .write(move |call| documents::ops::change(call, &home, &checked))
        .await?;
    Ok(registered(&done, &warnings))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCancel {
    member: String,
    #[serde(default)]
    public_assistance: bool,
    system: String,
    value: String,
    #[serde(default)]
    reason: String,
}

async fn cancel(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCancel = request.json()?;
    let home = request.home()?.clone();
    let target = WireTarget {
        member: wire.member,
        public_assistance: wire.public_assistance,
        system: wire.system,
        value: wire.value,
    };
    let (target, reason) = (target.parse(&home)?, wire.reason);
    let done = request
        .write(move |call| documents::ops::cancel(call, &home, &target, &reason))
        .await?;
    Ok(registered(&done, &[]))
}

async fn undo(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let target = request.json::<WireTarget>()?.parse(&home)?;
    let done = request
        .write(move |call| documents::ops::undo(call, &home, &target))
        .await?;
    Ok(registered(&done, &[]))
}

/// A document as commands name it: member and identifier, in the sender's own institution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireTarget {
    member: String,
    #[serde(default)]
    public_assistance: bool,
    system: String,
    value: String,
}

impl WireTarget {
    pub(crate) fn parse(&self, home: &Home) -> Result<Target, Refusal> {
        let kind = if self.public_assistance {
            MemberKind::PublicAssistance
        } else {
            MemberKind::Insurance
        };
        let member = MemberId::parse(kind, &self.member)
            .ok_or_else(|| Refusal::at(&errors::COMMAND, "member", &self.member))?;
        let identifier = match self.system.as_str() {
            system::ID_BUNDLE => BundleIdentifier::parse(&self.system, &self.value),
            // A municipal report's identifier names no institution: it is the sender's own.
            system::ID_URI => InstitutionNumber::parse(&home.code)
                .and_then(|own| BundleIdentifier::municipal(&self.value, own)),
            other => return Err(Refusal::at(&errors::COMMAND, "system", other)),
        };
        let identifier =
            identifier.ok_or_else(|| Refusal::at(&errors::COMMAND, "value", &self.value))?;
        Ok(Target {
            member,
            identifier: identifier.value().to_owned(),
            institution: identifier.institution().as_str().to_owned(),
        })
    }
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let wire: WireTarget = request.json()?;
    let home = request.home()?.clone();
    let target = wire.parse(&home)?;
    request
        .write(
            move |call| match documents::ops::delete(call, &home, &target)? {
                true => Ok(()),
                false => ops::delete(call, &home, &target),
            },
        )
        .await?;
    Ok(Answer::fhir(
        200,
        outcome::findings(Severity::Information, &[]),
    ))
}

async fn document(request: Request) -> Result<Answer, Refusal> {
    let wire: WireTarget = request.json()?;
    let home = request.home()?.clone();
    let target = wire.parse(&home)?;
    let bytes = request
        .read(
            move |call| match documents::ops::exact(call, &home, &target)? {
                Some(bytes) => Ok(bytes),
                None => ops::document(call, &home, &target),
            },
        )
        .await?;
    Ok(Answer::fhir(200, bytes))
}

/// What is judged, and how.
struct Asked {
    /// Whose rules.
    on: JstDate,
    /// Packages that an operator loaded.
    library: Arc<Library>,
}

fn asked(request: &Request) -> Result<Asked, Refusal> {
    let mut on = request.at().jst_date();
    for (name, value) in request.query_pairs() {
        let wrong = || Refusal::at(&errors::VALIDATE_PARAMETER, name, value);
        match name.as_str() {
            "on" => on = JstDate::parse(value).ok_or_else(wrong)?,
            "_format" | "_pretty" => {}
            _ => return Err(wrong()),
        }
    }
    let library = request.app().told::<Arc<Library>>().cloned();
    Ok(Asked {
        on,
        library: library.unwrap_or_default(),
    })
}

/// The resource inside `Parameters`, as libraries send it; else the body itself.
fn unwrapped(json: Document) -> Result<Document, Refusal> {
    let root = json.root();
    if root.str("resourceType") != Some("Parameters") {
        return Ok(json);
    }
    let mut all = root.list("parameter");
    let inner = all.find(|one| one.str("name") == Some("resource"));
    match inner.and_then(|one| one.get("resource")) {
        Some(resource) => parsed(resource.to_compact().as_bytes()),
        None => Ok(json),
    }
}

fn parsed(bytes: &[u8]) -> Result<Document, Refusal> {
    Document::parse(bytes).map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))
}

/// Every finding about a Bundle that nobody keeps. One of another guide is judged by R4 and by
/// the packages that are loaded.
fn findings(body: &[u8], asked: &Asked) -> Result<Vec<Finding>, Refusal> {
    let json = unwrapped(parsed(body)?)?;
    let root = json.root();
    let is_information = root.str("resourceType") != Some("Bundle")
        || root.str("type") == Some("collection")
        || claims_information(&json);
    let judged = if DocumentKind::of(root).is_some() {
        documents::check::check(&json, asked.on).map(|checked| checked.warnings)
    } else if is_information {
        ops::check_on(&json, asked.on).map(|checked| checked.warnings)
    } else {
        let checked = fhir::clins::validate(&json, asked.on);
        match checked.refusals.is_empty() {
            true => Ok(checked.warnings),
            false => Err(Refusal::with(&errors::DOCUMENT, checked.refusals)),
        }
    };
    let mut warnings = match judged {
        // It is as it should be; that it cannot be registered is worth knowing.
        Err(refusal) if refusal.entry.code == errors::PERSON_MISSING.code => refusal.findings,
        judged => judged?,
    };
    let beside = asked.library.check(root, asked.on);
    if !beside.refusals.is_empty() {
        return Err(Refusal::with(&errors::DOCUMENT, beside.refusals));
    }
    warnings.extend(beside.warnings);
    Ok(warnings)
}

fn claims_information(json: &Document) -> bool {
    let meta = json.root().get("meta");
    let mut profiles = meta.into_iter().flat_map(|meta| meta.list("profile"));
    profiles.any(|profile| {
        let bare = profile.as_str().and_then(|text| text.split('|').next());
        bare == Some(system::PROFILE_BUNDLE)
    })
}

async fn validate(request: Request) -> Result<Answer, Refusal> {
    let (body, asked) = (request.body().clone(), asked(&request)?);
    let warnings = request.compute(move || findings(&body, &asked)).await??;
    // Nothing is kept, but that somebody asked is recorded.
    request.write(|_| Ok(())).await?;
    Ok(Answer::fhir(
        200,
        outcome::findings(Severity::Warning, &warnings),
    ))
}
