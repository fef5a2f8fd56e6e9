//! The log over the whole program: a history proved to strangers, archives, the commands.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use kernel::{
    id::PersonId,
    time::{Clock, JstDate, Timestamp},
};
use peers::person_proof::{self, Doubt};
use serde_json::Value;
use store::{
    Engine, Options,
    archive::Contents,
    archiving,
    audit::Subject,
    person_proof as proofs, seal, sealing,
    verify::{self, Trust},
};
use testkit::World;

fn life(world: &World) -> testkit::population::Life {
    let today = world.app.gate.now().jst_date();
    let lives = testkit::population::Population::new(7, 1, today);
    lives.iter().next().expect("a life")
}

fn proof(world: &World, person: PersonId) -> Value {
    let made = proofs::make(&world.link(), person, world.app.gate.now());
    let made = made.expect("readable").expect("a person");
    serde_json::to_value(made).expect("JSON")
}

fn examined(world: &World, file: &Value) -> Result<person_proof::Shown, Doubt> {
    let key = world.app.gate.seal_key();
    person_proof::examine(file.to_string().as_bytes(), Some(&key))
}

#[test]
fn a_persons_whole_history_is_proved_to_a_stranger() {
    let world = World::new(vec![portal::service()]);
    let person = world.person(&life(&world));
    let me = world.patient(person);
    // Before anything is sealed, nothing shows that the file is whole.
    assert_eq!(examined(&world, &proof(&world, person)), Err(Doubt::NoMap));
    for _ in 0..3 {
        assert_eq!(world.get(&me, "/portal/history").status, 200);
    }
    world.app.gate.seal().expect("sealed");
    let file = proof(&world, person);
    let shown = examined(&world, &file).expect("whole");
    let records = file["records"].as_array().expect("a list").len();
    assert!(records >= 4, "{records}");
    assert_eq!(usize::try_from(shown.records), Ok(records));
    assert_eq!((shown.unsealed, shown.base), (0, 0));
    // What comes after the seal is counted and told, not hidden.
    assert_eq!(world.get(&me, "/portal/history").status, 200);
    let later = proof(&world, person);
    assert_eq!(examined(&world, &later).expect("whole").unsealed, 1);
    world.app.gate.seal().expect("sealed");
    let shown = examined(&world, &proof(&world, person)).expect("whole");
    assert_eq!(
        (shown.unsealed, usize::try_from(shown.records)),
        (0, Ok(records + 1))
    );
    // Nobody can leave a record out, at either end.
    let mut without = file.clone();
    without["records"].as_array_mut().expect("a list").pop();
    assert!(matches!(
        examined(&world, &without),
        Err(Doubt::NotComplete { .. })
    ));
    let mut without = file;
    without["records"].as_array_mut().expect("a list").remove(0);
    assert_eq!(examined(&world, &without), Err(Doubt::Gap(1)));
}

/// Archives what is older than five years at the world's present, and removes it.
fn archive(world: &World, file: &Path) -> Contents {
    let gate = &world.app.gate;
    let before = gate.now().jst_date().plus_years(-5);
    let ready = archiving::prepare(&world.link(), before, gate.now(), file);
    let contents = ready.expect("an archive").expect("old records").contents;
    let intent = || gate.job_intent("archiver", &archiving::EVENT);
    let listed = contents.clone();
    let list = gate.write(intent(), move |call| archiving::list(call, &listed));
    list.wait().expect("listed");
    let number = contents.header.number;
    for (subject, span) in &contents.spans {
        let mut from = span.base;
        for to in &span.steps {
            let (subject, to) = (*subject, *to);
            let step = gate.write(intent(), move |call| {
                archiving::remove(call, subject, &from, &to, number)
            });
            step.wait().expect("removed");
            from = to;
        }
    }
    contents
}

#[test]
fn after_five_years_a_history_goes_on_in_an_archive_and_says_so() {
    let world = World::new(vec![portal::service()]);
    let person = world.person(&life(&world));
    let me = world.patient(person);
    assert_eq!(world.get(&me, "/portal/history").status, 200);
    world.app.gate.seal().expect("sealed");
    let plain = world.get(&me, "/portal/history").text();
    assert!(!plain.contains("アーカイブ"), "{plain}");

    const SIX_YEARS: i64 = 6 * 366 * 86_400;
    world.clock.advance(SIX_YEARS);
    world.app.gate.seal().expect("sealed");
    let folder = std::env::temp_dir().join(format!("tasuki-archive-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("1.archive");
    let contents = archive(&world, &file);
    let span = &contents.spans[&Subject::Person(person)];
    assert!(span.last().seq >= 3, "{span:?}");

    let me = world.patient(person);
    let page = world.get(&me, "/portal/history").text();
    let words = format!("1 から {} まで", span.last().seq);
    assert!(page.contains(&words), "{page}");
    assert!(page.contains("アーカイブ(保管ファイル)への移動"), "{page}");
    let trust = Trust {
        key: Some(world.app.gate.seal_key()),
        archives: vec![file.clone()],
    };
    let report = verify::verify_link(&world.link(), &trust, &mut |_| {});
    let report = report
        .expect("readable")
        .unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(report.archives, 1);
    world.app.gate.seal().expect("sealed");
    let shown = examined(&world, &proof(&world, person)).expect("whole");
    assert_eq!(shown.archive, Some((1, contents.sha256)));
    assert_eq!(i64::try_from(shown.base), Ok(span.last().seq));
    fs::remove_dir_all(folder).expect("removed");
}

struct Past;

impl Clock for Past {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2015-06-01T03:00:00Z").expect("an instant")
    }
}

fn tasuki(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(args)
        .output()
        .expect("the program runs")
}

fn told(out: &Output) -> String {
    String::from_utf8_lossy(&[&out.stdout[..], &out.stderr].concat()).into_owned()
}

/// A data folder of 2015 with one person, sealed; nobody holds it.
fn old_folder(name: &str) -> (PathBuf, PersonId) {
    let folder = std::env::temp_dir().join(format!("tasuki-audit-{}-{name}", std::process::id()));
    let _absent = fs::remove_dir_all(&folder);
    let options = Options::embedded(folder.clone(), tasuki::program::schemas(), Arc::new(Past));
    let gate = access::Gate::new(Engine::open(options).expect("opens"));
    let person = PersonId::from_bytes([0x5a; 16]);
    let intent = || gate.job_intent("archiver", &archiving::EVENT);
    let made = gate.write(intent(), move |call| call.create(person));
    made.wait().expect("made");
    for _ in 0..4 {
        let touched = gate.write(intent(), move |call| call.lock(person));
        touched.wait().expect("touched");
    }
    while gate
        .look_up(|call| Ok(seal::waiting(call)?))
        .wait()
        .expect("a count")
        > 1
    {
        gate.write(intent(), sealing::seal_waiting)
            .wait()
            .expect("sealed");
    }
    (folder, person)
}

#[test]
fn the_commands_archive_prove_and_check_what_they_wrote() {
    let (folder, person) = old_folder("commands");
    let path = |name: &str| folder.join(name).display().to_string();
    let data = folder.display().to_string();
    let (first, out) = (path("1.archive"), path("proof.json"));

    let today = tasuki::program::SystemClock.now().jst_date();
    let young = today.plus_years(-4).to_string();
    let archive = |before: &str| {
        tasuki(&[
            "audit", "archive", "--data", &data, "--before", before, "--to", &first,
        ])
    };
    let refused = archive(&young);
    assert!(!refused.status.success());
    let limit = today.plus_years(-5).to_string();
    assert!(told(&refused).contains(&limit), "{}", told(&refused));
    assert!(!Path::new(&first).exists());

    let done = archive("2016-01-01");
    assert!(done.status.success(), "{}", told(&done));
    let until = JstDate::new(2031, 1, 1).expect("a date").to_string();
    assert!(told(&done).contains(&until), "{}", told(&done));
    let again = archive("2016-01-01");
    assert!(
        told(&again).contains("0 left the database"),
        "{}",
        told(&again)
    );

    let plain = tasuki(&["audit", "verify", "--data", &data]);
    assert!(plain.status.success(), "{}", told(&plain));
    assert!(told(&plain).contains("--archive"), "{}", told(&plain));
    let full = tasuki(&["audit", "verify", "--data", &data, "--archive", &first]);
    assert!(full.status.success(), "{}", told(&full));
    assert!(told(&full).contains("1 archives fit"), "{}", told(&full));

    let hex = person.to_hex();
    let made = tasuki(&[
        "audit", "proof", "--data", &data, "--person", &hex, "--out", &out,
    ]);
    assert!(made.status.success(), "{}", told(&made));
    let held = tasuki(&["audit", "check", &out]);
    assert!(held.status.success(), "{}", told(&held));
    assert!(told(&held).contains("up to number 5"), "{}", told(&held));
    let other = tasuki(&["audit", "check", &out, "--key", &"00".repeat(32)]);
    assert!(!other.status.success() && told(&other).contains("another key"));
    let nobody = "00".repeat(16);
    let none = tasuki(&["audit", "proof", "--data", &data, "--person", &nobody]);
    assert!(!none.status.success(), "{}", told(&none));

    let text = fs::read_to_string(&out).expect("read");
    fs::write(&out, text.replacen("\"unsealed\":0", "\"unsealed\":1", 1)).expect("written");
    let doubted = tasuki(&["audit", "check", &out]);
    assert!(!doubted.status.success(), "{}", told(&doubted));
    fs::remove_dir_all(folder).expect("removed");
}
