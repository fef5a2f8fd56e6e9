//! Words that may stand only in certain places: SQL, the store's engine, marks of unfinished
//! work, and paths of one person's machine.

use std::collections::BTreeSet;

use super::Complaint;
use super::scan::{Source, is_identifier};
use super::tree::{RustFile, Tree};

/// The first words of a statement.
const STATEMENTS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "WITH"];

/// Marks of unfinished work, in two parts so that this file does not hold them.
const MARKS: [(&str, &str); 2] = [("TO", "DO"), ("FIX", "ME")];

/// Folders that exist on one machine only, and addresses of package registries.
const MACHINE: [(&str, &str); 10] = [
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/tmp/tar", "get"),
    ("index.cra", "tes.io"),
    ("static.cra", "tes.io"),
    ("registry.npm", "js.org"),
    ("files.pythonho", "sted.org"),
    ("pypi.org/sim", "ple"),
    ("proxy.go", "lang.org"),
    ("repo1.ma", "ven.org"),
];

/// Crates that may name `store::Engine`, beside the one file of [`GATE`].
const ENGINE_ROOMS: [&str; 3] = ["store", "tasuki", "testkit"];

/// The gate is handed the engine at start.
const GATE: &str = "crates/access/src/gate.rs";

/// Where cargo says that a package comes from crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// SQL stands in `store.rs` (or below `store/`) and in the store's own crate only.
pub fn sql(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for file in &tree.rust {
        let inner = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        if inner.split('/').any(|part| part == "store") {
            continue;
        }
        for literal in &file.source.literals {
            if is_statement(&literal.text) && !file.is_test_line(literal.line) {
                let text = "SQL outside store.rs: move the statement there";
                found.push(Complaint::new(&file.path, literal.line, "sql", text));
            }
        }
    }
    found
}

fn is_statement(literal: &str) -> bool {
    let literal = literal.trim_start();
    STATEMENTS.iter().any(|word| {
        let rest = literal.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '\\'))
    })
}

/// Whoever holds the engine can read without an audit record, so few may name it.
pub fn engine(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for file in &tree.rust {
        if ENGINE_ROOMS.contains(&file.room.as_str()) || file.path == GATE {
            continue;
        }
        for line in engine_lines(&file.source) {
            let text = "`store::Engine` is named by store, the gate, tasuki and testkit only: \
                        take a `Gate` and its `Call`";
            found.push(Complaint::new(&file.path, line, "engine", text));
        }
    }
    found
}

/// Lines that name `Engine` through a path that begins with `store`.
fn engine_lines(source: &Source) -> BTreeSet<usize> {
    let inline = source.words("Engine").filter(|at| {
        let before = source.code.get(..*at).unwrap_or_default();
        let inner = |c: char| is_identifier(c) || c == ':';
        let path = before.rsplit(|c| !inner(c)).next().unwrap_or_default();
        path.trim_start_matches(':').starts_with("store::")
    });
    let imported = source.words("use").filter(|at| {
        let statement = source.code.get(at + 3..).unwrap_or_default();
        let statement = statement.split(';').next().unwrap_or_default();
        imports(statement).iter().any(|path| {
            let mut parts = path.trim_start_matches(':').split("::");
            parts.next() == Some("store") && parts.any(|part| part == "Engine")
        })
    });
    inline
        .chain(imported)
        .map(|at| source.line_of(at))
        .collect()
}

/// The full paths of a `use` tree: `a::{b, c as d}` is `a::b` and `a::c`.
fn imports(statement: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut prefixes = vec![String::new()];
    let mut part = String::new();
    for c in statement.chars().chain([',']) {
        match c {
            '{' => prefixes.push(joined(&prefixes, &part)),
            ',' | '}' => {
                if !part.trim().is_empty() {
                    found.push(joined(&prefixes, &part));
                }
                if c == '}' {
                    prefixes.pop();
                }
            }
            _ => {
                part.push(c);
                continue;
            }
        }
        part.clear();
    }
    found
}

/// The innermost prefix with one more part, its new name (`as x`) left out.
fn joined(prefixes: &[String], part: &str) -> String {
    let name = part.split(" as ").next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    format!("{}{name}", prefixes.last().map_or("", String::as_str))
}

/// What is in the tree is finished: no marks, no ignored tests.
pub fn unfinished(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for file in &tree.files {
        if file.path.starts_with("LICENSE") {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            for (head, tail) in MARKS {
                if has_word(line, &format!("{head}{tail}")) {
                    let text = format!("unfinished: `{head}{tail}`");
                    found.push(Complaint::new(&file.path, number + 1, "unfinished", text));
                }
            }
        }
    }
    found.extend(tree.rust.iter().flat_map(unfinished_code));
    found
}

fn unfinished_code(file: &RustFile) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (mark, what) in [
        ("todo!", "unfinished code"),
        ("unimplemented!", "unfinished code"),
        ("#[ignore", "an ignored test: run it, or print a skip"),
    ] {
        for (at, _) in file.source.code.match_indices(mark) {
            let line = file.source.line_of(at);
            found.push(Complaint::new(&file.path, line, "unfinished", what));
        }
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|s| s.chars().next());
        !before.is_some_and(is_identifier) && !after.is_some_and(is_identifier)
    })
}

/// Nothing in the tree speaks of the machine on which it was written.
pub fn machine(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (number, line) in file.text.lines().enumerate() {
            for (head, tail) in MACHINE {
                let place = format!("{head}{tail}");
                if names_place(line, &place) {
                    let text = format!("`{place}` belongs to one machine or one registry");
                    found.push(Complaint::new(&file.path, number + 1, "machine", text));
                }
            }
            let foreign = line
                .strip_prefix("source = ")
                .is_some_and(|s| !s.contains(CRATES_IO));
            if file.path == "Cargo.lock" && foreign {
                let text = "a package that is not from crates.io";
                found.push(Complaint::new(&file.path, number + 1, "machine", text));
            }
        }
    }
    found
}

/// An absolute path, not the middle of an address such as `https://example.jp/work/`.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        !place.starts_with('/')
            || !before
                .is_some_and(|c| is_identifier(c) || matches!(c, '.' | '-' | '}' | ')' | '/' | '*'))
    })
}
