//! `tasuki alerts`: peers that no ledger names, of the whole installation.

use clap::Subcommand;

use crate::{
    alerts::Asked,
    control::{self, Request},
    storage::Storage,
};

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// The open alerts, the latest first, each with its number.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
    /// Settle an alert with what was found.
    Settle {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The alert's number, 32 hexadecimal digits.
        alert: String,
        /// What was found, and what was done about it; kept for good.
        #[arg(long)]
        finding: String,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Command::List { storage } => (storage, Asked::List {}),
        Command::Settle {
            storage,
            alert,
            finding,
        } => (storage, Asked::Settle { alert, finding }),
    };
    control::ask(&storage, &Request::Alerts { asked })
}
