//! The items of a divided list: to which slice each belongs, how many each may have, in which
//! order.
//!
//! Source: FHIR R4 5.1.0.7 (slicing).

use fhir::json::Node;
use fhir::path::Path;
use fhirpath::{Context, Element, Value};

use super::{Place, Run, bind, values};
use crate::compile::{At, Expected, Openness, Place as Where, Profile, Rule, Test};
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
            let slice = self.slice_of(profile, rule, *element, place, here);
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

    /// The slice whose tests the item meets: its number and its rule. Some published profiles
    /// have slices that their discriminators do not tell apart; then it is the first of them
    /// of which the item is valid, else the first.
    fn slice_of(
        &mut self,
        profile: &'a Profile,
        rule: &'a Rule,
        element: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> Option<(usize, At)> {
        let slicing = rule.slicing.as_ref()?;
        let mut fitting = Vec::new();
        for (number, (at, tests)) in slicing.tests.iter().enumerate() {
            let Some(tests) = tests else { continue };
            if tests
                .iter()
                .all(|test| self.meets(test, element, place, path))
            {
                fitting.push((number, *at));
            }
        }
        if fitting.len() > 1 {
            let valid = fitting.iter().copied().find(|(_, at)| {
                self.quietly(|run| run.element(profile, *at, element, place, path))
            });
            return valid.or_else(|| fitting.first().copied());
        }
        fitting.first().copied()
    }

    fn meets(
        &mut self,
        test: &'a Test,
        item: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> bool {
        let names = match &test.place {
            Where::Names(names) => names,
            Where::Path(expression) => {
                let context = Context::new(item)
                    .within(place.resource, place.root)
                    .resolving(self.resources);
                let found = expression.evaluate(&context).unwrap_or_default();
                let found: Vec<Element<'a>> = found.iter().filter_map(Value::element).collect();
                return match &test.expected {
                    Expected::Exists(wanted) => found.is_empty() != *wanted,
                    expected => found
                        .iter()
                        .any(|element| self.is_expected(expected, *element, place, path)),
                };
            }
        };
        if names.is_empty() {
            return self.is_expected(&test.expected, item, place, path);
        }
        let Some(node) = item.node() else {
            return false;
        };
        if let Expected::Exists(wanted) = &test.expected {
            return values::any_named(node, names, &mut |_| true) == *wanted;
        }
        values::any_named(node, names, &mut |found| {
            self.is_expected(&test.expected, Element::new(found, None), place, path)
        })
    }

    fn is_expected(
        &mut self,
        expected: &'a Expected,
        found: Element<'a>,
        place: Place<'a>,
        path: &Path<'_>,
    ) -> bool {
        let node = found.node();
        match expected {
            Expected::Exists(wanted) => *wanted,
            Expected::Fixed(fixed) => node.is_some_and(|n| values::is_fixed(n, fixed.root())),
            Expected::Pattern(pattern) => node.is_some_and(|n| values::is_like(n, pattern.root())),
            Expected::Url(url) => node.and_then(Node::as_str) == Some(url),
            Expected::Types(types) => found
                .ty()
                .is_some_and(|ty| types.iter().any(|name| ty.is_a(name))),
            Expected::Profiles(profiles) => profiles
                .iter()
                .any(|profile| self.conforms(profile, found, place, path)),
            Expected::Binding(canonical) => {
                let Some(set) = self.library.value_set(canonical) else {
                    self.unchecked(rule::BINDING_UNCHECKED, canonical, path);
                    return false;
                };
                node.is_some_and(|node| bind::has(self.library, set, node) == Some(true))
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
