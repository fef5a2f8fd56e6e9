//! The items of a divided list: to which slice each belongs, how many each may have, in which
//! order.
//!
//! Source: FHIR R4 5.1.0.7 (slicing).

use fhir::path::Path;
use fhirpath::{Context, Element, Value};

use super::{Place, Run, bind, values};
use crate::compile::{At, Expected, Openness, Profile, Rule, Test};
use crate::rule;

/// JSON name, place in the list, and the item.
type Item<'a> = (&'static str, Option<usize>, Element<'a>);

impl<'a> Run<'a> {
    pub(super) fn slices(
        &mut self,
        profile: &'a Profile,
        rule: &'a Rule,
        items: &[Item<'a>],
        place: Place<'a>,
        path: &Path<'_>,
    ) {
        let Some(slicing) = &rule.slicing else { return };
        let mut counts = vec![0_usize; slicing.tests.len()];
        let (mut last, mut was_free) = (0, false);
        for (name, index, element) in items {
            let named = path.name(name);
            let indexed = index.map(|index| named.index(index));
            let here = indexed.as_ref().unwrap_or(&named);
            let slice = self.slice_of(rule, *element, place, here);
            let Some((number, at)) = slice else {
                was_free = true;
                if slicing.openness == Openness::Closed {
                    let found = super::shown(element);
                    self.refuse(rule::SLICE_CLOSED, here, &found, &names(profile, rule));
                }
                continue;
            };
            if (slicing.ordered && number < last)
                || (was_free && slicing.openness == Openness::OpenAtEnd)
            {
                self.refuse(
                    rule::SLICE_ORDER,
                    here,
                    &super::shown(element),
                    &names(profile, rule),
                );
            }
            last = last.max(number);
            if let Some(count) = counts.get_mut(number) {
                *count += 1;
            }
            let Some(slice) = profile.rules.get(at) else {
                continue;
            };
            self.element(profile, at, *element, place, here);
            if !slice.slices.is_empty() {
                self.slices(profile, slice, &[(name, *index, *element)], place, path);
            }
        }
        let name = items.first().map_or(rule.name.as_str(), |(name, ..)| *name);
        for ((at, tests), count) in slicing.tests.iter().zip(counts) {
            let Some(slice) = profile.rules.get(*at) else {
                continue;
            };
            if tests.is_none() {
                if !items.is_empty() {
                    let subject = format!("{}#{}:{}", profile.url, slice.name, slice.slice);
                    self.unchecked(rule::SLICE_UNCHECKED, &subject, &path.name(name));
                }
                continue;
            }
            self.count(slice, count, &path.name(name));
        }
    }

    /// The first slice whose tests the item meets: its number and its rule.
    fn slice_of(
        &mut self,
        rule: &'a Rule,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> Option<(usize, At)> {
        let slicing = rule.slicing.as_ref()?;
        for (number, (at, tests)) in slicing.tests.iter().enumerate() {
            let Some(tests) = tests else { continue };
            if tests
                .iter()
                .all(|test| self.meets(test, element, place, path))
            {
                return Some((number, *at));
            }
        }
        None
    }

    fn meets(
        &mut self,
        test: &'a Test,
        item: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> bool {
        let found: Vec<Element<'a>> = match &test.path {
            None => vec![item],
            Some(expression) => {
                let context = Context::new(item)
                    .within(place.resource, place.root)
                    .resolving(self.resources);
                let found = expression.evaluate(&context).unwrap_or_default();
                found.iter().filter_map(Value::element).collect()
            }
        };
        match &test.expected {
            Expected::Exists(wanted) => found.is_empty() != *wanted,
            Expected::Fixed(fixed) => found.iter().any(|element| {
                element
                    .node()
                    .is_some_and(|node| values::is_fixed(node, fixed.root()))
            }),
            Expected::Pattern(pattern) => found.iter().any(|element| {
                element
                    .node()
                    .is_some_and(|node| values::is_like(node, pattern.root()))
            }),
            Expected::Url(url) => found
                .iter()
                .any(|element| element.node().and_then(|node| node.as_str()) == Some(url)),
            Expected::Types(types) => found
                .iter()
                .filter_map(Element::ty)
                .any(|ty| types.iter().any(|name| ty.is_a(name))),
            Expected::Profiles(profiles) => found.iter().any(|element| {
                profiles
                    .iter()
                    .any(|profile| self.conforms(profile, *element, place, path))
            }),
            Expected::Binding(canonical) => {
                let Some(set) = self.library.value_set(canonical) else {
                    self.unchecked(rule::BINDING_UNCHECKED, canonical, path);
                    return false;
                };
                let told = |element: &Element<'a>| {
                    let node = element.node()?;
                    match node.as_str() {
                        Some(code) => set.has(self.library, None, code),
                        None => bind::any_coding(self.library, set, node),
                    }
                };
                found.iter().any(|element| told(element) == Some(true))
            }
        }
    }
}

/// The names of the slices, for the remedy.
fn names(profile: &Profile, rule: &Rule) -> String {
    let slices = rule.slices.iter().filter_map(|at| profile.rules.get(*at));
    let names: Vec<&str> = slices.map(|slice| slice.slice.as_str()).collect();
    names.join(" | ")
}
