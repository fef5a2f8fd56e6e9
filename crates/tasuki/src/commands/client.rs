//! `tasuki client`: a facility's registered systems, from the command line.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;

use crate::{
    control::{self, Request},
    storage::Storage,
};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Register a system.
    Add {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
        /// Name, for people.
        #[arg(long)]
        name: String,
        /// `backend` or `app`.
        #[arg(long, default_value = "backend")]
        kind: String,
        /// Scopes, with spaces between.
        #[arg(long)]
        scopes: String,
        /// The file with its public key (JWK); never a private key.
        #[arg(long)]
        public_key: PathBuf,
        /// Where an app may be led back to; several are allowed.
        #[arg(long)]
        redirect: Vec<String>,
        /// From which networks it may come; none: from anywhere.
        #[arg(long)]
        network: Vec<String>,
    },
    /// The systems of a facility.
    List {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
    },
    /// End a system and its tokens.
    End {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
        /// The client_id.
        #[arg(long)]
        client: String,
    },
}

/// Does it.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Add {
            storage,
            facility,
            name,
            kind,
            scopes,
            public_key,
            redirect,
            network,
        } => {
            let key = fs::read_to_string(&public_key)
                .with_context(|| format!("{} cannot be read", public_key.display()))?;
            let request = Request::ClientAdd {
                facility,
                name,
                kind,
                scopes,
                key: key.trim().to_owned(),
                redirects: redirect.join(" "),
                networks: network.join(" "),
            };
            control::ask(&storage, &request)
        }
        Command::List { storage, facility } => {
            control::ask(&storage, &Request::ClientList { facility })
        }
        Command::End {
            storage,
            facility,
            client,
        } => control::ask(&storage, &Request::ClientEnd { facility, client }),
    }
}
