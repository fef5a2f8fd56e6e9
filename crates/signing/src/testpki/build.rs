//! Certificates and revocation lists out of their parts, good ones and deliberately bad ones.
//!
//! Source: RFC 5280, sections 4 and 5.

use kernel::time::Timestamp;

use super::TestPkiError;
use super::keys::TestKey;
use crate::der;
use crate::path::{KeyId, RevocationReason};

pub(super) const OID_SUBJECT_KEY_ID: &[u64] = &[2, 5, 29, 14];
pub(super) const OID_KEY_USAGE: &[u64] = &[2, 5, 29, 15];
pub(super) const OID_ALT_NAME: &[u64] = &[2, 5, 29, 17];
pub(super) const OID_BASIC: &[u64] = &[2, 5, 29, 19];
pub(super) const OID_POLICIES: &[u64] = &[2, 5, 29, 32];
pub(super) const OID_CRL_POINTS: &[u64] = &[2, 5, 29, 31];
pub(super) const OID_AUTHORITY_KEY_ID: &[u64] = &[2, 5, 29, 35];
pub(super) const OID_EXTENDED_USAGE: &[u64] = &[2, 5, 29, 37];
pub(super) const OID_DIRECTORY_ATTRIBUTES: &[u64] = &[2, 5, 29, 9];
pub(super) const OID_NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];
const OID_CRL_NUMBER: &[u64] = &[2, 5, 29, 20];
const OID_CRL_REASON: &[u64] = &[2, 5, 29, 21];
const OID_ISSUING_POINT: &[u64] = &[2, 5, 29, 28];

/// digitalSignature.
pub(super) const USAGE_DIGITAL_SIGNATURE: [u8; 2] = [7, 0x80];
/// nonRepudiation.
pub(super) const USAGE_NON_REPUDIATION: [u8; 2] = [6, 0x40];
/// keyCertSign and cRLSign.
pub(super) const USAGE_AUTHORITY: [u8; 2] = [1, 0x06];

/// One extension.
#[derive(Clone)]
pub(super) struct Extension {
    pub oid: &'static [u64],
    pub critical: bool,
    pub value: Vec<u8>,
}

impl Extension {
    pub fn new(oid: &'static [u64], critical: bool, value: Vec<u8>) -> Self {
        Self {
            oid,
            critical,
            value,
        }
    }

    fn der(&self) -> Vec<u8> {
        let critical = if self.critical {
            der::tlv(der::BOOLEAN, &[0xff])
        } else {
            Vec::new()
        };
        let value = der::tlv(der::OCTET_STRING, &self.value);
        der::seq(&[&der::oid(self.oid), &critical, &value])
    }
}

fn extensions(list: &[Extension]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = list.iter().map(Extension::der).collect();
    der::seq(&[&parts.concat()])
}

/// A name from attribute types below 2.5.4 and values; order kept, repetition allowed.
pub(super) fn name(attributes: &[(u64, &str)]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(kind, value)| {
            let tag = if *kind == 6 {
                der::PRINTABLE_STRING
            } else {
                der::UTF8_STRING
            };
            let attribute = der::seq(&[
                &der::oid(&[2, 5, 4, *kind]),
                &der::tlv(tag, value.as_bytes()),
            ]);
            der::nest(der::SET, &[&attribute])
        })
        .collect();
    der::seq(&[&parts.concat()])
}

pub(super) fn subject_key_id(id: &KeyId) -> Extension {
    let value = der::tlv(der::OCTET_STRING, id.as_bytes());
    Extension::new(OID_SUBJECT_KEY_ID, false, value)
}

pub(super) fn authority_key_id(id: &KeyId) -> Extension {
    let value = der::seq(&[&der::tlv(0x80, id.as_bytes())]);
    Extension::new(OID_AUTHORITY_KEY_ID, false, value)
}

pub(super) fn key_usage(bits: [u8; 2]) -> Extension {
    Extension::new(OID_KEY_USAGE, true, der::tlv(der::BIT_STRING, &bits))
}

pub(super) fn basic(path_len: u8) -> Extension {
    let value = der::seq(&[&der::tlv(der::BOOLEAN, &[0xff]), &der::uint(&[path_len])]);
    Extension::new(OID_BASIC, true, value)
}

pub(super) fn policy(critical: bool, arcs: &[u64]) -> Extension {
    policies(critical, &[arcs])
}

pub(super) fn policies(critical: bool, all: &[&[u64]]) -> Extension {
    let each: Vec<Vec<u8>> = all
        .iter()
        .map(|arcs| der::seq(&[&der::oid(arcs)]))
        .collect();
    Extension::new(OID_POLICIES, critical, der::seq(&[&each.concat()]))
}

/// `[0] { [0] { general name } }`: a distribution point of one name.
fn point(general_name: &[u8]) -> Vec<u8> {
    der::nest(
        der::context(0),
        &[&der::nest(der::context(0), &[general_name])],
    )
}

pub(super) fn directory_name(name: &[u8]) -> Vec<u8> {
    der::nest(der::context(4), &[name])
}

pub(super) fn uri(text: &str) -> Vec<u8> {
    der::tlv(0x86, text.as_bytes())
}

pub(super) fn crl_point(general_name: &[u8]) -> Extension {
    let value = der::seq(&[&der::seq(&[&point(general_name)])]);
    Extension::new(OID_CRL_POINTS, false, value)
}

/// The parts of a certificate.
#[derive(Clone)]
pub(super) struct Template {
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub serial: Vec<u8>,
    pub from: Timestamp,
    pub until: Timestamp,
    pub spki: Vec<u8>,
    pub extensions: Vec<Extension>,
}

impl Template {
    /// The extension replaced by another of the same identifier, or added.
    pub fn with(mut self, extension: Extension) -> Self {
        self = self.without(extension.oid);
        self.extensions.push(extension);
        self
    }

    /// Without that extension.
    pub fn without(mut self, oid: &[u64]) -> Self {
        self.extensions.retain(|e| e.oid != oid);
        self
    }

    fn signed_part(&self, algorithm: &[u8], version: &[u8]) -> Vec<u8> {
        let list = extensions(&self.extensions);
        let extensions = if version.is_empty() {
            Vec::new()
        } else {
            der::nest(der::context(3), &[&list])
        };
        der::seq(&[
            version,
            &der::uint(&self.serial),
            algorithm,
            &self.issuer,
            &der::seq(&[&der::time(self.from), &der::time(self.until)]),
            &self.subject,
            &self.spki,
            &extensions,
        ])
    }

    /// Signed by `key`: the certificate.
    pub fn sign(&self, key: &TestKey) -> Result<Vec<u8>, TestPkiError> {
        self.sign_as(key, &der::nest(der::context(0), &[&der::uint(&[2])]))
    }

    /// As version 1, without extensions.
    pub fn sign_v1(&self, key: &TestKey) -> Result<Vec<u8>, TestPkiError> {
        self.sign_as(key, &[])
    }

    fn sign_as(&self, key: &TestKey, version: &[u8]) -> Result<Vec<u8>, TestPkiError> {
        let part = self.signed_part(&key.authority_algorithm(), version);
        let (algorithm, signature) = key.sign_as_authority(&part)?;
        Ok(der::seq(&[&part, &algorithm, &der::bits(&signature)]))
    }

    /// With a false claim about the algorithm inside and outside.
    pub fn sign_claiming(
        &self,
        key: &TestKey,
        inner: &[u64],
        outer: &[u64],
    ) -> Result<Vec<u8>, TestPkiError> {
        let identifier = |arcs: &[u64]| der::seq(&[&der::oid(arcs), &der::null()]);
        let version = der::nest(der::context(0), &[&der::uint(&[2])]);
        let part = self.signed_part(&identifier(inner), &version);
        let (_, signature) = key.sign_as_authority(&part)?;
        Ok(der::seq(&[
            &part,
            &identifier(outer),
            &der::bits(&signature),
        ]))
    }
}

/// One revoked certificate.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// The authority that issued it.
    pub ca: super::TestCa,
    /// Its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// The parts of a revocation list.
pub(super) struct ListTemplate<'a> {
    pub issuer: &'a [u8],
    /// Absent in the lists of some old authorities.
    pub key_id: Option<KeyId>,
    pub this_update: Timestamp,
    pub next_update: Timestamp,
    pub scope: Option<Vec<u8>>,
    pub revoked: Vec<&'a Revocation>,
}

impl ListTemplate<'_> {
    pub fn sign(&self, key: &TestKey) -> Result<Vec<u8>, TestPkiError> {
        let entries: Vec<Vec<u8>> = self.revoked.iter().map(|r| entry(r)).collect();
        let entries = if entries.is_empty() {
            Vec::new()
        } else {
            der::seq(&[&entries.concat()])
        };
        let number = der::uint(&self.this_update.seconds().max(0).to_be_bytes());
        let mut list: Vec<Extension> = self.key_id.iter().map(authority_key_id).collect();
        list.push(Extension::new(OID_CRL_NUMBER, false, number));
        if let Some(scope) = &self.scope {
            let value = der::seq(&[&point(scope)]);
            list.push(Extension::new(OID_ISSUING_POINT, true, value));
        }
        let part = der::seq(&[
            &der::uint(&[1]),
            &key.authority_algorithm(),
            self.issuer,
            &der::time(self.this_update),
            &der::time(self.next_update),
            &entries,
            &der::nest(der::context(0), &[&extensions(&list)]),
        ]);
        let (algorithm, signature) = key.sign_as_authority(&part)?;
        Ok(der::seq(&[&part, &algorithm, &der::bits(&signature)]))
    }
}

fn entry(revocation: &Revocation) -> Vec<u8> {
    let extensions = match revocation.reason {
        RevocationReason::Unspecified => Vec::new(),
        reason => {
            let value = der::tlv(der::ENUMERATED, &[reason.code()]);
            extensions(&[Extension::new(OID_CRL_REASON, false, value)])
        }
    };
    der::seq(&[
        &der::uint(&revocation.serial),
        &der::time(revocation.at),
        &extensions,
    ])
}
