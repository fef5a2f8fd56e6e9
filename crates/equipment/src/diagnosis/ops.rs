//! Taking a terminal's report, and gathering what the store knows for a diagnosis.

use std::collections::BTreeMap;

use kernel::{
    id::{FacilityId, TerminalId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError};

use super::{
    errors,
    model::{Reader, ReaderState},
    rules::Ending,
};
use crate::{
    model::Officer,
    ops::{self, ledger},
    store::{authority, reader as table},
};

/// Most terminals of one facility that report readers.
pub const TERMINALS_MAX: i64 = 200;
/// Days of silence after which a terminal leaves the list.
const FORGET_DAYS: i64 = 90;
/// Most characters of a terminal's name.
const NAME_CHARS_MAX: usize = 40;

/// Takes a terminal's report.
///
/// # Errors
/// [`errors::TERMINAL_INVALID`], [`errors::TERMINALS_TOO_MANY`]; [`StoreError`].
pub fn report(
    call: &mut Call<'_>,
    facility: FacilityId,
    terminal: &str,
    state: ReaderState,
) -> Result<Reader, Stop> {
    let fits = (1..=NAME_CHARS_MAX).contains(&terminal.len())
        && terminal
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !fits {
        return Err(Stop::from(&errors::TERMINAL_INVALID));
    }
    let at = call.at();
    table::sweep(call, facility, at.plus_hours(-24 * FORGET_DAYS))?;
    let known = table::list(call, facility, TERMINALS_MAX)?;
    let before = known.iter().find(|reader| reader.terminal == terminal);
    let is_full = i64::try_from(known.len()).is_ok_and(|count| count >= TERMINALS_MAX);
    if before.is_none() && is_full {
        return Err(Stop::from(&errors::TERMINALS_TOO_MANY));
    }
    let same = before.filter(|before| before.state == state);
    let reader = Reader {
        terminal: terminal.to_owned(),
        state,
        since: same.map_or(at, |before| before.since),
        reported_at: at,
        ok_at: match state {
            ReaderState::Ok => Some(at),
            _ => before.and_then(|before| before.ok_at),
        },
    };
    table::put(call, facility, &reader)?;
    call.detail("state", state.word());
    Ok(reader)
}

/// What the store knows.
#[derive(Clone, Debug)]
pub struct Known {
    /// What the terminals said.
    pub readers: Vec<Reader>,
    /// Certificates of the facility's terminals and servers in use, the newest of each.
    pub endings: Vec<Ending>,
    /// Those that the own authority gave this server, the newest of each name.
    pub servers: Vec<Ending>,
    /// Has any terminal of the facility a certificate that holds?
    pub certificates_exist: bool,
    /// Who is to be called: the facility's safety officer, else the installation's.
    pub officer: Option<Officer>,
}

/// Gathers it.
///
/// # Errors
/// [`StoreError`].
pub fn known(call: &Call<'_>, facility: FacilityId) -> Result<Known, StoreError> {
    let endings = terminals_endings(call, facility)?;
    let certificates_exist = endings.iter().any(|ending| call.at() < ending.ends_at);
    let officer = match ops::officer_of(call, facility)? {
        Some(officer) => Some(officer),
        None => ops::officer(call)?,
    };
    Ok(Known {
        readers: table::list(call, facility, TERMINALS_MAX)?,
        endings,
        servers: servers_endings(call)?,
        certificates_exist,
        officer,
    })
}

/// One that was ended by hand was meant to end, and is no news.
fn terminals_endings(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Ending>, StoreError> {
    let mut newest: BTreeMap<TerminalId, Timestamp> = BTreeMap::new();
    for certificate in ledger::certificates(call, facility)? {
        if certificate.ended_at.is_none() {
            let end = newest
                .entry(certificate.item)
                .or_insert(certificate.ends_at);
            *end = certificate.ends_at.max(*end);
        }
    }
    let items = ledger::list(call, facility)?;
    let used = items.into_iter().filter(|item| item.ended_at.is_none());
    Ok(used
        .filter_map(|item| {
            Some(Ending {
                ends_at: *newest.get(&item.id)?,
                name: item.particulars.label,
            })
        })
        .collect())
}

fn servers_endings(call: &Call<'_>) -> Result<Vec<Ending>, StoreError> {
    let mut newest: BTreeMap<String, Timestamp> = BTreeMap::new();
    for (name, ends_at) in authority::servers(call, ops::ALERTS_MAX)? {
        let end = newest.entry(name).or_insert(ends_at);
        *end = ends_at.max(*end);
    }
    let endings = newest.into_iter();
    Ok(endings
        .map(|(name, ends_at)| Ending { name, ends_at })
        .collect())
}
