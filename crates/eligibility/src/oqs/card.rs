//! What a card reader leaves for the record system: `OQSsiquc01res_face_….xml`.
//!
//! The patient agrees at the reader's own screen to show limit and 特定疾病療養受療証: the reader
//! says so when it asks for the file (`limit=1`, `diseases=1`), and it is in the record. Consents
//! to see care come from the ledger.

use kernel::{Refusal, code::FacilityCode};
use oqs::{
    CharacterCode, FileName, Moment,
    codes::{Consent, Reference, Segment},
    leaf::Leaf,
    message::{Answer as Told, SingleResponse},
};
use web::{Answer, Request};

use super::{
    answer, api, errors, line,
    ops::{self, Agreed},
};
use crate::{errors::VISIT, model::VisitId};

/// The file of a visit. `encoding` is `UTF-8` or `Shift_JIS`.
pub(super) async fn leave(request: Request) -> Result<Answer, Refusal> {
    let given = request.param("visit");
    let visit = VisitId::parse(given).ok_or_else(|| Refusal::new(&VISIT))?;
    let home = request.home()?;
    let facility = home.id;
    let code = match request.query("encoding") {
        None => CharacterCode::Utf8,
        Some(label) => CharacterCode::from_label(label)
            .ok_or_else(|| Refusal::at(&errors::ENCODING, "encoding", label))?,
    };
    let agrees = |name: &str| request.query(name) == Some("1");
    let (limit, diseases) = (agrees("limit"), agrees("diseases"));
    let seen = request
        .read(move |call| {
            call.detail("limit", if limit { "given" } else { "withheld" });
            call.detail("diseases", if diseases { "given" } else { "withheld" });
            ops::seen(call, facility, visit)
        })
        .await?;
    let read_at = Moment::new(seen.read_at);
    let mut outcome = line::found(&seen.told, limit);
    if let Some(told) = &mut outcome.answer {
        told.limit_consent_at = limit.then_some(read_at);
        answer::diseases(told, &seen.told.coverage, diseases.then_some(read_at));
        consents(told, &seen.consents);
    }
    let mut response = SingleResponse::default();
    let head = &mut response.header;
    head.process_execution_time = Some(Moment::new(request.at()));
    head.qualification_confirmation_date = Some(seen.told.on);
    head.medical_institution_code = FacilityCode::from_register(&home.code).ok();
    head.reference_classification = Some(Reference::Card);
    head.segment_of_result = Some(Segment::Done);
    let rest = format!("{}_{}", visit.to_hex(), read_at.text());
    let name = FileName::of_card(&rest).map_err(|_| Refusal::new(&VISIT))?;
    Ok(api::answered(&name, code, response, outcome))
}

/// The flags of care that may be seen, with the instants from and until which.
fn consents(told: &mut Told, agreed: &[Agreed]) {
    let flag = |agreed: &Agreed| match agreed {
        Agreed::Given(..) => Consent::Given,
        Agreed::Withheld => Consent::None,
        Agreed::Expired => Consent::Expired,
    };
    let times = |agreed: &Agreed| match agreed {
        Agreed::Given(at, until) => (Some(Moment::new(*at)), Some(Moment::new(*until))),
        _ => (None, None),
    };
    let [checkups, medicines, care, surgery] = agreed else {
        return;
    };
    told.checkup_consent = Some(flag(checkups));
    (told.checkup_consent_at, told.checkup_until) = times(checkups);
    told.medicines_consent = Some(flag(medicines));
    (told.medicines_consent_at, told.medicines_until) = times(medicines);
    told.care_consent = Some(flag(care));
    (told.care_consent_at, told.care_until) = times(care);
    told.surgery_consent = Some(flag(surgery));
    (told.surgery_consent_at, told.surgery_until) = times(surgery);
}
