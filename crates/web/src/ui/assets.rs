//! The style sheet and the script, compiled into the program, with addresses that
//! change when their content does, so that browsers may keep them for ever.

use std::sync::OnceLock;

/// The style sheet.
pub const CSS: &str = include_str!("../../assets/tasuki.css");

/// The script; every page works without it.
pub const JS: &str = include_str!("../../assets/tasuki.js");

/// Path under which [`CSS`] is served, as `text/css; charset=utf-8`.
pub const CSS_PATH: &str = "/assets/tasuki.css";

/// Path under which [`JS`] is served, as `text/javascript; charset=utf-8`.
pub const JS_PATH: &str = "/assets/tasuki.js";

/// The icon of windows and bookmarks: a sash (襷) across a circle.
pub const ICON: &str = include_str!("../../assets/tasuki.svg");

/// Path under which [`ICON`] is served, as `image/svg+xml`.
pub const ICON_PATH: &str = "/assets/tasuki.svg";

/// The icon's address as pages link to it, with its content's mark.
#[must_use]
pub fn icon_href() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| fnv1a(ICON.as_bytes()));
    format!("{ICON_PATH}?v={hash}")
}

/// The style sheet's address as pages link to it, with its content's mark.
#[must_use]
pub fn css_href() -> String {
    format!("{CSS_PATH}?v={}", css_hash())
}

/// The script's address as pages link to it, with its content's mark.
#[must_use]
pub fn js_href() -> String {
    format!("{JS_PATH}?v={}", js_hash())
}

/// Sixteen hexadecimal digits that change when [`CSS`] changes.
#[must_use]
pub fn css_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| fnv1a(CSS.as_bytes()))
}

/// Sixteen hexadecimal digits that change when [`JS`] changes.
#[must_use]
pub fn js_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| fnv1a(JS.as_bytes()))
}

/// FNV-1a of 64 bits: it marks a version and guards nothing.
fn fnv1a(bytes: &[u8]) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = bytes.iter().fold(BASIS, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}
