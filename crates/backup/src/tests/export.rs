//! One generation carried away as one file.

use super::*;

fn key(exported: &Exported, a: usize, b: usize) -> Identity {
    let shares = &exported.shares;
    Identity::from_shares(&[shares[a].reveal(), shares[b].reveal()]).unwrap()
}

#[test]
fn an_export_that_carries_the_key_restores_with_two_of_its_own_shares() {
    let world = World::small();
    let file = world.folder.join("export.age");
    let exported = world
        .repository()
        .export(2, Some(&world.identity), &file)
        .unwrap();
    let opened = key(&exported, 0, 2);
    assert_eq!(opened.repository(), exported.key);
    let to = world.folder.join("imported");
    let imported = import_export(&file, &opened, &to).unwrap();
    let carried = imported.identity.unwrap();
    assert_eq!(carried.recipient(), world.identity.recipient());
    assert!(data(&imported.repository, &carried, 2).unwrap() == noise(1500));
    let journal = imported.repository.journal(2, &carried).unwrap();
    let numbers: Vec<u64> = journal.map(|entry| entry.unwrap().number).collect();
    assert_eq!(numbers, (5..=12).collect::<Vec<_>>());
    assert_eq!(
        imported.repository.keys().unwrap(),
        world.repository().keys().unwrap()
    );
    assert_eq!(imported.repository.generations().unwrap().len(), 1);
    let report = imported.repository.verify(Some(&carried)).unwrap();
    assert_eq!(report.damaged.len(), 0, "{report:?}");
    // The carried key is nowhere on the disk.
    let secret = carried.to_file_text();
    let secret = secret.reveal().lines().last().unwrap().as_bytes();
    for file in tree(&to).files {
        let bytes = fs::read(file).unwrap();
        assert!(!bytes.windows(secret.len()).any(|w| w == secret));
    }
    assert!(!world.folder.join("imported.part").exists());
}

#[test]
fn an_export_without_the_key_needs_the_repositorys_shares_too() {
    let world = World::small();
    let file = world.folder.join("export.age");
    let exported = world.repository().export(1, None, &file).unwrap();
    let opened = key(&exported, 1, 2);
    let imported = import_export(&file, &opened, &world.folder.join("imported")).unwrap();
    assert!(imported.identity.is_none());
    assert!(matches!(
        data(&imported.repository, &opened, 1),
        Err(BackupError::WrongKey { .. })
    ));
    assert!(data(&imported.repository, &world.identity, 1).unwrap() == noise(2500));
}

#[test]
fn one_share_or_another_key_cannot_open_an_export() {
    let world = World::small();
    let file = world.folder.join("export.age");
    let exported = world.repository().export(2, None, &file).unwrap();
    for share in &exported.shares {
        assert!(matches!(
            Identity::from_shares(&[share.reveal()]),
            Err(BackupError::TooFewShares(1))
        ));
    }
    let to = world.folder.join("imported");
    let wrong = import_export(&file, &world.identity, &to).unwrap_err();
    assert!(matches!(wrong, BackupError::WrongKey { .. }), "{wrong}");
    assert!(!to.exists() && !world.folder.join("imported.part").exists());
}

#[test]
fn a_cut_or_changed_export_is_refused_and_leaves_nothing() {
    let world = World::small();
    let file = world.folder.join("export.age");
    let exported = world.repository().export(2, None, &file).unwrap();
    let opened = key(&exported, 0, 1);
    let whole = fs::read(&file).unwrap();
    let to = world.folder.join("imported");
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let error = import_export(&file, &opened, &to).unwrap_err();
        assert_eq!(named(error), file.display().to_string());
        assert!(!to.exists() && !world.folder.join("imported.part").exists());
    };
    for length in [0, 10, whole.len() / 2, whole.len() - 600, whole.len() - 1] {
        refused(&whole[..length]);
    }
    for position in [150, whole.len() / 3, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        refused(&flipped);
    }
    fs::write(&file, &whole).unwrap();
    assert!(import_export(&file, &opened, &to).is_ok());
}

#[test]
fn a_damaged_file_is_not_exported() {
    let world = World::small();
    let rel = "generations/000002-20261122T090140Z/data-0002.age";
    fs::write(world.root().join(rel), b"broken").unwrap();
    let file = world.folder.join("export.age");
    let error = world.repository().export(2, None, &file).unwrap_err();
    assert_eq!(named(error), rel);
    assert!(!file.exists() && !world.folder.join("export.age.part").exists());
}

#[test]
fn an_export_overwrites_nothing_and_an_import_needs_an_empty_place() {
    let world = World::small();
    let file = world.folder.join("export.age");
    let exported = world.repository().export(2, None, &file).unwrap();
    assert!(matches!(
        world.repository().export(2, None, &file),
        Err(BackupError::NotEmpty(_))
    ));
    let there = import_export(&file, &key(&exported, 0, 1), &world.root());
    assert!(matches!(there, Err(BackupError::NotEmpty(_))));
    let to = world.folder.join("imported");
    let imported = import_export(&file, &key(&exported, 0, 1), &to).unwrap();
    let writer = imported.repository.writer(signer(1), Settings::default());
    assert!(matches!(writer.err(), Some(BackupError::OnlyRead)));
}

#[test]
fn an_export_file_cannot_write_outside_its_place() {
    let folder = Folder::new();
    let identity = Identity::generate();
    for name in [
        "../escaped",
        "/tmp/tasuki-backup-escaped",
        "a/../../escaped",
    ] {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(1);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, &b"x"[..]).unwrap();
        let sealed = age::encrypt(&identity.key().to_public(), &archive.into_inner().unwrap());
        let file = folder.join("export.age");
        fs::write(&file, sealed.unwrap()).unwrap();
        let error = import_export(&file, &identity, &folder.join("deep")).unwrap_err();
        assert_eq!(named(error), file.display().to_string(), "{name}");
        assert!(!folder.join("escaped").exists());
        assert!(!Path::new("/tmp/tasuki-backup-escaped").exists());
    }
}
