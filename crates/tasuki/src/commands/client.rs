//! `tasuki client`: a facility's registered systems, from the command line.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Subcommand;
use eligibility::snapshot::paper::Identity;
use peers::oauth::ClientKey;

use crate::{
    control::{self, Request, clients::Copy},
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
        /// Also the pair for a clinic's own node: copy.key, which stays there, and copy.pub.
        #[arg(long)]
        copy: bool,
    },
    /// Let a registered system keep an encrypted copy of its facility's own patients, for the
    /// hours in which the line is cut; prints what its file needs to know of this platform.
    Copy {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code, or its identifier.
        #[arg(long)]
        facility: String,
        /// The client_id.
        #[arg(long)]
        client: String,
        /// The file copy.pub; never copy.key.
        #[arg(long)]
        recipient: PathBuf,
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
        Command::Key { out, copy } => make_key(&out, copy),
        Command::Copy {
            storage,
            facility,
            client,
            recipient,
        } => {
            let key = fs::read_to_string(&recipient)
                .with_context(|| format!("{} cannot be read", recipient.display()))?;
            let request = Request::ClientCopy(Copy {
                facility,
                client,
                recipient: key.trim().to_owned(),
            });
            control::ask(&storage, &request)
        }
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

/// A new pair in its two files, and another for copies; a key that is there is left alone.
fn make_key(out: &Path, copy: bool) -> anyhow::Result<bool> {
    let key = ClientKey::generate()?;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    write_secret(&out.join("key.pem"), key.to_text().reveal())?;
    fs::write(out.join("public.jwk"), key.public()?.to_string())?;
    if copy {
        let identity = Identity::generate();
        write_secret(&out.join("copy.key"), identity.to_text().reveal())?;
        fs::write(out.join("copy.pub"), identity.recipient().to_text() + "\n")?;
    }
    println!("{} に保存しました。", out.display());
    println!("saved in {}", out.display());
    Ok(true)
}

/// For its owner's eyes only, from the first moment.
fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| {
        format!(
            "{0} を作れません。すでにある鍵は上書きしません / {0} cannot be made; a key that is there is not overwritten",
            path.display()
        )
    })?;
    Ok(file.write_all(text.as_bytes())?)
}
