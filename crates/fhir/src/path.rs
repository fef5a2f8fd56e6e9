//! The place of an element, kept as a chain on the stack and written out only for a finding.

use std::fmt;

/// One step below another place.
#[derive(Clone, Copy, Debug)]
pub enum Step<'p> {
    /// A member.
    Name(&'p str),
    /// An item of a list.
    Index(usize),
}

/// A place such as `Bundle.entry[3].resource`.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    up: Option<&'p Path<'p>>,
    step: Step<'p>,
}

impl<'p> Path<'p> {
    /// The outermost place, named by its resource type.
    #[must_use]
    pub const fn root(name: &'p str) -> Self {
        Self {
            up: None,
            step: Step::Name(name),
        }
    }

    /// A member of the object here.
    #[must_use]
    pub const fn name(&'p self, name: &'p str) -> Self {
        Self {
            up: Some(self),
            step: Step::Name(name),
        }
    }

    /// An item of the list here.
    #[must_use]
    pub const fn index(&'p self, index: usize) -> Self {
        Self {
            up: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            write!(f, "{up}")?;
        }
        match self.step {
            Step::Name(name) if self.up.is_some() => write!(f, ".{name}"),
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}
