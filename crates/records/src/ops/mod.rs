//! What can be done with the shared record.

mod assert;
mod check;
mod coding;
pub(crate) mod expire;
mod hide;
pub(crate) mod register;
mod resources;
mod view;

pub use assert::{ASSERT, REASON_MAX, Word, assert};
#[cfg(test)]
pub(crate) use check::date;
pub use check::{check, check_on};
pub use expire::{EXPIRE, Expired, expire, round};
pub use hide::{HIDE, Part, UNHIDE, hide, unhide};
pub use register::{Target, delete, document, register};
pub use resources::{Shown, TYPES, resources};
pub use view::{own, shared};
