//! `tasuki facility`: a facility begins, also while the program serves.

use clap::Subcommand;

use crate::{
    control::{self, Request},
    founding::{self, Asked},
    storage::Storage,
};

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Found a facility with its first administrators; makes the data folder if there is none.
    Found {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code.
        #[arg(long)]
        code: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// What it is.
        #[arg(long, value_parser = registry::model::FacilityKind::ALL.map(registry::model::FacilityKind::word))]
        kind: String,
        /// A first administrator, "NAME:LOG-IN"; twice at least.
        #[arg(long = "administrator", required = true)]
        administrators: Vec<String>,
    },
    /// List the facilities.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    let (storage, asked) = match command {
        Command::Found {
            storage,
            code,
            name,
            kind,
            administrators,
        } => (
            storage,
            Asked::Found {
                code,
                name,
                kind,
                administrators,
            },
        ),
        Command::List { storage } => (storage, Asked::List {}),
    };
    founding::check(&asked)?;
    if matches!(asked, Asked::Found { .. }) && storage.ensure_existing().is_err() {
        let data = storage.data.display();
        println!("データフォルダ {data} を新しく作ります。\nmaking the data folder {data}");
        // Opened once, it holds keys; what follows finds it there.
        drop(storage.open()?);
    }
    control::ask(&storage, &Request::Facility { asked })
}
