//! Passwords: hashing with a pepper, and a hash for nobody. What may be one is [`judge`]'s.
//!
//! The pepper is a keyed HMAC under a key of the keystore: whoever steals the database alone
//! cannot even begin to guess. Hashes made before there was a pepper still fit, and are made
//! anew at the next log-in ([`is_stale`]).
//!
//! Source: identity-security AUTH-03, AUTH-05 (argon2id, at least 19 MiB, 2 passes, pepper in
//! the keystore, rehash at log-in).

mod rule;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time;
use kernel::{Secret, hex, id::Rng};
use store::Call;

pub use rule::{CHARS_MAX, Context, Fault, judge};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;
const PLAIN: &str = "argon2id";
const PEPPERED: &str = "argon2id-p1";
/// The kind of keyed HMAC that is the pepper.
pub(crate) const PEPPER: &str = "staff-password";
/// Hashes of former passwords that a new one is held against.
pub const HISTORY: usize = 24;

/// What an unknown log-in name is checked against, so that it costs the same work.
pub const NOBODY: &str = "argon2id-p1$19456$2$00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

/// A password as typed, and its keyed HMAC.
#[derive(Clone)]
pub struct Typed {
    plain: Secret<String>,
    peppered: Secret<String>,
}

impl Typed {
    /// With its pepper, worked out by `key` under [`PEPPER`].
    pub(crate) fn with(plain: Secret<String>, key: impl Fn(&str, &[&str]) -> [u8; 32]) -> Self {
        let peppered = Secret::new(hex::encode(&key(PEPPER, &[plain.reveal().as_str()])));
        Self { plain, peppered }
    }

    /// Inside an operation.
    #[must_use]
    pub fn of(call: &Call<'_>, plain: Secret<String>) -> Self {
        Self::with(plain, |kind, parts| call.directory_key(kind, parts))
    }

    /// As typed.
    #[must_use]
    pub fn plain(&self) -> &str {
        self.plain.reveal()
    }

    /// A hash to store: algorithm, parameters, salt, hash; `None` only when memory is short.
    #[must_use]
    pub fn hash(&self, rng: &dyn Rng) -> Option<String> {
        store_form(PEPPERED, self.peppered.reveal(), rng)
    }

    /// Does it fit the stored hash? Takes the same work whoever asks.
    #[must_use]
    pub fn fits(&self, stored: &str) -> bool {
        let is_peppered = stored.split('$').next() == Some(PEPPERED);
        let text = if is_peppered {
            &self.peppered
        } else {
            &self.plain
        };
        fits_text(text.reveal(), stored)
    }
}

fn derive(password: &str, salt: &[u8], memory: u32, passes: u32) -> Option<[u8; HASH_LEN]> {
    let params = Params::new(memory, passes, 1, Some(HASH_LEN)).ok()?;
    let mut out = [0; HASH_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .ok()?;
    Some(out)
}

fn store_form(kind: &str, text: &str, rng: &dyn Rng) -> Option<String> {
    let mut salt = [0; SALT_LEN];
    rng.fill(&mut salt);
    let out = derive(text, &salt, MEMORY_KIB, PASSES)?;
    Some(format!(
        "{kind}${MEMORY_KIB}${PASSES}${}${}",
        hex::encode(&salt),
        hex::encode(&out)
    ))
}

/// A hash without pepper, for accounts that are taken over from outside an installation; it is
/// made anew at the first log-in. `None` only when memory is short.
#[must_use]
pub fn hash(password: &str, rng: &dyn Rng) -> Option<String> {
    store_form(PLAIN, password, rng)
}

/// Does the password fit a hash without pepper?
#[must_use]
pub fn fits(password: &str, stored: &str) -> bool {
    stored.split('$').next() == Some(PLAIN) && fits_text(password, stored)
}

struct Parts {
    memory: u32,
    passes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

fn parts(stored: &str) -> Option<Parts> {
    let mut parts = stored.split('$');
    if !matches!(parts.next(), Some(PLAIN | PEPPERED)) {
        return None;
    }
    Some(Parts {
        memory: parts.next()?.parse().ok()?,
        passes: parts.next()?.parse().ok()?,
        salt: hex::decode(parts.next()?)?,
        hash: hex::decode(parts.next()?)?,
    })
}

fn fits_text(text: &str, stored: &str) -> bool {
    let Some(parts) = parts(stored) else {
        return false;
    };
    derive(text, &parts.salt, parts.memory, parts.passes)
        .is_some_and(|out| constant_time::verify_slices_are_equal(&out, &parts.hash).is_ok())
}

/// Was the hash made without pepper or with weaker parameters than today's?
#[must_use]
pub fn is_stale(stored: &str) -> bool {
    let peppered = stored.split('$').next() == Some(PEPPERED);
    !peppered || !parts(stored).is_some_and(|p| p.memory >= MEMORY_KIB && p.passes >= PASSES)
}

/// An initial password: random, to be changed at the first log-in; four groups that can be
/// read out, over 80 bits.
#[must_use]
pub fn initial(rng: &dyn Rng) -> Secret<String> {
    const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    const TRIES: usize = 100;
    let mut text = String::new();
    // Chance may write a word or a row of keys; then once more.
    for _ in 0..TRIES {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        text.clear();
        for (nth, byte) in bytes.iter().enumerate() {
            if nth > 0 && nth.is_multiple_of(4) {
                text.push('-');
            }
            let letter = LETTERS.get(usize::from(*byte) % LETTERS.len()).copied();
            text.push(char::from(letter.unwrap_or(b'x')));
        }
        if judge(&text, &Context::default(), true).is_ok() {
            break;
        }
    }
    Secret::new(text)
}
