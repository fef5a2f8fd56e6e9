//! Where an engine under test has its data: the same tests on both engines.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{At, folder, schema};
use crate::{
    Database, Engine, Options, Schema, ServerOptions, StoreError,
    engine::DATABASE,
    link::Link,
    verify::{self, Report},
};

const WAITS: Duration = Duration::from_secs(30);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A data folder and, for the second engine, a database beside it; both go with this.
pub(super) struct Place {
    pub folder: PathBuf,
    pub server: Option<Base>,
}

/// A database of a test's own.
#[derive(Clone)]
pub(super) struct Base {
    /// The server, without a database.
    pub address: String,
    pub name: String,
}

impl Base {
    pub fn url(&self) -> String {
        format!("{} dbname={}", self.address, self.name)
    }

    /// The server's administrator.
    pub fn admin(&self) -> Link {
        Link::server(&format!("{} dbname=postgres", self.address), WAITS).expect("a connection")
    }
}

/// Runs a test on each engine.
pub(super) fn on_both(name: &str, test: impl Fn(&Place)) {
    test(&Place::embedded(name));
    on_server(name, test);
}

/// Runs a test on the second engine alone.
pub(super) fn on_server(name: &str, test: impl Fn(&Place)) {
    match Place::server(name) {
        Some(place) => test(&place),
        None => eprintln!("SKIPPED: {name} on PostgreSQL (PostgreSQL is not installed)"),
    }
}

impl Place {
    pub fn embedded(name: &str) -> Self {
        Self {
            folder: folder(&format!("{name}-sqlite")),
            server: None,
        }
    }

    pub fn server(name: &str) -> Option<Self> {
        let address = testkit::standing::address()?.to_owned();
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let base = Base {
            address,
            name: format!("store_{number}"),
        };
        let create = format!("CREATE DATABASE {}", base.name);
        base.admin().batch(&create).expect("a database");
        Some(Self {
            folder: folder(&format!("{name}-postgres")),
            server: Some(base),
        })
    }

    pub fn is_server(&self) -> bool {
        self.server.is_some()
    }

    pub fn base(&self) -> &Base {
        self.server.as_ref().expect("a test of the second engine")
    }

    pub fn open(&self) -> Engine {
        self.open_with(vec![schema()]).expect("the engine opens")
    }

    pub fn open_with(&self, schemas: Vec<Schema>) -> Result<Engine, StoreError> {
        let server = self.server.as_ref().map(|base| ServerOptions {
            connections: 4,
            ..ServerOptions::new(base.url())
        });
        Engine::open(Options {
            database: server.map_or(Database::Embedded, Database::Server),
            ..Options::embedded(self.folder.clone(), schemas, Arc::new(At(1_000_000)))
        })
    }

    /// An engine on the server by these options.
    pub fn open_server(&self, options: ServerOptions) -> Engine {
        Engine::open(Options {
            database: Database::Server(options),
            ..Options::embedded(self.folder.clone(), vec![schema()], Arc::new(At(1_000_000)))
        })
        .expect("the engine opens")
    }

    /// A link past the engine.
    pub fn link(&self) -> Link {
        match &self.server {
            None => Link::embedded(&self.folder.join(DATABASE)),
            Some(base) => Link::server(&base.url(), WAITS),
        }
        .expect("a link")
    }

    /// The audit log, which must be whole.
    pub fn report(&self) -> Report {
        verify::verify_link(&self.link(), &verify::Trust::default(), &mut |_| {})
            .expect("readable")
            .expect("whole")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
        if let Some(base) = &self.server {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", base.name);
            let _gone = base.admin().batch(&drop);
        }
    }
}
