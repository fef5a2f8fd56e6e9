//! What a certificate says, read once and checked for form.
//!
//! Source: RFC 5280, section 4; the extensions of JPKI and HPKI profiles.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AlgorithmIdentifier, X509Version};

use kernel::time::Timestamp;

use super::{KeyId, PathError};
use crate::key::{PublicKey, check_algorithm};

/// Largest certificate read, in octets; a real one has about 1,600.
pub const CERTIFICATE_BYTES_MAX: usize = 16_384;

/// Critical extensions that this room understands: key usage, basic constraints,
/// certificate policies, subject alternative name, CRL distribution points, subject
/// directory attributes (hcRole). Any other critical one is refused.
const CRITICAL_KNOWN: [&[u64]; 6] = [
    &[2, 5, 29, 15],
    &[2, 5, 29, 19],
    &[2, 5, 29, 32],
    &[2, 5, 29, 17],
    &[2, 5, 29, 31],
    &[2, 5, 29, 9],
];

/// What the extended key usage allows, where there is one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExtendedUsage {
    pub client_auth: bool,
    pub signing: bool,
}

/// One certificate, read.
pub(super) struct Facts<'a> {
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    pub serial: &'a [u8],
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key: PublicKey,
    pub subject_key_id: Option<KeyId>,
    pub authority_key_id: Option<KeyId>,
    pub is_ca: bool,
    pub path_len: Option<u32>,
    pub digital_signature: bool,
    pub non_repudiation: bool,
    pub cert_sign: bool,
    pub crl_sign: bool,
    pub extended: Option<ExtendedUsage>,
    pub policies: Vec<Vec<u64>>,
    pub crl_points: Vec<Vec<u8>>,
    signed: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    signature: Vec<u8>,
}

impl<'a> Facts<'a> {
    pub fn read(der: &'a [u8]) -> Result<Self, PathError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(PathError::Malformed);
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| PathError::Malformed)?;
        if !rest.is_empty() {
            return Err(PathError::Malformed);
        }
        let X509Certificate {
            tbs_certificate: tbs,
            signature_algorithm: algorithm,
            signature_value,
            ..
        } = certificate;
        if tbs.version != X509Version::V3 || tbs.signature != algorithm {
            return Err(PathError::Malformed);
        }
        if signature_value.unused_bits != 0 {
            return Err(PathError::Malformed);
        }
        check_algorithm(&algorithm)?;
        let mut facts = Self {
            issuer: tbs.issuer.as_raw(),
            subject: tbs.subject.as_raw(),
            serial: trim(tbs.raw_serial()),
            not_before: instant(tbs.validity.not_before.timestamp()),
            not_after: instant(tbs.validity.not_after.timestamp()),
            key: PublicKey::read(&tbs.subject_pki)?,
            subject_key_id: None,
            authority_key_id: None,
            is_ca: false,
            path_len: None,
            digital_signature: false,
            non_repudiation: false,
            cert_sign: false,
            crl_sign: false,
            extended: None,
            policies: Vec::new(),
            crl_points: Vec::new(),
            signed: signed_part(der).ok_or(PathError::Malformed)?,
            algorithm,
            signature: signature_value.data.to_vec(),
        };
        let mut unknown = None;
        for (i, extension) in tbs.extensions().iter().enumerate() {
            if tbs
                .extensions()
                .iter()
                .take(i)
                .any(|e| e.oid == extension.oid)
            {
                return Err(PathError::Malformed);
            }
            let known = || CRITICAL_KNOWN.iter().any(|k| arcs(&extension.oid) == **k);
            if extension.critical && unknown.is_none() && !known() {
                unknown = Some(extension.oid.to_id_string());
            }
            facts.take(extension.parsed_extension())?;
        }
        unknown.map_or(Ok(facts), |oid| Err(PathError::UnknownCritical { oid }))
    }

    fn take(&mut self, extension: &ParsedExtension<'_>) -> Result<(), PathError> {
        match extension {
            ParsedExtension::AuthorityKeyIdentifier(aki) => {
                self.authority_key_id = aki.key_identifier.as_ref().map(|k| KeyId::new(k.0));
            }
            ParsedExtension::SubjectKeyIdentifier(ski) => {
                self.subject_key_id = Some(KeyId::new(ski.0));
            }
            ParsedExtension::BasicConstraints(basic) => {
                self.is_ca = basic.ca;
                self.path_len = basic.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => {
                self.digital_signature = usage.digital_signature();
                self.non_repudiation = usage.non_repudiation();
                self.cert_sign = usage.key_cert_sign();
                self.crl_sign = usage.crl_sign();
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended = Some(ExtendedUsage {
                    client_auth: usage.any || usage.client_auth,
                    signing: usage.any || usage.email_protection || names_signing(&usage.other),
                });
            }
            ParsedExtension::CertificatePolicies(policies) => {
                self.policies = policies.iter().map(|p| arcs(&p.policy_id)).collect();
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                self.crl_points = points
                    .iter()
                    .filter(|p| p.reasons.is_none() && p.crl_issuer.is_none())
                    .filter_map(|p| p.distribution_point.as_ref())
                    .flat_map(point_names)
                    .collect();
            }
            ParsedExtension::ParseError { .. } => return Err(PathError::Malformed),
            _ => {}
        }
        Ok(())
    }

    /// Did the holder of `issuer` sign this certificate?
    pub fn check_signed_by(&self, issuer: &PublicKey) -> Result<(), PathError> {
        issuer.verify_signed(&self.algorithm, self.signed, &self.signature)
    }

    pub fn valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at.seconds() <= self.not_after.seconds()
    }
}

/// id-kp-documentSigning, RFC 9336.
fn names_signing(others: &[x509_parser::der_parser::Oid<'_>]) -> bool {
    others
        .iter()
        .any(|oid| arcs(oid) == [1, 3, 6, 1, 5, 5, 7, 3, 36])
}

pub(super) fn arcs(oid: &x509_parser::der_parser::Oid<'_>) -> Vec<u64> {
    oid.iter().map(Iterator::collect).unwrap_or_default()
}

/// The names of a distribution point, as comparable octets.
pub(super) fn point_names(point: &DistributionPointName<'_>) -> Vec<Vec<u8>> {
    match point {
        DistributionPointName::FullName(names) => names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DirectoryName(name) => Some(name.as_raw().to_vec()),
                GeneralName::URI(uri) => Some(uri.as_bytes().to_vec()),
                _ => None,
            })
            .collect(),
        DistributionPointName::NameRelativeToCRLIssuer(_) => Vec::new(),
    }
}

pub(super) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_seconds(seconds)
}

/// A serial number without leading zero octets, so that equal numbers are equal octets.
pub(super) fn trim(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] if !rest.is_empty() => trim(rest),
        _ => serial,
    }
}

/// The signed octets: the first element inside the outer sequence, header included.
///
/// `None` unless the algorithm, octet for octet as inside, and a bit string follow and
/// nothing else: the parser would also take other tags there, and these octets are unsigned.
pub(super) fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let (outer, rest) = split(der)?;
    let (start, _) = header(outer)?;
    let (signed, after) = split(outer.get(start..)?)?;
    let (algorithm, after) = split(after)?;
    let (signature, after) = split(after)?;
    let tags = [outer, signed, algorithm, signature].map(|e| e.first().copied());
    let expected = [0x30, 0x30, 0x30, 0x03].map(Some);
    let whole = rest.is_empty() && after.is_empty() && tags == expected;
    (whole && inner_algorithm(signed)? == algorithm).then_some(signed)
}

/// The algorithm inside: the first sequence after version and serial number.
fn inner_algorithm(signed: &[u8]) -> Option<&[u8]> {
    let (start, _) = header(signed)?;
    let mut rest = signed.get(start..)?;
    for _ in 0..3 {
        let (element, after) = split(rest)?;
        if element.first() == Some(&0x30) {
            return Some(element);
        }
        rest = after;
    }
    None
}

/// The first element with its header, and what follows it.
fn split(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (start, len) = header(der)?;
    der.split_at_checked(start.checked_add(len)?)
}

/// Where an element's content starts, and how long it is.
fn header(der: &[u8]) -> Option<(usize, usize)> {
    match der {
        [_, short, ..] if *short < 0x80 => Some((2, usize::from(*short))),
        [_, 0x81, a, ..] => Some((3, usize::from(*a))),
        [_, 0x82, a, b, ..] => Some((4, usize::from(u16::from_be_bytes([*a, *b])))),
        [_, 0x83, a, b, c, ..] => {
            let len = u32::from_be_bytes([0, *a, *b, *c]);
            Some((5, usize::try_from(len).ok()?))
        }
        [_, 0x84, a, b, c, d, ..] => {
            let len = u32::from_be_bytes([*a, *b, *c, *d]);
            Some((6, usize::try_from(len).ok()?))
        }
        _ => None,
    }
}
