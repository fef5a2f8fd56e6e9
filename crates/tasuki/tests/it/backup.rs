//! Backups as the operator has them: kept under load, restored after a crash, refused when a
//! byte is wrong.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use kernel::time::Timestamp;

use crate::operator::{
    Folder, Kept, Known, Load, Program, Visit, Wire, audit_is_whole, files, now, seeded, tasuki,
    until, visits,
};

fn instant(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}

fn ids<'v>(visits: impl Iterator<Item = &'v Visit>) -> BTreeSet<String> {
    visits.map(|visit| visit.id.clone()).collect()
}

#[test]
fn after_a_kill_any_instant_is_restored_and_the_same_repository_goes_on() {
    let folder = Folder::new("instant");
    let data = seeded(&folder, "40");
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    let load = Load::start(&program.address, &Known::of(&data));
    until("a generation", || kept.generations().len() == 1);
    until("a segment", || kept.segments() >= 1);
    load.go_on(50);
    let middle = now();
    // The segment that the instant falls into is closed, and one more.
    let segments = kept.segments();
    until("two more segments", || kept.segments() >= segments + 2);
    load.go_on(20);
    program.kill();
    let (acknowledged, failed) = load.end();
    assert!(failed.is_empty(), "{failed:?}");
    let before = ids(acknowledged.iter().filter(|v| v.answered < middle));
    let after = ids(acknowledged.iter().filter(|v| v.asked > middle));
    assert!(before.len() >= 50 && after.len() >= 20);

    // The instant.
    let then = folder.at("then");
    let told = kept.restore(&then, &["--until", &instant(middle)]).well();
    assert!(
        told.contains("audit log") && told.contains(&instant(middle)),
        "{told}"
    );
    audit_is_whole(&then);
    let there = visits(&then);
    assert!(
        before.is_subset(&there),
        "lost: {:?}",
        before.difference(&there)
    );
    assert!(after.is_disjoint(&there), "too late");

    // All of it: nothing is lost but what the segment under work held.
    let last = kept.generations()[0].restorable_until.micros();
    let all = folder.at("all");
    kept.restore(&all, &[]).well();
    audit_is_whole(&all);
    let there = visits(&all);
    let due = ids(acknowledged.iter().filter(|v| v.answered <= last));
    assert!(due.is_subset(&there), "lost: {:?}", due.difference(&there));
    assert!(due.len() > before.len());

    // It serves, and the repository goes on with it, by a new generation.
    let program = Program::serve(&then, &keeping);
    until("a new generation", || kept.generations().len() == 2);
    let load = Load::start(&program.address, &Known::of(&data));
    let segments = kept.segments();
    until("a segment", || kept.segments() > segments);
    load.go_on(5);
    program.stop();
    let (later, failed) = load.end();
    assert!(failed.is_empty(), "{failed:?}");
    let again = folder.at("again");
    kept.restore(&again, &[]).well();
    let there = visits(&again);
    assert!(before.is_subset(&there) && ids(later.iter()).is_subset(&there));
    assert!(after.is_disjoint(&there));
    // The first history is still there, up to where it broke off.
    let first = folder.at("first");
    let told = kept.restore(&first, &["--generation", "1"]).well();
    assert!(told.contains("ends here"), "{told}");
    assert!(due.is_subset(&visits(&first)));
    // Served on both sides, the histories would mix: whoever comes second is refused.
    let words = Program::try_serve(&all, &keeping).err().expect("refused");
    assert!(words.contains("backup init"), "{words}");
    tasuki(&[&["backup", "verify"], &kept.source()[..]].concat()).well();
}

#[test]
fn a_crash_costs_a_new_generation_and_a_clean_stop_does_not() {
    let folder = Folder::new("crash");
    let data = seeded(&folder, "10");
    let known = Known::of(&data);
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let work = |program: &Program, checks| {
        let mut wire = Wire::open(&program.address).expect("a connection");
        for index in 0..checks {
            assert_eq!(known.check(&mut wire, index).expect("an answer").0, 200);
        }
    };
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    work(&program, 5);
    program.stop();
    assert_eq!(kept.segments(), 1, "written at the stop");
    let program = Program::serve(&data, &keeping);
    work(&program, 5);
    program.stop();
    assert_eq!(
        (kept.generations().len(), kept.segments()),
        (1, 2),
        "it goes on"
    );
    // Killed before the segment was written: the gap is seen, nothing is refused.
    let program = Program::serve(&data, &["--backup", &kept.to, "--backup-seconds", "60"]);
    work(&program, 5);
    program.kill();
    let program = Program::serve(&data, &keeping);
    work(&program, 5);
    until("a new generation", || kept.generations().len() == 2);
    program.stop();
    // What is written while nobody keeps a journal is a gap too.
    let program = Program::serve(&data, &[]);
    work(&program, 5);
    program.stop();
    let program = Program::serve(&data, &keeping);
    until("a new generation", || kept.generations().len() == 3);
    work(&program, 5);
    program.stop();
    let restored = folder.at("restored");
    kept.restore(&restored, &[]).well();
    audit_is_whole(&restored);
    assert_eq!(visits(&restored), visits(&data));
    // The second generation is followed up to the gap, and says so.
    let second = folder.at("second");
    let told = kept.restore(&second, &["--generation", "2"]).well();
    assert!(told.contains("ends here"), "{told}");
    assert_eq!(visits(&second).len(), visits(&data).len() - 10);
}

#[test]
fn one_flipped_byte_in_any_file_is_refused_by_its_name() {
    let folder = Folder::new("flip");
    let data = seeded(&folder, "10");
    let known = Known::of(&data);
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    let mut wire = Wire::open(&program.address).expect("a connection");
    assert_eq!(known.check(&mut wire, 0).expect("an answer").0, 200);
    until("a segment", || kept.segments() >= 1);
    program.stop();

    let drill = ["backup", "drill", "--scratch", &folder.at("")];
    let drill = [&drill[..], &kept.source()[..]].concat();
    let told = tasuki(&drill).well();
    assert!(
        told.contains("recovery time") && told.contains("recovery point"),
        "{told}"
    );
    let refused = kept.restore(&data, &[]);
    refused.refused(&["give an empty folder"]);
    let fresh = folder.at("fresh");
    let words = [
        &["backup", "restore", "--data", &fresh],
        &kept.one_share()[..],
    ]
    .concat();
    tasuki(&words).refused(&["second keeper"]);
    kept.restore(&fresh, &["--generation", "9"])
        .refused(&["there is no generation 9"]);
    assert!(
        files(Path::new(&fresh))
            .iter()
            .all(|file| file.ends_with("lock"))
    );

    let repository = Path::new(&kept.to);
    let names: Vec<String> = files(repository)
        .iter()
        .filter_map(|path| {
            path.strip_prefix(repository)
                .ok()?
                .to_str()
                .map(str::to_owned)
        })
        .filter(|name| !["lock", "README.txt"].contains(&name.as_str()))
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in &names {
        let path = repository.join(name);
        let whole = fs::read(&path).expect("read");
        let mut changed = whole.clone();
        let place = changed.len() / 2;
        changed[place] ^= 0x10;
        fs::write(&path, &changed).expect("written");
        let verify = [&["backup", "verify"], &kept.source()[..]].concat();
        tasuki(&verify).refused(&[name]);
        // A restore needs neither the head nor both copies of the keys.
        let is_twice = name.starts_with("keys/") && !name.ends_with("manifest.json");
        let needed = name != "head.json" && !is_twice;
        let to = folder.at("flipped");
        let told = kept.restore(&to, &[]);
        if needed {
            told.refused(&[name]);
            assert!(!Path::new(&to).join("tasuki.db").exists(), "{name}");
            if name.starts_with("generations/") {
                tasuki(&drill).refused(&[name]);
            }
        } else {
            told.well();
        }
        let _left = fs::remove_dir_all(&to);
        fs::write(&path, &whole).expect("written");
    }
    tasuki(&[&["backup", "verify"], &kept.source()[..]].concat()).well();
}

#[test]
fn an_export_is_carried_away_and_restored_by_two_of_its_own_shares() {
    let folder = Folder::new("export");
    let data = seeded(&folder, "10");
    let kept = Kept::new(&folder, "repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    let told = tasuki(&["backup", "now", "--data", &data]).well();
    assert!(told.contains("generation 2"), "{told}");
    program.stop();
    let (file, shares) = (folder.at("carried.tasuki"), folder.at("carried-shares"));
    let export = ["backup", "export", "--to", &file, "--shares", &shares];
    tasuki(&[&export[..], &kept.source()[..]].concat()).well();
    let share = |n: u8| format!("{shares}/share-{n}.txt");
    let (to, key) = (folder.at("imported"), folder.at("key.txt"));
    let import = [
        "backup",
        "import",
        "--file",
        &file,
        "--to",
        &to,
        "--identity",
        &key,
    ];
    let one = share(1);
    tasuki(&[&import[..], &["--share", &one]].concat()).refused(&["second keeper"]);
    let three = share(3);
    tasuki(&[&import[..], &["--share", &one, "--share", &three]].concat()).well();
    let restored = folder.at("restored");
    let restore = [
        "backup",
        "restore",
        "--data",
        &restored,
        "--from",
        &to,
        "--identity",
        &key,
    ];
    tasuki(&restore).well();
    audit_is_whole(&restored);
    assert_eq!(visits(&restored), visits(&data));
    // Nothing serves: then there is nobody who could make a generation.
    tasuki(&["backup", "now", "--data", &data]).refused(&["serve --backup"]);
    tasuki(&["backup", "now", "--data", &folder.at("slip")]).refused(&["serve --backup"]);
    assert!(!Path::new(&folder.at("slip")).exists());
}

/// A small disk of memory, for whoever may mount one; gone at the end.
struct SmallDisk(String);

impl SmallDisk {
    fn mount(folder: &Folder) -> Option<Self> {
        let at = folder.at("disk");
        fs::create_dir(&at).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs", &at])
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(at))
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = fs::File::create(format!("{}/ballast", self.0)).expect("a file");
        while file.write_all(&[0; 4_096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(format!("{}/ballast", self.0)).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _left = Command::new("umount").args(["-l", &self.0]).status();
    }
}

#[test]
fn a_full_repository_stops_nobody_and_catches_up_when_there_is_room() {
    let folder = Folder::new("full");
    let data = seeded(&folder, "10");
    let Some(disk) = SmallDisk::mount(&folder) else {
        eprintln!("SKIPPED: a full disk under the repository (no leave to mount one)");
        return;
    };
    let kept = Kept::new(&folder, "disk/repository", &data);
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    let load = Load::paced(
        &program.address,
        &Known::of(&data),
        Duration::from_millis(50),
    );
    until("a segment", || kept.segments() > 0);
    assert_eq!(program.ready(), 200);
    disk.fill();
    let segments = kept.segments();
    until("the program says that it is late", || {
        program.ready() == 503
    });
    load.go_on(50);
    assert!(kept.segments() <= segments + 1);
    // A generation cannot be made either, and says why; the old one is whole.
    tasuki(&["backup", "now", "--data", &data]).refused(&["full"]);
    assert_eq!(kept.generations().len(), 1);
    let older = folder.at("older");
    kept.restore(&older, &[]).well();
    disk.make_room();
    until("it has caught up", || program.ready() == 200);
    load.go_on(10);
    let (visits_made, failed) = load.end();
    assert!(failed.is_empty(), "{failed:?}");
    let log = program.stop();
    let restored = folder.at("restored");
    let told = kept.restore(&restored, &[]).well();
    audit_is_whole(&restored);
    let (due, there) = (ids(visits_made.iter()), visits(&restored));
    assert!(
        due.is_subset(&there),
        "{} of {} are there: {told}{log}",
        there.len(),
        due.len()
    );
}
