//! The end of what is kept: what no view may ever show again is removed.
//!
//! A job looks at those whose turn it is, one person an operation, each with a record on their
//! chain. It may be cut off anywhere: whoever was not reached is still due.

use access::Gate;
use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use store::{Call, Stop, caller::Event};

use crate::{
    documents,
    model::{Checked, Item},
    rules::retention::{self, TERMS},
    store::{self as table, Bundle, due},
};

/// Audit event of the expiry of a person's entries.
pub static EXPIRE: Event = Event {
    code: "records.expire",
    ja: "保存期間を過ぎた診療情報の削除",
    en: "information past its time removed",
};

/// People of one round.
const ROUND_MAX: i64 = 64;
/// Documents of a person that are held in memory at once, far beyond what a life holds.
const BUNDLES_MAX: i64 = 20_000;
/// Hours until somebody whose information could not be gone through is tried again.
const AGAIN_HOURS: i64 = 24;

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Entries that are gone.
    pub entries: usize,
    /// Documents of which nothing was left, gone with their exact bytes.
    pub documents: usize,
}

/// Removes what is past its time of an opened and locked person, and notes when their turn
/// comes again.
///
/// # Errors
/// [`store::StoreError`].
pub(crate) fn sweep(call: &Call<'_>, person: PersonId) -> Result<Expired, Stop> {
    let mut bundles = table::bundles(call, person, BUNDLES_MAX)?;
    let count = |bundles: &[Bundle]| bundles.iter().map(|b| b.items.len()).sum::<usize>();
    let before = count(&bundles);
    let changed = retention::expire(TERMS, &mut bundles, |b| &mut b.items, call.at());
    let mut done = Expired {
        entries: before.saturating_sub(count(&bundles)),
        documents: 0,
    };
    for (bundle, _) in bundles.iter().zip(changed).filter(|(_, is)| *is) {
        if bundle.items.is_empty() {
            table::drop(call, person, &bundle.member, &bundle.identifier)?;
            done.documents = done.documents.saturating_add(1);
        } else {
            table::rewrite(call, person, bundle)?;
        }
    }
    let today = call.at().jst_date();
    let ended = documents::ops::expire(call, person, today)?;
    done.documents = done.documents.saturating_add(ended);
    let left = bundles.iter().flat_map(|bundle| &bundle.items);
    let entries = retention::next(TERMS, left, call.at());
    let ends = documents::store::all(call, person)?.into_iter();
    let ends = ends.map(|one| documents::rules::kept_until(one.kind, one.registered_at));
    let texts = ends.filter(|end| *end > today).min().map(JstDate::start);
    due::set(call, person, entries.into_iter().chain(texts).min())?;
    Ok(done)
}

/// The same as an operation of the job.
///
/// # Errors
/// `TSK-STO-001` for somebody who is not there any more; the store's.
pub fn expire(call: &mut Call<'_>, person: PersonId) -> Result<Expired, Stop> {
    call.lock(person)?;
    let done = sweep(call, person)?;
    call.detail("removed", done.entries.to_string());
    call.detail("documents", done.documents.to_string());
    Ok(done)
}

/// Goes through some of those whose turn it is, until `is_stopping`. Was there anybody?
///
/// # Errors
/// The store's; what was done stays done.
pub fn round(gate: &Gate, is_stopping: &dyn Fn() -> bool) -> Result<bool, Stop> {
    let turn = gate.look_up(|call| Ok(due::due(call, ROUND_MAX)?)).wait()?;
    for person in &turn {
        if is_stopping() {
            break;
        }
        let person = *person;
        let intent = gate.job_intent("retention", &EXPIRE);
        let Err(why) = gate.write(intent, move |call| expire(call, person)).wait() else {
            continue;
        };
        // Nobody stands in the way of all who come after: who was erased is due no more, and
        // whoever cannot be read is looked at again tomorrow.
        let is_gone = matches!(&why, Stop::Refused(refusal) if refusal.entry.status == 404);
        if !is_gone {
            tracing::error!(?why, "a person's information could not be gone through");
        }
        let intent = gate.job_intent("retention", &EXPIRE);
        gate.write(intent, move |call| {
            let again = call.at().plus_hours(AGAIN_HOURS);
            Ok(due::set(call, person, (!is_gone).then_some(again))?)
        })
        .wait()?;
    }
    Ok(!turn.is_empty())
}

/// Before something is taken back or replaced: what had ended by then is gone, so that it never
/// returns as one of the last of its item.
pub(crate) fn settle(call: &Call<'_>, person: PersonId) -> Result<(), Stop> {
    if has_ended(call, person, "Observation")? {
        sweep(call, person)?;
    }
    Ok(())
}

/// After something was registered: when its turn comes, and at once if it may push out what
/// stayed as one of the last.
pub(crate) fn schedule(call: &Call<'_>, person: PersonId, checked: &Checked) -> Result<(), Stop> {
    let dated = |item: &Item| Item {
        provenance: crate::model::Provenance {
            registered_at: call.at(),
            ..item.provenance.clone()
        },
        ..item.clone()
    };
    let items: Vec<Item> = checked.items.iter().map(dated).collect();
    let ends = retention::next(TERMS, &items, call.at());
    let now = has_ended(call, person, checked.kind)?.then(|| call.at());
    if let Some(at) = [ends, now].into_iter().flatten().min() {
        due::sooner(call, person, at)?;
    }
    Ok(())
}

/// After a document was registered: when its turn comes.
pub(crate) fn schedule_document(
    call: &Call<'_>,
    person: PersonId,
    end: JstDate,
) -> Result<(), Stop> {
    Ok(due::sooner(call, person, end.start())?)
}

/// Has a document of a kind of which the last stay outlived its time?
fn has_ended(call: &Call<'_>, person: PersonId, kind: &str) -> Result<bool, Stop> {
    if kind != "Observation" {
        return Ok(false);
    }
    let oldest: Option<Timestamp> = table::oldest(call, person, kind)?;
    let ends = oldest.and_then(|at| {
        let category = access::consent::Category::Laboratory;
        retention::end(TERMS, category, false, at.jst_date())
    });
    Ok(ends.is_some_and(|end| end <= call.at().jst_date()))
}
