//! What a life consists of. Plain facts: nothing here is drawn or decided.

use std::fmt;

use kernel::code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber};
use kernel::time::{JstDate, Period, Timestamp};

use super::tables::{Allergen, Disease, Drug, LabItem};

/// One synthetic person with everything that is known of them on the population's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Position in the population, from 0.
    pub index: u64,
    /// Official name.
    pub name: Name,
    /// Sex on the register.
    pub sex: Sex,
    /// Date of birth.
    pub birth: JstDate,
    /// Date of death, for the few who died within the last year.
    pub death: Option<JstDate>,
    /// Home address; the same for a household.
    pub address: Address,
    /// Place within the household.
    pub household: Household,
    /// Whether the person holds a My Number card (マイナンバーカード).
    pub my_number_card: bool,
    /// The treating hospital's own patient number (患者番号): 8 digits.
    pub patient_number: String,
    /// Coverage by insurers, oldest first; periods never overlap.
    pub coverages: Vec<Coverage>,
    /// Diagnoses, oldest onset first.
    pub conditions: Vec<Condition>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Laboratory reports, oldest first.
    pub reports: Vec<LabReport>,
    /// Medicines, oldest first.
    pub medicines: Vec<Medicine>,
}

impl Life {
    /// Completed years of age on `on`, or at death.
    #[must_use]
    pub fn age_on(&self, on: JstDate) -> i16 {
        let on = self.death.map_or(on, |death| on.min(death));
        self.birth.age_on(on)
    }

    /// The coverage in force on `on`.
    #[must_use]
    pub fn coverage_on(&self, on: JstDate) -> Option<&Coverage> {
        self.coverages.iter().find(|c| c.period.contains(on))
    }

    /// The newest coverage, in force or ended.
    #[must_use]
    pub fn coverage_last(&self) -> Option<&Coverage> {
        self.coverages.last()
    }

    /// The coded results for the five infection items (感染症), oldest first.
    pub fn infections(&self) -> impl Iterator<Item = (&LabReport, &LabResult)> {
        self.reports.iter().flat_map(|report| {
            let results = report.results.iter();
            results
                .filter(|result| result.item.infection)
                .map(move |result| (report, result))
        })
    }
}

/// A name in kanji and in katakana.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Family name (姓).
    pub family: &'static str,
    /// Given name (名).
    pub given: &'static str,
    /// Family name in full-width katakana.
    pub family_kana: &'static str,
    /// Given name in full-width katakana.
    pub given_kana: &'static str,
}

impl Name {
    /// Family and given name with one half-width space.
    #[must_use]
    pub fn full(&self) -> String {
        format!("{} {}", self.family, self.given)
    }

    /// The same in katakana.
    #[must_use]
    pub fn full_kana(&self) -> String {
        format!("{} {}", self.family_kana, self.given_kana)
    }
}

/// Sex on the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// Male; `1` in eligibility codes.
    Male,
    /// Female; `2` in eligibility codes.
    Female,
}

impl Sex {
    /// Code table 007 of online eligibility.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }

    /// The FHIR word.
    #[must_use]
    pub const fn fhir(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }

    /// The other.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Male => Self::Female,
            Self::Female => Self::Male,
        }
    }
}

/// An address in a real prefecture and an invented city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Prefecture, 1 to 47.
    pub prefecture_code: u8,
    /// Prefecture's name.
    pub prefecture: &'static str,
    /// City, invented.
    pub city: &'static str,
    /// Town within the city, invented.
    pub town: &'static str,
    /// Block and house number.
    pub block: String,
    /// Post code `NNN-NNNN`; its first two digits are the prefecture's.
    pub post_code: String,
}

impl Address {
    /// In one line, as written on a letter.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{}{}{}{}",
            self.prefecture, self.city, self.town, self.block
        )
    }
}

/// A person's place in a household; its members have consecutive indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Household {
    /// Index of the household's first member.
    pub first: u64,
    /// Number of members, 1 to 5.
    pub members: u8,
    /// Relation to the first member.
    pub relation: Relation,
}

/// Relation to the head of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The head.
    Head,
    /// Husband or wife.
    Spouse,
    /// Child.
    Child,
    /// Father or mother.
    Parent,
}

/// An insurer (保険者), or the office that pays medical assistance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insurer {
    /// Insurer's number with a valid check digit; its kind follows from it.
    pub number: InsurerNumber,
    /// Name.
    pub name: String,
}

/// One span of coverage (資格).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Who insures.
    pub insurer: Insurer,
    /// Symbol; empty for the late elderly and for medical assistance.
    pub symbol: InsuredPersonSymbol,
    /// Number; for medical assistance the 7-digit recipient number.
    pub number: InsuredPersonNumber,
    /// Branch number; none for the late elderly and for medical assistance.
    pub branch: Option<BranchNumber>,
    /// Insured in their own right (本人), or as a dependent (家族)?
    pub standing: Standing,
    /// When it holds.
    pub period: Period<JstDate>,
    /// Why it ended, when it ended.
    pub loss: Option<LossReason>,
    /// The share that the patient pays, in tenths: 0 to 3.
    pub copay_tenths: u8,
    /// Ceiling class with its certificate; none under medical assistance.
    pub ceiling: Option<Ceiling>,
    /// Kind of card.
    pub card: CardKind,
    /// Date of issue of the card or of the notice of coverage.
    pub issued: JstDate,
    /// Last day on which the card is valid, when it bears one.
    pub valid_until: Option<JstDate>,
}

/// 本人・家族の別.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 本人, `1`.
    Insured,
    /// 家族 (被扶養者), `2`.
    Dependent,
}

impl Standing {
    /// Code of PersonalFamilyClassification.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Insured => "1",
            Self::Dependent => "2",
        }
    }
}

/// Why coverage ended (資格喪失事由).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReason {
    /// 死亡.
    Death,
    /// 生活保護の開始.
    PublicAssistance,
    /// 他の資格の取得.
    OtherCoverage,
    /// その他.
    Other,
}

impl LossReason {
    /// Code table 008 of online eligibility.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Death => "01",
            Self::PublicAssistance => "02",
            Self::OtherCoverage => "03",
            Self::Other => "99",
        }
    }
}

/// Ceiling of what a patient pays in a month (限度額適用認定証関連情報).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// Kind of certificate, code table 011: `01` ceiling, `02` ceiling and meal reduction.
    pub certificate: &'static str,
    /// Class, code table 012: `A01` to `A05` below 70, `B01` to `B10` from 70.
    pub class: &'static str,
    /// First day of the certificate.
    pub from: JstDate,
    /// Last day of the certificate, which runs from August to July.
    pub last: JstDate,
}

/// Kind of card (被保険者証区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// 被保険者証 (一般).
    Insured,
    /// 医療券・調剤券 (医療扶助).
    MedicalAssistance,
}

impl CardKind {
    /// Code table 010 of online eligibility.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Insured => "01",
            Self::MedicalAssistance => "A1",
        }
    }
}

/// A diagnosis (傷病名).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which disease.
    pub disease: &'static Disease,
    /// Day of onset.
    pub onset: JstDate,
    /// Day of the end, when it has ended.
    pub abatement: Option<JstDate>,
    /// Day on which the hospital recorded it.
    pub recorded: JstDate,
    /// The main disease (主傷病).
    pub main: bool,
    /// The patient has not been told (未告知).
    pub uninformed: bool,
    /// To be given to neither other hospitals nor the patient (未提供).
    pub undelivered: bool,
    /// To be kept longer than five years (長期保管).
    pub long_term: bool,
}

/// An allergy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allergy {
    /// To what.
    pub allergen: &'static Allergen,
    /// Day of onset.
    pub onset: JstDate,
    /// Day on which it was recorded.
    pub recorded: JstDate,
    /// How dangerous a next contact is.
    pub criticality: Criticality,
    /// What happened, in the patient's chart's words.
    pub reaction: &'static str,
    /// To be kept longer than five years (長期保管).
    pub long_term: bool,
}

/// Danger of a next contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// Not life-threatening.
    Low,
    /// Life-threatening.
    High,
    /// Not known.
    Unknown,
}

impl Criticality {
    /// The FHIR code.
    #[must_use]
    pub const fn fhir(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Unknown => "unable-to-assess",
        }
    }
}

/// One laboratory report (検査結果報告).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabReport {
    /// Position within the life's reports, from 0; part of stable identifiers.
    pub ordinal: u16,
    /// When the specimens were taken.
    pub collected: Timestamp,
    /// When the results were issued.
    pub issued: Timestamp,
    /// Results in the order of the form.
    pub results: Vec<LabResult>,
}

/// One result of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabResult {
    /// Which item.
    pub item: &'static LabItem,
    /// The value.
    pub value: LabValue,
}

/// Value of a laboratory result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabValue {
    /// A quantity in the item's unit.
    Quantity(Decimal),
    /// Positive or negative.
    Coded(Finding),
}

/// A qualitative finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// 陽性.
    Positive,
    /// 陰性.
    Negative,
}

impl Finding {
    /// Code of the value list of the infection items: 1 positive, 2 negative.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Positive => "1",
            Self::Negative => "2",
        }
    }

    /// Japanese word.
    #[must_use]
    pub const fn display(self) -> &'static str {
        match self {
            Self::Positive => "陽性",
            Self::Negative => "陰性",
        }
    }
}

/// An exact decimal: `unscaled` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub unscaled: i32,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl fmt::Display for Decimal {
    /// Decimal text such as `6.8`, with every digit of the scale.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10_u32.saturating_pow(u32::from(self.scale));
        let magnitude = self.unscaled.unsigned_abs();
        let sign = if self.unscaled < 0 { "-" } else { "" };
        let whole = magnitude / power;
        if self.scale == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let width = usize::from(self.scale);
            write!(f, "{sign}{whole}.{:0width$}", magnitude % power)
        }
    }
}

/// A medicine taken for a time (薬剤).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medicine {
    /// Which.
    pub drug: &'static Drug,
    /// For which disease.
    pub disease: &'static Disease,
    /// From the first day to the day after the last.
    pub period: Period<JstDate>,
}
