//! Everything from one engine to the other, and what is refused on the way.

use std::io::BufReader;

use super::{
    intent, note, person,
    place::{Place, on_server},
    schema,
};
use crate::{
    Call, Owner, Statement, StoreError, Value,
    dump::{self, Totals, first_difference},
    link::Link,
    own_schema, sealing,
};

static PUT: Statement = Statement::new(
    Owner::Directory,
    "INSERT INTO tag (word, number, body) VALUES ($1, $2, $3)",
);

/// A database with what is hard to carry: empty values and absent ones, the largest and the
/// smallest numbers, texts of all kinds, and bytes of all values.
fn filled(name: &str) -> Place {
    let place = Place::embedded(name);
    let engine = place.open();
    for _ in 0..30 {
        let id = person(&engine);
        let written = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            note(call, id)?;
            Ok(())
        });
        written.wait().expect("kept");
    }
    let bytes: Vec<u8> = (0..=255).collect();
    let odd = engine.write(intent(&engine), move |call: &mut Call<'_>| {
        let words = [
            "",
            " ",
            "a",
            "A",
            "Z",
            "a b",
            "ä",
            "あ",
            "髙",
            "𠮷野家",
            "\u{10ffff}",
            "\t\n",
            "\\N",
            "'",
        ];
        for (word, number) in words.iter().zip(-7_i64..) {
            let number = match number {
                -7 => Value::Null,
                -6 => i64::MIN.into(),
                -5 => i64::MAX.into(),
                other => other.into(),
            };
            let body: Value<'_> = match word.len() {
                0 => Value::Null,
                1 => (&[0_u8; 0]).into(),
                _ => (&bytes).into(),
            };
            call.execute(&PUT, &[(*word).into(), number, body])?;
        }
        Ok(())
    });
    odd.wait().expect("kept");
    let sealed = engine.write(intent(&engine), sealing::seal_waiting);
    assert_eq!(sealed.wait().expect("sealed"), 61);
    drop(engine);
    place
}

fn schemas() -> [crate::Schema; 2] {
    [own_schema(), schema()]
}

fn empty(place: &Place) -> Link {
    std::fs::create_dir_all(&place.folder).expect("a folder");
    place.link()
}

fn move_all(from: &Place, to: &Place) -> Totals {
    let (told, there) =
        dump::transfer(&mut from.link(), &mut empty(to), &schemas()).expect("moved");
    assert_eq!(first_difference(&told, &there), None);
    // Until it is said that all is there, nobody starts with it.
    let half = crate::schema::migrate(&to.link(), &schemas());
    assert!(matches!(half, Err(StoreError::Schema(why)) if why.contains("being loaded")));
    crate::end_load(&to.link()).expect("noted");
    there
}

#[test]
fn everything_comes_to_the_server_and_back_as_it_was() {
    on_server("moved", |server| {
        let first = filled("moved-first");
        let before = dump::totals(&first.link(), &schemas()).expect("readable");
        assert_eq!(before["tag"].rows, 14);
        assert_eq!(before["person_audit"].rows, 60);
        assert_eq!(move_all(&first, server), before);
        let last = Place::embedded("moved-last");
        assert_eq!(move_all(server, &last), before);
        assert_eq!(server.report(), first.report());
        assert_eq!(last.report(), first.report());
    });
}

#[test]
fn a_database_that_is_not_empty_is_no_target() {
    let first = filled("target-first");
    let refuse = |target: &Place| {
        drop(target.open());
        let before = dump::totals(&target.link(), &schemas()).expect("readable");
        let moved = dump::transfer(&mut first.link(), &mut target.link(), &schemas());
        assert!(matches!(moved, Err(StoreError::Schema(_))));
        let after = dump::totals(&target.link(), &schemas()).expect("readable");
        assert_eq!(before, after);
    };
    refuse(&Place::embedded("target-sqlite"));
    on_server("target", refuse);
}

#[test]
fn a_stream_that_was_cut_short_or_changed_is_refused() {
    let first = filled("stream");
    let mut stream = Vec::new();
    dump::write(&first.link(), &schemas(), &mut stream).expect("written");
    let load = |bytes: &[u8], place: &Place| {
        let link = empty(place);
        dump::read(&mut BufReader::new(bytes), &link, &schemas())
    };
    let is_refused = |bytes: &[u8], place: &Place, what: &str| {
        let why = load(bytes, place).expect_err(what);
        assert!(
            matches!(
                why,
                StoreError::Corrupt(_)
                    | StoreError::Schema(_)
                    | StoreError::Sqlite(_)
                    | StoreError::Postgres(_)
            ),
            "{what}: {why}"
        );
    };
    let whole = Place::embedded("stream-whole");
    load(&stream, &whole).expect("the stream as it was written is good");
    // Near the front every byte, later every so many: headers, lengths, values, hashes.
    let places: Vec<usize> = (0..220).chain((220..stream.len()).step_by(997)).collect();
    for at in &places {
        let mut changed = stream.clone();
        changed[*at] ^= 1;
        let target = Place::embedded("stream-changed");
        is_refused(&changed, &target, &format!("byte {at} was changed"));
    }
    for length in places.iter().copied().step_by(7).chain([stream.len() - 1]) {
        let target = Place::embedded("stream-cut");
        is_refused(&stream[..length], &target, &format!("cut at {length}"));
    }
    for at in [15, 400, stream.len() / 2, stream.len() - 1] {
        on_server("stream", |target| {
            let mut changed = stream.clone();
            changed[at] ^= 1;
            is_refused(&changed, target, &format!("byte {at} was changed"));
        });
        on_server("stream", |target| {
            is_refused(&stream[..at], target, &format!("cut at {at}"));
        });
    }
}
