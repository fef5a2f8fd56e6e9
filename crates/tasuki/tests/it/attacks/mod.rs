//! What an attacker would do, in the order of the list in `docs/security/attacks.md`, which
//! names the test that stands against each.
//!
//! Source: identity-security section 5.

mod body;
mod card_replay;
mod crawler;
mod logs;
mod outbound;
mod wire;
mod withdrawal;
