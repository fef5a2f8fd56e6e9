//! Searches, candidates, questions.

use kernel::{id::PersonId, time::Timestamp};
use registry::attributes::{Agreement, Attributes, Grade};

/// One of few, with its word in forms, on the wire and in the record.
macro_rules! few {
    ($(#[$doc:meta])* $name:ident[$count:literal] { $($(#[$item:meta])* $variant:ident = $word:literal, $ja:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$item])* $variant,)+
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: [Self; $count] = [$(Self::$variant,)+];

            /// The word as it is written.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// For people.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self {
                    $(Self::$variant => $ja,)+
                }
            }

            /// For people, in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self {
                    $(Self::$variant => $en,)+
                }
            }

            /// From the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.word() == word)
            }
        }
    };
}

few! {
    /// Where the person is.
    Place[4] {
        /// At the facility.
        Facility = "facility", "この施設の窓口", "at this facility";
        /// In a shelter.
        Shelter = "shelter", "避難所", "in a shelter";
        /// At a first-aid station.
        Station = "first-aid-station", "救護所・仮設診療所", "at a first-aid station";
        /// At home.
        Home = "home", "自宅・車の中", "at home or in a car";
    }
}

few! {
    /// Why there is neither card nor number.
    Why[4] {
        /// Left behind or lost.
        Lost = "lost", "カードも番号も持ち出せなかった", "card and number were left behind";
        /// Reader, line or power is down.
        Down = "down", "カードリーダー・回線・電気が使えない", "reader, line or power is down";
        /// The person cannot handle it.
        Unable = "unable", "暗証番号・顔認証が使えない", "neither PIN nor face can be used";
        /// Carried in.
        Carried = "carried-in", "搬送されてきた(家族・付き添いの話)", "brought in; others say who it is";
    }
}

/// What is searched, where and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Search {
    /// What is said of the person.
    pub said: Attributes,
    /// Where the person is.
    pub place: Place,
    /// Why there is neither card nor number.
    pub why: Why,
}

/// Identifier of a search; known only to the facility that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchId([u8; 16]);

impl SearchId {
    /// A new one.
    #[must_use]
    pub fn random(rng: &dyn kernel::id::Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
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

/// Minutes for which candidates can be confirmed.
pub const SEARCH_MINUTES: i64 = 15;
/// Wrong answers that close a search.
pub const WRONG_MAX: i64 = 2;

/// A candidate as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How sure it is.
    pub grade: Grade,
    /// What agrees.
    pub agrees_ja: String,
    /// The same in English.
    pub agrees_en: String,
    /// First kana of family and given name: `タ… サ…`.
    pub initials: String,
    /// Years.
    pub age: i16,
    /// City, town or village; empty when the address has none.
    pub municipality: String,
}

impl Candidate {
    /// What of a person may be shown to somebody who has not confirmed who they are.
    #[must_use]
    pub fn masked(
        grade: Grade,
        agreement: Agreement,
        profile: &registry::model::Profile,
        today: kernel::time::JstDate,
    ) -> Self {
        let initials: Vec<String> = profile
            .kana
            .split([' ', '\u{3000}'])
            .filter(|part| !part.is_empty())
            .map(registry::names::initial)
            .collect();
        Self {
            grade,
            agrees_ja: agreement.ja(),
            agrees_en: agreement.en(),
            initials: initials.join(" "),
            age: profile.birth.age_on(today),
            municipality: registry::names::shown_municipality(&profile.address).unwrap_or_default(),
        }
    }
}

/// A search with what it led to.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Identifier.
    pub id: SearchId,
    /// When.
    pub at: Timestamp,
    /// Wrong answers so far.
    pub wrong: i64,
    /// Confirmed or closed.
    pub is_over: bool,
    /// Who, in the order in which they are shown.
    pub candidates: Vec<(PersonId, Candidate)>,
}

impl Found {
    /// Can a candidate still be confirmed?
    #[must_use]
    pub const fn is_open(&self, at: Timestamp) -> bool {
        !self.is_over
            && self.wrong < WRONG_MAX
            && at.micros() < self.at.plus_seconds(SEARCH_MINUTES * 60).micros()
    }
}

/// What the person answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// House number (番地・号).
    House(String),
    /// Insurer of the workplace.
    Insurer(String),
}
