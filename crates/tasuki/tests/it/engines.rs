//! Both engines, brought up by the engine itself as at the program's first start, and nothing
//! more in them.

use std::{
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::Connection;
use store::{Database, Engine, Options, Schema, ServerOptions, engine::DATABASE, own_schema};
use tasuki::program::{self, SystemClock};
use testkit::{postgres::Client, standing};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// The storage of everything, the store's own included.
pub fn schemas() -> Vec<Schema> {
    let mut all = vec![own_schema()];
    all.extend(program::schemas());
    all
}

/// A data folder that goes with this.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("tasuki-engines-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

fn bring_up(folder: &Path, database: Database) {
    let clock = Arc::new(SystemClock);
    let options = Options::embedded(folder.to_path_buf(), program::schemas(), clock);
    let engine = Engine::open(Options {
        database,
        ..options
    });
    drop(engine.expect("the engine opens"));
}

/// SQLite.
pub struct Sqlite {
    connection: Connection,
    _folder: Folder,
}

impl Deref for Sqlite {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// SQLite in a folder of its own.
pub fn sqlite() -> Sqlite {
    let folder = Folder::new();
    bring_up(&folder.0, Database::Embedded);
    let connection = Connection::open(folder.0.join(DATABASE)).expect("SQLite opens");
    Sqlite {
        connection,
        _folder: folder,
    }
}

/// PostgreSQL: a database of its own; says aloud when there is none.
pub fn postgres(what: &str) -> Option<Client> {
    let Some(address) = standing::address() else {
        eprintln!("SKIPPED: {what} (PostgreSQL is not installed)");
        return None;
    };
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let name = format!("engines_{number}");
    let connect = |name: &str| {
        let config = format!("{address} dbname={name}");
        config
            .parse::<postgres::Config>()
            .expect("an address")
            .connect(postgres::NoTls)
    };
    let create = format!("CREATE DATABASE {name}");
    let mut admin = connect("postgres").expect("a connection");
    admin.batch_execute(&create).expect("a database");
    let folder = Folder::new();
    let url = format!("{address} dbname={name}");
    bring_up(&folder.0, Database::Server(ServerOptions::new(url)));
    Some(connect(&name).expect("a connection"))
}
