use std::{
    fs,
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::*;

/// A folder, its disk, and a small program (`dd`) that writes there.
struct Bench {
    folder: PathBuf,
    faults: Faults,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.folder);
    }
}

impl Bench {
    fn new(name: &str) -> Self {
        let name = format!("tasuki-bad-disk-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let faults = Faults::new(&folder).expect("the library is built");
        Self { folder, faults }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("file")
    }

    /// Has `dd` copy its input into the file, in blocks of four bytes; whether it could, and
    /// what it said.
    fn dd(&self, input: &[u8], words: &[&str]) -> (bool, String) {
        let mut child = self.begin(words);
        let mut pipe = child.stdin.take().expect("an input");
        // Whoever failed early reads no further.
        let _unread = pipe.write_all(input);
        drop(pipe);
        let mut said = String::new();
        let mut stderr = child.stderr.take().expect("an output");
        stderr.read_to_string(&mut said).expect("words");
        (child.wait().expect("an end").success(), said)
    }

    fn begin(&self, words: &[&str]) -> Child {
        let mut command = Command::new("dd");
        command
            .arg(format!("of={}", self.file().display()))
            .args(["bs=4", "iflag=fullblock", "conv=notrunc"])
            .args(words)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
        self.faults.apply(&mut command);
        command.spawn().expect("dd starts")
    }

    fn content(&self) -> String {
        fs::read_to_string(self.file()).expect("the file")
    }
}

#[test]
fn a_full_disk_takes_what_fits_and_lets_old_bytes_be_overwritten() {
    let bench = Bench::new("full");
    bench.faults.set(Fault::Full { after: 10 }).expect("set");
    let (done, said) = bench.dd(b"0123456789abcdef", &[]);
    assert!(!done && said.contains("No space left"), "{said}");
    assert_eq!(bench.content(), "0123456789");
    let (done, said) = bench.dd(b"ABCDEFGH", &[]);
    assert!(done, "{said}");
    assert_eq!(bench.content(), "ABCDEFGH89");
    bench.faults.set(Fault::Off).expect("set");
    assert!(bench.dd(b"0123456789abcdef", &[]).0);
    assert_eq!(bench.content(), "0123456789abcdef");
}

#[test]
fn every_so_many_writes_and_syncs_fail() {
    let bench = Bench::new("failing");
    let third = Fault::FailingWrites { every: 3 };
    bench.faults.set(third).expect("set");
    let (done, said) = bench.dd(b"0123456789abcdef", &[]);
    assert!(!done && said.contains("Input/output error"), "{said}");
    assert_eq!(bench.content(), "01234567");
    bench
        .faults
        .set(Fault::FailingSyncs { every: 1 })
        .expect("set");
    for how in ["conv=notrunc,fsync", "conv=notrunc,fdatasync"] {
        let (done, said) = bench.dd(b"0123", &[how]);
        assert!(!done && said.contains("Input/output error"), "{said}");
    }
    let seen = bench.faults.seen().expect("seen");
    assert_eq!(seen.injected, 1 + seen.syncs);
}

#[test]
fn a_slow_sync_takes_its_time_and_a_short_write_is_borne() {
    let bench = Bench::new("slow");
    let slow = Duration::from_millis(150);
    bench.faults.set(Fault::SlowSyncs(slow)).expect("set");
    let begin = std::time::Instant::now();
    assert!(bench.dd(b"0123", &["conv=notrunc,fsync"]).0);
    assert!(begin.elapsed() >= slow);
    let short = Fault::ShortWrites { every: 2 };
    bench.faults.set(short).expect("set");
    assert!(bench.dd(b"0123456789abcdef", &[]).0);
    assert_eq!(bench.content(), "0123456789abcdef");
}

#[test]
fn what_lies_elsewhere_is_not_touched() {
    let bench = Bench::new("elsewhere");
    bench.faults.set(Fault::Full { after: 0 }).expect("set");
    let beside = bench.folder.with_extension("beside");
    let mut command = Command::new("cp");
    command.args(["--", "/proc/self/status"]).arg(&beside);
    bench.faults.apply(&mut command);
    assert!(command.status().expect("cp runs").success());
    fs::remove_file(beside).expect("it was written");
    assert_eq!(bench.faults.seen().expect("seen").writes, 0);
}

#[test]
fn a_cut_of_power_takes_back_what_was_not_synced() {
    let bench = Bench::new("power");
    bench.faults.keep_undo().expect("set");
    assert!(bench.dd(b"synced..", &["conv=notrunc,fsync"]).0);
    assert!(bench.dd(b"lost", &["seek=1"]).0);
    assert!(bench.dd(b"lost too", &["seek=2"]).0);
    assert_eq!(bench.content(), "synclostlost too");
    assert_eq!(bench.faults.cut_power(0).expect("cut"), 3);
    assert_eq!(bench.content(), "synced..");
    assert_eq!(bench.faults.cut_power(0).expect("cut"), 0);
}

#[test]
fn the_first_writes_may_survive_a_cut_of_power() {
    let bench = Bench::new("survivors");
    bench.faults.keep_undo().expect("set");
    assert!(bench.dd(b"0123456789ab", &[]).0);
    assert_eq!(bench.faults.cut_power(2).expect("cut"), 1);
    assert_eq!(bench.content(), "01234567");
}

#[test]
fn what_a_failed_sync_should_have_kept_is_gone() {
    let bench = Bench::new("dropped");
    bench.faults.keep_undo().expect("set");
    assert!(bench.dd(b"first", &["conv=notrunc,fsync"]).0);
    let failing = Fault::FailingSyncs { every: 1 };
    bench.faults.set(failing).expect("set");
    assert!(!bench.dd(b"second try", &["conv=notrunc,fsync"]).0);
    assert_eq!(bench.content(), "first");
}

#[test]
fn the_wall_clock_jumps_and_the_folder_of_the_library_goes() {
    let bench = Bench::new("clock");
    let seconds = |faults: &Faults| -> i64 {
        let mut command = Command::new("date");
        command.arg("+%s");
        faults.apply(&mut command);
        let output = command.output().expect("date runs");
        let text = String::from_utf8(output.stdout).expect("text");
        text.trim().parse().expect("seconds")
    };
    let now = seconds(&bench.faults);
    bench.faults.set_clock_ahead(86_400).expect("set");
    let ahead = seconds(&bench.faults) - now;
    assert!((86_400..86_460).contains(&ahead), "{ahead}");
    bench.faults.set_clock_ahead(-7_200).expect("set");
    let ahead = seconds(&bench.faults) - now;
    assert!((-7_200..-7_140).contains(&ahead), "{ahead}");
    let own = bench.faults.own.clone();
    assert!(own.exists());
    drop(bench);
    assert!(!own.exists());
}
