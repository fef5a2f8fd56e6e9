//! Pure rules of cards and phones.

use kernel::{Entry, time::JstDate};
use registry::model::Medium;
use signing::path::Medium as Carrier;

use super::errors;
use crate::model::Method;

/// Years of age from which a person may enroll a phone.
///
/// A phone's certificate is asked for with the card's 署名用電子証明書, which nobody below 15
/// is given. Source: 公的個人認証法 第3条; J-LIS 署名用電子証明書 (15歳未満には発行しない).
pub const PHONE_AGE_MIN: i16 = 15;
/// Digits of a screen code.
pub const CODE_DIGITS: usize = 8;
/// Most characters of what a person calls their phone.
pub const LABEL_CHARS_MAX: usize = 40;

/// May somebody born on `birth` enroll a phone on `on`? From their 15th birthday on; who was
/// born on 29 February reaches it on 1 March of a common year, because 28 February is the day
/// at whose end the year is complete.
///
/// Source: 年齢計算ニ関スル法律; 民法 第143条 ([`JstDate::age_on`]).
#[must_use]
pub fn may_enroll_phone(birth: JstDate, on: JstDate) -> bool {
    birth.age_on(on) >= PHONE_AGE_MIN
}

/// What carries the key of a certificate.
#[must_use]
pub const fn medium(carrier: Carrier) -> Medium {
    match carrier {
        Carrier::Card => Medium::Card,
        Carrier::Android => Medium::Android,
        Carrier::Iphone => Medium::Iphone,
        Carrier::Next => Medium::Next,
    }
}

/// Can this medium have been unlocked so? A phone compares its holder itself; a card knows a
/// PIN, and for a face it needs the terminal. Whoever says otherwise says what was not done.
///
/// # Errors
/// `TSK-PHN-010`.
///
/// Source: identity-security 1.5.
pub const fn fits(method: Method, medium: Medium) -> Result<(), &'static Entry> {
    let is_of_phone = matches!(method, Method::Phone);
    let is_of_card = matches!(
        method,
        Method::CardPin | Method::CardFace | Method::CardVisual
    );
    if (is_of_phone && medium.is_phone()) || (is_of_card && !medium.is_phone()) {
        Ok(())
    } else {
        Err(&errors::WRONG_MEDIUM)
    }
}

/// Does this way hold on the word of a terminal of the facility's ledger alone?
///
/// Source: identity-security 1.5.
#[must_use]
pub const fn needs_terminal(method: Method) -> bool {
    matches!(method, Method::CardFace | Method::CardVisual)
}

/// A screen code as typed, with spaces and full-width digits made plain; `None` for anything
/// but eight digits.
#[must_use]
pub fn code(typed: &str) -> Option<String> {
    let digits: String = kernel::code::half_width(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let fits = digits.len() == CODE_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(digits)
}

/// What a person calls their phone, trimmed; `None` when it is empty, too long or holds a
/// control character.
#[must_use]
pub fn label(typed: &str) -> Option<String> {
    let label = typed.trim();
    let fits = !label.is_empty()
        && label.chars().count() <= LABEL_CHARS_MAX
        && !label.chars().any(char::is_control);
    fits.then(|| label.to_owned())
}
