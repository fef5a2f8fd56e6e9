//! Of which kind the care is that somebody came for (診療区分).
//!
//! Source: OQSCD 028 (診療区分: 1 外来, 2 訪問, 3 オンライン, 4 救急時).

use registry::model::FacilityKind;

/// 診療区分.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CareClass {
    /// 外来等.
    Outpatient,
    /// 訪問診療等.
    HomeVisit,
    /// オンライン診療等.
    Online,
    /// 救急時.
    Emergency,
}

impl CareClass {
    /// Every class.
    pub const ALL: [Self; 4] = [
        Self::Outpatient,
        Self::HomeVisit,
        Self::Online,
        Self::Emergency,
    ];

    /// The code on the wire and in tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outpatient => "1",
            Self::HomeVisit => "2",
            Self::Online => "3",
            Self::Emergency => "4",
        }
    }

    /// From the code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Outpatient => "外来",
            Self::HomeVisit => "訪問",
            Self::Online => "オンライン診療",
            Self::Emergency => "救急時",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Outpatient => "outpatient",
            Self::HomeVisit => "home visit",
            Self::Online => "online consultation",
            Self::Emergency => "emergency",
        }
    }

    /// What it is at a facility of this kind, when nothing else is said: nurses of a visiting
    /// nursing station come to the person.
    #[must_use]
    pub const fn usual(kind: FacilityKind) -> Self {
        match kind {
            FacilityKind::NursingStation => Self::HomeVisit,
            _ => Self::Outpatient,
        }
    }
}
