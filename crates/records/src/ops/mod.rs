//! What can be done with the shared record.

mod check;
pub(crate) mod register;
mod view;

pub use check::check;
#[cfg(test)]
pub(crate) use check::date;
pub use register::{Target, delete, document, register};
pub use view::{own, shared};
