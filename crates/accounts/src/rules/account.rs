//! Which accounts may be opened, and which rights take two people.
//!
//! Source: identity-security AUTHZ-02 (administrators by name, four eyes), AUTH-08 (personal accounts only), Q&A 企Q-44 (no shared ids).

use kernel::time::{JstDate, Timestamp};
use store::caller::Role;

use crate::model::Grant;

/// Hours in which a request for rights has to be decided.
pub const GRANT_HOURS: i64 = 72;

/// Roles that nobody gives alone: they change rights, see what staff do, or come from outside.
#[must_use]
pub const fn is_elevated(role: Role) -> bool {
    matches!(
        role,
        Role::Administrator | Role::SafetyOfficer | Role::VendorSupport
    )
}

/// Is nothing decided yet, and is there still time?
#[must_use]
pub fn is_pending(grant: &Grant, at: Timestamp) -> bool {
    grant.decided.is_none() && at < grant.asked_at.plus_hours(GRANT_HOURS)
}

/// Words that name a post or a place, never a person.
const SHARED: [&str; 44] = [
    "nurse",
    "doctor",
    "clerk",
    "staff",
    "reception",
    "admin",
    "administrator",
    "user",
    "test",
    "guest",
    "shared",
    "common",
    "office",
    "clinic",
    "hospital",
    "pharmacy",
    "pharmacist",
    "ward",
    "system",
    "root",
    "temp",
    "desk",
    "counter",
    "medical",
    "support",
    "vendor",
    "共用",
    "共通",
    "共有",
    "受付",
    "看護師",
    "看護",
    "医師",
    "事務",
    "薬局",
    "薬剤師",
    "病棟",
    "職員",
    "当直",
    "外来",
    "管理者",
    "窓口",
    "医局",
    "検査室",
];

/// Does this name a post, a place or everybody instead of one person: `nurse`,
/// `reception1`, `共用端末`, `２階病棟`?
#[must_use]
pub fn is_shared_name(name: &str) -> bool {
    let name = kernel::code::half_width(name).to_lowercase();
    // What comes behind `@` is the facility's own.
    let name = name.split('@').next().unwrap_or_default();
    if !name.is_ascii()
        && ["共用", "共通", "共有"]
            .iter()
            .any(|word| name.contains(word))
    {
        return true;
    }
    let letters = |part: &str| {
        part.chars()
            .filter(|c| c.is_alphabetic())
            .collect::<String>()
            .trim_start_matches('階')
            .to_owned()
    };
    // `nurse1` and `nurse-2a` are posts, `nurse.tanaka` and `admin.sato` name a person beside it.
    let parts: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(letters)
        .filter(|part| part.chars().count() > 1 || !part.is_ascii())
        .collect();
    let is_word = |part: &String| SHARED.iter().any(|word| is_post(part, word));
    // A number alone is no post: personnel numbers are log-in names.
    !parts.is_empty() && parts.iter().all(is_word)
}

/// Is it the word alone, or the word with what makes it a place or a group: 受付端末, 病棟用,
/// 看護師全員?
fn is_post(part: &str, word: &str) -> bool {
    const TAILS: [&str; 9] = ["", "端末", "用", "全員", "室", "係", "課", "部", "一同"];
    part.strip_prefix(word)
        .is_some_and(|tail| TAILS.contains(&tail))
}

/// The month that is reviewed on this date: `2026-11`.
#[must_use]
pub fn month(on: JstDate) -> String {
    format!("{:04}-{:02}", on.year(), on.month())
}

/// The Monday of the week of this date.
#[must_use]
pub fn monday(on: JstDate) -> JstDate {
    // 1970-01-05 was a Monday; `start` is midnight in Japan, nine hours before UTC's.
    let days = on.start().plus_hours(9).seconds().div_euclid(86_400);
    let behind = (days - 4).rem_euclid(7);
    on.plus_days(-i32::try_from(behind).unwrap_or_default())
}
