//! What a service declares of its storage, and bringing a database up to it.

use kernel::id::NodeId;

use keystore::SystemRng;

use crate::{
    Owner, Statement, StoreError, Table, Value, archiving,
    audit::{self, Subject},
    link::Link,
    note, seal, sealing, verify,
};

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
    Table {
        name: "access_note",
        owner: Owner::Facility,
    },
];

/// The tables of the store itself: heads, audit log, seals.
#[must_use]
pub fn own_schema() -> Schema {
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
            Migration {
                number: 3,
                name: "notes of access",
                sqlite: include_str!("../migrations/sqlite/0003_access_note.sql"),
                postgres: include_str!("../migrations/postgres/0003_access_note.sql"),
            },
        ],
        statements: [
            audit::all_statements(),
            seal::STATEMENTS.to_vec(),
            sealing::STATEMENTS.to_vec(),
            verify::all_statements(),
            archiving::STATEMENTS.to_vec(),
            note::STATEMENTS.to_vec(),
            STATEMENTS.to_vec(),
        ]
        .concat(),
    }
}

/// What the database knows of itself: a name and a value.
pub(crate) const META_TABLE: &str = "schema_meta";
const APPLICATION_ID: i64 = 0x7461_7375;
const BOOK_SQLITE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    service TEXT NOT NULL, number INTEGER NOT NULL, sha256 BLOB NOT NULL,
    PRIMARY KEY (service, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS schema_meta (
    name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";
const BOOK_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    service TEXT COLLATE \"C\" NOT NULL, number BIGINT NOT NULL, sha256 BYTEA NOT NULL,
    PRIMARY KEY (service, number));
  CREATE TABLE IF NOT EXISTS schema_meta (
    name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, value BYTEA NOT NULL);";

crate::statements! {
    /// A migration that was applied.
    Reference APPLIED = "SELECT sha256 FROM schema_migration WHERE service = $1 AND number = $2";
    /// Notes one.
    Reference APPLY = "INSERT INTO schema_migration (service, number, sha256) VALUES ($1, $2, $3)";
    /// Forgets one: that of a load that has ended.
    Reference UNAPPLY = "DELETE FROM schema_migration WHERE service = $1 AND number = $2";
    /// Every one.
    Reference ALL_APPLIED = "SELECT service, number FROM schema_migration ORDER BY service, number";
    /// What the database knows of itself.
    Reference META = "SELECT value FROM schema_meta WHERE name = $1";
    /// Notes it, unless it is there.
    Reference CLAIM_META = "INSERT INTO schema_meta (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO NOTHING";
    /// Notes it.
    Reference SET_META = "INSERT INTO schema_meta (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Applies what is missing, in one transaction.
///
/// # Errors
/// [`StoreError::Schema`] when an applied migration was changed since, or the database has
/// one that this program does not know.
pub(crate) fn migrate(link: &Link, schemas: &[Schema]) -> Result<(), StoreError> {
    claim(link)?;
    link.in_one_alone(|| {
        link.batch(if link.sqlite().is_some() {
            BOOK_SQLITE
        } else {
            BOOK_POSTGRES
        })?;
        refuse_half_loaded(link)?;
        refuse_unknown(link, schemas)?;
        refuse_moved(link)?;
        let mut count = 0;
        for schema in schemas {
            refuse_hole(link, schema)?;
            for migration in schema.migrations {
                count += u64::from(apply(link, schema.service, migration)?);
            }
        }
        if count > 0 && is_in_use(link)? {
            // A migration is no entry of the journal: the number says that something is missing
            // there, so that the next generation begins after it.
            set_journal(link, journal(link)? + 1)?;
        }
        Ok(())
    })
}

/// The applied migrations of every service, in order.
pub(crate) fn applied(link: &Link) -> Result<Vec<(String, i64)>, StoreError> {
    link.rows(&ALL_APPLIED, &[], |row| Ok((row.text(0)?, row.int(1)?)))
}

/// Brings an empty database up to just these migrations: those of a dump.
pub(crate) fn migrate_as(
    link: &Link,
    schemas: &[Schema],
    wanted: &[(String, i64)],
) -> Result<(), StoreError> {
    claim(link)?;
    link.in_one_alone(|| {
        link.batch(if link.sqlite().is_some() {
            BOOK_SQLITE
        } else {
            BOOK_POSTGRES
        })?;
        if !applied(link)?.is_empty() {
            return Err(StoreError::Schema(
                "the target already holds a database; give an empty one".to_owned(),
            ));
        }
        let mut done = 0;
        for schema in schemas {
            for migration in schema.migrations {
                if wanted
                    .iter()
                    .any(|(s, n)| s == schema.service && *n == migration.number)
                {
                    apply(link, schema.service, migration)?;
                    done += 1;
                }
            }
        }
        let [service, number] = LOADING;
        link.execute(&APPLY, &[service, number, (&audit::GENESIS).into()])?;
        if done != wanted.len() {
            return Err(StoreError::Schema(
                "the dump has migrations that this program does not know; it was made by a \
                 newer version: use that one"
                    .to_owned(),
            ));
        }
        Ok(())
    })
}

/// In the book of migrations as long as a database is being loaded: nobody starts with half of
/// one, and an older program refuses it too.
const LOADING: [Value<'static>; 2] = [Value::Text("loading"), Value::Int(1)];

fn refuse_half_loaded(link: &Link) -> Result<(), StoreError> {
    if !is_half_loaded(link)? {
        return Ok(());
    }
    Err(StoreError::Schema(
        "this database was being loaded (by a restore or a move) and that did not end; \
         throw it away and do it again"
            .to_owned(),
    ))
}

/// Was this database being loaded when that was cut short?
///
/// # Errors
/// The engine's.
pub fn is_half_loaded(link: &Link) -> Result<bool, StoreError> {
    if link.columns("schema_migration")?.is_none() {
        return Ok(false);
    }
    Ok(link.row(&APPLIED, &LOADING, |_| Ok(()))?.is_some())
}

/// What was loaded is whole: from here on the database may be started with.
///
/// # Errors
/// The engine's.
pub fn end_load(link: &Link) -> Result<(), StoreError> {
    link.execute(&UNAPPLY, &LOADING)?;
    Ok(())
}

/// Another program's file is left alone, byte for byte.
pub(crate) fn refuse_foreign(link: &Link) -> Result<(), StoreError> {
    let Some(connection) = link.sqlite() else {
        return Ok(());
    };
    let other: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if other != APPLICATION_ID && (other != 0 || tables != 0) {
        return Err(StoreError::Schema(
            "tasuki.db is another program's database; give another data folder".to_owned(),
        ));
    }
    Ok(())
}

/// The file is this program's from here on.
fn claim(link: &Link) -> Result<(), StoreError> {
    refuse_foreign(link)?;
    let Some(connection) = link.sqlite() else {
        return Ok(());
    };
    let known: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if known != APPLICATION_ID {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Ok(())
}

/// Applies a migration unless it is applied already; was it?
fn apply(link: &Link, service: &str, migration: &Migration) -> Result<bool, StoreError> {
    let text = match link.sqlite() {
        Some(_) => migration.sqlite,
        None => migration.postgres,
    };
    let hash = audit::sha256(&[text.as_bytes()]);
    let key = [service.into(), migration.number.into()];
    let applied = link.row(&APPLIED, &key, |row| row.blob(0))?;
    match applied {
        Some(known) if known == hash => Ok(false),
        Some(_) => Err(StoreError::Schema(format!(
            "migration {} of {service} was changed after it had been applied; \
             start the program that applied it, or restore its text",
            migration.number
        ))),
        None => {
            link.batch(text).map_err(|error| {
                StoreError::Schema(format!(
                    "migration {} of {service} could not be applied ({error}); nothing was \
                     changed: if the database was changed by hand, restore it from a backup",
                    migration.number
                ))
            })?;
            let [service, number] = key;
            link.execute(&APPLY, &[service, number, (&hash).into()])?;
            Ok(true)
        }
    }
}

/// A later migration without an earlier one: the earlier one would run on a schema that it was
/// not written for.
fn refuse_hole(link: &Link, schema: &Schema) -> Result<(), StoreError> {
    let mut missing = None;
    for migration in schema.migrations {
        let key = [schema.service.into(), migration.number.into()];
        if link.row(&APPLIED, &key, |_| Ok(()))?.is_none() {
            missing = missing.or(Some(migration.number));
        } else if let Some(number) = missing {
            return Err(StoreError::Schema(format!(
                "the database has migration {} of {}, yet not {number} before it; \
                 the database was changed by hand: restore it from a backup",
                migration.number, schema.service
            )));
        }
    }
    Ok(())
}

fn refuse_unknown(link: &Link, schemas: &[Schema]) -> Result<(), StoreError> {
    for (service, number) in applied(link)? {
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

fn refuse_moved(link: &Link) -> Result<(), StoreError> {
    match link.row(&META, &["moved".into()], |row| row.blob(0))? {
        None => Ok(()),
        Some(to) => Err(StoreError::Schema(format!(
            "this database was moved to {}; start with that one, so that nothing is written twice",
            String::from_utf8_lossy(&to)
        ))),
    }
}

/// Notes that everything is elsewhere now: from here on nobody starts with this database.
///
/// # Errors
/// The engine's.
pub fn mark_moved(link: &Link, to: &str) -> Result<(), StoreError> {
    link.execute(&SET_META, &["moved".into(), to.as_bytes().into()])?;
    Ok(())
}

/// Where everything was moved to, if it was.
///
/// # Errors
/// The engine's.
pub fn moved_to(link: &Link) -> Result<Option<String>, StoreError> {
    if link.columns(META_TABLE)?.is_none() {
        return Ok(None);
    }
    let to = link.row(&META, &["moved".into()], |row| row.blob(0))?;
    Ok(to.map(|to| String::from_utf8_lossy(&to).into_owned()))
}

/// This installation's identifier; made at the first start.
pub(crate) fn node(link: &Link) -> Result<NodeId, StoreError> {
    link.in_one_alone(|| {
        if let Some(bytes) = link.row(&META, &["node".into()], |row| row.blob(0))? {
            return NodeId::from_slice(&bytes).ok_or(StoreError::Corrupt("the node's id"));
        }
        let id = NodeId::random(&SystemRng);
        link.execute(&SET_META, &["node".into(), id.as_bytes().into()])?;
        link.execute(
            Subject::Node(id).statements().create_head,
            &[id.as_bytes().into(), (&audit::GENESIS).into()],
        )?;
        Ok(id)
    })
}

/// Is there a database of ours at all?
pub(crate) fn is_made(link: &Link) -> Result<bool, StoreError> {
    Ok(link.columns(META_TABLE)?.is_some() && is_in_use(link)?)
}

/// Has an installation been made here?
pub(crate) fn is_in_use(link: &Link) -> Result<bool, StoreError> {
    Ok(link.row(&META, &["node".into()], |_| Ok(()))?.is_some())
}

/// Which keys the data is under.
pub(crate) fn keys_fingerprint(link: &Link) -> Result<Option<audit::Hash>, StoreError> {
    link.row(&META, &["keys".into()], |row| row.array(0))
}

/// Notes which keys the data is under, unless another program was first; which it is then.
pub(crate) fn claim_for_keys(link: &Link, hash: &audit::Hash) -> Result<audit::Hash, StoreError> {
    link.execute(&CLAIM_META, &["keys".into(), hash.into()])?;
    keys_fingerprint(link)?.ok_or(StoreError::Corrupt("the keys' fingerprint"))
}

/// The number of the journal's last entry.
pub(crate) fn journal(link: &Link) -> Result<u64, StoreError> {
    let known = link.row(&META, &["journal".into()], |row| row.array(0))?;
    Ok(known.map_or(0, u64::from_be_bytes))
}

/// Notes it, in the transaction that the entry is about.
pub(crate) fn set_journal(link: &Link, number: u64) -> Result<(), StoreError> {
    link.execute(
        &SET_META,
        &["journal".into(), (&number.to_be_bytes()).into()],
    )?;
    Ok(())
}
