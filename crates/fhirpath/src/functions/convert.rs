//! From one type of the language to another.
//!
//! Source: FHIRPath N1 5.5.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::Function;
use crate::equality::decimal;
use crate::moment::{Moment, MomentKind};
use crate::quantity::Quantity;
use crate::value::Value;

/// Can the item be converted as the `convertsTo…` asks?
pub fn converts(function: Function, item: &Value<'_>) -> bool {
    let to = match function {
        Function::ConvertsToBoolean => Function::ToBoolean,
        Function::ConvertsToInteger => Function::ToInteger,
        Function::ConvertsToDecimal => Function::ToDecimal,
        Function::ConvertsToText => Function::ToText,
        Function::ConvertsToDate => Function::ToDate,
        Function::ConvertsToDateTime => Function::ToDateTime,
        Function::ConvertsToTime => Function::ToTime,
        _ => Function::ToQuantity,
    };
    self::to(to, item).is_some()
}

/// The item as the other type; `None` when it cannot be.
pub fn to<'a>(function: Function, item: &Value<'a>) -> Option<Value<'a>> {
    let item = item.system()?;
    match function {
        Function::ToBoolean => boolean(&item).map(Value::Boolean),
        Function::ToInteger => integer(&item).map(Value::Integer),
        Function::ToDecimal => to_decimal(&item).map(Value::Decimal),
        Function::ToText => text(&item).map(Value::Text),
        Function::ToDate => match item {
            Value::Moment(m) if m.kind() != MomentKind::Time => Some(Value::Moment(m.date())),
            Value::Text(text) => Moment::parse(&text, MomentKind::Date)
                .or_else(|| Some(Moment::parse(&text, MomentKind::DateTime)?.date()))
                .map(Value::Moment),
            _ => None,
        },
        Function::ToDateTime => match item {
            Value::Moment(m) if m.kind() != MomentKind::Time => {
                Some(Value::Moment(m.as_date_time()))
            }
            Value::Text(text) => Moment::parse(&text, MomentKind::DateTime).map(Value::Moment),
            _ => None,
        },
        Function::ToTime => match item {
            Value::Moment(m) if m.kind() == MomentKind::Time => Some(Value::Moment(m)),
            Value::Text(text) => Moment::parse(&text, MomentKind::Time).map(Value::Moment),
            _ => None,
        },
        _ => quantity(item).map(Value::Quantity),
    }
}

fn boolean(item: &Value<'_>) -> Option<bool> {
    match item {
        Value::Boolean(truth) => Some(*truth),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        number => match decimal(number)? {
            n if n == Decimal::ONE => Some(true),
            n if n.is_zero() => Some(false),
            _ => None,
        },
    }
}

fn integer(item: &Value<'_>) -> Option<i64> {
    match item {
        Value::Integer(number) => Some(*number),
        Value::Boolean(truth) => Some(i64::from(*truth)),
        Value::Text(text) => text.parse().ok(),
        Value::Decimal(number) if number.fract().is_zero() => number.to_i64(),
        _ => None,
    }
}

fn to_decimal(item: &Value<'_>) -> Option<Decimal> {
    match item {
        Value::Boolean(truth) => Some(Decimal::from(i64::from(*truth))),
        Value::Text(text) => {
            let plain = text.strip_prefix(['+', '-']).unwrap_or(text);
            let shape = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let ends = plain.starts_with('.') || plain.ends_with('.');
            (shape && !ends)
                .then(|| Decimal::from_str_exact(text).ok())
                .flatten()
        }
        number => decimal(number),
    }
}

/// As text; also how items are shown.
fn text<'a>(item: &Value<'a>) -> Option<Cow<'a, str>> {
    Some(match item {
        Value::Text(text) => text.clone(),
        Value::Boolean(truth) => Cow::Owned(truth.to_string()),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Decimal(number) => Cow::Owned(number.to_string()),
        Value::Moment(moment) => Cow::Owned(moment.to_string()),
        Value::Quantity(quantity) => Cow::Owned(quantity.to_string()),
        Value::Element(_) | Value::Type(..) => return None,
    })
}

fn quantity(item: Value<'_>) -> Option<Quantity<'_>> {
    match item {
        Value::Quantity(quantity) => Some(quantity),
        Value::Boolean(truth) => Some(Quantity::plain(Decimal::from(i64::from(truth)))),
        Value::Text(text) => Quantity::parse(&text),
        number => decimal(&number).map(Quantity::plain),
    }
}
