//! A doctor says of an old entry that it still holds, or no longer (確認・現在は該当しない).
//!
//! The entry stays as its sender registered it; what is said stands beside it, with who said
//! it, and the last word counts: a confirmation takes a retirement back.

use access::policy::{self, Action, Class, Facts, Need};
use kernel::id::PersonId;
use registry::merge;
use store::{
    Call, Stop,
    caller::{Event, Home},
};

use crate::{
    errors,
    model::{Standing, Verdict},
    ops::view,
    rules::stale,
    store::standing as table,
};

/// Audit event of confirming or retiring an entry.
pub static ASSERT: Event = Event {
    code: "records.assert",
    ja: "登録された診療情報の確認",
    en: "registered entry confirmed or retired",
};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 200;

/// What is said.
#[derive(Clone)]
pub struct Word {
    /// The entry, as the view gives it.
    pub entry: [u8; 32],
    /// Confirmed or retired.
    pub verdict: Verdict,
    /// Why; needed to retire.
    pub reason: String,
}

/// Keeps what the caller says about an entry that they can see at this visit.
///
/// # Errors
/// `TSK-REC-009`, `TSK-REC-011`, `TSK-REC-012`; those of [`view::shared`]; the store's.
pub fn assert(call: &mut Call<'_>, person: PersonId, home: &Home, word: &Word) -> Result<(), Stop> {
    merge::lock(call, person)?;
    let seen = view::shared(call, person, home.id)?;
    let mut items = seen.items.into_iter();
    let item = items
        .find(|item| item.keys.entry == word.entry)
        .ok_or_else(|| Stop::from(&errors::ENTRY_UNKNOWN))?;
    let facts = Facts::of(call.caller())
        .with(Need::Visit, true)
        .with(Need::Consent, true);
    policy::require(call, Class::from(item.category), Action::Write, facts)?;
    if !stale::is_askable(item.category) {
        return Err(Stop::from(&errors::ENTRY_FIXED));
    }
    let reason = word.reason.trim().to_owned();
    let length = reason.chars().count();
    let is_needed = word.verdict == Verdict::Retired;
    if is_needed && length == 0 || length > REASON_MAX || reason.chars().any(char::is_control) {
        return Err(Stop::from(&errors::REASON));
    }
    call.detail("verdict", word.verdict.word());
    let said = Standing {
        verdict: word.verdict,
        at: call.at(),
        facility: home.name.clone(),
        institution: home.code.clone(),
        by: call.caller().name().to_owned(),
        reason,
    };
    table::put(call, person, &item.keys, &said)?;
    Ok(())
}
