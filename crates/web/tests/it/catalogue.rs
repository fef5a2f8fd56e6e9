//! The error catalogue: what everything below the services can answer.

use std::collections::BTreeSet;

#[test]
fn every_entry_says_what_is_wrong_and_what_to_do() {
    let all = web::app::catalogue();
    let mut codes = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in all {
        let code = entry.code;
        assert!(codes.insert(code), "{code} is there twice");
        let parts: Vec<&str> = code.split('-').collect();
        let is_formed = parts.len() == 3
            && parts[0] == "TSK"
            && parts[1].len() == 3
            && parts[2].len() == 3
            && parts[2].bytes().all(|b| b.is_ascii_digit());
        assert!(is_formed, "{code}");
        let refuses = (400..500).contains(&entry.status);
        assert!(
            refuses || (code.starts_with("TSK-STO-") && entry.status == 503),
            "{code}"
        );
        for text in [entry.cause, entry.remedy] {
            if !text.ja.ends_with('。') || text.en.len() < 4 || text.en.ends_with('.') {
                wrong.push((code, text));
            }
        }
        assert!(!entry.source.is_empty() && !entry.fhir.is_empty(), "{code}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
