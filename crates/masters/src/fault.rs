//! A line of a master's file that could not be taken.

use kernel::Text;

/// Where, what stands there, and why it was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, the heading being 1.
    pub line: u64,
    /// The column, counted from 1; 0 when it is the line as a whole.
    pub column: usize,
    /// What stands there.
    pub found: String,
    /// Why it was not taken.
    pub why: Text,
}

impl Fault {
    pub(crate) fn new(line: u64, column: usize, found: &str, why: Text) -> Self {
        Self {
            line,
            column,
            found: found.to_owned(),
            why,
        }
    }
}
