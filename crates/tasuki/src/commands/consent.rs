//! `tasuki consent`: checks a receipt of a choice with the installation's published key, and
//! nothing else: no server, no database, no line.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use access::consent::receipt::{Fault, Receipt};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use eligibility::consents;
use kernel::time::{Clock, Timestamp};
use web::ui::Lang;

use crate::program::SystemClock;

/// Largest receipt that is read: its JSON is under three thousand bytes.
const BYTES_MAX: u64 = 16 << 10;

/// What to do with a receipt.
#[derive(Subcommand)]
pub enum Consent {
    /// Check a receipt (the signed text or the JSON), offline.
    Verify(VerifyOptions),
}

/// Options of `verify`.
#[derive(Args)]
pub struct VerifyOptions {
    /// The receipt; `-` reads it from the standard input.
    file: PathBuf,
    /// The published key (hexadecimal, from /.well-known/tasuki-seal-key).
    #[arg(long)]
    key: String,
}

/// Does it; `Ok(false)` when the receipt is not valid.
///
/// # Errors
/// When the file or the key cannot be read.
pub fn run(command: &Consent) -> anyhow::Result<bool> {
    let Consent::Verify(options) = command;
    let key = kernel::hex::decode(&options.key).context("the key is not hexadecimal")?;
    let text = read(&options.file)?;
    // Editors and commands end a file with a line break.
    let paper = text.strip_suffix('\n').unwrap_or(&text);
    let paper = paper.strip_suffix('\r').unwrap_or(paper);
    match consents::verify(&key, paper) {
        Ok(receipt) => {
            tell(&receipt, SystemClock.now());
            Ok(true)
        }
        Err(fault) => {
            println!("無効 / not valid: {} / {fault}", ja(fault));
            Ok(false)
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin()
            .lock()
            .take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)?;
    } else {
        let opened = fs::File::open(file).with_context(|| file.display().to_string())?;
        opened.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > BYTES_MAX {
        bail!("控えとしては大きすぎます / too large for a receipt");
    }
    // What is no UTF-8 is no receipt; it is told as one.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

const fn ja(fault: Fault) -> &'static str {
    match fault {
        Fault::Form => "控えの形をしていないか、書き換えられています",
        Fault::Signature => "内容と電子署名が合わないか、別の施設の鍵です",
    }
}

fn tell(receipt: &Receipt, now: Timestamp) {
    println!("有効 / valid: {}", receipt.number.to_hex());
    println!("{}", consents::sentence(Lang::Ja, receipt, now));
    println!("{}", consents::sentence(Lang::En, receipt, now));
    println!("{} {} → {}", receipt.who, receipt.from, receipt.undo);
    let ends = [receipt.until, receipt.standing.map(|(_, until)| until)];
    if ends.into_iter().flatten().all(|until| until <= now) {
        println!("この同意の期間は終わっています / this consent has ended");
    }
    println!(
        "そのあとで取り消されたかどうかは、この控えではわかりません / a later withdrawal does not show here"
    );
}
