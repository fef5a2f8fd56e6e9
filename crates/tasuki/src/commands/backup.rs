//! `tasuki backup`: making a repository, looking at it, restoring from it, and the drill that
//! shows that a restore works.

mod restoring;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use backup::{Exported, Generation, Identity, Repository};
use clap::{Args, Subcommand};
use kernel::time::Timestamp;

use crate::{
    control::{self, Request},
    hand::Hand,
    storage::{Storage, Unlocking},
};
use restoring::{drill, restore};

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
    #[arg(long)]
    share: Vec<PathBuf>,
    /// A file with the whole key (age's own form), for drills that run by themselves.
    #[arg(long, conflicts_with = "share")]
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
            have_room_for_shares(shares.as_deref())?;
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
    have_room_for_shares(shares)?;
    let gate = storage.open_existing()?;
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

fn share_file(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("share-{number}.txt"))
}

/// Before anything is made whose key could then not be handed out.
fn have_room_for_shares(folder: Option<&Path>) -> anyhow::Result<()> {
    let Some(folder) = folder else {
        return Ok(());
    };
    fs::create_dir_all(folder)?;
    for file in (1..=3).map(|number| share_file(folder, number)) {
        anyhow::ensure!(
            !file.exists(),
            "{} がすでにあります。別のフォルダを指定してください / there is a share already: give another folder",
            file.display()
        );
    }
    Ok(())
}

/// Gives the three shares away: they are kept nowhere else.
fn hand_out(shares: &[kernel::Secret<String>; 3], to: Option<&Path>) -> anyhow::Result<bool> {
    if let Some(folder) = to {
        fs::create_dir_all(folder)?;
        for (number, share) in (1..).zip(shares) {
            write_secret(&share_file(folder, number), share.reveal())?;
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
            None if self.share.is_empty() => Ok(None),
            None => from_shares(&self.share).map(Some),
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
        let (mut newest, mut damaged) = (None, None);
        for generation in repository.generations()? {
            match generation {
                Ok(generation) if self.until.is_none_or(|until| generation.made_at <= until) => {
                    newest = Some(generation);
                }
                Ok(_) => {}
                Err(error) => {
                    println!("! {error}");
                    damaged = Some(error);
                }
            }
        }
        match (newest, damaged) {
            (Some(newest), _) => Ok(newest),
            (None, Some(error)) => Err(error.into()),
            (None, None) => bail!(
                "その時刻より前の世代がありません / there is no generation from before that instant"
            ),
        }
    }
}
