//! Files made to harm: refused, each fault with its rule and place.

use std::time::Instant;

use super::{faults, question, read};
use crate::{
    Message,
    fault::FAULTS_MAX,
    leaf::TEXT_CHARS_MAX,
    message::{BulkRequest, Limits, SingleRequest, SingleResponse},
};

const SEARCH: &str = "/XmlMsg/MessageBody/QualificationConfirmSearchInfo";

fn at(rule: &str, item: &str) -> String {
    format!("{rule} {SEARCH}{item}")
}

#[test]
fn a_plain_question_is_read() {
    let asked = read(&question("", "<InsurerNumber>  138016</InsurerNumber>"));
    let number = asked.message.body.search.insurer_number.expect("a number");
    assert_eq!(number.as_str(), "138016");
    assert!(asked.substitutes.is_empty());
}

#[test]
fn a_billion_laughs_are_refused_before_the_first() {
    let mut entities = String::from("<!ENTITY a0 \"ha\">");
    for n in 1..10 {
        let twice = format!("&a{};", n - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY a{n} \"{twice}\">"));
    }
    let plain = question("", "<InsuredCardSymbol>&a9;</InsuredCardSymbol>");
    let file = plain.replace(
        "<XmlMsg>",
        &format!("<!DOCTYPE XmlMsg [{entities}]><XmlMsg>"),
    );
    assert_eq!(faults(file.as_bytes()), ["OQS-X06 /"]);
}

#[test]
fn an_external_entity_is_refused() {
    let plain = question("", "<InsuredCardSymbol>&x;</InsuredCardSymbol>");
    for declared in [
        "<!DOCTYPE XmlMsg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE XmlMsg SYSTEM \"http://localhost/x.dtd\">",
        "<!DOCTYPE XmlMsg [<!ENTITY % x SYSTEM \"http://localhost/\"> %x;]>",
    ] {
        let file = plain.replace("<XmlMsg>", &format!("{declared}<XmlMsg>"));
        assert_eq!(faults(file.as_bytes()), ["OQS-X06 /"], "{declared}");
    }
    // Without a declaration it is an entity that nobody knows.
    assert_eq!(
        faults(plain.as_bytes()),
        [at("OQS-X07", "/InsuredCardSymbol")]
    );
}

#[test]
fn the_five_entities_and_character_references_are_read() {
    let file = question(
        "",
        "<InsuredCardSymbol>&lt;&gt;&amp;&apos;&quot;&#12354;&#x3044;</InsuredCardSymbol>",
    );
    let symbol = read(&file).message.body.search.insured_card_symbol;
    assert_eq!(symbol.expect("a symbol").as_str(), "<>&'\"あい");
}

#[test]
fn deep_nesting_is_refused_at_the_sixteenth() {
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    let file = format!("<XmlMsg>{deep}</XmlMsg>");
    let found = BulkRequest::read(file.as_bytes()).expect_err("too deep");
    assert_eq!(super::told(&found), ["OQS-X12 /XmlMsg", "OQS-X11 /XmlMsg"]);
}

#[test]
fn attributes_and_namespaces_are_refused() {
    let huge = format!(" x=\"{}\"", "y".repeat(40_000));
    for attribute in [
        &huge,
        " xmlns=\"urn:x\"",
        " xmlns:a=\"urn:x\"",
        " xsi:nil=\"true\"",
    ] {
        let file = question("", "").replace("<MessageBody>", &format!("<MessageBody{attribute}>"));
        let found = SingleRequest::read(file.as_bytes()).expect_err("an attribute");
        assert_eq!(super::told(&found), ["OQS-X10 /XmlMsg"]);
        assert!(found[0].found.chars().count() <= 201);
    }
    let prefixed = question("", "<a:InsuredCardSymbol>1</a:InsuredCardSymbol>");
    assert_eq!(faults(prefixed.as_bytes()), [at("OQS-X12", "")]);
}

#[test]
fn an_encoding_that_is_not_the_declared_one_is_refused() {
    let name = "<InsuredCardSymbol>髙橋</InsuredCardSymbol>";
    let utf8 = question("", name);
    let as_sjis = utf8.replace("UTF-8", "Shift_JIS");
    assert_eq!(faults(as_sjis.as_bytes()), ["OQS-X03 /"]);
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&utf8);
    assert_eq!(faults(&bytes), ["OQS-X03 /"]);
    let utf16: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(faults(&utf16), ["OQS-X03 /"]);
    for label in [
        "UTF-16",
        "EUC-JP",
        "ISO-2022-JP",
        "UTF-7",
        "replacement",
        "",
    ] {
        let file = utf8.replace("UTF-8", label);
        assert_eq!(faults(file.as_bytes()), ["OQS-X02 /"], "{label}");
    }
    let marked = [b"\xef\xbb\xbf", as_sjis.as_bytes()].concat();
    assert_eq!(faults(&marked), ["OQS-X02 /"]);
}

#[test]
fn the_identifier_and_the_declaration_agree() {
    let stated = |code: &str| {
        let item = format!("<CharacterCodeIdentifier>{code}</CharacterCodeIdentifier>");
        question(&item, "")
    };
    assert_eq!(read(&stated("0")).code, crate::CharacterCode::Utf8);
    let place = "/XmlMsg/MessageHeader/CharacterCodeIdentifier";
    assert_eq!(faults(stated("1").as_bytes()), [format!("OQS-X04 {place}")]);
    assert_eq!(faults(stated("7").as_bytes()), [format!("OQS-X19 {place}")]);
}

#[test]
fn overlong_forms_nul_and_lone_surrogates_are_refused() {
    let around = question("", "<InsuredCardSymbol>@</InsuredCardSymbol>");
    for bytes in [
        &b"\xc0\xbc"[..],
        b"\xe0\x80\xbc",
        b"\xed\xa0\x80",
        b"\xf8\x88\x80\x80\x80",
    ] {
        let file: Vec<u8> = around
            .bytes()
            .flat_map(|b| match b {
                b'@' => bytes.to_vec(),
                other => vec![other],
            })
            .collect();
        assert_eq!(faults(&file), ["OQS-X03 /"]);
    }
    let symbol = at("OQS-X17", "/InsuredCardSymbol");
    for character in [
        "\0", "\u{b}", "\u{85}", "a\nb", "a\tb", "&#8;", "&#10;", "&#x202e;", "\u{e000}",
        "\u{feff}", "\u{ffff}",
    ] {
        // A line break at an end is layout; inside a value it is a fault.
        let file = around.replace('@', &format!("1{character}2"));
        assert_eq!(faults(file.as_bytes()).join(","), symbol, "{character:?}");
    }
    for reference in ["&#0;", "&#xD800;", "&#x110000;", "&#x;", "&#a;"] {
        let file = around.replace('@', reference);
        assert_eq!(
            faults(file.as_bytes()),
            [at("OQS-X07", "/InsuredCardSymbol")],
            "{reference}"
        );
    }
}

#[test]
fn what_two_readers_may_see_differently_is_refused() {
    let symbol = |inside: &str| {
        let item = format!("<InsuredCardSymbol>{inside}</InsuredCardSymbol>");
        faults(question("", &item).as_bytes())
    };
    let place = |rule: &str| [at(rule, "/InsuredCardSymbol")];
    assert_eq!(symbol("12<!-- -->34"), place("OQS-X09"));
    assert_eq!(symbol("12<![CDATA[34]]>"), place("OQS-X09"));
    assert_eq!(
        symbol("12<![CDATA[]]]]><![CDATA[>]]>"),
        [place("OQS-X09"), place("OQS-X09")].concat()
    );
    assert_eq!(symbol("12<?php 34?>"), place("OQS-X08"));
    assert_eq!(symbol("12]]>34"), place("OQS-X05"));
    assert_eq!(symbol("12<b>34</b>"), place("OQS-X15"));
    assert_eq!(
        symbol("12<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>34"),
        place("OQS-X08")
    );
}

#[test]
fn an_item_that_is_there_twice_is_refused_even_when_the_first_is_empty() {
    for first in [
        "<Birthdate>20010101</Birthdate>",
        "<Birthdate/>",
        "<Birthdate> </Birthdate>",
    ] {
        let file = question("", &format!("{first}<Birthdate>19990101</Birthdate>"));
        assert_eq!(faults(file.as_bytes()), [at("OQS-X13", "")]);
    }
    let twice = question("", "").replace(
        "</MessageBody>",
        "</MessageBody><MessageBody></MessageBody>",
    );
    assert_eq!(faults(twice.as_bytes()), ["OQS-X13 /XmlMsg"]);
    let two = question("", "") + "<XmlMsg></XmlMsg>";
    assert_eq!(faults(two.as_bytes()), ["OQS-X13 /"]);
}

#[test]
fn every_fault_of_a_file_is_told_at_once_with_its_place() {
    let file = "<XmlMsg><MessageHeader>\
        <QualificationConfirmationDate>2026-11-22</QualificationConfirmationDate>\
        <Colour>red</Colour></MessageHeader>\
        <MessageBody>and\
        <QualificationConfirmSearchInfo><Birthdate><Y>1</Y></Birthdate><Name>x</Name>\
        </QualificationConfirmSearchInfo></MessageBody></XmlMsg>";
    assert_eq!(
        faults(file.as_bytes()),
        [
            "OQS-X19 /XmlMsg/MessageHeader/QualificationConfirmationDate".to_owned(),
            "OQS-X12 /XmlMsg/MessageHeader".to_owned(),
            "OQS-X16 /XmlMsg/MessageHeader".to_owned(),
            "OQS-X14 /XmlMsg/MessageBody".to_owned(),
            at("OQS-X15", "/Birthdate"),
            at("OQS-X12", ""),
        ]
    );
}

#[test]
fn no_more_faults_are_told_than_can_be_read() {
    let file = question("", &"<Colour>red</Colour>".repeat(2_000));
    let found = SingleRequest::read(file.as_bytes()).expect_err("faults");
    assert_eq!(found.len(), FAULTS_MAX + 1);
    let last = found.last().expect("the last");
    assert_eq!(
        (last.rule.as_str(), last.found.as_str()),
        ("OQS-X21", "+1800")
    );
}

#[test]
fn what_is_not_xml_is_refused() {
    for file in [
        "",
        "x",
        "<",
        "<?xml",
        "<?xml version=\"1.0\"?>",
        "<?xml version=\"1.1\"?><XmlMsg></XmlMsg>",
        "<XmlMsg>",
        "<XmlMsg></Xml>",
        "</XmlMsg>",
        "<XmlMsg><MessageHeader></XmlMsg></MessageHeader>",
        "<XmlMsg>&</XmlMsg>",
        "<Xml Msg></Xml>",
        "<other/>",
        "<XmlMsg/>x",
        "{}",
        "<!-- -->",
        "<XmlMsg a",
    ] {
        assert!(SingleRequest::read(file.as_bytes()).is_err(), "{file}");
    }
}

#[test]
fn sizes_and_counts_are_bounded() {
    let long = question(
        "",
        &format!(
            "<InsuredCardSymbol>{}</InsuredCardSymbol>",
            "1".repeat(TEXT_CHARS_MAX + 1)
        ),
    );
    assert_eq!(
        faults(long.as_bytes()),
        [at("OQS-X18", "/InsuredCardSymbol")]
    );
    let apart = question(
        "",
        &format!(
            "<InsuredCardSymbol>1{}2</InsuredCardSymbol>",
            " ".repeat(3_000)
        ),
    );
    assert_eq!(
        faults(apart.as_bytes()),
        [at("OQS-X18", "/InsuredCardSymbol")]
    );
    let whole = " ".repeat(Limits::SINGLE.bytes + 1);
    assert_eq!(faults(whole.as_bytes()), ["OQS-X01 /"]);
    let many = "<QualificationConfirmSearchInfo/>".repeat(Limits::BULK.items + 1);
    let file = format!(
        "<XmlMsg><MessageHeader><MedicalInstitutionCode>1310000001</MedicalInstitutionCode>\
         </MessageHeader><MessageBody>{many}</MessageBody></XmlMsg>"
    );
    let found = BulkRequest::read(file.as_bytes()).expect_err("too many");
    assert_eq!(super::told(&found), ["OQS-X20 /XmlMsg/MessageBody"]);
    let results = "<ResultOfQualificationConfirmation/>".repeat(33);
    let file = format!(
        "<XmlMsg><MessageHeader><SegmentOfResult>1</SegmentOfResult></MessageHeader><MessageBody><ResultList>{results}</ResultList></MessageBody></XmlMsg>"
    );
    let found = SingleResponse::read(file.as_bytes()).expect_err("too many");
    assert_eq!(
        super::told(&found),
        ["OQS-X20 /XmlMsg/MessageBody/ResultList"]
    );
}

#[test]
fn a_file_of_faults_is_not_read_to_its_end() {
    let file = format!("<XmlMsg>{}</XmlMsg>", "<a/>".repeat(1_000_000));
    let found = BulkRequest::read(file.as_bytes()).expect_err("faults");
    assert_eq!(found.len(), FAULTS_MAX + 1);
    let last = found.last().expect("the last");
    assert_eq!(
        (last.rule.as_str(), last.found.as_str()),
        ("OQS-X21", "+9800")
    );
}

#[test]
fn the_time_grows_with_the_file_and_no_faster() {
    let one = "<QualificationConfirmSearchInfo><InsuredCardSymbol>&amp;&#12354;x\
        </InsuredCardSymbol></QualificationConfirmSearchInfo>";
    let of = |count: usize| {
        let file = format!(
            "<XmlMsg><MessageHeader><MedicalInstitutionCode>1310000001</MedicalInstitutionCode>\
             </MessageHeader><MessageBody>{}</MessageBody></XmlMsg>",
            one.repeat(count)
        );
        let begun = Instant::now();
        let read = BulkRequest::read(file.as_bytes()).expect("a question");
        assert_eq!(read.message.body.searches.len(), count);
        begun.elapsed().as_micros()
    };
    of(1_000);
    let (small, large) = (of(1_000).max(1), of(16_000));
    assert!(large < 100 * small, "{small} {large}");
}
