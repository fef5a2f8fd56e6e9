//! `tasuki errors`: the error catalogue as a document.

use std::fmt::Write as _;

use crate::program;

/// Prints the catalogue, as Markdown or as one line an entry.
///
/// # Errors
/// When standard output is closed.
pub fn print(as_markdown: bool) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    if as_markdown {
        return out.write_all(markdown().as_bytes());
    }
    for entry in program::catalogue() {
        writeln!(
            out,
            "{}\t{}\t{}\t{}",
            entry.code, entry.status, entry.cause.ja, entry.cause.en
        )?;
    }
    Ok(())
}

/// The catalogue in Markdown, as `docs/errors.md` has it.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# Error catalogue\n\nMade by `cargo xtask errors` from the code; do not edit. \
         The program itself serves it at `/errors.json`.\n\n\
         Every refusal carries one of these codes, on pages, in our JSON and in FHIR \
         OperationOutcomes. Codes are never reused. Only what is no HTTP request at all (a malformed \
         request line, headers over 32 kB) is answered by the HTTP library below the program, \
         with a bare 400 or 431.\n",
    );
    for entry in program::catalogue() {
        let _ = write!(
            out,
            "\n## {} · {}\n\n- {}\n- {}\n- 次にすること: {}\n- Remedy: {}\n- Source: {}\n",
            entry.code,
            entry.status,
            entry.cause.ja,
            entry.cause.en,
            entry.remedy.ja,
            entry.remedy.en,
            entry.source,
        );
    }
    out.push_str("\n# Rules of documents and files\n\nRule names inside a finding (`rule`), beside the code above.\n\n| rule | 直し方 | remedy |\n|---|---|---|\n");
    let of_profiles = profiles::RULES
        .iter()
        .map(|rule| (rule.id, rule.ja, rule.en));
    for (id, ja, en) in fhir::rules().chain(of_profiles).chain(oqs::fault::rules()) {
        let _ = writeln!(out, "| {id} | {} | {} |", cell(ja), cell(en));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
