//! A referral letter as it is written here: its parts, and the Bundle that they become.

mod bundle;
mod phrases;
mod resources;

pub use bundle::bundle;
pub use phrases::{DEPARTMENTS, ILLNESS, PLAN, PURPOSE};

use fhir::clins::MemberId;
use kernel::{
    id::DocumentId,
    time::{JstDate, Timestamp},
};
use records::documents::sniff::FileKind;
use registry::model::Sex;

/// A letter, complete.
#[derive(Clone)]
pub struct Letter {
    /// The draft: a letter that is sent twice is one letter.
    pub draft: DocumentId,
    /// When it is written.
    pub at: Timestamp,
    /// Who writes.
    pub from: Writer,
    /// To whom.
    pub to: Addressee,
    /// About whom.
    pub patient: Patient,
    /// What the addressee is asked for (紹介目的).
    pub purpose: String,
    /// Diagnoses and complaints (傷病名・主訴).
    pub problems: String,
    /// The present illness (現病歴).
    pub illness: String,
    /// Further parts, in the order of [`Part::ALL`]; empty ones are left out.
    pub parts: Vec<(Part, String)>,
    /// Allergies, also as data.
    pub allergies: Vec<Allergen>,
    /// Files.
    pub files: Vec<Attached>,
}

/// The institution and doctor who write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Ten digits.
    pub code: String,
    /// The institution's name.
    pub name: String,
    /// The doctor's name.
    pub doctor: String,
}

/// To whom a letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// Ten digits.
    pub code: String,
    /// The institution's name.
    pub name: String,
    /// Clinical department: code (SS-MIX2) and name.
    pub department: Option<(&'static str, &'static str)>,
    /// The doctor's name; empty for whoever is in charge.
    pub doctor: String,
}

/// About whom a letter is.
#[derive(Clone)]
pub struct Patient {
    /// As insurers know them.
    pub member: MemberId,
    /// Family and given name.
    pub name: String,
    /// The same in katakana.
    pub kana: String,
    /// Date of birth.
    pub birth: JstDate,
    /// Sex.
    pub sex: Sex,
    /// Seven digits.
    pub post_code: String,
    /// Address.
    pub address: String,
}

/// An allergy that the letter names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allergen {
    /// Substance or drug, as it is written.
    pub name: String,
    /// Its JFAGY code, when the shared record has one.
    pub code: Option<String>,
    /// Is it a drug?
    pub is_drug: bool,
    /// Is a grave reaction to be expected?
    pub is_grave: bool,
}

/// A file that goes with a letter.
#[derive(Clone)]
pub struct Attached {
    /// Its title.
    pub title: String,
    /// What its bytes are.
    pub kind: FileKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A part that a letter may have, beside the three that it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// 既往歴.
    Past,
    /// アレルギー・不耐性反応.
    Allergies,
    /// 家族歴.
    Family,
    /// 投薬指示.
    Drugs,
    /// 検査結果.
    Results,
    /// 臨床経過.
    Course,
    /// 診療方針.
    Plan,
}

impl Part {
    /// Every one, in the order of the guide.
    pub const ALL: [Self; 7] = [
        Self::Past,
        Self::Allergies,
        Self::Family,
        Self::Drugs,
        Self::Results,
        Self::Course,
        Self::Plan,
    ];

    /// Code of the section, and its title.
    ///
    /// Source: JP-CLINS 1.5 CodeSystem document-section.
    #[must_use]
    pub const fn section(self) -> (&'static str, &'static str) {
        match self {
            Self::Past => ("370", "既往歴"),
            Self::Allergies => ("510", "アレルギー・不耐性反応"),
            Self::Family => ("550", "家族歴"),
            Self::Drugs => ("430", "投薬指示"),
            Self::Results => ("620", "検査結果"),
            Self::Course => ("330", "臨床経過"),
            Self::Plan => ("420", "診療方針"),
        }
    }

    /// The form's field.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Allergies => "allergies",
            Self::Family => "family",
            Self::Drugs => "drugs",
            Self::Results => "results",
            Self::Course => "course",
            Self::Plan => "plan",
        }
    }
}
