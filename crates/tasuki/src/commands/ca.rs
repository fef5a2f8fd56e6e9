//! `tasuki ca`: certificates of the installation's own authority.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Subcommand;
use kernel::Secret;

use crate::{
    authority::Asked,
    control::{self, Request},
    storage::Storage,
};

const PEM: &str = "-----BEGIN ";

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Make the authority unless it is there; prints its root certificate (PEM).
    Init {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
    /// A key and a certificate for this server's TLS: key.pem, certificate.pem, root.pem.
    #[command(name = "server")]
    OwnServer {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The host name or address under which it is reached.
        #[arg(long)]
        name: String,
        /// The folder for the files.
        #[arg(long)]
        out: PathBuf,
    },
    /// A client certificate for a facility's terminal or server, which is registered with it.
    Issue {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code.
        #[arg(long)]
        facility: String,
        /// What it is.
        #[arg(long, default_value = "terminal", value_parser = ["terminal", "server"])]
        kind: String,
        /// Its name.
        #[arg(long)]
        label: String,
        /// Who is responsible for it.
        #[arg(long)]
        responsible: String,
        /// The request (PKCS#10, PEM) made on it; without one, a key is made here.
        #[arg(long)]
        csr: Option<PathBuf>,
        /// The folder for the files.
        #[arg(long)]
        out: PathBuf,
    },
    /// A facility's certificates.
    List {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code.
        #[arg(long)]
        facility: String,
    },
    /// End a certificate: the next request with it is refused.
    End {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The facility's ten-digit code.
        #[arg(long)]
        facility: String,
        /// The serial number, 32 hexadecimal digits.
        #[arg(long)]
        serial: String,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Init { storage } => {
            let (done, pems) = ask(&storage, Asked::Init {})?;
            for pem in pems {
                print!("{pem}");
            }
            Ok(done)
        }
        Command::OwnServer { storage, name, out } => {
            let (key, request) = equipment::ca::new_request()?;
            certify(&storage, &out, Some(&key), Asked::Server { name, request })
        }
        Command::Issue {
            storage,
            facility,
            kind,
            label,
            responsible,
            csr,
            out,
        } => {
            let (key, request) = match csr {
                Some(path) => {
                    let request = fs::read_to_string(&path)
                        .with_context(|| format!("{} could not be read", path.display()))?;
                    (None, request)
                }
                None => {
                    let (key, request) = equipment::ca::new_request()?;
                    (Some(key), request)
                }
            };
            let asked = Asked::Issue {
                facility,
                kind,
                label,
                responsible,
                request,
            };
            certify(&storage, &out, key.as_ref(), asked)
        }
        Command::List { storage, facility } => Ok(ask(&storage, Asked::List { facility })?.0),
        Command::End {
            storage,
            facility,
            serial,
        } => Ok(ask(&storage, Asked::End { facility, serial })?.0),
    }
}

/// Asks; certificates of the answer are given back, all else is printed.
fn ask(storage: &Storage, asked: Asked) -> anyhow::Result<(bool, Vec<String>)> {
    let mut pems = Vec::new();
    let mut take = |ja: &str, en: &str| {
        if ja.starts_with(PEM) {
            pems.push(ja.to_owned());
        } else {
            println!("{ja}\n{en}");
        }
    };
    let done = control::ask_telling(storage, &Request::Authority { asked }, &mut take)?;
    Ok((done, pems))
}

/// Writes what was issued, the key that was made for it, and the root certificate.
fn certify(
    storage: &Storage,
    out: &Path,
    key: Option<&Secret<String>>,
    asked: Asked,
) -> anyhow::Result<bool> {
    let path = out.join("key.pem");
    anyhow::ensure!(
        key.is_none() || !path.exists(),
        "{} があります。すでにある鍵は上書きしません / a key that is there is not overwritten",
        path.display()
    );
    let (done, issued) = ask(storage, asked)?;
    let Some(certificate) = issued.first().filter(|_| done) else {
        return Ok(false);
    };
    let (_, root) = ask(storage, Asked::Init {})?;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    if let Some(key) = key {
        // For its owner's eyes only, from the first moment.
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(key.reveal().as_bytes())?;
    }
    fs::write(out.join("certificate.pem"), certificate)?;
    fs::write(out.join("root.pem"), root.concat())?;
    println!("{} に保存しました。", out.display());
    println!("saved in {}", out.display());
    Ok(true)
}
