//! Reckoning with decimals; never with floating point.
//!
//! Source: FHIRPath N1 5.7; boundaries and precision as the published suite uses them.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, MathematicalOps as _, RoundingStrategy};

use super::{Function, truth, whole};
use crate::equality::decimal;
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::single;
use crate::quantity::Quantity;
use crate::syntax::Call;
use crate::value::Value;

/// Digits behind the point of a boundary, unless told otherwise.
const BOUNDARY_DIGITS: i64 = 8;
/// Digits behind the point at most.
const DIGITS_MAX: i64 = 28;

pub fn reckon<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    item: &Value<'a>,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let name = call.function.name();
    let mismatch = EvalError::Type(name);
    let Some(value) = item.system() else {
        return Err(mismatch);
    };
    let argument = run.argument(call, 0, scope)?;
    let found = match call.function {
        Function::Comparable => {
            let other = single(&argument, name)?.and_then(Value::system);
            return match (&value, &other) {
                (Value::Quantity(a), Some(Value::Quantity(b))) => truth(a.is_comparable(b)),
                _ => Err(mismatch),
            };
        }
        Function::LowBoundary | Function::HighBoundary => {
            let high = call.function == Function::HighBoundary;
            boundary(&value, high, whole(&argument, name)?)
        }
        Function::Precision => precision(&value).map(Value::Integer),
        Function::Log | Function::Power => {
            let Some(argument) = single(&argument, name)? else {
                return Ok(Vec::new());
            };
            let argument = argument.system().ok_or(mismatch)?;
            two(call.function, &value, &argument)?
        }
        Function::Round => {
            let digits = whole(&argument, name)?.unwrap_or(0);
            let number = decimal(&value).ok_or(mismatch)?;
            let digits = u32::try_from(digits).map_err(|_| EvalError::Argument(name))?;
            let rounded =
                number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
            Some(Value::Decimal(rounded))
        }
        function => one(function, &value).ok_or(mismatch)?,
    };
    Ok(found.into_iter().collect())
}

/// Outer `None`: not of this type.
#[expect(clippy::option_option, reason = "no such operation, or no result")]
fn one<'a>(function: Function, value: &Value<'a>) -> Option<Option<Value<'a>>> {
    if function == Function::Abs {
        return Some(match value {
            Value::Integer(number) => number.checked_abs().map(Value::Integer),
            Value::Quantity(quantity) => Some(Value::Quantity(Quantity {
                value: quantity.value.abs(),
                unit: quantity.unit.clone(),
            })),
            number => Some(Value::Decimal(decimal(number)?.abs())),
        });
    }
    let number = decimal(value)?;
    let integer = |number: Decimal| number.to_i64().map(Value::Integer);
    Some(match function {
        Function::Ceiling => integer(number.ceil()),
        Function::Floor => integer(number.floor()),
        Function::Truncate => integer(number.trunc()),
        Function::Exp => number.checked_exp().map(Value::Decimal),
        Function::Ln => number.checked_ln().map(Value::Decimal),
        _ => number.sqrt().map(Value::Decimal),
    })
}

fn two<'a>(
    function: Function,
    value: &Value<'a>,
    argument: &Value<'a>,
) -> Result<Option<Value<'a>>, EvalError> {
    let mismatch = || EvalError::Type(function.name());
    if let (Function::Power, Value::Integer(base), Value::Integer(power)) =
        (function, value, argument)
        && let Ok(power) = u32::try_from(*power)
    {
        return Ok(base.checked_pow(power).map(Value::Integer));
    }
    let base = decimal(value).ok_or_else(mismatch)?;
    let argument = decimal(argument).ok_or_else(mismatch)?;
    Ok(match function {
        Function::Power if argument.fract().is_zero() => argument
            .to_i64()
            .and_then(|power| base.checked_powi(power))
            .map(Value::Decimal),
        // A negative number has no root among these numbers.
        Function::Power if base.is_sign_negative() => None,
        Function::Power => base.checked_powd(argument).map(Value::Decimal),
        _ => base
            .checked_ln()
            .zip(argument.checked_ln())
            .and_then(|(a, b)| a.checked_div(b))
            // Both logarithms are rounded, so the last digits say nothing.
            .map(|log| Value::Decimal(log.round_dp(20).normalize())),
    })
}

fn precision(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Integer(number) => i64::try_from(number.to_string().len()).ok(),
        Value::Decimal(number) => Some(i64::from(number.scale())),
        Value::Moment(moment) => Some(moment.precision_digits()),
        _ => None,
    }
}

fn boundary<'a>(value: &Value<'a>, high: bool, digits: Option<i64>) -> Option<Value<'a>> {
    match value {
        Value::Moment(moment) => moment.boundary(high, digits).map(Value::Moment),
        Value::Quantity(quantity) => Some(Value::Quantity(Quantity {
            value: decimal_boundary(quantity.value, high, digits)?,
            unit: Cow::clone(&quantity.unit),
        })),
        number => decimal_boundary(decimal(number)?, high, digits).map(Value::Decimal),
    }
}

/// Half a unit of the last digit down or up, then outwards to so many digits.
fn decimal_boundary(number: Decimal, high: bool, digits: Option<i64>) -> Option<Decimal> {
    let digits = digits.unwrap_or(BOUNDARY_DIGITS);
    (0..=DIGITS_MAX).contains(&digits).then_some(())?;
    let digits = u32::try_from(digits).ok()?;
    let half = Decimal::new(5, number.scale().checked_add(1)?);
    let (bound, outwards) = if high {
        (
            number.checked_add(half)?,
            RoundingStrategy::ToPositiveInfinity,
        )
    } else {
        (
            number.checked_sub(half)?,
            RoundingStrategy::ToNegativeInfinity,
        )
    };
    let mut bound = bound.round_dp_with_strategy(digits, outwards);
    bound.rescale(digits);
    (bound.scale() == digits).then_some(bound)
}
