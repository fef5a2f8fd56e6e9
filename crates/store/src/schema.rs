//! What a service declares of its storage, and bringing a database up to it.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Owner, Statement, StoreError, Table, audit, seal, sealing};

/// One step of a service's schema; applied once, recorded with its hash, never edited.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Consecutive number in the service, from 1.
    pub number: i64,
    /// A short name.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

/// A service's storage: its tables with their owners, its migrations, its statements.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The service's name.
    pub service: &'static str,
    /// Every table.
    pub tables: &'static [Table],
    /// Every migration in order.
    pub migrations: &'static [Migration],
    /// Every statement.
    pub statements: Vec<&'static Statement>,
}

/// The tables of the store itself: heads, audit log, seals.
#[must_use]
pub fn own_schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "person_head",
            owner: Owner::Person,
        },
        Table {
            name: "facility_head",
            owner: Owner::Facility,
        },
        Table {
            name: "node_head",
            owner: Owner::Node,
        },
        Table {
            name: "person_audit",
            owner: Owner::Person,
        },
        Table {
            name: "facility_audit",
            owner: Owner::Facility,
        },
        Table {
            name: "node_audit",
            owner: Owner::Node,
        },
        Table {
            name: "audit_pending",
            owner: Owner::Node,
        },
        Table {
            name: "audit_seal",
            owner: Owner::Node,
        },
        Table {
            name: "audit_leaf",
            owner: Owner::Node,
        },
        Table {
            name: "audit_map",
            owner: Owner::Node,
        },
        Table {
            name: "audit_map_head",
            owner: Owner::Node,
        },
        Table {
            name: "audit_archive",
            owner: Owner::Node,
        },
        Table {
            name: "anonymous_refusal",
            owner: Owner::Node,
        },
    ];
    Schema {
        service: "store",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "heads and audit log",
                sqlite: include_str!("../migrations/sqlite/0001_heads_audit.sql"),
                postgres: include_str!("../migrations/postgres/0001_heads_audit.sql"),
            },
            Migration {
                number: 2,
                name: "map of last records, archives",
                sqlite: include_str!("../migrations/sqlite/0002_map_archive.sql"),
                postgres: include_str!("../migrations/postgres/0002_map_archive.sql"),
            },
        ],
        statements: [
            audit::all_statements(),
            seal::STATEMENTS.to_vec(),
            sealing::STATEMENTS.to_vec(),
        ]
        .concat(),
    }
}

const BOOK: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    service TEXT NOT NULL, number INTEGER NOT NULL, sha256 BLOB NOT NULL,
    PRIMARY KEY (service, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS schema_meta (
    name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/// Applies what is missing, in one transaction.
///
/// # Errors
/// [`StoreError::Schema`] when an applied migration was changed since, or the database has
/// one that this program does not know.
pub(crate) fn migrate(connection: &Connection, schemas: &[Schema]) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(BOOK)?;
    for schema in schemas {
        for migration in schema.migrations {
            apply(connection, schema.service, migration)?;
        }
    }
    refuse_unknown(connection, schemas)?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn apply(connection: &Connection, service: &str, migration: &Migration) -> Result<(), StoreError> {
    let hash = audit::sha256(&[migration.sqlite.as_bytes()]);
    let applied: Option<Vec<u8>> = connection
        .query_row(
            "SELECT sha256 FROM schema_migration WHERE service = ?1 AND number = ?2",
            params![service, migration.number],
            |row| row.get(0),
        )
        .optional()?;
    match applied {
        Some(known) if known == hash => Ok(()),
        Some(_) => Err(StoreError::Schema(format!(
            "migration {} of {service} was changed after it had been applied; \
             start the program that applied it, or restore its text",
            migration.number
        ))),
        None => {
            connection.execute_batch(migration.sqlite)?;
            connection.execute(
                "INSERT INTO schema_migration (service, number, sha256) VALUES (?1, ?2, ?3)",
                params![service, migration.number, &hash[..]],
            )?;
            Ok(())
        }
    }
}

fn refuse_unknown(connection: &Connection, schemas: &[Schema]) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare("SELECT service, number FROM schema_migration ORDER BY service, number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (service, number): (String, i64) = (row.get(0)?, row.get(1)?);
        let known = schemas
            .iter()
            .filter(|s| s.service == service)
            .any(|s| s.migrations.iter().any(|m| m.number == number));
        if !known {
            return Err(StoreError::Schema(format!(
                "the database has migration {number} of {service}, which this program does not \
                 know; it was made by a newer version: start that one"
            )));
        }
    }
    Ok(())
}
