//! Identifiers: 16 random bytes each, never a counter, so that nobody can guess a neighbour.

use std::fmt;

use crate::hex;

/// Where random bytes come from; the program hands in the operating system's.
pub trait Rng: Send + Sync {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new identifier drawn from `rng`.
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

            /// From a stored column, `None` unless it has 16 bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// From 32 hexadecimal digits.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                hex::decode_array(text).map(Self)
            }

            /// The 16 bytes, as stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// 32 hexadecimal digits, as in addresses and JSON.
            #[must_use]
            pub fn to_hex(&self) -> String {
                hex::encode(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

id! {
    /// A person (個人). Says nothing about who it is.
    PersonId
}
id! {
    /// A facility (医療機関): hospital, clinic, dental clinic, pharmacy, insurer, town.
    FacilityId
}
id! {
    /// One declaration of disaster mode (災害時モード).
    DisasterModeId
}
id! {
    /// One running installation of tasuki.
    NodeId
}
id! {
    /// A member of a facility's staff (職員).
    StaffId
}
id! {
    /// A system client: a hospital's record system, a card terminal.
    ClientId
}
id! {
    /// A terminal or server in the ledger (端末・サーバ).
    TerminalId
}
id! {
    /// A maintenance window (保守作業の承認された時間).
    WindowId
}
id! {
    /// A log-in session.
    SessionId
}
id! {
    /// A second factor of a member of staff: a passkey, a card.
    FactorId
}
id! {
    /// A substitute code for somebody who cannot use their second factor.
    SubstituteId
}
id! {
    /// A one-time card challenge.
    ChallengeId
}
id! {
    /// A consent given by a person (同意).
    ConsentId
}
id! {
    /// A relation between a person and who acts for them (代理関係).
    RelationId
}
id! {
    /// A document kept for a person.
    DocumentId
}
id! {
    /// One call from outside; it is in the answer, the log and the audit record.
    RequestId
}
