//! The facts of an accepted Bundle, as views and rules need them.
//!
//! Dates and numbers are the sender's text: a partial date stays partial, `3.50` stays `3.50`.

use std::fmt;

use super::id::{InstitutionNumber, MemberId};

/// The kind of information in a Bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// アレルギー情報 and 薬剤禁忌情報.
    Allergy,
    /// 傷病名情報.
    Condition,
    /// 検査情報 and 感染症情報.
    Observation,
}

impl Kind {
    /// From the resource type that tags a Bundle.
    #[must_use]
    pub fn parse(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AllergyIntolerance" => Some(Self::Allergy),
            "Condition" => Some(Self::Condition),
            "Observation" => Some(Self::Observation),
            _ => None,
        }
    }

    /// The resource type.
    #[must_use]
    pub const fn resource_type(self) -> &'static str {
        match self {
            Self::Allergy => "AllergyIntolerance",
            Self::Condition => "Condition",
            Self::Observation => "Observation",
        }
    }
}

/// The patient of a Bundle.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// The person as insurers know them.
    pub member: MemberId,
    /// Name in ideographs, as text.
    pub name: String,
    /// Name in kana, when sent.
    pub kana: Option<String>,
    /// Date of birth, as sent.
    pub birth_date: String,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: String,
    /// Address, as text.
    pub address: String,
    /// The institution named in the patient, when sent.
    pub institution: Option<InstitutionNumber>,
    /// The institution's own patient number, when sent.
    pub local_id: Option<String>,
}

impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patient(…)")
    }
}

/// A code of a code system. Older object identifiers are given as today's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coding {
    /// Address of the code system.
    pub system: String,
    /// The code; empty when only a system was sent.
    pub code: String,
    /// Its name, as sent.
    pub display: Option<String>,
}

/// A doctor's decisions on one entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `LTS` 長期保管.
    pub long_term: bool,
    /// `UNINFORMED` 未告知: hidden from the patient.
    pub uninformed: bool,
    /// `UNDELIVERED` 未提供: shown neither to hospitals nor to the patient.
    pub undelivered: bool,
}

/// One entry beside the patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in `Bundle.entry`, from 0.
    pub index: usize,
    /// Its address inside this Bundle; not stable between sends.
    pub full_url: String,
    /// The sender's identifier of the resource.
    pub identifier: String,
    /// The institution that recorded it.
    pub institution: InstitutionNumber,
    /// Clinical department: its text, or its code's name.
    pub department: Option<String>,
    /// The doctor's decisions.
    pub flags: Flags,
    /// What it says.
    pub facts: Facts,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq)]
pub enum Facts {
    /// A condition.
    Condition(Condition),
    /// An allergy.
    Allergy(Allergy),
    /// A laboratory result, boxed because it is the largest.
    Observation(Box<Observation>),
}

impl fmt::Debug for Facts {
    /// Only the kind: what it says is the patient's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Condition(_) => "Condition(…)",
            Self::Allergy(_) => "Allergy(…)",
            Self::Observation(_) => "Observation(…)",
        })
    }
}

/// A condition (傷病名).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Name, as the institution writes it.
    pub text: String,
    /// Codes.
    pub codes: Vec<Coding>,
    /// Begin, as sent.
    pub onset: Option<String>,
    /// End, as sent.
    pub abatement: Option<String>,
    /// `active`, `inactive`, `resolved`, …
    pub clinical_status: Option<String>,
    /// `confirmed`, `provisional`, `unconfirmed`, `entered-in-error`, …
    pub verification_status: String,
    /// Is it the main condition (主傷病)?
    pub is_main: bool,
    /// Recorded on, as sent.
    pub recorded: Option<String>,
}

/// An allergy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allergy {
    /// `medication`, `food`, `environment`, `biologic`.
    pub categories: Vec<String>,
    /// `high`, `low`, `unable-to-assess`.
    pub criticality: Option<String>,
    /// Allergen, as the institution writes it.
    pub text: String,
    /// Codes.
    pub codes: Vec<Coding>,
    /// Manifestations, as text.
    pub reactions: Vec<String>,
    /// Begin, as sent.
    pub onset: Option<String>,
    /// Recorded on, as sent.
    pub recorded: Option<String>,
    /// `active`, `inactive`, `resolved`.
    pub clinical_status: Option<String>,
    /// `confirmed`, `unconfirmed`, `refuted`, `entered-in-error`.
    pub verification_status: Option<String>,
}

impl Allergy {
    /// Is it an allergy to a drug (薬剤アレルギー等)?
    #[must_use]
    pub fn is_medication(&self) -> bool {
        self.categories.iter().any(|c| c == "medication")
    }
}

/// Which of the two lists of standard items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabKind {
    /// One of the 43 laboratory items.
    Core,
    /// One of the 5 infection items.
    Infection,
}

/// Which edition of the laboratory codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jlac {
    /// 17 digits.
    Jlac10,
    /// JLAC11.
    Jlac11,
}

/// The standard item (43 + 5) that a result belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabItem {
    /// Laboratory or infection.
    pub kind: LabKind,
    /// Which edition of codes.
    pub jlac: Jlac,
    /// The code.
    pub code: String,
    /// The item's short name (FHIR識別名), such as `ALB`.
    pub name: String,
}

/// A result's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A measured number.
    Quantity {
        /// `<`, `<=`, `>=`, `>` when the number is a bound.
        comparator: Option<String>,
        /// The number, exactly as sent.
        number: String,
        /// Its unit.
        unit: Option<String>,
    },
    /// A coded result.
    Coded {
        /// As text, or the code's name.
        text: String,
        /// Codes.
        codes: Vec<Coding>,
    },
    /// A result in words.
    Text(String),
    /// Another type (range, ratio, time …), as compact JSON.
    Other(String),
    /// No value; the reason is in `data_absent_reason`.
    Absent,
}

/// A reference range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceRange {
    /// Lower bound, as sent.
    pub low: Option<String>,
    /// Upper bound, as sent.
    pub high: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// A laboratory result (検査結果), infection items included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// `final`, `corrected`, …
    pub status: String,
    /// Item, as the institution writes it.
    pub text: String,
    /// Codes.
    pub codes: Vec<Coding>,
    /// The institution's own code.
    pub local_code: Coding,
    /// The standard item, when it is one of 43 + 5.
    pub item: Option<LabItem>,
    /// The value.
    pub value: Value,
    /// Reference ranges.
    pub ranges: Vec<ReferenceRange>,
    /// Codes such as `H`, `L`, `N`.
    pub interpretations: Vec<String>,
    /// When the specimen was taken or the result applies, as sent.
    pub effective: String,
    /// When it was reported, as sent.
    pub issued: Option<String>,
    /// Why there is no value.
    pub data_absent_reason: Option<String>,
    /// Specimen, as text.
    pub specimen: Option<String>,
    /// Who is responsible for the result.
    pub performer: Option<String>,
}

impl Observation {
    /// Is it one of the 5 infection items (感染症情報)?
    #[must_use]
    pub fn is_infection(&self) -> bool {
        self.item
            .as_ref()
            .is_some_and(|item| item.kind == LabKind::Infection)
    }
}
