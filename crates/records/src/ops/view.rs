//! Seeing the shared record: a facility within consent, the person themself.

use access::consent;
use kernel::id::{FacilityId, PersonId};
use store::{Call, Stop};

use crate::{
    model::{Certainty, Item, SharedView},
    rules::{self, Viewer},
    store as table,
};

/// What `facility` may see now: exactly the categories that the person consented to.
///
/// # Errors
/// `TSK-CNS-001` to `TSK-CNS-003`; the store's.
pub fn shared(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<SharedView, Stop> {
    call.open(person)?;
    let ledger = consent::ledger(call, person)?;
    let open = consent::granted(&ledger, facility, call.at()).map_err(Stop::from)?;
    let words: Vec<&str> = open.iter().map(|(category, _)| category.word()).collect();
    call.detail("categories", words.join(" "));
    let mut items = visible(call, person, Viewer::Facility)?;
    items.retain(|item| open.iter().any(|(category, _)| *category == item.category));
    call.detail("items", items.len().to_string());
    Ok(SharedView { open, items })
}

/// What the person may see of themself: all, without what a doctor has not told them yet.
///
/// # Errors
/// The store's.
pub fn own(call: &mut Call<'_>, person: PersonId) -> Result<Vec<Item>, Stop> {
    call.open(person)?;
    visible(call, person, Viewer::Patient)
}

fn visible(call: &Call<'_>, person: PersonId, viewer: Viewer) -> Result<Vec<Item>, Stop> {
    let mut items = table::items(call, person)?;
    // What was taken back comes first: it must not count among the last results of an item.
    items.retain(|item| item.certainty != Certainty::Retracted);
    let mut items = rules::kept(items, call.at());
    items.retain(|item| rules::is_visible(item.flags, viewer));
    Ok(items)
}
