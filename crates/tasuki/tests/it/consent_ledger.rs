//! The rows of the first releases' consent table become entries of the ledger, in an order
//! that says the same.

use rusqlite::Connection;
use tasuki::program;
use testkit::postgres::{Cluster, Durability};

/// The table, as the first migration made it, and what moves it; an engine each.
const SQLITE: [&str; 2] = [
    include_str!("../../../access/migrations/sqlite/0001_access.sql"),
    include_str!("../../../access/migrations/sqlite/0002_consent_ledger.sql"),
];
const POSTGRES: [&str; 2] = [
    include_str!("../../../access/migrations/postgres/0001_access.sql"),
    include_str!("../../../access/migrations/postgres/0002_consent_ledger.sql"),
];

/// Facility, category, given, ends, withdrawn, by whom.
type Row = (
    u8,
    &'static str,
    i64,
    i64,
    Option<i64>,
    Option<&'static str>,
);

const ROWS: [Row; 7] = [
    // Given, and narrowed at 20; given anew in that very instant and taken back later.
    (1, "laboratory", 10, 110, Some(20), Some("choice")),
    (1, "laboratory", 20, 120, Some(30), Some("patient")),
    // Still open.
    (1, "conditions", 10, 110, None, None),
    // Given and left out in one instant.
    (2, "allergies", 40, 140, Some(40), Some("choice")),
    // Taken back by a clock that had been set back.
    (2, "infections", 50, 150, Some(5), Some("patient")),
    (2, "infections", 60, 160, None, None),
    (3, "contraindications", 1, 101, Some(2), Some("patient")),
];

fn insert(hex: impl Fn(u8) -> String) -> String {
    let mut sql = String::new();
    for (facility, category, given, ends, withdrawn, by) in ROWS {
        let withdrawn = withdrawn.map_or_else(|| "NULL".to_owned(), |at| at.to_string());
        let by = by.map_or_else(|| "NULL".to_owned(), |by| format!("'{by}'"));
        sql.push_str(&format!(
            "INSERT INTO consent (person_id, facility_id, category, given_at, consent_id, \
             expires_at, withdrawn_at, withdrawn_by, method) VALUES ({}, {}, '{category}', \
             {given}, {}, {ends}, {withdrawn}, {by}, 'pin');\n",
            hex(9),
            hex(facility),
            hex(7),
        ));
    }
    sql
}

const READ: &str = "SELECT number || ' ' || category || ' ' || act || ' ' || source || ' at ' || at \
    || ' until ' || COALESCE(expires_at, 0) FROM consent_entry ORDER BY person_id, number";

const MOVED: [&str; 12] = [
    "1 contraindications given visit at 1 until 101",
    "2 contraindications withdrawn patient at 2 until 0",
    "3 conditions given visit at 10 until 110",
    "4 laboratory given visit at 10 until 110",
    "5 laboratory refused visit at 20 until 110",
    "6 laboratory given visit at 20 until 120",
    "7 laboratory withdrawn patient at 30 until 0",
    "8 allergies given visit at 40 until 140",
    "9 allergies refused visit at 40 until 140",
    "10 infections given visit at 50 until 150",
    "11 infections withdrawn patient at 5 until 0",
    "12 infections given visit at 60 until 160",
];

#[test]
fn rows_of_the_old_table_become_entries_that_say_the_same() {
    let connection = Connection::open_in_memory().expect("opens");
    connection.execute_batch(SQLITE[0]).expect("the old table");
    let rows = insert(|byte| format!("x'{}'", format!("{byte:02x}").repeat(16)));
    connection.execute_batch(&rows).expect("rows");
    connection.execute_batch(SQLITE[1]).expect("moved");
    let mut statement = connection.prepare(READ).expect("reads");
    let moved = statement
        .query_map([], |row| row.get::<_, String>(0))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .expect("rows");
    assert_eq!(moved, MOVED);
}

#[test]
fn rows_of_the_old_table_become_the_same_entries_on_a_server() {
    let Some(cluster) = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: moving consents on a server (PostgreSQL is not installed)");
        return;
    };
    let mut client = cluster.database("consents").expect("a database");
    client.batch_execute(POSTGRES[0]).expect("the old table");
    let rows = insert(|byte| format!("'\\x{}'::bytea", format!("{byte:02x}").repeat(16)));
    client.batch_execute(&rows).expect("rows");
    client.batch_execute(POSTGRES[1]).expect("moved");
    let moved: Vec<String> = client
        .query(READ, &[])
        .expect("rows")
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(moved, MOVED);
}

#[test]
fn no_statement_of_the_whole_program_changes_or_removes_an_entry() {
    let mut seen = 0;
    for schema in program::all_schemas() {
        for statement in &schema.statements {
            let sql = statement.postgres();
            if !sql.contains("consent_entry") {
                continue;
            }
            seen += 1;
            let word = sql.split_ascii_whitespace().next().unwrap_or_default();
            assert!(
                matches!(word, "INSERT" | "SELECT"),
                "{}: {sql}",
                schema.service
            );
            assert!(!sql.contains("CONFLICT"), "{}: {sql}", schema.service);
        }
    }
    assert_eq!(seen, 2);
}
