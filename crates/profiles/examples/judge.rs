//! What a resource costs with packages loaded: `judge PACKAGE.tgz… -- FILE.json…`.
//!
//! Prints each file's findings by rule, then the time of loading and of many rounds of
//! checking: our structure rules alone, the profiles alone.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::as_conversions,
    reason = "an instrument for people, which measures time"
)]
#![allow(clippy::cast_precision_loss)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use fhir::json::Document;
use kernel::time::JstDate;
use profiles::Library;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let cut = words.iter().position(|word| word == "--").unwrap_or(0);
    let (packages, files) = words.split_at(cut);
    let mut library = Library::new();
    let begun = Instant::now();
    for package in packages {
        library.add_file(Path::new(package)).expect("a package");
    }
    println!("loaded in {:?}", begun.elapsed());
    for loaded in library.loaded() {
        println!("  {loaded:?}");
    }
    let on = JstDate::new(2026, 11, 22).expect("a date");
    let mut documents = Vec::new();
    let begun = Instant::now();
    for file in files.iter().skip(1) {
        let document = match Document::parse(&std::fs::read(file).expect("a file")) {
            Ok(document) => document,
            Err(error) => {
                println!("{file}: {error}");
                continue;
            }
        };
        let checked = library.check(document.root(), on);
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &checked.refusals {
            *rules.entry(finding.rule.clone()).or_default() += 1;
        }
        println!("{file}: {rules:?} warnings {}", checked.warnings.len());
        if std::env::var_os("FULL").is_some() {
            for finding in checked.refusals.iter().chain(&checked.warnings) {
                println!(
                    "    {} {} {:?} {}",
                    finding.rule, finding.path, finding.found, finding.remedy_en
                );
            }
        }
        documents.push(document);
    }
    println!("first round in {:?}", begun.elapsed());
    let rounds: u32 = std::env::var("ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    for (name, act) in [
        (
            "structure",
            (&|document: &Document| fhir::schema::validate(document.root()).len())
                as &dyn Fn(&Document) -> usize,
        ),
        ("profiles", &|document: &Document| {
            library.check(document.root(), on).refusals.len()
        }),
    ] {
        let begun = Instant::now();
        let mut sum = 0;
        for _ in 0..rounds {
            sum += documents.iter().map(act).sum::<usize>();
        }
        let spent = begun.elapsed();
        let count = u32::try_from(documents.len()).unwrap_or(1).max(1) * rounds.max(1);
        println!(
            "{name}: {:?} a document ({count} documents, {sum} findings)",
            spent / count
        );
    }
}
