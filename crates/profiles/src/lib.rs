//! Published FHIR packages, and whether a resource is as a profile of theirs demands.
//!
//! An operator loads packages as they are published (`.tgz`); a resource is then checked, beside
//! our own rules, against the profiles that it claims in `meta.profile`. What cannot be checked
//! (an unknown profile, a code system that nobody has) is counted and said, never passed over.
//!
//! Source: FHIR R4 5.1 (profiling), 5.3 (StructureDefinition, ElementDefinition), 5.1.0.7
//! (slicing and discriminators), 4.8 and 4.9 (code systems, value sets); the NPM form of packages.

mod check;
mod compile;
pub mod errors;
mod judge;
mod library;
mod package;
mod rule;
mod terms;
#[cfg(test)]
mod tests;

pub use judge::judge;
pub use library::{Library, LoadError, Loaded};
pub use package::{Kind, Package, PackageError};
pub use rule::{RULES, Rule};
