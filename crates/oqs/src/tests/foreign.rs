//! A foreign reader, libxml2's `xmllint`: what we write is well-formed to it and says the same,
//! and what we take it takes too.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use super::golden;
use crate::{CharacterCode, Message};

const LABEL: &[u8] = b"\"Shift_JIS\"";

/// Its answer, and whether it was content; `None` when the machine has none.
///
/// By `Shift_JIS` it means JIS X 0208 alone, without the additions of code page 932 that every
/// file of the exchange may have (髙): it is told the latter's own name.
fn xmllint(arguments: &[&str], file: &[u8]) -> Option<(bool, String)> {
    let file = match file.windows(LABEL.len()).position(|part| part == LABEL) {
        Some(at) => &[&file[..at], b"\"CP932\"", &file[at + LABEL.len()..]].concat(),
        None => file,
    };
    let mut child = Command::new("xmllint")
        .args(arguments)
        .args(["--nonet", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // It may stop reading at the first fault.
    let _ = child.stdin.take()?.write_all(file);
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some((output.status.success(), text))
}

fn is_here() -> bool {
    let is_here = xmllint(&["--noout"], b"<a/>").is_some();
    if !is_here {
        eprintln!("SKIPPED: files read by a foreign reader (no xmllint: libxml2-utils)");
    }
    is_here
}

#[test]
fn a_foreign_reader_finds_in_our_files_what_we_wrote() {
    if !is_here() {
        return;
    }
    for code in [CharacterCode::Utf8, CharacterCode::ShiftJis] {
        let file = golden::response().write(code).bytes;
        for (path, value) in [
            ("//Name", "橘　髙志"),
            ("//NameKana", "ﾀﾁﾊﾞﾅ ﾀｶｼ"),
            ("//InsurerNumber", "  138016"),
            ("//ElderlyRecipientContributionRatio", "020"),
            ("//CharacterCodeIdentifier", code.code()),
        ] {
            let query = format!("string({path})");
            let found = xmllint(&["--xpath", &query], &file).expect("an answer");
            assert_eq!(found, (true, format!("{value}\n")), "{path}");
        }
        let file = golden::question().write(code).bytes;
        let found = xmllint(&["--xpath", "string(//ArbitraryIdentifier)"], &file);
        assert_eq!(found, Some((true, "カルテ&17\n".to_owned())));
    }
}

#[test]
fn a_foreign_reader_takes_whatever_we_take() {
    if !is_here() {
        return;
    }
    let mut taken = 0;
    for seed in 0..400 {
        let file = super::laws::mutated::<crate::message::SingleRequest>(seed);
        if crate::message::SingleRequest::read(&file).is_ok() {
            taken += 1;
            let found = xmllint(&["--noout"], &file).expect("an answer");
            assert!(found.0, "{}", String::from_utf8_lossy(&file));
        }
    }
    assert!(taken > 20, "{taken}");
}
