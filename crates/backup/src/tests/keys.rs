//! The key store apart from the generations.

use super::*;

fn parts(world: &World) -> Vec<Vec<u8>> {
    let repository = world.repository();
    let read = |part: &KeyPart| {
        let mut bytes = Vec::new();
        let mut reader = repository.open_keys(part, &world.identity).unwrap();
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    };
    repository.keys().unwrap().iter().map(read).collect()
}

#[test]
fn the_whole_export_and_its_tails_come_back_in_order() {
    let world = World::new();
    assert!(matches!(
        world.writer().append_keys().err(),
        Some(BackupError::NoKeysYet)
    ));
    assert!(parts(&world).is_empty());
    world.keys(1, true, &noise(2500));
    world.keys(2, false, b"one");
    world.keys(3, false, b"two");
    assert!(parts(&world) == [noise(2500), b"one".to_vec(), b"two".to_vec()]);
}

#[test]
fn after_a_rewrite_no_older_copy_of_a_shredded_key_is_left() {
    let world = World::new();
    world.keys(1, true, b"with the key");
    world.keys(2, false, b"more");
    let before = tree(&world.root().join("keys")).files;
    world.keys(3, true, b"without");
    let after = tree(&world.root().join("keys")).files;
    assert!(
        before
            .iter()
            .all(|file| !after.contains(file) && !file.exists())
    );
    assert_eq!(parts(&world), [b"without".to_vec()]);
    assert!(world.damaged().is_empty());
}

#[test]
fn older_exports_that_a_crash_left_are_told_and_removed_at_the_next_open() {
    let mut world = World::new();
    world.keys(1, true, b"with the key");
    let old = world.root().join("keys/000001");
    let saved = world.folder.join("saved");
    fs::create_dir(&saved).unwrap();
    for file in tree(&old).files {
        fs::copy(&file, saved.join(file.file_name().unwrap())).unwrap();
    }
    world.keys(2, true, b"without");
    fs::rename(&saved, &old).unwrap();
    assert_eq!(parts(&world), [b"without".to_vec()]);
    let report = world.repository().verify(None).unwrap();
    assert_eq!(report.damaged["keys/000001"], Flaw::Superseded);
    world.reopen();
    assert!(!old.exists());
    assert!(world.damaged().is_empty());
}

#[test]
fn a_damaged_copy_of_the_keys_is_replaced_by_the_other() {
    let world = World::new();
    world.keys(1, true, &noise(2500));
    for name in ["keys-0001.age", "copy-0002.age"] {
        let path = world.root().join("keys/000001").join(name);
        fs::write(&path, b"broken").unwrap();
    }
    assert!(parts(&world) == [noise(2500)]);
    assert_eq!(world.damaged().len(), 2);
    // When both are gone, the first is named.
    fs::remove_file(world.root().join("keys/000001/copy-0001.age")).unwrap();
    let repository = world.repository();
    let part = &repository.keys().unwrap()[0];
    let error = repository.open_keys(part, &world.identity).err().unwrap();
    assert_eq!(named(error), "keys/000001/keys-0001.age");
}

#[test]
fn a_missing_tail_is_told_by_name() {
    let check = |gone: &str| {
        let world = World::new();
        world.keys(1, true, b"all");
        world.keys(2, false, b"one");
        world.keys(3, false, b"two");
        fs::remove_dir_all(world.root().join(gone)).unwrap();
        assert_eq!(named(world.repository().keys().unwrap_err()), gone);
        assert_eq!(world.damaged(), [gone.to_owned()]);
    };
    check("keys/000002");
    check("keys/000003");
    check("keys/000001");
}
