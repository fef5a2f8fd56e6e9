//! A life's records as the JP-CLINS Bundles that its hospital sends: one for all diagnoses,
//! one for all allergies, one for each laboratory report.
//!
//! Source: JP-CLINS 1.5 (`JP_Bundle_CLINS` and the eCS profiles); what is sent together and
//! what identifies it: 電子カルテ情報共有サービス 技術解説書.

pub mod letters;
mod resource;

use kernel::code::{FacilityCode, InsurerKind};
use kernel::time::Timestamp;

use super::facilities::{Facility, Role, StaffMember};
use super::json::{Json, list, object};
use super::model::*;
use super::rng::{Purpose, Rng};

const RETENTION_YEARS: i16 = 5;
const YEAR_MIN: i16 = 2020;

const EN_REPRESENTATION: &str =
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

/// Who sends: a hospital and the doctor who signs for its records.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The hospital or clinic; its code must have fee table digit 1 to 3.
    pub facility: &'a Facility,
    /// The doctor.
    pub doctor: &'a StaffMember,
}

impl<'a> Author<'a> {
    /// The first doctor of `facility`; none in a pharmacy.
    #[must_use]
    pub fn of(facility: &'a Facility) -> Option<Self> {
        let doctor = facility.staff.iter().find(|s| s.role == Role::Doctor)?;
        Some(Self { facility, doctor })
    }

    fn institution(&self) -> &'a str {
        FacilityCode::as_str(&self.facility.code)
    }
}

/// A Bundle ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Which resources it carries.
    pub kind: BundleKind,
    /// Bundle.identifier.value: `<institution>^<year>^<number>`; sending it again replaces.
    pub identifier: String,
    /// Resources besides the Patient.
    pub entries: usize,
    /// The document, UTF-8.
    pub json: Vec<u8>,
}

/// The resource type that a Bundle carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BundleKind {
    /// 傷病名.
    Condition,
    /// アレルギー.
    AllergyIntolerance,
    /// 検査・感染症.
    Observation,
}

impl BundleKind {
    /// The FHIR type name, as in Bundle.meta.tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Condition => "Condition",
            Self::AllergyIntolerance => "AllergyIntolerance",
            Self::Observation => "Observation",
        }
    }
}

/// Everything that the hospital would send at `sent`.
#[must_use]
pub fn all(life: &Life, author: &Author<'_>, sent: Timestamp) -> Vec<Bundle> {
    let mut all = Vec::new();
    all.extend(conditions(life, author, sent));
    all.extend(allergies(life, author, sent));
    all.extend(
        life.reports
            .iter()
            .filter_map(|report| lab_report(life, author, report)),
    );
    all
}

/// The diagnoses that last or ended within five years; none when there are none or the
/// person was never insured.
#[must_use]
pub fn conditions(life: &Life, author: &Author<'_>, sent: Timestamp) -> Option<Bundle> {
    let oldest = sent.jst_date().plus_years(-RETENTION_YEARS);
    let current = |c: &&Condition| c.abatement.is_none_or(|end| end >= oldest);
    let draft = Draft::new(life, author, "CND", chart_year(life), sent);
    let all = life.conditions.iter().filter(current).enumerate();
    let resources = all.map(|(n, c)| draft.condition(n, c)).collect();
    draft.finish(BundleKind::Condition, resources)
}

/// The allergies; none when there are none or the person was never insured.
#[must_use]
pub fn allergies(life: &Life, author: &Author<'_>, sent: Timestamp) -> Option<Bundle> {
    let draft = Draft::new(life, author, "ALG", chart_year(life), sent);
    let all = life.allergies.iter().enumerate();
    let resources = all.map(|(n, a)| draft.allergy(n, a)).collect();
    draft.finish(BundleKind::AllergyIntolerance, resources)
}

/// One laboratory report, sent when it was issued; none when the person was never insured.
#[must_use]
pub fn lab_report(life: &Life, author: &Author<'_>, report: &LabReport) -> Option<Bundle> {
    let sent = report.issued;
    let kind = format!("LAB{:03}", report.ordinal);
    let draft = Draft::new(life, author, &kind, sent.jst_date().year(), sent);
    let all = report.results.iter().enumerate();
    let resources = all.map(|(n, r)| draft.observation(n, report, r)).collect();
    draft.finish(BundleKind::Observation, resources)
}

/// The year in which the chart was opened: it stays in the identifier for good, so that a
/// later Bundle replaces an earlier one.
fn chart_year(life: &Life) -> i16 {
    YEAR_MIN + i16::try_from(life.index % 5).unwrap_or(0)
}

/// `2026-11-22T09:30:00.000+09:00`.
fn instant(at: Timestamp) -> String {
    let date = at.jst_date();
    let micros = at.micros() - date.start().micros();
    let (millis, seconds) = (micros / 1000 % 1000, micros / 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}+09:00")
}

/// A Bundle in the making.
struct Draft<'a> {
    life: &'a Life,
    author: &'a Author<'a>,
    sent: String,
    identifier: String,
    number: String,
    uuids: Rng,
    patient: String,
}

impl<'a> Draft<'a> {
    fn new(life: &'a Life, author: &'a Author<'a>, kind: &str, year: i16, sent: Timestamp) -> Self {
        let year = year.max(YEAR_MIN);
        let number = format!("{kind}-{}", life.patient_number);
        let identifier = format!("{}^{year}^{number}", author.institution());
        let seed = identifier
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut uuids = Rng::new(seed, Purpose::Uuid, 0);
        let patient = uuid(&mut uuids);
        Self {
            life,
            author,
            sent: instant(sent),
            identifier,
            number,
            uuids,
            patient,
        }
    }

    fn finish(mut self, kind: BundleKind, resources: Vec<Json>) -> Option<Bundle> {
        let patient = self.patient_resource()?;
        let entries = resources.len();
        if entries == 0 {
            return None;
        }
        let mut all = vec![object! { "fullUrl": self.patient.as_str(), "resource": patient }];
        for resource in resources {
            all.push(object! { "fullUrl": uuid(&mut self.uuids), "resource": resource });
        }
        let tag = object! {
            "system": "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS",
            "code": kind.as_str(),
        };
        let bundle = object! {
            "resourceType": "Bundle",
            "meta": object! {
                "lastUpdated": self.sent.as_str(),
                "profile": list!["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|1.5.3"],
                "tag": list![tag],
            },
            "identifier": object! {
                "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
                "value": self.identifier.as_str(),
            },
            "type": "collection",
            "timestamp": self.sent.as_str(),
            "entry": all,
        };
        Some(Bundle {
            kind,
            identifier: self.identifier,
            entries,
            json: bundle.render(),
        })
    }

    fn patient_resource(&self) -> Option<Json> {
        let life = self.life;
        let local = format!(
            "urn:oid:1.2.392.100495.20.3.51.1{}",
            self.author.institution()
        );
        let address = &life.address;
        let home = object! {
            "text": address.line(),
            "city": address.city,
            "state": address.prefecture,
            "postalCode": address.post_code.as_str(),
            "country": "JP",
        };
        let patient = object! {
            "resourceType": "Patient",
            "meta": self.meta("JP_Patient_eCS", &[]),
            "identifier": list![
                object! { "system": local, "value": life.patient_number.as_str() },
                member_identifier(life.coverage_last()?),
            ],
            "name": list![
                name("IDE", &life.name.full(), life.name.family, life.name.given),
                name("SYL", &life.name.full_kana(), life.name.family_kana, life.name.given_kana),
            ],
            "gender": life.sex.fhir(),
            "birthDate": life.birth.to_string(),
        };
        let died = life.death.map(|day| Json::from(day.to_string()));
        Some(
            patient
                .with("deceasedDateTime", died)
                .with("address", Some(list![home])),
        )
    }
}

fn uuid(rng: &mut Rng) -> String {
    let high = rng.next() & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = rng.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    format!(
        "urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// 被保険者個人識別子, or the number of a recipient of medical assistance.
fn member_identifier(coverage: &Coverage) -> Json {
    let assistance = coverage.insurer.number.kind() == InsurerKind::PublicAssistance;
    let system = if assistance {
        "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID"
    } else {
        "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
    };
    object! { "system": system, "value": member_id(coverage) }
}

/// `保険者番号8桁:記号:番号:枝番`, a missing part empty.
#[must_use]
pub fn member_id(coverage: &Coverage) -> String {
    format!(
        "{}:{}:{}:{}",
        coverage.insurer.number.padded(),
        coverage.symbol.as_str(),
        coverage.number.as_str(),
        coverage
            .branch
            .as_ref()
            .map_or("", |branch| branch.as_str()),
    )
}

fn name(representation: &str, text: &str, family: &str, given: &str) -> Json {
    object! {
        "extension": list![object! { "url": EN_REPRESENTATION, "valueCode": representation }],
        "text": text,
        "family": family,
        "given": list![given],
    }
}
