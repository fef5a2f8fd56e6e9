//! The two verdicts on each file beside each other, and why they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::files::Paper;

/// Lines of a list that are told when it changed.
const TOLD_MAX: usize = 40;

/// One reason why the two differ.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Its name in the list of files.
    name: String,
    /// Of what the other finds and we do not: part of its sentence, or several parts that
    /// must all be there.
    #[serde(default)]
    official_says: Vec<String>,
    /// Of what we refuse and the other takes: how the refusal begins.
    #[serde(default)]
    we_say: Vec<String>,
    /// Why.
    reason: String,
}

/// All reasons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    difference: Vec<Difference>,
}

/// What both say of one file.
pub struct Judged {
    /// How the lists name it.
    name: String,
    /// Our refusals.
    ours: Vec<String>,
    /// What the other calls an error: place and sentence.
    theirs: Vec<String>,
}

/// Each file with the other's findings.
///
/// # Errors
/// When the other did not judge one of them.
pub fn beside(papers: &[Paper], answer: &Value) -> Result<Vec<Judged>> {
    let mut found: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
    for outcome in outcomes(answer) {
        if let Some(file) = file(outcome) {
            found.insert(file, errors(outcome));
        }
    }
    let mut all = Vec::new();
    for paper in papers {
        let theirs = found.remove(paper.at.as_path());
        ensure!(theirs.is_some(), "{} was not judged", paper.name);
        all.push(Judged {
            name: paper.name.clone(),
            ours: paper.refusals.clone(),
            theirs: theirs.unwrap_or_default(),
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// One document gives an outcome, several a Bundle of them.
fn outcomes(answer: &Value) -> Vec<&Value> {
    match answer.get("entry").and_then(Value::as_array) {
        Some(entries) => entries.iter().filter_map(|e| e.get("resource")).collect(),
        None => vec![answer],
    }
}

/// Which file an outcome is about.
fn file(outcome: &Value) -> Option<&Path> {
    let extensions = outcome.get("extension")?.as_array()?;
    let mut values = extensions.iter().filter(|one| {
        let url = one.get("url").and_then(Value::as_str);
        url.is_some_and(|url| url.ends_with("file"))
    });
    Some(Path::new(values.next()?.get("valueString")?.as_str()?))
}

fn errors(outcome: &Value) -> Vec<String> {
    let issues = outcome.get("issue").and_then(Value::as_array);
    let issues = issues.into_iter().flatten();
    issues
        .filter(|issue| {
            let severity = issue.get("severity").and_then(Value::as_str);
            matches!(severity, Some("error" | "fatal"))
        })
        .map(|issue| {
            let text = issue.pointer("/details/text").and_then(Value::as_str);
            let place = issue.pointer("/expression/0").and_then(Value::as_str);
            let (text, place) = (text.unwrap_or_default(), place.unwrap_or_default());
            format!("{place}: {text}")
        })
        .collect()
}

/// The list of all files, a line each, and what no reason explains, or which reason explains
/// nothing.
pub fn explain(known: &Differences, all: &[Judged]) -> (String, Vec<String>) {
    let mut table =
        String::from("# file, our verdict, the official validator's, why they differ\n");
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for one in all {
        let said = |refusals: &[String]| {
            if refusals.is_empty() {
                "taken"
            } else {
                "refused"
            }
        };
        let mut why = BTreeSet::new();
        let (ours, theirs) = (said(&one.ours), said(&one.theirs));
        if ours != theirs {
            for refusal in &one.ours {
                match known
                    .difference
                    .iter()
                    .find(|row| row.explains_ours(refusal))
                {
                    Some(row) => why.insert(row.name.as_str()),
                    None => {
                        wrong.push(format!("{}: it takes what we refuse: {refusal}", one.name));
                        false
                    }
                };
            }
            for error in &one.theirs {
                match known
                    .difference
                    .iter()
                    .find(|row| row.explains_theirs(error))
                {
                    Some(row) => why.insert(row.name.as_str()),
                    None => {
                        wrong.push(format!("{}: we take what it refuses: {error}", one.name));
                        false
                    }
                };
            }
        }
        let names: Vec<&str> = why.iter().copied().collect();
        table.push_str(&format!("{}\t{ours}\t{theirs}", one.name));
        if !names.is_empty() {
            table.push('\t');
            table.push_str(&names.join(" "));
        }
        table.push('\n');
        used.extend(why);
    }
    let idle = known.difference.iter();
    for row in idle.filter(|row| !used.contains(row.name.as_str())) {
        wrong.push(format!(
            "differences.toml: {:?} explains nothing ({})",
            row.name, row.reason
        ));
    }
    (table, wrong)
}

impl Difference {
    fn explains_ours(&self, refusal: &str) -> bool {
        self.we_say.iter().any(|rule| refusal.starts_with(rule))
    }

    fn explains_theirs(&self, error: &str) -> bool {
        let mut parts = self.official_says.iter();
        !self.official_says.is_empty() && parts.all(|part| error.contains(part))
    }
}

/// The lines that are not as listed.
pub fn changed(listed: &str, found: &str) -> Vec<String> {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (listed.lines().collect(), found.lines().collect());
    let gone = old
        .difference(&new)
        .map(|line| format!("judged.tsv no longer: {line}"));
    let come = new
        .difference(&old)
        .map(|line| format!("judged.tsv lacks: {line}"));
    gone.chain(come).take(TOLD_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, official_says: &str, we_say: &str) -> Difference {
        let given = |text: &str| Vec::from_iter((!text.is_empty()).then(|| text.to_owned()));
        Difference {
            name: name.to_owned(),
            official_says: given(official_says),
            we_say: given(we_say),
            reason: "because".to_owned(),
        }
    }

    fn judged(ours: &[&str], theirs: &[&str]) -> Judged {
        Judged {
            name: "a.json".to_owned(),
            ours: ours.iter().map(|&text| text.to_owned()).collect(),
            theirs: theirs.iter().map(|&text| text.to_owned()).collect(),
        }
    }

    fn told(rows: Vec<Difference>, one: Judged) -> (String, Vec<String>) {
        let (table, wrong) = explain(&Differences { difference: rows }, &[one]);
        (table.lines().nth(1).unwrap().to_owned(), wrong)
    }

    #[test]
    fn a_difference_has_a_reason_in_the_list_and_is_wrong_without_one() {
        let rows = || vec![row("display", "Wrong Display", ""), row("items", "", "R9 ")];
        let (line, wrong) = told(rows(), judged(&[], &["x: Wrong Display Name"]));
        assert_eq!(line, "a.json\ttaken\trefused\tdisplay");
        assert_eq!(wrong.len(), 1, "the other row explains nothing: {wrong:?}");
        let (line, wrong) = told(rows(), judged(&["R9 x"], &[]));
        assert_eq!(line, "a.json\trefused\ttaken\titems");
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        let (_, wrong) = told(Vec::new(), judged(&[], &["x: no"]));
        assert_eq!(wrong, ["a.json: we take what it refuses: x: no"]);
        let (_, wrong) = told(Vec::new(), judged(&["R1 y"], &[]));
        assert_eq!(wrong, ["a.json: it takes what we refuse: R1 y"]);
    }

    #[test]
    fn what_both_refuse_needs_no_reason() {
        let (line, wrong) = told(Vec::new(), judged(&["R1 y"], &["x: no"]));
        assert_eq!(
            (line.as_str(), wrong.len()),
            ("a.json\trefused\trefused", 0)
        );
    }

    #[test]
    fn a_changed_verdict_is_told_in_both_directions() {
        let told = changed("a\ttaken\ttaken\n", "a\trefused\ttaken\n");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(changed("a\n", "a\n").is_empty());
    }

    #[test]
    fn errors_are_told_with_file_and_place_and_warnings_are_none() {
        let answer = serde_json::json!({ "entry": [{ "resource": {
            "extension": [{ "url": "x/operationoutcome-file", "valueString": "/t/a.json" }],
            "issue": [
                { "severity": "warning", "details": { "text": "hm" } },
                { "severity": "error", "details": { "text": "no" }, "expression": ["Patient"] },
            ],
        } }] });
        let outcomes = outcomes(&answer);
        assert_eq!(file(outcomes[0]), Some(Path::new("/t/a.json")));
        assert_eq!(errors(outcomes[0]), ["Patient: no"]);
    }

    #[test]
    fn every_committed_difference_has_a_name_of_its_own_and_its_reason() {
        let text = include_str!("../../../foreign/differences.toml");
        let known: Differences = toml::from_str(text).unwrap();
        let names: BTreeSet<&str> = known.difference.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names.len(), known.difference.len());
        assert!(known.difference.iter().all(|one| one.reason.len() > 20));
    }
}
