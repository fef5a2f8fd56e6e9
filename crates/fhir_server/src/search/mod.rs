//! Searching among the resources of one owner: the question, the walk, the answer's Bundle.
//!
//! Pure but for the shelf that the resources come from, so that another partition (the shared
//! record) is searched by the same code.

mod bundle;
mod query;
mod run;
mod shape;

pub(crate) use bundle::write;
pub use bundle::{Link, Listed, Mode, bundle, links};
pub(crate) use query::{COUNT, COUNT_MAX};
pub use query::{Clause, Include, Query, Sort, Total, reads_people};
pub use run::{Page, Shelf, run};
pub use shape::Shape;
