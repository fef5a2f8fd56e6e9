//! `tasuki move`: everything from the data folder to a server, or back; counted, hashed and
//! compared. The keys stay in the data folder.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use store::{dump, engine::DATABASE, journal, link::Link};

use crate::{loading::Loading, program};

/// Longest time for one statement of the move.
const STATEMENT: Duration = Duration::from_secs(3_600);

/// From where to where.
#[derive(Args)]
#[group(id = "direction", required = true, multiple = false)]
pub struct Options {
    /// From the data folder to this PostgreSQL database, which must be empty.
    #[arg(long, group = "direction", value_name = "DATABASE_URL")]
    pub to: Option<String>,
    /// From this PostgreSQL database to the data folder.
    #[arg(long, group = "direction", value_name = "DATABASE_URL")]
    pub from: Option<String>,
}

/// Moves; prints what was moved, table by table. `Ok(false)` when both sides differ.
///
/// # Errors
/// When the folder is in use, a side cannot be opened, or the target is not empty. Then the
/// source is as it was.
pub fn run(data: &Path, options: &Options) -> anyhow::Result<bool> {
    let _lock = store::lock_folder(data)?;
    let file = data.join(DATABASE);
    let folder = fs::canonicalize(data)?.display().to_string();
    match (&options.to, &options.from) {
        (Some(url), None) => {
            ensure!(
                file.exists(),
                "{folder} に {DATABASE} がありません / there is no {DATABASE} in {folder}"
            );
            let (mut from, mut to) = (Link::embedded(&file)?, server(url)?);
            let same = transfer(&mut from, &mut to)?;
            let Some(rows) = same else { return Ok(false) };
            store::end_load(&to)?;
            store::mark_moved(&from, &shown(url))?;
            tell(rows, "--database-url");
            Ok(true)
        }
        (None, Some(url)) => {
            let aside = place_aside(data)?;
            let mut from = server(url)?;
            let (loading, mut to) = Loading::begin(data)?;
            let Some(rows) = transfer(&mut from, &mut to)? else {
                return Ok(false);
            };
            // What was written on the server is in no journal: its number is skipped.
            journal::set_position(&to, journal::position(&to)? + 1)?;
            store::end_load(&to)?;
            if let Some(aside) = aside {
                fs::rename(&file, aside)?;
            }
            loading.finish(to)?;
            store::mark_moved(&from, &folder)?;
            tell(rows, "--data");
            Ok(true)
        }
        _ => bail!("give --to or --from"),
    }
}

fn server(url: &str) -> anyhow::Result<Link> {
    Link::server(url, STATEMENT).context("the server could not be reached")
}

/// Host and name of a database, never a password.
fn shown(url: &str) -> String {
    let words = url
        .split_whitespace()
        .filter(|word| !word.starts_with("password"));
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [one] if one.contains("://") => one
            .rsplit_once('@')
            .map_or(*one, |(_, place)| place)
            .to_owned(),
        words => words.join(" "),
    }
}

/// Where a database that was moved away earlier makes room for the one that comes back.
fn place_aside(data: &Path) -> anyhow::Result<Option<PathBuf>> {
    let file = data.join(DATABASE);
    if !file.exists() {
        return Ok(None);
    }
    let moved = store::moved_to(&Link::embedded_reading(&file)?)?;
    ensure!(
        moved.is_some(),
        "{} には使用中のデータベースがあります / this folder holds a database in use: give another folder",
        data.display()
    );
    let mut places = (1..1_000).map(|number| data.join(format!("{DATABASE}.moved-{number}")));
    places
        .find(|place| !place.exists())
        .map(Some)
        .with_context(|| format!("too many databases were set aside in {}", data.display()))
}

/// Moves and compares: how many rows, or `None` when both sides differ.
fn transfer(from: &mut Link, to: &mut Link) -> anyhow::Result<Option<u64>> {
    if let Some(elsewhere) = store::moved_to(from)? {
        bail!(
            "移動元のデータはすでに {elsewhere} へ移されています / the source was moved to {elsewhere} already"
        );
    }
    ensure!(
        !store::is_half_loaded(from)?,
        "移動元は読み込みの途中で終わったデータです / the source is a database that was never loaded whole"
    );
    let (source, target) = dump::transfer(from, to, &program::all_schemas())?;
    for (table, total) in &source {
        let same = target.get(table) == Some(total);
        let mark = if same { "=" } else { "≠" };
        let short = kernel::hex::encode(total.sha256.get(..8).unwrap_or_default());
        println!("{mark} {table:<32} {:>12}  {short}", total.rows);
    }
    if let Some(table) = dump::first_difference(&source, &target) {
        println!(
            "移動先の {table} が移動元と一致しません。移動元はそのままです。移動先を空にしてやり直してください。"
        );
        println!("{table} differs; the source is as it was: empty the target and move again.");
        return Ok(None);
    }
    Ok(Some(dump::rows(&source)))
}

fn tell(rows: u64, flag: &str) {
    println!(
        "{rows}行をすべて移し、件数とハッシュが一致しました。これからは {flag} に移動先を指定して起動してください。"
    );
    println!(
        "{rows} rows moved, counts and hashes agree; from now on start with the target in {flag}."
    );
}
