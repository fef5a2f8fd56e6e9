//! Who calls, why, and what is about to happen: the facts that every audit record carries.

use std::sync::Arc;

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
    /// 医療技術職 (laboratory, radiology, rehabilitation).
    Technologist,
    /// 施術者 (judo therapist, acupuncturist): eligibility only.
    Therapist,
    /// 受付・事務.
    Clerk,
    /// 救急隊.
    AmbulanceCrew,
    /// 保険者の資格担当: keeps true who is insured, on which terms.
    Insurer,
    /// 自治体の担当: public subsidies and medical assistance.
    Municipality,
    /// 運営主体の登録担当: people who stand twice in the register, disaster mode.
    Registrar,
    /// 施設の管理者: accounts and settings, no clinical data.
    Administrator,
    /// 医療情報システム安全管理責任者: sees who did what, no clinical data.
    SafetyOfficer,
    /// 保守事業者: inside an approved window only, names masked.
    VendorSupport,
    /// A facility's record system.
    System,
    /// The person themself.
    Patient,
    /// 代理人: who acts for a person, by a dated relation.
    Proxy,
    /// A job of this program.
    Job,
    /// Nobody is logged in.
    Anonymous,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 19] = [
        Self::Doctor,
        Self::Dentist,
        Self::Pharmacist,
        Self::Nurse,
        Self::Technologist,
        Self::Therapist,
        Self::Clerk,
        Self::AmbulanceCrew,
        Self::Insurer,
        Self::Municipality,
        Self::Registrar,
        Self::Administrator,
        Self::SafetyOfficer,
        Self::VendorSupport,
        Self::System,
        Self::Patient,
        Self::Proxy,
        Self::Job,
        Self::Anonymous,
    ];

    /// The roles that a member of staff has an account for.
    pub const STAFF: [Self; 14] = [
        Self::Doctor,
        Self::Dentist,
        Self::Pharmacist,
        Self::Nurse,
        Self::Technologist,
        Self::Therapist,
        Self::Clerk,
        Self::AmbulanceCrew,
        Self::Insurer,
        Self::Municipality,
        Self::Registrar,
        Self::Administrator,
        Self::SafetyOfficer,
        Self::VendorSupport,
    ];

    /// The word in tables and audit records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Dentist => "dentist",
            Self::Pharmacist => "pharmacist",
            Self::Nurse => "nurse",
            Self::Technologist => "technologist",
            Self::Therapist => "therapist",
            Self::Clerk => "clerk",
            Self::AmbulanceCrew => "ambulance-crew",
            Self::Insurer => "insurer",
            Self::Municipality => "municipality",
            Self::Registrar => "registrar",
            Self::Administrator => "administrator",
            Self::SafetyOfficer => "safety-officer",
            Self::VendorSupport => "vendor-support",
            Self::System => "system",
            Self::Patient => "patient",
            Self::Proxy => "proxy",
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
            Self::Technologist => "医療技術職",
            Self::Therapist => "施術者",
            Self::Clerk => "受付・事務",
            Self::AmbulanceCrew => "救急隊",
            Self::Insurer => "保険者",
            Self::Municipality => "自治体",
            Self::Registrar => "登録管理者",
            Self::Administrator => "施設管理者",
            Self::SafetyOfficer => "安全管理責任者",
            Self::VendorSupport => "保守事業者",
            Self::System => "施設のシステム",
            Self::Patient => "ご本人",
            Self::Proxy => "代理人",
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
    /// 資格の登録: insurers and towns load what they decided.
    Intake,
    /// 災害時の資格確認: without card or number, only while disaster mode is in force.
    Disaster,
    /// 救急: somebody may die of waiting, so this work has its own places and is never turned
    /// away for the sake of other work.
    Emergency,
    /// ご本人による確認.
    OwnAccess,
    /// システムの運用.
    Operation,
    /// 保守事業者による支援.
    Support,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 9] = [
        Self::Eligibility,
        Self::Treatment,
        Self::Registration,
        Self::Intake,
        Self::Disaster,
        Self::Emergency,
        Self::OwnAccess,
        Self::Operation,
        Self::Support,
    ];

    /// The word in audit records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Treatment => "treatment",
            Self::Registration => "registration",
            Self::Intake => "intake",
            Self::Disaster => "disaster",
            Self::Emergency => "emergency",
            Self::OwnAccess => "own-access",
            Self::Operation => "operation",
            Self::Support => "support",
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
            Self::Intake => "資格の登録",
            Self::Disaster => "災害時の資格確認",
            Self::Emergency => "救急",
            Self::OwnAccess => "ご本人による確認",
            Self::Operation => "システムの運用",
            Self::Support => "保守",
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
    /// Somebody who acts for a person, by their own card.
    Proxy {
        /// For whom.
        person: PersonId,
        /// Who acts.
        proxy: PersonId,
        /// Who they are to the person, and their name: for the person's access history.
        name: String,
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
    /// To what an access token narrows them (OAuth scopes, a space between); `None`: nothing
    /// beside their role.
    pub scopes: Option<Arc<str>>,
    /// The registered terminal or server that they call from, when its certificate shows it.
    pub terminal: Option<Arc<str>>,
}

impl Caller {
    /// A caller.
    #[must_use]
    pub const fn new(actor: Actor) -> Self {
        Self {
            actor,
            scopes: None,
            terminal: None,
        }
    }

    /// What the caller is.
    #[must_use]
    pub const fn role(&self) -> Role {
        match &self.actor {
            Actor::Anonymous { .. } => Role::Anonymous,
            Actor::Staff { role, .. } => *role,
            Actor::System { .. } => Role::System,
            Actor::Patient { .. } => Role::Patient,
            Actor::Proxy { .. } => Role::Proxy,
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
            Actor::Staff { name, .. } | Actor::System { name, .. } | Actor::Proxy { name, .. } => {
                name
            }
            Actor::Job { name } => name,
            Actor::Patient { .. } | Actor::Anonymous { .. } => "",
        }
    }

    /// The caller's session, if there is one.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match &self.actor {
            Actor::Staff { session, .. }
            | Actor::Patient { session, .. }
            | Actor::Proxy { session, .. } => Some(*session),
            _ => None,
        }
    }

    /// The person whose own data this is about: who calls for themself, or is called for.
    #[must_use]
    pub const fn patient(&self) -> Option<PersonId> {
        match &self.actor {
            Actor::Patient { person, .. } | Actor::Proxy { person, .. } => Some(*person),
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
