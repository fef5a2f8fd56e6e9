//! Questions and answers as they lie in the folder; the files stand in `golden/`.

use expect_test::expect_file;
use kernel::{
    code::FacilityCode,
    time::{JstDate, Timestamp},
};

use crate::{
    CharacterCode, FileName, Given, InsurerText, Message, Moment, Ratio, Text, Yen,
    codes::{
        Card, Consent, Disease, LimitCertificate, LimitClass, LimitConsent, PrescriptionIssue,
        Reference, Relation, Segment, Sex, Status, Validity,
    },
    leaf::Count,
    message::{
        Answer, BulkAnswer, BulkReceipt, BulkRequest, BulkUnit, ElderlyCertificate,
        LimitCertificateInfo, RequestHeader, SearchInfo, SingleRequest, SingleResponse,
        SpecificDisease,
    },
};

fn date(text: &str) -> Option<JstDate> {
    Some(JstDate::parse(text).expect("a date"))
}

fn moment(text: &str) -> Option<Moment> {
    Timestamp::parse(text).map(Moment::new)
}

fn clinic() -> Option<FacilityCode> {
    FacilityCode::from_register("1310000001").ok()
}

fn header() -> RequestHeader {
    RequestHeader {
        qualification_confirmation_date: date("2026-11-22"),
        medical_institution_code: clinic(),
        arbitrary_file_identifier: Text::new("reception-3"),
        ..RequestHeader::default()
    }
}

fn search() -> SearchInfo {
    SearchInfo {
        insurer_number: InsurerText::new("138016"),
        insured_card_symbol: Text::new("１２－３４"),
        insured_identification_number: Text::new("4260"),
        insured_branch_number: Text::new("01"),
        birthdate: Given::new("19550302"),
        limit_consent: Given::new("1"),
        arbitrary_identifier: Text::new("カルテ&17"),
    }
}

pub fn question() -> SingleRequest {
    let mut request = SingleRequest {
        header: header(),
        ..SingleRequest::default()
    };
    request.body.search = search();
    request
}

fn told() -> Answer {
    Answer {
        card: Some(Card::Ordinary),
        insurer_number: InsurerText::new("138016"),
        symbol: Text::new("１２－３４"),
        number: Text::new("4260"),
        branch: Text::new("01"),
        relation: Some(Relation::Insured),
        insured_name: Text::new("橘　髙志"),
        name: Text::new("橘　髙志"),
        kana: Text::new("ﾀﾁﾊﾞﾅ ﾀｶｼ"),
        sex: Some(Sex::Male),
        birthdate: date("1955-03-02"),
        address: Text::new("東京都千代田区霞が関１－２－２"),
        post_code: Text::new("100-0013"),
        card_issued: date("2025-04-01"),
        card_from: date("2025-04-01"),
        card_to: date("2027-03-31"),
        insurer_name: Text::new("千代田区"),
        elderly: Some(Box::new(ElderlyCertificate {
            issued: date("2026-08-01"),
            from: date("2026-08-01"),
            to: date("2027-07-31"),
            ratio: Ratio::tenths(2),
        })),
        limit_consent: Some(LimitConsent::Given),
        limit_consent_at: moment("2026-11-22T00:05:09Z"),
        limit: Some(Box::new(LimitCertificateInfo {
            certificate: Some(LimitCertificate::Limit),
            class: Some(LimitClass::B03),
            issued: date("2026-08-01"),
            from: date("2026-08-01"),
            to: date("2027-07-31"),
            long_term_from: None,
        })),
        disease_consent: Some(Consent::Given),
        disease_consent_at: moment("2026-11-22T00:05:09Z"),
        diseases: vec![SpecificDisease {
            disease: Some(Disease::Dialysis),
            issued: date("2024-01-10"),
            from: date("2024-01-01"),
            to: None,
            self_pay: Some(Yen(10_000)),
        }],
        medicines_consent: Some(Consent::Given),
        medicines_consent_at: moment("2026-11-22T00:05:09Z"),
        medicines_until: moment("2026-11-23T00:05:09Z"),
        ..Answer::default()
    }
}

pub fn response() -> SingleResponse {
    let mut response = SingleResponse::default();
    let header = &mut response.header;
    header.process_execution_time = moment("2026-11-22T00:05:10Z");
    header.qualification_confirmation_date = date("2026-11-22");
    header.medical_institution_code = clinic();
    header.arbitrary_file_identifier = Text::new("reception-3");
    header.reference_classification = Some(Reference::InsuredNumber);
    header.segment_of_result = Some(Segment::Done);
    response.body.processing_result_status = Some(Status::Done);
    response.body.qualification_validity = Some(Validity::Valid);
    response.body.prescription_issue_select = Some(PrescriptionIssue::Electronic);
    response.body.results = vec![told()];
    response
}

fn bulk() -> (BulkRequest, BulkReceipt, BulkAnswer) {
    let mut asked = BulkRequest {
        header: header(),
        ..BulkRequest::default()
    };
    let wrong = SearchInfo {
        birthdate: Given::new("昭和30年"),
        ..search()
    };
    asked.body.searches = vec![search(), wrong.clone()];
    let mut receipt = BulkReceipt::default();
    receipt.header.medical_institution_code = clinic();
    receipt.header.segment_of_result = Some(Segment::Processing);
    receipt.body.reception_number = Text::new("00000000000000000000000000000001");
    receipt.body.reception_date_time = moment("2026-11-21T15:00:00Z");
    let mut answer = BulkAnswer::default();
    answer.header.medical_institution_code = clinic();
    answer.header.reception_number = Text::new("00000000000000000000000000000001");
    answer.header.segment_of_result = Some(Segment::Done);
    answer.header.processed = Some(Count(2));
    answer.header.done = Some(Count(1));
    answer.header.failed = Some(Count(1));
    let good = BulkUnit {
        search: Some(Box::new(search())),
        processing_result_status: Some(Status::Done),
        qualification_validity: Some(Validity::Valid),
        result: Some(Box::new(told())),
        reference_number: Text::new("カルテ&17"),
        ..BulkUnit::default()
    };
    let bad = BulkUnit {
        search: Some(Box::new(wrong)),
        processing_result_status: Some(Status::Error),
        processing_result_code: Text::new("ELG024"),
        processing_result_message: Text::new("生年月日が正しくありません。"),
        ..BulkUnit::default()
    };
    answer.body.units = vec![good, bad];
    (asked, receipt, answer)
}

fn check<M: Message + PartialEq>(name: &str, message: &M, golden: &expect_test::ExpectFile) {
    FileName::parse(name).expect("a published name");
    let written = message.write(CharacterCode::Utf8);
    assert_eq!(written.substitutes, []);
    golden.assert_eq(&String::from_utf8(written.bytes).expect("UTF-8"));
    // The other encoding says the same.
    let written = message.write(CharacterCode::ShiftJis);
    let read = M::read(&written.bytes).expect("a message");
    assert!(read.message == *message);
}

#[test]
fn the_golden_files_are_what_is_written() {
    let (asked, receipt, answer) = bulk();
    let golden = |name: &str| format!("{}/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let name = "OQSsiquc01req_golden.xml";
    check(name, &question(), &expect_file![golden(name)]);
    let name = "OQSsiquc01res_golden.xml";
    check(name, &response(), &expect_file![golden(name)]);
    let name = "OQSmuquc01req_golden.xml";
    check(name, &asked, &expect_file![golden(name)]);
    let name = "OQSmuquc01res_golden.xml";
    check(name, &receipt, &expect_file![golden(name)]);
    let name = "OQSmuquc02res_golden.xml";
    check(name, &answer, &expect_file![golden(name)]);
}

#[test]
fn items_are_read_in_the_order_in_which_the_national_service_writes_them() {
    let file = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<XmlMsg>\n\
        \x20 <MessageBody>\n\t<QualificationValidity>1</QualificationValidity>\
        <ResultList><ResultOfQualificationConfirmation><Sex1>2</Sex1>\
        <PostNumber>100-0013</PostNumber><InsurerNumber>  138016</InsurerNumber>\
        </ResultOfQualificationConfirmation></ResultList>\
        <ProcessingResultStatus>1</ProcessingResultStatus></MessageBody>\
        <MessageHeader><CharacterCodeIdentifier>0</CharacterCodeIdentifier>\
        <SegmentOfResult>1</SegmentOfResult></MessageHeader></XmlMsg>\n";
    let read = SingleResponse::read(file.as_bytes()).expect("a response");
    let body = read.message.body;
    assert_eq!(body.qualification_validity, Some(Validity::Valid));
    let number = body.results[0].insurer_number.as_ref().expect("a number");
    assert_eq!(number.as_str(), "138016");
}
