//! Generations: written, listed, protected, removed.

use super::*;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_stream_comes_back_byte_for_byte_whatever_its_length() {
    let world = World::new();
    let lengths = [0, 1, 999, 1000, 1001, 2000, 12_345];
    for (number, length) in (1..).zip(lengths) {
        let completed = world.generation(number, 0, &noise(length));
        let found = completed.generation;
        assert_eq!(found.plain_bytes, u64::try_from(length).unwrap());
        assert_eq!(world.data(found.number).unwrap(), noise(length), "{length}");
        let files = tree(&world.root().join(&found.folder)).files.len() - 1;
        assert_eq!(files, length.div_ceil(1000), "{length}");
    }
}

#[test]
fn a_generation_is_listed_with_what_the_caller_told() {
    let world = World::new();
    let _ = world.generation(7, 0, b"data");
    let listed = world.repository().generations().unwrap();
    let found = listed[0].as_ref().unwrap();
    assert_eq!(found.folder, "generations/000001-20261122T090007Z");
    assert_eq!(found.made_at, at(7));
    assert_eq!(found.engine, "sqlite");
    assert_eq!(found.about, serde_json::json!({ "persons": 3 }));
    assert_eq!(found.restorable_until, at(7));
    assert_eq!(world.repository().generation(1).unwrap(), *found);
    assert!(matches!(
        world.repository().generation(2),
        Err(BackupError::NoGeneration(2))
    ));
}

#[test]
fn each_file_opens_with_the_age_command_alone() {
    let world = World::new();
    let data = noise(2500);
    let found = world.generation(0, 0, &data).generation;
    let key = world.folder.join("key.txt");
    fs::write(&key, world.identity.to_file_text().reveal()).unwrap();
    let mut all = Vec::new();
    for name in ["data-0001.age", "data-0002.age", "data-0003.age"] {
        let age = Command::new("/usr/bin/age")
            .args(["-d", "-i"])
            .arg(&key)
            .arg(world.root().join(&found.folder).join(name))
            .output();
        let Ok(age) = age else {
            return skipped("decrypting with Debian's age", "age is not installed");
        };
        assert!(age.status.success(), "{age:?}");
        all.extend(zstd::decode_all(age.stdout.as_slice()).unwrap());
    }
    assert!(all == data);
}

#[test]
fn no_file_of_the_repository_shows_a_name_or_the_key() {
    let world = World::new();
    let planted = "山田太郎 tarou yamada";
    let _ = world.generation(0, 0, planted.repeat(3).as_bytes());
    let mut segment = world.writer().begin_segment().unwrap();
    segment.append(1, at(1), planted.as_bytes()).unwrap();
    segment.close(at(2)).unwrap();
    world.keys(3, true, planted.as_bytes());
    let secret = world.identity.to_file_text();
    let secret = secret.reveal().lines().last().unwrap();
    for file in tree(&world.root()).files {
        let bytes = fs::read(&file).unwrap();
        for word in ["山田", "yamada", secret] {
            let found = bytes.windows(word.len()).any(|w| w == word.as_bytes());
            assert!(!found, "{word} in {}", file.display());
        }
    }
}

#[test]
fn the_wrong_key_is_refused_before_anything_is_read() {
    let world = World::small();
    let other = Identity::generate();
    let repository = world.repository();
    let wrong = |error: Option<BackupError>| {
        assert!(
            matches!(error, Some(BackupError::WrongKey { key, .. }) if key == other.repository())
        );
    };
    wrong(repository.open_generation(1, &other).err());
    wrong(repository.journal(1, &other).err());
    wrong(repository.verify(Some(&other)).err());
    wrong(
        repository
            .open_keys(&repository.keys().unwrap()[0], &other)
            .err(),
    );
}

#[test]
fn seven_days_keep_five_generations_and_protect_the_third_and_older() {
    let world = World::new();
    for day in 0..7_u64 {
        let second = i64::try_from(day).unwrap() * 86_400;
        let completed = world.generation(second, day * 3, &noise(1500));
        world.segment(second + 10, day * 3 + 1, day * 3 + 3);
        let rotated = completed.rotated.unwrap();
        let number = day + 1;
        assert_eq!(
            rotated.protected,
            (number > 2)
                .then(|| number - 2)
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(
            rotated.removed,
            (number > 5)
                .then(|| number - 5)
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
    let listed = world.repository().generations().unwrap();
    let listed: Vec<Generation> = listed.into_iter().map(Result::unwrap).collect();
    let numbers: Vec<u64> = listed.iter().map(|g| g.number).collect();
    assert_eq!(numbers, [3, 4, 5, 6, 7]);
    for generation in &listed {
        let folder = world.root().join(&generation.folder);
        let protected = generation.number <= 5;
        assert_eq!(mode(&folder) == 0o555, protected, "{folder:?}");
        for file in tree(&folder).files {
            assert_eq!(mode(&file) == 0o444, protected, "{file:?}");
        }
    }
    // Each of them still reaches the newest entry.
    for number in numbers {
        let first = (number - 1) * 3 + 1;
        assert_eq!(world.numbers(number).0, (first..=21).collect::<Vec<_>>());
    }
    assert!(world.damaged().is_empty());
}

#[test]
fn a_protected_generation_cannot_be_overwritten_by_the_service_account() {
    let world = World::new();
    for day in 0..3 {
        let _ = world.generation(day, 0, &noise(500));
    }
    let folder = world.root().join("generations/000001-20261122T090000Z");
    let file = folder.join("data-0001.age");
    let try_all =
        "echo x >> \"$1/data-0001.age\" || echo x > \"$1/new\" || rm -f \"$1/data-0001.age\"";
    let mut command = if chown(&file, Some(65534), Some(65534)).is_ok() {
        chown(&folder, Some(65534), Some(65534)).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let Ok(ended) = command.args(["-c", try_all, "sh"]).arg(&folder).output() else {
        return skipped("writing as the service account", "setpriv is not installed");
    };
    assert!(!ended.status.success(), "{ended:?}");
    assert!(world.damaged().is_empty());
}

#[test]
fn nothing_of_a_protected_generation_is_touched_by_later_work() {
    let mut world = World::new();
    for (day, position) in [(0, 0), (1, 2), (2, 2)] {
        let _ = world.generation(day, position, &noise(500));
        if day == 0 {
            world.segment(1, 1, 2);
        }
    }
    let state = |world: &World| {
        let mut files = tree(&world.root().join("generations/000001-20261122T090000Z")).files;
        files.extend(tree(&world.root().join("journal/000001")).files);
        assert_eq!(files.len(), 4);
        let state = files.into_iter().map(|file| {
            let modified = fs::metadata(&file).unwrap().modified().unwrap();
            (file, modified)
        });
        state.collect::<Vec<_>>()
    };
    let before = state(&world);
    world.segment(10, 3, 4);
    world.reopen();
    let _ = world.generation(100, 4, &noise(500));
    world.writer().rotate().unwrap();
    assert_eq!(state(&world), before);
}

#[test]
fn the_operators_commands_run_at_protection_and_before_removal() {
    let folder = Folder::new();
    let log = folder.join("log");
    let command = |name: &str, then: &str| {
        let path = folder.join(name);
        let script = format!(
            "#!/bin/sh\necho {name} \"$1\" >> '{}'\n{then}\n",
            log.display()
        );
        fs::write(&path, script).unwrap();
        open_mode(&path);
        path
    };
    let protect = command("protect", "test ! -e \"$1.fail\"");
    let world = World::with(Settings {
        keep: 3,
        protect: Some(protect),
        unprotect: Some(command("unprotect", "")),
        ..Settings::default()
    });
    let _ = world.generation(0, 0, b"1");
    let _ = world.generation(1, 0, b"2");
    let first = world.root().join("generations/000001-20261122T090000Z");
    let fail = world
        .root()
        .join("generations/000001-20261122T090000Z.fail");
    fs::write(&fail, b"").unwrap();
    // A failing command is told, the generation stands, and the next rotation tries again.
    let completed = world.generation(2, 0, b"3");
    assert_eq!(completed.generation.number, 3);
    assert!(matches!(
        completed.rotated,
        Err(BackupError::Hook {
            hook: "protect",
            ..
        })
    ));
    fs::remove_file(&fail).unwrap();
    assert_eq!(world.writer().rotate().unwrap().protected, [1]);
    let completed = world.generation(3, 0, b"4");
    assert_eq!(completed.rotated.unwrap().removed, [1]);
    let said = fs::read_to_string(&log).unwrap();
    let second = world.root().join("generations/000002-20261122T090001Z");
    let (first, second) = (first.display(), second.display());
    let expected =
        format!("protect {first}\nprotect {first}\nprotect {second}\nunprotect {first}\n");
    assert_eq!(said, expected);
}

#[test]
fn fewer_than_three_generations_cannot_be_kept() {
    let mut world = World::new();
    world.writer = None;
    let settings = Settings {
        keep: 2,
        ..Settings::default()
    };
    assert!(matches!(
        world.repository().writer(signer(1), settings),
        Err(BackupError::Setting { name: "keep", .. })
    ));
}

#[test]
fn an_unfinished_generation_leaves_nothing_and_takes_no_number() {
    let world = World::new();
    let mut unfinished = world.writer().begin_generation().unwrap();
    unfinished.write_all(&noise(5000)).unwrap();
    assert!(matches!(
        world.writer().begin_generation().err(),
        Some(BackupError::Busy("generation"))
    ));
    drop(unfinished);
    assert!(tree(&world.root().join("tmp")).files.is_empty());
    assert_eq!(world.generation(0, 0, b"x").generation.number, 1);
}

#[test]
fn what_a_crash_left_is_removed_at_the_next_open_and_never_listed() {
    let mut world = World::small();
    let mut unfinished = world.writer().begin_generation().unwrap();
    unfinished.write_all(&noise(5000)).unwrap();
    std::mem::forget(unfinished);
    // The forgotten writer still holds the lock, as a copy of the folder does not.
    let copy = world.folder.join("copy");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(world.root())
        .arg(&copy)
        .status();
    assert!(copied.unwrap().success());
    world.writer = None;
    let repository = Repository::open(&copy).unwrap();
    assert_eq!(repository.generations().unwrap().len(), 2);
    assert!(!tree(&copy.join("tmp")).files.is_empty());
    let _writer = repository.writer(signer(1), Settings::default()).unwrap();
    assert!(tree(&copy.join("tmp")).files.is_empty());
    assert!(repository.verify(None).unwrap().damaged.is_empty());
}

#[test]
fn a_set_that_was_placed_right_before_a_crash_is_taken_in() {
    let mut world = World::small();
    let head = world.root().join("head.json");
    let before = fs::read(&head).unwrap();
    let _ = world.generation(200, 12, b"newer");
    world.segment(210, 13, 14);
    world.keys(220, true, b"all keys");
    world.writer = None;
    fs::write(&head, before).unwrap();
    world.reopen();
    assert_eq!(world.writer().last_entry(), 14);
    assert_eq!(world.repository().keys().unwrap().len(), 1);
    assert_eq!(world.generation(300, 14, b"newest").generation.number, 4);
    assert!(world.damaged().is_empty());
}

#[test]
fn only_one_process_writes_and_anyone_reads() {
    let world = World::small();
    let again = world.repository().writer(signer(1), Settings::default());
    assert!(matches!(again.err(), Some(BackupError::Locked)));
    assert_eq!(world.data(1).unwrap(), noise(2500));
}

#[test]
fn a_damaged_head_closes_the_repository_for_writing_and_not_for_restoring() {
    let mut world = World::small();
    world.writer = None;
    fs::write(world.root().join("head.json"), b"{}").unwrap();
    let closed = world.repository().writer(signer(1), Settings::default());
    assert!(matches!(closed.err(), Some(BackupError::Closed { file, .. }) if file == "head.json"));
    assert!(world.data(2).unwrap() == noise(1500));
    assert_eq!(world.numbers(1).0, (1..=12).collect::<Vec<_>>());
    assert_eq!(world.repository().keys().unwrap().len(), 2);
}

#[test]
fn another_signing_key_is_refused() {
    let mut world = World::small();
    world.writer = None;
    let other = world.repository().writer(signer(2), Settings::default());
    assert!(matches!(other.err(), Some(BackupError::OtherSigner)));
}

#[test]
fn a_repository_is_made_only_in_an_empty_folder() {
    let world = World::new();
    let again = Repository::init(&world.root(), at(0), &*signer(1));
    assert!(matches!(again.err(), Some(BackupError::NotEmpty(_))));
    let nothing = Repository::open(&world.folder.0);
    assert!(matches!(
        nothing.err(),
        Some(BackupError::NotARepository(_))
    ));
}
