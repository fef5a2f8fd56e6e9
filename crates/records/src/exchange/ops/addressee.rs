//! The addressee: open a letter (which sends the receipt), read it, answer it.

use access::{policy::Action, scope};
use fhir::clins::document::DocumentKind;
use kernel::{Refusal, code::FacilityCode, id::DocumentId};
use registry::ops as people;
use store::{Call, Stop, caller::Home};

use super::common;
use crate::{
    documents::{
        errors as no,
        model::{Answer, Answered, Enclosed, File, Opened, Reading},
        ops::{self as documents, Held, key_of, next, save},
        redact::Viewer,
        state::{Command, Next, State},
    },
    exchange::model::Side,
    ops::{
        Target,
        register::{CREATE, READ},
    },
};

/// Longest text of an answer, in characters.
const TEXT_MAX: usize = 4_000;

/// Opens a letter. The first time its sender gets the receipt; of a version that came later
/// they see that it was read too. Again it changes nothing.
///
/// # Errors
/// `TSK-REC-040` for whoever it is not addressed to, and while the consent is not on record;
/// `TSK-REC-041`; the store's.
pub fn open(call: &mut Call<'_>, home: &Home, id: DocumentId) -> Result<State, Stop> {
    documents::may(call, Action::Read, true)?;
    scope::require(call.caller(), READ)?;
    let mut held = common::held(call, home.id, Side::Received, id, true)?;
    let before = held.document.state;
    if let Next::To(state) = next(&held.document, Command::Open)? {
        held.document.state = state;
    }
    let version = held.document.version;
    let seen = held.document.head.opened.as_ref().map(|one| one.version);
    if before == held.document.state && seen == Some(version) {
        return Ok(before);
    }
    let by = call.caller().name().to_owned();
    let opened = held.document.head.opened.get_or_insert(Opened {
        at: call.at(),
        by,
        version,
    });
    opened.version = version;
    save(call, &held)?;
    Ok(held.document.state)
}

fn to_read(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
) -> Result<Held, Stop> {
    documents::may(call, Action::Read, true)?;
    scope::require(call.caller(), READ)?;
    let mut held = common::held(call, home.id, Side::Received, id, false)?;
    // Closed is absent, cancelled says so.
    next(&held.document, Command::Open)?;
    let document = &held.document;
    let seen = document.head.opened.as_ref().map(|one| one.version);
    if seen != Some(document.version) {
        return Err(Stop::Refused(Refusal::at(
            &no::UNOPENED,
            "state",
            document.state.word(),
        )));
    }
    held.document = common::part(call, &held, part)?;
    Ok(held)
}

/// Reads a letter that was opened; `part` is a document that travels with it, `version` an
/// earlier text.
///
/// # Errors
/// As [`open`]; `TSK-REC-036` before it, or this version of it, was opened.
pub fn read(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
    version: Option<i64>,
) -> Result<Reading, Stop> {
    let held = to_read(call, home, id, part)?;
    documents::reading(call, &held, Viewer::Facility, version)
}

/// A file of it, with its bytes; `number` counts from 1.
///
/// # Errors
/// As [`read`]; `TSK-REC-056`.
pub fn read_file(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
    number: usize,
) -> Result<(File, Vec<u8>), Stop> {
    let held = to_read(call, home, id, part)?;
    documents::file(call, &held, Viewer::Facility, number)
}

/// Which of the own documents goes with an answer.
#[derive(Clone)]
pub enum Enclosure {
    /// By the parameters of commands.
    Named(Target),
    /// By its identifier in addresses.
    Listed(DocumentId),
}

/// The own facility's documents of a letter's person that can go with the answer, newest first:
/// all but letters, which are to somebody else.
///
/// # Errors
/// As [`read`].
pub fn enclosable(call: &mut Call<'_>, home: &Home, id: DocumentId) -> Result<Vec<Enclosed>, Stop> {
    let held = to_read(call, home, id, None)?;
    let own = documents::sent_by(call, &held, home.id)?.into_iter();
    let others = own.filter(|one| one.kind != DocumentKind::Referral);
    Ok(others.map(documents::as_enclosed).collect())
}

/// An answer as it is given.
#[derive(Clone)]
pub enum AnswerGiven {
    /// 返書.
    Reply {
        /// What it says.
        text: String,
        /// The addressee's own registered document that goes with it.
        document: Option<Enclosure>,
    },
    /// お断り.
    Decline {
        /// Why.
        reason: String,
    },
    /// 転送.
    Forward {
        /// Ten-digit code of who takes the patient.
        to: String,
        /// Why.
        reason: String,
    },
}

/// Answers a letter that was opened: the loop is closed. The same answer again changes nothing.
///
/// # Errors
/// `TSK-REC-036`, `-037`, `-040`, `-041`, `-053` to `-055`; the store's.
pub fn answer(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    given: &AnswerGiven,
) -> Result<State, Stop> {
    documents::may(call, Action::Write, false)?;
    scope::require(call.caller(), CREATE)?;
    let mut held = common::held(call, home.id, Side::Received, id, true)?;
    let answer = judged(call, given)?;
    let document = enclosed(call, home, &held, given)?;
    let is_repeated = held.document.state.stands()
        && (held.document.head.answer.as_ref())
            .is_some_and(|one| one.answer == answer && one.document == document);
    if is_repeated {
        return Ok(held.document.state);
    }
    if let Next::To(state) = next(&held.document, Command::Answer)? {
        held.document.state = state;
    }
    call.detail("answer", answer.word());
    held.document.head.answer = Some(Answered {
        at: call.at(),
        by: call.caller().name().to_owned(),
        answer,
        document,
    });
    save(call, &held)?;
    Ok(held.document.state)
}

fn judged(call: &Call<'_>, given: &AnswerGiven) -> Result<Answer, Stop> {
    let text = |path: &str, text: &str| {
        let text = text.trim();
        let count = text.chars().count();
        if (1..=TEXT_MAX).contains(&count) {
            return Ok(text.to_owned());
        }
        let found = format!("{count}");
        Err(Stop::Refused(Refusal::at(&no::ANSWER_TEXT, path, &found)))
    };
    Ok(match given {
        AnswerGiven::Reply { text: words, .. } => Answer::Replied {
            text: text("text", words)?,
        },
        AnswerGiven::Decline { reason } => Answer::Declined {
            reason: text("reason", reason)?,
        },
        AnswerGiven::Forward { to, reason } => {
            let reason = text("reason", reason)?;
            let unknown = || Stop::Refused(Refusal::at(&no::FORWARD_UNKNOWN, "to", to));
            let code = FacilityCode::from_register(to.trim()).map_err(|_| unknown())?;
            let facility = people::facility_by_code(call, &code)?.ok_or_else(unknown)?;
            Answer::Forwarded {
                to: (facility.name, facility.code.as_str().to_owned()),
                reason,
            }
        }
    })
}

fn enclosed(
    call: &Call<'_>,
    home: &Home,
    held: &Held,
    given: &AnswerGiven,
) -> Result<Option<crate::documents::model::Key>, Stop> {
    let AnswerGiven::Reply {
        document: Some(what),
        ..
    } = given
    else {
        return Ok(None);
    };
    let own = documents::sent_by(call, held, home.id)?;
    let (found, path, said) = match what {
        Enclosure::Named(target) => {
            let key = key_of(call, target.member.as_str(), &target.identifier);
            let found = own.into_iter().find(|one| one.key == key);
            (found, "value", target.identifier.clone())
        }
        Enclosure::Listed(id) => {
            let found = own.into_iter().find(|one| one.id == *id);
            (found, "document", id.to_hex())
        }
    };
    let refused = || Stop::Refused(Refusal::at(&no::ENCLOSURE, path, &said));
    found.map(|one| Some(one.key)).ok_or_else(refused)
}
