//! Damage of every kind is told by the name of the file.

use super::*;
use std::collections::BTreeMap;

/// Every file of the repository by its path inside.
fn files(world: &World) -> BTreeMap<String, PathBuf> {
    let root = world.root();
    let inside = |path: PathBuf| {
        let rel = path.strip_prefix(&root).unwrap();
        (rel.to_str().unwrap().to_owned(), path)
    };
    let mut files: BTreeMap<_, _> = tree(&root).files.into_iter().map(inside).collect();
    files.remove("lock");
    files
}

/// The files that a verification without and with the key names, which must be the same.
fn told(world: &World) -> Vec<String> {
    let repository = match Repository::open(&world.root()) {
        Ok(repository) => repository,
        Err(BackupError::NotARepository(_)) => return vec!["repository.json".to_owned()],
        Err(error) => return vec![named(error)],
    };
    let without = repository.verify(None).unwrap().damaged;
    let with = repository.verify(Some(&world.identity)).unwrap().damaged;
    assert_eq!(without, with);
    without.into_keys().collect()
}

#[test]
fn a_whole_repository_is_reported_sound_with_its_counts() {
    let world = World::small();
    let report = world.repository().verify(Some(&world.identity)).unwrap();
    let report = report.sound().unwrap();
    assert_eq!(
        (report.generations, report.segments, report.keys),
        (2, 3, 2)
    );
    assert_eq!(report.files, 3 + 2 + 3 + 4 + 1);
    let without = world.repository().verify(None).unwrap();
    assert_eq!(without, report);
}

#[test]
fn a_flipped_bit_in_any_file_is_told_with_the_files_name() {
    let world = World::small();
    let files = files(&world);
    assert!(files.len() > 20, "{files:?}");
    let mut flips = 0;
    for (rel, path) in &files {
        let whole = fs::read(path).unwrap();
        let last = whole.len() - 1;
        for (position, bit) in [(0, 1), (last / 3, 0x20), (last * 2 / 3, 0x80), (last, 4)] {
            let mut flipped = whole.clone();
            flipped[position] ^= bit;
            fs::write(path, &flipped).unwrap();
            assert_eq!(told(&world), std::slice::from_ref(rel), "byte {position}");
            flips += 1;
        }
        fs::write(path, &whole).unwrap();
    }
    assert!(flips >= 80);
    assert!(told(&world).is_empty());
}

#[test]
fn every_bit_of_a_manifest_counts() {
    let world = World::small();
    let rel = "journal/000001/000001/manifest.json";
    let path = world.root().join(rel);
    let whole = fs::read(&path).unwrap();
    let repository = world.repository();
    for position in 0..whole.len() {
        for bit in [1, 0x20] {
            let mut flipped = whole.clone();
            flipped[position] ^= bit;
            fs::write(&path, &flipped).unwrap();
            let error = repository.manifest("journal/000001/000001").unwrap_err();
            assert_eq!(named(error), rel, "byte {position}");
        }
    }
}

#[test]
fn a_removed_or_truncated_file_is_told_with_its_name() {
    let world = World::small();
    for (rel, path) in &files(&world) {
        let whole = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        assert_eq!(told(&world), std::slice::from_ref(rel), "removed");
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(told(&world), std::slice::from_ref(rel), "truncated");
        fs::write(path, b"").unwrap();
        assert_eq!(told(&world), std::slice::from_ref(rel), "emptied");
        fs::write(path, &whole).unwrap();
    }
}

#[test]
fn files_that_changed_places_are_both_told() {
    let world = World::small();
    let first = "generations/000001-20261122T090000Z";
    let second = "generations/000002-20261122T090140Z";
    for (a, b) in [
        (
            format!("{first}/data-0001.age"),
            format!("{first}/data-0002.age"),
        ),
        (
            format!("{first}/data-0001.age"),
            format!("{second}/data-0001.age"),
        ),
        (
            format!("{first}/manifest.json"),
            format!("{second}/manifest.json"),
        ),
        (
            "keys/000001/manifest.json".to_owned(),
            "keys/000002/manifest.json".to_owned(),
        ),
    ] {
        let swap = || {
            let (a, b) = (world.root().join(&a), world.root().join(&b));
            let between = world.root().join("between");
            fs::rename(&a, &between).unwrap();
            fs::rename(&b, &a).unwrap();
            fs::rename(&between, &b).unwrap();
        };
        swap();
        let told = told(&world);
        assert!(told.contains(&a) && told.contains(&b), "{told:?}");
        swap();
    }
    assert!(told(&world).is_empty());
}

#[test]
fn a_removed_set_is_told_wherever_it_stood_in_its_series() {
    for (gone, told_as) in [
        ("generations/000001-20261122T090000Z", "generations/000001"),
        ("generations/000002-20261122T090140Z", "generations/000002"),
        ("journal/000001/000001", "journal/000001"),
        ("journal/000002/000003", "journal/000003"),
        ("keys/000001", "keys/000001"),
        ("keys/000002", "keys/000002"),
    ] {
        let world = World::small();
        fs::remove_dir_all(world.root().join(gone)).unwrap();
        assert_eq!(told(&world), [told_as.to_owned()], "{gone}");
    }
}

#[test]
fn what_does_not_belong_to_the_repository_is_told() {
    let world = World::small();
    for rel in [
        "ransom.txt",
        "generations/ransom.txt",
        "generations/000001-20261122T090000Z/data-0004.age",
        "journal/000001/000001/x",
        "journal/x",
        "keys/old",
    ] {
        let path = world.root().join(rel);
        fs::write(&path, b"x").unwrap();
        assert_eq!(told(&world), [rel.to_owned()]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn papers_signed_by_another_key_are_refused() {
    let world = World::small();
    let forger = signer(9);
    for rel in ["head.json", "keys/000002/manifest.json"] {
        let path = world.root().join(rel);
        let whole = fs::read(&path).unwrap();
        let paper: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        let forged = crate::signed::seal(&paper["signed"], &*forger).unwrap();
        fs::write(&path, forged).unwrap();
        assert_eq!(told(&world), [rel.to_owned()]);
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_repository_whose_recipient_was_swapped_is_refused() {
    let world = World::small();
    let path = world.root().join("repository.json");
    let paper: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut charter = paper["signed"].clone();
    charter["recipient"] = Identity::generate().recipient().into();
    // Even the node's own key cannot make it fit: the name follows from the recipient.
    fs::write(&path, crate::signed::seal(&charter, &*signer(1)).unwrap()).unwrap();
    assert_eq!(
        named(Repository::open(&world.root()).unwrap_err()),
        "repository.json"
    );
}

#[test]
fn what_a_newer_program_wrote_is_refused_by_name() {
    let world = World::small();
    let path = world.root().join("keys/000002/manifest.json");
    let paper: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut manifest = paper["signed"].clone();
    manifest["format"] = 2.into();
    fs::write(&path, crate::signed::seal(&manifest, &*signer(1)).unwrap()).unwrap();
    assert!(matches!(
        world.repository().keys(),
        Err(BackupError::FromFuture { format: 2, .. })
    ));
}

#[test]
fn no_byte_of_a_changed_file_is_handed_out() {
    let world = World::new();
    let data = noise(3500);
    let found = world.generation(0, 0, &data).generation;
    let rel = format!("{}/data-0003.age", found.folder);
    let path = world.root().join(&rel);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let mut reader = world
        .repository()
        .open_generation(1, &world.identity)
        .unwrap();
    let mut given = Vec::new();
    let error = reader.read_to_end(&mut given).unwrap_err();
    assert_eq!(named(BackupError::at(Path::new(""))(error)), rel);
    assert!(given == data[..2000]);
    // Nor is anything after it.
    assert_eq!(reader.read(&mut [0; 10]).unwrap_or(0), 0);
}

#[test]
fn a_damaged_generation_does_not_hide_the_others() {
    let world = World::small();
    let rel = "generations/000001-20261122T090000Z/manifest.json";
    fs::write(world.root().join(rel), b"{}").unwrap();
    let listed = world.repository().generations().unwrap();
    let [Err(first), Ok(second)] = <[_; 2]>::try_from(listed).unwrap() else {
        panic!("the first damaged, the second whole");
    };
    assert_eq!(named(first), rel);
    assert_eq!(second.number, 2);
    assert_eq!(world.data(2).unwrap(), noise(1500));
}

#[test]
fn damage_messages_name_the_file_and_the_remedy() {
    let error = BackupError::damaged("keys/000001/keys-0001.age", Flaw::Changed);
    assert_eq!(
        error.to_string(),
        "backup damaged: keys/000001/keys-0001.age was changed since it was written; \
         restore from another generation or from the offline export, and check the disk"
    );
}
