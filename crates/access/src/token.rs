//! Access tokens: 256 random bits that hold for five minutes, known here by their hash only;
//! and what is used once on the way to one: assertions and authorization codes.
//!
//! Source: identity-security OA-02, OA-03, OA-04, OA-06, T09; RFC 6749, RFC 7636, RFC 8705.

use std::net::IpAddr;

use kernel::{
    Entry, Secret, hex,
    id::{ClientId, FacilityId, SessionId},
    net::Networks,
    time::Timestamp,
};
use store::{Call, Stop, StoreError, audit::sha256};

use crate::{
    client::Client,
    errors, refresh,
    scope::Scopes,
    session::{HOURS_MAX, Whose},
    store::{refresh as renewing, token as table},
};

/// Seconds for which a token holds.
pub const SECONDS: i64 = 300;
/// Seconds for which an authorization code can be exchanged.
pub const CODE_SECONDS: i64 = 60;

/// How the connection showed itself on which a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// SHA-256 of the certificate that it showed.
    pub certificate: Option<[u8; 32]>,
    /// From where it came, when that is known.
    pub address: Option<IpAddr>,
}

/// Who approved that a program acts for them.
#[derive(Clone, PartialEq, Eq)]
pub struct Approver {
    /// Who.
    pub whose: Whose,
    /// In which session.
    pub session: SessionId,
}

/// A token as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose program.
    pub facility: FacilityId,
    /// Which program.
    pub client: ClientId,
    /// To what it reaches.
    pub scopes: String,
    /// SHA-256 of the certificate to which it is bound.
    pub certificate: Option<[u8; 32]>,
    /// For whom it acts; `None` for itself.
    pub approver: Option<Approver>,
    /// Since when.
    pub issued_at: Timestamp,
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
}

/// What the store keeps of a token.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    sha256(&[b"oauth-token", token.as_bytes()])
}

fn code_hash(code: &str) -> [u8; 32] {
    sha256(&[b"oauth-code", code.as_bytes()])
}

pub(crate) fn random(call: &Call<'_>) -> Secret<String> {
    let mut bytes = [0; 32];
    call.rng().fill(&mut bytes);
    Secret::new(hex::encode(&bytes))
}

/// May a token bound to `bound`, of a client at home in `networks`, be used by this peer?
///
/// # Errors
/// [`errors::TOKEN_ELSEWHERE`], [`errors::NETWORK`].
pub fn fits(
    bound: Option<[u8; 32]>,
    networks: &Networks,
    peer: Peer,
) -> Result<(), &'static Entry> {
    if bound.is_some() && bound != peer.certificate {
        return Err(&errors::TOKEN_ELSEWHERE);
    }
    if !networks.admit(peer.address) {
        return Err(&errors::NETWORK);
    }
    Ok(())
}

/// Issues a token to a client that has just proved itself; it goes to the client and nowhere
/// else.
///
/// # Errors
/// [`StoreError`].
pub fn issue(
    call: &mut Call<'_>,
    client: &Client,
    scopes: &Scopes,
    certificate: Option<[u8; 32]>,
) -> Result<Secret<String>, StoreError> {
    put(call, client, scopes, certificate, None)
}

pub(crate) fn put(
    call: &mut Call<'_>,
    client: &Client,
    scopes: &Scopes,
    certificate: Option<[u8; 32]>,
    granted: Option<(Approver, [u8; 32])>,
) -> Result<Secret<String>, StoreError> {
    let text = random(call);
    let (approver, code) = granted.unzip();
    let token = Token {
        facility: client.facility,
        client: client.id,
        scopes: scopes.to_string(),
        certificate,
        approver,
        issued_at: call.at(),
        ends_at: call.at().plus_seconds(SECONDS).min(client.terms.ends_at),
    };
    table::put_token(call, &hash(text.reveal()), &token, code.as_ref())?;
    call.concerns(client.facility);
    call.detail("client", client.id.to_hex());
    call.detail("scopes", token.scopes);
    Ok(text)
}

/// The token, if it holds.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, text: &str) -> Result<Option<Token>, StoreError> {
    let token = table::token(call, &hash(text))?;
    Ok(token.filter(|token| call.at() < token.ends_at))
}

/// Revokes a token of this client, or what renews one, which ends everything that came from
/// that approval (RFC 7009 section 2.1); `false` when it is none of its own, or did not hold.
/// [`crate::Gate::forget_tokens`] comes after.
///
/// # Errors
/// [`StoreError`].
pub fn revoke(call: &mut Call<'_>, client: &Client, text: &str) -> Result<bool, StoreError> {
    call.concerns(client.facility);
    call.detail("client", client.id.to_hex());
    Ok(table::revoke(call, &hash(text), client.id)? == 1 || refresh::revoke(call, client, text)?)
}

/// Uses an assertion's `jti`, which is kept until the assertion has ended; `false` when it was
/// used before. Of many at once exactly one succeeds.
///
/// # Errors
/// [`StoreError`].
pub fn use_assertion(
    call: &mut Call<'_>,
    client: ClientId,
    jti: &str,
    ends_at: Timestamp,
) -> Result<bool, StoreError> {
    let hash = sha256(&[b"oauth-jti", client.as_bytes(), jti.as_bytes()]);
    Ok(table::put_jti(call, &hash, ends_at)? == 1)
}

/// What an authorization code stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose program.
    pub facility: FacilityId,
    /// Which program.
    pub client: ClientId,
    /// Where it was led back to.
    pub redirect: String,
    /// Its PKCE challenge: BASE64URL(SHA-256(verifier)).
    pub challenge: String,
    /// What it wants to find in its ID token.
    pub nonce: String,
    /// What was approved.
    pub scopes: Scopes,
    /// By whom.
    pub approver: Approver,
    /// When.
    pub issued_at: Timestamp,
}

/// Keeps what was approved; the code goes to the program by way of the browser.
///
/// # Errors
/// [`StoreError`].
pub fn grant(call: &mut Call<'_>, grant: &Grant) -> Result<Secret<String>, StoreError> {
    let code = random(call);
    table::put_code(call, &code_hash(code.reveal()), grant)?;
    call.detail("client", grant.client.to_hex());
    call.detail("scopes", grant.scopes.to_string());
    Ok(code)
}

/// How an exchange of a code ended.
pub enum Exchanged {
    /// A token, and what renews it when that was approved.
    Token(Secret<String>, Option<Secret<String>>, Box<Grant>),
    /// There is no such code, or not for this client, address or verifier, or it is too late.
    Wrong,
    /// It was used before: whoever has it twice is not to be believed, and the tokens made
    /// from it hold no longer. What was written must be kept, and
    /// [`crate::Gate::forget_tokens`] comes after.
    Again,
}

/// Exchanges a code for a token. A code with the wrong verifier or address is used up all the
/// same: it has been in the wrong hands.
///
/// # Errors
/// [`StoreError`].
pub fn exchange(
    call: &mut Call<'_>,
    client: &Client,
    code: &str,
    redirect: &str,
    challenge: &str,
    certificate: Option<[u8; 32]>,
) -> Result<Exchanged, Stop> {
    let hash = code_hash(code);
    call.concerns(client.facility);
    let Some(grant) = table::code(call, &hash)? else {
        return Ok(Exchanged::Wrong);
    };
    // Another client's code is not this one's to use up.
    if grant.client != client.id {
        return Ok(Exchanged::Wrong);
    }
    if table::use_code(call, &hash)? == 0 {
        refresh::end(call, client, &hash)?;
        return Ok(Exchanged::Again);
    }
    let is_late = call.at() >= grant.issued_at.plus_seconds(CODE_SECONDS);
    if is_late || grant.redirect != redirect || grant.challenge != challenge {
        return Ok(Exchanged::Wrong);
    }
    let from = Some((grant.approver.clone(), hash));
    let token = put(call, client, &grant.scopes, certificate, from)?;
    let renewing = refresh::begin(call, client, &grant, hash, certificate)?;
    Ok(Exchanged::Token(token, renewing, Box::new(grant)))
}

/// Removes tokens, codes and used assertions that have ended; how many there were.
///
/// # Errors
/// [`StoreError`].
pub fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    // A used code is remembered for as long as what came from it may hold.
    let before = call.at().plus_seconds(-(HOURS_MAX * 3_600 + CODE_SECONDS));
    Ok(table::sweep_tokens(call)?
        + renewing::sweep(call)?
        + table::sweep_codes(call, before)?
        + table::sweep_jti(call)?)
}
