//! What a person hides from facilities, and shows again (隠す・また見せる).

use access::policy::{self, Action, Class, Facts};
use kernel::id::PersonId;
use registry::merge;
use store::{Call, Stop, caller::Event};

use crate::{
    errors,
    model::Item,
    ops::view,
    store::hidden::{self, HIDDEN_MAX, Hidden},
};

/// Audit event of hiding.
pub static HIDE: Event = Event {
    code: "records.hide",
    ja: "診療情報を医療機関に見せない設定",
    en: "entry hidden from facilities",
};
/// Audit event of showing again.
pub static UNHIDE: Event = Event {
    code: "records.unhide",
    ja: "診療情報を医療機関に見せる設定",
    en: "entry shown to facilities again",
};

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// This entry.
    Entry,
    /// Everything in the document that holds it, such as one report.
    Document,
}

/// The person, or who acts for them within their scope, hides an entry that they can see.
///
/// # Errors
/// `TSK-REC-009`, `TSK-REC-010`; `TSK-ACC-003`, `TSK-ACC-071`; the store's.
pub fn hide(
    call: &mut Call<'_>,
    person: PersonId,
    entry: &[u8; 32],
    part: Part,
) -> Result<(), Stop> {
    let item = choose(call, person, entry)?;
    let mut before = Hidden::default();
    hidden::load(call, person, &mut before)?;
    let most = usize::try_from(HIDDEN_MAX).unwrap_or(usize::MAX);
    if before.len() >= most {
        return Err(Stop::from(&errors::HIDDEN_TOO_MANY));
    }
    hidden::put(call, person, &item.keys, part == Part::Document)?;
    Ok(())
}

/// Shows again what was hidden in the same way.
///
/// # Errors
/// As [`hide`].
pub fn unhide(
    call: &mut Call<'_>,
    person: PersonId,
    entry: &[u8; 32],
    part: Part,
) -> Result<(), Stop> {
    let item = choose(call, person, entry)?;
    for one in std::iter::once(person).chain(merge::joined(call, person)?) {
        hidden::drop(call, one, &item.keys, part == Part::Document)?;
    }
    Ok(())
}

/// An entry of one's own view, locked for the choice about it.
fn choose(call: &mut Call<'_>, person: PersonId, entry: &[u8; 32]) -> Result<Item, Stop> {
    let facts = Facts::about(call, person, Class::Consent, Action::Write)?;
    policy::require(call, Class::Consent, Action::Write, facts)?;
    merge::lock(call, person)?;
    let own = view::own(call, person)?;
    let found = own.items.into_iter().find(|i| i.keys.entry == *entry);
    let item = found.ok_or_else(|| Stop::from(&errors::ENTRY_UNKNOWN))?;
    call.detail("categories", item.category.word());
    Ok(item)
}
