//! A resource's place in an order.
//!
//! Source: FHIR R4 search.html#sort.

use super::{
    decimal::Decimal,
    instant::Span,
    normalized,
    path::evaluate,
    table::{Kind, Param},
};
use crate::json::Node;

/// Most characters of a text that order.
const CHARACTERS_MAX: usize = 60;

/// A text whose order is that of the parameter's values; `None` when there is none. Of several
/// values the least counts, in a descending order the greatest.
#[must_use]
pub fn sort_key(param: &Param, root: Node<'_>, is_descending: bool) -> Option<String> {
    let found = evaluate(&param.paths, root);
    let keys = found.iter().filter_map(|one| {
        let node = one.node;
        match param.kind {
            Kind::Date => Span::of(node).map(|span| {
                let at = if is_descending { span.until } else { span.from };
                instant_key(at)
            }),
            Kind::Number => Some(Decimal::parse(node.as_number_text()?)?.sort_text()),
            Kind::Quantity => {
                let number = node.get("value")?.as_number_text()?;
                Some(Decimal::parse(number)?.sort_text())
            }
            _ => text(node).map(|text| short(&normalized(text))),
        }
    });
    if is_descending {
        keys.max()
    } else {
        keys.min()
    }
}

/// A text whose order is that of instants in microseconds.
#[must_use]
pub fn instant_key(at: i64) -> String {
    format!("{:016x}", at.cast_unsigned() ^ (1 << 63))
}

fn short(text: &str) -> String {
    text.chars().take(CHARACTERS_MAX).collect()
}

/// What orders a value that is neither a date nor a number.
fn text(node: Node<'_>) -> Option<&str> {
    node.as_str()
        .or_else(|| node.as_bool().map(|b| if b { "true" } else { "false" }))
        .or_else(|| node.str("reference"))
        .or_else(|| node.str("text"))
        .or_else(|| node.str("family"))
        .or_else(|| node.list("coding").find_map(|coding| coding.str("code")))
        .or_else(|| node.str("code"))
        .or_else(|| node.str("value"))
        .or_else(|| node.str("city"))
}
