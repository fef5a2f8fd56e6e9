//! What the card does for each command.
//!
//! Source: identity-security 1.3 (flow and status words); the signing schemes of `80 2A` as
//! measured by the myna-card crate. P1 = 01 and P1 = 00 over anything but a DigestInfo are
//! answered `6A80`: our signing library pads no bare payloads, and nothing needs them.

use aws_lc_rs::digest::{self, Digest};

use super::apdu::{self, Answer, Apdu, TRIES};
use super::files::Access;
use super::{Ap, Profile, Session, VirtualCard, terminal};
use crate::key::{Algorithm, sha256};

/// Applications by their names (AID).
const NAMES: [(&[u8], Ap); 5] = [
    (&[0xa0, 0, 0, 1, 0x51, 0, 0], Ap::Manager),
    (&myna_card::ap::jpki::DF, Ap::Jpki),
    (&myna_card::ap::text::DF, Ap::Text),
    (&myna_card::ap::surface::DF, Ap::Surface),
    (&myna_card::ap::common::DF, Ap::Common),
];

/// P1-P2 of our stand-in for `80 A2`.
pub(crate) const TERMINAL_P1_P2: (u8, u8) = (0x00, 0xc1);

const AUTH_KEY: u16 = 0x17;
const AUTH_PIN: u16 = 0x18;
const SIGN_KEY: u16 = 0x1a;
const SIGN_PIN: u16 = 0x1b;

impl VirtualCard {
    pub(super) fn execute(&mut self, apdu: &Apdu<'_>) -> Answer {
        match (apdu.cla, apdu.ins) {
            (0x00, 0xa4) => self.select(apdu),
            (0x00, 0xb0) => self.read_binary(apdu),
            (0x00, 0xb2) => self.read_record(apdu),
            (0x00, 0x20) => self.verify(apdu),
            (0x00, 0x24) => self.change_secret(apdu),
            (0x00, 0x84) => self.get_challenge(apdu),
            (0x00, 0x82) => self.external_authenticate(apdu),
            (0x80, 0x2a) if self.ap == Ap::Jpki => self.sign(apdu),
            (0x80, 0xa2) if self.ap == Ap::Jpki => self.take_terminal(apdu),
            (0x00 | 0x80, _) => Err(apdu::UNKNOWN_INS),
            _ => Err(apdu::UNKNOWN_CLA),
        }
    }

    fn select(&mut self, apdu: &Apdu<'_>) -> Answer {
        match (apdu.p1, apdu.p2, apdu.data) {
            (0x04, 0x00 | 0x0c, name) => {
                let (_, ap) = NAMES
                    .into_iter()
                    .find(|(n, ap)| *n == name && self.has(*ap))
                    .ok_or(apdu::NOT_FOUND)?;
                if ap == self.ap {
                    self.session.file = None;
                } else {
                    self.ap = ap;
                    self.session = Session::default();
                }
                Ok(Vec::new())
            }
            (0x02, 0x00 | 0x0c, [a, b]) => {
                self.enter(u16::from_be_bytes([*a, *b]))?;
                Ok(Vec::new())
            }
            (0x02, 0x00 | 0x0c, _) => Err(apdu::WRONG_LENGTH),
            _ => Err(apdu::WRONG_P1_P2),
        }
    }

    fn has(&self, ap: Ap) -> bool {
        match ap {
            Ap::Manager => true,
            Ap::Jpki => self.profile != Profile::Other,
            _ => self.profile.is_plastic(),
        }
    }

    /// Makes a file or key of the application the current one.
    fn enter(&mut self, id: u16) -> Result<(), u16> {
        let at = (self.ap, id);
        let private_key = self.ap == Ap::Jpki
            && ((id == AUTH_KEY && self.auth.is_some())
                || (id == SIGN_KEY && self.sign.is_some())
                || id == 0x16);
        if self.files.contains_key(&at) || self.keys.contains_key(&at) || private_key {
            self.session.file = Some(id);
            Ok(())
        } else {
            Err(apdu::NOT_FOUND)
        }
    }

    /// The current file, or the one that the short identifier names.
    fn target(&mut self, short: Option<u8>) -> Result<u16, u16> {
        if let Some(short) = short {
            self.enter(u16::from(short))?;
        }
        self.session.file.ok_or(apdu::NO_CURRENT_FILE)
    }

    fn file(&self, id: u16, records: bool) -> Result<&[u8], u16> {
        let file = self
            .files
            .get(&(self.ap, id))
            .filter(|f| f.records == records)
            .ok_or(apdu::NOT_ALLOWED_BY_FILE)?;
        let open = match file.access {
            Access::Free => true,
            Access::AnyOf(keys) => keys.iter().any(|k| self.session.verified.contains(k)),
        };
        if open {
            Ok(&file.data)
        } else {
            Err(apdu::SECURITY_STATUS)
        }
    }

    fn read_binary(&mut self, apdu: &Apdu<'_>) -> Answer {
        let le = apdu.le.ok_or(apdu::WRONG_LENGTH)?;
        let (short, offset) = if apdu.p1 & 0x80 == 0 {
            (None, u16::from_be_bytes([apdu.p1, apdu.p2]))
        } else {
            (Some(apdu.p1 & 0x1f), u16::from(apdu.p2))
        };
        let id = self.target(short)?;
        let rest = self
            .file(id, false)?
            .get(usize::from(offset)..)
            .filter(|rest| !rest.is_empty())
            .ok_or(apdu::WRONG_OFFSET)?;
        Ok(rest.iter().copied().take(le.min(256)).collect())
    }

    fn read_record(&mut self, apdu: &Apdu<'_>) -> Answer {
        let short = Some(apdu.p2 >> 3).filter(|short| *short != 0);
        if apdu.p2 & 7 != 4 {
            return Err(apdu::WRONG_P1_P2);
        }
        let id = self.target(short)?;
        let record = self.file(id, true)?;
        if apdu.p1 == 1 {
            Ok(record.to_vec())
        } else {
            Err(apdu::RECORD_NOT_FOUND)
        }
    }

    /// The key reference that P2 names: the current one, or by short identifier.
    fn reference(&mut self, p2: u8) -> Result<u16, u16> {
        if p2 & 0xe0 != 0x80 {
            return Err(apdu::WRONG_P1_P2);
        }
        self.target(Some(p2 & 0x1f).filter(|short| *short != 0))
    }

    fn verify(&mut self, apdu: &Apdu<'_>) -> Answer {
        if apdu.p1 != 0 {
            return Err(apdu::WRONG_P1_P2);
        }
        let id = self.reference(apdu.p2)?;
        let key = self
            .keys
            .get_mut(&(self.ap, id))
            .ok_or(apdu::KEY_NOT_FOUND)?;
        if apdu.data.is_empty() {
            return Err(TRIES | u16::from(key.tries & 0x0f));
        }
        if key.tries == 0 {
            return Err(apdu::BLOCKED);
        }
        if key.value == apdu.data {
            key.tries = key.tries_max;
            self.session.verified.insert(id);
            Ok(Vec::new())
        } else {
            key.tries -= 1;
            self.session.verified.remove(&id);
            Err(TRIES | u16::from(key.tries & 0x0f))
        }
    }

    fn change_secret(&mut self, apdu: &Apdu<'_>) -> Answer {
        if apdu.p1 != 1 {
            return Err(apdu::WRONG_P1_P2);
        }
        let id = self.reference(apdu.p2)?;
        if !self.session.verified.contains(&id) {
            return Err(apdu::SECURITY_STATUS);
        }
        let key = self
            .keys
            .get_mut(&(self.ap, id))
            .ok_or(apdu::KEY_NOT_FOUND)?;
        if !key.form.fits(apdu.data) {
            return Err(apdu::WRONG_DATA);
        }
        key.value = apdu.data.to_vec();
        Ok(Vec::new())
    }

    fn sign(&mut self, apdu: &Apdu<'_>) -> Answer {
        let id = match apdu.p2 {
            0x80 => self.session.file.ok_or(apdu::CONDITIONS)?,
            0x97 => AUTH_KEY,
            0x9a => SIGN_KEY,
            _ => return Err(apdu::WRONG_P1_P2),
        };
        let verified = |pin| self.session.verified.contains(&pin);
        let (credential, open) = match id {
            AUTH_KEY => (
                &self.auth,
                verified(AUTH_PIN) || self.session.terminal_proved,
            ),
            SIGN_KEY => (&self.sign, verified(SIGN_PIN)),
            _ => return Err(apdu::CONDITIONS),
        };
        let credential = credential.as_ref().ok_or(apdu::KEY_NOT_FOUND)?;
        if !open {
            return Err(apdu::SECURITY_STATUS);
        }
        let (algorithm, digest) = match credential.key.algorithm() {
            Some(Algorithm::EcdsaP384Sha384) => next_input(apdu)?,
            _ => rsa_input(apdu)?,
        };
        credential
            .key
            .sign_digest(algorithm, &digest)
            .map_err(|_| apdu::CONDITIONS)
    }

    fn take_terminal(&mut self, apdu: &Apdu<'_>) -> Answer {
        if (apdu.p1, apdu.p2) != TERMINAL_P1_P2 || self.profile != Profile::Card {
            return Err(apdu::WRONG_P1_P2);
        }
        self.session.terminal_proved = false;
        self.session.terminal = terminal::check(apdu.data, &self.terminal_ca);
        if self.session.terminal.is_some() {
            Ok(Vec::new())
        } else {
            Err(apdu::SECURITY_STATUS)
        }
    }

    /// Different each time and known beforehand to whoever has the sources: a test card.
    fn get_challenge(&mut self, apdu: &Apdu<'_>) -> Answer {
        if (apdu.p1, apdu.p2) != (0, 0) {
            return Err(apdu::WRONG_P1_P2);
        }
        if apdu.le != Some(16) {
            return Err(apdu::WRONG_LENGTH);
        }
        self.challenges = self.challenges.wrapping_add(1);
        let serial = self.auth.as_ref().map_or(&[][..], |a| a.serial.as_slice());
        let seed = [b"challenge", serial, &self.challenges.to_be_bytes()].concat();
        let challenge = *sha256(&seed).first_chunk::<16>().ok_or(apdu::CONDITIONS)?;
        self.session.challenge = Some(challenge);
        Ok(challenge.to_vec())
    }

    fn external_authenticate(&mut self, apdu: &Apdu<'_>) -> Answer {
        let challenge = self.session.challenge.take().ok_or(apdu::CONDITIONS)?;
        let point = self.session.terminal.as_ref().ok_or(apdu::CONDITIONS)?;
        if terminal::proves(point, &challenge, apdu.data) {
            self.session.terminal_proved = true;
            Ok(Vec::new())
        } else {
            Err(0x6300)
        }
    }
}

/// DigestInfo before the digest, for SHA-256, SHA-384 and SHA-512 (RFC 8017, section 9.2).
const DIGEST_INFOS: [(&[u8], &digest::Algorithm); 3] = [
    (
        &[
            0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20,
        ],
        &digest::SHA256,
    ),
    (
        &[
            0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30,
        ],
        &digest::SHA384,
    ),
    (
        &[
            0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40,
        ],
        &digest::SHA512,
    ),
];

/// SHA-256's DigestInfo around a digest, as a reader sends it.
pub(crate) fn digest_info_sha256(digest: &[u8]) -> Vec<u8> {
    let [(prefix, _), ..] = DIGEST_INFOS;
    [prefix, digest].concat()
}

fn rsa_input(apdu: &Apdu<'_>) -> Result<(Algorithm, Digest), u16> {
    let given =
        |bytes: &[u8], how| Digest::import_less_safe(bytes, how).map_err(|_| apdu::WRONG_LENGTH);
    let hashed = || digest::digest(&digest::SHA256, apdu.data);
    if apdu.data.is_empty() || apdu.data.len() > 255 {
        return Err(apdu::WRONG_LENGTH);
    }
    match apdu.p1 {
        0x00 => {
            let (rest, how) = DIGEST_INFOS
                .into_iter()
                .find_map(|(prefix, how)| Some((apdu.data.strip_prefix(prefix)?, how)))
                .ok_or(apdu::WRONG_DATA)?;
            Ok((Algorithm::RsaPkcs1Sha256, given(rest, how)?))
        }
        0x01 => Err(apdu::WRONG_DATA),
        0x02 => Ok((
            Algorithm::RsaPkcs1Sha256,
            given(apdu.data, &digest::SHA256)?,
        )),
        0x03 => Ok((Algorithm::RsaPkcs1Sha256, hashed())),
        0x04 => Ok((Algorithm::RsaPssSha256, given(apdu.data, &digest::SHA256)?)),
        0x05 => Ok((Algorithm::RsaPssSha256, hashed())),
        _ => Err(apdu::WRONG_P1_P2),
    }
}

fn next_input(apdu: &Apdu<'_>) -> Result<(Algorithm, Digest), u16> {
    let digest = match apdu.p1 {
        0x00 => {
            Digest::import_less_safe(apdu.data, &digest::SHA384).map_err(|_| apdu::WRONG_LENGTH)?
        }
        0x03 => digest::digest(&digest::SHA384, apdu.data),
        _ => return Err(apdu::WRONG_P1_P2),
    };
    Ok((Algorithm::EcdsaP384Sha384, digest))
}
