//! One text for two engines: every statement is prepared and run on both.

use postgres::types::{ToSql, Type};
use rusqlite::types::Value;
use store::Statement;

use crate::engines;

/// Every statement with its service's name.
fn statements() -> Vec<(&'static str, &'static Statement)> {
    let named = engines::schemas().into_iter().flat_map(|schema| {
        let service = schema.service;
        schema.statements.into_iter().map(move |s| (service, s))
    });
    named.collect()
}

fn name(service: &str, statement: &Statement) -> String {
    let words: Vec<&str> = statement.postgres().split_whitespace().collect();
    format!("{service}: {}", words.join(" "))
}

/// The only types that a value or a column has; `store::Value` knows no other.
fn is_plain(kind: &Type) -> bool {
    [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
}

#[test]
fn every_statement_is_prepared_on_sqlite() {
    let failed = unprepared(&engines::sqlite(), &statements());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Those that SQLite does not take.
pub fn unprepared(
    connection: &rusqlite::Connection,
    all: &[(&'static str, &'static Statement)],
) -> Vec<String> {
    let mut failed = Vec::new();
    for (service, statement) in all {
        let prepared = statement
            .sqlite()
            .map_err(|error| error.to_string())
            .and_then(|text| connection.prepare(text).map_err(|error| error.to_string()));
        if let Err(error) = prepared {
            failed.push(format!("{}\n  {error}", name(service, statement)));
        }
    }
    failed
}

#[test]
fn every_statement_is_prepared_on_postgres_with_plain_types() {
    let Some(mut client) = engines::postgres("statements on PostgreSQL") else {
        return;
    };
    let mut failed = Vec::new();
    for (service, statement) in statements() {
        match client.prepare(statement.postgres()) {
            Err(error) => failed.push(format!("{}\n  {error:?}", name(service, statement))),
            Ok(prepared) => {
                let columns = prepared.columns().iter().map(|column| column.type_());
                let odd: Vec<&Type> = prepared
                    .params()
                    .iter()
                    .chain(columns)
                    .filter(|kind| !is_plain(kind))
                    .collect();
                if !odd.is_empty() {
                    failed.push(format!("{}\n  types {odd:?}", name(service, statement)));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A value of the type that PostgreSQL found for a parameter, for either engine.
#[derive(Debug)]
enum Sample {
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Sample {
    fn of(kind: &Type, number: u8) -> Self {
        match *kind {
            Type::INT8 => Self::Int(i64::from(number)),
            Type::TEXT => Self::Text(format!("text {number}")),
            // Below every identifier that an engine has drawn for itself.
            _ => {
                let mut bytes = vec![0; 15];
                bytes.push(number);
                Self::Blob(bytes)
            }
        }
    }

    fn postgres(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(number) => number,
            Self::Text(text) => text,
            Self::Blob(bytes) => bytes,
        }
    }

    fn sqlite(&self) -> Value {
        match self {
            Self::Int(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Blob(bytes) => Value::Blob(bytes.clone()),
        }
    }
}

/// What running a statement did: rows and columns given back, or rows changed.
#[derive(Debug, PartialEq, Eq)]
struct Effect {
    rows: u64,
    columns: usize,
}

#[test]
fn every_statement_does_the_same_on_both_engines() {
    let Some(mut client) = engines::postgres("statements on both engines") else {
        return;
    };
    let failed = differing(&engines::sqlite(), &mut client, statements());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Those that do not do the same on both engines, or fail on one.
pub fn differing(
    connection: &rusqlite::Connection,
    client: &mut testkit::postgres::Client,
    mut all: Vec<(&'static str, &'static Statement)>,
) -> Vec<String> {
    // What adds runs first and stays, so that all the others have a row to work on.
    all.sort_by_key(|(_, s)| {
        let verb = s.postgres().split_whitespace().next().unwrap_or_default();
        ["INSERT", "SELECT", "UPDATE", "DELETE"]
            .iter()
            .position(|v| *v == verb)
    });
    let mut failed = Vec::new();
    for (service, statement) in all {
        let prepared = client
            .prepare(statement.postgres())
            .expect("prepared above");
        let samples: Vec<Sample> = (1..)
            .zip(prepared.params())
            .map(|(number, kind)| Sample::of(kind, number))
            .collect();
        let columns = prepared.columns().len();
        let theirs: Vec<&(dyn ToSql + Sync)> = samples.iter().map(Sample::postgres).collect();
        let there = client
            .execute(&prepared, &theirs)
            .map(|rows| Effect { rows, columns })
            .map_err(|error| format!("{error:?}"));
        let here = on_sqlite(connection, statement, &samples).map_err(|error| error.to_string());
        if there != here || there.is_err() {
            let name = name(service, statement);
            failed.push(format!("{name}\n  PostgreSQL {there:?}\n  SQLite {here:?}"));
        }
    }
    failed
}

fn on_sqlite(
    connection: &rusqlite::Connection,
    statement: &Statement,
    samples: &[Sample],
) -> rusqlite::Result<Effect> {
    let text = statement.sqlite().expect("numbered from 1 without a gap");
    let mut prepared = connection.prepare(text)?;
    let values = rusqlite::params_from_iter(samples.iter().map(Sample::sqlite));
    let columns = prepared.column_count();
    let rows = if columns == 0 {
        prepared.execute(values)?
    } else {
        let mut rows = prepared.query(values)?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        count
    };
    let rows = u64::try_from(rows).expect("a count");
    Ok(Effect { rows, columns })
}
