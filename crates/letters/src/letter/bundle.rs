//! The letter as a JP-CLINS document: a Bundle of the kind 診療情報提供書.
//!
//! What is known by words alone stays words: a diagnosis without the number of the disease
//! master stands in its section's text, and a drug that another institution prescribed is named,
//! not prescribed again. The same letter gives the same bytes.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_eReferral, JP_Composition_eReferral and the profiles of their
//! entries).

use fhir::{clins::system, json::Writer as Json};
use kernel::time::Timestamp;
use paper::{Digest, sheet::clean};

use super::{Addressee, Letter, Part, Writer, resources};

const PROFILE_BUNDLE: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral";
const PROFILE_COMPOSITION: &str =
    "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral";
const SECTIONS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
const TYPES: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";
const SUBTYPES: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes";

/// What the entries of a letter are called inside it.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Composition,
    Patient,
    WriterDoctor,
    AddresseeDoctor,
    WriterPlace,
    AddresseePlace,
    Purpose,
    Allergy(usize),
    File(usize),
}

/// The letter's Bundle, as JSON.
#[must_use]
pub fn bundle(letter: &Letter) -> Vec<u8> {
    let mut w = Json::new();
    w.begin_object();
    w.member_str("resourceType", "Bundle");
    meta(&mut w, letter.at, PROFILE_BUNDLE);
    w.member_str("language", "ja");
    w.key("identifier").begin_object();
    w.member_str("system", system::ID_BUNDLE);
    w.member_str("value", &identifier(letter));
    w.end();
    w.member_str("type", "document");
    w.member_str("timestamp", &instant(letter.at));
    w.key("entry").begin_array();
    composition(&mut w, letter);
    resources::patient(&mut w, letter);
    resources::doctor(&mut w, letter, Entry::WriterDoctor, &letter.from.doctor);
    if !letter.to.doctor.is_empty() {
        resources::doctor(&mut w, letter, Entry::AddresseeDoctor, &letter.to.doctor);
    }
    let Writer { code, name, .. } = &letter.from;
    resources::place(&mut w, letter, Entry::WriterPlace, code, name, None);
    let Addressee {
        code,
        name,
        department,
        ..
    } = &letter.to;
    resources::place(
        &mut w,
        letter,
        Entry::AddresseePlace,
        code,
        name,
        *department,
    );
    resources::purpose(&mut w, letter);
    for (nth, allergen) in letter.allergies.iter().enumerate() {
        resources::allergy(&mut w, letter, nth, allergen);
    }
    for (nth, file) in letter.files.iter().enumerate() {
        resources::file(&mut w, letter, nth, file);
    }
    w.finish()
}

/// `institution^year^draft`: stays the same when the letter is sent again.
pub(super) fn identifier(letter: &Letter) -> String {
    let year = letter.at.jst_date().year();
    format!("{}^{year}^{}", letter.from.code, letter.draft.to_hex())
}

/// An entry's address inside this Bundle: made from the draft, so that no two letters share one.
pub(super) fn url(letter: &Letter, entry: Entry) -> String {
    let (kind, nth) = match entry {
        Entry::Composition => ("composition", 0),
        Entry::Patient => ("patient", 0),
        Entry::WriterDoctor => ("writer-doctor", 0),
        Entry::AddresseeDoctor => ("addressee-doctor", 0),
        Entry::WriterPlace => ("writer-place", 0),
        Entry::AddresseePlace => ("addressee-place", 0),
        Entry::Purpose => ("purpose", 0),
        Entry::Allergy(nth) => ("allergy", nth),
        Entry::File(nth) => ("file", nth),
    };
    let hex = Digest::of(format!("{}/{kind}/{nth}", letter.draft.to_hex()).as_bytes()).to_string();
    let part = |from: usize, until: usize| hex.get(from..until).unwrap_or_default();
    // Version 8 of RFC 9562: bits of the maker's own choice.
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// An instant in Japan's time, to the millisecond.
pub(super) fn instant(at: Timestamp) -> String {
    let whole = Timestamp::from_micros(at.seconds().saturating_mul(1_000_000));
    let there = whole.plus_hours(9).to_string();
    let millis = at.micros().div_euclid(1_000).rem_euclid(1_000);
    format!("{}.{millis:03}+09:00", there.trim_end_matches('Z'))
}

pub(super) fn meta(w: &mut Json, at: Timestamp, profile: &str) {
    w.key("meta").begin_object();
    w.member_str("lastUpdated", &instant(at));
    w.key("profile").begin_array().string(profile);
    w.end().end();
}

pub(super) fn reference(w: &mut Json, key: &str, letter: &Letter, entry: Entry) {
    w.key(key).begin_object();
    w.member_str("reference", &url(letter, entry));
    w.end();
}

pub(super) fn concept(w: &mut Json, key: &str, coding: (&str, &str, &str)) {
    w.key(key).begin_object();
    w.key("coding").begin_array();
    self::coding(w, coding);
    w.end().end();
}

pub(super) fn coding(w: &mut Json, (system, code, display): (&str, &str, &str)) {
    w.begin_object();
    w.member_str("system", system);
    w.member_str("code", code);
    w.member_str("display", display);
    w.end();
}

fn composition(w: &mut Json, letter: &Letter) {
    w.begin_object();
    w.member_str("fullUrl", &url(letter, Entry::Composition));
    w.key("resource").begin_object();
    w.member_str("resourceType", "Composition");
    meta(w, letter.at, PROFILE_COMPOSITION);
    w.member_str("language", "ja");
    w.key("extension").begin_array().begin_object();
    w.member_str("url", system::EXT_VERSION);
    w.member_str("valueString", "1");
    w.end().end();
    w.key("identifier").begin_object();
    w.member_str("system", system::ID_RESOURCE);
    w.member_str("value", &identifier(letter));
    w.end();
    w.member_str("status", "final");
    concept(w, "type", (TYPES, "57133-1", "診療情報提供書"));
    w.key("category").begin_array().begin_object();
    w.key("coding").begin_array();
    coding(w, (SUBTYPES, "OUTPATIENT", "外来文書"));
    w.end().end().end();
    reference(w, "subject", letter, Entry::Patient);
    w.member_str("date", &instant(letter.at));
    w.key("author").begin_array();
    for entry in [Entry::WriterDoctor, Entry::WriterPlace] {
        w.begin_object();
        w.member_str("reference", &url(letter, entry));
        w.end();
    }
    w.end();
    w.member_str("title", "診療情報提供書");
    reference(w, "custodian", letter, Entry::WriterPlace);
    w.key("event").begin_array().begin_object();
    w.key("code").begin_array().begin_object();
    w.member_str("text", "診療情報提供書発行");
    w.end().end();
    w.key("period").begin_object();
    w.member_str("start", &letter.at.jst_date().to_string());
    w.end().end().end();
    sections(w, letter);
    w.end().end();
}

fn sections(w: &mut Json, letter: &Letter) {
    w.key("section").begin_array();
    let mut from = vec![Entry::WriterPlace, Entry::WriterDoctor];
    section(w, letter, ("920", "紹介元情報"), &letter.from.name, &from);
    from = vec![Entry::AddresseePlace];
    if !letter.to.doctor.is_empty() {
        from.push(Entry::AddresseeDoctor);
    }
    section(w, letter, ("910", "紹介先情報"), &letter.to.name, &from);
    w.begin_object();
    w.member_str("title", "構造情報");
    concept(w, "code", (SECTIONS, "300", "構造情報セクション"));
    w.key("section").begin_array();
    let purpose = [Entry::Purpose];
    section(w, letter, ("950", "紹介目的"), &letter.purpose, &purpose);
    section(w, letter, ("340", "傷病名・主訴"), &letter.problems, &[]);
    section(w, letter, ("360", "現病歴"), &letter.illness, &[]);
    let allergies: Vec<Entry> = (0..letter.allergies.len()).map(Entry::Allergy).collect();
    for (part, text) in &letter.parts {
        let entries: &[Entry] = if *part == Part::Allergies {
            &allergies
        } else {
            &[]
        };
        section(w, letter, part.section(), text, entries);
    }
    w.end().end();
    if !letter.files.is_empty() {
        let titles: Vec<&str> = letter
            .files
            .iter()
            .map(|file| file.title.as_str())
            .collect();
        let entries: Vec<Entry> = (0..letter.files.len()).map(Entry::File).collect();
        section(w, letter, ("210", "添付情報"), &titles.join("\n"), &entries);
    }
    w.end();
}

fn section(
    w: &mut Json,
    letter: &Letter,
    (code, title): (&str, &str),
    text: &str,
    entries: &[Entry],
) {
    w.begin_object();
    w.member_str("title", title);
    concept(w, "code", (SECTIONS, code, &format!("{title}セクション")));
    w.key("text").begin_object();
    w.member_str("status", "additional");
    w.member_str("div", &narrative(text));
    w.end();
    if !entries.is_empty() {
        w.key("entry").begin_array();
        for entry in entries {
            w.begin_object();
            w.member_str("reference", &url(letter, *entry));
            w.end();
        }
        w.end();
    }
    w.end();
}

/// Text as a narrative: each line one, every sign that XHTML reads escaped.
pub(super) fn narrative(text: &str) -> String {
    let text = clean(text);
    let mut out = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for (nth, line) in text.split('\n').enumerate() {
        if nth > 0 {
            out.push_str("<br/>");
        }
        for c in line.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                c => out.push(c),
            }
        }
    }
    out.push_str("</div>");
    out
}
