//! The house rules that the compiler cannot hold, as an ordinary check of the files.
//!
//! A unit test runs [`check`] on this very workspace, so that plain `cargo test` enforces the
//! rules; `cargo xtask tidy` prints the same complaints. Each rule is one function over a
//! [`Tree`] and is tested on a tree of a few lines.

mod named;
mod papers;
mod scan;
mod size;
#[cfg(test)]
mod tests;
mod tiers;
mod tree;
mod words;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// One broken rule, where it is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The file, from the workspace's root.
    pub path: String,
    /// The line from 1; 0 speaks of the whole file.
    pub line: usize,
    /// The rule's short name: `tier`, `sql`, `size` …
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

impl Complaint {
    fn new(path: &str, line: usize, rule: &'static str, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            text: text.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            rule,
            text,
        } = self;
        match line {
            0 => write!(f, "{path}: [{rule}] {text}"),
            _ => write!(f, "{path}:{line}: [{rule}] {text}"),
        }
    }
}

/// Everything that breaks a house rule in the workspace at `root`, in order of the files.
pub fn check(root: &Path) -> Vec<Complaint> {
    match Tree::load(root) {
        Ok(tree) => check_tree(&tree),
        Err(error) => {
            let text = format!("the workspace cannot be read: {error}");
            vec![Complaint::new(&root.display().to_string(), 0, "read", text)]
        }
    }
}

fn check_tree(tree: &Tree) -> Vec<Complaint> {
    let rules: [fn(&Tree) -> Vec<Complaint>; 13] = [
        tiers::edges,
        tiers::outside,
        words::sql,
        words::engine,
        words::unfinished,
        words::machine,
        size::limits,
        papers::readme,
        papers::headings,
        papers::migrations,
        papers::reasons,
        papers::manifests,
        named::tests,
    ];
    let mut found: Vec<Complaint> = rules.iter().flat_map(|rule| rule(tree)).collect();
    found.sort();
    found
}
