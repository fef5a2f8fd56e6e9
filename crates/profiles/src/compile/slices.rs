//! What tells the slices of a list apart, worked out once.
//!
//! Source: FHIR R4 5.1.0.7 (slicing), 5.1.0.8 (discriminators).

use fhir::json::{Document, Node};
use fhirpath::Expression;

use super::{At, CORE, Rule};

/// Steps of a discriminator's path at most.
const STEPS_MAX: usize = 16;
/// Values that tell one slice apart at most.
const TESTS_MAX: usize = 32;

/// Whether items of no slice may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    Open,
    /// Behind all others only.
    OpenAtEnd,
    Closed,
}

/// How a list is divided.
#[derive(Debug)]
pub struct Slicing {
    discriminators: Vec<(String, String)>,
    pub openness: Openness,
    pub ordered: bool,
    /// For each slice what an item of it meets; `None` when that cannot be worked out.
    pub tests: Vec<(At, Option<Vec<Test>>)>,
}

/// One value that an item of a slice has.
#[derive(Debug)]
pub struct Test {
    pub place: Place,
    pub expected: Expected,
}

/// Where to look below an item.
#[derive(Debug)]
pub enum Place {
    /// By these names, none of them a choice; none: the item itself.
    Names(Vec<String>),
    /// By a path that has to be evaluated.
    Path(Expression),
}

/// What is to be there.
#[derive(Debug)]
pub enum Expected {
    Fixed(Document),
    Pattern(Document),
    Binding(String),
    Exists(bool),
    Types(Vec<String>),
    Profiles(Vec<String>),
    /// An extension's address.
    Url(String),
}

impl Slicing {
    pub(super) fn read(slicing: Node<'_>) -> Self {
        let discriminators = slicing.list("discriminator").map(|d| {
            let text = |key| d.str(key).unwrap_or_default().to_owned();
            (text("type"), text("path"))
        });
        Self {
            discriminators: discriminators.collect(),
            openness: match slicing.str("rules") {
                Some("closed") => Openness::Closed,
                Some("openAtEnd") => Openness::OpenAtEnd,
                _ => Openness::Open,
            },
            ordered: slicing.get("ordered").and_then(Node::as_bool) == Some(true),
            tests: Vec::new(),
        }
    }

    /// Does it demand nothing by itself?
    pub(super) fn is_free(&self) -> bool {
        self.openness == Openness::Open && !self.ordered
    }
}

/// Works out the tests of all slices.
pub(super) fn prepare(rules: &mut [Rule]) {
    for at in 0..rules.len() {
        let Some(rule) = rules.get(at).filter(|rule| rule.slicing.is_some()) else {
            continue;
        };
        let discriminators = rule.slicing.as_ref().map(|s| s.discriminators.clone());
        let discriminators = discriminators.unwrap_or_default();
        let tests = rule.slices.iter().map(|slice| {
            let mut all = Some(Vec::new());
            for (kind, path) in &discriminators {
                let found = tests(rules, *slice, kind, path);
                all = all.zip(found).map(|(mut all, mut found)| {
                    all.append(&mut found);
                    all
                });
            }
            (
                *slice,
                all.filter(|all| !all.is_empty() && all.len() <= TESTS_MAX),
            )
        });
        let tests: Vec<_> = tests.collect();
        if let Some(slicing) = rules.get_mut(at).and_then(|rule| rule.slicing.as_mut()) {
            slicing.tests = tests;
        }
    }
}

/// The steps of a path; points inside of brackets divide nothing.
fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for (at, c) in path.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '.' if depth == 0 => {
                steps.push(path.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    steps.push(path.get(start..).unwrap_or_default());
    steps.retain(|step| !step.is_empty() && *step != "$this");
    steps
}

/// The steps so far, and whether they are plain names.
#[derive(Clone, Default)]
struct Prefix<'s> {
    steps: Vec<&'s str>,
    is_odd: bool,
}

impl<'s> Prefix<'s> {
    fn name(&mut self, child: &Rule, step: &'s str) {
        self.steps.push(step);
        self.is_odd |= child.is_choice;
    }

    fn odd(&mut self, step: &'s str) {
        self.steps.push(step);
        self.is_odd = true;
    }

    fn test(&self, expected: Expected) -> Option<Test> {
        let needs_type = matches!(expected, Expected::Types(_) | Expected::Profiles(_));
        let place = if self.is_odd || (needs_type && !self.steps.is_empty()) {
            Place::Path(Expression::parse(&self.steps.join(".")).ok()?)
        } else {
            Place::Names(self.steps.iter().map(|step| (*step).to_owned()).collect())
        };
        Some(Test { place, expected })
    }
}

fn copy(document: &Document) -> Option<Document> {
    Document::parse(document.root().to_compact().as_bytes()).ok()
}

/// What the slice demands along a discriminator's path.
fn tests<'s>(rules: &'s [Rule], slice: At, kind: &str, path: &'s str) -> Option<Vec<Test>> {
    let steps = steps(path);
    if steps.len() > STEPS_MAX {
        return None;
    }
    let mut at = rules.get(slice)?;
    let mut prefix = Prefix::default();
    let by_value = matches!(kind, "value" | "pattern");
    let one = |test: Option<Test>| test.map(|test| vec![test]);
    for (i, step) in steps.iter().enumerate() {
        if by_value && let Some(found) = demanded(at) {
            return one(prefix.test(found));
        }
        if *step == "resolve()" {
            // What a reference leads to is told by its targets, and nothing behind it.
            let is_last = i + 1 == steps.len();
            let targets: Vec<String> = at.types.iter().flat_map(|ty| ty.targets.clone()).collect();
            prefix.odd(step);
            return match kind {
                "profile" | "type" if is_last && !targets.is_empty() => {
                    one(prefix.test(Expected::Profiles(targets)))
                }
                _ => None,
            };
        }
        if let Some(url) = step
            .strip_prefix("extension(")
            .and_then(|s| s.strip_suffix(')'))
        {
            let url = url.trim_matches(['\'', '"']);
            prefix.odd(step);
            at = extension(rules, at, url)?;
            continue;
        }
        if step.starts_with("ofType(") {
            prefix.odd(step);
            continue;
        }
        let child = at.children.iter().filter_map(|child| rules.get(*child));
        match child.into_iter().find(|child| child.name == *step) {
            Some(child) => {
                prefix.name(child, step);
                at = child;
            }
            // An extension's address is that of its definition.
            None if *step == "url" && by_value => {
                let url = at.types.iter().flat_map(|ty| &ty.profiles).next()?;
                let url = url.split('|').next().unwrap_or(url).to_owned();
                prefix.steps.push(step);
                return one(prefix.test(Expected::Url(url)));
            }
            None => return None,
        }
    }
    at_end(rules, at, kind, &prefix)
}

/// What the rule at the end of a path demands.
fn at_end<'s>(
    rules: &'s [Rule],
    at: &'s Rule,
    kind: &str,
    prefix: &Prefix<'s>,
) -> Option<Vec<Test>> {
    let one = |expected| prefix.test(expected).map(|test| vec![test]);
    match kind {
        "value" | "pattern" => match (demanded(at), &at.binding) {
            (Some(found), _) => one(found),
            (None, Some(set)) => one(Expected::Binding(set.clone())),
            (None, None) => {
                let mut all = Vec::new();
                inner(rules, at, prefix, &mut all, 0);
                // Nothing tells the value; then that there is one (or none) has to do.
                if all.is_empty() && (at.min > 0 || at.max == Some(0)) {
                    all.extend(prefix.test(Expected::Exists(at.min > 0)));
                }
                (!all.is_empty()).then_some(all)
            }
        },
        "exists" if at.max == Some(0) => one(Expected::Exists(false)),
        "exists" => one(Expected::Exists(true)),
        "type" => {
            let types: Vec<String> = at.types.iter().map(|ty| ty.code.clone()).collect();
            (!types.is_empty()).then(|| one(Expected::Types(types)))?
        }
        "profile" => {
            let mut profiles: Vec<String> =
                at.types.iter().flat_map(|ty| ty.profiles.clone()).collect();
            if profiles.is_empty() {
                // A type without a profile is told by its own definition.
                profiles = at
                    .types
                    .iter()
                    .map(|ty| format!("{CORE}{}", ty.code))
                    .collect();
            }
            (!profiles.is_empty()).then(|| one(Expected::Profiles(profiles)))?
        }
        _ => None,
    }
}

fn demanded(rule: &Rule) -> Option<Expected> {
    match (&rule.fixed, &rule.pattern) {
        (Some(fixed), _) => copy(fixed).map(Expected::Fixed),
        (None, Some(pattern)) => copy(pattern).map(Expected::Pattern),
        (None, None) => None,
    }
}

fn extension<'r>(rules: &'r [Rule], at: &Rule, url: &str) -> Option<&'r Rule> {
    let list = at.children.iter().filter_map(|child| rules.get(*child));
    let list = list.into_iter().find(|child| child.name == "extension")?;
    let mut slices = list.slices.iter().filter_map(|slice| rules.get(*slice));
    slices.find(|slice| {
        let mut profiles = slice.types.iter().flat_map(|ty| &ty.profiles);
        profiles.any(|profile| profile.split('|').next() == Some(url))
    })
}

/// The fixed values below an element whose own value is not fixed.
fn inner<'r>(
    rules: &'r [Rule],
    at: &'r Rule,
    prefix: &Prefix<'r>,
    all: &mut Vec<Test>,
    depth: usize,
) {
    if depth > STEPS_MAX || all.len() > TESTS_MAX {
        return;
    }
    for child in at.children.iter().filter_map(|child| rules.get(*child)) {
        let mut prefix = prefix.clone();
        prefix.name(child, &child.name);
        match demanded(child) {
            Some(found) => all.extend(prefix.test(found)),
            None => inner(rules, child, &prefix, all, depth + 1),
        }
    }
}
