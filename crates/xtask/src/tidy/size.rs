//! Files and functions stay short enough to be read at one sitting.
//!
//! Tests do not count. What is longer for a reason stands in `tidy-exceptions.toml` with a
//! limit of its own; an exception that is no longer needed is a complaint, so that the list
//! shrinks.

use serde::Deserialize;

use super::Complaint;
use super::tree::Tree;

/// Lines of a file without its tests.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function, from `fn` to the closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Where the exceptions stand.
const EXCEPTIONS: &str = "crates/xtask/tidy-exceptions.toml";

/// The list of exceptions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    file: Vec<Exception>,
    #[serde(default)]
    function: Vec<Exception>,
}

/// One longer file, or one longer function in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    path: String,
    #[serde(default)]
    name: String,
    limit: usize,
    reason: String,
}

/// Files of at most 500 lines and functions of at most 70.
pub fn limits(tree: &Tree) -> Vec<Complaint> {
    let text = tree.get(EXCEPTIONS).map_or("", |file| file.text.as_str());
    let exceptions: Exceptions = match toml::from_str(text) {
        Ok(exceptions) => exceptions,
        Err(error) => {
            return vec![Complaint::new(EXCEPTIONS, 0, "size", error.message())];
        }
    };
    let mut files = Ledger::new(exceptions.file, FILE_LINES_MAX, "file");
    let mut functions = Ledger::new(exceptions.function, FUNCTION_LINES_MAX, "function");
    for file in tree.rust.iter().filter(|file| !file.is_test) {
        files.measure(&file.path, "", 0, file.source.lines_without_tests());
        for function in &file.source.functions {
            if !file.source.is_test_line(function.line) {
                functions.measure(&file.path, &function.name, function.line, function.lines);
            }
        }
    }
    let mut found = files.close();
    found.extend(functions.close());
    found
}

/// Holds measured lengths against a limit and its exceptions.
struct Ledger {
    /// Each exception with whether something needed it.
    exceptions: Vec<(Exception, bool)>,
    limit: usize,
    what: &'static str,
    found: Vec<Complaint>,
}

impl Ledger {
    fn new(exceptions: Vec<Exception>, limit: usize, what: &'static str) -> Self {
        let exceptions = exceptions.into_iter().map(|e| (e, false)).collect();
        Self {
            exceptions,
            limit,
            what,
            found: Vec::new(),
        }
    }

    fn measure(&mut self, path: &str, name: &str, line: usize, lines: usize) {
        if lines <= self.limit {
            return;
        }
        let mut limit = self.limit;
        for (exception, needed) in &mut self.exceptions {
            if exception.path == path && exception.name == name {
                limit = limit.max(exception.limit);
                *needed = true;
            }
        }
        if lines > limit {
            let what = self.what;
            let space = if name.is_empty() { "" } else { " " };
            let text =
                format!("{what}{space}{name} has {lines} lines, more than {limit}: divide it");
            self.found.push(Complaint::new(path, line, "size", text));
        }
    }

    fn close(mut self) -> Vec<Complaint> {
        for (exception, needed) in &self.exceptions {
            let Exception {
                path, name, reason, ..
            } = exception;
            let mut complain = |text: &str| {
                let text = format!("{} {path} {name}: {text}", self.what);
                self.found.push(Complaint::new(EXCEPTIONS, 0, "size", text));
            };
            if !needed {
                complain("the exception is no longer needed: remove it");
            }
            if reason.trim().is_empty() {
                complain("an exception needs a reason");
            }
        }
        self.found
    }
}
