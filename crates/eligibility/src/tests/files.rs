//! The national interface's files over HTTP.

use oqs::{
    CharacterCode, Given, InsurerText, Message, Text,
    codes::{LimitClass, LimitConsent, Reference, Relation, Segment, Sex, Status, Validity},
    leaf::Count,
    message::{
        BulkAnswer, BulkFetch, BulkReceipt, BulkRequest, RequestHeader, SearchInfo, SingleRequest,
        SingleResponse,
    },
};

use super::*;

const CODE: &str = "1310000001";
const SINGLE: &str = "OQSsiquc01req_1.xml";
const BULK: &str = "OQSmuquc01req_1.xml";
const FETCH: &str = "OQSmuquc02req_1.xml";
const XML: &str = "application/xml";

fn path(name: &str) -> String {
    format!("/api/v1/eligibility/oqs/{name}")
}

impl Town {
    fn file(&self, name: &str, bytes: Vec<u8>) -> Reply {
        self.world
            .send(&self.system, "POST", &path(name), XML, bytes)
    }

    fn ask(&self, search: SearchInfo, code: CharacterCode) -> (Reply, SingleResponse) {
        let mut question = SingleRequest {
            header: header(),
            ..SingleRequest::default()
        };
        question.body.search = search;
        let reply = self.file(SINGLE, question.write(code).bytes);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let read = SingleResponse::read(&reply.body).expect("a response");
        assert_eq!(read.code, code);
        (reply, read.message)
    }

    fn hand_in(&self, searches: Vec<SearchInfo>) -> BulkReceipt {
        let mut question = BulkRequest {
            header: header(),
            ..BulkRequest::default()
        };
        question.body.searches = searches;
        let reply = self.file(BULK, question.write(CharacterCode::Utf8).bytes);
        assert_eq!(reply.status, 200, "{}", reply.text());
        BulkReceipt::read(&reply.body).expect("a receipt").message
    }

    fn fetch(&self, number: Option<Text>, code: CharacterCode) -> BulkAnswer {
        self.fetch_as(&self.system, CODE, number, code)
    }

    fn fetch_as(
        &self,
        who: &As,
        institution: &str,
        number: Option<Text>,
        code: CharacterCode,
    ) -> BulkAnswer {
        let mut question = BulkFetch::default();
        question.header.medical_institution_code =
            kernel::code::FacilityCode::from_register(institution).ok();
        question.body.reception_number = number;
        let bytes = question.write(code).bytes;
        let reply = self.world.send(who, "POST", &path(FETCH), XML, bytes);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let named = "attachment; filename=\"OQSmuquc02res_1.xml\"";
        assert_eq!(reply.header("content-disposition"), named);
        BulkAnswer::read(&reply.body).expect("an answer").message
    }
}

fn header() -> RequestHeader {
    RequestHeader {
        medical_institution_code: kernel::code::FacilityCode::from_register(CODE).ok(),
        arbitrary_file_identifier: Text::new("受付3"),
        ..RequestHeader::default()
    }
}

fn search(coverage: &Coverage) -> SearchInfo {
    SearchInfo {
        insurer_number: InsurerText::new(coverage.insurer.number.as_str()),
        insured_card_symbol: Text::new(coverage.symbol.as_str()),
        insured_identification_number: Text::new(coverage.number.as_str()),
        insured_branch_number: coverage.branch.as_ref().and_then(|b| Text::new(b.as_str())),
        limit_consent: Given::new("1"),
        ..SearchInfo::default()
    }
}

fn of(life: &Life) -> SearchInfo {
    SearchInfo {
        birthdate: Given::new(&life.birth.compact()),
        ..search(life.coverage_last().expect("a coverage"))
    }
}

fn shown(text: Option<&Text>) -> &str {
    text.map_or("", Text::as_str)
}

#[test]
fn a_question_about_one_person_is_answered_in_its_encoding_under_its_name() {
    let town = town();
    let life = &town.lives[SAWAKO];
    for code in [CharacterCode::Utf8, CharacterCode::ShiftJis] {
        let visits = town.visits().len();
        let (reply, response) = town.ask(of(life), code);
        assert_eq!(reply.header("content-type"), code.content_type());
        let named = "attachment; filename=\"OQSsiquc01res_1.xml\"";
        assert_eq!(reply.header("content-disposition"), named);
        let head = &response.header;
        assert_eq!(head.segment_of_result, Some(Segment::Done));
        assert_eq!(head.qualification_confirmation_date, Some(today()));
        assert_eq!(
            head.reference_classification,
            Some(Reference::InsuredNumber)
        );
        assert_eq!(shown(head.arbitrary_file_identifier.as_ref()), "受付3");
        let body = &response.body;
        assert_eq!(body.processing_result_status, Some(Status::Done));
        assert_eq!(body.qualification_validity, Some(Validity::Valid));
        let [answer] = body.results.as_slice() else {
            panic!("{} results", body.results.len());
        };
        let coverage = life.coverage_last().expect("a coverage");
        let name = life.name.full().replace(' ', "\u{3000}");
        assert_eq!(shown(answer.name.as_ref()), name);
        assert_eq!(answer.sex, Some(Sex::Female));
        assert_eq!(answer.birthdate, Some(life.birth));
        assert_eq!(shown(answer.number.as_ref()), coverage.number.as_str());
        assert_eq!(answer.qualified_on, Some(coverage.period.from()));
        assert_eq!(answer.relation, Some(Relation::Insured));
        // It is the same check as by the JSON API: a visit begins.
        assert_eq!(town.visits().len(), visits + 1);
    }
}

#[test]
fn the_limit_is_told_when_the_person_lets_it_be_shown() {
    let town = town();
    let class = |life: &Life| {
        let ceiling = life.coverage_last()?.ceiling.as_ref()?;
        LimitClass::parse(ceiling.class)
    };
    let life = town.lives.iter().take(6).find(|life| class(life).is_some());
    let life = life.expect("somebody with a limit");
    let (_, response) = town.ask(of(life), CharacterCode::Utf8);
    let answer = &response.body.results[0];
    assert_eq!(answer.limit_consent, Some(LimitConsent::Given));
    let limit = answer.limit.as_ref().expect("a limit");
    assert_eq!(limit.class, class(life));
    for withheld in [None, Given::new("0"), Given::new("はい")] {
        let search = SearchInfo {
            limit_consent: withheld,
            ..of(life)
        };
        let (_, response) = town.ask(search, CharacterCode::Utf8);
        let answer = &response.body.results[0];
        assert_eq!(answer.limit_consent, Some(LimitConsent::Withheld));
        assert!(answer.limit.is_none());
    }
}

#[test]
fn every_no_about_a_person_is_an_answer_with_its_validity_code_and_next_step() {
    let town = town();
    let twin = &town.lives[TWIN];
    let sawako = &town.lives[SAWAKO];
    let lapsed = town.lives.last().expect("somebody");
    let text = Text::new;
    let cases = [
        (
            SearchInfo {
                insured_identification_number: text("99999999"),
                ..of(sawako)
            },
            Some(Validity::NotFound),
            "ELG001",
        ),
        (
            SearchInfo {
                insured_branch_number: text("77"),
                ..of(sawako)
            },
            Some(Validity::NotFound),
            "ELG002",
        ),
        (
            SearchInfo {
                birthdate: Given::new("18500101"),
                ..of(sawako)
            },
            Some(Validity::NotFound),
            "ELG003",
        ),
        (
            SearchInfo {
                insured_branch_number: None,
                ..of(twin)
            },
            Some(Validity::Several),
            "ELG004",
        ),
        (of(lapsed), Some(Validity::Invalid), "ELG005"),
        (
            search(&sawako.coverages[0]),
            Some(Validity::InvalidReplaced),
            "ELG006",
        ),
        (
            SearchInfo {
                insurer_number: InsurerText::new("39131017"),
                ..of(sawako)
            },
            None,
            "ELG020",
        ),
        (
            SearchInfo {
                insured_identification_number: None,
                ..of(sawako)
            },
            None,
            "ELG022",
        ),
        (
            SearchInfo {
                birthdate: Given::new("昭和33年"),
                ..of(sawako)
            },
            None,
            "ELG024",
        ),
        (
            SearchInfo {
                birthdate: None,
                insured_branch_number: None,
                ..of(sawako)
            },
            None,
            "ELG025",
        ),
    ];
    for (search, validity, code) in cases {
        let records = town.world.records();
        let (_, response) = town.ask(search, CharacterCode::ShiftJis);
        assert_eq!(town.world.records(), records + 1, "{code}");
        let body = &response.body;
        assert_eq!(shown(body.processing_result_code.as_ref()), code);
        assert_eq!(body.qualification_validity, validity, "{code}");
        let status = match validity {
            Some(_) => Status::Done,
            None => Status::Error,
        };
        assert_eq!(body.processing_result_status, Some(status), "{code}");
        assert!(body.results.is_empty(), "{code}");
        let message = shown(body.processing_result_message.as_ref());
        assert!(
            message.ends_with('。') && message.matches('。').count() > 1,
            "{message}"
        );
    }
}

#[test]
fn a_date_out_of_reach_is_an_answer_too() {
    let town = town();
    let mut question = SingleRequest {
        header: header(),
        ..SingleRequest::default()
    };
    question.header.qualification_confirmation_date = JstDate::parse("2031-01-01");
    question.body.search = of(&town.lives[SAWAKO]);
    let reply = town.file(SINGLE, question.write(CharacterCode::Utf8).bytes);
    let response = SingleResponse::read(&reply.body)
        .expect("a response")
        .message;
    let code = response.body.processing_result_code;
    assert_eq!(shown(code.as_ref()), "ELG026");
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_every_fault() {
    let town = town();
    let file = "<XmlMsg><MessageHeader><Colour/></MessageHeader><MessageBody>\
        <QualificationConfirmSearchInfo a=\"1\"/></MessageBody></XmlMsg>";
    let records = town.world.records();
    let reply = town.file(SINGLE, file.as_bytes().to_vec());
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-OQS-003"));
    assert_is_problem(&reply);
    let rules: Vec<String> = reply.json()["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["rule"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(rules, ["OQS-X12", "OQS-X16", "OQS-X10"]);
    assert_eq!(town.world.records(), records + 1);
}

#[test]
fn the_charset_of_the_request_must_be_the_file_s_own() {
    let town = town();
    let mut question = SingleRequest {
        header: header(),
        ..SingleRequest::default()
    };
    question.body.search = of(&town.lives[SAWAKO]);
    let bytes = question.write(CharacterCode::ShiftJis).bytes;
    for (kind, status) in [
        ("application/xml; charset=Shift_JIS", 200),
        ("text/xml; charset=\"windows-31j\"", 200),
        ("application/xml; charset=utf-8", 422),
        ("application/xml; charset=x", 422),
        ("application/json", 415),
    ] {
        let sent = bytes.clone();
        let reply = town
            .world
            .send(&town.system, "POST", &path(SINGLE), kind, sent);
        assert_eq!(reply.status, status, "{kind}");
    }
}

#[test]
fn a_file_of_another_facility_or_name_or_kind_is_refused() {
    let town = town();
    let mut question = SingleRequest {
        header: header(),
        ..SingleRequest::default()
    };
    question.body.search = of(&town.lives[SAWAKO]);
    let bytes = question.write(CharacterCode::Utf8).bytes;
    for (name, code) in [
        ("OQSsiquc01res_1.xml", "TSK-OQS-001"),
        ("OQSsiquc01req_1.csv", "TSK-OQS-001"),
        ("EPSsiPIR01req_1.xml", "TSK-OQS-001"),
        ("OQSsiimm01req_1.xml", "TSK-OQS-002"),
        ("OQSmutic01req_1.xml", "TSK-OQS-002"),
    ] {
        let reply = town.file(name, bytes.clone());
        assert_eq!((reply.status, reply.code().as_str()), (404, code), "{name}");
    }
    question.header.medical_institution_code =
        kernel::code::FacilityCode::from_register("1312345670").ok();
    let reply = town.file(SINGLE, question.write(CharacterCode::Utf8).bytes);
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-OQS-004"));
    assert_is_problem(&reply);
}

#[test]
fn characters_that_shift_jis_lacks_are_told_at_the_counter() {
    let town = town();
    let life = &town.lives[SAWAKO];
    let person = town.people[SAWAKO];
    town.world.set_up(move |call| {
        call.open(person)?;
        let mut profile = registry::ops::profile(call, person)?;
        profile.name = "𠮷田 佐和子".to_owned();
        registry::ops::put_profile(call, person, &profile)
    });
    let (_, response) = town.ask(of(life), CharacterCode::ShiftJis);
    let body = &response.body;
    assert_eq!(shown(body.results[0].name.as_ref()), "●田\u{3000}佐和子");
    assert_eq!(shown(body.processing_result_code.as_ref()), "OQSR01");
    let message = shown(body.processing_result_message.as_ref());
    assert!(message.contains('●'), "{message}");
    let (_, response) = town.ask(of(life), CharacterCode::Utf8);
    assert_eq!(
        shown(response.body.results[0].name.as_ref()),
        "𠮷田\u{3000}佐和子"
    );
    assert_ne!(
        shown(response.body.processing_result_code.as_ref()),
        "OQSR01"
    );
    // In a bulk file it stands with the person.
    let receipt = town.hand_in(vec![of(&town.lives[TAKASHI]), of(life)]);
    let answer = town.fetch(receipt.body.reception_number, CharacterCode::ShiftJis);
    let codes = answer
        .body
        .units
        .iter()
        .map(|unit| shown(unit.processing_result_code.as_ref()));
    assert_eq!(codes.collect::<Vec<_>>()[1], "OQSR01");
}

#[test]
fn a_number_that_the_sender_could_not_carry_is_told_as_unreadable() {
    let town = town();
    let search = SearchInfo {
        insured_card_symbol: Text::new("𠮷１２"),
        ..of(&town.lives[SAWAKO])
    };
    // Written in Shift_JIS the symbol is ●１２: nobody's, and never looked up as such.
    let (_, response) = town.ask(search, CharacterCode::ShiftJis);
    let body = &response.body;
    assert_eq!(shown(body.processing_result_code.as_ref()), "OQS010");
    assert_eq!(body.processing_result_status, Some(Status::Error));
    assert_eq!(body.qualification_validity, None);
}

#[test]
fn a_bulk_file_is_answered_line_by_line_and_a_wrong_line_never_spoils_the_others() {
    let town = town();
    let (sawako, takashi) = (&town.lives[SAWAKO], &town.lives[TAKASHI]);
    let wrong = SearchInfo {
        birthdate: Given::new("19xx0101"),
        insurer_number: InsurerText::new("12"),
        arbitrary_identifier: Text::new("2人目"),
        ..of(sawako)
    };
    let unknown = SearchInfo {
        insured_identification_number: Text::new("99999999"),
        ..of(sawako)
    };
    let before = town.visits().len();
    let records = town.world.records();
    let receipt = town.hand_in(vec![of(sawako), wrong, of(takashi), unknown]);
    // The reception, three who were looked for, the results.
    assert_eq!(town.world.records(), records + 5);
    assert_eq!(town.visits().len(), before, "nobody came");
    assert_eq!(receipt.header.segment_of_result, Some(Segment::Done));
    let number = receipt.body.reception_number;
    for code in [CharacterCode::Utf8, CharacterCode::ShiftJis] {
        let answer = town.fetch(number.clone(), code);
        let head = &answer.header;
        assert_eq!(head.segment_of_result, Some(Segment::Done));
        assert_eq!(shown(head.arbitrary_file_identifier.as_ref()), "受付3");
        assert_eq!(head.reception_number, number);
        let figures = [head.processed, head.done, head.failed];
        assert_eq!(figures, [4, 3, 1].map(|count| Some(Count(count))));
        let told: Vec<(&str, Option<Validity>, bool)> = answer
            .body
            .units
            .iter()
            .map(|unit| {
                let code = shown(unit.processing_result_code.as_ref());
                (code, unit.qualification_validity, unit.result.is_some())
            })
            .collect();
        assert_eq!(told[0].1, Some(Validity::Valid));
        assert!(told[0].2 && told[2].2);
        assert_eq!(told[1], ("ELG020", None, false));
        assert_eq!(told[3], ("ELG001", Some(Validity::NotFound), false));
        let asked = answer.body.units[1].search.as_ref().expect("the question");
        assert_eq!(shown(asked.arbitrary_identifier.as_ref()), "2人目");
        let name = answer.body.units[2]
            .result
            .as_ref()
            .and_then(|r| r.name.as_ref());
        assert_eq!(shown(name), takashi.name.full().replace(' ', "\u{3000}"));
    }
}

#[test]
fn everyone_in_a_bulk_file_finds_it_in_their_history() {
    let town = town();
    let chains = |town: &Town| {
        town.people
            .iter()
            .map(|person| {
                let person = *person;
                town.world.set_up(move |call| {
                    call.open(person)?;
                    let entries =
                        call.history(store::audit::Subject::Person(person), i64::MAX, 50)?;
                    let code =
                        |entry: &store::audit::Entry| entry.record.event == "eligibility.file";
                    Ok(entries.iter().filter(|e| code(e)).count())
                })
            })
            .collect::<Vec<usize>>()
    };
    assert!(chains(&town).iter().all(|count| *count == 0));
    town.hand_in(vec![of(&town.lives[SAWAKO]), of(&town.lives[TAKASHI])]);
    let counted = chains(&town);
    assert_eq!((counted[SAWAKO], counted[TAKASHI]), (1, 1));
    assert_eq!(counted.iter().sum::<usize>(), 2);
}

#[test]
fn a_bulk_file_holds_one_to_five_hundred() {
    let town = town();
    let send = |count: usize| {
        let mut question = BulkRequest {
            header: header(),
            ..BulkRequest::default()
        };
        question.body.searches = vec![SearchInfo::default(); count];
        town.file(BULK, question.write(CharacterCode::Utf8).bytes)
    };
    for count in [0, 501] {
        let reply = send(count);
        assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-OQS-005"));
        assert_is_problem(&reply);
    }
    assert_eq!(send(500).status, 200);
    assert_eq!(send(1_001).code(), "TSK-OQS-003");
    let long = town.file(BULK, vec![b' '; web::Body::Xml.bytes_max() + 1]);
    assert_eq!((long.status, long.code().as_str()), (413, "TSK-WEB-003"));
}

#[test]
fn a_reception_is_its_facility_s_own_and_ends_after_a_week() {
    let town = town();
    let receipt = town.hand_in(vec![of(&town.lives[SAWAKO])]);
    let number = receipt.body.reception_number;
    let other = town.world.facility("1312345670", "第二診療所");
    let stranger = town.world.system(&other);
    let told = |answer: &BulkAnswer| {
        assert!(answer.body.units.is_empty());
        assert_eq!(answer.header.segment_of_result, Some(Segment::Abnormal));
        shown(answer.header.error_code.as_ref()).to_owned()
    };
    let utf8 = CharacterCode::Utf8;
    let theirs = town.fetch_as(&stranger, "1312345670", number.clone(), utf8);
    assert_eq!(told(&theirs), "OQS007");
    let absent = town.fetch_as(&stranger, "1312345670", Text::new(&"0".repeat(32)), utf8);
    assert_eq!(told(&absent), "OQS007");
    assert_eq!(told(&town.fetch(Text::new("123"), utf8)), "OQS007");
    assert_eq!(town.fetch(number.clone(), utf8).body.units.len(), 1);
    town.world.clock.advance(7 * 24 * 3600 + 1);
    assert_eq!(told(&town.fetch(number, utf8)), "OQS007");
}

#[test]
fn a_facility_keeps_at_most_fifty_results() {
    let town = town();
    let mut question = BulkRequest {
        header: header(),
        ..BulkRequest::default()
    };
    question.body.searches = vec![SearchInfo::default()];
    let bytes = question.write(CharacterCode::Utf8).bytes;
    for _ in 0..50 {
        assert_eq!(town.file(BULK, bytes.clone()).status, 200);
        town.world.clock.advance(60);
    }
    let reply = town.file(BULK, bytes.clone());
    assert_eq!((reply.status, reply.code().as_str()), (429, "TSK-OQS-006"));
    assert_is_problem(&reply);
    town.world.clock.advance(7 * 24 * 3600);
    assert_eq!(town.file(BULK, bytes).status, 200);
}

#[test]
fn who_may_not_check_eligibility_may_not_by_file() {
    let town = town();
    let bytes = b"<XmlMsg/>".to_vec();
    let reply = town
        .world
        .send(&As::Nobody, "POST", &path(SINGLE), XML, bytes.clone());
    assert_eq!((reply.status, reply.code().as_str()), (401, "TSK-ACC-001"));
    // A browser's session changes nothing at a program's address.
    let clerk = town.staff(Role::Clerk);
    let reply = town.world.send(&clerk, "POST", &path(SINGLE), XML, bytes);
    assert_eq!((reply.status, reply.code().as_str()), (401, "TSK-ACC-001"));
}

#[test]
fn what_was_not_answered_when_the_file_was_taken_is_answered_when_it_is_fetched() {
    let town = town();
    let mut question = BulkRequest {
        header: header(),
        ..BulkRequest::default()
    };
    question.body.searches = vec![of(&town.lives[SAWAKO]), of(&town.lives[TAKASHI])];
    let facility = town.clinic.id;
    // The store was busy: taken, and nobody answered.
    let id = town.world.set_up(move |call| {
        let taken = crate::oqs::ops::receive(call, facility, &question)?;
        Ok(taken.id)
    });
    let answer = town.fetch(Text::new(&id.to_hex()), CharacterCode::Utf8);
    assert_eq!(answer.header.segment_of_result, Some(Segment::Done));
    assert_eq!(answer.body.units.len(), 2);
    let records = town.world.records();
    let again = town.fetch(Text::new(&id.to_hex()), CharacterCode::Utf8);
    assert_eq!(again.body, answer.body);
    // Nobody is looked up a second time.
    assert_eq!(town.world.records(), records + 1);
}

#[test]
fn of_two_who_bring_a_reception_on_the_first_stays() {
    let town = town();
    let facility = town.clinic.id;
    let mut question = BulkRequest {
        header: header(),
        ..BulkRequest::default()
    };
    question.body.searches = vec![SearchInfo::default(); 3];
    let found = town.world.set_up(move |call| {
        use crate::oqs::ops;
        let taken = ops::receive(call, facility, &question)?;
        let unit = oqs::message::BulkUnit::default();
        let mut first = taken.clone();
        first.done = 2;
        first.told.header.segment_of_result = Some(Segment::Done);
        first.told.body.units = vec![unit.clone(); 2];
        ops::keep(call, facility, &first, 0)?;
        let mut late = taken.clone();
        late.done = 1;
        late.told.body.units = vec![unit];
        ops::keep(call, facility, &late, 0)?;
        ops::find(call, facility, Some(taken.id))
    });
    assert_eq!((found.done, found.told.body.units.len()), (2, 2));
    assert_eq!(found.asked.body.searches.len(), 3);
}

#[test]
fn hostile_files_are_refused_and_answered_at_once() {
    let town = town();
    let begun = std::time::Instant::now();
    let laughs = "<!DOCTYPE x [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;\">]><XmlMsg>&b;</XmlMsg>";
    let outside = "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\"><XmlMsg/>";
    let deep = "<XmlMsg>".repeat(7_000);
    let wide = format!("<XmlMsg {}/>", "a=\"\" ".repeat(12_000));
    for (file, rule) in [
        (laughs, "OQS-X06"),
        (outside, "OQS-X06"),
        (deep.as_str(), "OQS-X12"),
        (wide.as_str(), "OQS-X10"),
        ("", "OQS-X16"),
        ("{}", "OQS-X14"),
    ] {
        for name in [SINGLE, BULK, FETCH] {
            let reply = town.file(name, file.as_bytes().to_vec());
            assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-OQS-003"));
            assert_eq!(
                reply.json()["findings"][0]["rule"],
                rule,
                "{name}: {file:.40}"
            );
        }
    }
    assert!(begun.elapsed().as_secs() < 20);
}
