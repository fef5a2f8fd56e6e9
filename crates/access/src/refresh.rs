//! What renews a token of an app while its user stays logged in (`online_access`).
//!
//! Good once: each use gives the next. Whoever shows one a second time is not to be believed,
//! and everything that came from that approval ends. It lasts as long as the log-in in which
//! the app was approved, twelve hours at most: logging out withdraws it.
//!
//! Source: identity-security OA-01, OA-03; RFC 6749 section 6, RFC 9700 section 4.14; SMART App
//! Launch 2.2 (`online_access`).

use kernel::{
    Secret,
    id::{ClientId, FacilityId},
    time::Timestamp,
};
use store::{Call, StoreError, audit::sha256};

use crate::{
    client::Client,
    scope::{Plain, Scopes},
    store::{refresh as table, session, token as tokens},
    token::{self, Approver, Grant},
};

/// What renews a token, as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The hash of the code from which it came: what one approval gave ends together.
    pub code: [u8; 32],
    /// Whose program.
    pub facility: FacilityId,
    /// Which program.
    pub client: ClientId,
    /// What was approved.
    pub scopes: Scopes,
    /// SHA-256 of the certificate to which it is bound.
    pub certificate: Option<[u8; 32]>,
    /// By whom.
    pub approver: Approver,
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
}

/// How a renewal ended.
pub enum Renewed {
    /// A token and what renews it next, with what it may reach.
    Tokens {
        /// The access token.
        access: Secret<String>,
        /// The next of its kind.
        next: Secret<String>,
        /// To what the access token reaches.
        scopes: Scopes,
        /// What was approved, and by whom.
        from: Box<Refresh>,
    },
    /// There is none such, or not for this client or certificate, or it has ended.
    Wrong,
    /// More was asked for than was approved; it can still be used.
    Wider,
    /// It was used before. What was written must be kept, and
    /// [`crate::Gate::forget_tokens`] comes after.
    Again,
}

fn hash(text: &str) -> [u8; 32] {
    sha256(&[b"oauth-refresh", text.as_bytes()])
}

fn put(call: &Call<'_>, one: &Refresh) -> Result<Secret<String>, StoreError> {
    let text = token::random(call);
    table::put(call, &hash(text.reveal()), one)?;
    Ok(text)
}

/// Begins what one approval gives, when it was asked for and the user is still logged in.
pub(crate) fn begin(
    call: &Call<'_>,
    client: &Client,
    grant: &Grant,
    code: [u8; 32],
    certificate: Option<[u8; 32]>,
) -> Result<Option<Secret<String>>, StoreError> {
    if !grant.scopes.has(Plain::OnlineAccess) {
        return Ok(None);
    }
    let Some(end) = session::session_end(call, grant.approver.session)? else {
        return Ok(None);
    };
    let one = Refresh {
        code,
        facility: client.facility,
        client: client.id,
        scopes: grant.scopes.clone(),
        certificate,
        approver: grant.approver.clone(),
        ends_at: end.min(client.terms.ends_at),
    };
    put(call, &one).map(Some)
}

/// Renews a token. `asked` narrows what the new one reaches; what was approved stays as it is.
///
/// # Errors
/// [`StoreError`].
pub fn renew(
    call: &mut Call<'_>,
    client: &Client,
    text: &str,
    asked: Option<&Scopes>,
    certificate: Option<[u8; 32]>,
) -> Result<Renewed, StoreError> {
    let hash = hash(text);
    call.concerns(client.facility);
    let Some(one) = table::find(call, &hash)? else {
        return Ok(Renewed::Wrong);
    };
    // Another client's is not this one's to use up, nor to end.
    let is_bound_elsewhere = one.certificate.is_some() && one.certificate != certificate;
    if one.client != client.id || is_bound_elsewhere {
        return Ok(Renewed::Wrong);
    }
    let scopes = asked.unwrap_or(&one.scopes);
    if scopes.is_empty() || !one.scopes.contain(scopes) {
        return Ok(Renewed::Wider);
    }
    if table::use_up(call, &hash)? == 0 {
        end(call, client, &one.code)?;
        return Ok(Renewed::Again);
    }
    let live = session::session_end(call, one.approver.session)?;
    if live.is_none() || call.at() >= one.ends_at {
        return Ok(Renewed::Wrong);
    }
    let from = Some((one.approver.clone(), one.code));
    let access = token::put(call, client, scopes, certificate, from)?;
    Ok(Renewed::Tokens {
        access,
        next: put(call, &one)?,
        scopes: scopes.clone(),
        from: Box::new(one),
    })
}

/// Ends everything that came from one approval.
pub(crate) fn end(
    call: &mut Call<'_>,
    client: &Client,
    code: &[u8; 32],
) -> Result<usize, StoreError> {
    call.detail("client", client.id.to_hex());
    Ok(tokens::revoke_of_code(call, code)? + table::revoke_of_code(call, code)?)
}

/// Revokes by what renews; `false` when it is none of this client's.
pub(crate) fn revoke(call: &mut Call<'_>, client: &Client, text: &str) -> Result<bool, StoreError> {
    let found = table::find(call, &hash(text))?.filter(|one| one.client == client.id);
    match found {
        Some(one) => Ok(end(call, client, &one.code)? > 0),
        None => Ok(false),
    }
}
