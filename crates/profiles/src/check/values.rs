//! Fixed values and patterns, and the references inside a resource.
//!
//! Source: FHIR R4 2.26.3 (fixed[x], pattern[x]).

use std::collections::BTreeSet;

use fhir::json::{Kind, Node};

/// Exactly this value, in whatever order of members.
pub fn is_fixed(node: Node<'_>, fixed: Node<'_>) -> bool {
    match (node.kind(), fixed.kind()) {
        (Kind::Object, Kind::Object) => {
            node.len() == fixed.len()
                && fixed
                    .entries()
                    .all(|(key, wanted)| node.get(key).is_some_and(|own| is_fixed(own, wanted)))
        }
        (Kind::Array, Kind::Array) => {
            node.len() == fixed.len()
                && node
                    .items()
                    .zip(fixed.items())
                    .all(|(own, wanted)| is_fixed(own, wanted))
        }
        _ => is_same_leaf(node, fixed),
    }
}

/// At least this: each member, and for each item of a list one that is like it.
pub fn is_like(node: Node<'_>, pattern: Node<'_>) -> bool {
    match (node.kind(), pattern.kind()) {
        (Kind::Object, Kind::Object) => pattern
            .entries()
            .all(|(key, wanted)| node.get(key).is_some_and(|own| is_like(own, wanted))),
        (Kind::Array, Kind::Array) => pattern
            .items()
            .all(|wanted| node.items().any(|own| is_like(own, wanted))),
        _ => is_same_leaf(node, pattern),
    }
}

fn is_same_leaf(node: Node<'_>, other: Node<'_>) -> bool {
    match (node.kind(), other.kind()) {
        (Kind::String, Kind::String) => node.as_str() == other.as_str(),
        (Kind::Number, Kind::Number) => {
            let plain = |node: Node<'_>| number(node.as_number_text().unwrap_or_default());
            plain(node) == plain(other)
        }
        (Kind::Bool, Kind::Bool) => node.as_bool() == other.as_bool(),
        _ => false,
    }
}

/// A number without the zeros that mean nothing.
fn number(text: &str) -> String {
    match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// Does anything that lies below by these names, through lists, meet the test?
pub fn any_named<'a>(
    node: Node<'a>,
    names: &[String],
    test: &mut impl FnMut(Node<'a>) -> bool,
) -> bool {
    let Some((name, rest)) = names.split_first() else {
        return test(node);
    };
    match node.get(name) {
        None => false,
        Some(list) if list.is_array() => list.items().any(|item| any_named(item, rest, test)),
        Some(one) => any_named(one, rest, test),
    }
}

/// The ids of `#id` references and addresses below, contained resources included; empty for `#`.
pub fn local_references<'a>(node: Node<'a>, found: &mut BTreeSet<&'a str>) {
    for (_, value) in node.entries() {
        one(value, found);
    }
}

fn one<'a>(value: Node<'a>, found: &mut BTreeSet<&'a str>) {
    match value.kind() {
        Kind::String => {
            let id = value.as_str().and_then(|text| text.strip_prefix('#'));
            found.extend(id);
        }
        Kind::Array => value.items().for_each(|item| one(item, found)),
        Kind::Object => local_references(value, found),
        _ => {}
    }
}
