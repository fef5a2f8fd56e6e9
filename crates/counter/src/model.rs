//! The copy that is held, and what was done with it.

use eligibility::snapshot::{
    api::WireNumber,
    model::{ActId, Patient, Reference},
    shown::Shown,
};
use kernel::{
    Entry,
    time::{JstDate, Timestamp},
};
use registry::model::{Coverage, InsuredKey};

/// The copy that is held whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub number: i64,
    /// When the platform made it.
    pub made_at: Timestamp,
    /// First instant at which it is no longer used.
    pub good_until: Timestamp,
    /// Days back within which people in it came.
    pub days: i64,
    /// How many people are in it.
    pub patients: i64,
    /// When it came.
    pub came_at: Timestamp,
}

/// Who is asked about.
#[derive(Clone, PartialEq, Eq)]
pub enum Asked {
    /// By the number on a certificate.
    Number(InsuredKey),
    /// By name in kana and date of birth: own patients only.
    Name {
        /// Folded as it is compared.
        kana: String,
        /// Date of birth.
        birth: JstDate,
    },
}

impl Asked {
    /// Text that differs for whoever is asked about.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Number(key) => {
                let number = to_wire(key);
                let parts = [
                    number.insurer_number,
                    number.symbol,
                    number.number,
                    number.branch,
                    number.birth_date,
                ];
                parts.join("\n")
            }
            Self::Name { kana, birth } => format!("{kana}\n{birth}"),
        }
    }
}

/// A number as it travels.
#[must_use]
pub fn to_wire(key: &InsuredKey) -> WireNumber {
    WireNumber {
        insurer_number: key.insurer_number.as_str().to_owned(),
        symbol: key.symbol.as_str().to_owned(),
        number: key.person_number.as_str().to_owned(),
        branch: key.branch.as_ref().map_or("", |b| b.as_str()).to_owned(),
        birth_date: key
            .birth
            .map_or_else(String::new, |birth| birth.to_string()),
    }
}

/// Who an act was about, as it is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A patient of the copy.
    Patient(Reference),
    /// Somebody who was not in it.
    Number(WireNumber),
}

/// A check without the platform, as it is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its key.
    pub id: ActId,
    /// When.
    pub at: Timestamp,
    /// Who of the staff.
    pub by: String,
    /// About whom.
    pub about: About,
    /// Their name, when they were in the copy; for the facility's own list.
    pub name: String,
    /// What was shown.
    pub shown: Shown,
}

/// What was found without the platform; it is noted, to be settled when the line is back.
#[derive(Clone, PartialEq, Eq)]
pub struct Offline {
    /// The copy that was asked; `None`: there was none.
    pub held: Option<Held>,
    /// Who it is, when they are in the copy.
    pub patient: Option<Patient>,
    /// The coverage that holds as far as the copy knows, or why nothing can be said.
    pub judged: Result<Coverage, &'static Entry>,
}

/// How an act was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// When.
    pub at: Timestamp,
    /// What holds; empty when nothing can be said.
    pub now: Shown,
    /// The code of why nothing can be said.
    pub code: Option<String>,
}

/// An act with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The act.
    pub act: Act,
    /// How it was settled; `None`: it waits for the line.
    pub settled: Option<Settled>,
    /// Who marked it as dealt with, and when.
    pub done: Option<(Timestamp, String)>,
}
