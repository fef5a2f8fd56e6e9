//! A ledger as a file for a spreadsheet program.
//!
//! Source: RFC 4180; identity-security T14 (a cell that begins as a formula would be run by
//! the spreadsheet of whoever opens the file).

/// One cell: quoted, and never a formula.
#[must_use]
pub fn cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Rows as a file; the mark at its beginning tells spreadsheet programs that it is UTF-8.
#[must_use]
pub fn file(rows: &[Vec<String>]) -> String {
    let mut out = String::from('\u{feff}');
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}
