//! What came after a generation, without a gap.

use super::*;

#[test]
fn every_generation_reaches_the_newest_entry() {
    let world = World::small();
    assert_eq!(world.numbers(1).0, (1..=12).collect::<Vec<_>>());
    assert_eq!(world.numbers(2).0, (5..=12).collect::<Vec<_>>());
    assert!(world.numbers(1).1.is_none());
    let listed = world.repository().generations().unwrap();
    for generation in listed {
        assert_eq!(generation.unwrap().restorable_until, at(142));
    }
}

#[test]
fn entries_come_with_their_instants_so_that_any_instant_is_restored() {
    let world = World::small();
    let journal = world.repository().journal(1, &world.identity).unwrap();
    let until = at(111);
    let before: Vec<u64> = journal
        .map(Result::unwrap)
        .take_while(|entry| entry.at <= until)
        .map(|entry| entry.number)
        .collect();
    assert_eq!(before, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn entries_written_while_a_generation_was_made_are_not_lost() {
    let world = World::new();
    let _ = world.generation(0, 0, b"first");
    world.segment(10, 1, 3);
    let mut second = world.writer().begin_generation().unwrap();
    second.write_all(b"snapshot at 3").unwrap();
    world.segment(20, 4, 6);
    let second = second.finish(made(30, 3)).unwrap();
    assert_eq!(second.generation.restorable_until, at(22));
    world.segment(40, 7, 8);
    assert_eq!(world.numbers(2).0, [4, 5, 6, 7, 8]);
}

#[test]
fn entries_that_are_written_twice_are_given_once() {
    let mut world = World::new();
    let _ = world.generation(0, 5, b"data");
    world.segment(10, 3, 8);
    world.reopen();
    world.segment(20, 7, 10);
    world.segment(40, 2, 4);
    let (given, error) = world.numbers(1);
    assert_eq!(given, (6..=10).collect::<Vec<_>>());
    assert!(error.is_none());
    assert_eq!(world.writer().last_entry(), 10);
}

#[test]
fn an_entry_cannot_be_left_out() {
    let world = World::new();
    assert!(matches!(
        world.writer().begin_segment().err(),
        Some(BackupError::NoGenerationYet)
    ));
    let _ = world.generation(0, 5, b"data");
    let mut segment = world.writer().begin_segment().unwrap();
    assert!(matches!(
        segment.append(7, at(1), b""),
        Err(BackupError::EntryOutOfOrder {
            expected: 6,
            found: 7
        })
    ));
    segment.append(6, at(1), b"entry 6").unwrap();
    for number in [6, 8, 5] {
        assert!(matches!(
            segment.append(number, at(1), b""),
            Err(BackupError::EntryOutOfOrder { expected: 7, .. })
        ));
    }
    assert!(matches!(
        world.writer().begin_segment().err(),
        Some(BackupError::Busy("segment"))
    ));
    assert_eq!(segment.close(at(2)).unwrap().unwrap().last, 6);
}

#[test]
fn an_empty_segment_is_not_kept() {
    let world = World::small();
    let segment = world.writer().begin_segment().unwrap();
    assert!(segment.is_empty());
    assert_eq!(segment.close(at(500)).unwrap(), None);
    assert_eq!(world.segment(500, 13, 13).number, 4);
}

#[test]
fn a_clock_set_back_never_makes_an_entry_older_than_the_one_before() {
    let world = World::new();
    let _ = world.generation(0, 0, b"data");
    let mut segment = world.writer().begin_segment().unwrap();
    for (number, second) in [(1, 10), (2, 5), (3, 11)] {
        segment.append(number, at(second), b"").unwrap();
    }
    segment.close(at(12)).unwrap();
    let mut segment = world.writer().begin_segment().unwrap();
    segment.append(4, at(-100), b"").unwrap();
    segment.close(at(-90)).unwrap();
    let journal = world.repository().journal(1, &world.identity).unwrap();
    let instants: Vec<Timestamp> = journal.map(|entry| entry.unwrap().at).collect();
    assert_eq!(instants, [at(10), at(10), at(11), at(11)]);
}

#[test]
fn a_generation_bridges_entries_that_were_never_journalled() {
    let world = World::new();
    let _ = world.generation(0, 0, b"first");
    world.segment(10, 1, 3);
    let _ = world.generation(20, 9, b"second");
    world.segment(30, 10, 11);
    assert_eq!(world.numbers(2).0, [10, 11]);
    let (numbers, error) = world.numbers(1);
    assert_eq!(numbers, [1, 2, 3]);
    assert!(matches!(
        error,
        Some(BackupError::JournalGap {
            expected: 4,
            found: 10,
            ..
        })
    ));
    let first = world.repository().generation(1).unwrap();
    assert_eq!(first.restorable_until, at(12));
}

#[test]
fn a_generation_behind_its_journal_is_refused() {
    let world = World::new();
    let _ = world.generation(0, 0, b"first");
    world.segment(10, 1, 3);
    let mut second = world.writer().begin_generation().unwrap();
    second.write_all(b"an older state").unwrap();
    assert!(matches!(
        second.finish(made(20, 2)),
        Err(BackupError::PositionBehind {
            position: 2,
            journal: 3
        })
    ));
    assert_eq!(world.repository().generations().unwrap().len(), 1);
}

#[test]
fn a_missing_segment_is_told_by_name_and_what_was_before_it_is_given() {
    for (gone, told, last) in [
        ("journal/000001/000001", "journal/000001", 0),
        ("journal/000002/000002", "journal/000002", 4),
        ("journal/000002/000003", "journal/000003", 9),
    ] {
        let world = World::small();
        fs::remove_dir_all(world.root().join(gone)).unwrap();
        let (given, error) = world.numbers(1);
        assert_eq!(given, (1..=last).collect::<Vec<_>>(), "{gone}");
        let error = error.unwrap();
        if last == 0 {
            assert!(matches!(
                error,
                BackupError::JournalGap {
                    expected: 1,
                    found: 5,
                    ..
                }
            ));
        } else {
            assert_eq!(named(error), told);
        }
        assert_eq!(world.damaged(), [told.to_owned()]);
    }
}

#[test]
fn a_swapped_or_cut_segment_is_told_by_name() {
    let world = World::small();
    let folder = world.root().join("journal/000002");
    fs::rename(folder.join("000002"), folder.join("x")).unwrap();
    fs::rename(folder.join("000003"), folder.join("000002")).unwrap();
    fs::rename(folder.join("x"), folder.join("000003")).unwrap();
    let (given, error) = world.numbers(1);
    assert_eq!(given, [1, 2, 3, 4]);
    assert_eq!(named(error.unwrap()), "journal/000002/000002/manifest.json");

    let world = World::small();
    let rel = "journal/000002/000002/entries-0001.age";
    let file = fs::File::options()
        .write(true)
        .open(world.root().join(rel))
        .unwrap();
    file.set_len(file.metadata().unwrap().len() - 7).unwrap();
    let (given, error) = world.numbers(1);
    assert_eq!(given, [1, 2, 3, 4]);
    assert_eq!(named(error.unwrap()), rel);
}

#[test]
fn damage_before_a_generation_does_not_hinder_its_restore() {
    let world = World::small();
    fs::write(
        world.root().join("journal/000001/000001/manifest.json"),
        b"{}",
    )
    .unwrap();
    fs::remove_file(world.root().join("head.json")).unwrap();
    // The second generation holds what the damaged segment held.
    assert_eq!(world.numbers(2).0, (5..=12).collect::<Vec<_>>());
    assert!(
        world
            .numbers(2)
            .1
            .is_none_or(|e| named(e).starts_with("journal/000001"))
    );
    let (given, error) = world.numbers(1);
    assert!(given.is_empty());
    assert_eq!(named(error.unwrap()), "journal/000001/000001/manifest.json");
}

#[test]
fn a_large_entry_spans_files_and_one_too_large_is_refused() {
    let world = World::new();
    let _ = world.generation(0, 0, b"data");
    let mut segment = world.writer().begin_segment().unwrap();
    segment.append(1, at(1), &noise(5000)).unwrap();
    assert!(matches!(
        segment.append(2, at(1), &vec![0; 64 * 1024 * 1024 + 1]),
        Err(BackupError::EntryTooLarge(_))
    ));
    segment.append(2, at(1), b"").unwrap();
    segment.close(at(2)).unwrap();
    let journal = world.repository().journal(1, &world.identity).unwrap();
    let bodies: Vec<Vec<u8>> = journal.map(|entry| entry.unwrap().body).collect();
    assert!(bodies == [noise(5000), Vec::new()]);
}
