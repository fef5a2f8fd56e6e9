//! The keys as the operator handles them: a person's destroyed, all changed while people work,
//! locked by a passphrase or a token.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use backup::Identity;
use kernel::time::{Clock as _, JstDate};
use keystore::{KeyStore, Unlock};
use peers::patient::Patient;
use serde_json::Value;
use signing::{
    testpki::{Holder, TestPki},
    vcard::{Content, Profile, VirtualCard},
};

use crate::operator::{
    Folder, Kept, Known, Load, Program, Wire, audit_is_whole, files, seeded, tasuki, until,
};

fn sqlite(path: &str) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("opens")
}

/// The card of the first person of a seeded folder.
fn card(pki: &TestPki) -> VirtualCard {
    let holder = Holder {
        name: "試験 太郎".to_owned(),
        sex: '1',
        birth: JstDate::new(1980, 1, 1).expect("a date"),
        address: "東京都千代田区1-1".to_owned(),
    };
    let validity = testkit::seed::card_validity(tasuki::program::SystemClock.now());
    let content = Content::for_person(pki, Profile::Card, 1, holder, validity).expect("a card");
    VirtualCard::new(pki, Profile::Card, &content)
}

/// Every part of the keys in a repository, opened.
fn backed_up_keys(kept: &Kept) -> Vec<u8> {
    let shares: Vec<String> = kept.source()[3..]
        .iter()
        .step_by(2)
        .map(|file| fs::read_to_string(file).expect("a share"))
        .collect();
    let shares: Vec<&str> = shares.iter().map(String::as_str).collect();
    let key = Identity::from_shares(&shares).expect("a key");
    let repository = kept.repository();
    let mut all = Vec::new();
    for part in repository.keys().expect("parts") {
        let mut part = repository.open_keys(&part, &key).expect("opened");
        part.read_to_end(&mut all).expect("read");
    }
    all
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[test]
fn destroyed_keys_leave_nobody_behind_and_a_restore_does_not_bring_them_back() {
    let folder = Folder::new("shred");
    let data = seeded(&folder, "10");
    let known = Known::of(&data);
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let base = format!("http://{}", program.address);
    let pki = TestPki::new().expect("an authority");
    let mut patient = Patient::new(&base, &base).expect("a base");
    let logged_in = runtime.block_on(patient.log_in(&mut card(&pki), "1234", "pin"));
    assert_eq!(logged_in.expect("an answer").status, 201);
    for _ in 0..20 {
        let page = runtime.block_on(patient.history()).expect("an answer");
        assert_eq!(page.status, 200);
    }
    let mut wire = Wire::open(&program.address).expect("a connection");
    let mut checked: Vec<Vec<u8>> = Vec::new();
    let database = sqlite(&format!("{data}/tasuki.db"));
    for index in 0..known.numbers.len() {
        let (status, body) = known.check(&mut wire, index).expect("an answer");
        assert_eq!(status, 200);
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let person = database.query_row(
            "SELECT person_id FROM eligibility_visit WHERE lower(hex(visit_id)) = ?1",
            [body["visit"].as_str().expect("a visit")],
            |row| row.get(0),
        );
        checked.push(person.expect("a person"));
    }
    // Who has looked at the own history twenty times.
    let busiest = "SELECT person_id FROM person_head ORDER BY audit_seq DESC LIMIT 1";
    let person: Vec<u8> = database
        .query_row(busiest, [], |row| row.get(0))
        .expect("a person");
    drop(database);
    let place = checked.iter().position(|p| *p == person).expect("checked");
    let keys = sqlite(&format!("{data}/keys.db"));
    let wrapped: Vec<u8> = keys
        .query_row(
            "SELECT wrapped FROM data_key WHERE owner_id = ?1",
            [&person],
            |row| row.get(0),
        )
        .expect("a key");
    drop(keys);
    until("it is backed up", || {
        holds(&backed_up_keys(&kept), &wrapped)
    });

    let hex = kernel::hex::encode(&person);
    let shred = |person: &str, reason: &str| {
        tasuki(&[
            "keys", "shred", "--data", &data, "--person", person, "--reason", reason,
        ])
    };
    shred("0123", "x").refused(&["32 hexadecimal digits"]);
    shred(&hex, " ").refused(&["say why"]);
    shred(&"00".repeat(16), "nobody").refused(&["not done"]);
    shred(&hex, "asked for by the person's heirs").well();
    // Again is no harm.
    let again = shred(&hex, "again");
    assert!(!again.err.contains("panicked"), "{again:?}");

    for reply in [
        runtime.block_on(patient.history()).expect("an answer"),
        runtime.block_on(patient.record()).expect("an answer"),
    ] {
        assert!(matches!(reply.status, 401 | 404), "{}", reply.status);
    }
    let as_before = |wire: &mut Wire| {
        for index in 0..known.numbers.len() {
            let (status, body) = known.check(wire, index).expect("an answer");
            if index == place {
                // No such person.
                let body: Value = serde_json::from_str(&body).expect("JSON");
                assert_eq!(
                    (status, &body["code"]),
                    (404, &"TSK-STO-001".into()),
                    "{body}"
                );
            } else {
                assert_eq!(status, 200, "{body}");
            }
        }
    };
    as_before(&mut wire);
    for name in ["keys.db", "keys.db-wal"] {
        let bytes = fs::read(format!("{data}/{name}")).unwrap_or_default();
        assert!(!holds(&bytes, &wrapped), "{name}");
    }
    assert!(
        !holds(&backed_up_keys(&kept), &wrapped),
        "still in the repository"
    );
    program.stop();
    audit_is_whole(&data);

    let restored = folder.at("restored");
    kept.restore(&restored, &["--generation", "1"]).well();
    audit_is_whole(&restored);
    let program = Program::serve(&restored, &[]);
    as_before(&mut Wire::open(&program.address).expect("a connection"));
    program.stop();
    let before = folder.at("before");
    let made = kept.generations()[0].made_at.to_string();
    kept.restore(&before, &["--until", &made]).well();
    let program = Program::serve(&before, &[]);
    as_before(&mut Wire::open(&program.address).expect("a connection"));
    program.stop();
    tasuki(
        &[
            &["backup", "drill", "--scratch", &folder.at("")],
            &kept.source()[..],
        ]
        .concat(),
    )
    .well();
}

/// The numbers of the key-encryption keys in a folder.
fn keks(data: &str) -> BTreeSet<u32> {
    let keys = sqlite(&format!("{data}/keys.db"));
    let mut all = keys.prepare("SELECT number FROM kek").expect("prepared");
    let rows = all.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("numbers")
}

#[test]
fn keys_are_changed_under_load_and_a_change_that_was_cut_goes_on_by_itself() {
    let folder = Folder::new("rotate");
    let data = seeded(&folder, "600");
    let known = Known::of(&data);
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    let load = Load::start(&program.address, &known);
    load.go_on(20);
    let first = keks(&data);
    for _ in 0..3 {
        let told = tasuki(&["keys", "rotate", "--data", &data]).well();
        assert!(told.contains("the old one is destroyed"), "{told}");
    }
    load.go_on(20);
    let (visits, failed) = load.end();
    assert!(failed.is_empty() && visits.len() >= 40, "{failed:?}");
    let now = keks(&data);
    assert_eq!(now.len(), 1);
    assert!(now.is_disjoint(&first), "{first:?} {now:?}");
    // Killed at some moment of a rotation: whichever it is, the next start ends it.
    let rotating = Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(["keys", "rotate", "--data", &data])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    std::thread::park_timeout(Duration::from_millis(20));
    program.kill();
    rotating.expect("it runs").wait().expect("a child of ours");
    // And cut for certain: begun, one step made.
    let keys = KeyStore::open(Path::new(&data), &Unlock::File).expect("keys");
    keys.begin_rotation().expect("begun");
    assert!(!keys.rotate_step(10).expect("a step").is_done());
    drop(keys);
    let cut = keks(&data);
    assert!(cut.len() >= 2, "{cut:?}");
    let program = Program::serve(&data, &keeping);
    until("it ends by itself", || keks(&data).len() == 1);
    assert!(keks(&data).is_disjoint(&now));
    let mut wire = Wire::open(&program.address).expect("a connection");
    for index in 0..20 {
        assert_eq!(known.check(&mut wire, index).expect("an answer").0, 200);
    }
    program.stop();
    audit_is_whole(&data);
    let restored = folder.at("restored");
    kept.restore(&restored, &[]).well();
    let program = Program::serve(&restored, &[]);
    let mut wire = Wire::open(&program.address).expect("a connection");
    assert_eq!(known.check(&mut wire, 0).expect("an answer").0, 200);
}

/// Everything in a data folder but its lock.
fn content(data: &str) -> Vec<(String, Vec<u8>)> {
    let all = files(Path::new(data)).into_iter();
    let read = all.filter(|path| !path.ends_with("lock")).map(|path| {
        let name = path.display().to_string();
        (name, fs::read(path).expect("read"))
    });
    read.collect()
}

#[test]
fn a_passphrase_opens_the_keys_and_nothing_else_does() {
    let folder = Folder::new("passphrase");
    let data = seeded(&folder, "3");
    let known = Known::of(&data);
    let file = |name: &str, text: &str| {
        let path = folder.at(name);
        fs::write(&path, text).expect("written");
        path
    };
    let right = file("right", "correct horse battery\n");
    let wrong = file("wrong", "incorrect horse battery\n");
    let short = file("short", "short\n");
    let lock = |more: &[&str]| tasuki(&[&["keys", "lock", "--data", &data], more].concat());
    let before = content(&data);
    lock(&[]).refused(&["--new-passphrase-file"]);
    lock(&["--new-passphrase-file", &short]).refused(&["12 characters"]);
    lock(&["--new-passphrase-file", &folder.at("absent")]).refused(&["absent"]);
    assert_eq!(content(&data), before);
    let slip = folder.at("slip");
    tasuki(&[
        "keys",
        "lock",
        "--data",
        &slip,
        "--new-passphrase-file",
        &right,
    ])
    .refused(&["check the folder's name"]);
    tasuki(&["keys", "rotate", "--data", &slip]).refused(&["check the folder's name"]);
    tasuki(&["backup", "init", "--data", &slip, "--to", &folder.at("r")])
        .refused(&["check the folder's name"]);
    assert!(!Path::new(&slip).exists());
    let program = Program::serve(&data, &[]);
    lock(&["--new-passphrase-file", &right]).refused(&["in use"]);
    program.stop();

    lock(&["--new-passphrase-file", &right]).well();
    assert!(!Path::new(&format!("{data}/kek.bin")).exists());
    let locked = content(&data);
    let refused = |more: &[&str], words: &[&str]| {
        let told = Program::try_serve(&data, more).err().expect("refused");
        let lines = told.lines().filter(|line| line.starts_with("tasuki:"));
        assert_eq!(lines.count(), 1, "{told}");
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
        assert_eq!(content(&data), locked, "{told}");
    };
    refused(&[], &["passphrase"]);
    refused(&["--passphrase-file", &wrong], &["passphrase"]);
    refused(&["--passphrase-file", &folder.at("absent")], &["absent"]);
    tasuki(&["keys", "rotate", "--data", &data]).refused(&["passphrase"]);
    let program = Program::serve(&data, &["--passphrase-file", &right]);
    let mut wire = Wire::open(&program.address).expect("a connection");
    assert_eq!(known.check(&mut wire, 0).expect("an answer").0, 200);
    // The operator at the socket needs no passphrase: the program has opened the keys.
    tasuki(&["keys", "rotate", "--data", &data]).well();
    program.stop();
    lock(&["--new-file"]).refused(&["passphrase"]);
    lock(&["--passphrase-file", &right, "--new-file"]).well();
    Program::serve(&data, &[]).stop();
}

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

#[test]
fn a_token_locks_the_keys_and_opens_them_at_the_next_start() {
    let Some(module) = MODULES.into_iter().find(|path| Path::new(path).exists()) else {
        eprintln!("SKIPPED: keys in a token (SoftHSM2 is not installed)");
        return;
    };
    let folder = Folder::new("token");
    let data = seeded(&folder, "3");
    let known = Known::of(&data);
    fs::create_dir(folder.at("tokens")).expect("a folder");
    let conf = folder.at("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        folder.at("tokens")
    );
    fs::write(&conf, text).expect("written");
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "town",
            "--pin",
            "271828",
        ])
        .args(["--so-pin", "31415926"])
        .env("SOFTHSM2_CONF", &conf)
        .stdout(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: keys in a token (softhsm2-util is absent)");
        return;
    }
    let (pin, wrong) = (folder.at("pin"), folder.at("wrong-pin"));
    fs::write(&pin, "271828\n").expect("written");
    fs::write(&wrong, "000000\n").expect("written");
    // The token's library reads its configuration from the environment of the process.
    let inside = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args(args)
            .env("SOFTHSM2_CONF", &conf)
            .env("RUST_LOG", "error")
            .output()
            .expect("the program runs");
        let words = [out.stdout, out.stderr].concat();
        (
            out.status.success(),
            String::from_utf8(words).expect("UTF-8"),
        )
    };
    let token = |pin: &str| -> Vec<String> {
        [
            "--pkcs11-module",
            module,
            "--pkcs11-token",
            "town",
            "--pkcs11-pin-file",
            pin,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let (done, words) = inside(&[
        "keys",
        "lock",
        "--data",
        &data,
        "--new-pkcs11-module",
        module,
        "--new-pkcs11-token",
        "town",
        "--new-pkcs11-pin-file",
        &pin,
    ]);
    assert!(done, "{words}");
    assert!(!Path::new(&format!("{data}/kek.bin")).exists());
    let locked = content(&data);
    let serve = |pin: &str| {
        let words = token(pin);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Program::try_serve_with(&data, &words, &[("SOFTHSM2_CONF", &conf)])
    };
    let told = serve(&wrong).err().expect("refused");
    assert!(told.contains("refuses the PIN"), "{told}");
    let told = Program::try_serve(&data, &[]).err().expect("refused");
    assert!(told.contains("token"), "{told}");
    assert_eq!(content(&data), locked);
    let program = serve(&pin).expect("it serves");
    let mut wire = Wire::open(&program.address).expect("a connection");
    assert_eq!(known.check(&mut wire, 0).expect("an answer").0, 200);
    tasuki(&["keys", "rotate", "--data", &data]).well();
    program.stop();
    serve(&pin).expect("it serves again").stop();
}
