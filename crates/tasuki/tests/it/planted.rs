//! Nobody's name, number or illness can be read where the program keeps its data: every byte is
//! searched for words that were planted.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use access::consent;
use kernel::{
    code::{InsuredPersonNumber, InsuredPersonSymbol},
    time::Clock as _,
};
use store::caller::{Event, Purpose};
use tasuki::{
    program::SystemClock,
    storage::{Server, Storage},
    town,
};
use testkit::{
    population::{FacilityKind, Life, Name, Population, clins},
    postgres::{Cluster, Durability},
    seed,
};

use crate::operator::{Folder, Kept, Known, Program, Wire, files, tasuki, until};

static PLANT: Event = Event {
    code: "test.plant",
    ja: "試験",
    en: "test",
};
/// Names that no table of words has.
const NAMES: [Name; 3] = [
    planted("埋草壱原", "植夫壱", "ウメクサイチハラ", "ウエオイチ"),
    planted("埋草弐原", "植夫弐", "ウメクサニハラ", "ウエオニ"),
    planted("埋草参原", "植夫参", "ウメクササンハラ", "ウエオサン"),
];

const fn planted(
    family: &'static str,
    given: &'static str,
    family_kana: &'static str,
    given_kana: &'static str,
) -> Name {
    Name {
        family,
        given,
        family_kana,
        given_kana,
    }
}

/// A life with planted words in every place that has words; they are added to `words`.
fn plant(mut life: Life, number: usize, words: &mut BTreeSet<String>) -> Life {
    life.name = NAMES[number];
    let name = NAMES[number];
    words.extend([name.family, name.given, name.family_kana, name.given_kana].map(str::to_owned));
    let symbol = format!("埋記号{number}");
    let insured = format!("7391{number}846");
    for coverage in &mut life.coverages {
        coverage.symbol = InsuredPersonSymbol::parse(&symbol).expect("a symbol");
        coverage.number = InsuredPersonNumber::parse(&insured).expect("a number");
    }
    life.patient_number = format!("6284{number}951");
    // The hospital's own number of its patient is part of a document's identifier, which is the
    // key of its row and stands there in the clear: that is no word of this search.
    words.extend([symbol, insured, life.address.line()]);
    words.extend(life.conditions.iter().map(|c| c.disease.name.to_owned()));
    words.extend(life.medicines.iter().map(|m| m.drug.name.to_owned()));
    words.retain(|word| word.len() > 6);
    life
}

/// A data folder with the planted people: enrolled, with documents, visits and consents.
fn town(data: &str) -> BTreeSet<String> {
    let storage = Storage::new(PathBuf::from(data), Server::default());
    let gate = storage.open().expect("opens");
    let now = SystemClock.now();
    let population = Population::new(11, 200, now.jst_date());
    let facilities = population.facilities();
    let of = |kind| {
        facilities
            .iter()
            .find(|f| f.kind == kind)
            .expect("a facility")
    };
    let hash = town::password_hash().expect("a hash");
    let (hospital, _) = town::found(&gate, of(FacilityKind::Hospital), &hash).expect("founded");
    let author = clins::Author::of(of(FacilityKind::Hospital)).expect("a doctor");
    // Those with most to tell.
    let mut lives: Vec<Life> = population
        .iter()
        .filter(|life| {
            let told = !life.conditions.is_empty() && !life.medicines.is_empty();
            told && life
                .coverage_on(now.jst_date())
                .is_some_and(|c| c.branch.is_some())
        })
        .collect();
    lives.truncate(NAMES.len());
    assert_eq!(lives.len(), NAMES.len());
    let mut words = BTreeSet::new();
    let mut lines = String::new();
    for (number, life) in lives.into_iter().enumerate() {
        let life = plant(life, number, &mut words);
        let coverage = life.coverage_on(now.jst_date()).expect("covered");
        lines.push_str(&format!(
            "{},{},{},{},{}\n",
            coverage.insurer.number.as_str(),
            coverage.symbol.as_str(),
            coverage.number.as_str(),
            coverage.branch.as_ref().expect("a branch").as_str(),
            life.birth
        ));
        let bundles = clins::all(&life, &author, now);
        assert!(!bundles.is_empty());
        let enrolled = life.clone();
        let intent = gate.job_intent("test", &PLANT);
        let made = gate.write(intent, move |call| seed::person(call, &enrolled));
        let person = made.wait().expect("enrolled");
        for bundle in bundles {
            let checked = records::ops::check(&bundle.json).expect("valid");
            let home = hospital.clone();
            let intent = gate.intent(town::system_of(&hospital), Purpose::Registration, &PLANT);
            let kept = gate.write(intent, move |call| {
                records::ops::register(call, &home, &checked)
            });
            kept.wait().expect("registered");
        }
        let facility = hospital.id;
        let given = gate.write(gate.job_intent("test", &PLANT), move |call| {
            call.open(person)?;
            consent::give(call, person, facility, &consent::Category::ALL, "card").map(|_| ())
        });
        given.wait().expect("given");
    }
    let system = town::record_system(&gate, &hospital).expect("registered");
    // What strangers know lies outside the data folder's search, as at their place.
    let seed = serde_json::json!({
        "client": system.client, "client_key": system.key.to_text().reveal(),
    });
    let outside = Path::new(data).with_extension("known");
    fs::create_dir_all(&outside).expect("a folder");
    fs::write(outside.join("bench-seed.json"), seed.to_string()).expect("written");
    fs::write(outside.join("bench-numbers.csv"), lines).expect("written");
    words
}

/// Where planted words can be read, if anywhere.
fn found(words: &Path, places: &[&str]) -> String {
    let out = Command::new("grep")
        .args(["-raoFf", words.to_str().expect("UTF-8")])
        .args(places)
        .env("LC_ALL", "C")
        .output()
        .expect("grep runs");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn no_planted_word_is_found_in_data_repository_temporary_files_or_export() {
    let folder = Folder::new("planted");
    let data = folder.at("data");
    let words = town(&data);
    assert!(words.len() > 20, "{words:?}");
    let list = folder.0.join("words");
    let lines: Vec<&str> = words.iter().map(String::as_str).collect();
    fs::write(&list, lines.join("\n")).expect("written");
    // The search finds what is there: strangers know the numbers.
    let known_at = folder.at("data.known");
    assert!(found(&list, &[&known_at]).contains("73910846"));
    let known = Known::of(&known_at);

    let kept = Kept::new(&folder, "repository", &data);
    let temporary = folder.at("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let environment = [("TMPDIR", temporary.as_str())];
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let places = [data.as_str(), &kept.to, &temporary];
    let nothing = |when: &str, more: &[&str]| {
        let found = found(&list, &[&places[..], more].concat());
        assert!(found.is_empty(), "{when}: {found}");
    };
    let visit = |program: &Program| {
        let mut wire = Wire::open(&program.address).expect("a connection");
        for index in 0..known.numbers.len() {
            let (status, body) = known.check(&mut wire, index).expect("an answer");
            assert_eq!(status, 200, "{body}");
            assert!(body.contains("埋草"), "the answer names the person: {body}");
        }
    };
    let serve =
        |more: &[&str]| Program::try_serve_with(&data, more, &environment).expect("it serves");
    let program = serve(&keeping);
    until("a generation", || kept.generations().len() == 1);
    visit(&program);
    until("a segment", || kept.segments() > 0);
    nothing("while it serves", &[]);
    assert!(Path::new(&format!("{data}/tasuki.db-wal")).exists());
    // The copy that a generation is made from, whenever it can be seen.
    for _ in 0..3 {
        tasuki(&["backup", "now", "--data", &data]).well();
        nothing("around a generation", &[]);
    }
    visit(&program);
    program.kill();
    nothing("after a kill", &[]);
    let program = serve(&keeping);
    visit(&program);
    program.stop();
    nothing("after a clean stop", &[]);
    let (file, shares) = (folder.at("carried"), folder.at("carried-shares"));
    let export = ["backup", "export", "--to", &file, "--shares", &shares];
    tasuki(&[&export[..], &kept.source()[..]].concat()).well();
    nothing("exported", &[&file]);
    let restored = folder.at("restored");
    kept.restore(&restored, &[]).well();
    nothing("restored", &[&restored]);
    assert!(files(Path::new(&data)).len() >= 4);

    let Some(cluster) = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: planted words in a server's files (PostgreSQL is not installed)");
        return;
    };
    drop(cluster.database("town").expect("a database"));
    let url = cluster.url("town");
    tasuki(&["move", "--data", &data, "--to", &url]).well();
    let program = serve(&["--database-url", &url]);
    visit(&program);
    let mut client = cluster.client().expect("a connection");
    client
        .batch_execute("CHECKPOINT")
        .expect("written to the disk");
    let server = cluster.socket().to_str().expect("UTF-8").to_owned();
    assert!(
        files(Path::new(&server)).len() > 100,
        "the server's files can be seen"
    );
    nothing("on a server", &[&server]);
    program.kill();
    nothing("on a server, after a kill", &[&server]);
}
