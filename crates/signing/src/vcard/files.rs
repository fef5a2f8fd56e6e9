//! The files and key references of the card's applications.
//!
//! Source: identity-security 1.2; layouts as documented by the myna-card crate, which reads
//! them back in this room's tests.

use std::collections::BTreeMap;

use myna_card::{Date, TokenType, verification_code_b};

use super::{Ap, Content, Profile};
use crate::der;

/// Who may read a file: everybody, or after one of these key references of its application.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Free,
    AnyOf(&'static [u16]),
}

pub(super) struct File {
    pub data: Vec<u8>,
    pub access: Access,
    /// Read by record instead of by offset.
    pub records: bool,
}

/// A PIN or password with its counter.
pub(super) struct KeyReference {
    pub value: Vec<u8>,
    pub tries: u8,
    pub tries_max: u8,
    /// The form that a new value must have.
    pub form: Form,
}

/// The form of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Four digits.
    Pin,
    /// 6 to 16 capital letters and digits.
    Password,
    /// Printed on the card, cannot be changed.
    Printed,
}

impl Form {
    pub fn fits(self, value: &[u8]) -> bool {
        match self {
            Self::Pin => value.len() == 4 && value.iter().all(u8::is_ascii_digit),
            Self::Password => {
                (6..=16).contains(&value.len())
                    && value
                        .iter()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
            Self::Printed => false,
        }
    }
}

pub(super) type Files = BTreeMap<(Ap, u16), File>;
pub(super) type Keys = BTreeMap<(Ap, u16), KeyReference>;

const AUTH_PIN: u16 = 0x18;
const SIGN_PIN: u16 = 0x1b;

pub(super) fn files(profile: Profile, content: &Content) -> Files {
    let mut files = Files::new();
    if profile == Profile::Other {
        return files;
    }
    let mut put = |ap, id, access, data| {
        let file = File {
            data,
            access,
            records: ap == Ap::Common,
        };
        files.insert((ap, id), file);
    };
    let certificate_access = match profile {
        Profile::Card | Profile::Next | Profile::Other => Access::Free,
        Profile::Android | Profile::Ios => Access::AnyOf(&[AUTH_PIN]),
    };
    let carried = |has: bool| if has { 0x8f } else { 0 };
    let availability = vec![
        carried(content.sign.is_some()),
        carried(content.auth.is_some()),
        0,
    ];
    put(Ap::Jpki, 0x06, Access::Free, token_info(profile, content));
    put(Ap::Jpki, 0x08, Access::Free, availability);
    if let Some(auth) = &content.auth {
        put(
            Ap::Jpki,
            0x0a,
            certificate_access,
            auth.certificate_der.clone(),
        );
        put(Ap::Jpki, 0x0b, Access::Free, content.auth_ca.clone());
    }
    if let Some(sign) = &content.sign {
        let access = Access::AnyOf(&[SIGN_PIN]);
        put(Ap::Jpki, 0x01, access, sign.certificate_der.clone());
        put(Ap::Jpki, 0x02, Access::Free, content.sign_ca.clone());
    }
    if profile.is_plastic() {
        let number = [
            der_like(0xff10, content.my_number.as_bytes()),
            vec![0xff, 0xff],
        ];
        put(
            Ap::Text,
            0x01,
            Access::AnyOf(&[0x11, 0x14]),
            number.concat(),
        );
        put(
            Ap::Text,
            0x02,
            Access::AnyOf(&[0x11, 0x15]),
            attributes(content),
        );
        put(
            Ap::Surface,
            0x02,
            Access::AnyOf(&[0x12, 0x13]),
            face(content),
        );
        put(Ap::Common, 0x01, Access::Free, card_info(content));
    }
    files
}

pub(super) fn keys(profile: Profile, content: &Content) -> Keys {
    let mut keys = Keys::new();
    let mut put = |ap, id, value: &[u8], tries, form| {
        let key = KeyReference {
            value: value.to_vec(),
            tries,
            tries_max: tries,
            form,
        };
        keys.insert((ap, id), key);
    };
    let pins = &content.pins;
    put(
        Ap::Jpki,
        AUTH_PIN,
        pins.auth.reveal().as_bytes(),
        3,
        Form::Pin,
    );
    if content.sign.is_some() {
        let password = pins.sign.reveal().as_bytes();
        put(Ap::Jpki, SIGN_PIN, password, 5, Form::Password);
    }
    if profile.is_plastic() {
        let code_a = content.my_number.as_bytes();
        let code_b = code_b(content);
        let birth = code_b.get(..6).unwrap_or_default();
        put(Ap::Text, 0x11, pins.text.reveal().as_bytes(), 3, Form::Pin);
        put(Ap::Text, 0x12, &[], 0, Form::Printed);
        put(Ap::Text, 0x14, code_a, 10, Form::Printed);
        put(Ap::Text, 0x15, &code_b, 10, Form::Printed);
        put(Ap::Surface, 0x11, birth, 10, Form::Printed);
        put(Ap::Surface, 0x12, &code_b, 10, Form::Printed);
        put(Ap::Surface, 0x13, code_a, 10, Form::Printed);
        put(
            Ap::Common,
            0x1c,
            pins.text.reveal().as_bytes(),
            3,
            Form::Pin,
        );
    }
    keys
}

/// 照合番号B: birth in the Japanese era, year of expiry, security code.
fn code_b(content: &Content) -> Vec<u8> {
    let birth = content.holder.birth;
    let date = Date {
        year: birth.year().unsigned_abs(),
        month: birth.month().unsigned_abs(),
        day: birth.day().unsigned_abs(),
    };
    let year = content.expiry.year().unsigned_abs();
    verification_code_b(date, year, content.security_code.as_bytes())
        .map(|pin| pin.as_bytes().to_vec())
        .unwrap_or_default()
}

/// An object with a two-octet tag.
fn der_like(tag: u16, value: &[u8]) -> Vec<u8> {
    [
        tag.to_be_bytes().to_vec(),
        der::length(value.len()),
        value.to_vec(),
    ]
    .concat()
}

/// A file of objects behind a table of their offsets from the file's start.
fn with_offsets(outer: u16, table: u16, objects: &[Vec<u8>]) -> Vec<u8> {
    let lengths = || objects.iter().map(Vec::len);
    let table_len = der_like(table, &vec![0; objects.len().saturating_mul(2)]).len();
    let body = lengths().sum::<usize>().saturating_add(table_len);
    let header = der::length(body).len().saturating_add(2);
    let mut start = header.saturating_add(table_len);
    let mut offsets = Vec::new();
    for len in lengths() {
        offsets.extend(u16::try_from(start).unwrap_or(u16::MAX).to_be_bytes());
        start = start.saturating_add(len);
    }
    let body = [der_like(table, &offsets), objects.concat()].concat();
    der_like(outer, &body)
}

fn sex(content: &Content) -> Vec<u8> {
    content.holder.sex.to_string().into_bytes()
}

fn attributes(content: &Content) -> Vec<u8> {
    let holder = &content.holder;
    with_offsets(
        0xff20,
        0xdf21,
        &[
            der_like(0xdf22, holder.name.as_bytes()),
            der_like(0xdf23, holder.address.as_bytes()),
            der_like(0xdf24, holder.birth.compact().as_bytes()),
            der_like(0xdf25, &sex(content)),
        ],
    )
}

/// The card's face: true text fields; pictures are a marker, there is nobody to photograph.
fn face(content: &Content) -> Vec<u8> {
    let exponent = der::tlv(0x90, &[1, 0, 1]);
    let modulus = der::tlv(0x91, &[0xc9; 256]);
    let picture = b"TASUKI TEST PICTURE";
    with_offsets(
        0xff20,
        0xdf21,
        &[
            der_like(0xdf22, content.holder.birth.compact().as_bytes()),
            der_like(0xdf23, &sex(content)),
            der_like(0xdf24, &[exponent, modulus].concat()),
            der_like(0xdf25, picture),
            der_like(0xdf26, picture),
            der_like(0xdf27, picture),
            der_like(0xdf28, &[0; 256]),
            der_like(0xdf29, content.expiry.compact().as_bytes()),
            der_like(0xdf2a, picture),
        ],
    )
}

fn card_info(content: &Content) -> Vec<u8> {
    let serial = &content.manufacture_number;
    let text = format!("{serial:0>15.15}13000{}", content.expiry.compact());
    der::tlv(0x01, text.as_bytes())
}

/// EF 0006: PKCS #11 token information in 160 octets.
fn token_info(profile: Profile, content: &Content) -> Vec<u8> {
    const LOGIN_REQUIRED_AND_INITIALIZED: u32 = 0x0000_040d;
    let padded = |text: &str, len: usize| {
        let mut bytes: Vec<u8> = text.bytes().take(len).collect();
        bytes.resize(len, b' ');
        bytes
    };
    let label = match profile {
        Profile::Card | Profile::Other => TokenType::CARD.to_vec(),
        Profile::Android => TokenType::ANDROID.to_vec(),
        Profile::Ios => TokenType::IPHONE.to_vec(),
        Profile::Next => padded(super::NEXT_TOKEN_NAME, 32),
    };
    let words = [
        LOGIN_REQUIRED_AND_INITIALIZED,
        1,
        0,
        1,
        0,
        16,
        4,
        u32::MAX,
        u32::MAX,
        u32::MAX,
        u32::MAX,
    ];
    let mut info = label;
    info.extend(padded("tasuki test", 32));
    info.extend(padded("TASUKI-VCARD", 16));
    info.extend(padded(&content.manufacture_number, 16));
    info.extend(words.into_iter().flat_map(u32::to_be_bytes));
    info.extend(b"0301");
    info.extend([b'9'; 16]);
    info
}
