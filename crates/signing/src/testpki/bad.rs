//! Certificates that must be refused, each with the refusal it must get.
//!
//! Source: identity-security T07 (corpus of at least twenty bad certificates).

use kernel::Entry;
use kernel::time::Timestamp;

use super::build::{self, Extension, Template};
use super::keys::{self, TestKey};
use super::{POLICY_AUTH, POLICY_HPKI_SIGN, Revocation, TestCa, TestPki, TestPkiError};
use crate::path::{self, KeyId, RevocationReason};

/// A certificate that must be refused when shown for card authentication.
#[derive(Clone, Debug)]
pub struct BadCertificate {
    /// What is wrong, in a word.
    pub name: &'static str,
    /// The certificate, DER (or not).
    pub der: Vec<u8>,
    /// The certificates shown with it, DER.
    pub intermediates: Vec<Vec<u8>>,
    /// The refusal it must get.
    pub expected: &'static Entry,
}

/// Person numbers of the corpus, far away from any town's.
const NUMBER: u64 = 9_000_000_001;
const REVOKED: u64 = 9_000_000_003;
const SUSPENDED: u64 = 9_000_000_005;

const SHA1_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 5];
const MD5_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 4];
const SHA256_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 11];
const SHA384_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 12];
const UNKNOWN: &[u64] = &[1, 2, 392, 200_149, 99, 1];

type Case = (&'static str, Vec<u8>, &'static Entry);

impl TestPki {
    /// The revocations that the corpus of [`Self::bad_certificates`] needs in the lists.
    #[must_use]
    pub fn bad_revocations(&self, at: Timestamp) -> Vec<Revocation> {
        let revoke = |number, reason| Revocation {
            ca: TestCa::Auth1,
            serial: super::serial(number),
            at: at.plus_hours(-1),
            reason,
        };
        vec![
            revoke(REVOKED, RevocationReason::KeyCompromise),
            revoke(SUSPENDED, RevocationReason::CertificateHold),
        ]
    }

    /// Bad certificates for [`path::Purpose::CardAuthentication`] at `at`, against
    /// [`Self::trust_store`] and the lists of [`Self::bad_revocations`].
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn bad_certificates(&self, at: Timestamp) -> Result<Vec<BadCertificate>, TestPkiError> {
        let good = self.good(NUMBER, at)?;
        let mut cases = self.bad_form(&good)?;
        cases.extend(self.bad_issuer(&good)?);
        cases.extend(self.bad_purpose(&good, at)?);
        cases.extend(self.bad_time(&good, at)?);
        let mut corpus: Vec<BadCertificate> = cases
            .into_iter()
            .map(|(name, der, expected)| BadCertificate {
                name,
                der,
                intermediates: Vec::new(),
                expected,
            })
            .collect();
        corpus.extend(self.bad_paths(&good)?);
        Ok(corpus)
    }

    fn good(&self, number: u64, at: Timestamp) -> Result<Template, TestPkiError> {
        let key = self.card_key(number)?;
        let validity = (at.plus_hours(-24), at.plus_hours(24 * 365));
        self.auth_template(TestCa::Auth1, number, &key, validity)
    }

    fn ca(&self) -> Result<&TestKey, TestPkiError> {
        Ok(self.key(TestCa::Auth1)?)
    }

    fn bad_form(&self, good: &Template) -> Result<Vec<Case>, TestPkiError> {
        let ca = self.ca()?;
        let der = good.sign(ca)?;
        let twice = good.extensions.first().cloned();
        let mut repeated = good.clone();
        repeated.extensions.extend(twice);
        let mut weak = good.clone();
        weak.spki = keys::WEAK_SPKI.to_vec();
        let mut p256 = good.clone();
        p256.spki = self.terminal().spki().to_vec();
        let constraints = Extension::new(build::OID_NAME_CONSTRAINTS, true, vec![0x30, 0]);
        let unknown = Extension::new(UNKNOWN, true, vec![5, 0]);
        let broken = Extension::new(build::OID_KEY_USAGE, true, vec![0x30, 0]);
        let unsupported = &path::UNSUPPORTED_ALGORITHM;
        Ok(vec![
            ("not_a_certificate", b"hello".to_vec(), &path::MALFORMED),
            ("empty", Vec::new(), &path::MALFORMED),
            ("huge", vec![0x30; 20_000], &path::MALFORMED),
            ("cut_short", cut(&der), &path::MALFORMED),
            (
                "octets_after_the_end",
                [der.clone(), vec![0]].concat(),
                &path::MALFORMED,
            ),
            ("version_1", good.sign_v1(ca)?, &path::MALFORMED),
            ("extension_twice", repeated.sign(ca)?, &path::MALFORMED),
            (
                "key_usage_broken",
                good.clone().with(broken).sign(ca)?,
                &path::MALFORMED,
            ),
            (
                "algorithm_differs_inside_and_outside",
                good.sign_claiming(ca, SHA384_RSA, SHA256_RSA)?,
                &path::MALFORMED,
            ),
            (
                "signed_with_sha1",
                good.sign_claiming(ca, SHA1_RSA, SHA1_RSA)?,
                &path::WEAK_ALGORITHM,
            ),
            (
                "signed_with_md5",
                good.sign_claiming(ca, MD5_RSA, MD5_RSA)?,
                &path::WEAK_ALGORITHM,
            ),
            (
                "unknown_signature_algorithm",
                good.sign_claiming(ca, UNKNOWN, UNKNOWN)?,
                unsupported,
            ),
            ("rsa_key_of_1024_bits", weak.sign(ca)?, &path::WEAK_KEY),
            ("key_on_p256", p256.sign(ca)?, unsupported),
            (
                "unknown_critical_extension",
                good.clone().with(unknown).sign(ca)?,
                &path::UNKNOWN_CRITICAL,
            ),
            (
                "critical_name_constraints",
                good.clone().with(constraints).sign(ca)?,
                &path::UNKNOWN_CRITICAL,
            ),
        ])
    }

    fn bad_issuer(&self, good: &Template) -> Result<Vec<Case>, TestPkiError> {
        let ca = self.ca()?;
        let foreign = self.key(TestCa::Foreign)?;
        let der = good.sign(ca)?;
        let foreign_id = build::authority_key_id(&foreign.key_id());
        let mut stranger = good.clone().with(foreign_id.clone());
        stranger.issuer = build::name(&[(6, "JP"), (10, "somebody else")]);
        let same_name = good.clone().with(foreign_id);
        let mut other_name = good.clone();
        other_name.issuer = build::name(&[(6, "JP"), (10, "tasuki test JPKI")]);
        let nobody = build::authority_key_id(&KeyId::new(&[7; 20]));
        let other_generation = build::authority_key_id(&self.key(TestCa::Auth2)?.key_id());
        Ok(vec![
            (
                "foreign_authority",
                stranger.sign(foreign)?,
                &path::UNTRUSTED_ISSUER,
            ),
            (
                "foreign_authority_of_the_same_name",
                same_name.sign(foreign)?,
                &path::UNTRUSTED_ISSUER,
            ),
            (
                "foreign_authority_of_the_same_name_and_key_identifier",
                good.sign(foreign)?,
                &path::BAD_SIGNATURE,
            ),
            (
                "key_identifier_of_another_generation",
                good.clone().with(other_generation).sign(ca)?,
                &path::BAD_SIGNATURE,
            ),
            (
                "unknown_key_identifier",
                good.clone().with(nobody).sign(ca)?,
                &path::UNTRUSTED_ISSUER,
            ),
            (
                "no_authority_key_identifier",
                good.clone().without(build::OID_AUTHORITY_KEY_ID).sign(ca)?,
                &path::UNTRUSTED_ISSUER,
            ),
            (
                "issuer_name_differs",
                other_name.sign(ca)?,
                &path::NAME_MISMATCH,
            ),
            ("signature_tampered", flip_last(&der), &path::BAD_SIGNATURE),
            (
                "content_tampered",
                swap_serial(&der, good),
                &path::BAD_SIGNATURE,
            ),
        ])
    }

    fn bad_purpose(&self, good: &Template, at: Timestamp) -> Result<Vec<Case>, TestPkiError> {
        let ca = self.ca()?;
        let signing = self.sign_card_for(NUMBER, &somebody(at), good.from, good.until)?;
        let usage = |bits| good.clone().with(build::key_usage(bits)).sign(ca);
        let hpki = build::policy(true, POLICY_HPKI_SIGN);
        let server = der_server_only();
        let hpki_root = self.key(TestCa::HpkiRoot)?;
        let mut crossed = good
            .clone()
            .with(build::authority_key_id(&hpki_root.key_id()));
        crossed.issuer = TestCa::HpkiRoot.name();
        let mut authority = good.clone().with(build::basic(0));
        authority.serial = vec![2];
        Ok(vec![
            (
                "signing_certificate_for_login",
                signing.certificate_der,
                &path::WRONG_PURPOSE,
            ),
            (
                "no_policy",
                good.clone().without(build::OID_POLICIES).sign(ca)?,
                &path::WRONG_PURPOSE,
            ),
            (
                "policy_of_hpki",
                good.clone().with(hpki).sign(ca)?,
                &path::WRONG_PURPOSE,
            ),
            (
                "card_policy_from_the_hpki_root",
                crossed.sign(hpki_root)?,
                &path::WRONG_PURPOSE,
            ),
            (
                "no_key_usage",
                good.clone().without(build::OID_KEY_USAGE).sign(ca)?,
                &path::WRONG_KEY_USAGE,
            ),
            (
                "key_usage_for_signing_only",
                usage(build::USAGE_NON_REPUDIATION)?,
                &path::WRONG_KEY_USAGE,
            ),
            (
                "key_usage_of_an_authority",
                usage([1, 0x86])?,
                &path::WRONG_KEY_USAGE,
            ),
            (
                "extended_usage_for_servers_only",
                good.clone().with(server).sign(ca)?,
                &path::WRONG_KEY_USAGE,
            ),
            (
                "the_authority_itself",
                self.certificate(TestCa::Auth1).to_vec(),
                &path::CA_AS_END_ENTITY,
            ),
            (
                "a_person_with_basic_constraints_ca",
                authority.sign(ca)?,
                &path::CA_AS_END_ENTITY,
            ),
        ])
    }

    fn bad_time(&self, good: &Template, at: Timestamp) -> Result<Vec<Case>, TestPkiError> {
        let ca = self.ca()?;
        let mut expired = good.clone();
        expired.until = at.plus_seconds(-1);
        let mut early = good.clone();
        early.from = at.plus_seconds(1);
        let elsewhere = build::crl_point(&build::uri("http://elsewhere.test.invalid/x.crl"));
        Ok(vec![
            ("expired_a_second_ago", expired.sign(ca)?, &path::EXPIRED),
            (
                "valid_from_the_next_second",
                early.sign(ca)?,
                &path::NOT_YET_VALID,
            ),
            ("revoked", self.good(REVOKED, at)?.sign(ca)?, &path::REVOKED),
            (
                "suspended",
                self.good(SUSPENDED, at)?.sign(ca)?,
                &path::REVOKED,
            ),
            (
                "no_list_covers_it",
                good.clone().with(elsewhere).sign(ca)?,
                &path::CRL_MISSING,
            ),
        ])
    }

    /// Certificates below something that should not issue.
    fn bad_paths(&self, good: &Template) -> Result<Vec<BadCertificate>, TestPkiError> {
        let ca = self.ca()?;
        let middle_key = self.key(TestCa::Foreign)?;
        let middle_name = build::name(&[(6, "JP"), (10, "tasuki test JPKI"), (3, "middle")]);
        let below = |issuer: &Template| {
            let mut leaf = good
                .clone()
                .with(build::authority_key_id(&middle_key.key_id()));
            leaf.issuer.clone_from(&issuer.subject);
            leaf
        };
        let mut person = good
            .clone()
            .with(build::subject_key_id(&middle_key.key_id()));
        person.spki = middle_key.spki().to_vec();
        person.subject = middle_name;
        let middle = person
            .clone()
            .with(build::basic(0))
            .with(build::key_usage(build::USAGE_AUTHORITY))
            .with(build::policy(true, POLICY_AUTH));
        let case = |name, issuer: &Template, expected| {
            Ok(BadCertificate {
                name,
                der: below(issuer).sign(middle_key)?,
                intermediates: vec![issuer.sign(ca)?],
                expected,
            })
        };
        Ok(vec![
            case("issued_by_a_person", &person, &path::NOT_A_CA)?,
            case(
                "below_more_authorities_than_allowed",
                &middle,
                &path::PATH_TOO_LONG,
            )?,
            case(
                "below_an_authority_that_may_not_sign",
                &middle
                    .clone()
                    .with(build::key_usage(build::USAGE_DIGITAL_SIGNATURE)),
                &path::WRONG_KEY_USAGE,
            )?,
        ])
    }
}

fn somebody(at: Timestamp) -> super::Holder {
    super::Holder {
        name: "試験　太郎".to_owned(),
        sex: '1',
        birth: at.jst_date().plus_years(-40),
        address: "試験県試験市1-1".to_owned(),
    }
}

/// Extended key usage: TLS servers.
fn der_server_only() -> Extension {
    let value = crate::der::seq(&[&crate::der::oid(&[1, 3, 6, 1, 5, 5, 7, 3, 1])]);
    Extension::new(build::OID_EXTENDED_USAGE, false, value)
}

fn cut(der: &[u8]) -> Vec<u8> {
    let keep = der.len().saturating_sub(3);
    der.iter().copied().take(keep).collect()
}

fn flip_last(der: &[u8]) -> Vec<u8> {
    let last = der.len().saturating_sub(1);
    der.iter()
        .enumerate()
        .map(|(i, b)| if i == last { b ^ 1 } else { *b })
        .collect()
}

/// The same certificate with the next serial number and the old signature.
fn swap_serial(der: &[u8], template: &Template) -> Vec<u8> {
    let old = crate::der::uint(&template.serial);
    let at = der.windows(old.len()).position(|w| w == old);
    let last = at.map(|at| at.saturating_add(old.len()).saturating_sub(1));
    der.iter()
        .enumerate()
        .map(|(i, b)| if Some(i) == last { b ^ 1 } else { *b })
        .collect()
}
