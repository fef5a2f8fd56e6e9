//! Publishing (公開): what a facility keeps of a patient in its own partition becomes JP-CLINS
//! Bundles of the five kinds of information, registered like any that a hospital sends.
//!
//! One Bundle holds all allergies, one all conditions, and one the results of a day: the units in
//! which the service takes reports. Its identifier is made of the patient and the unit, so that
//! the next publishing replaces it. The resources of the partition refer to visits, doctors and
//! specimens; a Bundle contains them ([`carry`]). Every breach is told at the resource that has
//! it, all of them at once, and nothing is registered then.
//!
//! Publishing takes nothing away but what was deleted in the partition: who names single
//! resources adds them to what is published already. A Bundle of which nothing is left is
//! withdrawn by `$delete`, and the answer says so.
//!
//! Source: design section 2 (two partitions); clins-documents section b (unit of reporting,
//! replace, delete).

pub(crate) mod api;
pub(crate) mod asked;
pub(crate) mod build;
mod carry;
pub(crate) mod material;
pub(crate) mod ops;
