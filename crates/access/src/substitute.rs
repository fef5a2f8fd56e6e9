//! A substitute code (代替コード) for somebody whose card or device is lost or broken: asked for
//! by one person with a reason, approved by another, good for eight hours and one account.
//!
//! Within its eight hours it may be used again, because a shift has more than one log-in;
//! each use is in the record of its log-in. The code is shown once and kept only as a keyed
//! hash; a wrong one counts as any wrong factor does.
//!
//! Source: identity-security AUTH-07; 安全管理ガイドライン 14③.

use kernel::{
    Secret,
    id::{FacilityId, Rng, StaffId, SubstituteId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError, caller::Actor};

use crate::{errors, store::substitute as table};

/// Hours for which an approved code is good.
pub const HOURS: i64 = 8;
/// Hours for which a request waits for its approval.
pub const WAITING_HOURS: i64 = 24;
/// Letters of a code: none that is mistaken for another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LETTERS_IN_CODE: usize = 12;

/// A request for a code, or a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Substitute {
    /// Which.
    pub id: SubstituteId,
    /// Whose account it opens.
    pub staff: StaffId,
    /// Why it is needed.
    pub reason: String,
    /// Who asked.
    pub proposed_by: StaffId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved; `None` while it waits.
    pub approved_by: Option<StaffId>,
    /// First instant at which it is worth nothing.
    pub ends_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

fn caller(call: &Call<'_>) -> Result<(FacilityId, StaffId), Stop> {
    match &call.caller().actor {
        Actor::Staff { staff, home, .. } => Ok((home.id, *staff)),
        _ => Err(Stop::from(&errors::FORBIDDEN)),
    }
}

/// The caller asks for a code for a colleague.
///
/// # Errors
/// `SUBSTITUTE_OWN` for oneself, `SUBSTITUTE_ABSENT` when the facility has no such account,
/// `FORBIDDEN` for a caller who is no member of staff; [`StoreError`].
pub fn propose(call: &mut Call<'_>, staff: StaffId, reason: &str) -> Result<SubstituteId, Stop> {
    let (facility, by) = caller(call)?;
    if by == staff {
        return Err(Stop::from(&errors::SUBSTITUTE_OWN));
    }
    let account = crate::staff::account(call, facility, staff)?;
    if !account.is_some_and(|account| account.is_open(call.at())) {
        return Err(Stop::from(&errors::SUBSTITUTE_ABSENT));
    }
    let substitute = Substitute {
        id: SubstituteId::random(call.rng()),
        staff,
        reason: reason.to_owned(),
        proposed_by: by,
        proposed_at: call.at(),
        approved_by: None,
        ends_at: call.at().plus_seconds(WAITING_HOURS * 3600),
        used_at: None,
    };
    table::put(call, facility, &substitute)?;
    call.detail("account", staff.to_hex());
    call.detail("substitute", substitute.id.to_hex());
    Ok(substitute.id)
}

/// The facility's requests that wait and codes that are good, newest first.
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Substitute>, StoreError> {
    table::list(call, facility)
}

/// The caller approves; the code, to be shown once and told to its user in person.
///
/// # Errors
/// `SUBSTITUTE_OWN` for whoever asked or will use it, `SUBSTITUTE_ABSENT` when it does not
/// wait any more; as [`propose`].
pub fn approve(call: &mut Call<'_>, id: SubstituteId) -> Result<Secret<String>, Stop> {
    let (facility, by) = caller(call)?;
    let waiting = table::list(call, facility)?
        .into_iter()
        .find(|one| one.id == id && one.approved_by.is_none());
    let Some(mut substitute) = waiting else {
        return Err(Stop::from(&errors::SUBSTITUTE_ABSENT));
    };
    if by == substitute.proposed_by || by == substitute.staff {
        return Err(Stop::from(&errors::SUBSTITUTE_OWN));
    }
    substitute.approved_by = Some(by);
    substitute.ends_at = call.at().plus_seconds(HOURS * 3600);
    let code = code(call.rng());
    let key = code_key(call, substitute.staff, code.reveal());
    if table::approve(call, facility, &substitute, &key)? != 1 {
        return Err(Stop::from(&errors::SUBSTITUTE_ABSENT));
    }
    call.detail("account", substitute.staff.to_hex());
    call.detail("substitute", id.to_hex());
    call.detail("asked-by", substitute.proposed_by.to_hex());
    Ok(code)
}

/// Ends a code, or a request, before its time; `false` when there is none.
///
/// # Errors
/// As [`propose`].
pub fn end(call: &mut Call<'_>, staff: StaffId, id: SubstituteId) -> Result<bool, Stop> {
    let (facility, _) = caller(call)?;
    call.detail("account", staff.to_hex());
    call.detail("substitute", id.to_hex());
    Ok(table::end(call, facility, staff, id)? == 1)
}

/// Is this a good code of the account now? Its use is noted.
pub(crate) fn fits(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    typed: &str,
) -> Result<bool, StoreError> {
    let key = code_key(call, staff, typed);
    Ok(table::note_use(call, facility, staff, &key)? == 1)
}

fn code_key(call: &Call<'_>, staff: StaffId, typed: &str) -> [u8; 32] {
    let plain: String = typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    call.directory_key("substitute-code", &[&staff.to_hex(), &plain])
}

/// Twelve letters in groups of four: 60 bits.
fn code(rng: &dyn Rng) -> Secret<String> {
    let mut bytes = [0; LETTERS_IN_CODE];
    rng.fill(&mut bytes);
    let mut code = String::new();
    for (nth, byte) in bytes.iter().enumerate() {
        if nth > 0 && nth.is_multiple_of(4) {
            code.push('-');
        }
        let letter = LETTERS.get(usize::from(*byte) % LETTERS.len()).copied();
        code.push(char::from(letter.unwrap_or(b'X')));
    }
    Secret::new(code)
}
