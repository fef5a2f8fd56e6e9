//! Both engines with every migration applied, and nothing in them.

use rusqlite::Connection;
use store::{Schema, own_schema};
use tasuki::program;
use testkit::postgres::{Client, Cluster, Durability};

/// The storage of everything, the store's own included.
pub fn schemas() -> Vec<Schema> {
    let mut all = vec![own_schema()];
    all.extend(program::schemas());
    all
}

/// SQLite in memory.
pub fn sqlite() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens");
    for schema in schemas() {
        for migration in schema.migrations {
            let name = format!(
                "{} {} ({})",
                schema.service, migration.number, migration.name
            );
            if let Err(error) = connection.execute_batch(migration.sqlite) {
                panic!("migration {name} on SQLite: {error}");
            }
        }
    }
    connection
}

/// PostgreSQL on a server of its own; says aloud when there is none.
pub fn postgres(what: &str) -> Option<(Cluster, Client)> {
    let cluster = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts");
    let Some(cluster) = cluster else {
        eprintln!("SKIPPED: {what} (PostgreSQL is not installed)");
        return None;
    };
    let mut client = cluster.client().expect("a connection");
    for schema in schemas() {
        for migration in schema.migrations {
            let name = format!(
                "{} {} ({})",
                schema.service, migration.number, migration.name
            );
            if let Err(error) = client.batch_execute(migration.postgres) {
                panic!("migration {name} on PostgreSQL: {error:?}");
            }
        }
    }
    Some((cluster, client))
}
