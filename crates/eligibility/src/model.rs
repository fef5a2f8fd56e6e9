//! Inquiries, answers, visits.

use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use registry::model::{Coverage, InsuredKey, Profile};

pub use crate::care::CareClass;

/// How the person was identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By insured number: says nothing about who is at the counter.
    Number,
    /// By card with PIN.
    CardPin,
    /// By card, face compared by the reader.
    CardFace,
    /// By card, face compared by staff.
    CardVisual,
    /// By phone, unlocked by its holder.
    Phone,
    /// By a visit code from the car (来院コード・車内).
    CodeInCar,
    /// By a visit code at home, to who visits them.
    CodeHome,
    /// By a visit code before an online consultation.
    CodeOnline,
    /// By a visit code at the counter.
    CodeCounter,
    /// Without showing anything, by the continuing consent of home care (在宅の再照会).
    HomeCare,
    /// From the facility's own copy while the line was cut, told afterwards.
    Offline,
}

impl Method {
    const ALL: [Self; 11] = [
        Self::Number,
        Self::CardPin,
        Self::CardFace,
        Self::CardVisual,
        Self::Phone,
        Self::CodeInCar,
        Self::CodeHome,
        Self::CodeOnline,
        Self::CodeCounter,
        Self::HomeCare,
        Self::Offline,
    ];

    /// The word in API and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::CardPin => "pin",
            Self::CardFace => "face",
            Self::CardVisual => "staff_visual",
            Self::Phone => "phone_biometric",
            Self::CodeInCar => "visit_code_in_car",
            Self::CodeHome => "visit_code_home",
            Self::CodeOnline => "visit_code_online",
            Self::CodeCounter => "visit_code_counter",
            Self::HomeCare => "home_care",
            Self::Offline => "offline",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Number => "番号の入力",
            Self::CardPin => "カード(暗証番号)",
            Self::CardFace => "カード(顔認証)",
            Self::CardVisual => "カード(目視確認)",
            Self::Phone => "スマートフォン",
            Self::CodeInCar => "来院コード(車内など)",
            Self::CodeHome => "来院コード(訪問先)",
            Self::CodeOnline => "来院コード(オンライン診療)",
            Self::CodeCounter => "来院コード(受付)",
            Self::HomeCare => "在宅の継続同意(カードなし)",
            Self::Offline => "控え(回線が切れていた間)",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Number => "insured number",
            Self::CardPin => "card with PIN",
            Self::CardFace => "card with face recognition",
            Self::CardVisual => "card, compared by staff",
            Self::Phone => "phone",
            Self::CodeInCar => "visit code, from the car",
            Self::CodeHome => "visit code, at home",
            Self::CodeOnline => "visit code, online consultation",
            Self::CodeCounter => "visit code, at the counter",
            Self::HomeCare => "continuing consent of home care",
            Self::Offline => "the facility's own copy, while the line was cut",
        }
    }

    /// Does it show that the person is there?
    #[must_use]
    pub const fn shows_presence(self) -> bool {
        !matches!(self, Self::Number | Self::HomeCare | Self::Offline)
    }

    /// Is it a way in which a facility's card terminal identifies somebody?
    #[must_use]
    pub const fn is_at_terminal(self) -> bool {
        matches!(
            self,
            Self::CardPin | Self::CardFace | Self::CardVisual | Self::Phone
        )
    }
}

/// An inquiry by insured number.
#[derive(Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Who is asked about.
    pub key: InsuredKey,
    /// For which date.
    pub on: JstDate,
}

/// A positive answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The visit that it opens.
    pub visit: VisitId,
    /// For which date.
    pub on: JstDate,
    /// Who.
    pub profile: Profile,
    /// The coverage that holds.
    pub coverage: Coverage,
    /// Remarks, in the order in which the counter needs them.
    pub reasons: Vec<Reason>,
    /// How the person was identified.
    pub method: Method,
    /// Of which kind the care is.
    pub care: CareClass,
}

/// A remark on a positive answer (reason code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The coverage holds on that date.
    Valid,
    /// The insurer has given no ceiling class.
    NoCeiling,
    /// The coverage ends within 31 days.
    EndsSoon,
    /// The share depends on age: it changes within 31 days.
    RateChangesSoon,
}

impl Reason {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "ELG-R01",
            Self::NoCeiling => "ELG-R02",
            Self::EndsSoon => "ELG-R03",
            Self::RateChangesSoon => "ELG-R04",
        }
    }

    /// In one line.
    #[must_use]
    pub const fn text(self) -> kernel::Text {
        match self {
            Self::Valid => kernel::Text {
                ja: "確認した日に有効な資格です。",
                en: "the coverage is valid on that date",
            },
            Self::NoCeiling => kernel::Text {
                ja: "限度額の区分が保険者から届いていません。必要なときは限度額適用認定証を確認してください。",
                en: "the insurer has given no ceiling class; ask for the certificate if it matters",
            },
            Self::EndsSoon => kernel::Text {
                ja: "資格は1か月以内に終わります。次回は新しい資格を確認してください。",
                en: "the coverage ends within a month; verify again next time",
            },
            Self::RateChangesSoon => kernel::Text {
                ja: "1か月以内に負担割合が変わる年齢になります。",
                en: "the person reaches an age within a month at which the copay rate changes",
            },
        }
    }
}

/// Identifier of a visit; known only to the facility that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitId([u8; 16]);

impl VisitId {
    /// A new one.
    #[must_use]
    pub fn random(rng: &dyn kernel::id::Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// As stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        kernel::hex::decode_array(text).map(Self)
    }

    /// As stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// A visit (来院): the tie between a facility and a person. It is older than any consent
/// given in it, so it lasts longer than one: a doctor who comes too late is told that the
/// consent ran out, not that nobody came.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    /// Identifier.
    pub id: VisitId,
    /// Who came.
    pub person: PersonId,
    /// When eligibility was confirmed.
    pub at: Timestamp,
    /// How.
    pub method: Method,
    /// Of which kind the care is.
    pub care: CareClass,
    /// Name, for the facility's own list.
    pub name: String,
    /// Kana, for the facility's own list.
    pub kana: String,
}

/// Hours for which a visit lasts.
pub const VISIT_HOURS: i64 = 7 * 24;
/// Hours after the card was shown in which the person counts as present: they may choose
/// consent, and stand on the reception's list.
pub const PRESENT_HOURS: i64 = 24;

impl Visit {
    /// Does the person still count as present?
    #[must_use]
    pub const fn is_present(&self, at: Timestamp) -> bool {
        self.method.shows_presence() && at.micros() < self.at.plus_hours(PRESENT_HOURS).micros()
    }

    /// Is it over?
    #[must_use]
    pub const fn has_ended(&self, at: Timestamp) -> bool {
        at.micros() >= self.at.plus_hours(VISIT_HOURS).micros()
    }
}
