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

/// Under which names an entry is known from one registration to the next: keyed, so that they
/// say nothing about it. Empty until it is read back.
///
/// A sender that replaces a document sends its entries anew: mostly under the same resource
/// identifiers, else with the same content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Institution and the sender's identifier of the resource.
    pub entry: [u8; 32],
    /// Institution and what the entry is about: its code or name, and the day of a result.
    pub content: [u8; 32],
    /// Institution and the document that holds it.
    pub document: [u8; 32],
}

/// One piece of information of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// The sender's identifier of the resource; empty when none was kept.
    pub identifier: String,
    /// Under which names it is known from one registration to the next.
    pub keys: Keys,
    /// Has the person hidden it from facilities?
    pub is_hidden: bool,
    /// Has the person hidden the whole document that holds it?
    pub is_document_hidden: bool,
    /// What was last said about it by a doctor who looked at it.
    pub standing: Option<Standing>,
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
#[expect(
    clippy::large_enum_variant,
    reason = "results are most of what there is, and a box each would cost more than it saves"
)]
pub enum What {
    /// 傷病名.
    Condition(Condition),
    /// アレルギー・薬剤禁忌.
    Allergy(Allergy),
    /// 検査・感染症.
    Lab(Lab),
    /// 処方, out of a document.
    Prescription(Prescription),
}

/// What a doctor said about an entry of the shared record that somebody registered long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Confirmed, or retired.
    pub verdict: Verdict,
    /// When it was said.
    pub at: Timestamp,
    /// The facility's name.
    pub facility: String,
    /// Its ten-digit code.
    pub institution: String,
    /// Who said it.
    pub by: String,
    /// Why; empty for a confirmation.
    pub reason: String,
}

/// What a doctor can say about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It still holds (確認).
    Confirmed,
    /// It no longer holds (現在は該当しない).
    Retired,
}

impl Verdict {
    /// The word in tables and forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Retired => "retired",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Confirmed, Self::Retired]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

/// A medicine that was prescribed, as a document tells.
#[derive(Clone, PartialEq, Eq)]
pub struct Prescription {
    /// Medicine.
    pub medicine: String,
    /// YJ or general-name code, when sent.
    pub code: Option<String>,
    /// How it is taken, in words.
    pub usage: String,
    /// How much and for how long, in words; may be empty.
    pub amount: String,
    /// Day of the prescription.
    pub on: JstDate,
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
    /// The day on which its doctor recorded it, when sent.
    pub recorded: Option<JstDate>,
    /// Its disease code, when sent: what it is about, whatever its name.
    pub code: Option<String>,
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
    /// The JFAGY code, when sent.
    pub code: Option<String>,
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
    /// The JLAC code of a standard item, when sent.
    pub code: Option<String>,
    /// The same in the one unit of its item, when that can be said exactly.
    pub standard: Option<Standard>,
}

/// A result in the one unit of its standard item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// The result as text, with `<` or `>` where it is a bound.
    pub value: String,
    /// The number alone, when it is one.
    pub number: Option<String>,
    /// The item's unit.
    pub unit: String,
    /// Lower bound of the range that came with the result, converted.
    pub low: Option<String>,
    /// Upper bound.
    pub high: Option<String>,
    /// Was anything converted, so that the original must stand beside it?
    pub is_converted: bool,
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
    /// What the masters say about its codes; it stops nothing.
    pub warnings: Vec<kernel::Finding>,
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
    /// How many entries of these categories the person keeps to themself, without what.
    pub hidden: Vec<(Category, usize)>,
}
