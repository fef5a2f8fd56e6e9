//! A data folder that must not be used is refused at the start: one line that names the
//! remedy, a failed exit, and nothing changed on the disk.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use crate::harness::{Engine, Place, files, wait_until};

const DATABASE: &str = "tasuki.db";

/// What the program said when it refused.
struct Refused {
    status: Option<i32>,
    said: String,
}

/// Has the program serve the folder as far as it will.
fn serve(data: &Path) -> Refused {
    run(command(data))
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tasuki"));
    command
        .args(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--data"])
        .arg(data);
    command
}

fn run(mut command: Command) -> Refused {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program starts");
    wait_until("the program ends by itself", || {
        child.try_wait().expect("a child of ours").is_some()
    });
    let output = child.wait_with_output().expect("its words");
    Refused {
        status: output.status.code(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Refused {
    /// It failed, in one line that holds these words.
    fn assert_says(&self, words: &[&str]) {
        let Self { status, said } = self;
        assert_eq!(*status, Some(1), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in: {said}");
        }
    }
}

/// Refused with these words, and every file has the bytes that it had. The lock is not data:
/// an empty file that stays.
fn refuses(data: &Path, words: &[&str]) {
    fs::write(data.join("lock"), "").expect("written");
    let before = files(data);
    let refused = serve(data);
    refused.assert_says(words);
    assert_unchanged(&before, &files(data));
}

fn assert_unchanged(before: &[(PathBuf, Vec<u8>)], after: &[(PathBuf, Vec<u8>)]) {
    let names = |files: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(before), names(after));
    for (one, other) in before.iter().zip(after) {
        assert!(one == other, "{} was changed", one.0.display());
    }
}

fn database(data: &Path) -> Connection {
    Connection::open(data.join(DATABASE)).expect("the database")
}

fn seeded(name: &str) -> Place {
    Place::seeded(name, Engine::Sqlite)
}

#[test]
fn a_database_from_the_future_is_refused() {
    let place = seeded("future");
    let data = place.data();
    let insert = "INSERT INTO schema_migration VALUES ('store', 9999, zeroblob(32))";
    database(&data).execute_batch(insert).expect("inserted");
    refuses(&data, &["newer version", "start that one"]);
}

#[test]
fn a_locked_data_folder_is_refused_and_its_holder_goes_on() {
    let place = seeded("locked");
    let mut holder = place.start();
    serve(&place.data()).assert_says(&["in use by another process", "stop that one"]);
    assert!(holder.is_up());
}

#[test]
fn a_wrong_key_is_refused() {
    let (place, other) = (seeded("wrong-key"), seeded("other-key"));
    let (data, kek) = (place.data(), "kek.bin");
    fs::copy(other.data().join(kek), data.join(kek)).expect("copied");
    refuses(&data, &["kek.bin", "is it the right one?"]);
    fs::write(data.join(kek), [7; 31]).expect("written");
    refuses(&data, &["kek.bin", "exactly 32 bytes"]);
    fs::remove_file(data.join(kek)).expect("removed");
    refuses(&data, &["kek.bin is missing", "bring it back"]);
}

#[test]
fn keys_without_their_database_never_get_an_empty_one() {
    let place = seeded("lost");
    let data = place.data();
    for (file, _) in files(&data) {
        let is_database = file
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(DATABASE));
        if is_database {
            fs::remove_file(file).expect("removed");
        }
    }
    refuses(&data, &["bring tasuki.db back", "バックアップから復元"]);
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let place = Place::new("file", Engine::Sqlite);
    let data = place.data();
    fs::write(&data, "notes").expect("written");
    serve(&data).assert_says(&["data"]);
    assert_eq!(fs::read(&data).expect("still there"), b"notes");
}

#[test]
fn a_folder_without_leave_to_write_is_refused() {
    let place = seeded("read-only");
    let data = place.data();
    let set = |mode: u32| {
        for (file, _) in files(&data) {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode & 0o666)).expect("set");
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(mode)).expect("set");
    };
    let before = files(&data);
    set(0o555);
    // Root may write everywhere, unless it gives that right away.
    let plain = command(&data);
    let mut ours = Command::new("setpriv");
    ours.args(["--bounding-set", "-dac_override", "--"])
        .arg(plain.get_program())
        .args(plain.get_args());
    let is_root = fs::write(data.join("probe"), "").is_ok();
    let refused = if is_root {
        fs::remove_file(data.join("probe")).expect("removed");
        run(ours)
    } else {
        run(plain)
    };
    set(0o755);
    refused.assert_says(&["data"]);
    assert_unchanged(&before, &files(&data));
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let place = Place::new("another", Engine::Sqlite);
    let data = place.data();
    fs::create_dir(&data).expect("a folder");
    let other = database(&data);
    let theirs = "PRAGMA application_id = 77; CREATE TABLE theirs (number INTEGER)";
    other.execute_batch(theirs).expect("made");
    drop(other);
    refuses(
        &data,
        &["another program's database", "give another data folder"],
    );
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let place = Place::new("no-database", Engine::Sqlite);
    let data = place.data();
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join(DATABASE), [b'x'; 8_192]).expect("written");
    refuses(&data, &["not a database"]);
}
