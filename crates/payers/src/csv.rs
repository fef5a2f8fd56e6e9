//! Files of lines as insurers' systems write them: found out in which characters, and taken
//! apart line by line, so that a wrong line never spoils the next.
//!
//! A cell in quotes holds no line break here: an open quote would swallow every line after it.
//!
//! Source: RFC 4180; eligibility-eprescription section e (UTF-8 and Shift_JIS).

use kernel::Refusal;

use crate::{errors, wire};

/// Most lines of a file, without the first.
pub(crate) const LINES_MAX: usize = 200_000;
/// Items without which no line makes sense.
const NEEDED: [&str; 3] = ["change", "number", "birth_date"];

/// The text of a file: UTF-8 if it is that throughout, else CP932. What cannot be read there
/// stands as U+FFFD and is found in its own line.
pub(crate) fn text(bytes: &[u8]) -> String {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bare) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS
            .decode_without_bom_handling(bare)
            .0
            .into_owned(),
    }
}

/// A file, taken apart: its first line, and those after it that are not empty.
pub(crate) struct Sheet<'t> {
    pub head: &'t str,
    /// Each with its number in the file, as editors count.
    pub lines: Vec<(i64, &'t str)>,
}

impl<'t> Sheet<'t> {
    /// Of a file's text.
    ///
    /// # Errors
    /// `FILE_EMPTY`, `FILE_HEADER`, `FILE_LINES`.
    pub fn read(text: &'t str) -> Result<Self, Refusal> {
        let all = (1..).zip(text.lines());
        let mut all = all.filter(|(_, line)| !line.trim().is_empty());
        let (_, head) = all.next().ok_or(Refusal::new(&errors::FILE_EMPTY))?;
        places(head)?;
        let lines: Vec<(i64, &str)> = all.take(LINES_MAX + 1).collect();
        if lines.len() > LINES_MAX {
            return Err(Refusal::new(&errors::FILE_LINES));
        }
        Ok(Self { head, lines })
    }
}

/// The items that a file's first line names, by their places.
///
/// # Errors
/// `FILE_HEADER` with each name that is unknown, there twice, or missing.
pub(crate) fn places(head: &str) -> Result<Vec<usize>, Refusal> {
    let names = cells(head).unwrap_or_default();
    let mut places: Vec<usize> = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for name in names {
        match wire::place_of(&name).filter(|place| !places.contains(place)) {
            Some(place) => places.push(place),
            None => wrong.push(name),
        }
    }
    let needed = NEEDED.iter().filter_map(|name| wire::place_of(name));
    let missing = needed.filter(|place| !places.contains(place));
    wrong.extend(missing.filter_map(|place| wire::ITEMS.get(place).map(|item| item.0.to_owned())));
    if wrong.is_empty() {
        return Ok(places);
    }
    let mut refusal = Refusal::new(&errors::FILE_HEADER);
    for name in wrong.iter().take(wire::ITEMS.len()) {
        let one = Refusal::at(&errors::FILE_HEADER, "line 1", name);
        refusal.findings.extend(one.findings);
    }
    Err(refusal)
}

/// The cells of a line; `None` when a quote is left open or stands inside a cell.
pub(crate) fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let after = match rest.strip_prefix('"') {
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (cell, after) = rest.split_at(end);
                if cell.contains('"') {
                    return None;
                }
                cells.push(cell.to_owned());
                after
            }
            Some(quoted) => {
                let (cell, after) = quoted_cell(quoted)?;
                cells.push(cell);
                after
            }
        };
        if after.is_empty() {
            return Some(cells);
        }
        rest = after.strip_prefix(',')?;
    }
}

/// A cell whose opening quote has been read, and what follows its closing one.
fn quoted_cell(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell, after)),
        }
    }
}

/// A cell to be written: quoted, and never a formula for whoever opens it in a spreadsheet.
///
/// Source: identity-security T14.
pub(crate) fn cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
