//! Files: put away in parts as they come in, worked off afterwards by [`crate::work`], read
//! back line by line.

use access::policy::Action;
use kernel::{code::InsurerNumber, id::FacilityId};
use registry::{model::Insurer, ops as people};
use store::{Call, Stop};

use super::{own, take};
use crate::{
    errors,
    model::{Change, File, FileId, FileState, Found, LineResult, Outcome, Tally},
    store::file as table,
};

pub use crate::store::file::Line;

/// Files shown in a list.
const SHOWN_MAX: i64 = 20;

/// Begins to take in a file; the one that is there already when the same content waits or was
/// cut off on its way.
///
/// # Errors
/// `TSK-PAY-001`, `TSK-PAY-002`; the store's.
pub fn begin(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    lines: i64,
    hash: &[u8; 32],
) -> Result<File, Stop> {
    own::find(call, facility, number, Action::Write)?;
    let mut id = FileId([0; 16]);
    call.rng().fill(&mut id.0);
    let file = File {
        facility,
        id,
        insurer: number.clone(),
        at: call.at(),
        lines,
        state: FileState::Receiving,
        done_at: None,
    };
    let file = match table::same(call, &file, hash)? {
        Some(same) => same,
        None => {
            table::put(call, &file, hash)?;
            file
        }
    };
    call.detail("file", file.id.to_hex());
    Ok(file)
}

/// Puts parts of a file away.
///
/// # Errors
/// The store's.
pub fn put_parts(call: &mut Call<'_>, file: &File, parts: &[(i64, String)]) -> Result<(), Stop> {
    for (number, text) in parts {
        table::put_part(call, file, *number, text)?;
    }
    call.detail("file", file.id.to_hex());
    Ok(())
}

/// Says that all parts are there.
///
/// # Errors
/// The store's.
pub fn is_whole(call: &mut Call<'_>, file: &File) -> Result<(), Stop> {
    table::set_state(call, file, FileState::Waiting, None)?;
    call.detail("file", file.id.to_hex());
    call.detail("lines", file.lines.to_string());
    Ok(())
}

/// The newest files of one of the facility's insurers, 20 at most.
///
/// # Errors
/// `TSK-PAY-001`, `TSK-PAY-002`; the store's.
pub fn list(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
) -> Result<Vec<File>, Stop> {
    own::find(call, facility, number, Action::Read)?;
    Ok(table::list(call, facility, number, SHOWN_MAX)?)
}

/// A file of one of the facility's insurers, and how far it is.
///
/// # Errors
/// `TSK-PAY-001`, `TSK-PAY-002`, `TSK-PAY-053`; the store's.
pub fn find(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    id: FileId,
) -> Result<(File, Tally), Stop> {
    own::find(call, facility, number, Action::Read)?;
    let file = table::find(call, facility, id)?.filter(|file| file.insurer == *number);
    let file = file.ok_or_else(|| Stop::from(&errors::FILE_ABSENT))?;
    let tally = table::tally(call, &file)?;
    Ok((file, tally))
}

/// Results after a line, in order, of one kind or of every.
///
/// # Errors
/// As [`find`].
pub fn lines(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    id: FileId,
    (after, only, limit): (i64, Option<LineResult>, i64),
) -> Result<Vec<Line>, Stop> {
    let (file, _) = find(call, facility, number, id)?;
    Ok(table::lines(call, &file, after, only, limit)?)
}

/// One line of a file: the change, or what keeps it from being one.
pub(crate) type Read = (i64, Result<Change, Vec<Found>>);

/// Works off some lines of a file, and notes what came of each in the same transaction.
pub(crate) fn work(
    call: &mut Call<'_>,
    file: &File,
    own: &Insurer,
    lines: &[Read],
) -> Result<(), Stop> {
    call.detail("file", file.id.to_hex());
    for (line, change) in lines {
        let outcome = match change {
            Ok(change) => take(call, file.facility, own, change)?,
            Err(found) => Outcome {
                result: LineResult::Refused,
                reference: None,
                found: found.clone(),
            },
        };
        table::put_line(call, file, *line, &outcome)?;
    }
    Ok(())
}

/// Ends a file: what came is removed, what came of it stays, and its insurer has loaded.
pub(crate) fn finish(call: &mut Call<'_>, file: &File) -> Result<(), Stop> {
    table::set_state(call, file, FileState::Done, Some(call.at()))?;
    table::drop_parts(call, file)?;
    let insurer = people::insurer(call, &file.insurer)?;
    if let Some(mut insurer) = insurer.filter(|one| one.home == Some(file.facility)) {
        insurer.loaded_at = Some(call.at());
        people::put_insurer(call, &insurer)?;
    }
    call.detail("file", file.id.to_hex());
    Ok(())
}
