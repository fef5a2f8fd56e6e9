//! The first sheet of a workbook (.xlsx) as lines of cells: what a master is published in.
//!
//! Only what such tables use is read: an archive of deflated or stored parts, shared strings
//! without their readings, and cells of text and numbers. No part grows beyond a bound.
//!
//! Source: ECMA-376 part 1 (SpreadsheetML), PKWARE APPNOTE 4.3 (central directory).

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use quick_xml::{Reader, events::Event};

/// Largest part, unpacked.
const PART_MAX: u64 = 64 << 20;
/// Parts of a workbook, and cells of a line.
const PARTS_MAX: usize = 1_000;
const CELLS_MAX: usize = 200;

/// Does a file begin like an archive?
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The lines of the first sheet with their numbers, `max` at most; `None` when it cannot be
/// read.
pub(crate) fn lines(bytes: &[u8], max: usize) -> Option<Vec<(u64, Vec<String>)>> {
    let texts = match part(bytes, "xl/sharedStrings.xml") {
        Some(part) => shared(&part)?,
        None => Vec::new(),
    };
    sheet(&part(bytes, "xl/worksheets/sheet1.xml")?, &texts, max)
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(N)?)?;
    let fold = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add(usize::from(*byte));
    field.iter().rev().try_fold(0_usize, fold)
}

/// One part of the archive, unpacked, found by the central directory.
fn part(bytes: &[u8], name: &str) -> Option<String> {
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let count = number::<2>(bytes, end.checked_add(10)?)?;
    let mut at = number::<4>(bytes, end.checked_add(16)?)?;
    for _ in 0..count.min(PARTS_MAX) {
        bytes.get(at..)?.starts_with(b"PK\x01\x02").then_some(())?;
        let field = |offset: usize| at.checked_add(offset);
        let method = number::<2>(bytes, field(10)?)?;
        let packed = number::<4>(bytes, field(20)?)?;
        let long = number::<2>(bytes, field(28)?)?;
        let more = number::<2>(bytes, field(30)?)?.checked_add(number::<2>(bytes, field(32)?)?)?;
        let local = number::<4>(bytes, field(42)?)?;
        let begin = field(46)?;
        let own = bytes.get(begin..begin.checked_add(long)?)?;
        if own == name.as_bytes() {
            return unpack(bytes, local, packed, method);
        }
        at = begin.checked_add(long)?.checked_add(more)?;
    }
    None
}

fn unpack(bytes: &[u8], local: usize, packed: usize, method: usize) -> Option<String> {
    let name = number::<2>(bytes, local.checked_add(26)?)?;
    let extra = number::<2>(bytes, local.checked_add(28)?)?;
    let begin = local
        .checked_add(30)?
        .checked_add(name)?
        .checked_add(extra)?;
    let data = bytes.get(begin..begin.checked_add(packed)?)?;
    match method {
        0 => String::from_utf8(data.to_vec()).ok(),
        8 => {
            let mut text = String::new();
            let mut from = DeflateDecoder::new(data).take(PART_MAX);
            from.read_to_string(&mut text).ok()?;
            Some(text)
        }
        _ => None,
    }
}

/// The text that an event adds: characters, or a reference such as `&amp;`.
fn text_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) => {
            let text: &str = text.as_ref();
            Some(text.to_owned())
        }
        Event::GeneralRef(reference) => {
            let name: &str = reference.as_ref();
            let known = match name {
                "lt" => Some('<'),
                "gt" => Some('>'),
                "amp" => Some('&'),
                "apos" => Some('\''),
                "quot" => Some('"'),
                _ => reference.resolve_char_ref().ok().flatten(),
            };
            known.map(String::from)
        }
        _ => None,
    }
}

/// The shared strings, without the readings (`rPh`) that stand beside them.
fn shared(xml: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(xml);
    let (mut all, mut one) = (Vec::new(), String::new());
    let (mut is_text, mut is_reading) = (false, false);
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Eof => return Some(all),
            Event::Start(start) => match start.name().into_inner() {
                "t" => is_text = true,
                "rPh" => is_reading = true,
                _ => {}
            },
            Event::Empty(empty) if empty.name().into_inner() == "si" => all.push(String::new()),
            Event::End(end) => match end.name().into_inner() {
                "t" => is_text = false,
                "rPh" => is_reading = false,
                "si" => all.push(std::mem::take(&mut one)),
                _ => {}
            },
            _ if is_text && !is_reading => one.push_str(&text_of(&event).unwrap_or_default()),
            _ => {}
        }
    }
}

/// The place of a cell such as `AB12`, from 0.
fn column(reference: &[u8]) -> usize {
    let letters = reference.iter().take_while(|b| b.is_ascii_uppercase());
    let fold = |sum: usize, letter: &u8| {
        let nth = usize::from(letter.saturating_sub(b'A')).saturating_add(1);
        sum.saturating_mul(26).saturating_add(nth)
    };
    letters.fold(0_usize, fold).saturating_sub(1)
}

/// A cell under way: where it is, and whether its value is the place of a shared string.
#[derive(Default)]
struct Cell {
    place: usize,
    is_shared: bool,
    value: String,
}

fn sheet(xml: &str, texts: &[String], max: usize) -> Option<Vec<(u64, Vec<String>)>> {
    let mut reader = Reader::from_str(xml);
    let mut lines: Vec<(u64, Vec<String>)> = Vec::new();
    let (mut cell, mut line) = (Cell::default(), Vec::new());
    let (mut row, mut is_value) = (0_u64, false);
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Eof => return Some(lines),
            Event::Start(start) => match start.name().into_inner() {
                "row" => {
                    row = row.saturating_add(1);
                    let told = start.try_get_attribute("r").ok().flatten();
                    let told = told.and_then(|r| r.value.parse().ok());
                    row = told.unwrap_or(row);
                }
                "c" => {
                    let of = |name: &str| start.try_get_attribute(name).ok().flatten();
                    cell = Cell {
                        place: of("r").map_or(line.len(), |r| column(r.value.as_bytes())),
                        is_shared: of("t").is_some_and(|t| t.value == "s"),
                        value: String::new(),
                    };
                }
                "v" | "t" => is_value = true,
                _ => {}
            },
            Event::End(end) => match end.name().into_inner() {
                "v" | "t" => is_value = false,
                "c" => put(&mut line, std::mem::take(&mut cell), texts)?,
                "row" => {
                    lines.push((row, std::mem::take(&mut line)));
                    if lines.len() >= max {
                        return Some(lines);
                    }
                }
                _ => {}
            },
            _ if is_value => cell.value.push_str(&text_of(&event).unwrap_or_default()),
            _ => {}
        }
    }
}

fn put(line: &mut Vec<String>, cell: Cell, texts: &[String]) -> Option<()> {
    if cell.place >= CELLS_MAX {
        return Some(());
    }
    let value = if cell.is_shared {
        texts.get(cell.value.parse::<usize>().ok()?)?.clone()
    } else {
        cell.value
    };
    if line.len() <= cell.place {
        line.resize(cell.place.saturating_add(1), String::new());
    }
    if let Some(place) = line.get_mut(cell.place) {
        *place = value;
    }
    Some(())
}
