//! Registering a document, replacing it, and changing it to a new version.

use access::{policy::Action, scope};
use fhir::clins::{MemberKind, document::DocumentKind};
use kernel::{
    code::{FacilityCode, InsurerNumber},
    id::{DocumentId, FacilityId, PersonId},
};
use registry::{merge, model::Profile, ops as people};
use store::{Call, Stop, caller::Home};

use super::common;
use crate::{
    documents::{
        errors as no,
        model::{Checked, Consent, Document, Head, Key, Oral, Registered, kind_word},
        rules,
        state::{Command, Next, Standing, State},
        store as table,
    },
    errors,
    exchange::post,
    ops::{
        expire,
        register::{self as shared, CREATE, Places, UPDATE},
    },
};

const PLACES: Places = Places {
    identifier: "Bundle.identifier.value",
    member: "Patient.identifier",
};
const BIRTH_DATE: &str = "Patient.birthDate";
const ADDRESSEE: &str = "Composition.section(910)";
const MARK: &str = "document-bytes";

/// Whom a document is about, and who gets it.
struct Sent<'c> {
    home: &'c Home,
    checked: &'c Checked,
    person: PersonId,
    profile: Profile,
    key: Key,
    mark: [u8; 32],
    reader: Option<(FacilityId, String, String)>,
    found: Option<Document>,
}

/// Registers a document. What stands under the same member and identifier is replaced, as long
/// as nobody has opened it; the very same bytes again change nothing. `oral` is the patient's
/// consent to a referral, when it was given already.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-006`, `TSK-REC-030`, `-031`, `-042` to `-044`, `-051`, `-052`; the
/// store's.
pub fn register(
    call: &mut Call<'_>,
    home: &Home,
    checked: &Checked,
    oral: Option<&Oral>,
) -> Result<Registered, Stop> {
    common::may(call, Action::Write, false)?;
    scope::require(call.caller(), CREATE)?;
    let sent = receive(call, home, checked)?;
    let by = call.caller().name();
    let consent = oral.map(|oral| rules::consent(oral, call.at(), by));
    let consent = consent.transpose().map_err(Stop::Refused)?;
    let Some(found) = sent.found.clone() else {
        return first(call, &sent, consent);
    };
    again(call, &sent, found, Command::Replace, consent)
}

/// Changes a document to a new version of its Composition; the earlier one is kept.
///
/// # Errors
/// As [`register`]; `TSK-REC-038`, `-039`, `-057`.
pub fn change(call: &mut Call<'_>, home: &Home, checked: &Checked) -> Result<Registered, Stop> {
    common::may(call, Action::Write, false)?;
    scope::require(call.caller(), UPDATE)?;
    let sent = receive(call, home, checked)?;
    match sent.found.clone() {
        Some(found) => again(call, &sent, found, Command::Change, None),
        None => Err(shared::no(&no::DOCUMENT_UNKNOWN, PLACES.identifier)),
    }
}

fn receive<'c>(
    call: &mut Call<'_>,
    home: &'c Home,
    checked: &'c Checked,
) -> Result<Sent<'c>, Stop> {
    call.detail("kind", kind_word(checked.kind));
    shared::own(home, checked.identifier.institution().as_str(), &PLACES)?;
    let person = shared::find(call, &checked.member, &PLACES)?;
    let joined = merge::lock(call, person)?;
    let profile = people::profile(call, person)?;
    if checked.birth != Some(profile.birth) {
        return Err(shared::no(&errors::PATIENT_OTHER, BIRTH_DATE));
    }
    let key = common::key_of(call, checked.member.as_str(), checked.identifier.value());
    let found = common::find(call, person, &joined, &key)?;
    if found.as_ref().is_some_and(|found| found.sender != home.id) {
        return Err(shared::no(&errors::INSTITUTION, PLACES.identifier));
    }
    Ok(Sent {
        home,
        checked,
        person,
        profile,
        mark: call.directory_key(MARK, &[&checked.source]),
        reader: reader(call, home, checked)?,
        key,
        found,
    })
}

/// Who may read it beside its sender and the patient.
fn reader(
    call: &Call<'_>,
    home: &Home,
    checked: &Checked,
) -> Result<Option<(FacilityId, String, String)>, Stop> {
    if let Some(code) = &checked.addressee {
        let unknown = || shared::no(&no::ADDRESSEE_UNKNOWN, ADDRESSEE);
        let code = FacilityCode::from_register(code).map_err(|_| unknown())?;
        let facility = people::facility_by_code(call, &code)?.ok_or_else(unknown)?;
        if facility.id == home.id {
            return Err(shared::no(&no::ADDRESSEE_SELF, ADDRESSEE));
        }
        let code = facility.code.as_str().to_owned();
        return Ok(Some((facility.id, facility.name, code)));
    }
    let member = &checked.member;
    if !checked.kind.is_checkup() || member.kind() != MemberKind::Insurance {
        return Ok(None);
    }
    // An insurer that does not take part here gets nothing here.
    let Ok(number) = InsurerNumber::from_register(member.insurer()) else {
        return Ok(None);
    };
    let insurer = people::insurer(call, &number)?;
    Ok(insurer.and_then(|one| Some((one.home?, one.name, number.as_str().to_owned()))))
}

fn first(
    call: &mut Call<'_>,
    sent: &Sent<'_>,
    consent: Option<Consent>,
) -> Result<Registered, Stop> {
    let standing = match (sent.checked.kind, &consent) {
        (DocumentKind::Referral, Some(_)) => Standing::Released,
        (DocumentKind::Referral, None) => Standing::Closed,
        (_, Some(_)) => return Err(Stop::from(&no::NO_ADDRESSEE)),
        (_, None) => Standing::Filed,
    };
    let document = Document {
        id: DocumentId::random(call.rng()),
        owner: sent.person,
        key: sent.key.clone(),
        kind: sent.checked.kind,
        sender: sent.home.id,
        reader: sent.reader.as_ref().map(|one| one.0),
        state: State::Stands(standing),
        version: 1,
        registered_at: call.at(),
        head: Head {
            card: sent.checked.card.clone(),
            sender: (sent.home.name.clone(), sent.home.code.clone()),
            reader: names(sent),
            mark: sent.mark,
            changed_at: None,
            consents: consent.into_iter().collect(),
            ..Head::default()
        },
    };
    common::note(call, document.id);
    table::put(call, &document)?;
    let end = rules::kept_until(document.kind, document.registered_at);
    expire::schedule_document(call, sent.person, end)?;
    write(call, sent, &document)?;
    Ok(registered(&document, false, false))
}

fn again(
    call: &mut Call<'_>,
    sent: &Sent<'_>,
    mut document: Document,
    command: Command,
    consent: Option<Consent>,
) -> Result<Registered, Stop> {
    common::note(call, document.id);
    // What an answer was lost for is sent again: the same bytes, the same answer.
    if document.state.stands() && document.head.mark == sent.mark {
        if consent.is_some() && document.state == State::Stands(Standing::Closed) {
            release(&mut document, consent);
            table::put(call, &document)?;
            post::post(call, &sent.profile, &document)?;
        }
        return Ok(registered(&document, true, true));
    }
    if document.kind != sent.checked.kind {
        return Err(shared::no(&no::KIND_OTHER, PLACES.identifier));
    }
    scope::require(call.caller(), UPDATE)?;
    if let Next::To(state) = common::next(&document, command)? {
        document.state = state;
    }
    let (later, earlier) = (&sent.checked.card.version, &document.head.card.version);
    if command == Command::Change && !rules::is_later(later, earlier) {
        let found = format!("{later} ({earlier})");
        let refusal = kernel::Refusal::at(&no::VERSION, "Composition.extension", &found);
        return Err(Stop::Refused(refusal));
    }
    let is_readdressed = readdress(call, sent, &mut document)?;
    if consent.is_some() {
        release(&mut document, consent);
    }
    // What was written to somebody else is nothing to the new addressee.
    if command == Command::Replace || is_readdressed {
        table::drop_texts(call, &document)?;
    }
    document.version = document.version.saturating_add(1);
    document.head.card = sent.checked.card.clone();
    document.head.mark = sent.mark;
    document.head.changed_at = Some(call.at());
    table::put(call, &document)?;
    write(call, sent, &document)?;
    Ok(registered(&document, true, false))
}

/// The patient consented to this addressee and to no other. Is it addressed to another now?
fn readdress(call: &Call<'_>, sent: &Sent<'_>, document: &mut Document) -> Result<bool, Stop> {
    let reader = sent.reader.as_ref().map(|one| one.0);
    let is_other = document.reader != reader;
    if is_other {
        if document.state.standing().was_opened() {
            return Err(shared::no(&no::ADDRESSEE_OTHER, ADDRESSEE));
        }
        post::withdraw(call, document)?;
        if document.state == State::Stands(Standing::Released) {
            document.state = State::Stands(Standing::Closed);
        }
        document.reader = reader;
    }
    document.head.reader = names(sent);
    Ok(is_other)
}

fn release(document: &mut Document, consent: Option<Consent>) {
    if document.state == State::Stands(Standing::Closed) {
        document.state = State::Stands(Standing::Released);
        document.head.consents.extend(consent);
    }
}

fn names(sent: &Sent<'_>) -> Option<(String, String)> {
    let (_, name, code) = sent.reader.as_ref()?;
    Some((name.clone(), code.clone()))
}

fn write(call: &mut Call<'_>, sent: &Sent<'_>, document: &Document) -> Result<(), Stop> {
    let checked = sent.checked;
    table::put_text(call, document, &checked.contents, &checked.compressed)?;
    call.detail("state", document.state.word());
    post::post(call, &sent.profile, document)?;
    Ok(())
}

const fn registered(document: &Document, replaced: bool, is_repeated: bool) -> Registered {
    Registered {
        id: document.id,
        replaced,
        is_repeated,
        state: document.state,
    }
}
