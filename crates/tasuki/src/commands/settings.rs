//! `tasuki settings`: who answers for the safety of the system.

use clap::Subcommand;

use crate::{
    authority::Asked,
    control::{self, Request},
    storage::Storage,
};

/// What can be set.
#[derive(Subcommand)]
pub enum Command {
    /// Name the safety officer (医療情報システム安全管理責任者).
    Officer {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// Their name.
        #[arg(long)]
        name: String,
        /// How they are reached at any time.
        #[arg(long)]
        contact: String,
        /// Of this facility alone (its ten-digit code); else of the whole installation.
        #[arg(long)]
        facility: Option<String>,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let Command::Officer {
        storage,
        name,
        contact,
        facility,
    } = command;
    let asked = Asked::Officer {
        name,
        contact,
        facility,
    };
    control::ask(&storage, &Request::Authority { asked })
}
