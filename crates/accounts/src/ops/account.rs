//! Joiner, mover, leaver: accounts are opened, changed, ended, opened again.
//!
//! Source: identity-security section 3.2, AUTHZ-03, AUTH-04 (initial password), AUTH-08.

use kernel::{
    Refusal,
    id::StaffId,
    time::{JstDate, Timestamp},
};
use store::{Call, Stop, caller::Role};

use super::{caller, grant, keep_an_administrator, note_ended, others_account};
use crate::{
    errors, roster,
    rules::account::{is_elevated, is_shared_name},
    store as table,
};

/// Most characters of a name, of a log-in name.
const NAME_MAX: usize = 60;

/// An account to be opened.
#[derive(Clone)]
pub struct Opening {
    /// The person's name.
    pub name: String,
    /// What they type to log in.
    pub login: String,
    /// What they are.
    pub role: Role,
    /// Last day of use; `None`: until further notice.
    pub last_day: Option<JstDate>,
    /// Hash of the initial password.
    pub password: String,
    /// Why, for a role that takes two people.
    pub reason: String,
}

impl Opening {
    /// Is it one person's, and well formed?
    ///
    /// # Errors
    /// `TSK-STF-003` with every field, `TSK-STF-002`.
    pub fn check(&self, today: JstDate) -> Result<(), Refusal> {
        let is_bad = |text: &str| {
            text.is_empty() || text.chars().count() > NAME_MAX || text.chars().any(char::is_control)
        };
        let faults = [
            (
                "name",
                is_bad(&self.name) || !self.name.chars().any(char::is_alphabetic),
            ),
            (
                "login",
                is_bad(&self.login) || self.login.chars().any(char::is_whitespace),
            ),
            ("last_day", self.last_day.is_some_and(|day| day < today)),
            (
                "reason",
                is_elevated(self.role) && self.reason.trim().is_empty(),
            ),
        ];
        let mut refusal = Refusal::new(&errors::FIELD);
        for (path, is_wrong) in faults {
            if is_wrong {
                refusal
                    .findings
                    .extend(Refusal::at(&errors::FIELD, path, "").findings);
            }
        }
        if !refusal.findings.is_empty() {
            return Err(refusal);
        }
        let shared = [("name", &self.name), ("login", &self.login)];
        match shared.into_iter().find(|(_, text)| is_shared_name(text)) {
            Some((path, _)) => Err(Refusal::at(&errors::SHARED_NAME, path, "")),
            None => Ok(()),
        }
    }
}

/// The first instant after a last day of use.
fn end_of(last_day: JstDate) -> Timestamp {
    last_day.plus_days(1).start()
}

/// A new account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Whose.
    pub staff: StaffId,
    /// Does it wait for another administrator's approval?
    pub waits: bool,
}

/// Opens an account with an initial password that its owner changes at the first log-in. With
/// an elevated role it stays closed until another administrator has approved.
///
/// # Errors
/// As [`Opening::check`]; `TSK-STF-004`; the store's.
pub fn open(call: &mut Call<'_>, opening: &Opening) -> Result<Opened, Stop> {
    let (facility, me) = caller(call)?;
    opening.check(call.at().jst_date())?;
    table::take_turn(call, facility)?;
    let waits = is_elevated(opening.role);
    let until = opening.last_day.map(end_of);
    let ends_at = if waits { Some(call.at()) } else { until };
    let staff = roster::open(call, facility, opening, ends_at)?;
    call.detail("account", staff.to_hex());
    call.detail("role", opening.role.word());
    if waits {
        grant::put(
            call,
            facility,
            me,
            staff,
            opening.role,
            Some(until),
            &opening.reason,
        )?;
    }
    Ok(Opened { staff, waits })
}

/// Gives an account another role (異動); its sessions end, because the new role's rights are
/// others.
///
/// # Errors
/// `TSK-STF-001`, `005`, `006`, `007`, `010`, `011`; the store's.
pub fn change_role(call: &mut Call<'_>, staff: StaffId, role: Role) -> Result<(), Stop> {
    let (facility, me, member) = others_account(call, staff)?;
    if is_elevated(role) {
        return Err(Stop::from(&errors::TWO_PEOPLE));
    }
    if member.role == role {
        return Err(Stop::from(&errors::UNCHANGED));
    }
    if !member.is_open(call.at()) {
        return Err(Stop::from(&errors::CLOSED));
    }
    keep_an_administrator(call, facility, &member)?;
    note_ended(call, facility, &member, me, None)?;
    call.detail("before", member.role.word());
    call.detail("role", role.word());
    roster::set_role(call, facility, staff, role)
}

/// When an account ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// At once (退職, misuse, loss).
    Now,
    /// After this day.
    After(JstDate),
    /// Not: an end date is taken back.
    Never,
}

/// Ends an account (退職), or sets or takes back its last day; what ends at once ends its
/// sessions at once.
///
/// # Errors
/// `TSK-STF-001`, `003`, `005`, `006`, `011`; the store's.
pub fn end(call: &mut Call<'_>, staff: StaffId, ends: Ends) -> Result<(), Stop> {
    let (facility, me, member) = others_account(call, staff)?;
    if !member.is_open(call.at()) {
        return Err(Stop::from(&errors::CLOSED));
    }
    let ends_at = match ends {
        Ends::Now => Some(call.at()),
        Ends::After(day) if day < call.at().jst_date() => {
            return Err(Refusal::at(&errors::FIELD, "last_day", "").into());
        }
        Ends::After(day) => Some(end_of(day)),
        Ends::Never => None,
    };
    if ends_at.is_some() {
        keep_an_administrator(call, facility, &member)?;
    }
    if ends == Ends::Now {
        note_ended(call, facility, &member, me, None)?;
    }
    call.detail(
        "ends",
        ends_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
    );
    roster::set_end(call, facility, staff, ends_at)
}

/// Opens an ended account again, with another initial password.
///
/// # Errors
/// `TSK-STF-001`, `005`, `007` (an elevated account is opened by two), `010`; the store's.
pub fn reopen(call: &mut Call<'_>, staff: StaffId, password: &str) -> Result<(), Stop> {
    let (facility, _, member) = others_account(call, staff)?;
    if member.is_open(call.at()) && !member.is_dormant(call.at()) {
        return Err(Stop::from(&errors::UNCHANGED));
    }
    if is_elevated(member.role) {
        return Err(Stop::from(&errors::TWO_PEOPLE));
    }
    call.detail("role", member.role.word());
    roster::reset_password(call, facility, staff, password)?;
    roster::wake(call, facility, staff)?;
    roster::set_end(call, facility, staff, None)
}

/// Sets another initial password, for somebody who has forgotten theirs. The second factors
/// stay: one administrator alone cannot get into a colleague's account. Who has lost those gets
/// a substitute code, which takes two people.
///
/// # Errors
/// `TSK-STF-001`, `005`, `011`; the store's.
pub fn reset_password(call: &mut Call<'_>, staff: StaffId, password: &str) -> Result<(), Stop> {
    let (facility, _, member) = others_account(call, staff)?;
    if !member.is_open(call.at()) {
        return Err(Stop::from(&errors::CLOSED));
    }
    roster::reset_password(call, facility, staff, password)
}
