//! The entries of a letter beside its Composition.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fhir::{
    clins::{MemberKind, system},
    json::Writer as Json,
};
use registry::model::Sex;

use super::{
    Allergen, Attached, Letter,
    bundle::{Entry, coding, concept, identifier, meta, reference, url},
};

const PROFILE_PRACTITIONER: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Practitioner_eCS";
const PROFILE_ORGANIZATION: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Organization_eCS";
const PROFILE_ENCOUNTER: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Encounter_eCS";
const PROFILE_FILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_DocumentReference_eCS";
const CLASSES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ORGANIZATIONS: &str = "http://terminology.hl7.org/CodeSystem/organization-type";
const DEPARTMENTS: &str = "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment";
const ALLERGY_STATUS: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";

fn begin(w: &mut Json, letter: &Letter, entry: Entry, kind: &str, profile: &str) {
    w.begin_object();
    w.member_str("fullUrl", &url(letter, entry));
    w.key("resource").begin_object();
    w.member_str("resourceType", kind);
    meta(w, letter.at, profile);
    w.member_str("language", "ja");
}

fn end(w: &mut Json) {
    w.end().end();
}

/// A name in parts; the guide forbids the wide space in its text (R1113).
fn name(w: &mut Json, text: &str, writing: &str) {
    let text = text.replace('\u{3000}', " ");
    let text = text.trim();
    let (family, given) = text.split_once(' ').unwrap_or((text, "－"));
    w.begin_object();
    w.key("extension").begin_array().begin_object();
    w.member_str("url", system::EXT_NAME_WRITING);
    w.member_str("valueCode", writing);
    w.end().end();
    w.member_str("use", "official");
    w.member_str("text", text);
    w.member_str("family", family.trim());
    w.key("given").begin_array().string(given.trim());
    w.end().end();
}

pub(super) fn patient(w: &mut Json, letter: &Letter) {
    let patient = &letter.patient;
    begin(
        w,
        letter,
        Entry::Patient,
        "Patient",
        system::PROFILE_PATIENT,
    );
    w.key("identifier").begin_array().begin_object();
    let register = match patient.member.kind() {
        MemberKind::Insurance => system::ID_MEMBER,
        MemberKind::PublicAssistance => system::ID_PUBLIC_MEMBER,
    };
    w.member_str("system", register);
    w.member_str("value", patient.member.as_str());
    w.end().end();
    w.key("name").begin_array();
    name(w, &patient.name, "IDE");
    if !patient.kana.trim().is_empty() {
        name(w, &patient.kana, "SYL");
    }
    w.end();
    let gender = match patient.sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
    };
    w.member_str("gender", gender);
    w.member_str("birthDate", &patient.birth.to_string());
    w.key("address").begin_array().begin_object();
    w.member_str("text", &patient.address);
    if let (Some(head), Some(tail)) = (patient.post_code.get(..3), patient.post_code.get(3..)) {
        w.member_str("postalCode", &format!("{head}-{tail}"));
    }
    w.member_str("country", "JP");
    w.end().end();
    end(w);
}

pub(super) fn doctor(w: &mut Json, letter: &Letter, entry: Entry, text: &str) {
    begin(w, letter, entry, "Practitioner", PROFILE_PRACTITIONER);
    w.key("name").begin_array();
    name(w, text, "IDE");
    w.end();
    end(w);
}

pub(super) fn place(
    w: &mut Json,
    letter: &Letter,
    entry: Entry,
    code: &str,
    text: &str,
    department: Option<(&str, &str)>,
) {
    begin(w, letter, entry, "Organization", PROFILE_ORGANIZATION);
    if let (Some((code, display)), [url, ..]) = (department, &system::EXT_DEPARTMENT) {
        w.key("extension").begin_array().begin_object();
        w.member_str("url", url);
        concept(w, "valueCodeableConcept", (DEPARTMENTS, code, display));
        w.end().end();
    }
    w.key("identifier").begin_array().begin_object();
    w.member_str("system", system::ID_INSTITUTION);
    w.member_str("value", code);
    w.end().end();
    w.key("type").begin_array();
    w.begin_object();
    w.key("coding").begin_array();
    coding(w, (ORGANIZATIONS, "prov", "Healthcare Provider"));
    w.end().end().end();
    w.member_str("name", text);
    end(w);
}

/// What the addressee is asked for, as the reason of a visit.
pub(super) fn purpose(w: &mut Json, letter: &Letter) {
    begin(w, letter, Entry::Purpose, "Encounter", PROFILE_ENCOUNTER);
    own_identifier(w, letter, "purpose");
    w.member_str("status", "finished");
    w.key("class");
    coding(w, (CLASSES, "AMB", "外来"));
    reference(w, "subject", letter, Entry::Patient);
    w.key("reasonCode").begin_array().begin_object();
    w.member_str("text", &letter.purpose);
    w.end().end();
    end(w);
}

/// An allergy by its JFAGY code, else by the guide's code for what has none of its own.
///
/// Source: JP-CLINS 1.5 (AllergyIntolerance: the first letters of a code name its system; dummy
/// codes, whose text is required).
pub(super) fn allergy(w: &mut Json, letter: &Letter, nth: usize, allergen: &Allergen) {
    let entry = Entry::Allergy(nth);
    begin(
        w,
        letter,
        entry,
        "AllergyIntolerance",
        system::PROFILE_ALLERGY,
    );
    w.key("extension").begin_array().begin_object();
    w.member_str("url", system::EXT_INSTITUTION);
    w.key("valueIdentifier").begin_object();
    w.member_str("system", system::ID_INSTITUTION);
    w.member_str("value", &letter.from.code);
    w.end().end().end();
    own_identifier(w, letter, &format!("allergy-{}", nth.saturating_add(1)));
    concept(w, "clinicalStatus", (ALLERGY_STATUS, "active", "Active"));
    let code = coded(allergen);
    if allergen.is_drug {
        w.key("category").begin_array().string("medication");
        w.end();
    } else if code.0 == system::ALLERGEN_FOOD {
        w.key("category").begin_array().string("food");
        w.end();
    }
    if allergen.is_drug || allergen.is_grave {
        let grave = if allergen.is_grave {
            "high"
        } else {
            "unable-to-assess"
        };
        w.member_str("criticality", grave);
    }
    w.key("code").begin_object();
    w.key("coding").begin_array();
    coding(w, code);
    w.end();
    w.member_str("text", &allergen.name);
    w.end();
    reference(w, "patient", letter, Entry::Patient);
    end(w);
}

fn coded(allergen: &Allergen) -> (&str, &str, &str) {
    let code = allergen.code.as_deref().unwrap_or_default();
    let system = match (code.get(..3), code.len()) {
        (Some("YCM"), 15) => system::ALLERGEN_DRUG_BRAND,
        (Some("GCM"), 15) => system::ALLERGEN_DRUG_INGREDIENT,
        (Some("J9F"), 12) => system::ALLERGEN_FOOD,
        (Some("J9N"), 12) => system::ALLERGEN_OTHER,
        _ if allergen.is_drug => {
            return (system::ALLERGEN_DRUG, "D9M000000000", "医薬品ダミーコード");
        }
        _ => {
            return (
                system::ALLERGEN_OTHER,
                "D9N000000000",
                "非食品・非医薬品ダミーコード",
            );
        }
    };
    (system, code, &allergen.name)
}

pub(super) fn file(w: &mut Json, letter: &Letter, nth: usize, file: &Attached) {
    begin(
        w,
        letter,
        Entry::File(nth),
        "DocumentReference",
        PROFILE_FILE,
    );
    own_identifier(w, letter, &format!("file-{}", nth.saturating_add(1)));
    w.member_str("status", "current");
    reference(w, "subject", letter, Entry::Patient);
    w.member_str("description", &file.title);
    w.key("content").begin_array().begin_object();
    w.key("attachment").begin_object();
    // Parameters of a type are no part of what a receiver compares.
    let kind = file.kind.content_type();
    w.member_str("contentType", kind.split(';').next().unwrap_or(kind));
    w.member_str("data", &STANDARD.encode(&file.bytes));
    w.member_str("title", &file.title);
    w.end().end().end();
    end(w);
}

fn own_identifier(w: &mut Json, letter: &Letter, tail: &str) {
    w.key("identifier").begin_array().begin_object();
    w.member_str("system", system::ID_RESOURCE);
    w.member_str("value", &format!("{}-{tail}", identifier(letter)));
    w.end().end();
}
