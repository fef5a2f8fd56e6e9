//! What the views need of a registered document.

use access::consent::Category;
use kernel::time::{JstDate, Timestamp};

/// The doctor's decisions on one entry (meta.tag).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// LTS 長期保管.
    pub long_term: bool,
    /// UNINFORMED 未告知.
    pub uninformed: bool,
    /// UNDELIVERED 未提供.
    pub undelivered: bool,
}

/// Where an entry comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The facility's name when it registered.
    pub facility: String,
    /// Its ten-digit code.
    pub institution: String,
    /// Department, when the document names one.
    pub department: Option<String>,
    /// When it was registered here.
    pub registered_at: Timestamp,
}

/// How sure the sender is.
///
/// Source: HL7 FHIR R4 condition-ver-status, allergyintolerance-verification and
/// observation-status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// It is stated.
    #[default]
    Stated,
    /// Suspected, unconfirmed or preliminary (疑い・未確定・暫定).
    Unconfirmed,
    /// Entered in error, refuted or cancelled: it is kept as sent, and shown to nobody.
    Retracted,
}

/// One piece of information of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// Under which consent it falls.
    pub category: Category,
    /// The doctor's decisions.
    pub flags: Flags,
    /// How sure the sender is.
    pub certainty: Certainty,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What it says.
    pub what: What,
}

/// What an item says.
#[derive(Clone, PartialEq, Eq)]
pub enum What {
    /// 傷病名.
    Condition(Condition),
    /// アレルギー・薬剤禁忌.
    Allergy(Allergy),
    /// 検査・感染症.
    Lab(Lab),
}

/// A condition.
#[derive(Clone, PartialEq, Eq)]
pub struct Condition {
    /// Name.
    pub name: String,
    /// Begin.
    pub onset: Option<JstDate>,
    /// End.
    pub abatement: Option<JstDate>,
    /// `active`, `resolved`, …
    pub status: String,
    /// Main condition.
    pub is_main: bool,
}

/// An allergy or drug contraindication.
#[derive(Clone, PartialEq, Eq)]
pub struct Allergy {
    /// Substance or drug.
    pub substance: String,
    /// What happens.
    pub reaction: Option<String>,
    /// Is a grave reaction to be expected?
    pub high_risk: bool,
    /// `active`, …
    pub status: String,
}

/// A laboratory result.
#[derive(Clone, PartialEq, Eq)]
pub struct Lab {
    /// What makes results comparable: the standard item's name, or institution and local code.
    pub key: String,
    /// The item's name for people.
    pub name: String,
    /// The result as text, exactly as sent.
    pub value: String,
    /// The number alone, when it is one.
    pub number: Option<String>,
    /// Unit.
    pub unit: String,
    /// Lower bound of the reference range, as sent.
    pub low: Option<String>,
    /// Upper bound of the reference range, as sent.
    pub high: Option<String>,
    /// The laboratory's own judgement: `H`, `L`, `N`, `A`, …
    pub interpretation: Option<String>,
    /// Date of the specimen.
    pub on: JstDate,
}

/// A document ready to be kept.
#[derive(Clone)]
pub struct Checked {
    /// Member identifier as sent.
    pub member: fhir::clins::MemberId,
    /// `institution^year^id`.
    pub identifier: String,
    /// Ten digits.
    pub institution: String,
    /// `Condition`, `AllergyIntolerance`, `Observation`.
    pub kind: &'static str,
    /// The patient's date of birth in the document.
    pub birth: Option<JstDate>,
    /// What it says; provenance is filled in when it is kept.
    pub items: Vec<Item>,
    /// The bytes received, compressed.
    pub document: Vec<u8>,
    /// Advice that does not stop it.
    pub warnings: Vec<kernel::Finding>,
}

/// What registering did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Was there a document under the same key, now replaced?
    pub replaced: bool,
    /// How many entries are kept now.
    pub entries: usize,
}

/// What a person, or who acts for them, may see of their record.
#[derive(Clone)]
pub struct OwnView {
    /// What may be seen, newest registration first.
    pub items: Vec<Item>,
    /// Of which categories: all of them but for a proxy.
    pub categories: Vec<Category>,
}

/// What a facility may see of a person's shared record.
#[derive(Clone)]
pub struct SharedView {
    /// Categories that are open, each until when.
    pub open: Vec<(Category, Timestamp)>,
    /// Items of these categories, newest registration first.
    pub items: Vec<Item>,
}
