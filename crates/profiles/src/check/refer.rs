//! What a reference leads to.
//!
//! Source: FHIR R4 2.26.3 (targetProfile), 2.3.0 (references).

use fhir::path::Path;
use fhir::schema::ElementType;
use fhirpath::Element;

use super::{Place, Run};
use crate::compile::CORE;
use crate::rule;

impl<'a> Run<'a> {
    /// The target must be of one of these types or profiles. A target that is not in the same
    /// document is judged by the type that its address names.
    pub(super) fn target(
        &mut self,
        targets: &[&str],
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let any = |target: &&str| {
            let name = target.split('|').next().and_then(|t| t.strip_prefix(CORE));
            name == Some("Resource")
        };
        if targets.is_empty() || targets.iter().any(any) {
            return;
        }
        let Some(node) = element.node() else { return };
        let Some(reference) = node.str("reference") else {
            return;
        };
        let found = self.resources.find(reference, place.root.node());
        if let Some(found) = found.map(Element::resource) {
            let own = Place {
                resource: found,
                root: if reference.starts_with('#') {
                    place.root
                } else {
                    found
                },
            };
            let fits = targets
                .iter()
                .any(|target| self.conforms(target, found, own, path));
            if !fits {
                let shown = format!("{reference} ({})", found.type_name());
                self.refuse(rule::REFERENCE, path, &shown, &targets.join(" | "));
            }
            return;
        }
        let Some(ty) = named(reference)
            .or_else(|| node.str("type"))
            .and_then(ElementType::resource)
        else {
            return;
        };
        let may_be = |run: &Self, target: &str| match core_type(target) {
            Some(core) => ty.is_a(core),
            // A profile that nobody knows may be of any type.
            None => run
                .library
                .profile(target)
                .flatten()
                .is_none_or(|profile| ty.is_a(&profile.ty)),
        };
        if !targets.iter().any(|target| may_be(self, target)) {
            self.refuse(rule::REFERENCE, path, reference, &targets.join(" | "));
        }
    }
}

/// The type in `Type/id` at the end of an address.
fn named(reference: &str) -> Option<&str> {
    let bare = reference.split("/_history/").next()?;
    let (above, _) = bare.rsplit_once('/')?;
    let name = above.rsplit('/').next()?;
    fhir::schema::is_resource_type(name).then_some(name)
}

/// The type of R4 that an address stands for. What is special about the two quantities is said
/// as conditions of the elements that have them.
pub(super) fn core_type(canonical: &str) -> Option<&str> {
    let name = canonical.split('|').next()?.strip_prefix(CORE)?;
    match name {
        "SimpleQuantity" | "MoneyQuantity" => Some("Quantity"),
        name => ElementType::named(name).is_some().then_some(name),
    }
}
