//! Test authorities shaped like JPKI and HPKI, and cards made from a number alone.
//!
//! Names say "tasuki test", keys are public files: whoever trusts these anchors trusts
//! everybody, so production mode refuses them ([`is_test_anchor`],
//! [`crate::TrustStore::holds_test_anchor`]). Making a card costs one RSA signature; with RSA
//! authorities the same inputs give the same octets.
//! Source: identity-security 1.4 (JPKI profile) and 2.2 (HPKI profile, hcRole).

mod bad;
mod build;
mod ca;
mod keys;
mod profile;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::time::{JstDate, Timestamp};

pub use bad::BadCertificate;
pub use build::Revocation;
pub use ca::TestCa;
pub use keys::{CardKey, TestKey};

use crate::key::{Algorithm, PublicKey, sha256};
use crate::path::{CrlStore, KeyId, PathError, Purpose, RevocationReason, TrustStore, medium};
use build::{ListTemplate, Template};

/// A test key file that cannot be used, or not for this: a fault of the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("test key {key} cannot be used for this")]
pub struct TestPkiError {
    /// The key's name.
    pub key: &'static str,
}

/// A certificate and the key that belongs to it.
#[derive(Clone, Debug)]
pub struct CardCredential {
    /// The certificate, DER.
    pub certificate_der: Vec<u8>,
    /// Its key.
    pub key: CardKey,
    /// The authority that issued it.
    pub ca: TestCa,
    /// Its serial number, big-endian.
    pub serial: Vec<u8>,
}

impl CardCredential {
    /// Signs `message` as the card would, without any card.
    ///
    /// # Errors
    /// [`TestPkiError`] when the key is of another kind than `algorithm`.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, TestPkiError> {
        self.key.sign(algorithm, message)
    }

    /// The list entry that revokes this certificate.
    #[must_use]
    pub fn revocation(&self, at: Timestamp, reason: RevocationReason) -> Revocation {
        Revocation {
            ca: self.ca,
            serial: self.serial.clone(),
            at,
            reason,
        }
    }
}

/// What a digital-signature certificate says about its holder (基本4情報).
#[derive(Clone, Debug)]
pub struct Holder {
    /// 氏名.
    pub name: String,
    /// 性別: `1` male, `2` female, `9` other.
    pub sex: char,
    /// 生年月日.
    pub birth: JstDate,
    /// 住所.
    pub address: String,
}

/// A phone that carries a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// Android.
    Android,
    /// iPhone.
    Iphone,
}

/// The certificate policy of JPKI user authentication.
const POLICY_AUTH: &[u64] = &[1, 2, 392, 200_149, 8, 5, 1, 3, 30];
/// The certificate policy of JPKI digital signature.
const POLICY_SIGN: &[u64] = &[1, 2, 392, 200_149, 8, 5, 1, 1, 20];
/// The test policy of HPKI signature.
const POLICY_HPKI_SIGN: &[u64] = &[1, 2, 392, 100_495, 1, 5, 1, 1, 0, 1];

/// The test authorities with their keys loaded; make one and share it.
#[derive(Debug)]
pub struct TestPki {
    keys: BTreeMap<TestCa, Arc<TestKey>>,
    certificates: BTreeMap<TestCa, Vec<u8>>,
    cards: Vec<CardKey>,
    next_card: CardKey,
    terminal_ca: Arc<TestKey>,
    terminal: Arc<TestKey>,
}

/// Is this the key identifier of a test authority? Production mode refuses such anchors.
#[must_use]
pub fn is_test_anchor(key_id: &KeyId) -> bool {
    keys::known().ids.contains(key_id)
}

/// Is this a test authority's key, whatever identifier it goes by?
#[must_use]
pub fn is_test_key(key: &PublicKey) -> bool {
    keys::known().fingerprints.contains(key.fingerprint())
}

impl TestPki {
    /// Loads the keys and makes the authorities' certificates.
    ///
    /// # Errors
    /// [`TestPkiError`] when a key file is unusable.
    pub fn new() -> Result<Self, TestPkiError> {
        let mut keys = BTreeMap::new();
        for ca in TestCa::ALL {
            keys.insert(ca, TestKey::load(ca.key_file())?);
        }
        let mut pki = Self {
            keys,
            certificates: BTreeMap::new(),
            cards: keys::CARDS
                .into_iter()
                .map(TestKey::load)
                .collect::<Result<_, _>>()?,
            next_card: TestKey::load(keys::CARD_NEXT)?,
            terminal_ca: TestKey::load(keys::TERMINAL_CA)?,
            terminal: TestKey::load(keys::TERMINAL_1)?,
        };
        for ca in TestCa::ALL {
            let certificate = pki.authority(ca)?;
            pki.certificates.insert(ca, certificate);
        }
        Ok(pki)
    }

    fn key(&self, ca: TestCa) -> Result<&Arc<TestKey>, TestPkiError> {
        let (key, _) = ca.key_file();
        self.keys.get(&ca).ok_or(TestPkiError { key })
    }

    pub(crate) const fn terminal_ca(&self) -> &Arc<TestKey> {
        &self.terminal_ca
    }

    pub(crate) const fn terminal(&self) -> &Arc<TestKey> {
        &self.terminal
    }

    pub(crate) fn foreign_key(&self) -> Result<&TestKey, TestPkiError> {
        Ok(self.key(TestCa::Foreign)?)
    }

    fn authority(&self, ca: TestCa) -> Result<Vec<u8>, TestPkiError> {
        let key = self.key(ca)?;
        let issuer_key = self.key(ca.issuer())?;
        let (first, last) = ca.years();
        let start =
            |year| JstDate::new(year, 1, 1).map_or(Timestamp::from_micros(0), JstDate::start);
        let path_len = u8::from(ca == TestCa::HpkiRoot);
        let mut extensions = vec![
            build::basic(path_len),
            build::key_usage(build::USAGE_AUTHORITY),
            build::subject_key_id(&key.key_id()),
            build::authority_key_id(&issuer_key.key_id()),
        ];
        if ca == TestCa::HpkiSign {
            extensions.push(build::policy(true, POLICY_HPKI_SIGN));
        }
        Template {
            issuer: ca.issuer().name(),
            subject: ca.name(),
            serial: vec![1],
            from: start(first),
            until: start(last).plus_seconds(-1),
            spki: key.spki().to_vec(),
            extensions,
        }
        .sign(issuer_key)
    }

    /// An authority's certificate, DER.
    #[must_use]
    pub fn certificate(&self, ca: TestCa) -> &[u8] {
        self.certificates.get(&ca).map_or(&[], Vec::as_slice)
    }

    /// The anchors that the test world trusts: everybody but [`TestCa::Foreign`].
    ///
    /// # Errors
    /// As [`TrustStore::add`]; not with the committed keys.
    pub fn trust_store(&self) -> Result<TrustStore, PathError> {
        let mut store = TrustStore::new();
        for ca in [TestCa::Auth1, TestCa::Auth2, TestCa::Auth3] {
            store.add(self.certificate(ca), &[Purpose::CardAuthentication])?;
        }
        store.add(self.certificate(TestCa::Sign1), &[Purpose::CardSignature])?;
        store.add(
            self.certificate(TestCa::HpkiRoot),
            &[Purpose::HpkiSign, Purpose::HpkiAuth],
        )?;
        Ok(store)
    }

    /// The revocation list of `ca`, DER, made at `now`, due again after 24 hours. Of `revoked`
    /// only this authority's entries are taken.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn crl(
        &self,
        ca: TestCa,
        now: Timestamp,
        revoked: &[Revocation],
    ) -> Result<Vec<u8>, TestPkiError> {
        let key = self.key(ca)?;
        ListTemplate {
            issuer: &ca.name(),
            key_id: Some(key.key_id()),
            this_update: now,
            next_update: now.plus_hours(24),
            scope: ca.crl_scope(),
            revoked: revoked.iter().filter(|r| r.ca == ca).collect(),
        }
        .sign(key)
    }

    /// The lists of all trusted authorities, DER, made at `now`.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn crls(
        &self,
        now: Timestamp,
        revoked: &[Revocation],
    ) -> Result<Vec<Vec<u8>>, TestPkiError> {
        TestCa::TRUSTED
            .into_iter()
            .map(|ca| self.crl(ca, now, revoked))
            .collect()
    }

    /// A store with the lists of all trusted authorities, made at `now`.
    ///
    /// # Errors
    /// As [`CrlStore::insert`]; not with the committed keys.
    pub fn crl_store(&self, now: Timestamp, revoked: &[Revocation]) -> Result<CrlStore, PathError> {
        let store = self.trust_store()?;
        let lists = self
            .crls(now, revoked)
            .map_err(|_| PathError::CrlNotGenuine)?;
        let mut crls = CrlStore::new();
        for list in lists {
            crls.insert(&list, &store, &[self.certificate(TestCa::HpkiSign)])?;
        }
        Ok(crls)
    }

    /// The list entry that revokes the authentication card of person `number`
    /// ([`Self::card_for`]), without making the card.
    #[must_use]
    pub fn revocation_for(
        &self,
        number: u64,
        at: Timestamp,
        reason: RevocationReason,
    ) -> Revocation {
        Revocation {
            ca: authority_for(number),
            serial: serial(number),
            at,
            reason,
        }
    }

    /// The user-authentication card of person `number`: authority by parity, one of three
    /// shared keys, serial number from `number`, pseudonymous name. Same inputs, same octets.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn card_for(
        &self,
        number: u64,
        valid_from: Timestamp,
        valid_until: Timestamp,
    ) -> Result<CardCredential, TestPkiError> {
        self.issue_auth(
            authority_for(number),
            number,
            self.card_key(number)?,
            (valid_from, valid_until),
        )
    }

    /// The same on the next card: P-384 and SHA-384 (ours; octets differ each time).
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn next_card_for(
        &self,
        number: u64,
        valid_from: Timestamp,
        valid_until: Timestamp,
    ) -> Result<CardCredential, TestPkiError> {
        let key = Arc::clone(&self.next_card);
        self.issue_auth(TestCa::Auth3, number, key, (valid_from, valid_until))
    }

    /// The same on a phone: a key and a serial number of its own beside the person's card, and
    /// the policy of the test profile that says which phone it is on.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn phone_for(
        &self,
        phone: Phone,
        number: u64,
        valid_from: Timestamp,
        valid_until: Timestamp,
    ) -> Result<CardCredential, TestPkiError> {
        let (policy, series, apart) = match phone {
            Phone::Android => (medium::TEST_ANDROID, 2, 1),
            Phone::Iphone => (medium::TEST_IPHONE, 3, 2),
        };
        let ca = authority_for(number);
        let key = self.card_key(number.wrapping_add(apart))?;
        let mut template = self
            .auth_template(ca, number, &key, (valid_from, valid_until))?
            .with(build::policies(true, &[POLICY_AUTH, policy]));
        template.serial = serial_in(series, number);
        Ok(CardCredential {
            certificate_der: template.sign(self.key(ca)?)?,
            key,
            ca,
            serial: template.serial,
        })
    }

    fn card_key(&self, number: u64) -> Result<CardKey, TestPkiError> {
        let i = usize::try_from(number % 3).unwrap_or(0);
        let key = self.cards.get(i).ok_or(TestPkiError { key: "card" })?;
        Ok(Arc::clone(key))
    }

    /// A user-authentication certificate of any authority for any key.
    ///
    /// # Errors
    /// [`TestPkiError`] when the authority's key is unusable.
    pub fn issue_auth(
        &self,
        ca: TestCa,
        number: u64,
        key: CardKey,
        validity: (Timestamp, Timestamp),
    ) -> Result<CardCredential, TestPkiError> {
        let template = self.auth_template(ca, number, &key, validity)?;
        Ok(CardCredential {
            certificate_der: template.sign(self.key(ca)?)?,
            key,
            ca,
            serial: template.serial,
        })
    }

    fn auth_template(
        &self,
        ca: TestCa,
        number: u64,
        key: &TestKey,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Template, TestPkiError> {
        Ok(Template {
            issuer: ca.name(),
            subject: build::name(&[(6, "JP"), (3, &pseudonym(number))]),
            serial: serial(number),
            from,
            until,
            spki: key.spki().to_vec(),
            extensions: vec![
                build::key_usage(build::USAGE_DIGITAL_SIGNATURE),
                build::policy(true, POLICY_AUTH),
                build::crl_point(&ca.crl_scope().unwrap_or_default()),
                build::authority_key_id(&self.key(ca)?.key_id()),
                build::subject_key_id(&key.key_id()),
            ],
        })
    }

    /// The digital-signature card of person `number`, with the four attributes.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn sign_card_for(
        &self,
        number: u64,
        holder: &Holder,
        valid_from: Timestamp,
        valid_until: Timestamp,
    ) -> Result<CardCredential, TestPkiError> {
        let ca = TestCa::Sign1;
        let key = self.card_key(number.wrapping_add(1))?;
        let template = self
            .auth_template(ca, number, &key, (valid_from, valid_until))?
            .with(build::key_usage(build::USAGE_NON_REPUDIATION))
            .with(build::policy(true, POLICY_SIGN))
            .with(profile::personal_data(holder));
        Ok(CardCredential {
            certificate_der: template.sign(self.key(ca)?)?,
            key,
            ca,
            serial: template.serial,
        })
    }

    /// A medical professional's HPKI signing certificate with its hcRole, such as
    /// `Medical Doctor`; show [`TestCa::HpkiSign`]'s certificate as intermediate.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn professional_for(
        &self,
        number: u64,
        name: &str,
        role: &str,
        valid_from: Timestamp,
        valid_until: Timestamp,
    ) -> Result<CardCredential, TestPkiError> {
        let ca = TestCa::HpkiSign;
        let key = self.card_key(number)?;
        let registration = format!("TEST-{number:08}");
        let mut template = self
            .auth_template(ca, number, &key, (valid_from, valid_until))?
            .with(build::key_usage(build::USAGE_NON_REPUDIATION))
            .with(build::policy(true, POLICY_HPKI_SIGN))
            .with(build::crl_point(&build::uri(
                "http://crl.hpki.test.invalid/sign.crl",
            )))
            .with(profile::hc_role(role));
        template.subject = build::name(&[(6, "JP"), (3, name), (5, &registration)]);
        Ok(CardCredential {
            certificate_der: template.sign(self.key(ca)?)?,
            key,
            ca,
            serial: template.serial,
        })
    }
}

/// Both generations of one name are in use, by parity.
const fn authority_for(number: u64) -> TestCa {
    if number.is_multiple_of(2) {
        TestCa::Auth2
    } else {
        TestCa::Auth1
    }
}

/// `01`, then the number: never zero, never negative, different for every number.
fn serial(number: u64) -> Vec<u8> {
    serial_in(1, number)
}

/// The same in another series: a person's phone has not their card's number.
fn serial_in(series: u8, number: u64) -> Vec<u8> {
    std::iter::once(series)
        .chain(number.to_be_bytes())
        .collect()
}

/// A name that says nothing about its holder.
fn pseudonym(number: u64) -> String {
    let digest = sha256(format!("tasuki test card {number}").as_bytes());
    kernel::hex::encode(digest.get(..10).unwrap_or_default()).to_uppercase()
}
