//! A person's profile and coverage, a facility.

use kernel::{
    code::{BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::FacilityId,
    time::{JstDate, Period},
};

/// Sex as insurers record it (性別): 1 male, 2 female, 3 unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
    /// 不明.
    Unknown,
}

impl Sex {
    /// Code of the national interface (OQSCD 007).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
            Self::Unknown => "3",
        }
    }

    /// From the code; anything else is unknown.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "1" => Self::Male,
            "2" => Self::Female,
            _ => Self::Unknown,
        }
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Male => "男性",
            Self::Female => "女性",
            Self::Unknown => "不明",
        }
    }
}

/// What is known of a person beside care.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    /// Family and given name, one space between.
    pub name: String,
    /// The same in katakana.
    pub kana: String,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth: JstDate,
    /// Seven digits.
    pub post_code: String,
    /// Prefecture to house number.
    pub address: String,
}

/// Copay rate (負担割合) in tenths: 3 means that the person pays 30 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CopayRate(u8);

impl CopayRate {
    /// Tenths, 0 to 3; `None` for anything else.
    #[must_use]
    pub const fn tenths(tenths: u8) -> Option<Self> {
        match tenths {
            0..=3 => Some(Self(tenths)),
            _ => None,
        }
    }

    /// The tenths.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// `3割`.
    #[must_use]
    pub fn ja(self) -> String {
        format!("{}割", self.0)
    }
}

/// Why a coverage ended (資格喪失事由, OQSCD 008).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReason {
    /// 01 死亡.
    Death,
    /// 02 生活保護受給.
    PublicAssistance,
    /// 03 他の資格を取得.
    OtherCoverage,
    /// 99 その他.
    Other,
}

impl LossReason {
    /// The code of the national interface.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Death => "01",
            Self::PublicAssistance => "02",
            Self::OtherCoverage => "03",
            Self::Other => "99",
        }
    }

    /// From the code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Death,
            Self::PublicAssistance,
            Self::OtherCoverage,
            Self::Other,
        ]
        .into_iter()
        .find(|reason| reason.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Death => "死亡",
            Self::PublicAssistance => "生活保護の受給開始",
            Self::OtherCoverage => "他の医療保険への加入",
            Self::Other => "その他",
        }
    }
}

/// One coverage of a person (資格): who insures them, when, on which terms.
#[derive(Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// Coverage period.
    pub period: Period<JstDate>,
    /// Insurer's number.
    pub insurer_number: InsurerNumber,
    /// Insurer's name.
    pub insurer_name: String,
    /// Symbol (記号), may be empty.
    pub symbol: InsuredPersonSymbol,
    /// Number (番号).
    pub person_number: InsuredPersonNumber,
    /// Branch number (枝番); some insurers have none.
    pub branch: Option<BranchNumber>,
    /// The insured person themself, or a dependent.
    pub is_insured_person: bool,
    /// Copay rate.
    pub copay: CopayRate,
    /// Ceiling class (限度額区分, OQSCD 012), such as `A03`; `None` when the insurer gave none.
    pub ceiling_class: Option<String>,
    /// Card kind (被保険者証区分, OQSCD 010), such as `01`.
    pub card_kind: String,
    /// When the coverage was issued.
    pub issued_on: JstDate,
    /// Why it ended, when it did.
    pub loss: Option<LossReason>,
}

/// A facility (医療機関等).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facility {
    /// Identifier.
    pub id: FacilityId,
    /// Ten digits.
    pub code: FacilityCode,
    /// Name.
    pub name: String,
    /// `hospital`, `clinic`, `dental`, `pharmacy`.
    pub kind: String,
    /// Two-digit prefecture number.
    pub prefecture: String,
}

/// What a caller types or reads off a card to find a person by number.
#[derive(Clone, PartialEq, Eq)]
pub struct InsuredKey {
    /// Insurer's number.
    pub insurer_number: InsurerNumber,
    /// Symbol.
    pub symbol: InsuredPersonSymbol,
    /// Number.
    pub person_number: InsuredPersonNumber,
    /// Branch number, when it is known.
    pub branch: Option<BranchNumber>,
    /// Date of birth, when it is known.
    pub birth: Option<JstDate>,
}

/// What a directory says about an [`InsuredKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one person fits.
    One(kernel::id::PersonId),
    /// Nobody has insurer, symbol and number.
    NoSuchNumber,
    /// Somebody has them, with another branch number.
    OtherBranch,
    /// Somebody has them, with another date of birth.
    OtherBirth,
    /// More than one person fits.
    Several,
}
