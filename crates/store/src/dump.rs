//! Everything that is stored, as one stream that either engine writes and reads: for moving
//! from one engine to the other, for backups, and for comparing two databases.
//!
//! Form: `tasuki-dump-1\n`; the applied migrations (count u32, then service and number); for
//! each table `T`, its name and columns, for each row `R` and its values in the order of the
//! primary key, then `E`, the count of rows (u64) and the SHA-256 of all its rows; at the end
//! `Z`. Values and lengths are as in `journal`. Rows of equal content have equal hashes on
//! both engines: keys sort by bytes, and there are integers, texts and bytes only.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read, Write},
};

use aws_lc_rs::digest::{Context, SHA256};

use crate::{
    Schema, StoreError, Value,
    audit::{self, Hash},
    journal::{put_bytes, put_value},
    link::{Link, Loading},
    schema,
};

const MAGIC: &[u8] = b"tasuki-dump-1\n";
/// Longest value that is read: larger than any document.
const VALUE_BYTES_MAX: usize = 256 << 20;
const BAD: StoreError = StoreError::Corrupt("a dump: it is cut short or was changed");

/// One table's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Rows.
    pub rows: u64,
    /// SHA-256 of all rows in the order of the key.
    pub sha256: Hash,
}

/// Every table's content, by name.
pub type Totals = BTreeMap<String, Total>;

/// A table of the stream.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub table: String,
    pub names: Vec<String>,
    pub key: Vec<String>,
}

/// Writes everything that `link` sees in one moment.
///
/// # Errors
/// The engine's; [`StoreError::Io`] of `out`.
pub fn write(link: &Link, schemas: &[Schema], out: &mut dyn Write) -> Result<Totals, StoreError> {
    link.begin_snapshot()?;
    let outcome = write_snapshot(link, schemas, out);
    link.roll_back();
    outcome
}

fn write_snapshot(
    link: &Link,
    schemas: &[Schema],
    out: &mut dyn Write,
) -> Result<Totals, StoreError> {
    out.write_all(MAGIC)?;
    let applied = schema::applied(link)?;
    out.write_all(&u32::try_from(applied.len()).unwrap_or(0).to_be_bytes())?;
    for (service, number) in &applied {
        let mut line = Vec::new();
        put_bytes(&mut line, service.as_bytes());
        put_value(&mut line, &Value::Int(*number));
        out.write_all(&line)?;
    }
    let mut totals = Totals::new();
    for table in tables(schemas) {
        if let Some(columns) = link.columns(table)? {
            let total = write_table(link, &columns, out)?;
            totals.insert(columns.table, total);
        }
    }
    out.write_all(b"Z")?;
    out.flush()?;
    Ok(totals)
}

/// Counts and hashes of everything that `link` sees in one moment.
///
/// # Errors
/// The engine's.
pub fn totals(link: &Link, schemas: &[Schema]) -> Result<Totals, StoreError> {
    write(link, schemas, &mut io::sink())
}

/// All tables but the book of migrations, which each engine writes for itself.
fn tables(schemas: &[Schema]) -> Vec<&'static str> {
    let own = schemas.iter().flat_map(|schema| schema.tables);
    let mut names: Vec<&'static str> = own.map(|table| table.name).collect();
    names.push(schema::META_TABLE);
    names.sort_unstable();
    names.dedup();
    names
}

fn write_table(link: &Link, columns: &Columns, out: &mut dyn Write) -> Result<Total, StoreError> {
    let mut head = vec![b'T'];
    put_bytes(&mut head, columns.table.as_bytes());
    put_bytes(&mut head, columns.names.join(",").as_bytes());
    out.write_all(&head)?;
    let (mut rows, mut context) = (0_u64, Context::new(&SHA256));
    let mut line = Vec::new();
    link.stream(columns, &mut |values| {
        line.clear();
        line.push(b'R');
        for value in values {
            put_value(&mut line, value);
        }
        context.update(&line);
        rows += 1;
        Ok(out.write_all(&line)?)
    })?;
    let sha256 = audit::finish(context);
    out.write_all(b"E")?;
    out.write_all(&rows.to_be_bytes())?;
    out.write_all(&sha256)?;
    Ok(Total { rows, sha256 })
}

/// Loads a dump into an empty database; what was loaded, table by table.
///
/// # Errors
/// [`StoreError::Corrupt`] when the stream is cut short, changed or does not fit;
/// [`StoreError::Schema`] when it was written by a newer program or the target is not empty.
/// Then the target is of no use and must be thrown away. Nobody can start with it before
/// [`crate::end_load`] was called.
pub fn read(
    input: &mut dyn BufRead,
    into: &Link,
    schemas: &[Schema],
) -> Result<Totals, StoreError> {
    if take::<14>(input)?[..] != *MAGIC {
        return Err(BAD);
    }
    let count = u32::from_be_bytes(take(input)?);
    let mut applied = Vec::new();
    for _ in 0..count.min(10_000) {
        let service = String::from_utf8(bytes(input)?).map_err(|_| BAD)?;
        if take(input)? != [1] {
            return Err(BAD);
        }
        applied.push((service, i64::from_be_bytes(take(input)?)));
    }
    schema::migrate_as(into, schemas, &applied)?;
    let known = tables(schemas);
    let mut totals = Totals::new();
    loop {
        match take::<1>(input)? {
            [b'T'] => {
                let name = String::from_utf8(bytes(input)?).map_err(|_| BAD)?;
                let given = String::from_utf8(bytes(input)?).map_err(|_| BAD)?;
                // Names go into commands: only those that this program declares.
                let table = known.iter().find(|known| **known == name).ok_or(BAD)?;
                let columns = into.columns(table)?.ok_or(BAD)?;
                if given
                    .split(',')
                    .ne(columns.names.iter().map(String::as_str))
                {
                    return Err(BAD);
                }
                totals.insert(name, read_table(input, into, &columns)?);
            }
            [b'Z'] => return Ok(totals),
            _ => return Err(BAD),
        }
    }
}

fn read_table(
    input: &mut dyn BufRead,
    into: &Link,
    columns: &Columns,
) -> Result<Total, StoreError> {
    let (mut rows, mut context) = (0_u64, Context::new(&SHA256));
    let (mut line, mut places) = (Vec::new(), Vec::new());
    let mut failed = None;
    into.load(columns, &mut |loading: &mut dyn Loading| {
        loop {
            match read_line(input, columns.names.len(), &mut line, &mut places) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    failed = Some(error);
                    return Err(BAD);
                }
            }
            context.update(&line);
            rows += 1;
            let values: Option<Vec<Value<'_>>> =
                places.iter().map(|place| place.value(&line)).collect();
            loading.row(&values.ok_or(BAD)?)?;
        }
    })
    .map_err(|error| failed.take().unwrap_or(error))?;
    let (told, sha256) = (u64::from_be_bytes(take(input)?), take::<32>(input)?);
    let total = Total {
        rows,
        sha256: audit::finish(context),
    };
    if told != rows || sha256 != total.sha256 {
        return Err(BAD);
    }
    Ok(total)
}

/// Moves everything from one database into another, empty one; what each holds then, told by
/// the source while it was written and by the target when it is asked again.
///
/// # Errors
/// As [`write()`] and [`read`].
pub fn transfer(
    from: &mut Link,
    to: &mut Link,
    schemas: &[Schema],
) -> Result<(Totals, Totals), StoreError> {
    let (reader, writer) = io::pipe()?;
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            let mut out = io::BufWriter::with_capacity(1 << 20, writer);
            write(from, schemas, &mut out)
        });
        let read = read(
            &mut io::BufReader::with_capacity(1 << 20, reader),
            to,
            schemas,
        );
        let written = writing.join().unwrap_or(Err(StoreError::Closed));
        // Whoever failed first is the cause: a reader that stops breaks the writer's pipe.
        read?;
        Ok((written?, totals(to, schemas)?))
    })
}

/// Where a value stands in its line.
enum Place {
    Null,
    Int(i64),
    Text(usize, usize),
    Blob(usize, usize),
}

impl Place {
    fn value<'l>(&self, line: &'l [u8]) -> Option<Value<'l>> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Int(n) => Value::Int(*n),
            Self::Text(from, to) => Value::Text(std::str::from_utf8(line.get(*from..*to)?).ok()?),
            Self::Blob(from, to) => Value::Blob(line.get(*from..*to)?),
        })
    }
}

/// One row into `line`; false at the table's end.
fn read_line(
    input: &mut dyn BufRead,
    columns: usize,
    line: &mut Vec<u8>,
    places: &mut Vec<Place>,
) -> Result<bool, StoreError> {
    line.clear();
    places.clear();
    match take::<1>(input)? {
        [b'R'] => line.push(b'R'),
        [b'E'] => return Ok(false),
        _ => return Err(BAD),
    }
    for _ in 0..columns {
        let [tag] = take::<1>(input)?;
        line.push(tag);
        places.push(match tag {
            0 => Place::Null,
            1 => {
                let number = take::<8>(input)?;
                line.extend_from_slice(&number);
                Place::Int(i64::from_be_bytes(number))
            }
            2 | 3 => {
                let length = take::<4>(input)?;
                line.extend_from_slice(&length);
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                let (from, to) = (line.len(), line.len().saturating_add(length));
                fill(input, line, length)?;
                if tag == 2 {
                    Place::Text(from, to)
                } else {
                    Place::Blob(from, to)
                }
            }
            _ => return Err(BAD),
        });
    }
    Ok(true)
}

fn fill(input: &mut dyn BufRead, line: &mut Vec<u8>, length: usize) -> Result<(), StoreError> {
    if length > VALUE_BYTES_MAX {
        return Err(BAD);
    }
    let limit = u64::try_from(length).map_err(|_| BAD)?;
    // Grows with what is really there, so that a wrong length takes no memory.
    let read = input.take(limit).read_to_end(line)?;
    if read == length { Ok(()) } else { Err(BAD) }
}

fn bytes(input: &mut dyn BufRead) -> Result<Vec<u8>, StoreError> {
    let length = usize::try_from(u32::from_be_bytes(take(input)?)).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    fill(input, &mut out, length)?;
    Ok(out)
}

fn take<const N: usize>(input: &mut dyn BufRead) -> Result<[u8; N], StoreError> {
    let mut out = [0; N];
    input.read_exact(&mut out).map_err(cut)?;
    Ok(out)
}

fn cut(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => BAD,
        _ => StoreError::Io(error),
    }
}

/// How many rows there are in all.
#[must_use]
pub fn rows(totals: &Totals) -> u64 {
    totals.values().map(|total| total.rows).sum()
}

/// The name of the first table in which two databases differ.
#[must_use]
pub fn first_difference(one: &Totals, other: &Totals) -> Option<String> {
    let names = one.keys().chain(other.keys());
    names
        .into_iter()
        .find(|name| one.get(*name) != other.get(*name))
        .cloned()
}
