//! Why an expression could not be read, or not be evaluated.

/// An expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {what}")]
pub struct ParseError {
    /// Byte of the source.
    pub at: usize,
    /// What is wrong there.
    pub what: String,
}

/// An expression that has no value here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// One item was expected, several came.
    #[error("{0} needs one item, not several")]
    Several(&'static str),
    /// The operands have types that the operation does not take.
    #[error("{0} does not take such a type")]
    Type(&'static str),
    /// More steps than allowed.
    #[error("more than {0} steps")]
    Steps(u64),
    /// No such element in the type (only when asked strictly).
    #[error("{ty} has no element {name}")]
    UnknownElement {
        /// The type.
        ty: &'static str,
        /// The name.
        name: String,
    },
    /// No such variable.
    #[error("no variable %{0}")]
    UnknownVariable(String),
    /// The context has no instant for `now()`.
    #[error("{0} needs a clock")]
    NoClock(&'static str),
    /// A pattern that cannot be read.
    #[error("a pattern that cannot be read")]
    Pattern,
    /// The order of items is not defined (only when asked strictly).
    #[error("{0} needs items in order")]
    Order(&'static str),
    /// A value set, code system or profile that nobody here knows.
    #[error("{0} is not known here")]
    Unknown(String),
    /// An argument that is not allowed.
    #[error("{0} does not take this argument")]
    Argument(&'static str),
}
