//! The one address for files, and what its questions have in common.

use access::policy::Permission;
use kernel::{Finding, Refusal, Text as Words, code::FacilityCode, id::FacilityId};
use oqs::{
    CharacterCode, FileName, Message, Moment, Read, Written,
    charset::SUBSTITUTE,
    codes::{Reference, Segment},
    fault::Rule,
    file::{Direction, Kind, Step},
    message::{Limits, SingleRequest, SingleResponse, SingleResponseBody},
};
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler};

use super::{
    bulk, card, errors,
    line::{self, Outcome},
    model::Told,
};
use crate::ops;

/// Audit event of a file.
pub static FILE: Event = Event {
    code: "eligibility.file",
    ja: "資格の確認(連携ファイル)",
    en: "eligibility verified by a file of the national interface",
};

/// What is remarked when a character could not be carried: code and sentence.
pub(super) const LOST: (&str, &str) = (
    "OQS-R01",
    "Shift_JISで表せない文字を●に置き換えました。正しい文字は資格確認書などで確認してください。",
);

/// Routes of files.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, body, (ja, en), handler| Route {
        method,
        path,
        face: Face::Api,
        permission: Permission::CheckEligibility,
        event: &FILE,
        purpose: Purpose::Eligibility,
        body,
        summary: Words { ja, en },
        handler,
    };
    vec![
        route(
            Http::Post,
            "/api/v1/eligibility/oqs/{file}",
            Body::Xml,
            (
                "オンライン資格確認の連携ファイル(1件・一括)",
                "verify eligibility by a file of the national interface, for one person or many",
            ),
            handler!(take),
        ),
        route(
            Http::Get,
            "/api/v1/visits/{visit}/oqs",
            Body::None,
            (
                "カードリーダーによる確認結果の連携ファイル",
                "the result of a check by card, as the file that a card reader leaves",
            ),
            handler!(card::leave),
        ),
    ]
}

async fn take(request: Request) -> Result<Answer, Refusal> {
    let given = request.param("file");
    let name = FileName::parse(given)
        .ok()
        .filter(|name| name.direction() == Direction::Request)
        .ok_or_else(|| Refusal::at(&errors::FILE_NAME, "file", given))?;
    match (name.kind(), name.step()) {
        (Kind::Single, _) => single(&request, &name).await,
        (Kind::Bulk, Step::Ask) => bulk::hand_in(&request, &name).await,
        (Kind::Bulk, Step::Fetch) => bulk::fetch(&request, &name).await,
        _ => Err(Refusal::at(&errors::KIND, "file", given)),
    }
}

/// `OQSsiquc01req`: one person, who is at the counter: a visit begins, as by the JSON API.
async fn single(request: &Request, name: &FileName) -> Result<Answer, Refusal> {
    let asked = read::<SingleRequest>(request, SingleRequest::LIMITS).await?;
    let (header, search) = (&asked.message.header, &asked.message.body.search);
    let facility = own(request, header.medical_institution_code.as_ref())?;
    let today = request.at().jst_date();
    let on = header.qualification_confirmation_date;
    let found = match line::inquiry(search, on, today) {
        Ok(inquiry) => {
            let check = request.write(move |call| ops::by_number(call, facility, &inquiry));
            check.await.map(Told::from)
        }
        Err(refusal) => {
            request.note_refusal(refusal.entry).await;
            Err(refusal)
        }
    };
    let outcome = match &found {
        Err(refusal) if is_passing(refusal) => return Err(refusal.clone()),
        found => line::outcome(found.as_ref(), line::shows_limit(search)),
    };
    let mut response = SingleResponse::default();
    let head = &mut response.header;
    head.process_execution_time = Some(Moment::new(request.at()));
    head.qualification_confirmation_date = Some(on.unwrap_or(today));
    head.medical_institution_code = header.medical_institution_code.clone();
    head.arbitrary_file_identifier = header.arbitrary_file_identifier.clone();
    head.reference_classification = Some(Reference::InsuredNumber);
    head.segment_of_result = Some(Segment::Done);
    response.body.search = Some(Box::new(search.clone()));
    Ok(answered(&name.answer(), asked.code, response, outcome))
}

/// The answer about one person, with a remark when a character could not be carried.
pub(super) fn answered(
    name: &FileName,
    code: CharacterCode,
    mut response: SingleResponse,
    mut outcome: Outcome,
) -> Answer {
    response.body.results.extend(outcome.answer.take());
    say(&mut response.body, &outcome);
    let written = response.write(code);
    if lost(&written).next().is_none() {
        return file(name, code, written);
    }
    outcome.remark(LOST.0, LOST.1);
    say(&mut response.body, &outcome);
    file(name, code, response.write(code))
}

fn say(body: &mut SingleResponseBody, outcome: &Outcome) {
    body.processing_result_status = outcome.status;
    body.processing_result_code.clone_from(&outcome.code);
    body.processing_result_message.clone_from(&outcome.message);
    body.qualification_validity = outcome.validity;
}

/// The message in the request's body.
///
/// # Errors
/// `TSK-OQS-003` with every fault.
pub(super) async fn read<M>(request: &Request, limits: Limits) -> Result<Read<M>, Refusal>
where
    M: Message + Send + 'static,
{
    let body = request.body().clone();
    let read = request
        .compute(move || M::read_within(&body, limits))
        .await?
        .map_err(|findings| Refusal::with(&errors::FILE, findings))?;
    match charset(request.header("content-type").unwrap_or_default()) {
        Some(named) if CharacterCode::from_label(named) != Some(read.code) => {
            let (ja, en) = Rule::Encoding.remedy();
            let finding = Finding {
                path: "Content-Type".to_owned(),
                rule: Rule::Encoding.id().to_owned(),
                found: kernel::catalog::shorten(named),
                remedy_ja: ja.to_owned(),
                remedy_en: en.to_owned(),
            };
            Err(Refusal::with(&errors::FILE, vec![finding]))
        }
        _ => Ok(read),
    }
}

/// The `charset` of a content type.
fn charset(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    let named = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("charset");
        is_it.then_some(value)
    })?;
    Some(named.trim().trim_matches('"'))
}

/// The caller's facility, which the file must be from.
///
/// # Errors
/// `TSK-OQS-004`; `FORBIDDEN` for a caller without one.
pub(super) fn own(request: &Request, stated: Option<&FacilityCode>) -> Result<FacilityId, Refusal> {
    let home = request.home()?;
    let stated = stated.map_or("", FacilityCode::as_str);
    if stated == home.code {
        return Ok(home.id);
    }
    let path = "/XmlMsg/MessageHeader/MedicalInstitutionCode";
    Err(Refusal::at(&errors::OTHER_FACILITY, path, stated))
}

/// Would the same question be answered a little later?
pub(super) const fn is_passing(refusal: &Refusal) -> bool {
    matches!(refusal.entry.status, 429 | 503)
}

/// The places of characters that were lost.
pub(super) fn lost(written: &Written) -> impl Iterator<Item = &str> {
    let lost = written.substitutes.iter();
    lost.filter(|one| one.written == SUBSTITUTE)
        .map(|one| one.path.as_str())
}

/// A file to be sent.
pub(super) fn file(name: &FileName, code: CharacterCode, written: Written) -> Answer {
    Answer::file(code.content_type(), &name.to_string(), written.bytes)
}
