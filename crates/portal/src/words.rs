//! The words in which a person reads their history: events, roles, purposes, categories and
//! the reasons of refusals.

mod carried;
mod coverage;
mod desk;
mod events;
mod letters;
mod visits;

use access::consent::Category;
use kernel::Text;
use store::caller::{Purpose, Role};
use web::ui::Lang;

use carried::CARRIED;
use coverage::COVERAGE;
use desk::DESK;
use events::EVENTS;
use letters::LETTERS;
use visits::VISITS;

/// What kind of act an event is; it decides how its outcome is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody saw, or tried to see, something.
    Look,
    /// Something was done or changed.
    Act,
}

/// An event in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The event's code.
    pub code: &'static str,
    /// What kind of act.
    pub kind: Kind,
    /// What happened.
    pub text: Text,
    /// What is seen in such an act; empty when its record names it or there is nothing.
    pub object: Text,
}

const fn look(
    code: &'static str,
    ja: &'static str,
    en: &'static str,
    object_ja: &'static str,
    object_en: &'static str,
) -> Words {
    Words {
        code,
        kind: Kind::Look,
        text: Text { ja, en },
        object: Text {
            ja: object_ja,
            en: object_en,
        },
    }
}

const fn act(code: &'static str, ja: &'static str, en: &'static str) -> Words {
    Words {
        code,
        kind: Kind::Act,
        text: Text { ja, en },
        object: Text { ja: "", en: "" },
    }
}

/// The words of an event, if it has any.
#[must_use]
pub fn event(code: &str) -> Option<&'static Words> {
    events().find(|words| words.code == code)
}

/// The words of every event.
pub fn events() -> impl Iterator<Item = &'static Words> {
    let parts = [EVENTS, CARRIED, COVERAGE, VISITS, LETTERS, DESK];
    parts.into_iter().flatten()
}

/// A role as the record names it; the word itself when it is unknown.
#[must_use]
pub fn role(lang: Lang, word: &str) -> String {
    let Some(role) = Role::parse(word) else {
        return word.to_owned();
    };
    let en = match role {
        Role::Doctor => "doctor",
        Role::Dentist => "dentist",
        Role::Pharmacist => "pharmacist",
        Role::Nurse => "nurse",
        Role::Technologist => "technologist",
        Role::Therapist => "therapist",
        Role::Clerk => "reception",
        Role::AmbulanceCrew => "ambulance crew",
        Role::Insurer => "insurer",
        Role::Municipality => "town",
        Role::Registrar => "registrar",
        Role::Administrator => "administrator",
        Role::SafetyOfficer => "safety officer",
        Role::VendorSupport => "maintenance vendor",
        Role::System => "the facility's system",
        Role::Patient => "you",
        Role::Proxy => "your proxy",
        Role::Job => "automatic",
        Role::Anonymous => "not logged in",
    };
    lang.pick(role.ja(), en).to_owned()
}

/// A purpose as the record names it; the word itself when it is unknown.
#[must_use]
pub fn purpose(lang: Lang, word: &str) -> String {
    let Some(purpose) = Purpose::parse(word) else {
        return word.to_owned();
    };
    let en = match purpose {
        Purpose::Eligibility => "verification at the reception",
        Purpose::Treatment => "treatment",
        Purpose::Registration => "registration of a record",
        Purpose::Intake => "registration of coverage",
        Purpose::Disaster => "verification in a disaster",
        Purpose::Emergency => "emergency care",
        Purpose::OwnAccess => "your own look",
        Purpose::Operation => "operation of the service",
        Purpose::Support => "maintenance",
    };
    lang.pick(purpose.ja(), en).to_owned()
}

/// A category of shared information.
#[must_use]
pub const fn category(lang: Lang, category: Category) -> &'static str {
    let en = match category {
        Category::Conditions => "conditions",
        Category::Allergies => "allergies",
        Category::Contraindications => "drug contraindications",
        Category::Laboratory => "laboratory results",
        Category::Infections => "infections",
        Category::Medications => "medicines",
        Category::CareHistory => "care received",
        Category::Surgery => "operations",
        Category::Checkups => "health checkups",
        Category::Prescriptions => "prescriptions and dispensing",
    };
    lang.pick(category.ja(), en)
}

/// Why a look was refused, said to the person whom it concerns; `None` when the catalogue's
/// own words do.
#[must_use]
pub fn refused(lang: Lang, code: &str) -> Option<&'static str> {
    let (ja, en) = match code {
        "TSK-CNS-001" => ("あなたの同意がなかったためです。", "You had not consented."),
        "TSK-CNS-002" => (
            "あなたの同意の期間(24時間)が過ぎていたためです。",
            "Your consent had run out after 24 hours.",
        ),
        "TSK-CNS-003" => (
            "あなたが同意を取り消していたためです。",
            "You had withdrawn your consent.",
        ),
        "TSK-CNS-005" => (
            "カードでの本人確認をしていなかったためです。",
            "Your card had not been checked.",
        ),
        "TSK-ELG-005" | "TSK-ELG-006" | "TSK-ELG-007" => (
            "確認した日に有効な資格ではなかったためです。",
            "The coverage was not valid on that date.",
        ),
        "TSK-ACC-003" => (
            "閲覧する権限がない職員だったためです。",
            "The member of staff had no right to it.",
        ),
        _ => return None,
    };
    Some(lang.pick(ja, en))
}
