//! A person's profile and coverage, a facility.

use kernel::{
    code::{BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::FacilityId,
    money::Yen,
    time::{JstDate, Period, Timestamp},
};

mod card;

pub use card::{CardState, EndReason, Enrolled, HeldCertificate, InsuranceUse, Medium, Shown};

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
    /// The name on the card beside the register's (氏名その他: 通称名 or 本名).
    pub other_name: Option<String>,
    /// Sex as the card shows it, when it is another (性別2).
    pub shown_sex: Option<Sex>,
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

coded! {
    /// Why a coverage ended (資格喪失事由, OQSCD 008).
    LossReason[4] {
        /// 死亡.
        Death = "01", "死亡";
        /// 生活保護受給.
        PublicAssistance = "02", "生活保護の受給開始";
        /// 他の資格を取得.
        OtherCoverage = "03", "他の医療保険への加入";
        /// その他.
        Other = "99", "その他";
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
    /// Ceiling of the monthly copay; `None` when the insurer gave none.
    pub ceiling: Option<Ceiling>,
    /// 高齢受給者証, from 70 to 74.
    pub elderly: Option<ElderlyCertificate>,
    /// 特定疾病療養受療証, at most one a disease.
    pub diseases: Vec<SpecificDisease>,
    /// Card kind (被保険者証区分, OQSCD 010), such as `01`.
    pub card_kind: String,
    /// When the coverage was issued.
    pub issued_on: JstDate,
    /// Days on which the card or notice is valid, when it names them.
    pub card_period: Option<Period<JstDate>>,
    /// The insured person's name, when this is a dependent of theirs.
    pub insured_name: Option<String>,
    /// Why it ended, when it did.
    pub loss: Option<LossReason>,
    /// When the insurer loaded it, or loaded its last change; `None` when nobody knows.
    pub loaded_at: Option<Timestamp>,
}

/// Ceiling of what a person pays in a month (限度額).
#[derive(Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// Class (適用区分).
    pub class: CeilingClass,
    /// 限度額適用認定証関連情報, when the insurer gave it.
    pub certificate: Option<CeilingCertificate>,
}

/// 限度額適用認定証関連情報.
#[derive(Clone, PartialEq, Eq)]
pub struct CeilingCertificate {
    /// Kind (OQSCD 011): `01` ceiling, `02` ceiling and meals, `03` meals.
    pub kind: CertificateKind,
    /// When it was issued.
    pub issued_on: JstDate,
    /// When it holds.
    pub period: Period<JstDate>,
    /// First day of long hospitalisation (長期入院該当年月日).
    pub long_term_from: Option<JstDate>,
}

coded! {
    /// Kind of ceiling certificate (限度額適用認定証区分, OQSCD 011).
    CertificateKind[3] {
        /// 限度額適用認定証.
        Ceiling = "01", "限度額適用認定証";
        /// 限度額適用・標準負担額減額認定証.
        CeilingAndMeals = "02", "限度額適用・標準負担額減額認定証";
        /// 標準負担額減額認定証.
        Meals = "03", "標準負担額減額認定証";
    }
}

coded! {
    /// Ceiling class (限度額適用区分, OQSCD 012): A below 70, B from 70.
    CeilingClass[16] {
        /// 区分ア.
        A01 = "A01", "ア";
        /// 区分イ.
        A02 = "A02", "イ";
        /// 区分ウ.
        A03 = "A03", "ウ";
        /// 区分エ.
        A04 = "A04", "エ";
        /// 区分オ.
        A05 = "A05", "オ";
        /// 区分オ(境界層該当).
        A06 = "A06", "オ(境界層該当)";
        /// 現役並みⅢ.
        B01 = "B01", "現役並みⅢ";
        /// 現役並みⅡ.
        B02 = "B02", "現役並みⅡ";
        /// 現役並みⅠ.
        B03 = "B03", "現役並みⅠ";
        /// 一般.
        B04 = "B04", "一般";
        /// 低所得Ⅱ.
        B05 = "B05", "低所得Ⅱ";
        /// 低所得Ⅰ.
        B06 = "B06", "低所得Ⅰ";
        /// 低所得Ⅰ(老福).
        B07 = "B07", "低所得Ⅰ(老福)";
        /// 低所得Ⅰ(境界層該当).
        B08 = "B08", "低所得Ⅰ(境界層該当)";
        /// 一般Ⅱ.
        B09 = "B09", "一般Ⅱ";
        /// 一般Ⅰ.
        B10 = "B10", "一般Ⅰ";
    }
}

coded! {
    /// Disease of a 特定疾病療養受療証 (OQSCD 013).
    DiseaseKind[3] {
        /// 人工透析が必要な慢性腎不全.
        Dialysis = "1", "人工腎臓を実施している慢性腎不全";
        /// 血友病.
        Haemophilia = "2", "血漿分画製剤を投与している先天性血液凝固第Ⅷ因子障害等";
        /// HIV.
        Hiv = "3", "抗ウイルス剤を投与している後天性免疫不全症候群";
    }
}

/// 高齢受給者証: the copay rate from 70 to 74.
#[derive(Clone, PartialEq, Eq)]
pub struct ElderlyCertificate {
    /// When it was issued.
    pub issued_on: JstDate,
    /// When it holds.
    pub period: Period<JstDate>,
    /// Copay rate.
    pub copay: CopayRate,
}

/// 特定疾病療養受療証.
#[derive(Clone, PartialEq, Eq)]
pub struct SpecificDisease {
    /// Which.
    pub kind: DiseaseKind,
    /// When it was issued.
    pub issued_on: JstDate,
    /// When it holds.
    pub period: Period<JstDate>,
    /// What the person pays in a month at most (自己負担限度額).
    pub self_pay: Yen,
}

/// An insurer (保険者), or a town that decides about subsidies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insurer {
    /// Its number.
    pub number: InsurerNumber,
    /// Its name.
    pub name: String,
    /// The facility that stands for it here; `None` when it does not load by itself.
    pub home: Option<FacilityId>,
    /// Days between two loads, as the insurer promised.
    pub update_days: i64,
    /// When it last loaded.
    pub loaded_at: Option<Timestamp>,
    /// Since when its own systems cannot be reached (障害・停止); `None` when all is well.
    pub down_since: Option<Timestamp>,
}

/// What an insurer did to a coverage.
#[derive(Clone, PartialEq, Eq)]
pub struct CoverageChange {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// When it was loaded.
    pub at: Timestamp,
    /// What was done.
    pub kind: ChangeKind,
    /// The coverage as it was; `None` when it was new.
    pub before: Option<Coverage>,
    /// The coverage as it is; as it last was, when it was withdrawn.
    pub after: Coverage,
}

coded! {
    /// What was done to a coverage (異動区分).
    ChangeKind[5] {
        /// 資格取得.
        Acquired = "acquired", "資格の取得";
        /// 資格変更.
        Changed = "changed", "資格の変更";
        /// 資格喪失.
        Lost = "lost", "資格の喪失";
        /// 訂正: it was otherwise.
        Corrected = "corrected", "資格の訂正";
        /// 取消: it never was.
        Withdrawn = "withdrawn", "資格の取消";
    }
}

/// What a facility is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityKind {
    /// 病院.
    Hospital,
    /// 診療所.
    Clinic,
    /// 歯科診療所.
    Dental,
    /// 薬局.
    Pharmacy,
    /// 訪問看護ステーション.
    NursingStation,
    /// 施術所 (柔道整復、はり・きゅう、あん摩マッサージ): eligibility only.
    TherapyOffice,
    /// 保険者.
    Insurer,
    /// 自治体.
    Municipality,
    /// 運営主体.
    Operator,
}

impl FacilityKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Hospital,
        Self::Clinic,
        Self::Dental,
        Self::Pharmacy,
        Self::NursingStation,
        Self::TherapyOffice,
        Self::Insurer,
        Self::Municipality,
        Self::Operator,
    ];

    /// The word in tables and commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::Clinic => "clinic",
            Self::Dental => "dental",
            Self::Pharmacy => "pharmacy",
            Self::NursingStation => "nursing-station",
            Self::TherapyOffice => "therapy-office",
            Self::Insurer => "insurer",
            Self::Municipality => "municipality",
            Self::Operator => "operator",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The third digit of its code: the fee table (点数表) of the official codes; 5 and 7 to 9
    /// are ours, for whom the official codes have none.
    #[must_use]
    pub const fn table(self) -> u8 {
        match self {
            Self::Hospital | Self::Clinic => 1,
            Self::Dental => 3,
            Self::Pharmacy => 4,
            Self::Operator => 5,
            Self::NursingStation => 6,
            Self::TherapyOffice => 7,
            Self::Insurer => 8,
            Self::Municipality => 9,
        }
    }
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
    /// What it is.
    pub kind: FacilityKind,
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
