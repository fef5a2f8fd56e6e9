//! When two items are equal, equivalent, or ordered.
//!
//! Source: FHIRPath N1 6.1 (equality, equivalence), 6.2 (comparison).

use std::cmp::Ordering;

use fhir::json::{Kind, Node};
use rust_decimal::Decimal;

use crate::error::EvalError;
use crate::quantity::{Quantity, is_near};
use crate::value::Value;

/// Equal, different, or (`None`) not to be told.
pub fn equal(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    if let (Value::Type(a_space, a), Value::Type(b_space, b)) = (a, b) {
        return Some(a_space == b_space && a == b);
    }
    match (a.system(), b.system()) {
        (Some(a), Some(b)) => equal_systems(&a, &b),
        (None, None) => Some(same_elements(a, b, &mut |a, b| same_node(a, b, true))),
        _ => Some(false),
    }
}

fn equal_systems(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    use Value::{Boolean, Decimal, Integer, Moment, Quantity, Text};
    match (a, b) {
        (Boolean(a), Boolean(b)) => Some(a == b),
        (Text(a), Text(b)) => Some(a == b),
        (Moment(a), Moment(b)) => {
            let one_is_time = |kind| kind == crate::MomentKind::Time;
            if one_is_time(a.kind()) != one_is_time(b.kind()) {
                return Some(false);
            }
            a.compare(b).map(|order| order == Ordering::Equal)
        }
        (Integer(a), Integer(b)) => Some(a == b),
        (Integer(_) | Decimal(_), Integer(_) | Decimal(_)) => Some(decimal(a) == decimal(b)),
        (Quantity(a), Quantity(b)) => a.compare(b).map(|order| order == Ordering::Equal),
        (Quantity(quantity), other) | (other, Quantity(quantity)) => {
            let plain = crate::quantity::Quantity::plain(decimal(other)?);
            quantity
                .compare(&plain)
                .map(|order| order == Ordering::Equal)
        }
        // A text beside a date: a document's date that is none.
        _ => Some(false),
    }
}

/// Equivalent? Never without an answer.
pub fn equivalent(a: &Value<'_>, b: &Value<'_>) -> bool {
    if matches!((a, b), (Value::Type(..), Value::Type(..))) {
        return equal(a, b) == Some(true);
    }
    match (a.system(), b.system()) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => folded(&a) == folded(&b),
        (Some(Value::Moment(a)), Some(Value::Moment(b))) => a.is_equivalent(&b),
        (Some(Value::Quantity(a)), Some(Value::Quantity(b))) => a.is_equivalent(&b),
        (Some(a), Some(b)) => match (decimal(&a), decimal(&b)) {
            (Some(a), Some(b)) => is_near(a, b),
            _ => equal_systems(&a, &b) == Some(true),
        },
        (None, None) => same_elements(a, b, &mut |a, b| same_node(a, b, false)),
        _ => false,
    }
}

/// Lower case, with each run of space as one.
fn folded(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        words.push(word.to_lowercase());
    }
    words.join(" ")
}

/// A number as a decimal.
pub fn decimal(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Integer(whole) => Some(Decimal::from(*whole)),
        Value::Decimal(decimal) => Some(*decimal),
        _ => None,
    }
}

fn same_elements(
    a: &Value<'_>,
    b: &Value<'_>,
    same: &mut impl FnMut(Node<'_>, Node<'_>) -> bool,
) -> bool {
    let (Some(a), Some(b)) = (a.element(), b.element()) else {
        return false;
    };
    let mut both = |a: Option<Node<'_>>, b: Option<Node<'_>>| match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    };
    both(a.node, b.node) && both(a.twin, b.twin)
}

/// Compares trees; the reader has bounded their depth.
fn same_node(a: Node<'_>, b: Node<'_>, ordered: bool) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Number, Kind::Number) => {
            let read = |node: Node<'_>| Decimal::from_str_exact(node.as_number_text()?).ok();
            match (read(a), read(b)) {
                (Some(a), Some(b)) => a == b,
                _ => a.as_number_text() == b.as_number_text(),
            }
        }
        (Kind::String, Kind::String) if ordered => a.as_str() == b.as_str(),
        (Kind::String, Kind::String) => {
            folded(a.as_str().unwrap_or_default()) == folded(b.as_str().unwrap_or_default())
        }
        (Kind::Array, Kind::Array) if a.len() == b.len() => {
            if ordered {
                return a.items().zip(b.items()).all(|(a, b)| same_node(a, b, true));
            }
            a.items().all(|a| b.items().any(|b| same_node(a, b, false)))
        }
        (Kind::Object, Kind::Object) if a.len() == b.len() => a
            .entries()
            .all(|(key, a)| b.get(key).is_some_and(|b| same_node(a, b, ordered))),
        (Kind::Bool, Kind::Bool) => a.as_bool() == b.as_bool(),
        (Kind::Null, Kind::Null) => true,
        _ => false,
    }
}

/// Which of two values comes first; `None` when what is known does not tell.
///
/// # Errors
/// When their types have no order between them.
pub fn compare(a: &Value<'_>, b: &Value<'_>) -> Result<Option<Ordering>, EvalError> {
    use Value::{Moment, Quantity, Text};
    let mismatch = Err(EvalError::Type("a comparison"));
    let (Some(a), Some(b)) = (a.system(), b.system()) else {
        return mismatch;
    };
    match (&a, &b) {
        (Text(a), Text(b)) => Ok(Some(a.cmp(b))),
        (Moment(a), Moment(b)) => Ok(a.compare(b)),
        (Quantity(a), Quantity(b)) => Ok(a.compare(b)),
        (Quantity(a), other) => match decimal(other) {
            Some(other) => Ok(a.compare(&quantity(other))),
            None => mismatch,
        },
        (other, Quantity(b)) => match decimal(other) {
            Some(other) => Ok(quantity(other).compare(b)),
            None => mismatch,
        },
        (a, b) => match (decimal(a), decimal(b)) {
            (Some(a), Some(b)) => Ok(Some(a.cmp(&b))),
            _ => mismatch,
        },
    }
}

fn quantity(value: Decimal) -> Quantity<'static> {
    Quantity::plain(value)
}

/// A key under which equal items of simple types are the same; `None` for all others, which
/// have to be compared one by one.
pub fn key(value: &Value<'_>) -> Option<String> {
    match value.system()? {
        Value::Boolean(b) => Some(format!("b{b}")),
        Value::Text(text) => Some(format!("t{text}")),
        number @ (Value::Integer(_) | Value::Decimal(_)) => {
            Some(format!("n{}", decimal(&number)?.normalize()))
        }
        _ => None,
    }
}
