//! What senders, addressees and insurers do with letters.

mod addressee;
mod common;
mod insurer;
mod lists;
mod sender;

pub use addressee::{AnswerGiven, Enclosure, answer, enclosable, open, read, read_file};
pub(crate) use common::listed;
pub use insurer::{checkup, checkups};
pub use lists::{LIST_MAX, inbox, loops, sent, to_read_count};
pub use sender::{enclose, own, own_file, release, withdraw};
