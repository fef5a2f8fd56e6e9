//! `tasuki backup`: making a repository, looking at it, restoring from it, and the drill that
//! shows that a restore works.

use std::{
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, bail, ensure};
use backup::{Exported, Generation, Identity, Repository};
use clap::{Args, Subcommand};
use kernel::time::{Clock, Timestamp};
use store::{Database, dump, engine::DATABASE, journal, link::Link, verify};

use crate::{
    control::{self, Request},
    keeper::Hand,
    program::{self, SystemClock},
    storage::{Storage, Unlocking},
};

/// Numbers of the journal after a restore begin behind all that a repository may know: the
/// upper half counts the lives of a database.
const LIFE_BITS: u32 = 40;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Make a repository; prints the three shares of its key, two of which open it.
    Init {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The repository: an empty folder, best on another disk.
        #[arg(long)]
        to: PathBuf,
        /// Write the three shares into this folder instead of printing them.
        #[arg(long)]
        shares: Option<PathBuf>,
    },
    /// Make a generation now; the program must be serving with --backup.
    Now {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
    /// What can be restored.
    List {
        /// The repository.
        #[arg(long)]
        from: PathBuf,
    },
    /// Check every file of the repository; with its key also what is in them.
    Verify {
        /// The repository and its key.
        #[command(flatten)]
        source: Source,
    },
    /// Restore into an empty data folder (and an empty database).
    Restore {
        /// The repository and its key.
        #[command(flatten)]
        source: Source,
        /// Which generation, up to when.
        #[command(flatten)]
        moment: Moment,
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
    /// Restore elsewhere, compare, verify, tell recovery time and point, and throw it away.
    Drill {
        /// The repository and its key.
        #[command(flatten)]
        source: Source,
        /// Which generation, up to when.
        #[command(flatten)]
        moment: Moment,
        /// What opens the keys.
        #[command(flatten)]
        unlocking: Unlocking,
        /// Where there is room for it.
        #[arg(long)]
        scratch: Option<PathBuf>,
    },
    /// One generation with journal and keys as a single file under a key of its own.
    Export {
        /// The repository and its key.
        #[command(flatten)]
        source: Source,
        /// Which generation, up to when.
        #[command(flatten)]
        moment: Moment,
        /// The file.
        #[arg(long)]
        to: PathBuf,
        /// Write the three shares of its key into this folder instead of printing them.
        #[arg(long)]
        shares: Option<PathBuf>,
    },
    /// Unpack an export into a repository that can be restored from.
    Import {
        /// The file.
        #[arg(long)]
        file: PathBuf,
        /// A file with one share of the export's key; give two.
        #[arg(long = "share", required = true)]
        shares: Vec<PathBuf>,
        /// The repository: an empty folder.
        #[arg(long)]
        to: PathBuf,
        /// Write the repository's key there, if the export carries it.
        #[arg(long)]
        identity: Option<PathBuf>,
    },
}

/// A repository and the key that opens it.
#[derive(Args, Clone)]
pub struct Source {
    /// The repository.
    #[arg(long)]
    from: PathBuf,
    /// A file with one share of its key; give two.
    #[arg(long = "share")]
    shares: Vec<PathBuf>,
    /// A file with the whole key (age's own form), for drills that run by themselves.
    #[arg(long, conflicts_with = "shares")]
    identity: Option<PathBuf>,
}

/// Which generation, up to when.
#[derive(Args, Clone)]
pub struct Moment {
    /// The generation's number; else the newest that begins before --until.
    #[arg(long)]
    generation: Option<u64>,
    /// Up to this instant (RFC 3339); else everything.
    #[arg(long, value_parser = instant)]
    until: Option<Timestamp>,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "an instant looks like 2026-11-22T10:00:00Z".to_owned())
}

/// Runs one of the commands; `Ok(false)` when what was looked at is not as it must be.
///
/// # Errors
/// Why it could not be done, with the file and the remedy.
pub fn run(command: &Command) -> anyhow::Result<bool> {
    match command {
        Command::Init {
            storage,
            to,
            shares,
        } => init(storage, to, shares.as_deref()),
        Command::Now { storage } => control::ask(storage, &Request::Backup {}),
        Command::List { from } => list(&Repository::open(from)?),
        Command::Verify { source } => check(source),
        Command::Restore {
            source,
            moment,
            storage,
        } => {
            let restored = restore(source, moment, storage)?;
            restored.tell();
            println!("続けるには: tasuki serve --data {}", storage.data.display());
            println!("to go on: tasuki serve --data {}", storage.data.display());
            Ok(true)
        }
        Command::Drill {
            source,
            moment,
            unlocking,
            scratch,
        } => drill(source, moment, unlocking, scratch.as_deref()),
        Command::Export {
            source,
            moment,
            to,
            shares,
        } => {
            let repository = Repository::open(&source.from)?;
            let generation = moment.choose(&repository)?;
            let carry = source.key_if_given()?;
            let Exported { key, shares: made } =
                repository.export(generation.number, carry.as_ref(), to)?;
            println!("{} に書き出しました(鍵 {key})。", to.display());
            println!("written to {} (key {key})", to.display());
            hand_out(&made, shares.as_deref())
        }
        Command::Import {
            file,
            shares,
            to,
            identity,
        } => {
            let imported = backup::import_export(file, &from_shares(shares)?, to)?;
            if let (Some(path), Some(key)) = (identity, &imported.identity) {
                write_secret(path, key.to_file_text().reveal())?;
            }
            list(&imported.repository)
        }
    }
}

fn init(storage: &Storage, to: &Path, shares: Option<&Path>) -> anyhow::Result<bool> {
    let gate = storage.open()?;
    let hand = Hand(gate.upkeep());
    let (repository, identity) = Repository::init(to, gate.now(), &hand)?;
    println!(
        "バックアップの保管場所 {} を作りました(番号 {})。",
        to.display(),
        repository.id()
    );
    println!(
        "repository {} made (number {})",
        to.display(),
        repository.id()
    );
    hand_out(&identity.split()?, shares)
}

/// Gives the three shares away: they are kept nowhere else.
fn hand_out(shares: &[kernel::Secret<String>; 3], to: Option<&Path>) -> anyhow::Result<bool> {
    if let Some(folder) = to {
        fs::create_dir_all(folder)?;
        for (number, share) in (1..).zip(shares) {
            write_secret(&folder.join(format!("share-{number}.txt")), share.reveal())?;
        }
        println!(
            "鍵を3つに分けて {} に置きました。別々の人に渡し、ここからは消してください。復元には2つ必要です。",
            folder.display()
        );
        println!(
            "the key's three shares are in {}: give them to three people and remove them here; a restore needs two",
            folder.display()
        );
    } else {
        println!(
            "次の3つを別々の人が保管してください。復元には2つ必要です。もう一度表示することはできません。"
        );
        println!(
            "three people keep one of these each; a restore needs two; they cannot be shown again"
        );
        for share in shares {
            println!("\n{}", share.reveal());
        }
    }
    Ok(true)
}

fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} could not be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

fn list(repository: &Repository) -> anyhow::Result<bool> {
    let mut all_whole = true;
    for generation in repository.generations()? {
        match generation {
            Ok(generation) => println!(
                "{:>6}  {}  ~ {}  {:>10} kB  {}",
                generation.number,
                generation.made_at,
                generation.restorable_until,
                generation.bytes / 1_024,
                generation.engine,
            ),
            Err(error) => {
                all_whole = false;
                println!("!       {error}");
            }
        }
    }
    Ok(all_whole)
}

fn check(source: &Source) -> anyhow::Result<bool> {
    let repository = Repository::open(&source.from)?;
    let report = repository.verify(source.key_if_given()?.as_ref())?;
    for (file, flaw) in &report.damaged {
        println!("! {file}: {flaw}");
    }
    println!(
        "世代{}、ジャーナル{}、鍵{}、ファイル{}個({} kB)を確認しました。異常{}件。",
        report.generations,
        report.segments,
        report.keys,
        report.files,
        report.bytes / 1_024,
        report.damaged.len()
    );
    println!(
        "{} generations, {} journal segments, {} parts of keys, {} files ({} kB) checked; {} damaged",
        report.generations,
        report.segments,
        report.keys,
        report.files,
        report.bytes / 1_024,
        report.damaged.len()
    );
    Ok(report.damaged.is_empty())
}

fn from_shares(files: &[PathBuf]) -> anyhow::Result<Identity> {
    let texts: Vec<String> = files
        .iter()
        .map(|file| fs::read_to_string(file).with_context(|| file.display().to_string()))
        .collect::<Result<_, _>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(Identity::from_shares(&texts)?)
}

impl Source {
    fn key_if_given(&self) -> anyhow::Result<Option<Identity>> {
        match &self.identity {
            Some(file) => Ok(Some(Identity::from_file(file)?)),
            None if self.shares.is_empty() => Ok(None),
            None => from_shares(&self.shares).map(Some),
        }
    }

    fn key(&self) -> anyhow::Result<Identity> {
        self.key_if_given()?.context(
            "鍵が要ります。--share を2つ、または --identity を指定してください / give --share twice, or --identity",
        )
    }
}

impl Moment {
    fn choose(&self, repository: &Repository) -> anyhow::Result<Generation> {
        if let Some(number) = self.generation {
            return Ok(repository.generation(number)?);
        }
        let whole = repository.generations()?.into_iter().filter_map(Result::ok);
        let newest = whole
            .filter(|generation| self.until.is_none_or(|until| generation.made_at <= until))
            .next_back();
        newest.context(
            "その時刻より前の世代がありません / there is no generation from before that instant",
        )
    }
}

/// What a restore brought.
struct Restored {
    generation: Generation,
    rows: u64,
    entries: u64,
    /// The instant up to which everything is there.
    reached: Timestamp,
    seconds: f64,
    report: verify::Report,
}

impl Restored {
    fn tell(&self) {
        println!(
            "世代{}から{}行、ジャーナル{}件を戻しました({}時点、{:.1}秒)。監査証跡{}件はすべてつながっています。",
            self.generation.number,
            self.rows,
            self.entries,
            self.reached,
            self.seconds,
            self.report.records
        );
        println!(
            "generation {}: {} rows and {} journal entries restored (as of {}, {:.1} s); the audit log of {} records is whole",
            self.generation.number,
            self.rows,
            self.entries,
            self.reached,
            self.seconds,
            self.report.records
        );
    }
}

fn restore(source: &Source, moment: &Moment, storage: &Storage) -> anyhow::Result<Restored> {
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
    let link = match storage.database() {
        Database::Embedded => Link::embedded_to_load(&storage.data.join(DATABASE))?,
        Database::Server(server) => Link::server(&server.url, server.statement)?,
    };
    let mut input = BufReader::with_capacity(
        1 << 20,
        repository.open_generation(generation.number, &key)?,
    );
    let totals = dump::read(&mut input, &link, &program::all_schemas())
        .with_context(|| format!("{} could not be read", generation.folder))?;
    compare(&generation, &totals)?;
    let (entries, reached) = replay(&repository, &key, &generation, moment.until, &link)?;
    let life = (journal::position(&link)? >> LIFE_BITS) + 1;
    journal::set_position(&link, life << LIFE_BITS)?;
    let report =
        verify::verify_link(&link, &verify::Trust::default(), &mut |_| {})?.map_err(|fault| {
            anyhow::anyhow!("監査証跡に問題があります / the audit log is not whole: {fault}")
        })?;
    link.settle()?;
    Ok(Restored {
        rows: dump::rows(&totals),
        entries,
        reached,
        seconds: begin.elapsed().as_secs_f64(),
        report,
        generation,
    })
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

/// Brings what was loaded up to an instant.
fn replay(
    repository: &Repository,
    key: &Identity,
    generation: &Generation,
    until: Option<Timestamp>,
    link: &Link,
) -> anyhow::Result<(u64, Timestamp)> {
    let (mut entries, mut reached) = (0, generation.made_at);
    for entry in repository.journal(generation.number, key)? {
        let entry = entry?;
        if until.is_some_and(|until| entry.at > until) {
            return Ok((entries, until.unwrap_or(reached)));
        }
        journal::apply(link, &entry.body)?;
        journal::set_position(link, entry.number)?;
        (entries, reached) = (entries + 1, entry.at);
    }
    Ok((
        entries,
        reached.max(generation.restorable_until.min(until.unwrap_or(reached))),
    ))
}

fn drill(
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
    let lost = SystemClock.now().micros() - restored.reached.micros();
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
    let people = gate.upkeep().some_people(PEOPLE)?;
    let count = people.len();
    let intent = gate.job_intent("drill", &DRILL);
    let read = gate.write(intent, move |call| {
        for person in &people {
            match call.open(*person) {
                Ok(()) => {
                    call.history(store::audit::Subject::Person(*person), i64::MAX, 10)?;
                }
                // Keys that were destroyed stay destroyed.
                Err(store::Stop::Refused(_)) => {}
                Err(failed) => return Err(failed),
            }
        }
        Ok(())
    });
    read.wait()
        .map_err(|stop| anyhow::anyhow!("the restored data could not be read: {stop:?}"))?;
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
