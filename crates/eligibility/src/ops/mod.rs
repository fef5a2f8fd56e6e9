//! What can be done: check by number or card; read visits; record the patient's choice.

mod check;
mod visit;

pub use check::{CardAnswer, PURPOSE, by_card, by_number};
pub(crate) use check::{care_of, confirm, holder};
pub(crate) use visit::record;
pub use visit::{Chosen, between, choose, find as visit, today};
