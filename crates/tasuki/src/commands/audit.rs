//! `tasuki audit`: verify the whole log, prove one person's history, check such a proof, and
//! move what is old to an archive. Only the last needs the keys; the proof's check needs
//! nothing but the file.

use std::{fs, io::Write as _, path::PathBuf};

use access::Gate;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use kernel::{
    id::PersonId,
    time::{Clock, JstDate, Timestamp},
};
use peers::person_proof;
use store::{
    archive::Contents,
    archiving, person_proof as proofs, retention,
    verify::{self, Report, Trust},
};

use crate::{program::SystemClock, storage::Storage};

/// Largest proof that is read.
const PROOF_BYTES_MAX: u64 = 1 << 30;
/// Records between two words of progress.
const TELL_EVERY: u64 = 1_000_000;
/// Steps of removal that are under way at once: they share commits.
const STEPS_AT_ONCE: usize = 64;

/// What to do with the log.
#[derive(Subcommand)]
pub enum Audit {
    /// Check the whole log and name the first bad record.
    Verify(VerifyOptions),
    /// Write one person's whole history, still encrypted, as a file that proves itself.
    Proof(ProofOptions),
    /// Check such a file, without any database.
    Check(CheckOptions),
    /// Move records that are old enough to a file, and take them out of the database.
    Archive(ArchiveOptions),
}

/// Options of `verify`.
#[derive(Args)]
pub struct VerifyOptions {
    #[command(flatten)]
    storage: Storage,
    /// The sealing key noted elsewhere (hexadecimal, from /.well-known/tasuki-seal-key).
    #[arg(long)]
    key: Option<String>,
    /// All archives, in order: then each chain must begin where they end.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    archive: Vec<PathBuf>,
}

/// Options of `proof`.
#[derive(Args)]
pub struct ProofOptions {
    #[command(flatten)]
    storage: Storage,
    /// The person (32 hexadecimal digits).
    #[arg(long)]
    person: String,
    /// Where to write it; else it is printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Options of `check`.
#[derive(Args)]
pub struct CheckOptions {
    /// The file.
    file: PathBuf,
    /// The sealing key noted elsewhere (hexadecimal, from /.well-known/tasuki-seal-key).
    #[arg(long)]
    key: Option<String>,
}

/// Options of `archive`.
#[derive(Args)]
pub struct ArchiveOptions {
    #[command(flatten)]
    storage: Storage,
    /// Records from before this day (YYYY-MM-DD, in Japan).
    #[arg(long, value_parser = date)]
    before: JstDate,
    /// The file to write; given again after a breakdown, the work goes on.
    #[arg(long)]
    to: PathBuf,
}

fn date(text: &str) -> Result<JstDate, String> {
    JstDate::parse(text).ok_or_else(|| "give a date as YYYY-MM-DD".to_owned())
}

/// Does it; `Ok(false)` when a record is bad, which is named.
///
/// # Errors
/// When something cannot be read or written, or records are too young.
pub fn run(command: &Audit) -> anyhow::Result<bool> {
    match command {
        Audit::Verify(options) => verify(options),
        Audit::Proof(options) => proof(options),
        Audit::Check(options) => check(options),
        Audit::Archive(options) => archive(options, SystemClock.now()),
    }
}

fn key(text: Option<&String>) -> anyhow::Result<Option<Vec<u8>>> {
    text.map(|text| kernel::hex::decode(text).context("the key is not hexadecimal"))
        .transpose()
}

fn verify(options: &VerifyOptions) -> anyhow::Result<bool> {
    let trust = Trust {
        key: key(options.key.as_ref())?,
        archives: options.archive.clone(),
    };
    let mut told = 0;
    let outcome = options.storage.with_link(|link| {
        let checked = verify::verify_link(link, &trust, &mut |report: &Report| {
            if report.records >= told + TELL_EVERY {
                told = report.records;
                eprintln!("… {told} 件を確認しました / {told} records checked");
            }
        });
        Ok(checked?)
    })?;
    let report = match outcome {
        Ok(report) => report,
        Err(fault) => {
            println!("監査証跡に問題があります / the audit log is not whole: {fault}");
            return Ok(false);
        }
    };
    let given = u64::try_from(trust.archives.len()).unwrap_or(u64::MAX);
    if given > report.archives {
        println!(
            "--archive に、このデータの保管ファイルではないものがあります({given}個のうち{}個が一致)。",
            report.archives
        );
        println!(
            "not all of the files given are archives of this data: {} of {given} are",
            report.archives
        );
        return Ok(false);
    }
    println!(
        "監査証跡は正しくつながっています: 対象 {} 件、記録 {} 件、うち封印済み {} 件、封印 {} 個、写像 {} 件",
        report.subjects, report.records, report.sealed, report.seals, report.mapped
    );
    println!(
        "the audit log is whole: {} subjects, {} records, {} of them sealed, {} seals, {} in the map",
        report.subjects, report.records, report.sealed, report.seals, report.mapped
    );
    if report.archived > 0 {
        tell_archived(&report);
    }
    Ok(true)
}

fn tell_archived(report: &Report) {
    let (subjects, files) = (report.archived, report.archives);
    if files == 0 {
        println!(
            "{subjects} 件は古い記録がアーカイブにあります。--archive で全ファイルを指定すると、あわせて確認します"
        );
        println!(
            "the older records of {subjects} are in archives: give all files with --archive to check them too"
        );
    } else {
        println!("アーカイブ {files} 個とも合っています(対象 {subjects} 件)");
        println!("{files} archives fit, with the older records of {subjects}");
    }
}

fn proof(options: &ProofOptions) -> anyhow::Result<bool> {
    let person = PersonId::parse(&options.person)
        .context("--person は32桁の16進数です / --person is 32 hexadecimal digits")?;
    let now = SystemClock.now();
    let made = options
        .storage
        .with_link(|link| Ok(proofs::make(link, person, now)?))?;
    let Some(made) = made else {
        bail!("その人の記録はありません / there is no such person");
    };
    let text = serde_json::to_vec(&made)?;
    match &options.out {
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(&text)?;
            out.write_all(b"\n")?;
        }
        Some(path) => {
            fs::write(path, &text).with_context(|| path.display().to_string())?;
            println!("{} に書き出しました / written", path.display());
        }
    }
    Ok(true)
}

fn check(options: &CheckOptions) -> anyhow::Result<bool> {
    let key = key(options.key.as_ref())?;
    let named = || options.file.display().to_string();
    let size = fs::metadata(&options.file).with_context(named)?.len();
    if size > PROOF_BYTES_MAX {
        bail!("{}: the file is too large for a proof", named());
    }
    let text = fs::read(&options.file).with_context(named)?;
    match person_proof::examine(&text, key.as_deref()) {
        Ok(shown) => {
            tell_shown(&shown, key.is_some());
            Ok(true)
        }
        Err(doubt) => {
            println!("この証明は成り立ちません / the proof does not hold: {doubt}");
            Ok(false)
        }
    }
}

fn tell_shown(shown: &person_proof::Shown, has_key: bool) {
    let micros = i64::try_from(shown.sealed_at_micros).unwrap_or(i64::MAX);
    let at = Timestamp::from_micros(micros);
    let (records, unsealed, seal) = (shown.records, shown.unsealed, shown.seal);
    println!(
        "証明は成り立ちます: 記録 {records} 件。封印 第{seal}号({at})の時点で欠けはありません。それより新しい未封印の記録が {unsealed} 件あります"
    );
    println!(
        "the proof holds: {records} records, complete as of seal {seal} at {at}; {unsealed} newer ones are not sealed yet"
    );
    if let Some((number, sha256)) = &shown.archive {
        let (base, sha256) = (shown.base, kernel::hex::encode(sha256));
        println!("記録番号 {base} までは、アーカイブ 第{number}号(SHA-256 {sha256})にあります");
        println!("records up to number {base} are in archive {number} (SHA-256 {sha256})");
    }
    if !has_key {
        println!("署名の鍵は確かめていません。--key に、運営者が公表している鍵を指定してください");
        println!("whose key it is was not checked: give the operator's published key with --key");
    }
}

/// Moves what is old to an archive, as of `now`.
///
/// # Errors
/// When records are too young, the folder is in use, or the file cannot be written.
fn archive(options: &ArchiveOptions, now: Timestamp) -> anyhow::Result<bool> {
    let gate = options.storage.open()?;
    let prepared = options
        .storage
        .with_link(|link| Ok(archiving::prepare(link, options.before, now, &options.to)?))?;
    let Some(ready) = prepared else {
        println!(
            "{} より前の、封印済みの記録はありません / nothing sealed is older than that",
            options.before
        );
        return Ok(true);
    };
    if !ready.is_listed {
        let contents = ready.contents.clone();
        let intent = gate.job_intent("archiver", &archiving::EVENT);
        gate.write(intent, move |call| archiving::list(call, &contents))
            .wait()
            .map_err(stopped)?;
    }
    let removed = remove(&gate, &ready.contents)?;
    // What was just recorded is sealed at once, so that it is proved from the first day.
    gate.seal().map_err(stopped)?;
    tell_done(options, &ready.contents, removed);
    Ok(true)
}

/// Takes the archive's records out of the database, step by step; how many.
fn remove(gate: &Gate, contents: &Contents) -> anyhow::Result<usize> {
    let number = contents.header.number;
    let mut total = 0;
    // The steps of one chain follow one another; different chains go side by side.
    for round in 0.. {
        let mut steps = Vec::new();
        for (subject, span) in &contents.spans {
            let Some(to) = span.steps.get(round).copied() else {
                continue;
            };
            let before = round.checked_sub(1).and_then(|at| span.steps.get(at));
            steps.push((*subject, before.copied().unwrap_or(span.base), to));
        }
        if steps.is_empty() {
            break;
        }
        for some in steps.chunks(STEPS_AT_ONCE) {
            let under_way: Vec<_> = some
                .iter()
                .map(|&(subject, from, to)| {
                    let intent = gate.job_intent("archiver", &archiving::EVENT);
                    gate.write(intent, move |call| {
                        archiving::remove(call, subject, &from, &to, number)
                    })
                })
                .collect();
            for one in under_way {
                total += one.wait().map_err(stopped)?;
            }
        }
    }
    Ok(total)
}

fn tell_done(options: &ArchiveOptions, contents: &Contents, removed: usize) {
    let (file, number) = (options.to.display(), contents.header.number);
    let sha256 = kernel::hex::encode(&contents.sha256);
    let (records, subjects) = (contents.records, contents.spans.len());
    println!(
        "アーカイブ 第{number}号: {file} に {subjects} 件の対象の記録 {records} 件があり、今回データベースから {removed} 件を除きました"
    );
    println!(
        "archive {number}: {file} holds {records} records of {subjects} subjects; {removed} left the database now"
    );
    println!("SHA-256 {sha256}");
    let before = contents.header.before.jst_date();
    if let Some(rule) = retention::rule_on(contents.header.made_at.jst_date()) {
        let until = rule.archive_until(before);
        println!("このファイルは {until} まで保存してください / keep this file until {until}");
    }
}

fn stopped(stop: store::Stop) -> anyhow::Error {
    match stop {
        store::Stop::Failed(error) => error.into(),
        store::Stop::Refused(refusal) => anyhow::anyhow!("{}", refusal.entry.cause.en),
    }
}
