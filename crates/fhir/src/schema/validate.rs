//! The walk through a document beside the definitions.

use std::collections::BTreeSet;

use kernel::{Finding, catalog::shorten};

use super::primitive::{Primitive, Shape};
use super::rule::Rule;
use super::table::{self, Child, Frame, Set, Table, Type};
use super::xhtml;
use crate::json::{Items, Kind, Node};
use crate::path::Path;

/// Problems listed at most; the last one then says that there are more.
pub const FINDINGS_MAX: usize = 1000;

/// All departures of a resource from the R4 definitions, in document order; empty when valid.
///
/// At most [`FINDINGS_MAX`] findings and one more that says so.
#[must_use]
pub fn validate(node: Node<'_>) -> Vec<Finding> {
    let name = node.str("resourceType").unwrap_or("$");
    let mut checker = Checker {
        table: table::get(),
        findings: Vec::new(),
        contained: 0,
        contained_ids: BTreeSet::new(),
    };
    checker.resource(node, &Path::root(name));
    if checker.findings.len() > FINDINGS_MAX {
        checker.findings.truncate(FINDINGS_MAX);
        let (ja, en) = Rule::FindingsMax.remedy();
        checker.findings.push(Finding {
            path: name.to_owned(),
            rule: Rule::FindingsMax.id().to_owned(),
            found: format!("> {FINDINGS_MAX}"),
            remedy_ja: ja.to_owned(),
            remedy_en: en.to_owned(),
        });
    }
    checker.findings
}

struct Checker<'d> {
    table: &'static Table,
    findings: Vec<Finding>,
    /// How many contained lists we are inside of.
    contained: usize,
    /// The ids of the contained list that `#id` looks into.
    contained_ids: BTreeSet<&'d str>,
}

/// What stands at a place, in few characters.
fn shown(node: Node<'_>) -> String {
    match node.kind() {
        Kind::String => shorten(node.as_str().unwrap_or_default()),
        Kind::Object => format!("object of {}", node.len()),
        Kind::Array => format!("array of {}", node.len()),
        _ => node.to_compact(),
    }
}

impl<'d> Checker<'d> {
    fn is_full(&self) -> bool {
        self.findings.len() > FINDINGS_MAX
    }

    fn report(&mut self, rule: Rule, path: &Path<'_>, found: String) {
        self.report_hint(rule, path, found, "");
    }

    /// `hint` is a technical word (a type, a list of codes) put behind both remedies.
    fn report_hint(&mut self, rule: Rule, path: &Path<'_>, found: String, hint: &str) {
        if self.is_full() {
            return;
        }
        let (ja, en) = rule.remedy();
        let with_hint = |remedy: &str| match hint {
            "" => remedy.to_owned(),
            hint => format!("{remedy} ({hint})"),
        };
        self.findings.push(Finding {
            path: path.to_string(),
            rule: rule.id().to_owned(),
            found,
            remedy_ja: with_hint(ja),
            remedy_en: with_hint(en),
        });
    }

    fn resource(&mut self, node: Node<'d>, path: &Path<'_>) {
        if !node.is_object() {
            return self.report(Rule::Type, path, shown(node));
        }
        let table = self.table;
        let name = node.get("resourceType");
        match name.and_then(Node::as_str).and_then(|n| table.resource(n)) {
            Some(frame) => {
                if self.contained > 0 {
                    return self.object(node, frame, path);
                }
                let mut own = BTreeSet::new();
                for (i, inner) in node.list("contained").enumerate() {
                    if let Some(id) = inner.str("id").filter(|id| !own.insert(*id)) {
                        let list = path.name("contained");
                        let here = list.index(i);
                        self.report(Rule::ContainedTwice, &here.name("id"), id.to_owned());
                    }
                }
                let outer = std::mem::replace(&mut self.contained_ids, own);
                self.object(node, frame, path);
                self.contained_ids = outer;
            }
            None => self.report(
                Rule::ResourceType,
                &path.name("resourceType"),
                name.map(shown).unwrap_or_default(),
            ),
        }
    }

    fn object(&mut self, node: Node<'d>, frame: &'static Frame, path: &Path<'_>) {
        if node.is_empty() {
            return self.report(Rule::Empty, path, "{}".to_owned());
        }
        let before = self.findings.len();
        let mut seen: u128 = 0;
        for (key, value) in node.entries() {
            if self.is_full() {
                return;
            }
            if key == "resourceType" && frame.resource {
                continue;
            }
            let here = path.name(key);
            let bare = key.strip_prefix('_');
            let child = frame.child(bare.unwrap_or(key));
            let Some(child) = child.filter(|c| bare.is_none() || is_primitive(c)) else {
                self.report(Rule::UnknownElement, &here, shown(value));
                continue;
            };
            let bit = 1_u128 << (child.group & 127);
            if seen & bit != 0 && has_other_type(node, frame, child) {
                self.report(Rule::Choice, &here, shown(value));
            }
            seen |= bit;
            if bare.is_some() {
                self.twin(node, child, value, &here);
            } else {
                self.element(node, child, value, &here);
            }
        }
        self.missing(frame, seen, before, path);
        for invariant in &frame.invariants {
            if !(invariant.holds)(node) && !self.is_full() {
                self.findings.push(Finding {
                    path: path.to_string(),
                    rule: invariant.id.to_owned(),
                    found: shown(node),
                    remedy_ja: invariant.ja.to_owned(),
                    remedy_en: invariant.en.to_owned(),
                });
            }
        }
    }

    /// Reports required elements that were not seen, before what was found further inside.
    fn missing(&mut self, frame: &Frame, seen: u128, before: usize, path: &Path<'_>) {
        let end = self.findings.len();
        for (i, group) in frame.groups.iter().enumerate() {
            if group.required && seen & (1_u128 << (i & 127)) == 0 {
                let name = if group.choice {
                    format!("{}[x]", group.name)
                } else {
                    group.name.to_owned()
                };
                self.report(Rule::CardinalityMin, &path.name(&name), String::new());
            }
        }
        let missing = self.findings.len() - end;
        if missing > 0
            && let Some(tail) = self.findings.get_mut(before..)
        {
            tail.rotate_right(missing);
        }
    }

    /// ext-1: either a value or extensions.
    fn extension(&mut self, node: Node<'d>, path: &Path<'_>) {
        let has_value = node
            .entries()
            .any(|(key, _)| key.trim_start_matches('_').starts_with("value"));
        if has_value == node.get("extension").is_some() {
            let found = if has_value { "value, extension" } else { "" };
            self.report(Rule::Extension, path, found.to_owned());
        }
    }

    /// ref-1: `#id` is contained; `#` alone is the container itself.
    fn reference(&mut self, node: Node<'d>, path: &Path<'_>) {
        let Some(id) = node.str("reference").and_then(|r| r.strip_prefix('#')) else {
            return;
        };
        if !id.is_empty() && !self.contained_ids.contains(id) {
            self.report(Rule::Reference, &path.name("reference"), shorten(id));
        }
    }

    fn element(&mut self, parent: Node<'d>, child: &Child, value: Node<'d>, path: &Path<'_>) {
        match (child.many, value.is_array()) {
            (false, true) => self.report(Rule::CardinalityMax, path, shown(value)),
            (false, false) => self.item(child, value, path),
            (true, false) => self.report(Rule::Array, path, shown(value)),
            (true, true) if value.is_empty() => {
                self.report(Rule::Empty, path, "[]".to_owned());
            }
            (true, true) => self.list(parent, child, value, path),
        }
    }

    fn list(&mut self, parent: Node<'d>, child: &Child, list: Node<'d>, path: &Path<'_>) {
        // The twin list, read in step with this one from the first gap on.
        let mut twins: Option<(Items<'d>, usize)> = None;
        for (i, item) in list.items().enumerate() {
            if self.is_full() {
                return;
            }
            let here = path.index(i);
            if !item.is_null() {
                self.item(child, item, &here);
                continue;
            }
            // Only a list of primitives may have a gap, and only where its twin says something.
            let (items, read) =
                twins.get_or_insert_with(|| (parent.list(&format!("_{}", child.name)), 0));
            let twin = items.nth(i - *read);
            *read = i + 1;
            if !is_primitive(child) || twin.is_none_or(Node::is_null) {
                self.report(Rule::Null, &here, "null".to_owned());
            }
        }
    }

    fn item(&mut self, child: &Child, value: Node<'d>, path: &Path<'_>) {
        if value.is_null() {
            return self.report(Rule::Null, path, "null".to_owned());
        }
        match child.ty {
            Type::Primitive(primitive) => {
                if self.primitive(primitive, value, path) {
                    self.code(child, value, path);
                }
            }
            Type::Resource => {
                let inside = child.name == "contained";
                self.contained += usize::from(inside);
                if self.contained > 1 && inside {
                    self.report(Rule::Contained, path, shown(value));
                } else {
                    self.resource(value, path);
                }
                self.contained -= usize::from(inside);
            }
            Type::Frame(index) => {
                if !value.is_object() {
                    let name = self.table.frame(index).map_or("", |f| f.path);
                    return self.report_hint(Rule::Type, path, shown(value), name);
                }
                if let Some(frame) = self.table.frame(index) {
                    self.object(value, frame, path);
                }
                if index == self.table.extension {
                    self.extension(value, path);
                } else if index == self.table.reference {
                    self.reference(value, path);
                }
                self.coded(child, index, value, path);
            }
        }
    }

    fn primitive(&mut self, primitive: Primitive, value: Node<'d>, path: &Path<'_>) -> bool {
        let text = match primitive.shape() {
            Shape::Bool => value.as_bool().map(|_| ""),
            Shape::Number => value.as_number_text(),
            Shape::String => value.as_str(),
        };
        let Some(text) = text else {
            self.report_hint(Rule::Type, path, shown(value), primitive.name());
            return false;
        };
        if primitive.shape() == Shape::String && text.is_empty() {
            self.report(Rule::Empty, path, "\"\"".to_owned());
            return false;
        }
        if primitive == Primitive::Xhtml {
            if let Some(problem) = xhtml::problem(text) {
                self.report(Rule::Xhtml, path, problem);
            }
        } else if !primitive.accepts(text) {
            self.report_hint(Rule::Format, path, shorten(text), primitive.name());
            return false;
        }
        true
    }

    fn set_of(&self, child: &Child) -> Option<&'static Set> {
        self.table.set(child.set?)
    }

    fn code(&mut self, child: &Child, value: Node<'d>, path: &Path<'_>) {
        if child.ty != Type::Primitive(Primitive::Code) {
            return;
        }
        let Some(set) = self.set_of(child) else {
            return;
        };
        let code = value.as_str().unwrap_or_default();
        if !set.has_code(code) {
            self.report_hint(Rule::Binding, path, shorten(code), &set.sample());
        }
    }

    fn coded(&mut self, child: &Child, frame: usize, value: Node<'d>, path: &Path<'_>) {
        let Some(set) = self.set_of(child) else {
            return;
        };
        let inside = |coding: Node<'d>| {
            let system = coding.str("system").unwrap_or_default();
            set.has(system, coding.str("code").unwrap_or_default())
        };
        let fits = if frame == self.table.coding {
            inside(value)
        } else if frame == self.table.codeable_concept {
            value.list("coding").any(inside)
        } else {
            true
        };
        if !fits {
            let coding = value.list("coding").next().unwrap_or(value);
            let found = format!(
                "{}|{}",
                coding.str("system").unwrap_or_default(),
                coding.str("code").unwrap_or_default()
            );
            self.report_hint(Rule::Binding, path, shorten(&found), &set.sample());
        }
    }

    /// The `_name` member: id and extensions of a primitive.
    fn twin(&mut self, parent: Node<'d>, child: &Child, value: Node<'d>, path: &Path<'_>) {
        let Some(element) = self.table.frame(self.table.element) else {
            return;
        };
        if !child.many {
            if value.is_object() {
                self.object(value, element, path);
            } else {
                self.report(Rule::Twin, path, shown(value));
            }
            return;
        }
        let partner = parent.get(child.name);
        let same_length = partner.is_none_or(|p| !p.is_array() || p.len() == value.len());
        if !value.is_array() || value.is_empty() || !same_length {
            return self.report(Rule::Twin, path, shown(value));
        }
        for (i, item) in value.items().enumerate() {
            let here = path.index(i);
            if item.is_object() {
                self.object(item, element, &here);
            } else if !item.is_null() || partner.is_none() {
                self.report(Rule::Twin, &here, shown(item));
            }
        }
    }
}

fn is_primitive(child: &Child) -> bool {
    matches!(child.ty, Type::Primitive(_))
}

/// Does the object hold another type of the same choice element?
fn has_other_type(node: Node<'_>, frame: &Frame, child: &Child) -> bool {
    node.entries().any(|(key, _)| {
        let bare = key.strip_prefix('_').unwrap_or(key);
        frame
            .child(bare)
            .is_some_and(|c| c.group == child.group && c.name != child.name)
    })
}
