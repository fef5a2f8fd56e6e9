//! File names and code lists.

use std::collections::BTreeSet;

use crate::{
    FileName,
    codes::LISTS,
    fault::Rule,
    file::{Direction, FileNameError, Kind, Step},
};

#[test]
fn a_name_says_what_its_file_is_about() {
    use {
        Direction::{Request, Response},
        Kind as K,
        Step::{Ask, Fetch},
    };
    for (name, kind, step, direction, is_of_card) in [
        (
            "OQSsiquc01req_20261122-1.xml",
            K::Single,
            Ask,
            Request,
            false,
        ),
        (
            "OQSsiquc01res_20261122-1.xml",
            K::Single,
            Ask,
            Response,
            false,
        ),
        (
            "OQSsiquc01res_face_a_20261122.xml",
            K::Single,
            Ask,
            Response,
            true,
        ),
        ("OQSsiquc01req_face_a.xml", K::Single, Ask, Request, false),
        (
            "OQSsiimm01req_1.xml",
            K::ReferenceNumber,
            Ask,
            Request,
            false,
        ),
        (
            "OQSmuimm01res_1.xml",
            K::BulkReferenceNumber,
            Ask,
            Response,
            false,
        ),
        ("OQSmuquc01req_1.xml", K::Bulk, Ask, Request, false),
        ("OQSmuquc02res_1.xml", K::Bulk, Fetch, Response, false),
        (
            "OQSmutic01req_1.xml",
            K::MedicalAssistance,
            Ask,
            Request,
            false,
        ),
        (
            "OQSmutic02res_1.xml",
            K::MedicalAssistance,
            Fetch,
            Response,
            false,
        ),
        ("OQSmuhvq01req_1.xml", K::HomeVisit, Ask, Request, false),
        ("OQSmuhvq02req_1.xml", K::HomeVisit, Fetch, Request, false),
        (
            "OQSmuonq01req_1.xml",
            K::OnlineConsultation,
            Ask,
            Request,
            false,
        ),
        (
            "OQSmuonq02res_1.xml",
            K::OnlineConsultation,
            Fetch,
            Response,
            false,
        ),
    ] {
        let parsed = FileName::parse(name).expect(name);
        assert_eq!(parsed.kind(), kind, "{name}");
        assert_eq!(parsed.step(), step, "{name}");
        assert_eq!(parsed.direction(), direction, "{name}");
        assert_eq!(parsed.is_of_card(), is_of_card, "{name}");
        assert_eq!(parsed.to_string(), name);
    }
}

#[test]
fn a_name_that_is_not_published_is_refused() {
    let long = format!("OQSsiquc01req_{}.xml", "1".repeat(65));
    for (name, error) in [
        ("", FileNameError::Form),
        ("OQSsiquc01req_1", FileNameError::Form),
        ("oqssiquc01req_1.xml", FileNameError::Form),
        ("EPSsiPIR01req_1.xml", FileNameError::Form),
        ("OQSsixxx01req_1.xml", FileNameError::Kind),
        ("OQSsiquc02req_1.xml", FileNameError::Step),
        ("OQSmuimm02req_1.xml", FileNameError::Step),
        ("OQSsiquc03req_1.xml", FileNameError::Step),
        ("OQSsiquc01ask_1.xml", FileNameError::Direction),
        ("OQSsiquc01req1.xml", FileNameError::Direction),
        ("OQSsiquc01req_.xml", FileNameError::Rest),
        ("OQSsiquc01res_face_.xml", FileNameError::Rest),
        ("OQSsiquc01req_../1.xml", FileNameError::Rest),
        ("OQSsiquc01req_1\r\nx.xml", FileNameError::Rest),
        ("OQSsiquc01req_１.xml", FileNameError::Rest),
        (&long, FileNameError::Rest),
    ] {
        assert_eq!(FileName::parse(name), Err(error), "{name}");
    }
}

#[test]
fn the_answer_bears_the_name_of_its_question() {
    let asked = FileName::parse("OQSmuquc01req_7.xml").expect("a name");
    assert_eq!(asked.answer().to_string(), "OQSmuquc01res_7.xml");
    let of_card = FileName::of_card("7_20261122").expect("a name");
    assert_eq!(of_card.to_string(), "OQSsiquc01res_face_7_20261122.xml");
}

#[test]
fn every_list_has_its_number_once_and_its_codes_once() {
    let numbers: Vec<&str> = LISTS.iter().map(|list| list.number).collect();
    assert!(numbers.is_sorted() && numbers.len() == numbers.iter().collect::<BTreeSet<_>>().len());
    for list in LISTS {
        let codes: BTreeSet<&str> = list.rows.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), list.rows.len(), "{}", list.number);
        assert!(
            list.rows
                .iter()
                .all(|(code, ja)| !code.is_empty() && !ja.is_empty())
        );
    }
}

#[test]
fn every_rule_has_its_number_once_and_two_remedies() {
    let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        let (ja, en) = rule.remedy();
        assert!(ja.ends_with('。') && en.is_ascii(), "{}", rule.id());
    }
}
