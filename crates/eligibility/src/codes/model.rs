//! A visit code and what may become of it.

use kernel::{
    Secret,
    id::{ConsentId, FacilityId, Rng},
    time::Timestamp,
};
use registry::model::FacilityKind;

use crate::model::{CareClass, Method, VisitId};

/// Minutes for which a code at the counter or in a car holds, and any code at least.
pub const MINUTES: i64 = 15;
/// Hours for which any code holds at most.
pub const HOURS_MAX: i64 = 24;
/// Hours after the booked time in which an online consultation may begin late.
pub const LATE_HOURS: i64 = 2;
/// Digits of a code.
pub const DIGITS: usize = 8;
/// Most characters of a code's mark.
pub const LABEL_MAX: usize = 20;

/// For which way of coming a code is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The person waits in their car (発熱外来など).
    InCar,
    /// The facility's people are at the person's home (訪問診療・訪問看護).
    HomeVisit,
    /// An online consultation (オンライン診療).
    Online,
    /// At the counter, by the person's own phone.
    Counter,
}

impl Kind {
    /// Every kind, as the counter is offered them.
    pub const ALL: [Self; 4] = [Self::InCar, Self::HomeVisit, Self::Online, Self::Counter];

    /// The word in API and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InCar => "in-car",
            Self::HomeVisit => "home-visit",
            Self::Online => "online",
            Self::Counter => "counter",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::InCar => "車内などでお待ちの方",
            Self::HomeVisit => "訪問先の方",
            Self::Online => "オンライン診療の方",
            Self::Counter => "受付にいる方",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::InCar => "Waiting in the car",
            Self::HomeVisit => "Visited at home",
            Self::Online => "Online consultation",
            Self::Counter => "At the counter",
        }
    }

    /// How a person is identified who uses such a code.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::InCar => Method::CodeInCar,
            Self::HomeVisit => Method::CodeHome,
            Self::Online => Method::CodeOnline,
            Self::Counter => Method::CodeCounter,
        }
    }

    /// Of which kind the care is for which the code is made (診療区分).
    #[must_use]
    pub const fn care(self) -> CareClass {
        self.method().care(CareClass::Outpatient)
    }

    /// First instant at which a code made at `at` no longer holds. Only an online consultation
    /// has a booked time, and needs one; `None` when it does not fit.
    #[must_use]
    pub fn expires_at(self, at: Timestamp, booked: Option<Timestamp>) -> Option<Timestamp> {
        let soonest = at.plus_seconds(MINUTES * 60);
        let latest = at.plus_hours(HOURS_MAX);
        match (self, booked) {
            (Self::Online, Some(booked)) if at <= booked && booked <= latest => {
                Some(booked.plus_hours(LATE_HOURS).min(latest))
            }
            (Self::InCar | Self::Counter, None) => Some(soonest),
            // A day's round; a code of its last minutes still has its time.
            (Self::HomeVisit, None) => Some(at.jst_date().plus_days(1).start().max(soonest)),
            _ => None,
        }
    }
}

/// Identifier of a code, for the facility that made it; not the code itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeId([u8; 16]);

impl CodeId {
    /// A new one.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
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

/// The eight digits.
#[derive(Clone, Debug)]
pub struct Digits(Secret<String>);

impl Digits {
    /// New ones.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 8];
        rng.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes) % 10_u64.pow(8);
        Self(Secret::new(format!("{number:08}")))
    }

    /// As typed or scanned: eight digits, full-width ones as well, with white space and hyphens
    /// between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::new();
        for c in text.chars().take(4 * DIGITS) {
            match c {
                '0'..='9' => digits.push(c),
                '０'..='９' => {
                    let value = u32::from(c).checked_sub(u32::from('０'))?;
                    digits.push(char::from_digit(value, 10)?);
                }
                '-' | 'ー' | '－' | '‐' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
        }
        (digits.len() == DIGITS).then(|| Self(Secret::new(digits)))
    }

    /// The digits themselves.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// In two groups, as people read them out: 1234 5678.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (one, two) = self.reveal().split_at(self.reveal().len() / 2);
        format!("{one} {two}")
    }

    /// The path of the person's page.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/v/{}", self.reveal())
    }
}

/// What a code came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// When.
    pub at: Timestamp,
    /// The visit that it opened.
    pub visit: VisitId,
    /// What the person chose on the same page, when they did.
    pub consent: Option<ConsentId>,
}

/// A code of a facility.
#[derive(Clone, Debug)]
pub struct VisitCode {
    /// Identifier.
    pub id: CodeId,
    /// Whose.
    pub facility: FacilityId,
    /// For which way of coming.
    pub kind: Kind,
    /// When it was made.
    pub at: Timestamp,
    /// First instant at which it no longer holds.
    pub expires_at: Timestamp,
    /// The digits.
    pub digits: Digits,
    /// The counter's own mark: a parking place, a booking's number; empty for none.
    pub label: String,
    /// What it came to.
    pub used: Option<Used>,
}

/// How a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The person is awaited.
    Waiting,
    /// They are verified.
    Confirmed,
    /// Its time is over.
    Late,
}

impl State {
    /// The word in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Confirmed => "confirmed",
            Self::Late => "expired",
        }
    }
}

impl VisitCode {
    /// How it stands at `at`.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> State {
        match &self.used {
            Some(_) => State::Confirmed,
            None if at < self.expires_at => State::Waiting,
            None => State::Late,
        }
    }
}

/// What the person is told before they show who they are.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The code.
    pub id: CodeId,
    /// Who asks.
    pub facility: FacilityId,
    /// Its ten-digit code.
    pub facility_code: String,
    /// Its name.
    pub facility_name: String,
    /// What it is.
    pub facility_kind: FacilityKind,
    /// For which way of coming.
    pub kind: Kind,
    /// First instant at which the code no longer holds.
    pub expires_at: Timestamp,
}

impl Invitation {
    /// The terminal inside the challenge that the person's card signs: the facility by its
    /// code, and this code, so that the signature is worth nothing for another one.
    #[must_use]
    pub fn terminal(&self) -> String {
        format!("{}:{}", self.facility_code, self.id.to_hex())
    }
}
