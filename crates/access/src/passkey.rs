//! Passkeys (WebAuthn) as second factor: what the browser is asked, kept on the server until it
//! answers once, and the check of origin, challenge, signature and counter.
//!
//! Source: W3C WebAuthn Level 2 sections 7.1 and 7.2; identity-security AUTH-02, section 3.2.

use kernel::id::FactorId;
use serde_json::Value;
use store::{Call, Stop, StoreError};
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder,
};

use crate::{
    errors,
    factor::{self, Factor, Kind},
    session,
    staff::Account,
    store::factor as table,
};

/// Seconds for which a browser may answer.
pub const SECONDS: i64 = 300;
const ADD: &str = "add";
const SHOW: &str = "show";

/// The relying party of a server at `origin`; `None` when its host is a bare address, for
/// which browsers make no passkeys.
fn party(origin: &str) -> Option<Webauthn> {
    let url = Url::parse(origin).ok()?;
    let domain = url.domain()?;
    WebauthnBuilder::new(domain, &url)
        .ok()?
        .rp_name("tasuki")
        .build()
        .ok()
}

/// Can a server at `origin` take passkeys at all?
#[must_use]
pub fn is_possible(origin: &str) -> bool {
    party(origin).is_some()
}

fn refused() -> Stop {
    Stop::from(&errors::FACTOR_REFUSED)
}

fn corrupt<E>(_: E) -> Stop {
    Stop::Failed(StoreError::Corrupt("a passkey"))
}

fn keys(factors: &[Factor]) -> Result<Vec<(FactorId, Passkey)>, Stop> {
    factors
        .iter()
        .filter(|factor| factor.kind == Kind::Passkey)
        .map(|factor| {
            let key = serde_json::from_slice(factor.secret.reveal()).map_err(corrupt)?;
            Ok((factor.id, key))
        })
        .collect()
}

fn credential_key(call: &Call<'_>, key: &Passkey) -> [u8; 32] {
    let id = kernel::hex::encode(key.cred_id().as_ref());
    call.directory_key("passkey", &[&id])
}

fn state(call: &mut Call<'_>, token: &str, kind: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let taken = table::take_ceremony(call, &session::token_hash(token), kind)?;
    let oldest = call.at().plus_seconds(-SECONDS);
    Ok(taken.and_then(|(state, begun)| (begun > oldest).then_some(state)))
}

/// What `navigator.credentials.create` is given for a new passkey of the session's account.
///
/// # Errors
/// `FACTOR_REFUSED` when this server can take none; [`StoreError`].
pub fn begin_adding(call: &mut Call<'_>, token: &str, origin: &str) -> Result<Value, Stop> {
    let account = factor::own(call, token)?;
    let party = party(origin).ok_or_else(refused)?;
    let factors = table::list(call, account.place())?;
    let known = keys(&factors)?;
    let known: Vec<_> = known.iter().map(|(_, key)| key.cred_id().clone()).collect();
    let id = Uuid::from_bytes(*account.staff.as_bytes());
    let login = match account.particulars.login.as_str() {
        "" => &account.name,
        login => login,
    };
    let (options, state) = party
        .start_passkey_registration(id, login, &account.name, Some(known))
        .map_err(|_| refused())?;
    let state = serde_json::to_vec(&state).map_err(corrupt)?;
    table::put_ceremony(call, &session::token_hash(token), ADD, &state)?;
    serde_json::to_value(options).map_err(corrupt)
}

/// Adds the passkey that the browser made.
///
/// # Errors
/// `FACTOR_REFUSED` when the answer is not to this server, this session's question, or its
/// credential is an account's already; [`StoreError`].
pub fn finish_adding(
    call: &mut Call<'_>,
    token: &str,
    origin: &str,
    answer: &str,
    label: &str,
) -> Result<FactorId, Stop> {
    let account = factor::own(call, token)?;
    let party = party(origin).ok_or_else(refused)?;
    let state = state(call, token, ADD)?.ok_or_else(refused)?;
    let state: PasskeyRegistration = serde_json::from_slice(&state).map_err(corrupt)?;
    let answer: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| refused())?;
    let key = party
        .finish_passkey_registration(&answer, &state)
        .map_err(|_| refused())?;
    let credential = credential_key(call, &key);
    if !table::put_passkey(call, &credential, account.place())? {
        return Err(refused());
    }
    let secret = serde_json::to_vec(&key).map_err(corrupt)?;
    factor::add(call, &account, Kind::Passkey, label, secret)
}

/// What `navigator.credentials.get` is given, in the session behind `token`; `None` when the
/// account has no passkey, or this server can take none.
///
/// # Errors
/// [`StoreError`].
pub fn begin_showing(
    call: &mut Call<'_>,
    token: &str,
    account: &Account,
    origin: &str,
) -> Result<Option<Value>, Stop> {
    let factors = table::list(call, account.place())?;
    let keys: Vec<Passkey> = keys(&factors)?.into_iter().map(|(_, key)| key).collect();
    let Some(party) = party(origin).filter(|_| !keys.is_empty()) else {
        return Ok(None);
    };
    let (options, state) = party
        .start_passkey_authentication(&keys)
        .map_err(|_| refused())?;
    let state = serde_json::to_vec(&state).map_err(corrupt)?;
    table::put_ceremony(call, &session::token_hash(token), SHOW, &state)?;
    Ok(Some(serde_json::to_value(options).map_err(corrupt)?))
}

/// Does the answer prove one of the account's passkeys, in answer to this session's question?
pub(crate) fn holds(
    call: &mut Call<'_>,
    account: &Account,
    token: &str,
    origin: &str,
    answer: &str,
) -> Result<bool, Stop> {
    // The question is used up by any answer, also by a wrong one.
    let (Some(state), Some(party)) = (state(call, token, SHOW)?, party(origin)) else {
        return Ok(false);
    };
    let state: PasskeyAuthentication = serde_json::from_slice(&state).map_err(corrupt)?;
    let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else {
        return Ok(false);
    };
    // Origin, challenge, signature, user verification and the counter are checked here.
    let Ok(result) = party.finish_passkey_authentication(&answer, &state) else {
        return Ok(false);
    };
    let factors = table::list(call, account.place())?;
    for (id, mut key) in keys(&factors)? {
        if key.cred_id() != result.cred_id() {
            continue;
        }
        let changed = key.update_credential(&result) == Some(true);
        // A counter that has moved on since the question was asked, by a copy of the key.
        if result.counter() > 0 && !changed {
            return Ok(false);
        }
        let secret = serde_json::to_vec(&key).map_err(corrupt)?;
        return Ok(table::note_use(call, account.place(), id, &secret)? == 1);
    }
    Ok(false)
}

/// Gives a removed passkey's credential free.
pub(crate) fn forget(call: &Call<'_>, factor: &Factor) -> Result<(), Stop> {
    let key: Passkey = serde_json::from_slice(factor.secret.reveal()).map_err(corrupt)?;
    let credential = credential_key(call, &key);
    table::remove_passkey(call, &credential)?;
    Ok(())
}

/// Removes questions that can no longer be answered; how many there were.
///
/// # Errors
/// [`StoreError`].
pub fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    table::sweep_ceremonies(call, call.at().plus_seconds(-2 * SECONDS))
}
