//! Ownership of every table, and the same schema on both engines.
//!
//! A table is cut along its owner: its primary key begins with the owner's column, and no
//! foreign key crosses from one owner to another. So one owner's rows can move elsewhere, or
//! be destroyed, by themselves.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use store::{Owner, Statement};
use testkit::postgres::Client;

use crate::engines;

/// The store's book about itself: what was applied, and a few facts of the whole.
const BOOK: [&str; 2] = ["schema_meta", "schema_migration"];

/// Column types in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Text,
    Blob,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
    may_be_null: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shape {
    columns: Vec<Column>,
    key: Vec<String>,
    /// Columns of each other index, and whether it is unique.
    indexes: BTreeSet<(Vec<String>, bool)>,
}

type Shapes = BTreeMap<String, Shape>;

/// Every declared table with its services and owners; the book is the same for everyone.
fn declared() -> BTreeMap<&'static str, Vec<(&'static str, Owner)>> {
    let mut out: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for name in BOOK {
        out.insert(name, vec![("store", Owner::Reference)]);
    }
    for schema in engines::schemas() {
        for table in schema.tables {
            let owners = out.entry(table.name).or_default();
            owners.push((schema.service, table.owner));
        }
    }
    out
}

fn strings(connection: &Connection, sql: &str, value: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).expect("prepared");
    let rows = statement.query_map([value], |row| row.get(0));
    rows.expect("rows").map(|row| row.expect("text")).collect()
}

fn sqlite_tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite\\_%' \
               ESCAPE '\\' ORDER BY name";
    strings(connection, sql, "table")
}

fn sqlite_shapes(connection: &Connection) -> Shapes {
    let shape = |table: String| {
        let shape = sqlite_shape(connection, &table);
        (table, shape)
    };
    sqlite_tables(connection).into_iter().map(shape).collect()
}

fn sqlite_shape(connection: &Connection, table: &str) -> Shape {
    let mut columns = connection
        .prepare("SELECT name, type, \"notnull\" FROM pragma_table_info(?1) ORDER BY cid")
        .expect("prepared");
    let columns = columns.query_map([table], |row| {
        let (name, kind, not_null): (String, String, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = match kind.as_str() {
            "INTEGER" => Kind::Int,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Blob,
            other => panic!("{table}.{name} has type {other}"),
        };
        Ok(Column {
            name,
            kind,
            may_be_null: !not_null,
        })
    });
    let mut indexes = connection
        .prepare("SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE origin <> 'pk'")
        .expect("prepared");
    let indexes = indexes.query_map([table], |row| {
        let (name, unique): (String, bool) = (row.get(0)?, row.get(1)?);
        let sql = "SELECT name FROM pragma_index_info(?1) ORDER BY seqno";
        Ok((strings(connection, sql, &name), unique))
    });
    Shape {
        columns: columns
            .expect("rows")
            .map(|c| c.expect("a column"))
            .collect(),
        key: strings(
            connection,
            "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk",
            table,
        ),
        indexes: indexes
            .expect("rows")
            .map(|i| i.expect("an index"))
            .collect(),
    }
}

fn postgres_shapes(client: &mut Client) -> Shapes {
    let mut shapes = Shapes::new();
    let columns = "SELECT c.table_name::text, c.column_name::text, c.data_type::text,
            c.is_nullable::text, c.collation_name::text
        FROM information_schema.columns c
        WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position";
    for row in client.query(columns, &[]).expect("columns") {
        let (table, name, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let collation: Option<String> = row.get(4);
        let kind = match kind.as_str() {
            "bigint" => Kind::Int,
            "text" => Kind::Text,
            "bytea" => Kind::Blob,
            other => panic!("{table}.{name} has type {other}"),
        };
        let wanted = (kind == Kind::Text).then_some("C");
        assert_eq!(collation.as_deref(), wanted, "collation of {table}.{name}");
        shapes.entry(table).or_default().columns.push(Column {
            name,
            kind,
            may_be_null: row.get::<_, String>(3) == "YES",
        });
    }
    let indexes = "SELECT t.relname::text, i.indisprimary, i.indisunique,
            array_agg(a.attname::text ORDER BY k.place)
        FROM pg_index i
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
        WHERE n.nspname = 'public'
        GROUP BY t.relname, i.indexrelid, i.indisprimary, i.indisunique";
    for row in client.query(indexes, &[]).expect("indexes") {
        let shape = shapes.entry(row.get(0)).or_default();
        if row.get(1) {
            shape.key = row.get(3);
        } else {
            shape.indexes.insert((row.get(3), row.get(2)));
        }
    }
    shapes
}

#[test]
fn every_table_is_declared_by_one_service_and_exists() {
    let connection = engines::sqlite();
    let tables: BTreeSet<String> = sqlite_tables(&connection).into_iter().collect();
    let declared = declared();
    let known: BTreeSet<String> = declared.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(tables, known, "tables that exist, and tables declared");
    for (table, owners) in &declared {
        assert_eq!(
            owners.len(),
            1,
            "{table} is declared more than once: {owners:?}"
        );
    }
}

#[test]
fn every_key_begins_with_its_owner() {
    let shapes = sqlite_shapes(&engines::sqlite());
    for (table, owners) in declared() {
        let shape = &shapes[table];
        let (Some(first), Some((_, owner))) = (shape.key.first(), owners.first()) else {
            panic!("{table} has no primary key");
        };
        match owner {
            Owner::Person => assert_eq!(first, "person_id", "{table}"),
            Owner::Facility => assert_eq!(first, "facility_id", "{table}"),
            Owner::Node => assert_eq!(first, "node_id", "{table}"),
            Owner::Directory => {
                let column = shape.columns.iter().find(|c| c.name == *first);
                assert!(first.ends_with("key"), "{table}: {first}");
                assert_eq!(column.map(|c| c.kind), Some(Kind::Blob), "{table}: {first}");
            }
            Owner::Reference => {}
        }
        for name in &shape.key {
            let column = shape.columns.iter().find(|c| c.name == *name);
            let may_be_null = column.is_none_or(|c| c.may_be_null);
            assert!(!may_be_null, "{table}.{name} is in the key and may be null");
        }
    }
}

#[test]
fn what_watches_the_log_belongs_to_the_installation() {
    let declared = declared();
    for table in [
        "audit_pending",
        "audit_seal",
        "audit_leaf",
        "audit_map",
        "audit_map_head",
        "audit_archive",
        "anonymous_refusal",
    ] {
        assert_eq!(
            declared.get(table),
            Some(&vec![("store", Owner::Node)]),
            "{table}"
        );
    }
}

#[test]
fn sqlite_tables_are_strict_and_lie_in_the_order_of_their_key() {
    let connection = engines::sqlite();
    for table in sqlite_tables(&connection) {
        let sql = "SELECT strict AND wr FROM pragma_table_list WHERE name = ?1";
        let holds: bool = connection
            .query_row(sql, [&table], |row| row.get(0))
            .expect("a table");
        assert!(holds, "{table} is not STRICT, WITHOUT ROWID");
    }
}

/// Pairs of tables joined by a foreign key must have one owner.
fn assert_one_owner(pairs: &[(String, String)]) {
    let declared = declared();
    let owner = |table: &str| declared.get(table).map(|owners| owners[0].1);
    for (from, to) in pairs {
        assert_eq!(owner(from), owner(to), "a foreign key from {from} to {to}");
    }
}

#[test]
fn no_foreign_key_crosses_owners_on_sqlite() {
    let connection = engines::sqlite();
    let sql = "SELECT \"table\" FROM pragma_foreign_key_list(?1)";
    let mut pairs = Vec::new();
    for table in sqlite_tables(&connection) {
        let targets = strings(&connection, sql, &table).into_iter();
        pairs.extend(targets.map(|target| (table.clone(), target)));
    }
    assert_one_owner(&pairs);
}

#[test]
fn both_engines_have_the_same_schema_and_text_compares_by_code_point() {
    let Some(mut client) = engines::postgres("the schema on PostgreSQL") else {
        return;
    };
    let (here, there) = (
        sqlite_shapes(&engines::sqlite()),
        postgres_shapes(&mut client),
    );
    let names = |shapes: &Shapes| shapes.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&here), names(&there), "tables");
    for (table, shape) in &here {
        assert_eq!(Some(shape), there.get(table), "{table}: SQLite, PostgreSQL");
    }
    let crossing = "SELECT f.relname::text, t.relname::text FROM pg_constraint c
        JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
        WHERE c.contype = 'f'";
    let rows = client.query(crossing, &[]).expect("foreign keys");
    let pairs: Vec<_> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_one_owner(&pairs);
}

fn one_line(statement: &Statement) -> String {
    let words: Vec<&str> = statement.postgres().split_whitespace().collect();
    words.join(" ")
}

/// The tables that a statement names.
fn tables_of(text: &str) -> Vec<String> {
    let words: Vec<&str> = text
        .split([' ', ',', '(', ')'])
        .filter(|w| !w.is_empty())
        .collect();
    let named = words
        .windows(3)
        .filter(|w| matches!(w[1], "FROM" | "JOIN" | "INTO" | "UPDATE") && w[0] != "DO");
    let mut found: Vec<String> = named.map(|w| w[2].to_owned()).collect();
    if let ["UPDATE", table, ..] = words.as_slice() {
        found.push((*table).to_owned());
    }
    if let ["INSERT", "INTO", table, ..] = words.as_slice() {
        found.push((*table).to_owned());
    }
    found
}

#[test]
fn every_statement_stays_within_its_owner() {
    let declared = declared();
    for schema in engines::schemas() {
        for statement in &schema.statements {
            let text = one_line(statement);
            let tables = tables_of(&text);
            assert!(!tables.is_empty(), "{text}");
            for table in tables {
                let owners = declared.get(table.as_str());
                let fits = [(schema.service, statement.owner())];
                assert_eq!(
                    owners.map(Vec::as_slice),
                    Some(&fits[..]),
                    "{table} in {text}"
                );
            }
        }
    }
}

/// The verifier walks over whole tables: it reads ciphertext and hashes, for nobody.
fn walks() -> BTreeSet<String> {
    let mut all = BTreeSet::from([
        "SELECT node_id FROM node_head ORDER BY node_id LIMIT 1".to_owned(),
        "SELECT node_id FROM node_head ORDER BY node_id LIMIT 2".to_owned(),
    ]);
    // Files of insurers are worked off in the order in which they came, whosever they are.
    for which in ["state = 'waiting'", "at < $1 AND state <> 'waiting'"] {
        all.insert(format!(
            "SELECT facility_id, file_id, insurer_number, at, lines, state, done_at \
             FROM payer_file WHERE {which} ORDER BY at, file_id LIMIT 1"
        ));
    }
    // Exports are worked off in the order in which they were asked for, and end one by one.
    for which in [
        "state = 'waiting' ORDER BY asked_at",
        "ends_at <= $1 ORDER BY ends_at",
    ] {
        all.insert(format!(
            "SELECT facility_id, id, state, asked_at, done, total, body FROM fhir_export \
             WHERE {which}, facility_id, id LIMIT 1"
        ));
    }
    // Notifications are carried by one hand, whichever facility's subscription is due.
    all.insert("SELECT COUNT(*), MIN(at) FROM fhir_event".to_owned());
    all.insert(
        "SELECT s.facility_id, s.id FROM fhir_subscription s \
         WHERE s.next_at <= $1 AND s.ends_at > $1 AND (s.state = 'requested' OR (s.state = 'active' \
         AND EXISTS (SELECT 1 FROM fhir_event e \
         WHERE e.facility_id = s.facility_id AND e.subscription_id = s.id))) \
         ORDER BY s.next_at, s.facility_id, s.id LIMIT $2"
            .to_owned(),
    );
    all.insert(
        "SELECT s.facility_id, s.id, s.events FROM fhir_subscription s \
         WHERE EXISTS (SELECT 1 FROM fhir_event e WHERE e.facility_id = s.facility_id \
         AND e.subscription_id = s.id AND e.at < $1) ORDER BY s.facility_id, s.id LIMIT $2"
            .to_owned(),
    );
    for subject in ["person", "facility", "node"] {
        all.insert(format!(
            "SELECT {subject}_id, seq, at, body, hash FROM {subject}_audit \
             WHERE ({subject}_id, seq) > ($1, $2) ORDER BY {subject}_id, seq LIMIT $3"
        ));
        all.insert(format!(
            "SELECT {subject}_id, audit_seq, audit_hash, base_seq, base_hash, base_archive \
             FROM {subject}_head WHERE {subject}_id > $1 ORDER BY {subject}_id LIMIT $2"
        ));
    }
    all
}

#[test]
fn every_statement_names_its_owner_as_its_first_parameter() {
    let mut walks = walks();
    for schema in engines::schemas() {
        for statement in &schema.statements {
            let column = match statement.owner() {
                Owner::Person => "person_id",
                Owner::Facility => "facility_id",
                Owner::Node => "node_id",
                Owner::Directory | Owner::Reference => continue,
            };
            let text = one_line(statement);
            if walks.remove(&text) {
                continue;
            }
            let inserts = text.starts_with("INSERT INTO ")
                && text.contains(&format!(" ({column}, "))
                && text.contains("VALUES ($1, ");
            let selects = text.contains(&format!("{column} = $1"));
            assert!(inserts || selects, "{text}");
        }
    }
    assert!(walks.is_empty(), "walks that are gone: {walks:?}");
}

#[test]
fn every_list_has_an_order() {
    for schema in engines::schemas() {
        for statement in &schema.statements {
            let text = one_line(statement);
            let is_list = text.contains(" LIMIT ");
            assert!(!is_list || text.contains(" ORDER BY "), "{text}");
        }
    }
}
