//! Who sees what, and how long what is kept.

use std::collections::BTreeMap;

use access::consent::Category;
use kernel::time::Timestamp;

use crate::model::{Flags, Item, What};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Staff of another facility, within consent.
    Facility,
    /// The person themself.
    Patient,
}

/// May a viewer see an entry with these flags?
///
/// Source: clins-documents section b: UNINFORMED is hidden in the patient's portal while
/// facilities see it, marked; UNDELIVERED goes to neither.
#[must_use]
pub const fn is_visible(flags: Flags, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Facility => !flags.undelivered,
        Viewer::Patient => !flags.undelivered && !flags.uninformed,
    }
}

/// Years for which conditions, allergies and infections are kept after registration.
const YEARS: i16 = 5;
/// Laboratory results are kept a year, and always the last so many of each item.
const LAB_YEARS: i16 = 1;
const LAB_LAST: usize = 3;

/// Leaves out what is past its time at `at`.
///
/// Source: clins-documents section b: five years counted from registration in the service
/// for conditions, infections and allergies, LTS longer; laboratory results one year or the
/// last three.
#[must_use]
pub fn kept(items: Vec<Item>, at: Timestamp) -> Vec<Item> {
    let today = at.jst_date();
    let mut newest: BTreeMap<String, Vec<kernel::time::JstDate>> = BTreeMap::new();
    for item in &items {
        if let (Category::Laboratory, What::Lab(lab)) = (item.category, &item.what) {
            newest.entry(lab.key.clone()).or_default().push(lab.on);
        }
    }
    for dates in newest.values_mut() {
        dates.sort_unstable_by(|a, b| b.cmp(a));
        dates.dedup();
        dates.truncate(LAB_LAST);
    }
    let is_kept = |item: &Item| {
        let registered = item.provenance.registered_at.jst_date();
        if item.flags.long_term {
            return true;
        }
        match (&item.category, &item.what) {
            (Category::Laboratory, What::Lab(lab)) => {
                today < registered.plus_years(LAB_YEARS)
                    || newest.get(&lab.key).is_some_and(|d| d.contains(&lab.on))
            }
            _ => today < registered.plus_years(YEARS),
        }
    };
    items.into_iter().filter(is_kept).collect()
}
