//! What an answer holds beside person and coverage.

use kernel::time::{JstDate, Timestamp};
use registry::{
    model::{CopayRate, Coverage, Profile},
    reliance::Reliance,
    terms::{Basis, CardKind, Difference},
};

use crate::{model::Reason, subsidies::Paying};

/// 資格有効性 (OQSCD 006).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validity {
    /// 有効.
    Valid,
    /// 無効.
    Invalid,
    /// 無効(新しい資格あり).
    Replaced,
    /// 該当資格なし.
    Absent,
    /// 複数該当.
    Several,
    /// 有効(未登録): 医療扶助 holds, but names another facility.
    Unregistered,
}

impl Validity {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Valid,
        Self::Invalid,
        Self::Replaced,
        Self::Absent,
        Self::Several,
        Self::Unregistered,
    ];

    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "1",
            Self::Invalid => "2",
            Self::Replaced => "3",
            Self::Absent => "4",
            Self::Several => "5",
            Self::Unregistered => "6",
        }
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Valid => "有効",
            Self::Invalid => "無効",
            Self::Replaced => "無効(新しい資格あり)",
            Self::Absent => "該当資格なし",
            Self::Several => "複数該当",
            Self::Unregistered => "有効(未登録)",
        }
    }

    /// Is it a yes?
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid | Self::Unregistered)
    }
}

/// How fresh an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When the insurer last loaded anything; `None` when nobody knows. Never later than now.
    pub as_of: Option<Timestamp>,
    /// The day on which it loads again at the latest.
    pub next_update_due: Option<JstDate>,
    /// Why the answer is provisional (仮の回答), when it is.
    pub provisional: Option<Reason>,
}

/// What an answer says beyond the coverage itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail {
    /// Copay rate on that day: by age, certificate and coverage.
    pub copay: CopayRate,
    /// What decided it.
    pub basis: Basis,
    /// How fresh it is.
    pub freshness: Freshness,
    /// The day of the facility's last visit of the person before.
    pub last_visit: Option<JstDate>,
    /// What is not as it was then.
    pub changes: Vec<Difference>,
    /// What pays beside the insurance.
    pub paying: Paying,
}

impl Detail {
    /// 有効, or 有効(未登録) when medical assistance holds and no ticket names the facility.
    #[must_use]
    pub fn validity(&self, coverage: &Coverage) -> Validity {
        let is_assistance =
            CardKind::from_code(&coverage.card_kind) == Some(CardKind::MedicalAssistance);
        if is_assistance && self.paying.tickets.is_empty() {
            Validity::Unregistered
        } else {
            Validity::Valid
        }
    }
}

/// A coverage that holds, for one facility.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub profile: Profile,
    /// The coverage.
    pub coverage: Coverage,
    /// Remarks, in the order in which the counter needs them.
    pub reasons: Vec<Reason>,
    /// The rest.
    pub detail: Detail,
    /// What the facility was told before.
    pub(crate) known: Vec<Reliance>,
}
