//! What the platform answered, as the page shows it. Fields that this program does not know
//! are of a newer platform and left out.

use kernel::time::JstDate;
use registry::model::Sex;
use serde::Deserialize;

/// A positive answer.
#[derive(Deserialize)]
pub(super) struct Answered {
    #[serde(default)]
    pub(super) validity: String,
    #[serde(default)]
    pub(super) validity_ja: String,
    pub(super) name: String,
    pub(super) kana: String,
    sex: String,
    birth_date: String,
    pub(super) insurer_name: String,
    pub(super) insurer_number: String,
    pub(super) symbol: String,
    pub(super) number: String,
    pub(super) branch: Option<String>,
    pub(super) copay_tenths: u8,
    pub(super) ceiling_class: Option<String>,
    #[serde(default)]
    pub(super) reasons: Vec<Reason>,
}

/// A remark.
#[derive(Deserialize)]
pub(super) struct Reason {
    pub(super) ja: String,
    pub(super) en: String,
}

impl Answered {
    pub(super) fn sex(&self) -> Sex {
        Sex::from_code(&self.sex)
    }

    pub(super) fn birth(&self) -> Option<JstDate> {
        JstDate::parse(&self.birth_date)
    }
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) cause_ja: String,
    pub(super) cause_en: String,
    pub(super) remedy_ja: String,
    pub(super) remedy_en: String,
}
