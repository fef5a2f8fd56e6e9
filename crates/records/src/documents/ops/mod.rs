//! What is done with documents, each a transition of the document's state.

mod command;
mod common;
mod orders;
mod own;
mod register;
mod retention;

pub(crate) use command::save;
pub use command::{cancel, delete, exact, undo};
pub(crate) use common::{
    Held, enclosed_of, file, find, held_by, key_of, may, next, note, reading, unopened_as_absent,
};
pub(crate) use orders::orders;
pub use own::{OwnDocument, own, own_file, own_reading};
pub use register::{change, register};
pub(crate) use retention::prescribing;
pub use retention::{due, expire, prescriptions};
