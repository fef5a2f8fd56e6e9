//! What a copy is made of.

use kernel::{
    id::{ClientId, PersonId},
    time::{JstDate, Timestamp},
};
use registry::model::{Coverage, Sex};

/// Days back within which somebody must have come to be in a facility's copy.
pub const DAYS: i64 = 400;
/// Most people in one copy: of a facility with more, those who came within fewer days.
pub const PEOPLE_MAX: i64 = 20_000;
/// People on one page: each may be opened, in one operation.
pub const PAGE_PEOPLE: i64 = 100;
/// Hours for which a copy is good.
pub const GOOD_HOURS: i64 = 72;
/// Minutes by which two clocks may differ.
pub const CLOCK_MINUTES: i64 = 10;
/// Acts of one batch.
pub const BATCH_MAX: usize = 50;
/// Days after which an act is not settled any more.
pub const ACT_DAYS_MAX: i64 = 45;

/// An identifier of 16 bytes.
macro_rules! sixteen {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
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
    };
}

sixteen! {
    /// A patient in the copies of one system; says nothing elsewhere.
    Reference
}
sixteen! {
    /// One fetching of a copy, named by whoever fetches, so that no page of another fetching
    /// can be slipped in.
    Run
}
sixteen! {
    /// The key of an act (冪等キー), under which it counts once.
    ActId
}

/// A patient in a copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// Who, between the system and the platform.
    pub reference: Reference,
    /// Name.
    pub name: String,
    /// Kana.
    pub kana: String,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth: JstDate,
    /// Coverages that hold, or ended lately, or are to begin.
    pub coverages: Vec<Coverage>,
}

/// What a page says of itself, in the clear and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The facility's ten-digit code.
    pub facility: String,
    /// The system for which it was made.
    pub client: ClientId,
    /// The fetching to which it belongs.
    pub run: Run,
    /// The copy's number; a later one is higher.
    pub number: i64,
    /// The number of the copy whose people stay unless a page says otherwise; 0: of none.
    pub base: i64,
    /// Which page, from 1.
    pub page: i64,
    /// Is it the last?
    pub is_last: bool,
    /// Days back within which people in it came.
    pub days: i64,
    /// When it was made.
    pub made_at: Timestamp,
    /// First instant at which it is no longer used.
    pub good_until: Timestamp,
}

/// What a page holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// People who are new in the copy, or have changed.
    pub patients: Vec<Patient>,
    /// People who are in it no longer.
    pub gone: Vec<Reference>,
}

/// What a system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its fetching.
    pub run: Run,
    /// Which page.
    pub page: i64,
    /// The number of the copy that it holds whole; 0: none.
    pub held: i64,
}

/// A system's fetching as the platform keeps it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fetching {
    /// The key that copies are encrypted to.
    pub recipient: String,
    /// Number of the newest copy.
    pub number: i64,
    /// The fetching under way, or the last.
    pub run: Option<Run>,
    /// What the system held when it began.
    pub base: i64,
    /// The last page that was given.
    pub page: i64,
    /// Days back.
    pub days: i64,
    /// The last person up to whom pages were given.
    pub after: Option<PersonId>,
    /// People given so far, changed or not.
    pub people: i64,
    /// When the copy was begun.
    pub made_at: Timestamp,
}

/// What was handed over about a person.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handed {
    /// Who.
    pub person: PersonId,
    /// Who, for the system.
    pub reference: Reference,
    /// The person's version then; 0: that they are in the copy no longer.
    pub version: i64,
    /// In which copy.
    pub number: i64,
}
