//! Requests for rights, the history of rights, sign-offs of reviews.

use kernel::{
    hex,
    id::{Rng, StaffId},
    time::Timestamp,
};
use store::caller::Role;

/// A request for rights that takes two people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantId([u8; 16]);

impl GrantId {
    /// A new one.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// From its 16 bytes, as stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode_array(text).map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(&self.0)
    }
}

/// A decision on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// Was it granted?
    pub granted: bool,
}

/// One administrator asks that somebody gets elevated rights (二人目の承認).
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// Identifier.
    pub id: GrantId,
    /// Who shall get them.
    pub staff: StaffId,
    /// What they shall be.
    pub role: Role,
    /// Does the grant open the account, which is closed until then?
    pub opens: bool,
    /// First instant at which the account then ends; `None`: open until further notice.
    pub until: Option<Timestamp>,
    /// Who asks.
    pub asked_by: StaffId,
    /// When.
    pub asked_at: Timestamp,
    /// Why, in their words.
    pub reason: String,
    /// What became of it.
    pub decided: Option<Decided>,
}

/// How somebody's rights changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They got an elevated role.
    Granted,
    /// They lost one: another role, or the account ended.
    Ended,
}

impl Change {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Ended => "ended",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Granted, Self::Ended]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

/// One line of the history of elevated rights; never changed, never removed.
#[derive(Clone, PartialEq, Eq)]
pub struct RightsEntry {
    /// When.
    pub at: Timestamp,
    /// Whose rights.
    pub staff: StaffId,
    /// What happened.
    pub change: Change,
    /// The elevated role.
    pub role: Role,
    /// Who asked for it, or ended it; `None`: the operator, who founded the facility.
    pub done_by: Option<StaffId>,
    /// Who approved it; nobody's approval is needed to end rights.
    pub approved_by: Option<StaffId>,
}

/// What is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// The accounts and their rights, each month.
    Accounts,
    /// What staff looked at, each week.
    Access,
}

impl Review {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Access => "access",
        }
    }
}

/// Somebody has reviewed, and says so.
#[derive(Clone, PartialEq, Eq)]
pub struct SignOff {
    /// `2026-11` for a month, the Monday's date for a week.
    pub period: String,
    /// When it was signed off.
    pub at: Timestamp,
    /// By whom.
    pub staff: StaffId,
    /// How many accounts, or findings, were looked at.
    pub count: i64,
    /// Their remark.
    pub remark: String,
}
