//! A life's documents as its hospital sends them: referral letter, discharge summary, care plan,
//! checkup report. Each is a whole document that keeps the rules; tests bend it from there.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_eReferral, _eDischargeSummary, _ePCS, _eCheckupGeneral).

mod checkup;
mod medication;
mod plan;

pub use checkup::Measured;

use kernel::time::Timestamp;
use serde_json::{Value, json};

use super::{Author, Draft, Json, instant, uuid};
use crate::population::model::Life;

const CLINS: &str = "http://jpfhir.jp/fhir/clins";
const ECS: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition";
const RESOURCE_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
const INSTITUTION: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
const TYPES: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";
const SUBTYPES: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes";
const SECTIONS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
const VERSION: &str =
    "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber";

/// A file that a letter carries.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Declared content type.
    pub content_type: &'a str,
    /// Title.
    pub title: &'a str,
    /// Base64 text.
    pub base64: &'a str,
}

/// A document in the making: whose, by whom, which.
#[derive(Clone, Copy, Debug)]
pub struct Paper<'a> {
    /// Whose it is.
    pub life: &'a Life,
    /// Who writes it.
    pub author: Author<'a>,
    /// Number behind institution and year.
    pub serial: &'a str,
    /// Version of the Composition.
    pub version: &'a str,
    /// When it is sent.
    pub sent: Timestamp,
}

/// A document's entries as they are collected.
struct Entries<'p> {
    draft: Draft<'p>,
    all: Vec<Value>,
}

impl Entries<'_> {
    /// Adds a resource; its address.
    fn add(&mut self, resource: Value) -> String {
        let url = uuid(&mut self.draft.uuids);
        self.all
            .push(json!({ "fullUrl": url, "resource": resource }));
        url
    }
}

fn value(json: &Json) -> Value {
    serde_json::from_slice(&json.render()).unwrap_or(Value::Null)
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

fn narrative(text: &str) -> Value {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    json!({
        "status": "additional",
        "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>"),
    })
}

fn section(code: &str, title: &str, text: &str, entries: &[&str]) -> Value {
    let mut section = json!({
        "title": title,
        "code": { "coding": [{ "system": SECTIONS, "code": code, "display": format!("{title}セクション") }] },
        "text": narrative(text),
    });
    if !entries.is_empty() {
        let entries: Vec<Value> = entries
            .iter()
            .map(|url| json!({ "reference": url }))
            .collect();
        set(&mut section, "entry", entries.into());
    }
    section
}

fn structured(sections: Vec<Value>) -> Value {
    json!({
        "title": "構造情報",
        "code": { "coding": [{ "system": SECTIONS, "code": "300", "display": "構造情報セクション" }] },
        "section": sections,
    })
}

/// Says about whom a letter is, from which visit, and by which doctor of which hospital.
fn signed(composition: &mut Value, patient: &str, visit: &str, [author, from]: [&str; 2]) {
    set(composition, "subject", json!({ "reference": patient }));
    set(composition, "encounter", json!({ "reference": visit }));
    set(
        composition,
        "author",
        json!([
            { "reference": author, "type": "Practitioner" },
            { "reference": from, "type": "Organization" },
        ]),
    );
    set(composition, "custodian", json!({ "reference": from }));
}

impl Paper<'_> {
    fn meta(&self, profile: &str) -> Value {
        json!({
            "lastUpdated": instant(self.sent),
            "profile": [format!("{ECS}/{profile}")],
        })
    }

    fn identified(&self, part: &str) -> Value {
        json!([{ "system": RESOURCE_ID, "value": format!("{}-{part}", self.serial) }])
    }

    fn entries(&self) -> Option<(Entries<'_>, String)> {
        let draft = Draft::new(self.life, &self.author, self.serial, 2026, self.sent);
        let patient = value(&draft.patient_resource()?);
        let url = draft.patient.clone();
        let all = vec![json!({ "fullUrl": url, "resource": patient })];
        Some((Entries { draft, all }, url))
    }

    fn organization(&self, code: &str, name: &str, department: (&str, &str)) -> Value {
        json!({
            "resourceType": "Organization",
            "meta": self.meta("JP_Organization_eCS"),
            "extension": [{
                "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department",
                "valueCodeableConcept": { "coding": [{
                    "system": "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment",
                    "code": department.0, "display": department.1,
                }] },
            }],
            "identifier": [{ "system": INSTITUTION, "value": code }],
            "type": [{ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov",
            }] }],
            "name": name,
            "telecom": [{ "system": "phone", "value": "03-0000-0000" }],
            "address": [{ "text": "東京都中央区1-2-3", "postalCode": "104-0000", "country": "JP" }],
        })
    }

    fn sender(&self) -> Value {
        self.organization(
            self.author.institution(),
            &self.author.facility.name,
            ("01", "内科"),
        )
    }

    fn practitioner(&self, family: &str, given: &str) -> Value {
        json!({
            "resourceType": "Practitioner",
            "meta": self.meta("JP_Practitioner_eCS"),
            "name": [{
                "extension": [{ "url": super::EN_REPRESENTATION, "valueCode": "IDE" }],
                "text": format!("{family} {given}"), "family": family, "given": [given],
            }],
        })
    }

    fn encounter(&self, part: &str, reason: Option<&str>) -> Value {
        let day = self.sent.jst_date().to_string();
        let mut encounter = json!({
            "resourceType": "Encounter",
            "meta": self.meta("JP_Encounter_eCS"),
            "identifier": self.identified(part),
            "status": "finished",
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "AMB", "display": "外来",
            },
            "period": { "start": day, "end": day },
        });
        if let Some(reason) = reason {
            set(&mut encounter, "reasonCode", json!([{ "text": reason }]));
        }
        encounter
    }

    fn file(&self, file: &File<'_>) -> Value {
        json!({
            "resourceType": "DocumentReference",
            "meta": self.meta("JP_DocumentReference_eCS"),
            "status": "current",
            "type": { "coding": [{ "system": "http://loinc.org", "code": "11506-3", "display": "Progress note" }] },
            "description": file.title,
            "content": [{ "attachment": {
                "contentType": file.content_type, "title": file.title, "data": file.base64,
            } }],
        })
    }

    /// The course in hospital: a file, as the profile asks for; this one has no pages.
    fn course(&self) -> Value {
        json!({
            "resourceType": "DocumentReference",
            "meta": self.meta("JP_DocumentReference_eCS"),
            "status": "current",
            "description": "入院中経過",
            "content": [{ "attachment": {
                "contentType": "application/pdf", "title": "入院中経過", "data": "JVBERi0xLjcKJSVFT0YK",
            } }],
        })
    }

    fn composition(&self, profile: &str, kind: (&str, &str), category: &str, title: &str) -> Value {
        json!({
            "resourceType": "Composition",
            "meta": {
                "lastUpdated": instant(self.sent),
                "profile": [format!("http://jpfhir.jp/fhir/{profile}")],
            },
            "extension": [{ "url": VERSION, "valueString": self.version }],
            "identifier": {
                "system": RESOURCE_ID,
                "value": self.identifier(),
            },
            "status": "final",
            "type": { "coding": [{ "system": TYPES, "code": kind.0, "display": kind.1 }] },
            "category": [{ "coding": [{ "system": SUBTYPES, "code": category }] }],
            "date": instant(self.sent),
            "title": title,
        })
    }

    fn bundle(&self, profile: &str, composition: Value, mut entries: Entries<'_>) -> Value {
        let url = uuid(&mut entries.draft.uuids);
        let mut all = vec![json!({ "fullUrl": url, "resource": composition })];
        all.append(&mut entries.all);
        json!({
            "resourceType": "Bundle",
            "meta": {
                "lastUpdated": instant(self.sent),
                "profile": [format!("{CLINS}/StructureDefinition/{profile}|1")],
            },
            "identifier": {
                "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
                "value": self.identifier(),
            },
            "type": "document",
            "timestamp": instant(self.sent),
            "entry": all,
        })
    }

    /// Bundle.identifier.value.
    #[must_use]
    pub fn identifier(&self) -> String {
        format!("{}^2026^{}", self.author.institution(), self.serial)
    }

    /// A referral letter to an institution, given by its code and name, with files; nothing for
    /// a person who was never insured.
    #[must_use]
    pub fn referral(&self, to: (&str, &str), files: &[File<'_>]) -> Option<Value> {
        let (mut entries, patient) = self.entries()?;
        let doctor = &self.author.doctor.name;
        let visit = entries.add(self.encounter("visit", None));
        let author = entries.add(self.practitioner(doctor.family, doctor.given));
        let reader = entries.add(self.practitioner("宛先", "一郎"));
        let from = entries.add(self.sender());
        let to_organization = entries.add(self.organization(to.0, to.1, ("08", "循環器科")));
        let purpose = entries.add(self.encounter("purpose", Some("精査と加療をお願いします。")));
        let mut conditions = Vec::new();
        for (nth, condition) in self.life.conditions.iter().enumerate() {
            let resource = value(&entries.draft.condition(nth, condition));
            conditions.push((entries.add(resource), condition.disease.name));
        }
        let (main, name) = conditions.first()?.clone();
        let past: Vec<&str> = conditions
            .iter()
            .skip(1)
            .map(|one| one.0.as_str())
            .collect();
        let names: Vec<&str> = conditions.iter().skip(1).map(|one| one.1).collect();
        let drug = entries.add(self.medication(&patient));
        let mut parts = vec![
            section("950", "紹介目的", "精査と加療をお願いします。", &[&purpose]),
            section("340", "傷病名・主訴", name, &[&main]),
            section("360", "現病歴", &format!("{name}で通院中です。"), &[&main]),
        ];
        if !past.is_empty() {
            parts.push(section("370", "既往歴", &names.join("、"), &past));
        }
        parts.push(section(
            "430",
            "投薬指示",
            "ためし錠5mg 1日1回朝食後 14日分",
            &[&drug],
        ));
        let mut sections = vec![
            section(
                "920",
                "紹介元情報",
                &self.author.facility.name,
                &[&from, &author],
            ),
            section("910", "紹介先情報", to.1, &[&to_organization, &reader]),
            structured(parts),
        ];
        for file in files {
            let url = entries.add(self.file(file));
            sections.push(section("210", "添付情報", file.title, &[&url]));
        }
        let mut composition = self.composition(
            "eReferral/StructureDefinition/JP_Composition_eReferral|1",
            ("57133-1", "診療情報提供書"),
            "OUTPATIENT",
            "診療情報提供書",
        );
        let day = self.sent.jst_date().to_string();
        set(
            &mut composition,
            "event",
            json!([{ "code": [{ "text": "診療情報提供書発行" }], "period": { "start": day } }]),
        );
        signed(&mut composition, &patient, &visit, [&author, &from]);
        set(&mut composition, "section", sections.into());
        Some(self.bundle("JP_Bundle_eReferral", composition, entries))
    }

    /// A discharge summary; nothing for a person who was never insured.
    #[must_use]
    pub fn discharge(&self) -> Option<Value> {
        let (mut entries, patient) = self.entries()?;
        let doctor = &self.author.doctor.name;
        let visit = entries.add(self.encounter("stay", None));
        let author = entries.add(self.practitioner(doctor.family, doctor.given));
        let from = entries.add(self.sender());
        let condition = self.life.conditions.first()?;
        let resource = value(&entries.draft.condition(0, condition));
        let (main, name) = (entries.add(resource), condition.disease.name);
        let drug = entries.add(self.medication(&patient));
        let course = entries.add(self.course());
        let parts = vec![
            section("322", "入院時詳細", "外来から入院しました。", &[&visit]),
            section("342", "入院時診断", name, &[&main]),
            section("352", "主訴", "息切れ", &[&main]),
            section("312", "入院理由", "精査のため。", &[&visit]),
            section("362", "現病歴", "数日前から息切れがありました。", &[&main]),
            section(
                "333",
                "入院中経過",
                "安静と内服で改善しました。",
                &[&course],
            ),
            section("324", "退院時詳細", "自宅へ退院しました。", &[&visit]),
            section("344", "退院時診断", name, &[&main]),
            section(
                "444",
                "退院時投薬指示",
                "ためし錠5mg 1日1回朝食後 14日分",
                &[&drug],
            ),
            section("424", "退院時方針指示", "外来で経過を見てください。", &[]),
        ];
        let mut composition = self.composition(
            "eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary|1",
            ("18842-5", "退院時サマリー"),
            "DISCHARGE",
            "退院時サマリー",
        );
        let day = self.sent.jst_date();
        set(
            &mut composition,
            "event",
            json!([{
                "period": { "start": day.plus_days(-7).to_string(), "end": day.to_string() },
            }]),
        );
        signed(&mut composition, &patient, &visit, [&author, &from]);
        set(&mut composition, "section", json!([structured(parts)]));
        Some(self.bundle("JP_Bundle_eDischargeSummary", composition, entries))
    }
}
