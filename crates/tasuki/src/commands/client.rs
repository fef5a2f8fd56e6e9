//! `tasuki client`: a facility's registered systems, from the command line.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Subcommand;
use peers::oauth::ClientKey;

use crate::{
    control::{self, Request},
    storage::Storage,
};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Make a key pair on the system itself: key.pem, which stays there, and public.jwk.
    Key {
        /// The folder for the files.
        #[arg(long)]
        out: PathBuf,
    },
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
        Command::Key { out } => make_key(&out),
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

/// A new pair in its two files; a key that is there is left alone.
fn make_key(out: &Path) -> anyhow::Result<bool> {
    let key = ClientKey::generate()?;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let path = out.join("key.pem");
    let mut options = OpenOptions::new();
    // For its owner's eyes only, from the first moment.
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    let mut file = file.with_context(|| {
        format!(
            "{0} を作れません。すでにある鍵は上書きしません / {0} cannot be made; a key that is there is not overwritten",
            path.display()
        )
    })?;
    file.write_all(key.to_text().reveal().as_bytes())?;
    fs::write(out.join("public.jwk"), key.public()?.to_string())?;
    println!("{} に保存しました。", out.display());
    println!("saved in {}", out.display());
    Ok(true)
}
