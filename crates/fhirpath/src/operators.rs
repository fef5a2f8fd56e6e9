//! Operators of two operands.
//!
//! Source: FHIRPath N1 chapter 6; 6.5 for three-valued logic.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::equality::{self, decimal};
use crate::error::EvalError;
use crate::quantity::Quantity;
use crate::syntax::Op;
use crate::value::{Collection, Value};

type Answer<'a> = Result<Collection<'a>, EvalError>;

/// The one item, or none.
///
/// # Errors
/// Several items.
pub fn single<'v, 'a>(
    items: &'v [Value<'a>],
    what: &'static str,
) -> Result<Option<&'v Value<'a>>, EvalError> {
    match items {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(EvalError::Several(what)),
    }
}

/// The truth of items: none is unknown, one that is no boolean is true.
///
/// # Errors
/// Several items.
pub fn truth(items: &[Value<'_>]) -> Result<Option<bool>, EvalError> {
    Ok(match single(items, "a condition")? {
        None => None,
        Some(one) => match one.system() {
            Some(Value::Boolean(truth)) => Some(truth),
            _ => Some(true),
        },
    })
}

fn truths(value: Option<bool>) -> Collection<'static> {
    value.map(Value::Boolean).into_iter().collect()
}

/// `and`, `or`, `xor`, `implies`.
pub fn logic(op: Op, a: Option<bool>, b: Option<bool>) -> Collection<'static> {
    truths(match op {
        Op::And => match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Op::Or => match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Op::Implies => match (a, b) {
            (Some(false), _) | (_, Some(true)) => Some(true),
            (Some(true), b) => b,
            (None, _) => None,
        },
        _ => a.zip(b).map(|(a, b)| a != b),
    })
}

/// `=` and `!=`.
pub fn equals<'a>(a: &[Value<'_>], b: &[Value<'_>], negate: bool) -> Collection<'a> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let same = if a.len() == b.len() {
        let mut same = Some(true);
        for (a, b) in a.iter().zip(b) {
            match equality::equal(a, b) {
                Some(true) => {}
                Some(false) => {
                    same = Some(false);
                    break;
                }
                None => same = None,
            }
        }
        same
    } else {
        Some(false)
    };
    truths(same.map(|same| same != negate))
}

/// `~` and `!~`: in any order.
pub fn equivalents<'a>(a: &[Value<'_>], b: &[Value<'_>], negate: bool) -> Collection<'a> {
    let mut left: Vec<&Value<'_>> = b.iter().collect();
    let same = a.len() == b.len()
        && a.iter().all(|a| {
            let at = left.iter().position(|b| equality::equivalent(a, b));
            at.map(|at| left.swap_remove(at)).is_some()
        });
    truths(Some(same != negate))
}

/// `<`, `<=`, `>`, `>=`.
pub fn orders<'a>(op: Op, a: &[Value<'_>], b: &[Value<'_>]) -> Answer<'a> {
    let pair = single(a, "a comparison")?.zip(single(b, "a comparison")?);
    let Some((a, b)) = pair else {
        return Ok(Vec::new());
    };
    Ok(truths(equality::compare(a, b)?.map(|order| match op {
        Op::Less => order == Ordering::Less,
        Op::LessOrEqual => order != Ordering::Greater,
        Op::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })))
}

/// `+`, `-`, `*`, `/`, `div`, `mod`, `&`.
pub fn arithmetic<'a>(op: Op, a: &[Value<'a>], b: &[Value<'a>]) -> Answer<'a> {
    let a = single(a, "an operator")?;
    let b = single(b, "an operator")?;
    if op == Op::Join {
        let text = |value: Option<&Value<'a>>| match value {
            None => Ok(Cow::Borrowed("")),
            Some(value) => value.text().ok_or(EvalError::Type("&")),
        };
        return Ok(vec![Value::Text(Cow::Owned(format!(
            "{}{}",
            text(a)?,
            text(b)?
        )))]);
    }
    let Some((a, b)) = a.zip(b) else {
        return Ok(Vec::new());
    };
    let mismatch = EvalError::Type("an operator");
    let (Some(a), Some(b)) = (a.system(), b.system()) else {
        return Err(mismatch);
    };
    let found = match (&a, &b) {
        (Value::Text(a), Value::Text(b)) if op == Op::Add => {
            Some(Value::Text(Cow::Owned(format!("{a}{b}"))))
        }
        (Value::Moment(at), Value::Quantity(by)) if matches!(op, Op::Add | Op::Subtract) => {
            let value = if op == Op::Add { by.value } else { -by.value };
            let sum = at.plus(value, &by.unit).ok_or(mismatch)?;
            Some(Value::Moment(sum))
        }
        (Value::Quantity(a), Value::Quantity(b)) => quantities(op, a, b).ok_or(mismatch)?,
        (Value::Quantity(a), number) if matches!(op, Op::Times | Op::Divide) => {
            let number = Quantity::plain(decimal(number).ok_or(mismatch)?);
            a.scaled(&number, op == Op::Divide).map(Value::Quantity)
        }
        (number, Value::Quantity(b)) if op == Op::Times => {
            let number = Quantity::plain(decimal(number).ok_or(mismatch)?);
            number.scaled(b, false).map(Value::Quantity)
        }
        (Value::Integer(a), Value::Integer(b)) if op != Op::Divide => {
            integers(op, *a, *b).map(Value::Integer)
        }
        (a, b) => {
            let (a, b) = decimal(a).zip(decimal(b)).ok_or(mismatch)?;
            decimals(op, a, b)
        }
    };
    Ok(found.into_iter().collect())
}

/// Outer `None`: the operator does not take quantities, or not of these units.
#[expect(clippy::option_option, reason = "no such operation, or no result")]
fn quantities<'a>(op: Op, a: &Quantity<'_>, b: &Quantity<'_>) -> Option<Option<Value<'a>>> {
    let sum = match op {
        Op::Times | Op::Divide => return Some(a.scaled(b, op == Op::Divide).map(Value::Quantity)),
        Op::Add => a.value.checked_add(b.value),
        Op::Subtract => a.value.checked_sub(b.value),
        _ => return None,
    };
    if a.unit != b.unit {
        return Some(None);
    }
    Some(sum.map(|value| {
        Value::Quantity(Quantity {
            value,
            unit: Cow::Owned(a.unit.clone().into_owned()),
        })
    }))
}

fn integers(op: Op, a: i64, b: i64) -> Option<i64> {
    match op {
        Op::Add => a.checked_add(b),
        Op::Subtract => a.checked_sub(b),
        Op::Times => a.checked_mul(b),
        Op::Div => a.checked_div(b),
        Op::Mod => a.checked_rem(b),
        _ => None,
    }
}

fn decimals<'a>(op: Op, a: Decimal, b: Decimal) -> Option<Value<'a>> {
    let found = match op {
        Op::Add => a.checked_add(b),
        Op::Subtract => a.checked_sub(b),
        Op::Times => a.checked_mul(b),
        Op::Divide => a.checked_div(b),
        Op::Mod => a.checked_rem(b),
        Op::Div => {
            let whole = a.checked_div(b)?.trunc();
            return i64::try_from(whole).ok().map(Value::Integer);
        }
        _ => None,
    };
    found.map(Value::Decimal)
}

/// Is the item among these?
pub fn holds(items: &[Value<'_>], item: &Value<'_>) -> bool {
    items
        .iter()
        .any(|other| equality::equal(other, item) == Some(true))
}

/// `in` and `contains`.
pub fn membership<'a>(items: &[Value<'_>], one: &[Value<'_>]) -> Answer<'a> {
    Ok(match single(one, "a membership")? {
        None => Vec::new(),
        Some(one) => truths(Some(holds(items, one))),
    })
}
