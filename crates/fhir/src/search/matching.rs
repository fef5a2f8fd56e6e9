//! Holding a resource against a criterion.
//!
//! Source: FHIR R4 search.html#ptypes and the tables of #prefix.

use std::{cmp::Ordering, collections::BTreeSet};

use super::{
    decimal::Decimal,
    instant::Span,
    normalized,
    path::{Found, evaluate},
    table::{Kind, Param},
    wanted::{Criterion, Prefix, Unit, Wanted},
};
use crate::{clins::system::canonical, json::Node};

/// What a comparison knows beside the resource.
#[derive(Clone, Copy, Debug)]
pub struct Env<'e> {
    /// Now, in microseconds: what "about" a date means depends on it.
    pub now: i64,
    /// The address before `Type/id` in absolute references to this server: `http://host/fhir/`.
    pub base: &'e str,
}

/// Does the resource meet the criterion?
#[must_use]
pub fn meets(criterion: &Criterion, root: Node<'_>, env: Env<'_>) -> bool {
    let found = evaluate(&criterion.param.paths, root);
    let meets = criterion.values.iter().any(|wanted| {
        if let Wanted::Missing(is_missing) = wanted {
            return found.is_empty() == *is_missing;
        }
        if let Wanted::All(parts) = wanted {
            return found
                .iter()
                .any(|place| all(criterion, parts, place.node, env));
        }
        if criterion.of_identifier {
            let mut identifiers = found.iter().filter_map(|f| f.node.get("identifier"));
            return identifiers.any(|node| one(Kind::Token, wanted, &Found::plain(node), env));
        }
        let kind = criterion.param.kind;
        found.iter().any(|found| one(kind, wanted, found, env))
    });
    meets != criterion.is_not
}

/// Every code by which a search for this parameter finds the resource, each once: what an index
/// has to know of it. Says nothing of a parameter that is no token.
#[must_use]
pub fn codes<'d>(param: &Param, root: Node<'d>) -> BTreeSet<&'d str> {
    let mut all = BTreeSet::new();
    if param.kind == Kind::Token {
        for found in evaluate(&param.paths, root) {
            each_code(&found, &mut |code| {
                all.insert(code);
            });
        }
    }
    all
}

/// Do the parts of a composite all meet at one place?
fn all(criterion: &Criterion, parts: &[Wanted], place: Node<'_>, env: Env<'_>) -> bool {
    let mut pairs = parts.iter().zip(&criterion.param.components);
    pairs.all(|(wanted, component)| {
        let found = evaluate(&component.paths, place);
        let mut found = found.iter();
        found.any(|found| one(component.kind, wanted, found, env))
    })
}

fn one(kind: Kind, wanted: &Wanted, found: &Found<'_>, env: Env<'_>) -> bool {
    let node = found.node;
    match wanted {
        Wanted::Token(system, code) => token(system.as_deref(), code.as_deref(), found),
        Wanted::OfType(system, code, value) => {
            let ty = node.get("type");
            let codings = ty.into_iter().flat_map(|ty| ty.list("coding"));
            node.str("value") == Some(value)
                && codings.into_iter().any(|coding| {
                    coding.str("code") == Some(code)
                        && canonical(coding.str("system").unwrap_or_default()) == system
                })
        }
        Wanted::Text(text) => texts_of_token(node)
            .iter()
            .any(|found| normalized(found).contains(text.as_str())),
        Wanted::Date(prefix, span) => {
            Span::of(node).is_some_and(|found| date(*prefix, *span, found, env.now))
        }
        Wanted::Begins(text) => strings(node)
            .iter()
            .any(|found| normalized(found).starts_with(text.as_str())),
        Wanted::Contains(text) => strings(node)
            .iter()
            .any(|found| normalized(found).contains(text.as_str())),
        Wanted::Exact(text) => strings(node).contains(text),
        Wanted::Reference(ty, id) => reference(ty.as_deref(), id, node, env),
        Wanted::Address(address) => address_of(node).is_some_and(|found| {
            found == address || local(found, env) == local(address, env) && kind == Kind::Reference
        }),
        Wanted::Quantity(prefix, number, unit) => quantity(*prefix, *number, unit, node),
        Wanted::Number(prefix, number) => node
            .as_number_text()
            .and_then(Decimal::parse)
            .is_some_and(|found| compare(*prefix, *number, (found, found))),
        Wanted::Uri(text) => node.as_str() == Some(text),
        Wanted::Above(text) => node.as_str().is_some_and(|found| is_below(text, found)),
        Wanted::Below(text) => node.as_str().is_some_and(|found| is_below(found, text)),
        Wanted::Missing(_) | Wanted::All(_) => false,
    }
}

/// Is `address` the same as `above`, or a path below it?
fn is_below(address: &str, above: &str) -> bool {
    let above = above.strip_suffix('/').unwrap_or(above);
    address
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A code as it stands in any of the types that a token searches.
fn token(system: Option<&str>, code: Option<&str>, found: &Found<'_>) -> bool {
    let node = found.node;
    let fits = |place: Option<&str>, value: Option<&str>| {
        let system_fits = match system {
            None => true,
            Some("") => place.is_none(),
            Some(system) => place.map(canonical) == Some(system),
        };
        system_fits && code.is_none_or(|code| value == Some(code))
    };
    if let Some(truth) = found.truth.or_else(|| node.as_bool()) {
        return fits(None, Some(if truth { "true" } else { "false" }));
    }
    if let Some(text) = node.as_str() {
        // A bare code: its system is the element's own, whether the search names it or not.
        return code.is_none_or(|code| code == text);
    }
    if node.get("coding").is_some() {
        let mut codings = node.list("coding");
        return codings.any(|coding| fits(coding.str("system"), coding.str("code")));
    }
    if node.get("code").is_some() {
        return fits(node.str("system"), node.str("code"));
    }
    fits(node.str("system"), node.str("value"))
}

/// Every code by which [`token`] finds this value.
fn each_code<'d>(found: &Found<'d>, each: &mut impl FnMut(&'d str)) {
    let node = found.node;
    if let Some(truth) = found.truth.or_else(|| node.as_bool()) {
        each(if truth { "true" } else { "false" });
    } else if let Some(text) = node.as_str() {
        each(text);
    } else if node.get("coding").is_some() {
        let all = node.list("coding").filter_map(|coding| coding.str("code"));
        all.for_each(each);
    } else if node.get("code").is_some() {
        node.str("code").into_iter().for_each(each);
    } else {
        node.str("value").into_iter().for_each(each);
    }
}

/// The texts beside a code.
fn texts_of_token(node: Node<'_>) -> Vec<String> {
    let mut all: Vec<&str> = Vec::new();
    all.extend(node.str("text"));
    all.extend(node.str("display"));
    all.extend(
        node.list("coding")
            .filter_map(|coding| coding.str("display")),
    );
    all.extend(node.get("type").and_then(|ty| ty.str("text")));
    all.extend(node.as_str());
    all.into_iter().map(str::to_owned).collect()
}

/// The texts of a value: itself, or every text inside a name or an address, and a name's parts
/// one after the other.
fn strings(node: Node<'_>) -> Vec<String> {
    if let Some(text) = node.as_str() {
        return vec![text.to_owned()];
    }
    let mut all = Vec::new();
    for (key, value) in node.entries() {
        if matches!(key, "use" | "type" | "period" | "extension" | "id") {
            continue;
        }
        all.extend(value.as_str().map(str::to_owned));
        all.extend(value.items().filter_map(Node::as_str).map(str::to_owned));
    }
    if let Some(family) = node.str("family") {
        let given: Vec<&str> = node.list("given").filter_map(Node::as_str).collect();
        all.push(format!("{family} {}", given.join(" ")));
        all.push(format!("{} {family}", given.join(" ")));
    }
    all
}

fn date(prefix: Prefix, asked: Span, found: Span, now: i64) -> bool {
    let is_inside = asked.from <= found.from && found.until <= asked.until;
    match prefix {
        Prefix::Eq => is_inside,
        Prefix::Ne => !is_inside,
        Prefix::Gt => found.until > asked.until,
        Prefix::Lt => found.from < asked.from,
        Prefix::Ge => is_inside || found.until > asked.until,
        Prefix::Le => is_inside || found.from < asked.from,
        Prefix::Sa => found.from >= asked.until,
        Prefix::Eb => found.until <= asked.from,
        Prefix::Ap => asked.about(now).overlaps(found),
    }
}

/// `found` from its least to its greatest.
fn compare(prefix: Prefix, asked: Decimal, found: (Decimal, Decimal)) -> bool {
    let (low, high) = found;
    let at_least = |one: Decimal, other: Decimal| one.compare(other) != Ordering::Less;
    let more = |one: Decimal, other: Decimal| one.compare(other) == Ordering::Greater;
    let inside = |(from, until): (Decimal, Decimal)| at_least(low, from) && more(until, high);
    match prefix {
        Prefix::Eq => inside(asked.range()),
        Prefix::Ne => !inside(asked.range()),
        Prefix::Gt => more(high, asked),
        Prefix::Lt => more(asked, low),
        Prefix::Ge => at_least(high, asked),
        Prefix::Le => at_least(asked, low),
        Prefix::Sa => more(low, asked),
        Prefix::Eb => more(asked, high),
        Prefix::Ap => {
            let (from, until) = asked.about();
            at_least(high, from) && at_least(until, low)
        }
    }
}

fn quantity(prefix: Prefix, asked: Decimal, unit: &Unit, node: Node<'_>) -> bool {
    let number = |node: Node<'_>| node.get("value")?.as_number_text().and_then(Decimal::parse);
    if node.get("low").is_some() || node.get("high").is_some() {
        let ends: Vec<Node<'_>> = ["low", "high"]
            .into_iter()
            .filter_map(|end| node.get(end))
            .filter(|end| has_unit(unit, *end))
            .collect();
        let values: Vec<Decimal> = ends.into_iter().filter_map(number).collect();
        return match values.as_slice() {
            [only] => compare(prefix, asked, (*only, *only)),
            [low, high] => compare(prefix, asked, (*low, *high)),
            _ => false,
        };
    }
    let found = number(node).filter(|_| has_unit(unit, node));
    found.is_some_and(|found| compare(prefix, asked, (found, found)))
}

fn has_unit(unit: &Unit, node: Node<'_>) -> bool {
    match unit {
        Unit::Any => true,
        Unit::Coded(system, code) => {
            // Money has a currency instead.
            let of_quantity = node.str("code") == Some(code)
                && node.str("system").map(canonical) == Some(system.as_str());
            of_quantity || (system == "urn:iso:std:iso:4217" && node.str("currency") == Some(code))
        }
        Unit::Named(name) => ["code", "unit", "currency"]
            .into_iter()
            .any(|member| node.str(member) == Some(name)),
    }
}

fn address_of(node: Node<'_>) -> Option<&str> {
    node.as_str().or_else(|| node.str("reference"))
}

/// `Type/id` of a reference to this server, without a version; anything else as it is.
fn local<'r>(reference: &'r str, env: Env<'_>) -> &'r str {
    let own = reference.strip_prefix(env.base).unwrap_or(reference);
    own.split_once("/_history/").map_or(own, |(own, _)| own)
}

fn reference(ty: Option<&str>, id: &str, node: Node<'_>, env: Env<'_>) -> bool {
    let Some(found) = address_of(node) else {
        return false;
    };
    let own = local(found, env);
    match (own.split_once('/'), ty) {
        (Some((kind, value)), Some(ty)) => kind == ty && value == id,
        (Some((_, value)), None) => value == id,
        (None, _) => false,
    }
}
