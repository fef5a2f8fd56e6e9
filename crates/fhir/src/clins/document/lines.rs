//! Constraints of a profile as data: how often an element may stand at a path, and the values
//! that are fixed there.
//!
//! A path names elements below the resource, such as `class.code`; lists are looked into
//! item by item, so that a constraint below an optional element holds wherever that stands.

use super::rule;
use crate::clins::{report::Checked, rule::REQUIRED, system};
use crate::json::Node;
use crate::path::Path;

/// One constraint.
#[derive(Clone, Copy, Debug)]
pub(in crate::clins) enum Line {
    /// At least once.
    Need(&'static str),
    /// Exactly once.
    One(&'static str),
    /// At most once.
    Most(&'static str),
    /// Never.
    Not(&'static str),
    /// One of these values, when there is one. System addresses may be the older ones.
    Value(&'static str, &'static [&'static str]),
}

/// Holds a resource to the constraints.
pub(in crate::clins) fn hold(node: Node<'_>, lines: &[Line], path: &Path<'_>, out: &mut Checked) {
    for line in lines {
        match *line {
            Line::Need(at) => count(node, at, 1, usize::MAX, path, out),
            Line::One(at) => count(node, at, 1, 1, path, out),
            Line::Most(at) => count(node, at, 0, 1, path, out),
            Line::Not(at) => count(node, at, 0, 0, path, out),
            Line::Value(at, wanted) => {
                let is_system = at.ends_with("system");
                each(node, at, path, &mut |found, here| {
                    let text = found
                        .as_str()
                        .or_else(|| found.as_number_text())
                        .unwrap_or_default();
                    let plain = if is_system {
                        system::canonical(text)
                    } else {
                        text
                    };
                    if !wanted.contains(&text) && !wanted.contains(&plain) {
                        out.refuse_hint(rule::FIXED, here, text, &wanted.join(" | "));
                    }
                });
            }
        }
    }
}

/// Counts the last step of `at` below everything that the steps before it reach.
fn count(node: Node<'_>, at: &str, min: usize, max: usize, path: &Path<'_>, out: &mut Checked) {
    let (above, last) = at.rsplit_once('.').unwrap_or(("", at));
    each(node, above, path, &mut |parent, here| {
        let number = match last.strip_suffix("[x]") {
            Some(stem) => parent.entries().filter(|(k, _)| is_choice(k, stem)).count(),
            None => parent
                .get(last)
                .map_or(0, |child| if child.is_array() { child.len() } else { 1 }),
        };
        let place = here.name(last);
        if number < min {
            out.refuse(REQUIRED, &place, "");
        } else if max == 0 && number > 0 {
            out.refuse(rule::NOT_ALLOWED, &place, "");
        } else if number > max {
            out.refuse_hint(
                rule::TOO_MANY,
                &place,
                &number.to_string(),
                &max.to_string(),
            );
        }
    });
}

fn is_choice(key: &str, stem: &str) -> bool {
    key.strip_prefix(stem)
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Calls `seen` for everything at `at`; the resource itself when `at` is empty.
fn each(node: Node<'_>, at: &str, path: &Path<'_>, seen: &mut dyn FnMut(Node<'_>, &Path<'_>)) {
    if node.is_array() {
        for (i, item) in node.items().enumerate() {
            each(item, at, &path.index(i), seen);
        }
        return;
    }
    if at.is_empty() {
        return seen(node, path);
    }
    let (step, rest) = at.split_once('.').unwrap_or((at, ""));
    if let Some(child) = node.get(step) {
        each(child, rest, &path.name(step), seen);
    }
}
