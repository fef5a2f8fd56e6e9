//! What is judged: the documents that the platform made, and the published files with our
//! verdicts on them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::super::Town;

/// Where the script leaves what the platform made, each with our verdict in `verdicts.tsv`.
const MADE: &str = "made";
/// The published files, beside the project.
const PUBLISHED: &str = "../shared/data";
/// Our verdict on each of them, which a test of the crate `fhir` holds.
const VERDICTS: &str = "crates/fhir/src/clins/document/tests/verdicts.txt";
/// How the list names a template whose words were replaced.
const FILLED: &str = " (filled in)";
/// Most municipal samples are templates: these words stand where an address belongs.
const WORDS: [(&str, &str); 2] = [
    (
        "$jlac10_cs",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10\"",
    ),
    (
        "$attachement-format",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/attachement-format\"",
    ),
];

/// A file, and what we say of it.
pub struct Paper {
    /// How the lists name it.
    pub name: String,
    /// Where it lies for the judge.
    pub at: PathBuf,
    /// Our refusals, with the rule first; none when we take it.
    pub refusals: Vec<String>,
}

/// Every file, laid under one folder, and the folders in which they lie.
///
/// # Errors
/// When one that our list names is absent.
pub fn files(town: &Town, home: &Path) -> Result<(Vec<Paper>, Vec<PathBuf>)> {
    let laid = home.join("files");
    // Those of an earlier run; mostly there are none.
    let _ = fs::remove_dir_all(&laid);
    let mut papers = made(&town.scratch.join(MADE), &laid)?;
    papers.extend(published(town.root, &laid)?);
    let folders = papers.iter().filter_map(|paper| paper.at.parent());
    let mut folders: Vec<PathBuf> = folders.map(Path::to_path_buf).collect();
    folders.sort();
    folders.dedup();
    Ok((papers, folders))
}

/// A line of a list of verdicts: name, `taken` or `refused`, the refusals.
fn verdict(line: &str) -> Option<(&str, Vec<String>)> {
    let mut parts = line.split('\t');
    let (name, said) = (parts.next()?, parts.next()?);
    let refusals = match said {
        "taken" => Vec::new(),
        _ => parts.next()?.split("; ").map(str::to_owned).collect(),
    };
    Some((name, refusals))
}

fn made(from: &Path, laid: &Path) -> Result<Vec<Paper>> {
    let list = fs::read_to_string(from.join("verdicts.tsv")).context("nothing was made")?;
    let mut papers = Vec::new();
    for (name, refusals) in list.lines().filter_map(verdict) {
        let bytes = fs::read(from.join(name)).with_context(|| format!("{name} was not made"))?;
        let name = format!("{MADE}/{name}");
        papers.push(lay(laid.join(&name), name, &bytes, refusals)?);
    }
    ensure!(!papers.is_empty(), "nothing was made");
    Ok(papers)
}

fn published(root: &Path, laid: &Path) -> Result<Vec<Paper>> {
    let list = fs::read_to_string(root.join(VERDICTS))?;
    let mut papers = Vec::new();
    for line in list.lines() {
        let (name, refusals) = verdict(line).with_context(|| format!("a line: {line}"))?;
        let file = name.strip_suffix(FILLED).unwrap_or(name);
        let bytes = fs::read(root.join(PUBLISHED).join(file));
        let mut bytes = bytes.with_context(|| format!("{file} is absent"))?;
        let mut at = laid.join(file);
        if file != name {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let filled = WORDS.iter().fold(text, |t, (from, to)| t.replace(from, to));
            bytes = filled.into_bytes();
            at = laid.join("filled-in").join(file);
        }
        papers.push(lay(at, name.to_owned(), &bytes, refusals)?);
    }
    Ok(papers)
}

fn lay(at: PathBuf, name: String, bytes: &[u8], refusals: Vec<String>) -> Result<Paper> {
    let folder = at.parent().context("a file without a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(&at, bytes)?;
    Ok(Paper { name, at, refusals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_list_gives_name_and_refusals() {
        assert_eq!(verdict("a.json\ttaken"), Some(("a.json", Vec::new())));
        let refused = verdict("b.json\trefused\tR1 x; R2 y\t(a reason)");
        let refusals = vec!["R1 x".to_owned(), "R2 y".to_owned()];
        assert_eq!(refused, Some(("b.json", refusals)));
    }
}
