//! Passwords: strength, hashing, and a hash for nobody.
//!
//! Source: identity-security AUTH-03, AUTH-05 (argon2id, at least 19 MiB, 2 passes).

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time;
use kernel::{hex, id::Rng};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;
const MIXED_MIN: usize = 8;
const LONG_MIN: usize = 13;
const MAX: usize = 128;

/// What an unknown log-in name is checked against, so that it costs the same work.
pub const NOBODY: &str = "argon2id$19456$2$00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

/// Is the password good enough for an account with a second factor?
#[must_use]
pub fn is_strong(password: &str, login: &str) -> bool {
    let count = password.chars().count();
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let mixed =
        has(|c| c.is_alphabetic()) && has(|c| c.is_ascii_digit()) && has(|c| !c.is_alphanumeric());
    let names_login = !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase());
    let one_char = password.chars().all(|c| password.starts_with(c));
    !names_login
        && !one_char
        && count <= MAX
        && (count >= LONG_MIN || (count >= MIXED_MIN && mixed))
}

fn derive(password: &str, salt: &[u8], memory: u32, passes: u32) -> Option<[u8; HASH_LEN]> {
    let params = Params::new(memory, passes, 1, Some(HASH_LEN)).ok()?;
    let mut out = [0; HASH_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .ok()?;
    Some(out)
}

/// A hash to store: algorithm, parameters, salt, hash; `None` only when memory is short.
#[must_use]
pub fn hash(password: &str, rng: &dyn Rng) -> Option<String> {
    let mut salt = [0; SALT_LEN];
    rng.fill(&mut salt);
    let out = derive(password, &salt, MEMORY_KIB, PASSES)?;
    Some(format!(
        "argon2id${MEMORY_KIB}${PASSES}${}${}",
        hex::encode(&salt),
        hex::encode(&out)
    ))
}

/// Does the password fit the stored hash? Takes the same work whoever asks.
#[must_use]
pub fn fits(password: &str, stored: &str) -> bool {
    let mut parts = stored.split('$');
    let (Some("argon2id"), Some(memory), Some(passes), Some(salt), Some(hash)) = (
        parts.next(),
        parts.next().and_then(|p| p.parse().ok()),
        parts.next().and_then(|p| p.parse().ok()),
        parts.next().and_then(hex::decode),
        parts.next().and_then(hex::decode),
    ) else {
        return false;
    };
    derive(password, &salt, memory, passes)
        .is_some_and(|out| constant_time::verify_slices_are_equal(&out, &hash).is_ok())
}
