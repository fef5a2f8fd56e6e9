//! Which client asks: by an assertion that it signed, or by its certificate.

use access::{
    client::{self, Client},
    token,
};
use kernel::{Refusal, id::ClientId};
use store::{Call, Stop};
use web::{Request, request::Form};

use crate::{
    assertion::{Assertion, Proven, TYPE},
    errors, metadata,
};

/// A client that has shown who it is; its assertion has still to be used up.
pub struct Shown {
    /// Which.
    pub client: Client,
    /// SHA-256 of the certificate that its connection showed.
    pub certificate: Option<[u8; 32]>,
    proven: Option<Proven>,
}

/// The value of a parameter that may come once.
///
/// # Errors
/// [`errors::REQUEST`] when it comes twice.
pub fn once<'f>(form: &'f Form, name: &str) -> Result<Option<&'f str>, Refusal> {
    match form.all(name).as_slice() {
        [] | [""] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Refusal::new(&errors::REQUEST)),
    }
}

/// Finds out which client asks.
///
/// # Errors
/// [`errors::CLIENT`], [`errors::REQUEST`]; the store's.
pub async fn client(request: &Request, form: &Form) -> Result<Shown, Refusal> {
    let no = || Refusal::new(&errors::CLIENT);
    let kind = once(form, "client_assertion_type")?;
    let assertion = once(form, "client_assertion")?;
    let named = once(form, "client_id")?;
    let assertion = match (kind, assertion) {
        (Some(TYPE), Some(text)) => Some(Assertion::read(text).ok_or_else(no)?),
        (None, None) => None,
        _ => return Err(no()),
    };
    let id = match &assertion {
        Some(assertion) => assertion.client(),
        None => named.and_then(ClientId::parse),
    };
    let id = id.ok_or_else(no)?;
    if named.is_some_and(|named| named != id.to_hex()) {
        return Err(no());
    }
    let found = request
        .look_up(move |call| Ok(client::find(call, id)?))
        .await?;
    let (client, keys) = found.ok_or_else(no)?;
    let (peer, at) = (request.peer(), request.at());
    let own = &client.terms.certificates;
    let shows_own = peer.certificate.is_some_and(|shown| own.contains(&shown));
    let proven = match assertion {
        // Another terminal's certificate under this client's name is somebody else.
        Some(_) if peer.certificate.is_some() && !own.is_empty() && !shows_own => return Err(no()),
        Some(_) if client.terms.needs_certificate && !shows_own => return Err(no()),
        Some(assertion) => {
            let audiences = metadata::audiences(request.app(), request.path());
            let proven = request
                .compute(move || assertion.prove(id, &keys, &audiences, at))
                .await?;
            Some(proven.ok_or_else(no)?)
        }
        None if shows_own => None,
        None => return Err(no()),
    };
    token::fits(None, &client.terms.networks, peer).map_err(Refusal::new)?;
    Ok(Shown {
        client,
        certificate: peer.certificate,
        proven,
    })
}

impl Shown {
    /// Uses up the assertion, in the transaction of what it is good for.
    ///
    /// # Errors
    /// [`errors::CLIENT`] when it was used before, or the client has ended meanwhile; the
    /// store's.
    pub fn settle(&self, call: &mut Call<'_>) -> Result<(), Stop> {
        call.concerns(self.client.facility);
        let id = self.client.id;
        if client::find(call, id)?.is_none() {
            return Err(Stop::from(&errors::CLIENT));
        }
        let Some(proven) = &self.proven else {
            return Ok(());
        };
        if token::use_assertion(call, id, &proven.jti, proven.ends_at)? {
            Ok(())
        } else {
            Err(Stop::from(&errors::CLIENT))
        }
    }
}
