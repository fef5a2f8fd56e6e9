//! How a member of staff logs in: password, then a second factor; how they show a factor again
//! for a dangerous act, and how they open a session that locked itself.
//!
//! Whatever is wrong, the answer is the same, and so is the work: whether the name exists, is
//! locked, has ended, or sleeps is told to nobody. Failures are counted twice: of the account,
//! which locks it for fifteen minutes, and of the name and address ([`crate::guess`]).
//!
//! Source: identity-security AUTH-02, AUTH-04 to AUTH-08, SESS-01, SESS-02, T19.

use kernel::{
    Refusal, Secret,
    id::{FacilityId, StaffId},
};
use store::{Call, Stop, StoreError};

use crate::{
    errors,
    factor::{self, Proof},
    guess,
    session::{self, Origin, Rules, Stage, Whose},
    staff::{Account, FAILURES_MAX, LOCK_MINUTES, login_key},
    store::staff as table,
};

/// A try with name and password, after the hash was worked out.
#[derive(Clone)]
pub struct Tried {
    /// The log-in name as typed.
    pub login: String,
    /// A keyed hash of the address it comes from.
    pub client: String,
    /// Does the password fit?
    pub fits: bool,
    /// A new hash, when it fits and the stored one is weaker than today's.
    pub rehash: Option<String>,
    /// From where the session begins.
    pub origin: Origin,
}

/// A log-in that has come a step further.
pub struct Begun {
    /// The session's token.
    pub token: Secret<String>,
    /// How far.
    pub stage: Stage,
    /// The account's facility.
    pub facility: FacilityId,
    /// The account.
    pub staff: StaffId,
    /// Sessions at other terminals that were closed by it.
    pub elsewhere: usize,
}

/// What a locked session is opened with.
#[derive(Clone)]
pub enum Reentry {
    /// The password; does it fit?
    Password(bool),
    /// A factor.
    Factor(Proof),
}

/// What a step gives, or a refusal that does not say what was wrong and is kept with its count.
pub type Outcome<T> = Result<Result<T, Refusal>, Stop>;

/// Takes the outcome of the password check: on success, a session that awaits the second
/// factor; for an account that has none yet and an initial password, one that opens nothing
/// but the pages to mend both.
///
/// # Errors
/// [`StoreError`]; a wrong password is the inner error.
pub fn first_factor(call: &mut Call<'_>, tried: &Tried) -> Outcome<Begun> {
    let must_wait = guess::must_wait(call, &tried.client, &tried.login)?;
    // Of many tries at once each must see the failures of those before.
    let account = match table::login(call, &login_key(call, &tried.login))? {
        Some((facility, staff)) => table::staff_alone(call, facility, staff)?,
        None => None,
    };
    let Some(account) = account else {
        guess::note(call, &tried.client, &tried.login)?;
        return Ok(Err(fail(call)));
    };
    concerns(call, &account);
    if !tried.fits {
        guess::note(call, &tried.client, &tried.login)?;
        if account.is_open(call.at()) {
            count_failure(call, &account)?;
        }
        return Ok(Err(fail(call)));
    }
    // The right password at the wrong time is told nothing, and makes the wait no longer.
    if !account.is_open(call.at()) || must_wait {
        return Ok(Err(fail(call)));
    }
    if let Some(hash) = &tried.rehash {
        table::rehash(call, &account, hash)?;
        call.detail("rehashed", "yes");
    }
    let has_factor =
        account.has_app() || !factor::list(call, account.facility, account.staff)?.is_empty();
    let stage = if has_factor || !account.must_change {
        Stage::Password
    } else {
        Stage::MustChange
    };
    let whose = Whose::Staff(account.facility, account.staff);
    let token = session::begin_from(call, whose, stage, tried.origin)?;
    Ok(Ok(begun(token, stage, &account, 0)))
}

const fn begun(token: Secret<String>, stage: Stage, account: &Account, elsewhere: usize) -> Begun {
    Begun {
        token,
        stage,
        facility: account.facility,
        staff: account.staff,
        elsewhere,
    }
}

fn concerns(call: &mut Call<'_>, account: &Account) {
    call.concerns(account.facility);
    call.detail("account", account.staff.to_hex());
}

/// The account of the session behind `token`, alone, if session and account can be used.
fn usable(call: &mut Call<'_>, token: &str, stage: Stage) -> Result<Option<Account>, Stop> {
    let Some(session) = session::find(call, token)? else {
        return Ok(None);
    };
    let Whose::Staff(facility, staff) = session.whose else {
        return Ok(None);
    };
    call.concerns(facility);
    call.detail("account", staff.to_hex());
    let at = call.at();
    let account = table::staff_alone(call, facility, staff)?;
    let in_time = session.stage == stage && at < session.ends_at;
    Ok(account.filter(|account| in_time && account.is_open(at)))
}

/// The account that a waiting log-in, or a session, belongs to: to ask for its factors.
///
/// # Errors
/// [`StoreError`].
pub fn waiting(call: &Call<'_>, token: &str) -> Result<Option<Account>, StoreError> {
    let session = session::find(call, token)?.filter(|s| call.at() < s.ends_at);
    match session.map(|session| session.whose) {
        Some(Whose::Staff(facility, staff)) => table::staff(call, facility, staff),
        _ => Ok(None),
    }
}

/// Takes the second factor: on success the waiting session is replaced by a full one.
///
/// # Errors
/// As [`first_factor`].
pub fn second_factor(
    call: &mut Call<'_>,
    waiting: &str,
    proof: &Proof,
    (client, origin): (&str, Origin),
    rules: Rules,
) -> Outcome<Begun> {
    let Some(account) = usable(call, waiting, Stage::Password)? else {
        return Ok(Err(fail(call)));
    };
    call.detail("factor", proof.word());
    if !factor::holds(call, &account, waiting, proof)? {
        if count_failure(call, &account)? {
            session::end(call, waiting)?;
        }
        return Ok(Err(fail(call)));
    }
    // Two good codes of neighboring steps may come at once: one waiting log-in opens one session.
    if !session::end(call, waiting)? {
        return Ok(Err(fail(call)));
    }
    table::note_login(call, &account)?;
    guess::forgive(call, client, &account.particulars.login)?;
    let elsewhere = session::replace(call, account.facility, account.staff, origin, rules)?;
    if elsewhere > 0 {
        call.detail("closed-elsewhere", elsewhere.to_string());
    }
    let stage = stage_of(call, &account)?;
    let whose = Whose::Staff(account.facility, account.staff);
    let token = session::begin_from(call, whose, stage, origin)?;
    Ok(Ok(begun(token, stage, &account, elsewhere)))
}

/// Full, unless the account owes a password of its own or a second factor.
fn stage_of(call: &Call<'_>, account: &Account) -> Result<Stage, StoreError> {
    let has_factor =
        account.has_app() || !factor::list(call, account.facility, account.staff)?.is_empty();
    Ok(if account.must_change || !has_factor {
        Stage::MustChange
    } else {
        Stage::Full
    })
}

/// Shows the second factor again, for a dangerous act: the session gets a new token.
///
/// # Errors
/// As [`first_factor`].
pub fn confirm(call: &mut Call<'_>, token: &str, proof: &Proof) -> Outcome<Secret<String>> {
    reenter(call, token, &Reentry::Factor(proof.clone()))
}

/// Opens a session that locked itself, or confirms one that is open: the session gets a new
/// token, and its absolute end stays. Wrong tries count toward the lock-out, which ends it.
///
/// # Errors
/// As [`first_factor`].
pub fn reenter(call: &mut Call<'_>, token: &str, with: &Reentry) -> Outcome<Secret<String>> {
    let Some(account) = usable(call, token, Stage::Full)? else {
        return Ok(Err(fail(call)));
    };
    let (holds, proved) = match with {
        Reentry::Password(fits) => {
            call.detail("factor", "password");
            (*fits, false)
        }
        Reentry::Factor(proof) => {
            call.detail("factor", proof.word());
            (factor::holds(call, &account, token, proof)?, true)
        }
    };
    if !holds {
        if count_failure(call, &account)? {
            session::end(call, token)?;
        }
        return Ok(Err(fail(call)));
    }
    table::unlock(call, account.place())?;
    let at = call.at();
    let renewed = session::renew(call, token, |session| {
        if proved {
            session.proved_at = Some(at);
        }
    })?;
    match renewed {
        Some(token) => Ok(Ok(token)),
        None => Ok(Err(fail(call))),
    }
}

/// Sets the holder's own new password, which the rule and the history have let pass; the
/// other sessions of the account end. The session's new token.
///
/// # Errors
/// `LOGIN_REQUIRED` without a session; [`StoreError`].
pub fn change_password(
    call: &mut Call<'_>,
    token: &str,
    hash: &str,
) -> Result<Secret<String>, Stop> {
    let account = factor::own(call, token)?;
    table::set_password(call, account.place(), hash, false)?;
    let own = session::find(call, token)?.map(|session| session.id);
    for other in session::list(call, account.facility, account.staff)? {
        if Some(other.id) != own {
            session::end_one(call, account.facility, account.staff, other.id)?;
        }
    }
    settle(call, token)
}

/// Makes a session full whose account owes nothing any more; its new token.
///
/// # Errors
/// As [`change_password`].
pub fn settle(call: &mut Call<'_>, token: &str) -> Result<Secret<String>, Stop> {
    let account = factor::own(call, token)?;
    let stage = stage_of(call, &account)?;
    let at = call.at();
    let renewed = session::renew(call, token, |session| {
        if session.stage != Stage::Full && stage == Stage::Full {
            session.proved_at = Some(at);
        }
        session.stage = stage;
    })?;
    if stage == Stage::Full {
        table::note_login(call, &account)?;
    }
    renewed.ok_or_else(|| Stop::from(&errors::LOGIN_REQUIRED))
}

fn fail(call: &mut Call<'_>) -> Refusal {
    call.refuse_and_keep(&errors::LOGIN_FAILED);
    Refusal::new(&errors::LOGIN_FAILED)
}

/// Counts a failure; `true` when it locks the account, which its record then says.
fn count_failure(call: &mut Call<'_>, account: &Account) -> Result<bool, StoreError> {
    let failures = account.failures + 1;
    let locks = failures >= FAILURES_MAX;
    let (failures, until) = if locks {
        (0, call.at().plus_seconds(LOCK_MINUTES * 60))
    } else {
        (failures, account.locked_until)
    };
    table::note_failure(call, account, failures, until)?;
    if locks {
        call.detail("locked-minutes", LOCK_MINUTES.to_string());
    }
    Ok(locks)
}
