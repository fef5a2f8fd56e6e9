//! `tasuki subscription`: to which addresses a facility's notifications may go.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;

use crate::{
    control::{self, Request},
    endpoints::Asked,
    storage::Storage,
};

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Allow an address for a facility's notifications.
    Allow {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
        /// The address, to the letter as subscriptions name it.
        #[arg(long)]
        url: String,
        /// The roots (PEM) by which its certificate is believed; needed for https://.
        #[arg(long)]
        ca: Option<PathBuf>,
    },
    /// Allow an address no longer: its subscriptions are paused.
    Deny {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
        /// The address.
        #[arg(long)]
        url: String,
    },
    /// The addresses that are allowed for a facility.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Command::Allow {
            storage,
            facility,
            url,
            ca,
        } => {
            let read = |path: PathBuf| {
                fs::read_to_string(&path)
                    .with_context(|| format!("{} を読めません / cannot be read", path.display()))
            };
            let roots = ca.map(read).transpose()?.unwrap_or_default();
            let asked = Asked::Allow {
                facility,
                url,
                roots,
            };
            (storage, asked)
        }
        Command::Deny {
            storage,
            facility,
            url,
        } => (storage, Asked::Deny { facility, url }),
        Command::List { storage, facility } => (storage, Asked::List { facility }),
    };
    control::ask(&storage, &Request::Endpoints { asked })
}
