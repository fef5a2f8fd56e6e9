//! Where the data and the keys are, as the command line says it, and opening them.

use std::{path::PathBuf, sync::Arc};

use access::Gate;
use anyhow::Context;
use clap::Args;
use kernel::{Secret, time::Clock};
use store::{Database, Engine, Options, ServerOptions, Unlock, engine::DATABASE, link::Link};

use crate::{
    loading::refuse_unfinished,
    program::{self, SystemClock},
};

/// Where the data and the keys are.
#[derive(Args, Clone, Debug)]
pub struct Storage {
    /// The data folder; the keys are always in it.
    #[arg(long, default_value = "tasuki-data")]
    pub data: PathBuf,
    /// A server for the data.
    #[command(flatten)]
    pub server: Server,
    /// What opens the keys.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// What opens the keys; without any of these, the plain file kek.bin.
#[derive(Args, Clone, Debug, Default)]
pub struct Unlocking {
    /// A file with the passphrase.
    #[arg(long, env = "TASUKI_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// The library of a PKCS#11 token.
    #[arg(long, conflicts_with = "passphrase_file", requires_all = ["pkcs11_token", "pkcs11_pin_file"])]
    pub pkcs11_module: Option<PathBuf>,
    /// The token's label.
    #[arg(long)]
    pub pkcs11_token: Option<String>,
    /// The key's label in it.
    #[arg(long, default_value = "tasuki")]
    pub pkcs11_key: String,
    /// A file with the user's PIN.
    #[arg(long)]
    pub pkcs11_pin_file: Option<PathBuf>,
}

impl Unlocking {
    /// The secrets, read from their files.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn unlock(&self) -> anyhow::Result<Unlock> {
        let secret = |path: &PathBuf| -> anyhow::Result<Secret<String>> {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} could not be read", path.display()))?;
            Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
        };
        Ok(
            match (
                &self.passphrase_file,
                &self.pkcs11_module,
                &self.pkcs11_pin_file,
            ) {
                (Some(file), _, _) => Unlock::Passphrase(secret(file)?),
                (None, Some(module), Some(pin)) => Unlock::Pkcs11 {
                    module: module.clone(),
                    token: self.pkcs11_token.clone().unwrap_or_default(),
                    pin: secret(pin)?,
                    key: self.pkcs11_key.clone(),
                },
                _ => Unlock::File,
            },
        )
    }
}

/// A PostgreSQL server for the data.
#[derive(Args, Clone, Debug, Default)]
pub struct Server {
    /// PostgreSQL for the data instead of the folder: "host=/run/postgresql user=tasuki
    /// dbname=tasuki"; of several hosts, the one that takes writes is used.
    #[arg(long, env = "TASUKI_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Connections to it.
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
}

impl Server {
    fn database(&self) -> Database {
        match &self.database_url {
            None => Database::Embedded,
            Some(url) => Database::Server(ServerOptions {
                connections: self.connections.max(1),
                ..ServerOptions::new(url.clone())
            }),
        }
    }
}

impl Storage {
    /// Data and keys in `folder`, unless `server` has the data.
    #[must_use]
    pub fn new(data: PathBuf, server: Server) -> Self {
        Self {
            data,
            server,
            unlocking: Unlocking::default(),
        }
    }

    /// With keys that are opened so.
    #[must_use]
    pub fn with_unlocking(self, unlocking: Unlocking) -> Self {
        Self { unlocking, ..self }
    }

    /// Where the data is.
    #[must_use]
    pub fn database(&self) -> Database {
        self.server.database()
    }

    /// Opens the store with the system's clock.
    ///
    /// # Errors
    /// What the store says, with what to do about it.
    pub fn open(&self) -> anyhow::Result<Gate> {
        self.open_with(Arc::new(SystemClock))
    }

    /// Opens a store that is there already: an operator's slip in the folder's name must not
    /// make a new one.
    ///
    /// # Errors
    /// As [`Storage::open`]; when the folder holds no keys.
    pub fn open_existing(&self) -> anyhow::Result<Gate> {
        self.ensure_existing()?;
        self.open()
    }

    /// # Errors
    /// When the folder holds no keys: every installation has some.
    pub fn ensure_existing(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.data.is_dir() && keystore::KeyStore::exists(&self.data)?,
            "{0} にはデータがありません。フォルダの名前を確かめてください / there is no data in {0}; check the folder's name",
            self.data.display()
        );
        Ok(())
    }

    /// Opens the store with this clock.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub fn open_with(&self, clock: Arc<dyn Clock>) -> anyhow::Result<Gate> {
        self.open_to_serve(clock, 0, None)
    }

    /// Opens the store for serving: with a reserve for a full disk, and a journal if somebody
    /// keeps one.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub fn open_to_serve(
        &self,
        clock: Arc<dyn Clock>,
        reserve_bytes: u64,
        journal: Option<crossbeam_channel::Sender<store::journal::Entry>>,
    ) -> anyhow::Result<Gate> {
        refuse_unfinished(&self.data)?;
        let options = Options {
            database: self.server.database(),
            unlock: self.unlocking.unlock()?,
            reserve_bytes,
            journal,
            ..Options::embedded(self.data.clone(), program::schemas(), clock)
        };
        let engine = Engine::open(options).with_context(|| {
            let folder = self.data.display();
            match &self.server.database_url {
                None => format!("the data folder {folder} could not be opened"),
                Some(_) => format!("the database, with its keys in {folder}, could not be opened"),
            }
        })?;
        Ok(Gate::new(engine))
    }

    /// Runs `look` with a link that only reads, past the program; never on a thread of the
    /// async runtime.
    ///
    /// # Errors
    /// When the database cannot be opened; what `look` says.
    pub fn with_link<T: Send>(
        &self,
        look: impl FnOnce(&mut Link) -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let link = match self.server.database() {
                    Database::Embedded => Link::embedded_reading(&self.data.join(DATABASE)),
                    Database::Server(server) => Link::server(&server.url, server.statement),
                };
                look(&mut link.context("the database could not be opened")?)
            });
            looking
                .join()
                .unwrap_or_else(|_| anyhow::bail!("the look at the database ended in the middle"))
        })
    }
}
