//! A My Number card in process: APDUs in, APDUs out.
//!
//! It keeps what matters for security as the real card does: tries count down and block,
//! a PIN stays in force only while its application stays selected, keys sign only after their
//! own PIN. It has fixed public test keys, an invalid 個人番号 and no picture.
//! Source: identity-security 1.2, 1.3, 1.5; the myna-card crate's documentation.

mod apdu;
mod commands;
mod files;
mod slot;
mod terminal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use kernel::Secret;
use kernel::time::{JstDate, Timestamp};
use myna_card::transport::Transmit;

pub use slot::{ATR, Slot, SlotError};
pub use terminal::TestTerminal;

use crate::testpki::{CardCredential, Holder, Phone, TestCa, TestPki, TestPkiError};
pub(crate) use commands::{TERMINAL_P1_P2, digest_info_sha256};

use apdu::{Apdu, respond};
use files::{Files, Keys};

/// What is answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// The present plastic card.
    Card,
    /// スマホ用電子証明書 on Android: only JPKI, certificate after the PIN.
    Android,
    /// The same on an iPhone.
    Ios,
    /// The next card as we imagine it (OURS: no command specification is public): P-384;
    /// `80 2A` takes the bare SHA-384 digest with P1 = 00, or the message with P1 = 03.
    Next,
    /// A card of another kind, such as a bank's or a railway's: none of the applications.
    Other,
}

/// The token name by which the next card's profile is told from real ones.
pub const NEXT_TOKEN_NAME: &str = "TASUKITESTTOKENNEXT";

impl Profile {
    const fn is_plastic(self) -> bool {
        matches!(self, Self::Card | Self::Next)
    }

    /// The name by which a command line means it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "card" => Self::Card,
            "android" => Self::Android,
            "ios" => Self::Ios,
            "next" => Self::Next,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// The secrets of a card.
#[derive(Clone, Debug)]
pub struct Pins {
    /// 利用者証明用 PIN, 4 digits, 3 tries.
    pub auth: Secret<String>,
    /// 署名用 password, 6 to 16 capital letters and digits, 5 tries.
    pub sign: Secret<String>,
    /// 券面入力補助 PIN, 4 digits, 3 tries.
    pub text: Secret<String>,
}

impl Default for Pins {
    /// `1234`, `TASUKI1234`, `1234`.
    fn default() -> Self {
        let secret = |text: &str| Secret::new(text.to_owned());
        Self {
            auth: secret("1234"),
            sign: secret("TASUKI1234"),
            text: secret("1234"),
        }
    }
}

/// What is on a card.
#[derive(Clone, Debug)]
pub struct Content {
    /// The authentication credential; without it the card has none.
    pub auth: Option<CardCredential>,
    /// Its authority's certificate, DER.
    pub auth_ca: Vec<u8>,
    /// The signing credential; children under 15 have none.
    pub sign: Option<CardCredential>,
    /// Its authority's certificate, DER.
    pub sign_ca: Vec<u8>,
    /// The secrets.
    pub pins: Pins,
    /// The four attributes.
    pub holder: Holder,
    /// 個人番号 of 12 digits; use [`invalid_my_number`].
    pub my_number: String,
    /// The card's last day.
    pub expiry: JstDate,
    /// セキュリティコード, 4 digits.
    pub security_code: String,
    /// 製造番号, up to 15 digits.
    pub manufacture_number: String,
}

impl Content {
    /// The content of person `number`'s card, made from the number and the attributes alone.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn for_person(
        pki: &TestPki,
        profile: Profile,
        number: u64,
        holder: Holder,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Self, TestPkiError> {
        let auth = match profile {
            Profile::Card | Profile::Other => pki.card_for(number, from, until)?,
            Profile::Android => pki.phone_for(Phone::Android, number, from, until)?,
            Profile::Ios => pki.phone_for(Phone::Iphone, number, from, until)?,
            Profile::Next => pki.next_card_for(number, from, until)?,
        };
        let sign = pki.sign_card_for(number, &holder, from, until)?;
        Ok(Self {
            auth_ca: pki.certificate(auth.ca).to_vec(),
            auth: Some(auth),
            sign: Some(sign),
            sign_ca: pki.certificate(TestCa::Sign1).to_vec(),
            pins: Pins::default(),
            holder,
            my_number: invalid_my_number(number),
            expiry: until.jst_date(),
            security_code: format!("{:04}", number % 10_000),
            manufacture_number: format!("{:015}", number % 1_000_000_000_000_000),
        })
    }
}

/// A number of 12 digits that looks like a 個人番号 and is nobody's: its check digit is wrong.
///
/// Source: 個人番号 check digit, 総務省令 平成26年第85号 第5条.
#[must_use]
pub fn invalid_my_number(number: u64) -> String {
    let body = format!("{:011}", number % 100_000_000_000);
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip((2..=7).chain(2..=6))
        .map(|(digit, weight)| digit * weight)
        .sum();
    let right = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    format!("{body}{}", (right + 1) % 10)
}

/// An application of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ap {
    Manager,
    Jpki,
    Text,
    Surface,
    Common,
}

/// What lasts only while an application stays selected.
#[derive(Default)]
struct Session {
    file: Option<u16>,
    verified: BTreeSet<u16>,
    terminal: Option<Vec<u8>>,
    terminal_proved: bool,
    challenge: Option<[u8; 16]>,
}

/// The card.
pub struct VirtualCard {
    profile: Profile,
    auth: Option<CardCredential>,
    sign: Option<CardCredential>,
    files: Files,
    keys: Keys,
    terminal_ca: Vec<u8>,
    ap: Ap,
    session: Session,
    challenges: u64,
    removed: bool,
}

impl fmt::Debug for VirtualCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualCard({:?})", self.profile)
    }
}

impl VirtualCard {
    /// A card as it leaves the municipal office.
    #[must_use]
    pub fn new(pki: &TestPki, profile: Profile, content: &Content) -> Self {
        let terminal_ca = pki.terminal_ca().rsa_public().unwrap_or_default();
        Self {
            profile,
            files: files::files(profile, content),
            keys: files::keys(profile, content),
            auth: content.auth.clone(),
            sign: content.sign.clone(),
            terminal_ca: terminal_ca.to_vec(),
            ap: Ap::Manager,
            session: Session::default(),
            challenges: 0,
            removed: false,
        }
    }

    /// The card is taken off the reader: commands get no answer.
    pub fn remove(&mut self) {
        self.reset();
        self.removed = true;
    }

    /// The card is placed on the reader: powered up, nothing selected.
    pub fn insert(&mut self) {
        self.reset();
        self.removed = false;
    }

    /// Power off and on: counters stay, security states go.
    pub fn reset(&mut self) {
        self.ap = Ap::Manager;
        self.session = Session::default();
    }

    /// One command APDU, one response APDU; empty when the card is not there.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        if self.removed {
            return Vec::new();
        }
        respond(match Apdu::parse(command) {
            None => Err(apdu::WRONG_LENGTH),
            Some(apdu) => self.execute(&apdu),
        })
    }
}

impl Transmit for VirtualCard {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        Ok(Self::transmit(self, command))
    }
}
