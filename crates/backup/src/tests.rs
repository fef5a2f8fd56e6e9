//! Backups under test: helpers here, one file a concept below.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::signature::Ed25519KeyPair;
use kernel::time::Timestamp;

use crate::*;

mod damage;
mod disk_full;
mod export;
mod generations;
mod journal;
mod keys;
mod shares;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "tasuki-backup-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for path in tree(&self.0).folders {
            open_mode(&path);
        }
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn open_mode(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[derive(Default)]
struct Tree {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

fn tree(root: &Path) -> Tree {
    let mut tree = Tree::default();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                tree.files.push(path);
            }
        }
        tree.folders.push(folder);
    }
    tree.files.sort();
    tree.folders.sort();
    tree
}

fn at(second: i64) -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z")
        .unwrap()
        .plus_seconds(second)
}

fn signer(seed: u8) -> Arc<Ed25519KeyPair> {
    Arc::new(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A repository with its key and one open writer.
struct World {
    folder: Folder,
    identity: Identity,
    writer: Option<Writer>,
    settings: Settings,
}

impl World {
    fn new() -> Self {
        Self::with(Settings {
            chunk_bytes: 1000,
            ..Settings::default()
        })
    }

    fn with(settings: Settings) -> Self {
        let folder = Folder::new();
        let (_, identity) =
            Repository::init(&folder.join("repo"), at(0), &*signer(1)).expect("a repository");
        let mut world = Self {
            folder,
            identity,
            writer: None,
            settings,
        };
        world.reopen();
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.join("repo")
    }

    fn repository(&self) -> Repository {
        Repository::open(&self.root()).expect("the repository")
    }

    fn reopen(&mut self) -> &Writer {
        self.writer = None;
        let writer = self
            .repository()
            .writer(signer(1), self.settings.clone())
            .expect("a writer");
        self.writer.insert(writer)
    }

    fn writer(&self) -> &Writer {
        self.writer.as_ref().expect("open")
    }

    fn generation(&self, second: i64, position: u64, data: &[u8]) -> Completed {
        let mut generation = self.writer().begin_generation().unwrap();
        generation.write_all(data).unwrap();
        generation.finish(made(second, position)).unwrap()
    }

    /// A segment with entries `first..=last`, one a second from `second` on.
    fn segment(&self, second: i64, first: u64, last: u64) -> Segment {
        let mut segment = self.writer().begin_segment().unwrap();
        for (number, second) in (first..=last).zip(second..) {
            segment.append(number, at(second), &body(number)).unwrap();
        }
        segment.close(at(second + 30)).unwrap().expect("entries")
    }

    fn keys(&self, second: i64, whole: bool, data: &[u8]) -> KeyPart {
        let writer = self.writer();
        let mut keys = if whole {
            writer.rewrite_keys().unwrap()
        } else {
            writer.append_keys().unwrap()
        };
        keys.write_all(data).unwrap();
        keys.finish(at(second)).unwrap()
    }

    fn data(&self, number: u64) -> Result<Vec<u8>, BackupError> {
        data(&self.repository(), &self.identity, number)
    }

    /// The entry numbers after a generation, and the error that ended them.
    fn numbers(&self, generation: u64) -> (Vec<u64>, Option<BackupError>) {
        let mut numbers = Vec::new();
        let journal = self.repository().journal(generation, &self.identity);
        for entry in journal.unwrap() {
            match entry {
                Ok(entry) => {
                    assert_eq!(entry.body, body(entry.number));
                    numbers.push(entry.number);
                }
                Err(error) => return (numbers, Some(error)),
            }
        }
        (numbers, None)
    }

    /// Two generations, three segments, keys with a tail: something of everything.
    fn small() -> Self {
        let world = Self::new();
        let _ = world.generation(0, 0, &noise(2500));
        world.segment(10, 1, 4);
        let _ = world.generation(100, 4, &noise(1500));
        world.segment(110, 5, 9);
        world.segment(140, 10, 12);
        world.keys(150, true, &noise(1200));
        world.keys(160, false, b"a change");
        world
    }

    fn damaged(&self) -> Vec<String> {
        let report = self.repository().verify(Some(&self.identity)).unwrap();
        report.damaged.into_keys().collect()
    }
}

fn data(repository: &Repository, identity: &Identity, number: u64) -> Result<Vec<u8>, BackupError> {
    let mut bytes = Vec::new();
    repository
        .open_generation(number, identity)?
        .read_to_end(&mut bytes)
        .map_err(BackupError::at(Path::new("data")))?;
    Ok(bytes)
}

fn made(second: i64, position: u64) -> Made {
    Made {
        at: at(second),
        engine: "sqlite".to_owned(),
        node: "0f".repeat(16),
        program: "0.1.0".to_owned(),
        position,
        about: serde_json::json!({ "persons": 3 }),
    }
}

fn body(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

/// The file that a damage error names.
fn named(error: BackupError) -> String {
    match error {
        BackupError::Damaged { file, .. } => file,
        other => panic!("not damage: {other}"),
    }
}

fn skipped(what: &str, why: &str) {
    eprintln!("SKIPPED: {what} ({why})");
}
