//! Who calls, why, and what is about to happen: the facts that every audit record carries.

use kernel::{
    id::{ClientId, FacilityId, PersonId, RequestId, SessionId, StaffId},
    time::Timestamp,
};

/// What a caller is by profession or nature. Rights are decided by `access`, never here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 医師.
    Doctor,
    /// 歯科医師.
    Dentist,
    /// 薬剤師.
    Pharmacist,
    /// 看護師.
    Nurse,
    /// 受付・事務.
    Clerk,
    /// 施設の管理者: accounts and settings, no clinical data.
    Administrator,
    /// A facility's record system.
    System,
    /// The person themself.
    Patient,
    /// A job of this program.
    Job,
    /// Nobody is logged in.
    Anonymous,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::Doctor,
        Self::Dentist,
        Self::Pharmacist,
        Self::Nurse,
        Self::Clerk,
        Self::Administrator,
        Self::System,
        Self::Patient,
        Self::Job,
        Self::Anonymous,
    ];

    /// The word in tables and audit records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Dentist => "dentist",
            Self::Pharmacist => "pharmacist",
            Self::Nurse => "nurse",
            Self::Clerk => "clerk",
            Self::Administrator => "administrator",
            Self::System => "system",
            Self::Patient => "patient",
            Self::Job => "job",
            Self::Anonymous => "anonymous",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The Japanese word for people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Doctor => "医師",
            Self::Dentist => "歯科医師",
            Self::Pharmacist => "薬剤師",
            Self::Nurse => "看護師",
            Self::Clerk => "受付・事務",
            Self::Administrator => "施設管理者",
            Self::System => "施設のシステム",
            Self::Patient => "ご本人",
            Self::Job => "自動処理",
            Self::Anonymous => "未ログイン",
        }
    }
}

/// For what a person's data is used (利用目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// 受付での資格確認.
    Eligibility,
    /// 診療.
    Treatment,
    /// 電子カルテ情報の登録.
    Registration,
    /// 救急: somebody may die of waiting, so this work has its own places and is never turned
    /// away for the sake of other work.
    Emergency,
    /// ご本人による確認.
    OwnAccess,
    /// システムの運用.
    Operation,
}

impl Purpose {
    const ALL: [Self; 6] = [
        Self::Eligibility,
        Self::Treatment,
        Self::Registration,
        Self::Emergency,
        Self::OwnAccess,
        Self::Operation,
    ];

    /// The word in audit records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Treatment => "treatment",
            Self::Registration => "registration",
            Self::Emergency => "emergency",
            Self::OwnAccess => "own-access",
            Self::Operation => "operation",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.word() == word)
    }

    /// The Japanese word for people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Eligibility => "資格確認",
            Self::Treatment => "診療",
            Self::Registration => "診療情報の登録",
            Self::Emergency => "救急",
            Self::OwnAccess => "ご本人による確認",
            Self::Operation => "システムの運用",
        }
    }
}

/// A facility as a caller's home.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home {
    /// Its identifier.
    pub id: FacilityId,
    /// Its ten-digit code.
    pub code: String,
    /// Its name, for people.
    pub name: String,
}

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is logged in; `client` is a hash that tells clients apart for counting.
    Anonymous {
        /// Keyed hash of the client's address.
        client: String,
    },
    /// A member of a facility's staff, with two factors.
    Staff {
        /// The account.
        staff: StaffId,
        /// What they are.
        role: Role,
        /// Their name, for the person's access history.
        name: String,
        /// Where they work.
        home: Home,
        /// Their session.
        session: SessionId,
    },
    /// A facility's record system.
    System {
        /// The registered client.
        client: ClientId,
        /// Its name.
        name: String,
        /// Whose system it is.
        home: Home,
    },
    /// The person themself, by card.
    Patient {
        /// Who.
        person: PersonId,
        /// Their session.
        session: SessionId,
    },
    /// A job of this program.
    Job {
        /// Which.
        name: &'static str,
    },
}

/// Who calls, as `access::Gate` found out.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
}

impl Caller {
    /// A caller.
    #[must_use]
    pub const fn new(actor: Actor) -> Self {
        Self { actor }
    }

    /// What the caller is.
    #[must_use]
    pub const fn role(&self) -> Role {
        match &self.actor {
            Actor::Anonymous { .. } => Role::Anonymous,
            Actor::Staff { role, .. } => *role,
            Actor::System { .. } => Role::System,
            Actor::Patient { .. } => Role::Patient,
            Actor::Job { .. } => Role::Job,
        }
    }

    /// The caller's facility, if there is one.
    #[must_use]
    pub const fn home(&self) -> Option<&Home> {
        match &self.actor {
            Actor::Staff { home, .. } | Actor::System { home, .. } => Some(home),
            _ => None,
        }
    }

    /// The caller's name, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.actor {
            Actor::Staff { name, .. } | Actor::System { name, .. } => name,
            Actor::Job { name } => name,
            Actor::Patient { .. } | Actor::Anonymous { .. } => "",
        }
    }

    /// The caller's session, if there is one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match &self.actor {
            Actor::Staff { session, .. } | Actor::Patient { session, .. } => Some(*session),
            _ => None,
        }
    }

    /// The person who calls for themself.
    #[must_use]
    pub const fn patient(&self) -> Option<PersonId> {
        match &self.actor {
            Actor::Patient { person, .. } => Some(*person),
            _ => None,
        }
    }
}

/// A kind of audited act; each route names one.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// Stable word, such as `eligibility.check`.
    pub code: &'static str,
    /// For people, in Japanese.
    pub ja: &'static str,
    /// For people, in English.
    pub en: &'static str,
}

/// All that is known of a call before it starts.
#[derive(Clone)]
pub struct Intent {
    /// Who.
    pub caller: Caller,
    /// Why.
    pub purpose: Purpose,
    /// What.
    pub event: &'static Event,
    /// The id that is in answer, log and record.
    pub request: RequestId,
    /// When; one value a call.
    pub at: Timestamp,
}
