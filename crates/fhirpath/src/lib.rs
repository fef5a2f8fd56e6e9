//! FHIRPath over FHIR R4 documents: an expression is parsed once and evaluated many times.
//!
//! Documents are not turned into models; an element is a view into the JSON with its type from
//! the R4 definitions. Decimals are decimals, dates keep their precision, and every evaluation
//! has a bound on its steps, so that an expression of others can do no harm but end with an
//! error.
//!
//! Source: FHIRPath N1 (2.0.0, normative); FHIR R4 2.9 (FHIRPath in FHIR); the published test
//! suite `tests-fhir-r4.xml`.

mod context;
mod equality;
mod error;
mod eval;
mod functions;
mod lexer;
mod moment;
mod operators;
mod parser;
mod quantity;
mod resources;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod ucum;
mod value;

pub use context::{Context, Host};
pub use error::{EvalError, ParseError};
pub use moment::{Moment, MomentKind};
pub use quantity::Quantity;
pub use resources::Resources;
pub use value::{Collection, Element, Value};

/// Bytes of an expression at most: the longest published one has about 4 KiB.
pub const SOURCE_BYTES_MAX: usize = 32 << 10;

/// A parsed expression.
#[derive(Debug)]
pub struct Expression {
    root: syntax::Expr,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ParseError`] names the byte and what was expected there.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        Ok(Self {
            root: parser::parse(source)?,
        })
    }

    /// The items that the expression yields for the context's focus.
    ///
    /// # Errors
    /// [`EvalError`]: what the expression cannot be asked of this document, or too many steps.
    pub fn evaluate<'a>(&'a self, context: &Context<'a>) -> Result<Collection<'a>, EvalError> {
        eval::Run::new(context).whole(&self.root)
    }

    /// Is the yield `true`, by the rule of singletons: one item that is no boolean counts as
    /// true, none as false?
    ///
    /// # Errors
    /// As [`Expression::evaluate`]; more than one item.
    pub fn is_true(&self, context: &Context<'_>) -> Result<bool, EvalError> {
        self.is_true_within(context, &mut { context.steps_max })
    }

    /// As [`Expression::is_true`], with the steps that it takes taken from `steps`: for many
    /// conditions that share one bound.
    ///
    /// # Errors
    /// As [`Expression::is_true`]; when `steps` are used up.
    pub fn is_true_within(
        &self,
        context: &Context<'_>,
        steps: &mut u64,
    ) -> Result<bool, EvalError> {
        let mut run = eval::Run::within(context, *steps);
        let items = run.whole(&self.root);
        *steps = run.steps_left();
        Ok(operators::truth(&items?)?.unwrap_or(false))
    }
}
