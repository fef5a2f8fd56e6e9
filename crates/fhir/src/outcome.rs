//! The answer that names every problem: a FHIR `OperationOutcome`.
//!
//! Source: FHIR R4 2.37 OperationOutcome; the code and texts come from the error catalogue.

use kernel::{Entry, Finding};

use crate::json::Writer;

/// Address of the code system of our error codes.
pub const CODE_SYSTEM: &str = "urn:tasuki:error";

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The request was refused.
    Error,
    /// The request was done, but something should be better.
    Warning,
    /// Only told.
    Information,
}

impl Severity {
    /// The FHIR code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

/// A refusal as an `OperationOutcome`: one issue for the catalogue entry, one for each finding.
#[must_use]
pub fn refusal(entry: &Entry, findings: &[Finding]) -> Vec<u8> {
    let mut w = begin();
    w.begin_object();
    w.member_str("severity", Severity::Error.code());
    w.member_str("code", entry.fhir);
    w.key("details").begin_object();
    w.key("coding").begin_array().begin_object();
    w.member_str("system", CODE_SYSTEM);
    w.member_str("code", entry.code);
    w.end().end();
    w.member_str("text", &format!("{}{}", entry.cause.ja, entry.remedy.ja));
    w.end();
    let english = format!("{}: {}; {}", entry.code, entry.cause.en, entry.remedy.en);
    w.member_str("diagnostics", &english);
    w.end();
    for finding in findings {
        issue(&mut w, Severity::Error, entry.fhir, finding);
    }
    w.finish()
}

/// Findings alone, all of one severity; without any it says that all is well.
#[must_use]
pub fn findings(severity: Severity, findings: &[Finding]) -> Vec<u8> {
    let mut w = begin();
    if findings.is_empty() {
        w.begin_object();
        w.member_str("severity", Severity::Information.code());
        w.member_str("code", "informational");
        w.key("details").begin_object();
        w.member_str("text", "問題は見つかりませんでした。");
        w.end();
        w.member_str("diagnostics", "no problem was found");
        w.end();
    }
    for finding in findings {
        issue(&mut w, severity, "invariant", finding);
    }
    w.finish()
}

/// Findings of several severities, in their order; without any it says that all is well.
#[must_use]
pub fn judged(parts: &[(Severity, &[Finding])]) -> Vec<u8> {
    if parts.iter().all(|(_, part)| part.is_empty()) {
        return findings(Severity::Information, &[]);
    }
    let mut w = begin();
    for (severity, part) in parts {
        for finding in *part {
            issue(&mut w, *severity, "invariant", finding);
        }
    }
    w.finish()
}

fn begin() -> Writer {
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "OperationOutcome");
    w.key("issue").begin_array();
    w
}

fn issue(w: &mut Writer, severity: Severity, fallback: &str, finding: &Finding) {
    w.begin_object();
    w.member_str("severity", severity.code());
    w.member_str("code", issue_code(&finding.rule).unwrap_or(fallback));
    w.key("details").begin_object();
    w.key("coding").begin_array().begin_object();
    w.member_str("system", CODE_SYSTEM);
    w.member_str("code", &finding.rule);
    w.end().end();
    w.member_str("text", &finding.remedy_ja);
    w.end();
    let english = if finding.found.is_empty() {
        format!("{}: {}", finding.rule, finding.remedy_en)
    } else {
        format!(
            "{}: {} (found: {})",
            finding.rule, finding.remedy_en, finding.found
        )
    };
    w.member_str("diagnostics", &english);
    if !finding.path.is_empty() {
        w.key("expression").begin_array();
        w.string(&finding.path);
        w.end();
    }
    w.end();
}

/// The FHIR issue type that fits a rule of this crate.
fn issue_code(rule: &str) -> Option<&'static str> {
    match rule {
        "R4-CARDINALITY-MIN" | "CLINS-REQUIRED" => Some("required"),
        "R4-BINDING" | "CLINS-CODE-SYSTEM-UNKNOWN" => Some("code-invalid"),
        "R4-FORMAT" | "R4-TYPE" => Some("value"),
        "CLINS-ENTRIES-MAX" | "JSON-SIZE" | "R4-FINDINGS-MAX" => Some("too-long"),
        _ if rule.starts_with("JSON-") || rule.starts_with("R4-") => Some("structure"),
        _ if rule.starts_with("CLINS-") => Some("business-rule"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    use crate::schema;

    static ENTRY: Entry = Entry {
        code: "TSK-REC-001",
        status: 422,
        fhir: "invalid",
        cause: kernel::Text {
            ja: "検証に通りませんでした。",
            en: "the document is not valid",
        },
        remedy: kernel::Text {
            ja: "指摘を直してください。",
            en: "mend the findings",
        },
        source: "test",
    };

    fn finding() -> Finding {
        Finding {
            path: "Bundle.entry[0]".to_owned(),
            rule: "R0211".to_owned(),
            found: "\"Condition\"\n".to_owned(),
            remedy_ja: "直す".to_owned(),
            remedy_en: "mend".to_owned(),
        }
    }

    #[test]
    fn an_outcome_is_a_valid_r4_resource_and_names_rule_and_place() {
        let bytes = refusal(&ENTRY, &[finding()]);
        let doc = Document::parse(&bytes).expect("JSON");
        assert_eq!(schema::validate(doc.root()), []);
        let issue = doc.root().list("issue").nth(1).expect("second issue");
        assert_eq!(issue.str("severity"), Some("error"));
        let place = issue.list("expression").next().and_then(|e| e.as_str());
        assert_eq!(place, Some("Bundle.entry[0]"));
        let text = issue.get("details").and_then(|d| d.str("text"));
        assert_eq!(text, Some("直す"));
    }

    #[test]
    fn an_outcome_without_findings_says_that_all_is_well() {
        for list in [vec![], vec![finding()]] {
            let bytes = findings(Severity::Warning, &list);
            let doc = Document::parse(&bytes).expect("JSON");
            assert_eq!(schema::validate(doc.root()), []);
        }
    }

    #[test]
    fn a_finding_longer_than_a_string_is_never_built() {
        let long = kernel::catalog::shorten(&"あ".repeat(1000));
        assert_eq!(long.chars().count(), 201);
    }
}
