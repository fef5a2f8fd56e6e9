//! What an insurer can do: change coverage, one person at a time ([`change`]) or by files
//! ([`file`]); settle findings ([`finding`]); say that its own systems are down ([`own`]).

mod change;
pub mod file;
mod finding;
mod own;

pub use change::{Member, look_up, member, one};
pub(crate) use change::{refusal, take};
pub use finding::{list as findings, settle};
pub use own::{all, check_own, find as insurer, next_due, say_down};
