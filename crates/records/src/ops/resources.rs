//! The entries of a view as the FHIR resources that their senders registered, to the digit.
//!
//! The same view, the same consent, the same flags and hiding: an entry that is not in
//! [`view::shared`] has no resource either. Prescriptions come out of documents, and of them what
//! the view shows.

use std::collections::{BTreeMap, BTreeSet};

use access::consent::Category;
use fhir::json::Document;
use kernel::{
    hex,
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use registry::merge;
use store::{Call, Stop, StoreError};

use super::view;
use crate::{documents::ops as documents, model::Item, store as table};

/// Longest document, as it is registered at most.
const BYTES_MAX: usize = 16 << 20;
const BAD: StoreError = StoreError::Corrupt("a document");

/// A resource of the shared record.
#[derive(Clone)]
pub struct Shown {
    /// The key of its entry: its logical id here.
    pub key: [u8; 32],
    /// When it was registered.
    pub at: Timestamp,
    /// The resource as JSON; its patient is `Patient/{patient}`.
    pub text: String,
}

/// The types of which the shared record consists.
pub const TYPES: [&str; 4] = [
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "Observation",
];

fn is_of(category: Category, kind: &str) -> bool {
    match category {
        Category::Allergies | Category::Contraindications => kind == "AllergyIntolerance",
        Category::Conditions => kind == "Condition",
        Category::Laboratory | Category::Infections => kind == "Observation",
        Category::Prescriptions => kind == "MedicationRequest",
        _ => false,
    }
}

/// The resources of one type that a facility may see now, newest registration first. Their
/// patient is named as the caller names them.
///
/// # Errors
/// Those of [`view::shared`].
pub fn resources(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
    kind: &str,
    patient: &str,
) -> Result<Vec<Shown>, Stop> {
    let seen = view::shared(call, person, facility)?;
    let items = seen.items.into_iter();
    let items = items.filter(|item| is_of(item.category, kind));
    if kind == "MedicationRequest" {
        return prescribed(call, person, items.collect(), patient);
    }
    let mut wanted: BTreeMap<[u8; 32], Item> = items
        .filter(|item| !item.identifier.is_empty())
        .map(|item| (item.keys.entry, item))
        .collect();
    let mut found = Vec::new();
    for one in std::iter::once(person).chain(merge::joined(call, person)?) {
        for bundle in table::bundles(call, one, table::BUNDLES_MAX)? {
            let mut keys = bundle.items.iter().map(|item| item.keys.entry);
            if !keys.any(|key| wanted.contains_key(&key)) {
                continue;
            }
            let document = table::document(call, one, &bundle.member, &bundle.identifier)?;
            let document = document.ok_or(BAD)?;
            let bytes = zstd::bulk::decompress(&document, BYTES_MAX).map_err(|_| BAD)?;
            take(&bytes, &bundle.items, patient, &mut wanted, &mut found)?;
        }
    }
    found.sort_by_key(|shown| std::cmp::Reverse(shown.at));
    Ok(found)
}

fn take(
    bytes: &[u8],
    items: &[Item],
    patient: &str,
    wanted: &mut BTreeMap<[u8; 32], Item>,
    found: &mut Vec<Shown>,
) -> Result<(), StoreError> {
    let document = Document::parse(bytes).map_err(|_| BAD)?;
    let mut entries = document.root().list("entry");
    let whose = entries.next().and_then(|first| first.str("fullUrl"));
    let whose = whose.ok_or(BAD)?;
    for entry in entries {
        let Some(resource) = entry.get("resource") else {
            continue;
        };
        let is = |item: &&Item| {
            resource
                .list("identifier")
                .any(|identifier| identifier.str("value") == Some(item.identifier.as_str()))
        };
        let Some(item) = items.iter().find(is) else {
            continue;
        };
        if wanted.remove(&item.keys.entry).is_none() {
            continue;
        }
        // The address inside the document is a random one, so it stands for nothing else.
        let text = resource.to_compact();
        found.push(Shown {
            key: item.keys.entry,
            at: item.provenance.registered_at,
            text: text.replace(whose, &format!("Patient/{patient}")),
        });
    }
    Ok(())
}

/// Prescriptions out of their documents. One that its sender repeats in another document under
/// the same identifier is one; drugs without an identifier that are called the same are told
/// apart by their place.
fn prescribed(
    call: &Call<'_>,
    person: PersonId,
    wanted: Vec<Item>,
    patient: &str,
) -> Result<Vec<Shown>, Stop> {
    let mut found: Vec<Shown> = Vec::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let wanted: BTreeSet<[u8; 32]> = wanted.iter().map(|item| item.keys.entry).collect();
    for document in documents::prescribing(call, person)? {
        let mut here: BTreeMap<[u8; 32], u64> = BTreeMap::new();
        for order in documents::orders(call, &document, patient)? {
            let Some(item) = view::prescription(call, order.prescribed) else {
                continue;
            };
            let entry = item.keys.entry;
            if !wanted.contains(&entry) {
                continue;
            }
            let count = here.entry(entry).or_insert(0);
            let key = match *count {
                0 => entry,
                again => call.directory_key(
                    "record-entry-again",
                    &[&hex::encode(&entry), &again.to_string()],
                ),
            };
            *count = count.saturating_add(1);
            if found.iter().any(|shown| shown.key == key) {
                continue;
            }
            found.push(Shown {
                key,
                at: item.provenance.registered_at,
                text: order.text,
            });
        }
    }
    Ok(found)
}
