//! The file that a card reader leaves, with what the person let be shown.

use kernel::{
    money::Yen,
    time::{Period, Timestamp},
};
use oqs::{
    CharacterCode, Message, Moment,
    codes::{Consent, Disease, LimitConsent, Reference, Segment, Validity},
    message::SingleResponse,
};
use registry::model::{ChangeKind, DiseaseKind, SpecificDisease};

use super::*;
use crate::model::{Method, VisitId};

fn visit(town: &Town, index: usize, method: Method) -> String {
    let (facility, person) = (town.clinic.id, town.people[index]);
    town.world.set_up(move |call| {
        call.open(person)?;
        let visit = Visit {
            id: VisitId::new(call.at(), call.rng()),
            person,
            at: call.at(),
            method,
            care: crate::model::CareClass::Outpatient,
            name: String::new(),
            kana: String::new(),
        };
        crate::store::put_visit(call, facility, &visit)?;
        Ok(visit.id.to_hex())
    })
}

fn get(town: &Town, visit: &str, query: &str) -> Reply {
    let path = format!("/api/v1/visits/{visit}/oqs{query}");
    town.world.get(&town.system, &path)
}

fn told(reply: &Reply) -> oqs::Read<SingleResponse> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    SingleResponse::read(&reply.body).expect("a response")
}

fn instant(text: &str) -> Option<Moment> {
    Timestamp::parse(text).map(Moment::new)
}

#[test]
fn a_check_by_card_leaves_the_file_that_a_card_reader_leaves() {
    let town = town();
    let visit = visit(&town, SAWAKO, Method::CardFace);
    for (query, code) in [
        ("", CharacterCode::Utf8),
        ("?encoding=Shift_JIS", CharacterCode::ShiftJis),
    ] {
        let reply = get(&town, &visit, query);
        let named =
            format!("attachment; filename=\"OQSsiquc01res_face_{visit}_20261122100000.xml\"");
        assert_eq!(reply.header("content-disposition"), named);
        assert_eq!(reply.header("content-type"), code.content_type());
        let read = told(&reply);
        assert_eq!(read.code, code);
        let head = &read.message.header;
        assert_eq!(head.reference_classification, Some(Reference::Card));
        assert_eq!(head.segment_of_result, Some(Segment::Done));
        let body = &read.message.body;
        assert_eq!(body.qualification_validity, Some(Validity::Valid));
        let answer = &body.results[0];
        assert_eq!(answer.birthdate, Some(town.lives[SAWAKO].birth));
        assert_eq!(answer.limit_consent, Some(LimitConsent::Withheld));
        assert!(answer.limit.is_none() && answer.diseases.is_empty());
        assert_eq!(answer.disease_consent, Some(Consent::None));
        assert_eq!(answer.medicines_consent, Some(Consent::None));
    }
}

#[test]
fn a_certificate_of_a_disease_is_told_when_the_person_agreed_at_the_reader() {
    let town = town();
    let person = town.people[TAKASHI];
    town.world.set_up(move |call| {
        call.open(person)?;
        let mut coverage = registry::ops::coverages(call, person)?
            .pop()
            .expect("a coverage");
        coverage.diseases = vec![SpecificDisease {
            kind: DiseaseKind::Dialysis,
            issued_on: today().plus_days(-40),
            period: Period::new(today().plus_days(-40), Some(today().plus_days(60))).unwrap(),
            self_pay: Yen::new(10_000),
        }];
        registry::ops::record_change(call, person, ChangeKind::Changed, &coverage)?;
        Ok(())
    });
    let visit = visit(&town, TAKASHI, Method::CardPin);
    let records = town.world.records();
    let reply = get(&town, &visit, "?limit=1&diseases=1");
    assert_eq!(town.world.records(), records + 1);
    let answer = told(&reply).message.body.results.remove(0);
    assert_eq!(answer.limit_consent, Some(LimitConsent::Given));
    assert_eq!(answer.limit_consent_at, instant("2026-11-22T01:00:00Z"));
    assert_eq!(answer.disease_consent, Some(Consent::Given));
    assert_eq!(answer.disease_consent_at, instant("2026-11-22T01:00:00Z"));
    let disease = &answer.diseases[0];
    assert_eq!(disease.disease, Some(Disease::Dialysis));
    assert_eq!(disease.to, Some(today().plus_days(59)));
    assert_eq!(disease.self_pay, Some(oqs::Yen(10_000)));
    let answer = told(&get(&town, &visit, "?diseases=0"))
        .message
        .body
        .results
        .remove(0);
    assert!(answer.diseases.is_empty());
}

#[test]
fn consents_stand_in_the_file_with_from_and_until_when() {
    let town = town();
    let visit = visit(&town, SAWAKO, Method::CardPin);
    town.world.clock.advance(300);
    let chosen = json!({ "categories": ["medications", "surgery"] });
    let path = format!("/api/v1/visits/{visit}/consents");
    assert_eq!(town.world.post(&town.system, &path, &chosen).status, 201);
    let answer = told(&get(&town, &visit, "")).message.body.results.remove(0);
    assert_eq!(answer.medicines_consent, Some(Consent::Given));
    assert_eq!(answer.medicines_consent_at, instant("2026-11-22T01:05:00Z"));
    assert_eq!(answer.medicines_until, instant("2026-11-23T01:05:00Z"));
    assert_eq!(answer.surgery_consent, Some(Consent::Given));
    assert_eq!(answer.care_consent, Some(Consent::None));
    assert_eq!((answer.care_consent_at, answer.care_until), (None, None));
}

#[test]
fn a_visit_by_number_or_of_yesterday_or_of_another_leaves_no_file() {
    let town = town();
    let by_number = visit(&town, SAWAKO, Method::Number);
    let reply = get(&town, &by_number, "");
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-OQS-008"));
    assert_is_problem(&reply);
    let by_card = visit(&town, SAWAKO, Method::CardPin);
    let reply = get(&town, &by_card, "?encoding=EUC-JP");
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-OQS-009"));
    assert_is_problem(&reply);
    let other = town.world.facility("1312345670", "第二診療所");
    let stranger = town.world.system(&other);
    let path = format!("/api/v1/visits/{by_card}/oqs");
    let reply = town.world.get(&stranger, &path);
    assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-ELG-030"));
    assert_eq!(get(&town, "x", "").code(), "TSK-ELG-030");
    town.world.clock.advance(24 * 3600);
    assert_eq!(get(&town, &by_card, "").code(), "TSK-OQS-008");
}
