//! The tree of an expression.

use regex::Regex;
use rust_decimal::Decimal;

use crate::functions::Function;
use crate::moment::Moment;
use crate::types::TypeName;

/// An expression.
#[derive(Debug)]
pub enum Expr {
    /// `{}`
    Empty,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Moment(Moment),
    Quantity(Decimal, String),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Variable(String),
    /// Steps from a head, or from the focus.
    Path(Option<Box<Self>>, Vec<Step>),
    Plus(Box<Self>),
    Minus(Box<Self>),
    Binary(Op, Box<(Self, Self)>),
    Is(Box<Self>, TypeName),
    As(Box<Self>, TypeName),
}

/// One step of a path.
#[derive(Debug)]
pub enum Step {
    /// An element by its name.
    Member(String),
    /// A function.
    Call(Call),
    /// `[index]`
    At(Expr),
}

/// A function with its arguments.
#[derive(Debug)]
pub struct Call {
    pub function: Function,
    pub args: Vec<Expr>,
    /// The type of `is`, `as`, `ofType`.
    pub ty: Option<TypeName>,
    /// The pattern, when it is written out.
    pub pattern: Option<Regex>,
}

/// An operator of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Times,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Join,
    Union,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}
