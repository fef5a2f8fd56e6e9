//! Lists every test of the workspace, so that the disclosure can refuse a row whose evidence
//! does not exist.
//!
//! One line a test: `crate::path::of::module::name`. Scripts of foreign clients stand by their
//! path in the workspace.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> std::io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let crates = here.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut names = Vec::new();
    for entry in fs::read_dir(&crates)? {
        let room = entry?.path();
        let Some(name) = room.file_name().and_then(|n| n.to_str()).map(str::to_owned) else {
            continue;
        };
        for folder in ["src", "tests"] {
            collect(&room.join(folder), &name, &mut names)?;
        }
        println!("cargo::rerun-if-changed={}", room.display());
    }
    let foreign = crates.join("xtask/foreign");
    if foreign.is_dir() {
        for entry in fs::read_dir(foreign)? {
            if let Some(name) = entry?.file_name().to_str() {
                names.push(format!("crates/xtask/foreign/{name}"));
            }
        }
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the age of a program begins when it is built"
    )]
    let built = SystemTime::now().duration_since(UNIX_EPOCH);
    let built = built.map_or(0, |since| since.as_secs());
    println!("cargo::rustc-env=TASUKI_BUILT_AT={built}");
    names.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("tests.txt"), names.join("\n"))
}

/// The tests below a folder; `at` is the module path so far.
fn collect(folder: &Path, at: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        let inner = match stem {
            "main" | "lib" | "mod" => at.to_owned(),
            _ => format!("{at}::{stem}"),
        };
        if path.is_dir() {
            collect(&path, &inner, names)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path)?;
            names.extend(tests_of(&text).map(|name| format!("{inner}::{name}")));
        }
    }
    Ok(())
}

/// The functions that follow a `#[test]` line; `proptest!` writes the same line.
fn tests_of(text: &str) -> impl Iterator<Item = &str> {
    let mut awaited = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            awaited = true;
            return None;
        }
        if !awaited || line.starts_with("#[") || line.starts_with("//") {
            return None;
        }
        awaited = false;
        let rest = line.split_once("fn ")?.1;
        rest.split(['(', '<']).next()
    })
}
