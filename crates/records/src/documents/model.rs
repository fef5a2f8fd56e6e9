//! What is kept of a document beside its bytes, and what readers get.

use fhir::clins::{
    BundleIdentifier, Coding, MemberId,
    document::{DocumentKind, Party, Quantity},
};
use kernel::{
    Finding,
    id::{DocumentId, FacilityId, PersonId},
    time::{JstDate, Timestamp},
};

use super::state::State;
use crate::model::Flags;

/// The word of a kind in tables and on the wire.
#[must_use]
pub const fn kind_word(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Referral => "referral",
        DocumentKind::Discharge => "discharge",
        DocumentKind::CarePlan => "care-plan",
        DocumentKind::Checkup => "checkup",
        DocumentKind::MunicipalCheckup => "municipal-checkup",
    }
}

/// From its word.
#[must_use]
pub fn kind_of(word: &str) -> Option<DocumentKind> {
    let mut all = DocumentKind::ALL.into_iter();
    all.find(|kind| kind_word(*kind) == word)
}

/// A document that keeps every rule, ready to be kept.
#[derive(Clone)]
pub struct Checked {
    /// Which document.
    pub kind: DocumentKind,
    /// The patient as insurers know them.
    pub member: MemberId,
    /// The Bundle's identifier.
    pub identifier: BundleIdentifier,
    /// The patient's date of birth in it.
    pub birth: Option<JstDate>,
    /// What lists and readers show of it.
    pub card: Card,
    /// To whom it is addressed: a referral's ten-digit institution number.
    pub addressee: Option<String>,
    /// Prescriptions and files in it.
    pub contents: Contents,
    /// The bytes received.
    pub source: String,
    /// The same, compressed.
    pub compressed: Vec<u8>,
    /// Advice that does not stop it.
    pub warnings: Vec<Finding>,
}

/// An institution and a person in it, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The institution's name.
    pub institution: String,
    /// Its clinical department.
    pub department: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
}

impl From<&Party> for Who {
    fn from(party: &Party) -> Self {
        Self {
            institution: party.name.clone().unwrap_or_default(),
            department: party.department.as_ref().map(|one| one.name.clone()),
            doctor: party.doctor.clone(),
        }
    }
}

/// What lists show of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Date of the document, as sent.
    pub written: String,
    /// Version of the Composition, as sent.
    pub version: String,
    /// Who wrote it.
    pub author: Who,
    /// To whom it is addressed.
    pub to: Option<Who>,
    /// Number of files in it.
    pub files: usize,
}

/// What is taken out of a document, sealed beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Prescriptions of referral letters and discharge summaries.
    pub prescriptions: Vec<Drug>,
    /// Files, in document order.
    pub files: Vec<File>,
}

/// One prescribed drug. Texts and numbers are the sender's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drug {
    /// The sender's identifier of the prescription.
    pub identifier: Option<String>,
    /// RP number: what is taken together.
    pub rp: String,
    /// Order inside the RP.
    pub order: String,
    /// The drug's name.
    pub text: String,
    /// Its codes: YJ, general name, or uncoded.
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
    /// Amount a day.
    pub daily: Option<Quantity>,
    /// Total amount.
    pub total: Option<Quantity>,
    /// Days of supply.
    pub days: Option<Quantity>,
    /// The prescriber's name.
    pub prescriber: Option<String>,
    /// Clinical department.
    pub department: Option<String>,
    /// The doctor's decisions.
    pub flags: Flags,
}

/// Where a file stands: the entry of a document inside the document (a discharge summary in a
/// referral letter), then the entry, then which of the files there; all from 0.
pub type Place = (Option<usize>, usize, usize);

/// One file in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it stands.
    pub place: Place,
    /// What its bytes are.
    pub kind: super::sniff::FileKind,
    /// Its title.
    pub title: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// May a page show it as an image? It was read to its end and holds together.
    pub is_shown: bool,
}

/// The key under which a person's document stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Keyed HMAC of the member identifier.
    pub member: [u8; 32],
    /// `institution^year^id`, or a municipal report's UUID.
    pub identifier: String,
}

/// A document as it is kept.
#[derive(Clone)]
pub struct Document {
    /// Its identifier in addresses.
    pub id: DocumentId,
    /// Under whom it lies: the person, or who was merged into them.
    pub owner: PersonId,
    /// Its key there.
    pub key: Key,
    /// Which document.
    pub kind: DocumentKind,
    /// Who sent it.
    pub sender: FacilityId,
    /// Who may read it: a referral's addressee, a checkup report's insurer.
    pub reader: Option<FacilityId>,
    /// Where it stands.
    pub state: State,
    /// Running number of its texts, from 1.
    pub version: i64,
    /// When it was first registered.
    pub registered_at: Timestamp,
    /// What is sealed of it.
    pub head: Head,
}

/// What is sealed of a document, apart from its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// What lists show.
    pub card: Card,
    /// The sender's name and ten-digit code when it was registered.
    pub sender: (String, String),
    /// The addressee's name and ten-digit code.
    pub reader: Option<(String, String)>,
    /// Keyed HMAC of the bytes that stand: the same send again changes nothing.
    pub mark: [u8; 32],
    /// Since when the text that stands is there.
    pub changed_at: Option<Timestamp>,
    /// Consent given and taken back, oldest first.
    pub consents: Vec<Consent>,
    /// That the addressee opened it.
    pub opened: Option<Opened>,
    /// The addressee's answer.
    pub answer: Option<Answered>,
    /// That the sender took it back.
    pub cancelled: Option<Cancelled>,
    /// Documents that travel with it: the sender's, then the addressee's answer.
    pub enclosed: Vec<Key>,
}

/// The patient's oral consent to a letter, given or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Given, or taken back?
    pub is_given: bool,
    /// When the patient said so.
    pub at: Timestamp,
    /// To whom: a member of the sender's staff.
    pub by: String,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
    /// By whom it was recorded: a person or a program.
    pub recorded_by: String,
}

/// What the sender says of the patient's oral consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oral {
    /// When the patient said so.
    pub at: Timestamp,
    /// Who asked: a member of the sender's staff.
    pub by: String,
}

/// The read receipt (開封の知らせ).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When it was first opened.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The latest of its texts that was opened.
    pub version: i64,
}

/// How a letter is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 返書.
    Replied {
        /// What it says.
        text: String,
    },
    /// お断り: the patient cannot be taken.
    Declined {
        /// Why.
        reason: String,
    },
    /// 転送: somebody else takes the patient.
    Forwarded {
        /// Name and ten-digit code of who does.
        to: (String, String),
        /// Why.
        reason: String,
    },
}

impl Answer {
    /// The word on the wire.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Replied { .. } => "replied",
            Self::Declined { .. } => "declined",
            Self::Forwarded { .. } => "forwarded",
        }
    }

    /// For people.
    #[must_use]
    pub const fn ja(&self) -> &'static str {
        match self {
            Self::Replied { .. } => "返書",
            Self::Declined { .. } => "お断り",
            Self::Forwarded { .. } => "転送",
        }
    }

    /// Its text, or reason.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Replied { text } => text,
            Self::Declined { reason } | Self::Forwarded { reason, .. } => reason,
        }
    }
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What.
    pub answer: Answer,
    /// The addressee's document that goes with it.
    pub document: Option<Key>,
}

/// That the sender took a document back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why; may be empty.
    pub reason: String,
}

/// What registering or changing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its identifier in addresses.
    pub id: DocumentId,
    /// Was there a document under the same key?
    pub replaced: bool,
    /// Were its bytes the very same, so that nothing was done?
    pub is_repeated: bool,
    /// Where it stands now.
    pub state: State,
}

/// A text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its running number.
    pub number: i64,
    /// Since when it stands.
    pub at: Timestamp,
}

/// A document as somebody reads it.
#[derive(Clone)]
pub struct Reading {
    /// What is kept of it; texts that the reader may not see are not in here.
    pub document: Document,
    /// Its text as FHIR JSON, made for this reader ([`super::redact`]).
    pub bytes: Vec<u8>,
    /// Its files, as far as the reader gets them.
    pub files: Vec<File>,
    /// All its texts, oldest first.
    pub versions: Vec<Version>,
    /// The documents that travel with it.
    pub enclosed: Vec<Enclosed>,
}

/// A document that travels with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    /// Its identifier in addresses.
    pub id: DocumentId,
    /// Which document.
    pub kind: DocumentKind,
    /// Who sent it.
    pub sender: FacilityId,
    /// What lists show of it.
    pub card: Card,
}

/// A prescription out of a document, for the shared record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prescribed {
    /// The drug.
    pub drug: Drug,
    /// In which document.
    pub document: DocumentId,
    /// Which kind of document.
    pub kind: DocumentKind,
    /// Name and ten-digit code of the institution.
    pub institution: (String, String),
    /// When the document was registered.
    pub registered_at: Timestamp,
}
