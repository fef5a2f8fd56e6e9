//! Sealing with the map, what verification finds, archives and their return to a whole.

use std::{fs, path::Path};

use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};

use super::{folder, intent, note, open, person};
use crate::{
    Engine, Stop, StoreError,
    archive::{self, Contents},
    archiving::{self, ArchiveError},
    audit::{GENESIS, Hash, Subject},
    engine::DATABASE,
    link::Link,
    map, person_proof,
    seal::{self, Seal},
    sealing,
    verify::{self, Fault, Report, Trust},
};

/// What the engine's clock shows is in 1970; archives are made half a century later.
const NOW: &str = "2026-11-22T03:00:00Z";
const BEFORE: &str = "2021-11-22";

fn now() -> Timestamp {
    Timestamp::parse(NOW).expect("an instant")
}

fn date(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

fn seal_all(engine: &Engine) -> usize {
    let mut total = 0;
    for _ in 0..100 {
        let waiting = engine.look_up(intent(engine), |call| Ok(seal::waiting(call)?));
        // A seal leaves a record of its own, which waits for the next.
        if waiting.wait().expect("a count") <= 1 && total > 0 {
            return total;
        }
        total += engine
            .write(intent(engine), sealing::seal_waiting)
            .wait()
            .expect("seals");
    }
    panic!("sealing does not end");
}

fn work(engine: &Engine, id: PersonId, times: usize) {
    let waiting: Vec<_> = (0..times)
        .map(|_| {
            engine.write(intent(engine), move |call| {
                call.lock(id)?;
                note(call, id).map(|_| ()).map_err(crate::Stop::from)
            })
        })
        .collect();
    for one in waiting {
        one.wait().expect("kept");
    }
}

fn link(folder: &Path) -> Link {
    Link::embedded_reading(&folder.join(DATABASE)).expect("a link")
}

fn check(folder: &Path, trust: &Trust) -> Result<Report, Fault> {
    verify::verify_link(&link(folder), trust, &mut |_| {}).expect("readable")
}

fn whole(folder: &Path) -> Report {
    check(folder, &Trust::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn edit(folder: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(folder.join(DATABASE)).expect("opens");
    connection.execute_batch(sql).expect("edits");
}

/// Three people with some records each, all but the last few sealed.
fn town(name: &str) -> (std::path::PathBuf, [PersonId; 3]) {
    let folder = folder(name);
    let engine = open(&folder).expect("opens");
    let people = [person(&engine), person(&engine), person(&engine)];
    work(&engine, people[0], 4);
    work(&engine, people[1], 2);
    seal_all(&engine);
    work(&engine, people[0], 3);
    seal_all(&engine);
    work(&engine, people[1], 1);
    drop(engine);
    (folder, people)
}

fn seals(folder: &Path) -> Vec<Seal> {
    let link = link(folder);
    let node = link.row(&archiving::NODE, &[], |row| row.array(0));
    let node = kernel::id::NodeId::from_bytes(node.expect("readable").expect("a node"));
    (1..)
        .map_while(|number| seal::read_number(&link, node, number).expect("readable"))
        .collect()
}

#[test]
fn every_seal_signs_the_map_and_the_map_names_each_last_sealed_record() {
    let (folder, people) = town("map");
    let report = whole(&folder);
    assert_eq!(report.records, 3 + 4 + 2 + 3 + 1 + 2);
    // Of the first two people and the node; the third has a record of creation too.
    assert_eq!((report.subjects, report.mapped), (4, 4));
    assert_eq!(report.sealed, report.records - 2);
    let seals = seals(&folder);
    assert!(
        seals.len() == 2
            && seals
                .iter()
                .all(|seal| seal.map_root.is_some() && seal.holds())
    );
    // The root is the one over the last sealed records, worked out from the seals alone.
    let mut pages = Memory::default();
    let mut root = map::EMPTY;
    for seal in &seals {
        let batch: Vec<map::Last> = seal
            .leaves
            .iter()
            .map(|leaf| map::Last {
                subject: leaf.subject,
                seq: leaf.seq,
                hash: leaf.hash,
            })
            .collect();
        root = map::update(&mut pages, &batch).expect("updates");
        assert_eq!(seal.map_root, Some(root));
    }
    let key = map::key(Subject::Person(people[0]));
    let proof = map::prove(&pages, &key).expect("a proof");
    let last = seals[1]
        .leaves
        .iter()
        .rfind(|leaf| leaf.subject == Subject::Person(people[0]));
    let last = last.expect("sealed");
    assert_eq!(last.seq, 8);
    assert!(proof.holds(&root, &key, Some((8, last.hash))));
    fs::remove_dir_all(folder).expect("removed");
}

#[derive(Default)]
struct Memory(std::collections::BTreeMap<Vec<u8>, Vec<u8>>);

impl map::Pages for Memory {
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(path).cloned())
    }

    fn save(&mut self, path: &[u8], body: &[u8]) -> Result<(), StoreError> {
        self.0.insert(path.to_vec(), body.to_vec());
        Ok(())
    }
}

/// Makes the seals what a program without the map would have left: signed in the first form,
/// each naming the one before, and no map.
fn as_the_program_before(folder: &Path) {
    let engine = open(folder).expect("opens");
    let mut previous = GENESIS;
    let connection = rusqlite::Connection::open(folder.join(DATABASE)).expect("opens");
    for mut seal in seals(folder) {
        seal.map_root = None;
        seal.previous = previous;
        seal.signature = engine
            .node()
            .signer
            .sign(&seal.signed_text())
            .as_ref()
            .to_vec();
        previous = seal.hash();
        connection
            .execute(
                "UPDATE audit_seal SET map_root = NULL, previous = ?2, signature = ?3
                 WHERE seal_no = ?1",
                rusqlite::params![seal.number, &seal.previous[..], seal.signature],
            )
            .expect("edits");
    }
    connection
        .execute_batch("DELETE FROM audit_map; DELETE FROM audit_map_head")
        .expect("edits");
}

#[test]
fn seals_of_the_program_before_are_brought_into_the_map_one_an_operation() {
    let (folder, _) = town("before");
    as_the_program_before(&folder);
    let report = whole(&folder);
    assert_eq!((report.mapped, report.seals), (0, 2));
    let engine = open(&folder).expect("opens");
    let step = || {
        let sealed = engine.write(intent(&engine), sealing::seal_waiting);
        sealed.wait().expect("a step")
    };
    assert_eq!(step(), 0);
    let half = whole(&folder);
    assert_eq!((half.seals, half.mapped), (2, 3));
    assert_eq!(step(), 0);
    assert_eq!(whole(&folder).mapped, 4);
    // Now it seals: what waited, and the records of the two steps.
    assert_eq!(step(), 4);
    drop(engine);
    let report = whole(&folder);
    assert_eq!((report.seals, report.mapped), (3, 4));
    let forms: Vec<bool> = seals(&folder)
        .iter()
        .map(|s| s.map_root.is_some())
        .collect();
    assert_eq!(forms, [false, false, true]);
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_plan_that_another_seal_overtook_writes_nothing() {
    let (folder, _) = town("overtaken");
    let engine = open(&folder).expect("opens");
    let plan = engine.look_up(intent(&engine), sealing::plan);
    let plan = plan.wait().expect("a plan").expect("something waits");
    let first = engine.write(intent(&engine), sealing::seal_waiting);
    assert_eq!(first.wait().expect("seals"), 2);
    let late = engine.write(intent(&engine), move |call| sealing::keep(call, &plan));
    assert_eq!(late.wait().expect("refuses quietly"), 0);
    drop(engine);
    assert_eq!(whole(&folder).seals, 3);
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn whatever_is_edited_is_found_and_named() {
    let (folder, people) = town("edits");
    let pristine = folder.with_extension("pristine");
    let _absent = fs::remove_dir_all(&pristine);
    fs::create_dir_all(&pristine).expect("a folder");
    fs::copy(folder.join(DATABASE), pristine.join(DATABASE)).expect("copied");
    let first = people.iter().min().expect("people");
    let me = format!("x'{}'", people[0].to_hex());
    let cases = [
        // The tail and its head, the place and all: the seal knows.
        (
            format!("DELETE FROM person_audit WHERE person_id = {me} AND seq = 8;
                UPDATE person_head SET audit_seq = 7, audit_hash = (SELECT hash FROM person_audit
                WHERE person_id = {me} AND seq = 7) WHERE person_id = {me};
                DELETE FROM audit_leaf WHERE subject_id = {me} AND seq = 8"),
            ("person_audit", Some(Subject::Person(people[0])), 8),
        ),
        (
            format!("DELETE FROM audit_leaf WHERE subject_id = {me} AND seq = 8"),
            ("audit_leaf", None, 2),
        ),
        (
            format!("UPDATE audit_leaf SET seal_no = 9 WHERE subject_id = {me} AND seq = 8"),
            ("audit_leaf", Some(Subject::Person(people[0])), 8),
        ),
        (
            format!("UPDATE audit_leaf SET leaf_index = leaf_index + 1 WHERE subject_id = {me} AND seq = 8"),
            ("audit_leaf", None, 2),
        ),
        (
            format!("DELETE FROM person_head WHERE person_id = {me}"),
            ("person_audit", Some(Subject::Person(people[0])), 1),
        ),
        (
            format!("DELETE FROM person_audit WHERE person_id = {me}; DELETE FROM person_head WHERE person_id = {me}"),
            ("person_audit", Some(Subject::Person(people[0])), 1),
        ),
        (
            "UPDATE person_head SET audit_seq = audit_seq + 1".to_owned(),
            ("person_audit", Some(Subject::Person(*first)), last_of(&people, first) + 1),
        ),
        (
            "UPDATE audit_seal SET at = at + 1 WHERE seal_no = 2".to_owned(),
            ("audit_seal", None, 2),
        ),
        (
            "UPDATE audit_seal SET map_root = NULL WHERE seal_no = 2".to_owned(),
            ("audit_seal", None, 2),
        ),
        (
            "DELETE FROM audit_seal WHERE seal_no = 1".to_owned(),
            ("audit_seal", None, 2),
        ),
        ("DELETE FROM audit_pending".to_owned(), ("audit_pending", None, 0)),
        (
            "UPDATE audit_pending SET hash = zeroblob(32) WHERE subject_kind = 1".to_owned(),
            ("audit_pending", None, 0),
        ),
        (
            "DELETE FROM audit_map".to_owned(),
            ("audit_map", Some(Subject::Person(*first)), sealed_of(&people, first)),
        ),
        (
            // The key stays, the number of the first leaf changes.
            "UPDATE audit_map SET body = CAST(substr(body, 1, 25) || x'63' || substr(body, 27) AS BLOB)".to_owned(),
            ("audit_map", None, 0),
        ),
        (
            "INSERT INTO audit_map SELECT node_id, x'0f0f', body FROM audit_map".to_owned(),
            ("audit_map", None, 2),
        ),
        (
            "UPDATE audit_map_head SET root = zeroblob(32)".to_owned(),
            ("audit_map_head", None, 2),
        ),
        (
            "UPDATE audit_map_head SET seal_no = 1".to_owned(),
            ("audit_map_head", None, 1),
        ),
        (
            format!("UPDATE person_head SET base_seq = 2, base_archive = 1, base_hash =
                (SELECT hash FROM person_audit WHERE person_id = {me} AND seq = 2) WHERE person_id = {me};
                DELETE FROM person_audit WHERE person_id = {me} AND seq <= 2"),
            ("audit_archive", Some(Subject::Person(people[0])), 2),
        ),
    ];
    for (sql, (table, subject, seq)) in cases {
        edit(&folder, &sql);
        let fault = check(&folder, &Trust::default()).expect_err(&sql);
        assert_eq!(fault.table, table, "{sql}: {fault}");
        // Which leaf comes first in the map depends on random identifiers.
        if (table, seq) != ("audit_map", 0) {
            assert_eq!((fault.subject, fault.seq), (subject, seq), "{sql}: {fault}");
        }
        for name in [DATABASE, "tasuki.db-wal", "tasuki.db-shm"] {
            let _absent = fs::remove_file(folder.join(name));
        }
        fs::copy(pristine.join(DATABASE), folder.join(DATABASE)).expect("copied");
    }
    whole(&folder);
    fs::remove_dir_all(folder).expect("removed");
    fs::remove_dir_all(pristine).expect("removed");
}

/// The number of a person's last record in [`town`], and of the last sealed one.
fn last_of(people: &[PersonId; 3], who: &PersonId) -> i64 {
    [8, 4, 1][people.iter().position(|id| id == who).expect("one of them")]
}

fn sealed_of(people: &[PersonId; 3], who: &PersonId) -> i64 {
    [8, 3, 1][people.iter().position(|id| id == who).expect("one of them")]
}

#[test]
fn a_seal_by_another_key_is_refused_when_the_key_is_known() {
    let (folder, _) = town("otherkey");
    let key = seals(&folder)[0].public_key.clone();
    let trust = |key| Trust {
        key: Some(key),
        archives: Vec::new(),
    };
    assert!(check(&folder, &trust(key)).is_ok());
    let fault = check(&folder, &trust(vec![0; 32])).expect_err("another key");
    assert_eq!((fault.table, fault.seq), ("audit_seal", 1));
    fs::remove_dir_all(folder).expect("removed");
}

/// Takes every step of an archive out of the database, or only the first `most`.
fn remove(engine: &Engine, contents: &Contents, most: usize) -> usize {
    let mut done = 0;
    for (subject, span) in &contents.spans {
        let mut from = span.base;
        for to in &span.steps {
            if done == most {
                return done;
            }
            let (subject, to, number) = (*subject, *to, contents.header.number);
            let step = engine.write(intent(engine), move |call| {
                archiving::remove(call, subject, &from, &to, number)
            });
            step.wait().expect("removed");
            from = to;
            done += 1;
        }
    }
    done
}

fn archive(folder: &Path, engine: &Engine, file: &Path) -> Contents {
    let ready = archiving::prepare(&link(folder), date(BEFORE), now(), file);
    let ready = ready.expect("an archive").expect("old records");
    let contents = ready.contents;
    if !ready.is_listed {
        let listed = contents.clone();
        let list = engine.write(intent(engine), move |call| archiving::list(call, &listed));
        list.wait().expect("listed");
    }
    contents
}

fn with(archives: &[&Path]) -> Trust {
    Trust {
        key: None,
        archives: archives.iter().map(|path| path.to_path_buf()).collect(),
    }
}

#[test]
fn archived_records_leave_the_database_and_the_log_stays_whole() {
    let (folder, people) = town("archive");
    let file = folder.join("1.archive");
    let engine = open(&folder).expect("opens");
    let before = whole(&folder);
    let contents = archive(&folder, &engine, &file);
    // All sealed ones; the two that wait stay.
    assert_eq!(contents.records, before.sealed);
    remove(&engine, &contents, usize::MAX);
    let report = check(&folder, &with(&[&file])).expect("whole");
    assert_eq!((report.archives, report.archived), (1, 4));
    // Left are what waited, the list's record, and for each subject that of the removal.
    assert_eq!(report.records, 2 + 1 + 4);
    assert_eq!(whole(&folder).archives, 0);

    // The person's own chain says so, and the removal is in it.
    let me = Subject::Person(people[0]);
    let seen = engine.read(intent(&engine), move |call| {
        call.open(people[0])?;
        Ok((
            call.history(me, i64::MAX, 9)?,
            archiving::archived(call, me)?,
        ))
    });
    let (entries, archived) = seen.wait().expect("a history");
    assert_eq!(entries.last().map(|entry| entry.seq), Some(9));
    assert_eq!(entries[0].record.detail("through"), Some("8"));
    let archived = archived.expect("archived");
    assert_eq!((archived.through.seq, archived.number), (8, 1));
    assert_eq!(archived.sha256, contents.sha256);

    // Life goes on: more seals, then a second archive that follows the first.
    work(&engine, people[0], 2);
    seal_all(&engine);
    let second = folder.join("2.archive");
    let next = archive(&folder, &engine, &second);
    assert_eq!(
        (next.header.number, next.header.previous),
        (2, contents.sha256)
    );
    assert_eq!(next.spans[&me].base.seq, 8);
    remove(&engine, &next, usize::MAX);
    drop(engine);
    let report = check(&folder, &with(&[&file, &second])).expect("whole");
    assert_eq!(report.archives, 2);
    let missing = check(&folder, &with(&[&file])).expect_err("one is missing");
    assert_eq!((missing.table, missing.seq), ("audit_archive", 2));
    let swapped = check(&folder, &with(&[&second, &file])).expect_err("swapped");
    assert_eq!((swapped.table, swapped.seq), ("audit_archive", 1));
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn archiving_that_was_cut_off_goes_on_with_the_same_file() {
    let (folder, people) = town("resume");
    let file = folder.join("1.archive");
    // Cut off while writing: only the part is there, and it is written anew.
    fs::write(folder.join("1.archive.part"), b"half").expect("written");
    let engine = open(&folder).expect("opens");
    work(&engine, people[2], 1_100);
    seal_all(&engine);
    let prepare = || archiving::prepare(&link(&folder), date(BEFORE), now(), &file);
    let ready = prepare().expect("an archive").expect("old records");
    let bytes = fs::read(&file).expect("written");
    // Cut off before it was listed: found again, not written again.
    work(&engine, people[2], 1);
    let again = prepare().expect("an archive").expect("found");
    assert!(!again.is_listed && again.contents == ready.contents);
    assert_eq!(fs::read(&file).expect("there"), bytes);
    let contents = archive(&folder, &engine, &file);
    // Cut off after each step: the log is whole with the archive and without.
    let steps: usize = contents.spans.values().map(|span| span.steps.len()).sum();
    assert_eq!(steps, 4 + 2);
    for most in 0..=steps {
        remove(&engine, &contents, most);
        check(&folder, &with(&[&file])).unwrap_or_else(|fault| panic!("{most}: {fault}"));
        whole(&folder);
        assert!(prepare().expect("an archive").expect("found").is_listed);
    }
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn nothing_younger_than_the_rule_is_archived() {
    let (folder, _) = town("young");
    let file = folder.join("1.archive");
    let prepare = |before| archiving::prepare(&link(&folder), date(before), now(), &file);
    let Err(ArchiveError::TooYoung { years, limit }) = prepare("2021-11-23") else {
        panic!("archived");
    };
    assert_eq!((years, limit), (5, date("2021-11-22")));
    assert!(!file.exists());
    // Nothing is so old: no file, no number used.
    assert!(prepare("1970-01-01").expect("nothing to do").is_none());
    assert!(!file.exists() && !folder.join("1.archive.part").exists());
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_file_that_is_not_the_next_archive_is_left_alone_and_nothing_is_deleted() {
    let (folder, _) = town("taken");
    let file = folder.join("1.archive");
    fs::write(&file, b"a letter\n").expect("written");
    let prepare = || archiving::prepare(&link(&folder), date(BEFORE), now(), &file);
    assert!(matches!(prepare(), Err(ArchiveError::Taken(_))));
    assert_eq!(fs::read(&file).expect("there"), b"a letter\n");
    fs::remove_file(&file).expect("removed");
    prepare().expect("an archive").expect("old records");
    let mut bytes = fs::read(&file).expect("written");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).expect("written");
    assert!(matches!(prepare(), Err(ArchiveError::Unsound(_))));
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn records_that_the_archive_does_not_hold_are_not_deleted() {
    let (folder, people) = town("differs");
    let file = folder.join("1.archive");
    let engine = open(&folder).expect("opens");
    let contents = archive(&folder, &engine, &file);
    let me = Subject::Person(people[0]);
    let span = contents.spans[&me].clone();
    let forged: Hash = [7; 32];
    let mut to = span.last();
    to.hash = forged;
    let refused = engine.write(intent(&engine), move |call| {
        archiving::remove(call, me, &span.base, &to, 1)
    });
    assert!(matches!(
        refused.wait(),
        Err(Stop::Failed(StoreError::Corrupt(_)))
    ));
    let twice = engine.write(intent(&engine), move |call| {
        archiving::list(call, &contents)
    });
    assert!(matches!(
        twice.wait(),
        Err(Stop::Failed(StoreError::Corrupt(_)))
    ));
    drop(engine);
    assert_eq!(whole(&folder).archived, 0);
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_changed_archive_is_named_by_its_number() {
    let (folder, _) = town("changed");
    let file = folder.join("1.archive");
    let engine = open(&folder).expect("opens");
    let contents = archive(&folder, &engine, &file);
    remove(&engine, &contents, usize::MAX);
    drop(engine);
    let text = fs::read_to_string(&file).expect("read");
    let number = |text: String| {
        fs::write(&file, text).expect("written");
        let fault = check(&folder, &with(&[&file])).expect_err("changed");
        assert_eq!(fault.table, "audit_archive");
        fault.seq
    };
    assert_eq!(number(text.replacen(r#""at":"#, r#""at":1"#, 1)), 1);
    // Sound by itself, but not the one that was listed.
    assert_eq!(
        number(text.replacen(r#""made_at":"#, r#""made_at":1"#, 1)),
        1
    );
    assert_eq!(number(String::new()), 1);
    fs::write(&file, &text).expect("written");
    check(&folder, &with(&[&file])).expect("whole again");
    // A beginning that the archive does not end with.
    edit(&folder, "UPDATE facility_head SET base_seq = 0");
    edit(&folder, "UPDATE node_head SET base_hash = zeroblob(32)");
    let fault = check(&folder, &with(&[&file])).expect_err("another base");
    assert_eq!(fault.table, "audit_archive");
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn an_archive_is_read_by_its_text_alone() {
    let (folder, _) = town("text");
    let file = folder.join("1.archive");
    let engine = open(&folder).expect("opens");
    let contents = archive(&folder, &engine, &file);
    drop(engine);
    fs::remove_file(folder.join(DATABASE)).expect("removed");
    let bytes = fs::read(&file).expect("read");
    assert_eq!(archive::check(&bytes[..]).expect("sound"), contents);
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn nobody_has_no_proof_and_somebody_has_one_at_any_time() {
    let (folder, people) = town("proof");
    let made = |id| person_proof::make(&link(&folder), id, now()).expect("readable");
    assert!(made(PersonId::from_bytes([9; 16])).is_none());
    let json = |id| serde_json::to_value(made(id).expect("a person")).expect("JSON");
    let file = json(people[1]);
    assert_eq!(file["records"].as_array().expect("a list").len(), 4);
    assert_eq!(
        (&file["unsealed"], &file["map"]["leaf"]["seq"]),
        (&1.into(), &3.into())
    );
    as_the_program_before(&folder);
    // No seal signs a map: the file says so by having none.
    assert!(json(people[1])["map"].is_null());
    fs::remove_dir_all(folder).expect("removed");
}
