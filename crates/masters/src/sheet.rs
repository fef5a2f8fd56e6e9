//! Lines of cells out of a table's file.

use kernel::Text;

use crate::{fault::Fault, xlsx};

const NO_CSV: Text = Text {
    ja: "CSVとして読めません。",
    en: "this cannot be read as CSV",
};

const NO_WORKBOOK: Text = Text {
    ja: "Excelのブックとして読めません。",
    en: "this cannot be read as a workbook",
};

/// The lines of a file with their numbers, the heading first; `max` at most.
pub(crate) fn lines(bytes: &[u8], max: usize, faults: &mut Vec<Fault>) -> Vec<(u64, Vec<String>)> {
    if xlsx::is_workbook(bytes) {
        let found = xlsx::lines(bytes, max);
        if found.is_none() {
            faults.push(Fault::new(0, 0, "", NO_WORKBOOK));
        }
        return found.unwrap_or_default();
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Of lines that end in CR LF the reader would tell the number of the one before.
    let plain: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != b'\r')
        .collect();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(plain.as_slice());
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
