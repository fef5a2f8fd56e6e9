//! Inquiries, answers, visits.

pub use crate::method::Method;
use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use registry::model::{Coverage, InsuredKey, Profile};

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
