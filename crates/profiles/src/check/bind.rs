//! Codes of required value sets.
//!
//! Source: FHIR R4 4.1.5 (required bindings): of a CodeableConcept one coding must be a member.

use fhir::json::Node;
use fhir::path::Path;
use fhirpath::Element;

use super::Run;
use crate::library::Library;
use crate::rule;
use crate::terms::ValueSet;

impl<'a> Run<'a> {
    pub(super) fn bound(&mut self, canonical: &str, element: &Element<'a>, path: &Path<'_>) {
        let Some(node) = element.node() else { return };
        let Some(set) = self.library.value_set(canonical) else {
            return self.unchecked(rule::BINDING_UNCHECKED, canonical, path);
        };
        match has(self.library, set, node) {
            Some(true) => {}
            Some(false) => self.refuse(rule::BINDING, path, &codes(node), canonical),
            None => self.unchecked(rule::BINDING_UNCHECKED, canonical, path),
        }
    }
}

/// Is the code, or what has one, a member?
pub fn has(library: &Library, set: &ValueSet, node: Node<'_>) -> Option<bool> {
    match node.as_str() {
        Some(code) => set.has(library, None, code),
        None => any_coding(library, set, node),
    }
}

/// Is the coding, or one of the codings of a concept, or the unit of a quantity, a member?
fn any_coding(library: &Library, set: &ValueSet, node: Node<'_>) -> Option<bool> {
    let has = |coding: Node<'_>| match (coding.str("system"), coding.str("code")) {
        (Some(system), Some(code)) => set.has(library, Some(system), code),
        _ => Some(false),
    };
    if node.get("coding").is_none() {
        return has(node);
    }
    let mut told = Some(false);
    for coding in node.list("coding") {
        match has(coding) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => told = None,
        }
    }
    told
}

fn codes(node: Node<'_>) -> String {
    let one = |coding: Node<'_>| {
        let text = |key| coding.str(key).unwrap_or_default();
        format!("{}|{}", text("system"), text("code"))
    };
    if let Some(code) = node.as_str() {
        return code.to_owned();
    }
    if node.get("coding").is_none() {
        return one(node);
    }
    let all: Vec<String> = node.list("coding").map(one).collect();
    all.join(", ")
}
