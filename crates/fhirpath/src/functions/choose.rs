//! Choosing, joining, ordering and folding items.
//!
//! Source: FHIRPath N1 5.2 (filtering), 5.3 (subsetting), 5.4 (combining), 5.5.1 (iif), 7
//! (aggregates); `sort` as the published suite uses it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Function, length, whole};
use crate::equality;
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::{holds, single, truth};
use crate::syntax::{Call, Expr};
use crate::value::{Collection, Value};

pub fn choose<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    use Function as F;
    match call.function {
        F::Where | F::Select => each(run, call, items, scope),
        F::Repeat => repeat(run, call, items, scope),
        F::Sort => sort(run, call, items, scope),
        F::Iif => iif(run, call, items, scope),
        F::Aggregate => aggregate(run, call, items, scope),
        F::Intersect | F::Exclude | F::Union | F::Combine => {
            let other = run.argument(call, 0, scope)?;
            joined(run, call.function, items, other)
        }
        F::Skip | F::Take => {
            let count = run.argument(call, 0, scope)?;
            let Some(count) = whole(&count, call.function.name())? else {
                return Ok(Vec::new());
            };
            let count = usize::try_from(count.max(0))
                .unwrap_or(usize::MAX)
                .min(items.len());
            let (head, tail) = items.split_at(count);
            Ok(if call.function == F::Skip { tail } else { head }.to_vec())
        }
        F::Single => Ok(single(items, "single")?.cloned().into_iter().collect()),
        F::First => Ok(items.first().cloned().into_iter().collect()),
        F::Last => Ok(items.last().cloned().into_iter().collect()),
        _ => Ok(items.get(1..).unwrap_or_default().to_vec()),
    }
}

fn each<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let mut found = Vec::new();
    let Some(expr) = call.args.first() else {
        return Ok(found);
    };
    for (at, item) in items.iter().enumerate() {
        let mut yielded = run.eval(expr, scope.item(item, length(at)))?;
        if call.function == Function::Select {
            run.spend(yielded.len())?;
            found.append(&mut yielded);
        } else if truth(&yielded)? == Some(true) {
            found.push(item.clone());
        }
    }
    Ok(found)
}

/// What is yielded is asked again, until nothing new comes.
fn repeat<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let mut all: Collection<'a> = Vec::new();
    let Some(expr) = call.args.first() else {
        return Ok(all);
    };
    let mut wave = items.to_vec();
    while !wave.is_empty() {
        let mut next = Vec::new();
        for (at, item) in wave.iter().enumerate() {
            for found in run.eval(expr, scope.item(item, length(at)))? {
                run.spend(all.len() + 1)?;
                if !holds(&all, &found) {
                    all.push(found.clone());
                    next.push(found);
                }
            }
        }
        wave = next;
    }
    Ok(all)
}

/// Each item once, in the order of its first coming.
pub fn distinct<'a>(run: &mut Run<'_, '_>, items: Collection<'a>) -> Answer<'a> {
    let mut keys = BTreeSet::new();
    let mut others: Collection<'a> = Vec::new();
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        match equality::key(&item) {
            Some(key) => {
                run.spend(1)?;
                if keys.insert(key) {
                    found.push(item);
                }
            }
            None => {
                run.spend(others.len() + 1)?;
                if !holds(&others, &item) {
                    others.push(item.clone());
                    found.push(item);
                }
            }
        }
    }
    Ok(found)
}

fn joined<'a>(
    run: &mut Run<'_, 'a>,
    function: Function,
    items: &[Value<'a>],
    mut other: Collection<'a>,
) -> Answer<'a> {
    let mut all = items.to_vec();
    if matches!(function, Function::Union | Function::Combine) {
        all.append(&mut other);
        run.spend(all.len())?;
        return match function {
            Function::Union => distinct(run, all),
            _ => Ok(all),
        };
    }
    run.spend(all.len().saturating_mul(other.len()))?;
    let keeps = function == Function::Intersect;
    all.retain(|item| holds(&other, item) == keeps);
    if keeps { distinct(run, all) } else { Ok(all) }
}

fn iif<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    single(items, "iif")?;
    let inner = Scope {
        this: items,
        ..scope
    };
    let criterion = run.argument(call, 0, inner)?;
    let met = match single(&criterion, "iif")?.map(Value::system) {
        None => false,
        Some(Some(Value::Boolean(met))) => met,
        Some(_) => return Err(EvalError::Type("iif")),
    };
    run.argument(call, if met { 1 } else { 2 }, inner)
}

fn aggregate<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let mut total = run.argument(call, 1, scope)?;
    for (at, item) in items.iter().enumerate() {
        let inner = Scope {
            total: Some(&total),
            ..scope.item(item, length(at))
        };
        total = run.argument(call, 0, inner)?;
    }
    Ok(total)
}

/// By each key in turn; a key with a minus sign orders downwards.
fn sort<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let mut keyed = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let mut keys = Vec::new();
        if call.args.is_empty() {
            keys.push((Some(item.clone()), false));
        }
        for arg in &call.args {
            let (expr, down) = match arg {
                Expr::Minus(operand) => (operand.as_ref(), true),
                other => (other, false),
            };
            let key = run.eval(expr, scope.item(item, length(at)))?;
            keys.push((single(&key, "sort")?.cloned(), down));
        }
        keyed.push((keys, item.clone()));
    }
    let mut wrong = None;
    keyed.sort_by(|(a, _), (b, _)| {
        for ((a, down), (b, _)) in a.iter().zip(b) {
            let order = match (a, b) {
                (Some(a), Some(b)) => match equality::compare(a, b) {
                    Ok(order) => order.unwrap_or(Ordering::Equal),
                    Err(error) => {
                        wrong = Some(error);
                        Ordering::Equal
                    }
                },
                // Nothing comes first in either direction.
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            let order = if *down { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    });
    match wrong {
        Some(error) => Err(error),
        None => Ok(keyed.into_iter().map(|(_, item)| item).collect()),
    }
}
