//! The installation's own certificate authority: it names the terminals and servers of the
//! facilities, and this server itself when the operator has no certificate for it.
//!
//! ECDSA on P-384; the root is made once and lasts ten years, what it issues a year at most.
//! Its private key is kept sealed in the store and is in the clear in memory only while it
//! signs. A terminal's key never comes here: it sends a request (PKCS#10), of which nothing
//! but the public key is believed.
//!
//! Source: identity-security OA-04, NET-02; RFC 5280; RFC 2986; CRYPTREC LS-0003.

use kernel::{
    Secret,
    id::{FacilityId, TerminalId},
    time::{JstDate, Timestamp},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
    SerialNumber, date_time_ymd,
};
use store::{Call, Stop, StoreError, audit::sha256};

use crate::{errors, model::Certificate, store::authority as table};

/// Days for which a certificate is issued; with the day before, on which it begins, a year.
pub const DAYS_MAX: i32 = 364;
/// Years for which the root is made.
const ROOT_YEARS: i16 = 10;
/// Most characters of a common name. Source: RFC 5280 appendix A, ub-common-name.
const NAME_CHARS_MAX: usize = 64;
/// Bytes of an RSA public key of 2048 bits: modulus, exponent and their tags.
const RSA_2048_LEN: usize = 270;
/// Most characters of a request.
const REQUEST_CHARS_MAX: usize = 16 << 10;

/// A certificate that was just issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its serial number.
    pub serial: [u8; 16],
    /// The certificate.
    pub pem: String,
    /// SHA-256 of its DER form.
    pub thumbprint: [u8; 32],
    /// First instant at which it no longer holds.
    pub ends_at: Timestamp,
}

/// A key pair and the request for its certificate, both PEM: what a terminal makes for itself.
///
/// # Errors
/// [`rcgen::Error`] when no key can be made.
pub fn new_request() -> Result<(Secret<String>, String), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?;
    let mut params = CertificateParams::default();
    // Nothing but the public key is taken over from a request.
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key)?.pem()?;
    Ok((Secret::new(key.serialize_pem()), request))
}

/// The root certificate, PEM; `None` before it is made.
///
/// # Errors
/// [`StoreError`].
pub fn root(call: &Call<'_>) -> Result<Option<String>, StoreError> {
    table::root(call)
}

/// The same, DER: what a TLS listener believes.
///
/// # Errors
/// [`StoreError`].
pub fn root_der(call: &Call<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    root(call)?
        .map(|pem| {
            let (_, block) = x509_parser::pem::parse_x509_pem(pem.as_bytes())
                .map_err(|_| StoreError::Corrupt("the authority's certificate"))?;
            Ok(block.contents)
        })
        .transpose()
}

/// Makes the authority unless it is there; its root certificate, PEM.
///
/// # Errors
/// [`StoreError`].
pub fn init(call: &mut Call<'_>) -> Result<String, Stop> {
    if let Some(root) = table::root(call)? {
        return Ok(root);
    }
    let (pem, key) = make_root(call).map_err(unable)?;
    table::put_authority(call, &pem, &Secret::new(key.serialize_pem()))?;
    call.detail("authority", "made");
    Ok(pem)
}

fn make_root(call: &Call<'_>) -> Result<(String, KeyPair), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?;
    let today = call.at().jst_date();
    let mut params = CertificateParams::default();
    limit(
        &mut params,
        today.plus_days(-1),
        today.plus_years(ROOT_YEARS),
    );
    params.serial_number = Some(SerialNumber::from_slice(&serial(call)));
    params.distinguished_name = DistinguishedName::new();
    let node: String = call.node_id().to_hex().chars().take(8).collect();
    let name = format!("tasuki CA {node}");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key))
}

/// Issues a client certificate: O is the facility's code, CN the label. Only the public key
/// of the request is taken over.
///
/// # Errors
/// [`errors::REQUEST_INVALID`]; [`StoreError`].
pub fn issue_client(
    call: &mut Call<'_>,
    facility_code: &str,
    label: &str,
    request_pem: &str,
) -> Result<Issued, Stop> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, facility_code);
    let label: String = label.chars().take(NAME_CHARS_MAX).collect();
    name.push(DnType::CommonName, label);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    sign(call, params, request_pem)
}

/// Issues this server's own TLS certificate for a host name or an address, and notes it.
///
/// # Errors
/// [`errors::NAME_INVALID`], [`errors::REQUEST_INVALID`]; [`StoreError`].
pub fn issue_server(call: &mut Call<'_>, host: &str, request_pem: &str) -> Result<Issued, Stop> {
    let is_host = host.parse::<std::net::IpAddr>().is_ok()
        || (!host.is_empty()
            && host.len() <= 253
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')));
    let params = is_host
        .then(|| CertificateParams::new(vec![host.to_owned()]).ok())
        .flatten();
    let Some(mut params) = params else {
        return Err(Stop::from(&errors::NAME_INVALID));
    };
    params.distinguished_name = DistinguishedName::new();
    let name: String = host.chars().take(NAME_CHARS_MAX).collect();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let issued = sign(call, params, request_pem)?;
    table::put_server(call, &issued.serial, host, issued.ends_at)?;
    Ok(issued)
}

/// Signs, with the authority that is made if need be.
fn sign(
    call: &mut Call<'_>,
    mut params: CertificateParams,
    request_pem: &str,
) -> Result<Issued, Stop> {
    let invalid = || Stop::from(&errors::REQUEST_INVALID);
    if request_pem.len() > REQUEST_CHARS_MAX {
        return Err(invalid());
    }
    let request = CertificateSigningRequestParams::from_pem(request_pem).map_err(|_| invalid())?;
    if !is_strong(&request.public_key) {
        return Err(invalid());
    }
    init(call)?;
    let Some((root, key)) = table::authority(call)? else {
        return Err(Stop::from(&errors::NO_AUTHORITY));
    };
    let today = call.at().jst_date();
    let last = today.plus_days(DAYS_MAX);
    let serial = serial(call);
    limit(&mut params, today.plus_days(-1), last);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::from_pem(key.reveal()).map_err(unable)?;
    let issuer = Issuer::from_ca_cert_pem(&root, key).map_err(unable)?;
    let certificate = params
        .signed_by(&request.public_key, &issuer)
        .map_err(unable)?;
    call.detail("certificate", kernel::hex::encode(&serial));
    Ok(Issued {
        serial,
        pem: certificate.pem(),
        thumbprint: sha256(&[certificate.der()]),
        ends_at: Timestamp::parse(&format!("{last}T00:00:00Z"))
            .ok_or(StoreError::Corrupt("a certificate's end"))?,
    })
}

/// Source: CRYPTREC LS-0003 (112 bits of security at least).
fn is_strong(key: &rcgen::PublicKey) -> bool {
    let algorithm = key.algorithm();
    let is_curve = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ]
    .contains(&algorithm);
    let is_rsa = [
        &rcgen::PKCS_RSA_SHA256,
        &rcgen::PKCS_RSA_SHA384,
        &rcgen::PKCS_RSA_SHA512,
    ]
    .contains(&algorithm);
    is_curve || (is_rsa && key.der_bytes().len() >= RSA_2048_LEN)
}

/// Puts an issued certificate under its entry in the ledger and in the directory by which
/// connections are known.
pub(crate) fn note(
    call: &Call<'_>,
    facility: FacilityId,
    item: TerminalId,
    kind: &str,
    label: &str,
    issued: &Issued,
) -> Result<(), StoreError> {
    let certificate = Certificate {
        serial: issued.serial,
        item,
        thumbprint: issued.thumbprint,
        issued_at: call.at(),
        ends_at: issued.ends_at,
        ended_at: None,
    };
    crate::store::item::put_certificate(call, facility, &certificate)?;
    access::terminal::register(
        call,
        &issued.thumbprint,
        &access::terminal::Terminal {
            id: item,
            facility,
            kind: kind.to_owned(),
            label: label.to_owned(),
            ends_at: issued.ends_at,
            ended_at: None,
        },
    )
}

/// 16 random bytes that are a positive number.
fn serial(call: &Call<'_>) -> [u8; 16] {
    let mut bytes = [0; 16];
    call.rng().fill(&mut bytes);
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    bytes
}

/// From the first instant of a day, in UTC, to that of another.
fn limit(params: &mut CertificateParams, from: JstDate, until: JstDate) {
    let part = |n: i8| u8::try_from(n).unwrap_or(1);
    let midnight = |d: JstDate| date_time_ymd(i32::from(d.year()), part(d.month()), part(d.day()));
    params.not_before = midnight(from);
    params.not_after = midnight(until);
}

fn unable(_: rcgen::Error) -> Stop {
    Stop::Failed(StoreError::Corrupt("the certificate authority"))
}
