//! `tasuki certificate`: what the authority of My Number cards tells about its certificates,
//! also while the program serves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Subcommand;

use crate::{
    control::{self, Request},
    notices::Told,
    storage::Storage,
};

/// What can be told.
#[derive(Subcommand)]
pub enum Command {
    /// A card was issued to a person: it tells who they are, and they can register it.
    Issued {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Whose: 32 hexadecimal digits.
        #[arg(long)]
        person: String,
        /// Its user-authentication certificate, a DER file.
        #[arg(long)]
        certificate: PathBuf,
    },
    /// A card's certificate was renewed: the new one takes the old one's place.
    Renewed {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Whose: 32 hexadecimal digits.
        #[arg(long)]
        person: String,
        /// The old certificate, a DER file.
        #[arg(long)]
        old: PathBuf,
        /// The new certificate, a DER file.
        #[arg(long)]
        new: PathBuf,
    },
}

fn read(path: &Path) -> anyhow::Result<String> {
    let der = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(STANDARD.encode(der))
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let (storage, told) = match command {
        Command::Issued {
            storage,
            person,
            certificate,
        } => {
            let certificate = read(&certificate)?;
            (
                storage,
                Told::Issued {
                    person,
                    certificate,
                },
            )
        }
        Command::Renewed {
            storage,
            person,
            old,
            new,
        } => {
            let (old, new) = (read(&old)?, read(&new)?);
            (storage, Told::Renewed { person, old, new })
        }
    };
    control::ask(&storage, &Request::Notice { told })
}
