//! Second factors of a member of staff: an authenticator app, passkeys, cards, and the
//! substitute code for when none of them is at hand.
//!
//! The app's secret stays in the account; passkeys and cards are rows of their own. The last
//! one cannot be taken away: nobody logs in with a password alone.
//!
//! Source: identity-security AUTH-02, AUTH-07, section 3.2.

use aws_lc_rs::constant_time;
use kernel::{
    Secret,
    id::{FacilityId, FactorId, StaffId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError};

use crate::{
    challenge::{self, Answer, Challenge},
    errors, passkey,
    session::{self, Stage, Whose},
    staff::{self, Account},
    store::{factor as table, staff as accounts},
    substitute,
};

/// Most factors of one account beside the app.
pub const COUNT_MAX: usize = 10;
/// The terminal inside every card challenge of a member of staff.
pub const CARD_TERMINAL: &str = "staff";

/// What a factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// パスキー: a key in a phone, a computer or a token.
    Passkey,
    /// マイナンバーカード.
    Card,
}

impl Kind {
    /// The word in tables and records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Card => "card",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Passkey, Self::Card]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A registered factor.
#[derive(Clone)]
pub struct Factor {
    /// Which.
    pub id: FactorId,
    /// What.
    pub kind: Kind,
    /// What its holder calls it.
    pub label: String,
    /// A passkey's public key and counter, a card's key.
    pub(crate) secret: Secret<Vec<u8>>,
    /// Since when.
    pub added_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// Something shown as second factor.
#[derive(Clone)]
pub enum Proof {
    /// Six digits of the authenticator app.
    Code(String),
    /// A browser's answer to a passkey ceremony, JSON; `origin`: this server's.
    Passkey {
        /// This server's origin.
        origin: String,
        /// What `navigator.credentials.get` gave.
        answer: String,
    },
    /// A card's answer to a challenge; `origin`: this server's.
    Card {
        /// This server's origin.
        origin: String,
        /// Certificate and signature.
        answer: Box<Answer>,
    },
    /// A substitute code.
    Substitute(String),
}

impl Proof {
    /// The word in records.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Code(_) => "totp",
            Self::Passkey { .. } => "passkey",
            Self::Card { .. } => "card",
            Self::Substitute(_) => "substitute",
        }
    }
}

/// Passkeys and cards of an account, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn list(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Vec<Factor>, StoreError> {
    table::list(call, (facility, staff))
}

/// Does the proof hold for this account, in the session behind `token`?
pub(crate) fn holds(
    call: &mut Call<'_>,
    account: &Account,
    token: &str,
    proof: &Proof,
) -> Result<bool, Stop> {
    match proof {
        Proof::Code(code) => {
            let step = staff::matched_step(account.totp_secret.reveal(), code, call.at());
            // A code that was used before is of a step that is not newer: no row is touched.
            match step {
                Some(step) => Ok(accounts::note_code(call, account, step)? == 1),
                None => Ok(false),
            }
        }
        Proof::Passkey { origin, answer } => passkey::holds(call, account, token, origin, answer),
        Proof::Card { origin, answer } => card_holds(call, account, token, origin, answer),
        Proof::Substitute(code) => Ok(substitute::fits(
            call,
            account.facility,
            account.staff,
            code,
        )?),
    }
}

/// The purpose inside a card challenge: it is good in one session only.
fn card_purpose(call: &Call<'_>, token: &str) -> Result<String, Stop> {
    let session = session::find(call, token)?.ok_or(&errors::LOGIN_REQUIRED)?;
    Ok(format!("staff-login:{}", session.id.to_hex()))
}

/// Asks for a card, in the session behind `token`.
///
/// # Errors
/// `LOGIN_REQUIRED` without a session; [`StoreError`].
pub fn begin_card(call: &mut Call<'_>, token: &str) -> Result<Challenge, Stop> {
    let purpose = card_purpose(call, token)?;
    challenge::issue(call, CARD_TERMINAL, &purpose)
}

fn card_holds(
    call: &mut Call<'_>,
    account: &Account,
    token: &str,
    origin: &str,
    answer: &Answer,
) -> Result<bool, Stop> {
    let purpose = card_purpose(call, token)?;
    match challenge::consume(call, answer, origin, CARD_TERMINAL, &purpose) {
        Ok(()) => {}
        Err(Stop::Refused(_)) => return Ok(false),
        Err(failed) => return Err(failed),
    }
    let shown = answer.certificate.card_key();
    for factor in table::list(call, account.place())? {
        let is_it = factor.kind == Kind::Card
            && constant_time::verify_slices_are_equal(factor.secret.reveal(), shown.reveal())
                .is_ok();
        if is_it {
            let secret = factor.secret.reveal();
            return Ok(table::note_use(call, account.place(), factor.id, secret)? == 1);
        }
    }
    Ok(false)
}

/// The account of the session behind `token`, alone.
pub(crate) fn own(call: &mut Call<'_>, token: &str) -> Result<Account, Stop> {
    let session = session::find(call, token)?;
    let open = session.filter(|s| matches!(s.stage, Stage::Full | Stage::MustChange));
    let Some(Whose::Staff(facility, id)) = open.map(|s| s.whose) else {
        return Err(Stop::from(&errors::LOGIN_REQUIRED));
    };
    call.detail("account", id.to_hex());
    accounts::staff_alone(call, facility, id)?.ok_or_else(|| Stop::from(&errors::LOGIN_REQUIRED))
}

/// Adds a factor that has just proved itself.
pub(crate) fn add(
    call: &mut Call<'_>,
    account: &Account,
    kind: Kind,
    label: &str,
    secret: Vec<u8>,
) -> Result<FactorId, Stop> {
    if table::list(call, account.place())?.len() >= COUNT_MAX {
        return Err(Stop::from(&errors::FACTOR_REFUSED));
    }
    let factor = Factor {
        id: FactorId::random(call.rng()),
        kind,
        label: label.chars().take(60).collect(),
        secret: Secret::new(secret),
        added_at: call.at(),
        used_at: None,
    };
    table::put(call, account.place(), &factor)?;
    call.detail("factor", kind.word());
    call.detail("factor-id", factor.id.to_hex());
    Ok(factor.id)
}

/// Registers the card that answered a challenge of [`begin_card`] to the session's account.
///
/// # Errors
/// `CHALLENGE_*`; `FACTOR_REFUSED` when it is registered already; [`StoreError`].
pub fn add_card(
    call: &mut Call<'_>,
    token: &str,
    origin: &str,
    answer: &Answer,
    label: &str,
) -> Result<FactorId, Stop> {
    let account = own(call, token)?;
    let purpose = card_purpose(call, token)?;
    challenge::consume(call, answer, origin, CARD_TERMINAL, &purpose)?;
    let key = answer.certificate.card_key().reveal().clone();
    let known = table::list(call, account.place())?;
    if known.iter().any(|factor| *factor.secret.reveal() == key) {
        return Err(Stop::from(&errors::FACTOR_REFUSED));
    }
    add(call, &account, Kind::Card, label, key)
}

/// Makes this the account's authenticator app, once it has shown a right code.
///
/// # Errors
/// `FACTOR_REFUSED` for a wrong code; [`StoreError`].
pub fn set_app(
    call: &mut Call<'_>,
    token: &str,
    secret: &Secret<Vec<u8>>,
    code: &str,
) -> Result<(), Stop> {
    let account = own(call, token)?;
    let step = staff::matched_step(secret.reveal(), code, call.at())
        .ok_or_else(|| Stop::from(&errors::FACTOR_REFUSED))?;
    accounts::set_totp(call, account.place(), secret.reveal(), step)?;
    call.detail("factor", "totp");
    Ok(())
}

fn has_other(factors: &[Factor], account: &Account, without: Option<FactorId>) -> bool {
    let others = factors.iter().any(|factor| Some(factor.id) != without);
    others || (without.is_some() && account.has_app())
}

/// Takes a passkey or card away.
///
/// # Errors
/// `FACTOR_LAST` for the only factor; [`StoreError`].
pub fn remove(call: &mut Call<'_>, token: &str, id: FactorId) -> Result<(), Stop> {
    let account = own(call, token)?;
    let factors = table::list(call, account.place())?;
    if !has_other(&factors, &account, Some(id)) {
        return Err(Stop::from(&errors::FACTOR_LAST));
    }
    if let Some(factor) = factors.iter().find(|factor| factor.id == id) {
        forget(call, &account, factor)?;
    }
    Ok(())
}

/// Takes the authenticator app away.
///
/// # Errors
/// As [`remove`].
pub fn remove_app(call: &mut Call<'_>, token: &str) -> Result<(), Stop> {
    let account = own(call, token)?;
    let factors = table::list(call, account.place())?;
    if !has_other(&factors, &account, None) {
        return Err(Stop::from(&errors::FACTOR_LAST));
    }
    accounts::set_totp(call, account.place(), &[], account.totp_step)?;
    call.detail("removed", "totp");
    Ok(())
}

fn forget(call: &mut Call<'_>, account: &Account, factor: &Factor) -> Result<(), Stop> {
    if factor.kind == Kind::Passkey {
        passkey::forget(call, factor)?;
    }
    table::remove(call, account.place(), factor.id)?;
    call.detail("removed", factor.kind.word());
    call.detail("factor-id", factor.id.to_hex());
    Ok(())
}

/// Takes every factor of an account away, because its device is lost for good: at the next
/// log-in, with a substitute code, its holder registers a new one. For administrators; ends
/// the account's sessions.
///
/// # Errors
/// [`StoreError`].
pub fn remove_all(call: &mut Call<'_>, facility: FacilityId, staff: StaffId) -> Result<(), Stop> {
    let Some(account) = accounts::staff_alone(call, facility, staff)? else {
        return Ok(());
    };
    for factor in table::list(call, account.place())? {
        forget(call, &account, &factor)?;
    }
    accounts::set_totp(call, account.place(), &[], account.totp_step)?;
    session::end_all(call, facility, staff)?;
    call.detail("account", staff.to_hex());
    Ok(())
}
