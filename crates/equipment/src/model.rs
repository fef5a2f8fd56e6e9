//! What the ledgers hold.
//!
//! Source: checklist 2025 2-① (ledger of servers, terminals and network equipment), NET-02;
//! identity-security ORG-01.

use kernel::{
    id::{FacilityId, TerminalId},
    net::Networks,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Most characters of one field.
pub const FIELD_CHARS_MAX: usize = 200;

/// Which ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 端末.
    Terminal,
    /// サーバ.
    Server,
    /// ネットワーク機器.
    Network,
    /// 外部との接続点.
    Connection,
}

impl Kind {
    /// Every ledger, in the order of the page.
    pub const ALL: [Self; 4] = [
        Self::Terminal,
        Self::Server,
        Self::Network,
        Self::Connection,
    ];

    /// The word in tables and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Server => "server",
            Self::Network => "network",
            Self::Connection => "connection",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// In Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Terminal => "端末",
            Self::Server => "サーバ",
            Self::Network => "ネットワーク機器",
            Self::Connection => "外部との接続点",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Terminal => "Terminals",
            Self::Server => "Servers",
            Self::Network => "Network equipment",
            Self::Connection => "External connections",
        }
    }

    /// Does it get client certificates?
    #[must_use]
    pub const fn has_certificates(self) -> bool {
        matches!(self, Self::Terminal | Self::Server)
    }
}

/// What people write of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// Its name: 受付1番.
    pub label: String,
    /// Where it stands.
    pub place: String,
    /// Who is responsible for it.
    pub responsible: String,
    /// What it is for.
    pub purpose: String,
    /// With whom it connects, for a connection point.
    pub counterpart: String,
    /// Is it maintained from afar?
    pub is_maintained_remotely: bool,
    /// Networks that it connects from, in CIDR notation; empty when none.
    pub networks: String,
}

impl Particulars {
    /// The networks.
    #[must_use]
    pub fn parsed_networks(&self) -> Networks {
        Networks::parse(&self.networks).unwrap_or_default()
    }

    /// The fields that are missing or do not fit, by their names.
    #[must_use]
    pub fn faults(&self) -> Vec<&'static str> {
        let fields = [
            ("label", &self.label, true),
            ("place", &self.place, false),
            ("responsible", &self.responsible, true),
            ("purpose", &self.purpose, false),
            ("counterpart", &self.counterpart, false),
        ];
        let is_wrong = |text: &str, is_needed: bool| {
            (is_needed && text.is_empty())
                || text.chars().count() > FIELD_CHARS_MAX
                || text.chars().any(char::is_control)
        };
        let mut faults: Vec<_> = fields
            .into_iter()
            .filter(|(_, text, is_needed)| is_wrong(text, *is_needed))
            .map(|(name, ..)| name)
            .collect();
        if Networks::parse(&self.networks).is_err() {
            faults.push("networks");
        }
        faults
    }
}

/// An entry of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Identifier.
    pub id: TerminalId,
    /// Which ledger.
    pub kind: Kind,
    /// What people wrote.
    pub particulars: Particulars,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When somebody last looked that it is there and as written.
    pub checked_at: Option<Timestamp>,
    /// When it was taken out of use.
    pub ended_at: Option<Timestamp>,
}

/// A client certificate of a terminal or server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its serial number: 16 random bytes.
    pub serial: [u8; 16],
    /// Whose it is.
    pub item: TerminalId,
    /// SHA-256 of its DER form.
    pub thumbprint: [u8; 32],
    /// When it was issued.
    pub issued_at: Timestamp,
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

impl Certificate {
    /// Does it hold?
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        at < self.ends_at && self.ended_at.is_none_or(|ended| at < ended)
    }
}

/// 医療情報システム安全管理責任者: who answers for the safety of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Their name.
    pub name: String,
    /// How they are reached at any time.
    pub contact: String,
}

impl Officer {
    /// Are both there, and of sensible length?
    #[must_use]
    pub fn fits(&self) -> bool {
        [&self.name, &self.contact].into_iter().all(|text| {
            !text.is_empty()
                && text.chars().count() <= FIELD_CHARS_MAX
                && !text.chars().any(char::is_control)
        })
    }
}

/// That a folder was filled for trying out: its log-ins and keys are known to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// When it was filled.
    pub noted_at: Timestamp,
    /// By what, a word: `demo`, `bench`.
    pub what: String,
}

/// Why a peer is an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A program without a certificate, from an address that its facility's ledger does not name.
    UnknownAddress,
    /// A certificate of our authority that is in no ledger.
    UnknownCertificate,
    /// A certificate that was ended or has run out.
    EndedCertificate,
    /// A certificate that was refused at the door.
    RefusedCertificate,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::UnknownAddress,
        Self::UnknownCertificate,
        Self::EndedCertificate,
        Self::RefusedCertificate,
    ];

    /// The word in tables and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownAddress => "unknown-address",
            Self::UnknownCertificate => "unknown-certificate",
            Self::EndedCertificate => "ended-certificate",
            Self::RefusedCertificate => "refused-certificate",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }

    /// In Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::UnknownAddress => "台帳にない場所から、システムが接続しました",
            Self::UnknownCertificate => "台帳にない証明書で接続がありました",
            Self::EndedCertificate => "失効した証明書で接続がありました",
            Self::RefusedCertificate => "使えない証明書で接続がありました",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::UnknownAddress => "A system connected from an address that is in no ledger",
            Self::UnknownCertificate => "A certificate that is in no ledger was shown",
            Self::EndedCertificate => "A certificate that has ended was shown",
            Self::RefusedCertificate => "A certificate that cannot be used was shown",
        }
    }
}

/// A peer, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// From which address.
    pub address: String,
    /// Which system or terminal: a name, or a thumbprint; empty when it is not known.
    pub who: String,
}

/// How an alert was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// By whom.
    pub by: String,
    /// What they found.
    pub finding: String,
}

/// Identifier of an alert.
pub type AlertId = [u8; 16];

/// An alert; it stays when it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identifier.
    pub id: AlertId,
    /// Whose facility's system or terminal it is about, if that is known.
    pub facility: Option<FacilityId>,
    /// Why.
    pub why: Why,
    /// Who.
    pub peer: Peer,
    /// When it was first seen.
    pub first_at: Timestamp,
    /// When it was last seen.
    pub last_at: Timestamp,
    /// How often.
    pub requests: i64,
    /// When and how it was settled; `None` while it is open.
    pub settled: Option<(Timestamp, Settlement)>,
}
