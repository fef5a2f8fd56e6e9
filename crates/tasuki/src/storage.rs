//! Where the data and the keys are, as the command line says it, and opening them.

use std::{path::PathBuf, sync::Arc};

use access::Gate;
use anyhow::Context;
use clap::Args;
use kernel::time::Clock;
use store::{Database, Engine, Options, ServerOptions, engine::DATABASE, link::Link};

use crate::program::{self, SystemClock};

/// Where the data and the keys are.
#[derive(Args, Clone, Debug)]
pub struct Storage {
    /// The data folder; the keys are always in it.
    #[arg(long, default_value = "tasuki-data")]
    pub data: PathBuf,
    /// A server for the data.
    #[command(flatten)]
    pub server: Server,
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
    pub const fn new(data: PathBuf, server: Server) -> Self {
        Self { data, server }
    }

    /// Opens the store with the system's clock.
    ///
    /// # Errors
    /// What the store says, with what to do about it.
    pub fn open(&self) -> anyhow::Result<Gate> {
        self.open_with(Arc::new(SystemClock))
    }

    /// Opens the store with this clock.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub fn open_with(&self, clock: Arc<dyn Clock>) -> anyhow::Result<Gate> {
        let options = Options {
            database: self.server.database(),
            ..Options::embedded(self.data.clone(), program::schemas(), clock)
        };
        let engine = Engine::open(options).with_context(|| {
            format!(
                "the data folder {} could not be opened",
                self.data.display()
            )
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
