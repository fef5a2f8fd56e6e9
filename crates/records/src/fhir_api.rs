//! The routes of hospitals' record systems: register, delete, validate.

use access::policy::Permission;
use fhir::{
    clins::{BundleIdentifier, MemberId, MemberKind, system},
    outcome::{self, Severity},
};
use kernel::{Refusal, Text};
use serde::Deserialize;
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler};

use crate::{
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
static VALIDATE: Event = Event {
    code: "records.validate",
    ja: "文書の検証",
    en: "document validated",
};

/// Routes of the shared record.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, permission, body, summary, handler| Route {
        method: Method::Post,
        path,
        face: Face::Fhir,
        permission,
        event,
        purpose: Purpose::Registration,
        body,
        summary,
        handler,
    };
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
                ja: "文書の検証(保存しません)",
                en: "judge a Bundle without keeping it",
            },
            handler!(validate),
        ),
    ]
}

/// Judging ten megabytes takes longer than others should wait.
async fn judge(request: &Request) -> Result<Checked, Refusal> {
    let body = request.body().clone();
    request.compute(move || ops::check(&body)).await?
}

async fn register(request: Request) -> Result<Answer, Refusal> {
    let checked = judge(&request).await?;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTarget {
    member: String,
    #[serde(default)]
    public_assistance: bool,
    system: String,
    value: String,
}

impl WireTarget {
    fn parse(&self) -> Result<Target, Refusal> {
        let kind = if self.public_assistance {
            MemberKind::PublicAssistance
        } else {
            MemberKind::Insurance
        };
        let member = MemberId::parse(kind, &self.member)
            .ok_or_else(|| Refusal::at(&errors::COMMAND, "member", &self.member))?;
        if self.system != system::ID_BUNDLE {
            return Err(Refusal::at(&errors::COMMAND, "system", &self.system));
        }
        let identifier = BundleIdentifier::parse(&self.system, &self.value)
            .ok_or_else(|| Refusal::at(&errors::COMMAND, "value", &self.value))?;
        Ok(Target {
            member,
            identifier: identifier.value().to_owned(),
            institution: identifier.institution().as_str().to_owned(),
        })
    }
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let wire: WireTarget = request.json()?;
    let target = wire.parse()?;
    let home = request.home()?.clone();
    request
        .write(move |call| ops::delete(call, &home, &target))
        .await?;
    Ok(Answer::fhir(
        200,
        outcome::findings(Severity::Information, &[]),
    ))
}

async fn document(request: Request) -> Result<Answer, Refusal> {
    let wire: WireTarget = request.json()?;
    let target = wire.parse()?;
    let home = request.home()?.clone();
    let bytes = request
        .read(move |call| ops::document(call, &home, &target))
        .await?;
    Ok(Answer::fhir(200, bytes))
}

async fn validate(request: Request) -> Result<Answer, Refusal> {
    let warnings = judge(&request).await?.warnings;
    // Nothing is kept, but that somebody asked is recorded.
    request.write(|_| Ok(())).await?;
    Ok(Answer::fhir(
        200,
        outcome::findings(Severity::Warning, &warnings),
    ))
}
