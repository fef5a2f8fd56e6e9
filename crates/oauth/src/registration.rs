//! What somebody writes to register a client, read into terms: the same for the page and the
//! command line.
//!
//! Source: identity-security OA-05, OA-06, OA-09, NET-03; RFC 8252 section 8.3 (loopback).

use access::{
    client::{CLIENT_DAYS_MAX, KEY_DAYS_MAX, Kind, Terms},
    jwk::PublicKey,
    scope::Scopes,
};
use kernel::{Refusal, hex, net::Networks, time::Timestamp};
use url::Url;

use crate::errors;

const DAY: i64 = 86_400;
/// Most characters of a return address.
const REDIRECT_CHARS_MAX: usize = 512;

/// A registration as it is written. Lists have white space between.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'a> {
    /// Name for people.
    pub name: &'a str,
    /// `backend` or `app`.
    pub kind: &'a str,
    /// Scopes.
    pub scopes: &'a str,
    /// Return addresses.
    pub redirects: &'a str,
    /// Networks.
    pub networks: &'a str,
    /// SHA-256 of certificates, in hexadecimal.
    pub certificates: &'a str,
    /// Must one of them be shown?
    pub needs_certificate: bool,
    /// A public key as JSON Web Key; may be empty.
    pub key: &'a str,
}

/// What is to be registered, and the first key with its end.
pub type Read = (Terms, Option<(PublicKey, Timestamp)>);

/// Reads a registration.
///
/// # Errors
/// [`errors::FIELD`] or [`errors::KEY`] with the field.
pub fn read(written: &Written<'_>, at: Timestamp) -> Result<Read, Refusal> {
    let no = |field: &str, found: &str| Refusal::at(&errors::FIELD, field, found);
    let kind = Kind::parse(written.kind).ok_or_else(|| no("kind", written.kind))?;
    let scopes: Vec<&str> = written.scopes.split_whitespace().collect();
    let scopes = Scopes::parse(&scopes.join(" ")).ok_or_else(|| no("scopes", written.scopes))?;
    let redirects = list(written.redirects, |word| {
        is_redirect(word).then(|| word.to_owned())
    });
    let certificates = list(written.certificates, |word| {
        hex::decode_array(&word.replace(':', "").to_ascii_lowercase())
    });
    let terms = Terms {
        name: written.name.trim().to_owned(),
        kind,
        scopes,
        redirects: redirects.map_err(|word| no("redirects", word))?,
        networks: Networks::parse(written.networks)
            .map_err(|_| no("networks", written.networks))?,
        certificates: certificates.map_err(|word| no("certificates", word))?,
        needs_certificate: written.needs_certificate,
        ends_at: at.plus_seconds(CLIENT_DAYS_MAX * DAY),
    };
    let key = match written.key.trim() {
        "" => None,
        text => Some((key(text)?, key_end(at))),
    };
    Ok((terms, key))
}

/// Reads a public key.
///
/// # Errors
/// [`errors::KEY`]; what was sent is not repeated: it may be a private key.
pub fn key(text: &str) -> Result<PublicKey, Refusal> {
    PublicKey::parse(text).map_err(|why| Refusal::at(&errors::KEY, "key", &why.to_string()))
}

/// When a key ends that is registered at `at`.
#[must_use]
pub const fn key_end(at: Timestamp) -> Timestamp {
    at.plus_seconds(KEY_DAYS_MAX * DAY)
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, &str> {
    text.split_whitespace()
        .map(|word| parse(word).ok_or(word))
        .collect()
}

/// May an app be led back there? Absolute, without fragment or user, by TLS; without it only
/// to a program on the user's own machine.
#[must_use]
pub fn is_redirect(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_near = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_near);
    is_safe
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && text.len() <= REDIRECT_CHARS_MAX
        && text.is_ascii()
}
