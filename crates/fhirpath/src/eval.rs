//! Walking the tree of an expression.

use std::borrow::Cow;

use crate::context::Context;
use crate::error::EvalError;
use crate::functions;
use crate::moment::Moment;
use crate::operators::{self, single};
use crate::quantity::Quantity;
use crate::syntax::{Call, Expr, Op, Step};
use crate::types::TypeName;
use crate::value::{Collection, Value};

pub type Answer<'a> = Result<Collection<'a>, EvalError>;

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub struct Scope<'s, 'a> {
    pub this: &'s [Value<'a>],
    pub index: Option<i64>,
    pub total: Option<&'s [Value<'a>]>,
}

impl<'s, 'a> Scope<'s, 'a> {
    /// For one item of a list.
    pub const fn item(self, item: &'s Value<'a>, index: i64) -> Self {
        Self {
            this: std::slice::from_ref(item),
            index: Some(index),
            total: self.total,
        }
    }
}

/// One evaluation.
pub struct Run<'c, 'a> {
    pub context: &'c Context<'a>,
    steps_left: u64,
}

impl<'c, 'a> Run<'c, 'a> {
    pub const fn new(context: &'c Context<'a>) -> Self {
        Self::within(context, context.steps_max)
    }

    /// With so many steps.
    pub const fn within(context: &'c Context<'a>, steps: u64) -> Self {
        Self {
            context,
            steps_left: steps,
        }
    }

    pub const fn steps_left(&self) -> u64 {
        self.steps_left
    }

    pub fn whole(&mut self, expr: &'a Expr) -> Answer<'a> {
        let scope = Scope {
            this: std::slice::from_ref(&self.context.focus),
            index: None,
            total: None,
        };
        self.eval(expr, scope)
    }

    /// Counts work; the bound on it is what keeps a hostile expression from doing harm.
    pub fn spend(&mut self, steps: usize) -> Result<(), EvalError> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => {
                self.steps_left = 0;
                Err(EvalError::Steps(self.context.steps_max))
            }
        }
    }

    pub fn eval(&mut self, expr: &'a Expr, scope: Scope<'_, 'a>) -> Answer<'a> {
        self.spend(1)?;
        Ok(match expr {
            Expr::Empty => Vec::new(),
            Expr::Boolean(truth) => vec![Value::Boolean(*truth)],
            Expr::Integer(number) => vec![Value::Integer(*number)],
            Expr::Decimal(number) => vec![Value::Decimal(*number)],
            Expr::Text(text) => vec![Value::Text(Cow::Borrowed(text))],
            Expr::Moment(moment) => vec![Value::Moment(*moment)],
            Expr::Quantity(value, unit) => vec![Value::Quantity(Quantity {
                value: *value,
                unit: Cow::Borrowed(unit),
            })],
            Expr::This => scope.this.to_vec(),
            Expr::Index => scope.index.map(Value::Integer).into_iter().collect(),
            Expr::Total => scope.total.map(<[_]>::to_vec).unwrap_or_default(),
            Expr::Variable(name) => self.variable(name)?,
            Expr::Path(head, steps) => self.path(head.as_deref(), steps, scope)?,
            Expr::Plus(operand) => self.signed(operand, scope, false)?,
            Expr::Minus(operand) => self.signed(operand, scope, true)?,
            Expr::Binary(op, operands) => self.binary(*op, operands, scope)?,
            Expr::Is(operand, ty) => {
                let items = self.eval(operand, scope)?;
                is(&items, ty)?
            }
            Expr::As(operand, ty) => {
                let items = self.eval(operand, scope)?;
                self.pick(items, ty, true)?
            }
        })
    }

    fn variable(&self, name: &str) -> Answer<'a> {
        let text = |text: String| Ok(vec![Value::Text(Cow::Owned(text))]);
        if let Some(items) = self.context.variables.get(name) {
            return Ok(items.clone());
        }
        let element = |element: Option<_>| Ok(element.map(Value::Element).into_iter().collect());
        match name {
            "context" => Ok(vec![self.context.focus.clone()]),
            "resource" => element(self.context.resource),
            "rootResource" => element(self.context.root_resource),
            "sct" => text("http://snomed.info/sct".to_owned()),
            "loinc" => text("http://loinc.org".to_owned()),
            "ucum" => text("http://unitsofmeasure.org".to_owned()),
            _ => {
                if let Some(set) = name.strip_prefix("vs-") {
                    return text(format!("http://hl7.org/fhir/ValueSet/{set}"));
                }
                if let Some(extension) = name.strip_prefix("ext-") {
                    return text(format!(
                        "http://hl7.org/fhir/StructureDefinition/{extension}"
                    ));
                }
                Err(EvalError::UnknownVariable(name.to_owned()))
            }
        }
    }

    fn path(
        &mut self,
        head: Option<&'a Expr>,
        steps: &'a [Step],
        scope: Scope<'_, 'a>,
    ) -> Answer<'a> {
        let (mut items, rest) = match (head, steps.split_first()) {
            (Some(head), _) => (self.eval(head, scope)?, steps),
            (None, Some((first, rest))) => {
                let items = match first {
                    Step::Member(name) => self.member(scope.this, name, true)?,
                    other => self.step(other, scope.this, scope)?,
                };
                (items, rest)
            }
            (None, None) => return Ok(Vec::new()),
        };
        let mut unordered =
            matches!(steps.first(), Some(Step::Call(call)) if call.function.unorders());
        for step in rest {
            if self.context.strict
                && let Step::Call(call) = step
            {
                if unordered && call.function.needs_order() {
                    return Err(EvalError::Order(call.function.name()));
                }
                unordered |= call.function.unorders();
            }
            items = self.step(step, &items, scope)?;
        }
        Ok(items)
    }

    fn step(&mut self, step: &'a Step, items: &[Value<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        self.spend(1)?;
        match step {
            Step::Member(name) => self.member(items, name, false),
            Step::Call(call) => functions::call(self, call, items, scope),
            Step::At(index) => {
                let index = self.eval(index, scope)?;
                let Some(index) = single(&index, "an index")? else {
                    return Ok(Vec::new());
                };
                let Some(Value::Integer(index)) = index.system() else {
                    return Err(EvalError::Type("an index"));
                };
                let item = usize::try_from(index).ok().and_then(|at| items.get(at));
                Ok(item.cloned().into_iter().collect())
            }
        }
    }

    /// The elements `name` of all items; at the head of a path it may be the items' own type.
    fn member(&mut self, items: &[Value<'a>], name: &str, head: bool) -> Answer<'a> {
        let mut found = Vec::new();
        // Items of several types may come together; one that knows the name is enough.
        let (mut stranger, mut is_known) = (None, false);
        for item in items {
            let element = match item {
                Value::Element(element) => element,
                Value::Type(namespace, type_name) => {
                    match name {
                        "name" => found.push(Value::Text(Cow::Borrowed(type_name))),
                        "namespace" => found.push(Value::Text(Cow::Borrowed(namespace))),
                        _ => {}
                    }
                    continue;
                }
                other => {
                    stranger = Some(other.type_name().1);
                    continue;
                }
            };
            let begins_upper = name.starts_with(|c: char| c.is_ascii_uppercase());
            if head && begins_upper && element.ty.is_some_and(|ty| ty.is_a(name)) {
                found.push(item.clone());
                is_known = true;
                continue;
            }
            if element.each_child(name, &mut |_, _, child| found.push(Value::Element(child))) {
                is_known = true;
            } else {
                stranger = Some(element.ty.map_or("Element", |ty| ty.path()));
            }
        }
        if let (true, false, Some(ty)) = (self.context.strict, is_known, stranger) {
            let name = name.to_owned();
            return Err(EvalError::UnknownElement { ty, name });
        }
        self.spend(items.len() + found.len())?;
        Ok(found)
    }

    fn signed(&mut self, operand: &'a Expr, scope: Scope<'_, 'a>, minus: bool) -> Answer<'a> {
        let items = self.eval(operand, scope)?;
        let Some(one) = single(&items, "a sign")? else {
            return Ok(items);
        };
        let signed = match one.system() {
            Some(Value::Integer(n)) if minus => n.checked_neg().map(Value::Integer),
            Some(Value::Decimal(n)) if minus => Some(Value::Decimal(-n)),
            Some(Value::Quantity(q)) if minus => Some(Value::Quantity(Quantity {
                value: -q.value,
                unit: q.unit,
            })),
            Some(n @ (Value::Integer(_) | Value::Decimal(_) | Value::Quantity(_))) => Some(n),
            _ => return Err(EvalError::Type("a sign")),
        };
        Ok(signed.into_iter().collect())
    }

    fn binary(&mut self, op: Op, operands: &'a (Expr, Expr), scope: Scope<'_, 'a>) -> Answer<'a> {
        let a = self.eval(&operands.0, scope)?;
        if matches!(op, Op::And | Op::Or | Op::Xor | Op::Implies) {
            let a = operators::truth(&a)?;
            // What the first operand settles needs no second.
            let settled = matches!(
                (op, a),
                (Op::And | Op::Implies, Some(false)) | (Op::Or, Some(true))
            );
            if settled {
                return Ok(operators::logic(op, a, None));
            }
            let b = self.eval(&operands.1, scope)?;
            return Ok(operators::logic(op, a, operators::truth(&b)?));
        }
        let mut b = self.eval(&operands.1, scope)?;
        self.spend(a.len() + b.len())?;
        match op {
            Op::Union => {
                let mut all = a;
                all.append(&mut b);
                functions::distinct(self, all)
            }
            Op::Equal | Op::NotEqual => Ok(operators::equals(&a, &b, op == Op::NotEqual)),
            Op::Equivalent | Op::NotEquivalent => {
                self.spend(a.len().saturating_mul(b.len()))?;
                Ok(operators::equivalents(&a, &b, op == Op::NotEquivalent))
            }
            Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
                operators::orders(op, &a, &b)
            }
            Op::In => operators::membership(&b, &a),
            Op::Contains => operators::membership(&a, &b),
            _ => operators::arithmetic(op, &a, &b),
        }
    }

    /// The items of a type; `one`: at most one item may come.
    pub fn pick(&self, items: Collection<'a>, ty: &TypeName, one: bool) -> Answer<'a> {
        if one {
            single(&items, "as")?;
        }
        Ok(items
            .into_iter()
            .filter(|item| item.is_picked_by(ty))
            .collect())
    }

    /// Now, in Japanese time.
    pub fn now(&self, what: &'static str) -> Result<Moment, EvalError> {
        self.context
            .now
            .and_then(Moment::of_instant)
            .ok_or(EvalError::NoClock(what))
    }

    /// The argument of a function, evaluated where the function stands.
    pub fn argument(&mut self, call: &'a Call, at: usize, scope: Scope<'_, 'a>) -> Answer<'a> {
        match call.args.get(at) {
            Some(arg) => self.eval(arg, scope),
            None => Ok(Vec::new()),
        }
    }
}

/// Is the one item of the type? Nothing for no item.
pub fn is<'a>(items: &[Value<'_>], ty: &TypeName) -> Answer<'a> {
    Ok(match single(items, "is")? {
        None => Vec::new(),
        Some(one) => vec![Value::Boolean(one.is_of(ty))],
    })
}
