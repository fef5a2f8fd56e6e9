//! `tasuki insurer` and `tasuki masters`: what an operator keeps of the register, also while
//! the program serves.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use crate::{
    control::{self, Request},
    reference::Asked,
    storage::Storage,
};

/// What can be done with insurers' and payers' numbers.
#[derive(Subcommand)]
pub enum Insurers {
    /// Say which facility stands for a number: only it may load under it.
    Put {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Insurer's or payer's number, 6 or 8 digits.
        #[arg(long)]
        number: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// The facility's code, ten digits.
        #[arg(long)]
        facility: String,
        /// Days between two loads, as promised.
        #[arg(long, default_value_t = 1)]
        update_days: i64,
    },
    /// The numbers for which a facility stands.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's code, ten digits.
        #[arg(long)]
        facility: String,
    },
}

/// What can be done with masters.
#[derive(Subcommand)]
pub enum Masters {
    /// Import an official file in place of the one before.
    Import {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Which master: local-subsidy, lab-items, allergens.
        master: String,
        /// The file.
        file: PathBuf,
        /// The day from which it holds, YYYY-MM-DD.
        #[arg(long)]
        day: String,
    },
    /// Which files were imported.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
}

/// Runs a command about insurers.
///
/// # Errors
/// Why it could not be done.
pub fn insurers(command: Insurers) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Insurers::Put {
            storage,
            number,
            name,
            facility,
            update_days,
        } => (
            storage,
            Asked::Insurer {
                number,
                name,
                facility,
                update_days,
            },
        ),
        Insurers::List { storage, facility } => (storage, Asked::Insurers { facility }),
    };
    control::ask(&storage, &Request::Reference { asked })
}

/// Runs a command about masters.
///
/// # Errors
/// Why it could not be done.
pub fn masters(command: Masters) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Masters::Import {
            storage,
            master,
            file,
            day,
        } => {
            // Whoever serves reads the file, from wherever they were started.
            let file = file
                .canonicalize()
                .with_context(|| format!("{} がありません / is not there", file.display()))?;
            let file = file.to_str().context("the path is not UTF-8")?.to_owned();
            (storage, Asked::Import { master, file, day })
        }
        Masters::List { storage } => (storage, Asked::Masters {}),
    };
    control::ask(&storage, &Request::Reference { asked })
}
