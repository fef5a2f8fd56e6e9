//! Seeing the shared record: a facility within consent, the person themself.

use access::{
    consent::{self, Category},
    errors as no,
    policy::{self, Action, Class, Facts, Need},
};
use fhir::clins::document::Quantity;
use kernel::id::{FacilityId, PersonId};
use registry::merge;
use store::{Call, Stop, caller::Purpose};

use super::{check::date, coding};
use crate::{
    documents::{model::Prescribed, ops as documents},
    model::{Certainty, Flags, Item, Keys, OwnView, Prescription, Provenance, SharedView, What},
    rules::{self, Viewer},
    store::{
        self as table,
        hidden::{self, Hidden},
        standing::{self, Standings},
    },
};

/// The six kinds of information: what facilities share from their records, and prescriptions
/// out of their documents.
pub(crate) const KINDS: [Category; 6] = [
    Category::Allergies,
    Category::Contraindications,
    Category::Conditions,
    Category::Infections,
    Category::Laboratory,
    Category::Prescriptions,
];

/// What the caller may see now of a person who has come to `facility`: the categories that the
/// person consented to, as far as the caller's role sees them at all. That the visit is this
/// facility's, whoever calls has found out.
///
/// # Errors
/// `TSK-CNS-001` to `TSK-CNS-003`; `TSK-ACC-003` when the consent covers nothing that the role
/// may see; the store's.
pub fn shared(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<SharedView, Stop> {
    merge::open(call, person)?;
    let ledger = consent::ledger(call, person)?;
    let mut open =
        consent::granted(&ledger, facility, Purpose::Treatment, call.at()).map_err(Stop::from)?;
    let closed = consent::closed_by_merged(call, person, facility, Purpose::Treatment)?;
    open.retain(|(category, _)| !closed.contains(category));
    if open.is_empty() {
        return Err(Stop::from(&no::CONSENT_WITHDRAWN));
    }
    open.retain(|(category, _)| KINDS.contains(category));
    if open.is_empty() {
        return Err(Stop::from(&no::CONSENT_NONE));
    }
    let facts = Facts::of(call.caller())
        .with(Need::Visit, true)
        .with(Need::Consent, true);
    let may = |category| policy::require(call, Class::from(category), Action::Read, facts);
    let decided: Vec<_> = open.iter().map(|(category, _)| may(*category)).collect();
    let mut permits = decided.iter().map(Result::is_ok);
    open.retain(|_| permits.next().unwrap_or(false));
    if open.is_empty() {
        decided.into_iter().collect::<Result<(), Stop>>()?;
    }
    let words: Vec<&str> = open.iter().map(|(category, _)| category.word()).collect();
    call.detail("categories", words.join(" "));
    let own = call.caller().home().map(|home| home.code.clone());
    let is_own = |item: &Item| own.as_deref() == Some(item.provenance.institution.as_str());
    let mut items = kept(call, person)?;
    items.retain(|item| {
        let viewer = if is_own(item) {
            Viewer::Sender
        } else {
            Viewer::Facility
        };
        let is_open = open.iter().any(|(category, _)| *category == item.category);
        is_open && rules::is_visible(item.flags, viewer)
    });
    // The sender has it in its own record anyway; nobody else sees more than that it exists.
    let mut hidden: Vec<(Category, usize)> = Vec::new();
    items.retain(|item| {
        let is_kept_back = item.is_hidden && !is_own(item);
        if is_kept_back {
            match hidden.iter_mut().find(|(c, _)| *c == item.category) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => hidden.push((item.category, 1)),
            }
        }
        !is_kept_back
    });
    call.detail("items", items.len().to_string());
    Ok(SharedView {
        open,
        items,
        hidden,
    })
}

/// What the person, or who acts for them, may see of them: without what a doctor has not told
/// them yet, and of a proxy without what the relation does not cover.
///
/// # Errors
/// `TSK-ACC-071` for a proxy who may see no category; `TSK-ACC-003` for anybody else; the
/// store's.
pub fn own(call: &mut Call<'_>, person: PersonId) -> Result<OwnView, Stop> {
    let mut categories = Vec::new();
    let mut refused = None;
    for category in KINDS {
        let class = Class::from(category);
        let facts = Facts::about(call, person, class, Action::Read)?;
        match policy::require(call, class, Action::Read, facts) {
            Ok(()) => categories.push(category),
            Err(Stop::Refused(why)) => refused = Some(why),
            Err(failed) => return Err(failed),
        }
    }
    if let Some(why) = refused.filter(|_| categories.is_empty()) {
        return Err(Stop::Refused(why));
    }
    merge::open(call, person)?;
    let mut items = kept(call, person)?;
    items.retain(|item| {
        categories.contains(&item.category) && rules::is_visible(item.flags, Viewer::Patient)
    });
    Ok(OwnView { items, categories })
}

/// A prescription out of a document, as an item; one without a day cannot be counted.
pub(super) fn prescription(call: &Call<'_>, from: Prescribed) -> Option<Item> {
    let Prescribed {
        drug,
        document,
        institution: (facility, institution),
        registered_at,
        ..
    } = from;
    let amount = |label: &str, one: &Option<Quantity>| {
        let one = one.as_ref()?;
        Some(format!(
            "{label}{}{}",
            one.number,
            one.unit.as_deref().unwrap_or_default()
        ))
    };
    let amounts = [
        amount("1回", &drug.dose),
        amount("1日", &drug.daily),
        amount("", &drug.days).or_else(|| amount("全量", &drug.total)),
    ];
    let mut item = Item {
        identifier: drug.identifier.clone().unwrap_or_default(),
        keys: Keys::default(),
        is_hidden: false,
        is_document_hidden: false,
        standing: None,
        category: Category::Prescriptions,
        flags: Flags {
            long_term: drug.flags.long_term,
            uninformed: drug.flags.uninformed,
            undelivered: drug.flags.undelivered,
        },
        certainty: Certainty::Stated,
        provenance: Provenance {
            facility,
            institution,
            department: drug.department.clone(),
            registered_at,
        },
        what: What::Prescription(Prescription {
            medicine: drug.text.clone(),
            code: drug.codes.first().map(|coding| coding.code.clone()),
            usage: drug.usage.clone(),
            amount: amounts.into_iter().flatten().collect::<Vec<_>>().join("・"),
            on: date(&drug.authored)?,
        }),
    };
    let from = item.provenance.institution.as_str();
    let document = table::document_key(call, from, &document.to_hex());
    item.keys = table::keys(call, &item, document);
    Some(item)
}

/// What is within its time, whoever may see it, with what the person and doctors said of it.
fn kept(call: &Call<'_>, person: PersonId) -> Result<Vec<Item>, Stop> {
    let mut items = Vec::new();
    let (mut hidden, mut standings) = (Hidden::default(), Standings::default());
    for one in std::iter::once(person).chain(merge::joined(call, person)?) {
        items.extend(table::items(call, one)?);
        hidden::load(call, one, &mut hidden)?;
        standing::load(call, one, &mut standings)?;
    }
    // What was taken back comes first: it must not count among the last results of an item.
    items.retain(|item| item.certainty != Certainty::Retracted);
    for prescribed in documents::prescriptions(call, person)? {
        items.extend(prescription(call, prescribed));
    }
    let mut items = rules::kept(items, call.at());
    coding::unite(call, &mut items)?;
    for item in &mut items {
        item.is_hidden = hidden.has(item);
        item.is_document_hidden = hidden.has_document(item);
        item.standing = standings.of(item).cloned();
    }
    Ok(items)
}
