//! Revocation lists: checked and sorted once, then asked by binary search.
//!
//! A list is filed under the fingerprint of the key that signed it, so a list that a stranger
//! signed answers only for the stranger's certificates. An older list never replaces a newer.
//! Source: RFC 5280, sections 5 and 6.3; JPKI lists are partitioned by a directory name.

use std::collections::BTreeMap;

use kernel::time::Timestamp;
use x509_parser::extensions::{IssuingDistributionPoint, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};

use super::facts::{Facts, arcs, instant, point_names, signed_part, trim};
use super::{KeyId, PathError, RevocationReason, TrustStore};
use crate::key::{Fingerprint, PublicKey};

/// Largest revocation list read, in octets (room for about two million entries).
pub const CRL_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
struct Entry {
    serial: Vec<u8>,
    since: Timestamp,
    reason: RevocationReason,
}

/// Which certificates a list speaks for.
#[derive(Clone, PartialEq, Eq)]
struct Scope {
    points: Vec<Vec<u8>>,
    users: bool,
    authorities: bool,
}

#[derive(Clone)]
struct Crl {
    issuer: KeyId,
    scope: Scope,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: Vec<Entry>,
}

/// What was put into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlInfo {
    /// The authority's key identifier.
    pub issuer: KeyId,
    /// When the list was made.
    pub this_update: Timestamp,
    /// When the next one is due.
    pub next_update: Timestamp,
    /// How many certificates it revokes.
    pub entries: usize,
}

/// How fresh the revocation list was that let a certificate pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrlStatus {
    /// Within its time.
    Fresh,
    /// Too old, accepted because disaster mode allows it: the access must be recorded so.
    Stale {
        /// Since when it is too old.
        since: Timestamp,
    },
}

/// The revocation lists at hand; a copy takes the place of the shared one after an update.
#[derive(Clone, Default)]
pub struct CrlStore {
    lists: BTreeMap<Fingerprint, Vec<Crl>>,
}

/// What is asked of the store about one certificate.
pub(super) struct Question<'a> {
    pub issuer: &'a PublicKey,
    pub serial: &'a [u8],
    pub is_ca: bool,
    pub points: &'a [Vec<u8>],
    pub not_after: Timestamp,
    pub at: Timestamp,
    pub age_hours_max: i64,
    pub stale_ok: bool,
}

impl CrlStore {
    /// No lists: every certificate is refused with [`PathError::CrlMissing`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lists: BTreeMap::new(),
        }
    }

    /// Checks a list (DER) against its authority, an anchor of `store` or one of
    /// `intermediates` (certificates, DER), and files it.
    ///
    /// # Errors
    /// [`PathError::UntrustedIssuer`] when no authority at hand has the key it names,
    /// [`PathError::CrlNotGenuine`] when it cannot be read, has no next update, is a delta or
    /// indirect list, or the signature is wrong, [`PathError::WrongKeyUsage`] when the
    /// authority may not sign lists.
    pub fn insert(
        &mut self,
        der: &[u8],
        store: &TrustStore,
        intermediates: &[&[u8]],
    ) -> Result<CrlInfo, PathError> {
        if der.len() > CRL_BYTES_MAX {
            return Err(PathError::CrlNotGenuine);
        }
        let (_, list) = CertificateRevocationList::from_der(der)
            .ok()
            .filter(|(rest, list)| rest.is_empty() && whole(list))
            .ok_or(PathError::CrlNotGenuine)?;
        let (issuer, scope) = read_extensions(&list)?;
        let authority = signer(der, &list, issuer.as_ref(), store, intermediates)?;
        let this_update = instant(list.last_update().timestamp());
        let next_update = list.next_update().ok_or(PathError::CrlNotGenuine)?;
        let next_update = instant(next_update.timestamp());
        let mut revoked = list
            .iter_revoked_certificates()
            .map(read_entry)
            .collect::<Result<Vec<_>, _>>()?;
        revoked.sort_by(|a, b| (&a.serial, a.since).cmp(&(&b.serial, b.since)));
        revoked.dedup_by(|later, first| later.serial == first.serial);
        let list = Crl {
            issuer: authority.key_id,
            scope,
            this_update,
            next_update,
            revoked,
        };
        let info = list.info();
        let lists = self.lists.entry(*authority.key.fingerprint()).or_default();
        let newer = |l: &Crl| l.scope == list.scope && l.this_update > list.this_update;
        if !lists.iter().any(newer) {
            lists.retain(|l| l.scope != list.scope);
            lists.push(list);
        }
        Ok(info)
    }

    /// What is in the store, for self-diagnosis.
    pub fn lists(&self) -> impl Iterator<Item = CrlInfo> {
        self.lists.values().flatten().map(Crl::info)
    }

    /// Is the certificate in question revoked, as far as the newest covering list says?
    pub(super) fn check(&self, q: &Question<'_>) -> Result<CrlStatus, PathError> {
        let list = self
            .lists
            .get(q.issuer.fingerprint())
            .into_iter()
            .flatten()
            .filter(|l| l.covers(q))
            .max_by_key(|l| l.this_update)
            .ok_or(PathError::CrlMissing)?;
        if let Ok(i) = list
            .revoked
            .binary_search_by(|e| e.serial.as_slice().cmp(q.serial))
            && let Some(entry) = list.revoked.get(i)
            && entry.since <= q.at
        {
            return Err(PathError::Revoked {
                at: entry.since,
                reason: entry.reason,
            });
        }
        let since = list
            .next_update
            .min(list.this_update.plus_hours(q.age_hours_max));
        match (q.at <= since, q.stale_ok) {
            (true, _) => Ok(CrlStatus::Fresh),
            (false, true) => Ok(CrlStatus::Stale { since }),
            (false, false) => Err(PathError::CrlStale { since }),
        }
    }
}

impl Crl {
    fn info(&self) -> CrlInfo {
        CrlInfo {
            issuer: self.issuer.clone(),
            this_update: self.this_update,
            next_update: self.next_update,
            entries: self.revoked.len(),
        }
    }

    /// A list made after the certificate's end may have dropped it, so it does not cover it.
    fn covers(&self, q: &Question<'_>) -> bool {
        let kind = if q.is_ca {
            self.scope.authorities
        } else {
            self.scope.users
        };
        let point =
            self.scope.points.is_empty() || self.scope.points.iter().any(|p| q.points.contains(p));
        kind && point && self.this_update <= q.not_after
    }
}

/// The same algorithm inside and outside, and a signature of whole octets.
fn whole(list: &CertificateRevocationList<'_>) -> bool {
    list.tbs_cert_list.signature == list.signature_algorithm
        && list.signature_value.unused_bits == 0
}

fn read_extensions(
    list: &CertificateRevocationList<'_>,
) -> Result<(Option<KeyId>, Scope), PathError> {
    let mut issuer = None;
    let mut scope = Scope {
        points: Vec::new(),
        users: true,
        authorities: true,
    };
    for (i, extension) in list.extensions().iter().enumerate() {
        let mut before = list.extensions().iter().take(i);
        if before.any(|e| e.oid == extension.oid) {
            return Err(PathError::CrlNotGenuine);
        }
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(aki) => {
                issuer = aki.key_identifier.as_ref().map(|k| KeyId::new(k.0));
            }
            ParsedExtension::IssuingDistributionPoint(point) => scope = read_scope(point)?,
            ParsedExtension::CRLNumber(_) => {}
            // Delta lists (2.5.29.27) and all that is critical and not understood.
            _ if extension.critical || arcs(&extension.oid) == [2, 5, 29, 27] => {
                return Err(PathError::CrlNotGenuine);
            }
            _ => {}
        }
    }
    Ok((issuer, scope))
}

fn read_scope(point: &IssuingDistributionPoint<'_>) -> Result<Scope, PathError> {
    if point.indirect_crl
        || point.only_some_reasons.is_some()
        || point.only_contains_attribute_certs
    {
        return Err(PathError::CrlNotGenuine);
    }
    let points: Vec<Vec<u8>> = point
        .distribution_point
        .as_ref()
        .map(point_names)
        .unwrap_or_default();
    if point.distribution_point.is_some() && points.is_empty() {
        return Err(PathError::CrlNotGenuine);
    }
    Ok(Scope {
        points,
        users: !point.only_contains_ca_certs,
        authorities: !point.only_contains_user_certs,
    })
}

/// An authority that may have signed a list.
struct Candidate {
    key: PublicKey,
    key_id: KeyId,
    subject: Vec<u8>,
    crl_sign: bool,
}

/// Who signed the list: an anchor, or else an intermediate authority.
///
/// By key identifier; a list without one (old authorities) is tried against the authorities
/// of its issuer name, and the signature decides.
fn signer(
    der: &[u8],
    list: &CertificateRevocationList<'_>,
    issuer: Option<&KeyId>,
    store: &TrustStore,
    intermediates: &[&[u8]],
) -> Result<Candidate, PathError> {
    let mut candidates: Vec<Candidate> = store
        .anchors()
        .map(|a| Candidate {
            key: a.key.clone(),
            key_id: a.key_id.clone(),
            subject: a.subject.clone(),
            crl_sign: a.crl_sign,
        })
        .collect();
    for der in intermediates {
        let facts = Facts::read(der)?;
        if let (true, Some(key_id)) = (facts.is_ca, facts.subject_key_id) {
            candidates.push(Candidate {
                key: facts.key,
                key_id,
                subject: facts.subject.to_vec(),
                crl_sign: facts.crl_sign,
            });
        }
    }
    let name = list.issuer().as_raw();
    candidates.retain(|c| issuer.map_or(c.subject == name, |id| c.key_id == *id));
    if candidates.is_empty() {
        return Err(PathError::UntrustedIssuer);
    }
    let signed = signed_part(der).ok_or(PathError::CrlNotGenuine)?;
    let signature = list.signature_value.data.as_ref();
    let signed_by = |key: &PublicKey| {
        key.verify_signed(&list.signature_algorithm, signed, signature)
            .is_ok()
    };
    let authority = candidates
        .into_iter()
        .find(|c| c.subject == name && signed_by(&c.key))
        .ok_or(PathError::CrlNotGenuine)?;
    if authority.crl_sign {
        Ok(authority)
    } else {
        Err(PathError::WrongKeyUsage)
    }
}

fn read_entry(entry: &RevokedCertificate<'_>) -> Result<Entry, PathError> {
    let mut since = instant(entry.revocation_date.timestamp());
    let mut reason = RevocationReason::Unspecified;
    for extension in entry.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::ReasonCode(code) => reason = RevocationReason::from_code(code.0),
            // A key may have been compromised before the authority heard of it.
            ParsedExtension::InvalidityDate(date) => since = since.min(instant(date.timestamp())),
            _ if extension.critical => return Err(PathError::CrlNotGenuine),
            _ => {}
        }
    }
    Ok(Entry {
        serial: trim(entry.raw_serial()).to_vec(),
        since,
        reason,
    })
}
