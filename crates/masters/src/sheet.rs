//! Lines of cells out of a table's file.

use kernel::Text;

use crate::fault::Fault;

const NO_CSV: Text = Text {
    ja: "CSVとして読めません。",
    en: "this cannot be read as CSV",
};

/// The lines of a file with their numbers, the heading first; `max` at most.
pub(crate) fn lines(bytes: &[u8], max: usize, faults: &mut Vec<Fault>) -> Vec<(u64, Vec<String>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes);
    let mut lines = Vec::new();
    for record in reader.records().take(max) {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                lines.push((line, record.iter().map(str::to_owned).collect()));
            }
            Err(fault) => {
                let line = fault.position().map_or(0, csv::Position::line);
                faults.push(Fault::new(line, 0, "", NO_CSV));
            }
        }
    }
    lines
}
