//! Structure validation against the R4 definitions: elements, cardinalities, types, the form
//! of primitives, required code bindings.
//!
//! The definitions are a table (`r4.bin`, made by `cargo xtask codegen` from the published
//! package) for all resource types and data types, so that no type is half known. Profiles
//! are other modules' business.
//!
//! Source: FHIR R4 (4.0.1) StructureDefinitions; 2.6.2 JSON; 2.24.0 data types.

mod invariant;
mod primitive;
mod rule;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod validate;
mod xhtml;

pub use primitive::{is_date, is_date_time, is_instant};
pub use rule::Rule;
pub use types::{ElementChild, ElementType, PrimitiveKind, is_type, xhtml_problem};
pub use validate::{FINDINGS_MAX, validate};

/// Is `name` a resource type of R4?
#[must_use]
pub fn is_resource_type(name: &str) -> bool {
    table::get().resource(name).is_some()
}

/// Does the member `name` of a resource of this type repeat?
#[must_use]
pub fn repeats(kind: &str, name: &str) -> bool {
    let frame = table::get().resource(kind);
    frame
        .and_then(|frame| frame.child(name))
        .is_some_and(|child| child.many)
}

/// All resource types of R4, sorted.
pub fn resource_types() -> impl Iterator<Item = &'static str> {
    table::get().resource_names()
}

/// The invariants checked beside the structure: id and how to mend a breach, in Japanese and
/// English. One id may hold in several places.
pub fn invariants() -> impl Iterator<Item = crate::Remedy> {
    let mut seen = std::collections::BTreeSet::new();
    invariant::ALL
        .iter()
        .filter(move |i| seen.insert(i.id))
        .map(|i| (i.id, i.ja, i.en))
}
