//! What is read out of a document.

use super::examples;
use crate::clins::document::{DocumentFacts, DocumentKind, facts};
use crate::clins::{MemberKind, Value};
use crate::json::Document;

fn read(text: &str) -> DocumentFacts {
    facts(&Document::parse(text.as_bytes()).expect("JSON")).expect("facts")
}

#[test]
fn a_referral_says_from_whom_to_whom_and_about_whom() {
    let letter = read(&examples::referral());
    assert_eq!(letter.kind, DocumentKind::Referral);
    assert_eq!(letter.identifier.value(), "1312345678^2026^ref-1");
    assert_eq!(letter.composition_id, "1312345678^2026^doc-1");
    assert_eq!(
        (letter.version.as_str(), letter.title.as_str()),
        ("1", "診療情報提供書")
    );
    assert_eq!(letter.patient.member.kind(), MemberKind::Insurance);
    assert_eq!(letter.patient.birth_date, "1980-04-05");
    let to = letter.addressee.as_ref().expect("an addressee");
    assert_eq!(
        to.institution.as_ref().map(|i| i.as_str()),
        Some("1319876543")
    );
    assert_eq!(to.name.as_deref(), Some("みなと病院"));
    assert_eq!(to.doctor.as_deref(), Some("鈴木 海"));
    let department = to.department.as_ref().expect("a department");
    assert_eq!(department.code.as_deref(), Some("08"));
    assert_eq!(department.name, "循環器内科");
    assert_eq!(letter.author.doctor.as_deref(), Some("佐藤 花"));
    assert_eq!(letter.author.name.as_deref(), Some("さくら診療所"));
    let keeper = letter.custodian.as_ref().expect("a custodian");
    assert_eq!(
        keeper.institution.as_ref().map(|i| i.as_str()),
        Some("1312345678")
    );
    let event = letter.event.as_ref().expect("an event");
    assert_eq!(event.text.as_deref(), Some("診療情報提供書発行"));
    assert!(!format!("{letter:?}").contains("山田"));
}

#[test]
fn sections_keep_their_order_their_narrative_and_their_entries() {
    let letter = read(&examples::referral());
    let codes: Vec<(usize, &str)> = letter
        .all_sections()
        .into_iter()
        .filter_map(|(depth, s)| Some((depth, s.code.as_deref()?)))
        .collect();
    let expected = [
        (0, "910"),
        (0, "920"),
        (0, "300"),
        (1, "950"),
        (1, "340"),
        (1, "360"),
        (1, "510"),
        (1, "430"),
        (0, "210"),
    ];
    assert_eq!(codes, expected);
    let purpose = letter.section(&["950"]).expect("the purpose");
    assert!(
        purpose
            .narrative
            .as_deref()
            .is_some_and(|n| n.contains("精査をお願いします"))
    );
    assert_eq!(purpose.entries, [6]);
}

#[test]
fn conditions_allergies_prescriptions_and_files_stand_in_their_sections() {
    let text = examples::referral();
    let letter = read(&text);
    let conditions: Vec<(usize, Option<&str>, &str)> = letter
        .conditions
        .iter()
        .map(|c| (c.index, c.section.as_deref(), c.facts.text.as_str()))
        .collect();
    assert_eq!(
        conditions,
        [(7, Some("340"), "高血圧症"), (8, Some("360"), "頭痛")]
    );
    let allergy = letter.allergies.first().expect("an allergy");
    assert!(allergy.flags.long_term);
    assert_eq!(allergy.facts.text, "さば");
    let drug = letter.prescriptions.first().expect("a prescription");
    assert_eq!(
        (drug.facts.rp.as_str(), drug.facts.order.as_str()),
        ("1", "2")
    );
    assert_eq!(drug.facts.usage, "朝食後");
    assert_eq!(
        drug.facts.dose.as_ref().map(|d| d.number.as_str()),
        Some("1.0")
    );
    assert_eq!(
        drug.facts.days.as_ref().map(|d| d.number.as_str()),
        Some("28")
    );
    let file = letter.attachments.first().expect("a file");
    assert_eq!((file.index, file.number, file.base64_len), (11, 0, 8));
    assert_eq!(
        (file.content_type.as_str(), file.title.as_deref()),
        ("application/pdf", Some("心電図"))
    );
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    assert_eq!(file.base64(doc.root()), Some("JVBERi0x"));
}

#[test]
fn a_discharge_summary_inside_a_referral_is_read_with_it() {
    let inner = examples::discharge();
    let letter = read(&examples::referral_with(&[inner]));
    let (place, summary) = letter.attached.first().expect("the summary");
    assert_eq!((*place, summary.kind), (12, DocumentKind::Discharge));
    assert_eq!(summary.attachments.first().map(|a| a.index), Some(7));
}

#[test]
fn a_care_plan_and_a_checkup_report_are_read() {
    let plan = read(&examples::plan());
    assert_eq!(plan.kind, DocumentKind::CarePlan);
    let first = plan.care_plans.first().expect("a plan");
    assert_eq!(first.facts.description.as_deref(), Some("塩分を控える"));
    assert!(plan.addressee.is_none());
    let report = read(&examples::checkup());
    assert_eq!(report.kind, DocumentKind::Checkup);
    assert_eq!(
        report.category.as_ref().map(|c| c.code.as_str()),
        Some("10")
    );
    let height = report.results.first().expect("a result");
    assert_eq!(height.section.as_deref(), Some("01011"));
    let Value::Quantity { number, .. } = &height.facts.value else {
        panic!("a number")
    };
    assert_eq!(number, "162.30");
}
