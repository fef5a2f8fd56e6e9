//! What a paper on security says is shown by a test is shown by a test that is there.
//!
//! A test is named as `crate::module::test` when it stands below `src`, and as
//! `crate::target::module::test` when it stands below `tests`; a foreign peer as `--only` takes
//! it: `foreign peers/sqlmap`.

use super::Complaint;
use super::tree::Tree;

/// Papers that name tests.
const PAPERS: &str = "docs/security/";

/// Where the foreign peers are listed.
const PEERS: &str = "crates/xtask/src/foreign/";

/// A name of a test, and each foreign peer, in backticks or quotes.
pub fn tests(tree: &Tree) -> Vec<Complaint> {
    let papers = tree.files.iter();
    let papers = papers.filter(|file| file.path.starts_with(PAPERS));
    let mut found = Vec::new();
    for paper in papers {
        for (number, line) in (1..).zip(paper.text.lines()) {
            for name in names(line).filter(|name| !exists(tree, name)) {
                let text = format!("there is no test {name}");
                found.push(Complaint::new(&paper.path, number, "named", text));
            }
        }
    }
    found
}

/// The names of tests in a line.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split(['`', '"']).skip(1).step_by(2);
    parts.filter(|part| {
        let is_path = part.split("::").count() > 2
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_:".contains(&b));
        is_path || part.starts_with("foreign peers/")
    })
}

/// Whether a test, or a foreign peer, of this name stands in the sources.
pub fn exists(tree: &Tree, name: &str) -> bool {
    if let Some(case) = name.strip_prefix("foreign peers/") {
        let line = format!("name: \"{case}\",");
        let mut files = tree.files.iter();
        return files.any(|file| file.path.starts_with(PEERS) && file.text.contains(&line));
    }
    let mut parts: Vec<&str> = name.split("::").collect();
    let Some(test) = parts.pop() else {
        return false;
    };
    let Some((krate, modules)) = parts.split_first() else {
        return false;
    };
    // The last modules may be written inside the file of the ones before.
    (0..=modules.len()).any(|split| {
        let (outside, inside) = modules.split_at(split);
        files_of(krate, outside).iter().any(|path| {
            let file = tree.get(path);
            file.is_some_and(|file| holds(&file.text, inside, test))
        })
    })
}

/// Where these modules of a crate may stand.
fn files_of(krate: &str, modules: &[&str]) -> Vec<String> {
    let src = format!("crates/{krate}/src");
    let tests = format!("crates/{krate}/tests");
    let path = modules.join("/");
    match modules {
        [] => vec![format!("{src}/lib.rs"), format!("{src}/main.rs")],
        [target] => vec![
            format!("{src}/{path}.rs"),
            format!("{src}/{path}/mod.rs"),
            format!("{tests}/{target}.rs"),
            format!("{tests}/{target}/main.rs"),
        ],
        _ => [src, tests]
            .iter()
            .flat_map(|base| [format!("{base}/{path}.rs"), format!("{base}/{path}/mod.rs")])
            .collect(),
    }
}

/// Whether a text has these modules and, with the attribute of a test before it, this function.
fn holds(text: &str, inside: &[&str], test: &str) -> bool {
    let mut rest = text;
    for module in inside {
        let Some((_, within)) = rest.split_once(&format!("mod {module} {{")) else {
            return false;
        };
        rest = within;
    }
    let mut ready = false;
    for line in rest.lines().map(str::trim) {
        if line.starts_with("#[") && line.trim_end_matches(']').ends_with("test") {
            ready = true;
        } else if line.starts_with("fn ") || line.starts_with("async fn ") {
            let name = line.split("fn ").nth(1).unwrap_or_default();
            let name = name.split(['(', '<']).next().unwrap_or_default();
            if ready && name == test {
                return true;
            }
            ready = false;
        }
    }
    false
}
