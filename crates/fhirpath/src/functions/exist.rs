//! Whether there is something, and whether all or any of it is so.
//!
//! Source: FHIRPath N1 5.1.

use super::{Function, length, truth};
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators;
use crate::syntax::Call;
use crate::value::Value;

pub fn quantified<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let Some(criterion) = call.args.first() else {
        return match call.function {
            Function::Exists => truth(!items.is_empty()),
            function => truths(function, items),
        };
    };
    let wants_all = call.function == Function::All;
    for (at, item) in items.iter().enumerate() {
        let met = run.eval(criterion, scope.item(item, length(at)))?;
        let met = operators::truth(&met)?.unwrap_or(false);
        if met != wants_all {
            return truth(!wants_all);
        }
    }
    truth(wants_all)
}

fn truths<'a>(function: Function, items: &[Value<'_>]) -> Answer<'a> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        match item.system() {
            Some(Value::Boolean(value)) => values.push(value),
            _ => return Err(EvalError::Type(function.name())),
        }
    }
    truth(match function {
        Function::AllTrue => values.iter().all(|value| *value),
        Function::AnyTrue => values.iter().any(|value| *value),
        Function::AllFalse => values.iter().all(|value| !*value),
        _ => values.iter().any(|value| !*value),
    })
}

pub fn subset<'a>(
    run: &mut Run<'_, 'a>,
    function: Function,
    items: &[Value<'a>],
    other: &[Value<'a>],
) -> Answer<'a> {
    let (inner, outer) = match function {
        Function::SubsetOf => (items, other),
        _ => (other, items),
    };
    run.spend(inner.len().saturating_mul(outer.len()))?;
    truth(inner.iter().all(|item| operators::holds(outer, item)))
}

pub fn not<'a>(items: &[Value<'a>]) -> Answer<'a> {
    let truth = operators::truth(items)?;
    Ok(truth
        .map(|truth| Value::Boolean(!truth))
        .into_iter()
        .collect())
}
