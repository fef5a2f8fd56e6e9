//! Files as senders and attackers make them, and messages that come back as they were.

mod charset;
mod foreign;
mod golden;
mod hostile;
mod laws;
mod names;
pub(crate) mod sample;

use kernel::Finding;

use crate::{Message, Read, message::SingleRequest};

/// Rule and place of each finding.
fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| format!("{} {}", f.rule, f.path))
        .collect()
}

/// What is wrong with a question about one person.
fn faults(file: &[u8]) -> Vec<String> {
    told(&SingleRequest::read(file).expect_err("a fault"))
}

fn read(file: &str) -> Read<SingleRequest> {
    SingleRequest::read(file.as_bytes()).expect("a question")
}

/// A question with `inside` as its body's items and `more` in its header.
fn question(more: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\
         <XmlMsg><MessageHeader><MedicalInstitutionCode>1310000001</MedicalInstitutionCode>\
         {more}</MessageHeader><MessageBody><QualificationConfirmSearchInfo>{inside}\
         </QualificationConfirmSearchInfo></MessageBody></XmlMsg>"
    )
}
