//! Conditions of profiles, and the one that is checked by our own code.
//!
//! Source: FHIR R4 2.26.3 (constraint), 2.29 (dom-3).

use std::collections::BTreeSet;

use fhir::path::Path;
use fhirpath::{Context, Element, Host, Value};

use super::{Place, Run, bind, shown, values};
use crate::compile::Invariant;
use crate::library::Library;
use crate::rule;

impl<'a> Run<'a> {
    pub(super) fn invariant(
        &mut self,
        invariant: &'a Invariant,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        if invariant.is_dom_3 {
            return self.contained_are_used(element, path);
        }
        let Some(expression) = &invariant.expression else {
            return self.unchecked(rule::INVARIANT_UNCHECKED, &invariant.key, path);
        };
        let host = Terms(self.library);
        let context = Context::new(element)
            .within(place.resource, place.root)
            .resolving(self.resources)
            .at(self.now)
            .asking(&host);
        match expression.is_true_within(&context, &mut self.steps) {
            Ok(true) => {}
            Ok(false) => {
                let mut finding = rule::INVARIANT.finding(path, &shown(&element), &invariant.human);
                finding.rule.clone_from(&invariant.key);
                self.say(finding, invariant.is_warning);
            }
            Err(_) => self.unchecked(rule::INVARIANT_UNCHECKED, &invariant.key, path),
        }
    }

    /// dom-3: each contained resource is referred to, or refers to its container.
    fn contained_are_used(&mut self, element: Element<'a>, path: &Path<'_>) {
        let Some(node) = element.node() else { return };
        if node.get("contained").is_none() {
            return;
        }
        let mut used = BTreeSet::new();
        values::local_references(node, &mut used);
        let list = path.name("contained");
        for (at, contained) in node.list("contained").enumerate() {
            let id = contained.str("id").unwrap_or_default();
            let mut inner = BTreeSet::new();
            values::local_references(contained, &mut inner);
            if !used.contains(id) && !inner.contains("") {
                self.refuse(rule::CONTAINED_UNUSED, &list.index(at), id, "");
            }
        }
    }
}

/// Value sets for expressions.
struct Terms<'l>(&'l Library);

impl Host for Terms<'_> {
    fn member_of(&self, item: &Value<'_>, value_set: &str) -> Option<bool> {
        let set = self.0.value_set(value_set)?;
        let element = item.element();
        let node = element.and_then(|element| element.node());
        match node {
            None => set.has(self.0, None, &item.text()?),
            Some(node) => bind::has(self.0, set, node),
        }
    }

    fn conforms_to(&self, _: &Element<'_>, _: &str) -> Option<bool> {
        None
    }
}
