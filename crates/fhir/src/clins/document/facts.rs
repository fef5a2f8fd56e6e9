//! The facts of an accepted document.
//!
//! Dates and numbers are the sender's text. Places are indexes of `Bundle.entry`, from 0.

use std::fmt;

use super::DocumentKind;
use crate::clins::facts::{Allergy, Coding, Condition, Flags, Patient, ReferenceRange, Value};
use crate::clins::id::{BundleIdentifier, InstitutionNumber};
use crate::json::Node;

/// What a document says.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Which document.
    pub kind: DocumentKind,
    /// Identifier of the Bundle: institution, year, serial.
    pub identifier: BundleIdentifier,
    /// Identifier of the Composition (`Composition.identifier.value`).
    pub composition_id: String,
    /// Address of the Composition in the Bundle.
    pub composition_url: String,
    /// Version of the document, such as `1` or `1.0`.
    pub version: String,
    /// Title, such as `診療情報提供書`.
    pub title: String,
    /// Date of the document, as sent.
    pub date: String,
    /// When the Bundle was made, as sent.
    pub timestamp: String,
    /// Sub-kind: `OUTPATIENT`, `DISCHARGE`; for checkups the kind of report (`10` 特定健診, …).
    pub category: Option<Coding>,
    /// What the document is about, and when.
    pub event: Option<Event>,
    /// The person, with the number by which insurers know them, and birth.
    pub patient: Patient,
    /// Who wrote it: doctor and institution.
    pub author: Party,
    /// Who keeps it, when named.
    pub custodian: Option<Party>,
    /// To whom it is addressed: a referral's section 910; none in other documents.
    pub addressee: Option<Addressee>,
    /// From whom a referral comes: its section 920.
    pub referrer: Option<Party>,
    /// The outermost sections, in order.
    pub sections: Vec<Section>,
    /// Files inside it, in document order.
    pub attachments: Vec<Attachment>,
    /// Prescriptions.
    pub prescriptions: Vec<Placed<Prescription>>,
    /// Conditions.
    pub conditions: Vec<Placed<Condition>>,
    /// Allergies.
    pub allergies: Vec<Placed<Allergy>>,
    /// Results: laboratory, examination, questionnaire.
    pub results: Vec<Placed<DocumentResult>>,
    /// Care plans.
    pub care_plans: Vec<Placed<CarePlan>>,
    /// Documents inside this one (a discharge summary in a referral) and their places.
    pub attached: Vec<(usize, DocumentFacts)>,
}

impl DocumentFacts {
    /// All sections, each before those inside it, with its depth from 0.
    #[must_use]
    pub fn all_sections(&self) -> Vec<(usize, &Section)> {
        let mut found = Vec::new();
        for section in &self.sections {
            section.walk(0, &mut found);
        }
        found
    }

    /// The section of one of `codes`, wherever it stands.
    #[must_use]
    pub fn section(&self, codes: &[&str]) -> Option<&Section> {
        self.all_sections()
            .into_iter()
            .map(|(_, section)| section)
            .find(|s| s.code.as_deref().is_some_and(|c| codes.contains(&c)))
    }
}

impl fmt::Debug for DocumentFacts {
    /// Never shows content: it is the patient's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentFacts({:?}, …)", self.kind)
    }
}

/// What a document is about, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Codes, such as the checkup programme.
    pub codes: Vec<Coding>,
    /// In words, such as `診療情報提供書発行`.
    pub text: Option<String>,
    /// Begin (issue, admission, examination), as sent.
    pub start: Option<String>,
    /// End (discharge), as sent.
    pub end: Option<String>,
}

/// An institution and the person in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Institution number (10 digits), when it has a valid one.
    pub institution: Option<InstitutionNumber>,
    /// The institution's name.
    pub name: Option<String>,
    /// Clinical department: code and name.
    pub department: Option<Department>,
    /// The doctor's name.
    pub doctor: Option<String>,
    /// The institution's telephone.
    pub phone: Option<String>,
    /// The institution's address.
    pub address: Option<String>,
}

/// A clinical department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Department {
    /// Its code (SS-MIX2), when coded.
    pub code: Option<String>,
    /// Its name: the text, else the code's name.
    pub name: String,
}

/// To whom a referral is addressed: like any [`Party`].
pub type Addressee = Party;

/// A section of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its code in `document-section` (`910`, `300`, …) or the checkups' `section-code`.
    pub code: Option<String>,
    /// Its title: as sent, else the code's name.
    pub title: String,
    /// Its narrative: the XHTML `div`, as sent (already held to FHIR's list of tags).
    pub narrative: Option<String>,
    /// The entries it refers to, as places in the Bundle, in order.
    pub entries: Vec<usize>,
    /// Sections inside it.
    pub sections: Vec<Section>,
}

impl Section {
    fn walk<'a>(&'a self, depth: usize, found: &mut Vec<(usize, &'a Self)>) {
        found.push((depth, self));
        for section in &self.sections {
            section.walk(depth.saturating_add(1), found);
        }
    }
}

/// A fact and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// Place in `Bundle.entry`.
    pub index: usize,
    /// Address in the Bundle.
    pub full_url: String,
    /// The sender's identifier of the resource, when it has one.
    pub identifier: Option<String>,
    /// The institution that recorded it, when the resource names one.
    pub institution: Option<InstitutionNumber>,
    /// Clinical department, when the resource names one.
    pub department: Option<String>,
    /// Code of the innermost section that refers to it first.
    pub section: Option<String>,
    /// The doctor's decisions.
    pub flags: Flags,
    /// What it says.
    pub facts: T,
}

/// A number and its unit, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The number.
    pub number: String,
    /// Its unit.
    pub unit: Option<String>,
}

/// One drug of a prescription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prescription {
    /// RP number: what is taken together.
    pub rp: String,
    /// Order inside the RP.
    pub order: String,
    /// The drug's name, as the institution writes it.
    pub text: String,
    /// Its codes.
    pub codes: Vec<Coding>,
    /// Prescribed on, as sent.
    pub authored: String,
    /// Begin of use, as sent.
    pub start: Option<String>,
    /// Usage in words.
    pub usage: String,
    /// Usage codes.
    pub usage_codes: Vec<Coding>,
    /// Is it taken only when needed (頓用)?
    pub as_needed: bool,
    /// Amount a time.
    pub dose: Option<Quantity>,
    /// Amount a day, when given as a rate.
    pub daily: Option<Quantity>,
    /// Total amount dispensed.
    pub total: Option<Quantity>,
    /// Days of supply.
    pub days: Option<Quantity>,
    /// The prescriber's name.
    pub prescriber: Option<String>,
    /// Notes.
    pub notes: Vec<String>,
}

/// A result in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentResult {
    /// `final`, `corrected`, …
    pub status: String,
    /// Codes of the category, such as `laboratory`, `exam`, `social-history`.
    pub categories: Vec<String>,
    /// Item, in words.
    pub text: String,
    /// Codes of the item.
    pub codes: Vec<Coding>,
    /// The value; [`Value::Absent`] also for groups.
    pub value: Value,
    /// Reference ranges.
    pub ranges: Vec<ReferenceRange>,
    /// Codes such as `H`, `L`, `N`.
    pub interpretations: Vec<String>,
    /// When, as sent.
    pub effective: Option<String>,
    /// Why there is no value.
    pub data_absent_reason: Option<String>,
    /// Members of a group, as places in the Bundle.
    pub members: Vec<usize>,
    /// Parts of the result: item and value.
    pub components: Vec<(String, Value)>,
    /// Notes.
    pub notes: Vec<String>,
}

/// A care plan (療養計画).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarePlan {
    /// `active`, `completed`, …
    pub status: String,
    /// Title.
    pub title: Option<String>,
    /// What is planned, in words.
    pub description: Option<String>,
    /// Begin, as sent.
    pub start: Option<String>,
    /// End, as sent.
    pub end: Option<String>,
    /// Made on, as sent.
    pub created: Option<String>,
}

/// A file inside a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Place in `Bundle.entry`.
    pub index: usize,
    /// Address of the entry.
    pub full_url: String,
    /// Place among the files of this entry, from 0.
    pub number: usize,
    /// Declared content type, such as `application/pdf`.
    pub content_type: String,
    /// Title: of the file, else of what holds it.
    pub title: Option<String>,
    /// Format code, such as that of a CDA document.
    pub format: Option<String>,
    /// Where the file is, when it is not inside: a web or file address, as sent.
    pub url: Option<String>,
    /// Characters of its base64 text; 0 when it is not inside.
    pub base64_len: usize,
    /// Code of the innermost section that refers to it first.
    pub section: Option<String>,
}

impl Attachment {
    /// Its base64 text, out of the Bundle that these facts were read from: the root of the
    /// document, or the resource of the entry where an attached document stands.
    #[must_use]
    pub fn base64<'d>(&self, bundle: Node<'d>) -> Option<&'d str> {
        let resource = bundle
            .list("entry")
            .nth(self.index)
            .and_then(|entry| entry.get("resource"))?;
        let file = super::files::of(resource).into_iter().nth(self.number)?;
        file.node.str("data")
    }
}
