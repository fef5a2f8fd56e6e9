//! The files that tidy looks at: those that git tracks or would track.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::scan::Source;

/// A text file, named from the workspace's root with `/`.
#[derive(Debug)]
pub struct TextFile {
    /// `crates/kernel/src/lib.rs`
    pub path: String,
    /// All of it.
    pub text: String,
}

/// A Rust file of one crate.
#[derive(Debug)]
pub struct RustFile {
    /// `crates/kernel/src/lib.rs`
    pub path: String,
    /// `kernel`
    pub room: String,
    /// What the scanner saw.
    pub source: Source,
    /// The first line of the file.
    pub first_line: String,
    /// Whether the whole file exists in tests only.
    pub is_test: bool,
}

impl RustFile {
    /// Whether a line of this file exists in tests only.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.source.is_test_line(line)
    }
}

/// Everything that tidy looks at.
#[derive(Debug, Default)]
pub struct Tree {
    /// All text files, by path.
    pub files: Vec<TextFile>,
    /// Those of them that are Rust files of a crate.
    pub rust: Vec<RustFile>,
}

impl Tree {
    /// Reads the workspace at `root`.
    ///
    /// # Errors
    /// When the folder cannot be walked. Files that are not text are left out.
    pub fn load(root: &Path) -> std::io::Result<Self> {
        let mut paths = match tracked(root) {
            Some(paths) => paths,
            None => walked(root)?,
        };
        paths.sort();
        paths.dedup();
        let files = paths.into_iter().filter_map(|path| {
            let bytes = std::fs::read(root.join(&path)).ok()?;
            Some(TextFile {
                path,
                text: String::from_utf8(bytes).ok()?,
            })
        });
        Ok(Self::of(files.collect()))
    }

    /// A tree of files that are already in memory.
    pub fn of(files: Vec<TextFile>) -> Self {
        let mut rust: Vec<RustFile> = files.iter().filter_map(rust_file).collect();
        mark_test_modules(&mut rust);
        Self { files, rust }
    }

    /// The file at exactly this path.
    pub fn get(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Names of the folders below `crates` that hold a `Cargo.toml`.
    pub fn rooms(&self) -> Vec<&str> {
        let manifests = self.files.iter().filter_map(|file| {
            let room = file
                .path
                .strip_prefix("crates/")?
                .strip_suffix("/Cargo.toml")?;
            (!room.contains('/')).then_some(room)
        });
        manifests.collect()
    }
}

fn rust_file(file: &TextFile) -> Option<RustFile> {
    let inner = file.path.strip_prefix("crates/")?;
    let (room, below) = inner.split_once('/')?;
    let below = below.strip_suffix(".rs")?;
    Some(RustFile {
        path: file.path.clone(),
        room: room.to_owned(),
        source: Source::read(&file.text),
        first_line: file.text.lines().next().unwrap_or_default().to_owned(),
        is_test: below.split('/').any(|part| part == "tests"),
    })
}

/// A file declared by `#[cfg(test)] mod name;` is a test, and so is what lies below it.
fn mark_test_modules(rust: &mut [RustFile]) {
    let mut stems = BTreeSet::new();
    for file in rust.iter() {
        let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let folder = if matches!(name, "lib" | "main" | "mod") {
            folder
        } else {
            stem
        };
        stems.extend(
            file.source
                .test_modules
                .iter()
                .map(|m| format!("{folder}/{m}")),
        );
    }
    for file in rust {
        let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        let below = |s: &String| {
            stem.strip_prefix(s.as_str())
                .is_some_and(|r| r.starts_with('/'))
        };
        file.is_test |= stems.contains(stem) || stems.iter().any(below);
    }
}

/// What git tracks, or would track if it were added now.
fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = text
        .split('\0')
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect();
    (!paths.is_empty()).then_some(paths)
}

/// All files below `root`, for a copy without git: hidden and built folders left out.
fn walked(root: &Path) -> std::io::Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let built = matches!(name.as_ref(), ".git" | "target" | "node_modules");
                if !built {
                    folders.push(entry.path());
                }
            } else if kind.is_file()
                && let Ok(path) = entry.path().strip_prefix(root)
            {
                paths.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(paths)
}
