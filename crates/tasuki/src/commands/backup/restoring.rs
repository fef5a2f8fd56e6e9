//! The way back: a generation, the journal after it, the keys; and the drill that shows that
//! it works.

use std::{
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail, ensure};
use backup::{BackupError, Generation, Identity, Repository};
use kernel::time::{Clock, Timestamp};
use store::{Database, Stop, StoreError, dump, engine::DATABASE, journal, link::Link, verify};

use super::{Moment, Source};
use crate::{
    keeper::SERVER,
    loading::Loading,
    program::{self, SystemClock},
    storage::{Storage, Unlocking},
};

/// Numbers of the journal after a restore begin behind all that a repository may know: the
/// upper part counts the lives of a database.
const LIFE_BITS: u32 = 40;
/// Longest time for one statement of a restore.
const LOAD: Duration = Duration::from_secs(3_600);

/// What a restore brought.
pub struct Restored {
    generation: Generation,
    rows: u64,
    replayed: Replayed,
    seconds: f64,
    report: verify::Report,
}

impl Restored {
    pub fn tell(&self) {
        println!(
            "世代{}から{}行、ジャーナル{}件を戻しました({}時点、{:.1}秒)。監査証跡{}件はすべてつながっています。",
            self.generation.number,
            self.rows,
            self.replayed.entries,
            self.replayed.reached,
            self.seconds,
            self.report.records
        );
        println!(
            "generation {}: {} rows and {} journal entries restored (as of {}, {:.1} s); the audit log of {} records is whole",
            self.generation.number,
            self.rows,
            self.replayed.entries,
            self.replayed.reached,
            self.seconds,
            self.report.records
        );
        if self.replayed.breaks_off {
            println!(
                "この世代のジャーナルはここで終わっています。これより後は、次の世代から戻せます。"
            );
            println!(
                "the journal of this generation ends here; what came later is in the next generation"
            );
        }
    }
}

/// Restores into an empty folder or database. Nobody can start with it before all of it is
/// there; when something fails, the folder is as empty as before (a server's database is to be
/// thrown away).
pub fn restore(source: &Source, moment: &Moment, storage: &Storage) -> anyhow::Result<Restored> {
    let begin = Instant::now();
    let (repository, key) = (Repository::open(&source.from)?, source.key()?);
    let generation = moment.choose(&repository)?;
    let _lock = store::lock_folder(&storage.data)?;
    ensure!(
        !storage.data.join(DATABASE).exists(),
        "{} には既にデータがあります。空のフォルダを指定してください / give an empty folder",
        storage.data.display()
    );
    for part in repository.keys()? {
        keystore::import(&storage.data, &mut repository.open_keys(&part, &key)?)?;
    }
    let filled = match storage.database() {
        Database::Embedded => {
            let (loading, link) = Loading::begin(&storage.data)?;
            let filled = fill(&repository, &key, &generation, moment.until, &link)?;
            loading.finish(link)?;
            filled
        }
        Database::Server(server) => {
            let link = Link::server(&server.url, LOAD)?;
            fill(&repository, &key, &generation, moment.until, &link)?
        }
    };
    Ok(Restored {
        rows: filled.rows,
        replayed: filled.replayed,
        seconds: begin.elapsed().as_secs_f64(),
        report: filled.report,
        generation,
    })
}

struct Filled {
    rows: u64,
    replayed: Replayed,
    report: verify::Report,
}

fn fill(
    repository: &Repository,
    key: &Identity,
    generation: &Generation,
    until: Option<Timestamp>,
    link: &Link,
) -> anyhow::Result<Filled> {
    let mut input =
        BufReader::with_capacity(1 << 20, repository.open_generation(generation.number, key)?);
    let totals = dump::read(&mut input, link, &program::all_schemas())
        .map_err(|error| damage_below(error, &generation.folder))?;
    compare(generation, &totals)?;
    let replayed = replay(repository, key, generation, until, link)?;
    journal::set_position(link, next_life(repository, link)?)?;
    let report =
        verify::verify_link(link, &verify::Trust::default(), &mut |_| {})?.map_err(|fault| {
            anyhow!("監査証跡に問題があります / the audit log is not whole: {fault}")
        })?;
    store::end_load(link)?;
    Ok(Filled {
        rows: dump::rows(&totals),
        replayed,
        report,
    })
}

/// The file that was damaged, rather than what reading it led to.
fn damage_below(error: StoreError, folder: &str) -> anyhow::Error {
    match error {
        StoreError::Io(error) => BackupError::at(Path::new(folder))(error).into(),
        error => anyhow::Error::from(error).context(format!("{folder} could not be read")),
    }
}

/// Numbers of the journal go on behind all that the repository has given, whichever history
/// they belonged to.
fn next_life(repository: &Repository, link: &Link) -> anyhow::Result<u64> {
    let positions = repository.generations()?.into_iter().filter_map(Result::ok);
    let known = positions.map(|generation| generation.position).max();
    let highest = journal::position(link)?.max(known.unwrap_or_default());
    Ok(((highest >> LIFE_BITS) + 1) << LIFE_BITS)
}

/// What was loaded against what the generation's manifest says.
fn compare(generation: &Generation, totals: &dump::Totals) -> anyhow::Result<()> {
    let told = generation
        .about
        .get("tables")
        .and_then(|tables| tables.as_object());
    let told = told.with_context(|| format!("{} tells no hashes", generation.folder))?;
    for (table, total) in totals {
        let sha256 = told
            .get(table)
            .and_then(|t| t.get("sha256"))
            .and_then(|hash| hash.as_str());
        if sha256 != Some(kernel::hex::encode(&total.sha256).as_str()) {
            bail!(
                "{}: {table} の内容が記録と一致しません / the content of {table} differs",
                generation.folder
            );
        }
    }
    ensure!(
        totals.len() == told.len(),
        "{}: a table is missing",
        generation.folder
    );
    Ok(())
}

/// What the journal brought.
struct Replayed {
    entries: u64,
    /// The instant up to which everything is there.
    reached: Timestamp,
    /// The journal ends here although later generations follow: what came between is lost.
    breaks_off: bool,
}

/// Brings what was loaded up to an instant.
fn replay(
    repository: &Repository,
    key: &Identity,
    generation: &Generation,
    until: Option<Timestamp>,
    link: &Link,
) -> anyhow::Result<Replayed> {
    let mut replayed = Replayed {
        entries: 0,
        reached: generation.made_at,
        breaks_off: false,
    };
    if generation.engine == SERVER {
        // A server's own journal is not kept here.
        replayed.breaks_off = until.is_some_and(|until| until > generation.made_at);
        return Ok(replayed);
    }
    for entry in repository.journal(generation.number, key)? {
        let entry = match entry {
            Ok(entry) => entry,
            // After a crash the next generation begins anew: the journal of this one ends.
            Err(BackupError::JournalGap { .. }) => {
                replayed.breaks_off = true;
                return Ok(replayed);
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(until) = until.filter(|until| entry.at > *until) {
            replayed.reached = until;
            return Ok(replayed);
        }
        journal::apply(link, &entry.body)
            .with_context(|| format!("entry {} of the journal", entry.number))?;
        replayed.entries += 1;
        replayed.reached = replayed.reached.max(entry.at);
    }
    Ok(replayed)
}

pub fn drill(
    source: &Source,
    moment: &Moment,
    unlocking: &Unlocking,
    scratch: Option<&Path>,
) -> anyhow::Result<bool> {
    let parent = scratch.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let folder = Scratch(parent.join(format!("tasuki-drill-{}", std::process::id())));
    let storage = Storage::new(folder.0.clone(), crate::storage::Server::default())
        .with_unlocking(unlocking.clone());
    let restored = restore(source, moment, &storage)?;
    restored.tell();
    let sample = read_sample(&storage)?;
    let lost = SystemClock.now().micros() - restored.replayed.reached.micros();
    let lost_seconds = lost / 1_000_000;
    println!(
        "{sample}人分の記録を開いて読めることを確かめました。目標復旧時間(実測) {:.1}秒、復旧時点は{lost_seconds}秒前です。",
        restored.seconds
    );
    println!(
        "the records of {sample} people were opened and read; recovery time {:.1} s, recovery point {lost_seconds} s ago",
        restored.seconds
    );
    Ok(true)
}

/// Opens the restored store with its keys and reads the newest records of some people.
fn read_sample(storage: &Storage) -> anyhow::Result<usize> {
    const PEOPLE: usize = 50;
    let gate = storage
        .open()
        .context("the restored store could not be opened")?;
    let mut count = 0;
    for person in gate.upkeep().some_people(PEOPLE)? {
        let read = gate.write(gate.job_intent("drill", &DRILL), move |call| {
            call.open(person)?;
            call.history(store::audit::Subject::Person(person), i64::MAX, 10)
                .map(|_| ())
                .map_err(Into::into)
        });
        match read.wait() {
            Ok(()) => count += 1,
            // Keys that were destroyed stay destroyed.
            Err(Stop::Refused(refusal)) if refusal.entry.code == store::PERSON_ABSENT.code => {}
            Err(stop) => bail!("the restored data could not be read: {stop:?}"),
        }
    }
    Ok(count)
}

static DRILL: store::caller::Event = store::caller::Event {
    code: "backup.drill",
    ja: "復元訓練での読み取り確認",
    en: "read in a restore drill",
};

/// A folder that is gone at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}
