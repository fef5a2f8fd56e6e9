//! The entries of a view as the FHIR resources that their senders registered, to the digit.
//!
//! The same view, the same consent, the same flags and hiding: an entry that is not in
//! [`view::shared`] has no resource either.

use std::collections::BTreeMap;

use access::consent::Category;
use fhir::json::Document;
use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use registry::merge;
use store::{Call, Stop, StoreError};

use super::view;
use crate::{model::Item, store as table};

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

/// The types of which the shared record consists, as far as they are sent by themselves.
pub const TYPES: [&str; 3] = ["AllergyIntolerance", "Condition", "Observation"];

fn is_of(category: Category, kind: &str) -> bool {
    match category {
        Category::Allergies | Category::Contraindications => kind == "AllergyIntolerance",
        Category::Conditions => kind == "Condition",
        Category::Laboratory | Category::Infections => kind == "Observation",
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
    let mut wanted: BTreeMap<[u8; 32], Item> = seen
        .items
        .into_iter()
        .filter(|item| is_of(item.category, kind) && !item.identifier.is_empty())
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
