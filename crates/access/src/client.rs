//! Registered clients: the programs of a facility that may ask for tokens, and their keys.
//!
//! A client proves itself with a key of its own or with a certificate; nothing secret of a
//! client is kept here. A key lasts a year at most, and two may overlap while one takes the
//! other's place.
//!
//! Source: identity-security OA-02, OA-04, OA-09, NET-03; RFC 7591 section 2 for the words.

use kernel::{
    id::{ClientId, FacilityId},
    net::Networks,
    time::Timestamp,
};
use store::{Call, Stop, StoreError};

use crate::{
    errors,
    jwk::PublicKey,
    scope::Scopes,
    store::{client as table, refresh},
};

/// Days for which a key may be used.
pub const KEY_DAYS_MAX: i64 = 365;
/// Days for which a client may be registered without another look at it.
pub const CLIENT_DAYS_MAX: i64 = 365 * 5;
/// Keys of one client that hold at the same time.
pub const KEYS_MAX: usize = 2;
/// Addresses to which one app may be led back.
pub const REDIRECTS_MAX: usize = 8;
/// Certificates of one client.
pub const CERTIFICATES_MAX: usize = 16;
/// Characters of a client's name.
pub const NAME_CHARS_MAX: usize = 80;
/// Clients of one facility.
pub const CLIENTS_MAX: usize = 200;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A server that acts on its own: a record system, a card terminal, another node.
    Backend,
    /// A program in which a person or a member of staff logs in.
    App,
}

impl Kind {
    /// The word in tables and forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::App => "app",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Backend, Self::App]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What is registered of a client.
#[derive(Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its name, for people.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// To what its tokens may reach.
    pub scopes: Scopes,
    /// Where an app may be led back to, letter by letter.
    pub redirects: Vec<String>,
    /// From where it may come; none: from anywhere.
    pub networks: Networks,
    /// SHA-256 of the certificates that are its own.
    pub certificates: Vec<[u8; 32]>,
    /// Must it show one of them?
    pub needs_certificate: bool,
    /// First instant at which it is no client any more.
    pub ends_at: Timestamp,
}

/// A registered client.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Identifier; in hexadecimal its `client_id`.
    pub id: ClientId,
    /// Whose program.
    pub facility: FacilityId,
    /// Since when.
    pub registered_at: Timestamp,
    /// What was registered.
    pub terms: Terms,
}

impl Client {
    /// Is it a client at `at`?
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        at < self.terms.ends_at
    }
}

/// A key of a client.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The public half.
    pub public: PublicKey,
    /// Since when.
    pub begins_at: Timestamp,
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
}

impl Key {
    /// Does it hold at `at`?
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        // It begins when it is registered; a clock that was set back since ends nothing.
        at < self.ends_at
    }
}

/// Registers a client with its first key, if it has one.
///
/// # Errors
/// [`errors::CLIENT_TERMS`], [`errors::KEY_TERMS`]; [`StoreError`].
pub fn register(
    call: &mut Call<'_>,
    facility: FacilityId,
    terms: &Terms,
    key: Option<(&PublicKey, Timestamp)>,
) -> Result<Client, Stop> {
    if !are_sound(terms, key.is_some(), call.at())
        || table::clients(call, facility)?.len() >= CLIENTS_MAX
    {
        return Err(Stop::from(&errors::CLIENT_TERMS));
    }
    let client = Client {
        id: ClientId::random(call.rng()),
        facility,
        registered_at: call.at(),
        terms: terms.clone(),
    };
    table::put_client(call, &client)?;
    call.concerns(facility);
    call.detail("client", client.id.to_hex());
    if let Some((key, ends_at)) = key {
        add_key(call, facility, client.id, key, ends_at)?;
    }
    Ok(client)
}

fn are_sound(terms: &Terms, has_key: bool, at: Timestamp) -> bool {
    let name = terms.name.trim();
    let has_proof = has_key || !terms.certificates.is_empty();
    let fits_kind = match terms.kind {
        Kind::Backend => {
            terms.redirects.is_empty() && terms.scopes.iter().all(crate::scope::Scope::fits_system)
        }
        Kind::App => {
            !terms.redirects.is_empty()
                && terms
                    .scopes
                    .iter()
                    .all(|scope| scope.fits_staff() || scope.fits_patient())
        }
    };
    !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control)
        && !terms.scopes.is_empty()
        && fits_kind
        && has_proof
        && (!terms.needs_certificate || !terms.certificates.is_empty())
        && terms.redirects.len() <= REDIRECTS_MAX
        && terms.certificates.len() <= CERTIFICATES_MAX
        && at < terms.ends_at
        && terms.ends_at <= at.plus_seconds(CLIENT_DAYS_MAX * DAY)
}

/// Gives a client another key. A third one waits until one of two has ended.
///
/// # Errors
/// [`errors::KEY_TERMS`], [`errors::CLIENT_ABSENT`]; [`StoreError`].
pub fn add_key(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: ClientId,
    key: &PublicKey,
    ends_at: Timestamp,
) -> Result<(), Stop> {
    let at = call.at();
    table::client(call, facility, id)?
        .filter(|client| client.holds(at))
        .ok_or(&errors::CLIENT_ABSENT)?;
    let keys = table::keys(call, facility, id)?;
    let held = keys.iter().filter(|key| at < key.ends_at).count();
    let is_known = keys.iter().any(|one| one.public.kid() == key.kid());
    let lasts = at < ends_at && ends_at <= at.plus_seconds(KEY_DAYS_MAX * DAY);
    if held >= KEYS_MAX || is_known || !lasts {
        return Err(Stop::from(&errors::KEY_TERMS));
    }
    table::put_key(
        call,
        facility,
        id,
        &Key {
            public: key.clone(),
            begins_at: at,
            ends_at,
        },
    )?;
    call.concerns(facility);
    call.detail("client", id.to_hex());
    call.detail("key", key.kid());
    Ok(())
}

/// Ends a key at once; `false` when there is no such key in force.
///
/// # Errors
/// [`StoreError`].
pub fn end_key(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: ClientId,
    kid: &str,
) -> Result<bool, StoreError> {
    call.concerns(facility);
    call.detail("client", id.to_hex());
    Ok(table::end_key(call, facility, id, kid)? == 1)
}

/// Ends a client and every token that it has; `false` when it had ended.
/// [`crate::Gate::forget_tokens`] comes after.
///
/// # Errors
/// [`StoreError`].
pub fn end(call: &mut Call<'_>, facility: FacilityId, id: ClientId) -> Result<bool, StoreError> {
    call.concerns(facility);
    call.detail("client", id.to_hex());
    let ended = table::end_client(call, facility, id)? == 1;
    table::revoke_of_client(call, facility, id)?;
    refresh::revoke_of_client(call, facility, id)?;
    Ok(ended)
}

/// A facility's clients with their keys, by name.
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<(Client, Vec<Key>)>, StoreError> {
    let mut clients = table::clients(call, facility)?;
    clients.sort_by(|a, b| a.terms.name.cmp(&b.terms.name));
    clients
        .into_iter()
        .map(|client| {
            let keys = table::keys(call, facility, client.id)?;
            Ok((client, keys))
        })
        .collect()
}

/// A client by its `client_id`, with those of its keys that hold; `None` when it is none, or
/// none any more.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, id: ClientId) -> Result<Option<(Client, Vec<Key>)>, StoreError> {
    let Some(facility) = table::facility_of(call, id)? else {
        return Ok(None);
    };
    let at = call.at();
    let client = table::client(call, facility, id)?.filter(|client| client.holds(at));
    let Some(client) = client else {
        return Ok(None);
    };
    let mut keys = table::keys(call, facility, id)?;
    keys.retain(|key| key.holds(at));
    Ok(Some((client, keys)))
}
