//! FHIR R4 as JSON documents: reading without loss, checking against the definitions,
//! the rules of JP-CLINS, and the answers that name every problem.
//!
//! Documents are not turned into typed models: what was sent is kept as sent, and the facts
//! that rules and views need are read out of it.

pub mod clins;
pub mod json;
pub mod outcome;
pub mod path;
pub mod schema;
pub mod search;

/// A rule's id and how to mend a breach of it, in Japanese and English.
pub type Remedy = (&'static str, &'static str, &'static str);

/// Every rule of this crate, for the catalogue of errors: JSON, R4, JP-CLINS.
pub fn rules() -> impl Iterator<Item = Remedy> {
    let json = json::JsonRule::ALL.into_iter().map(|rule| {
        let (ja, en) = rule.remedy();
        (rule.id(), ja, en)
    });
    let r4 = schema::Rule::ALL.into_iter().map(|rule| {
        let (ja, en) = rule.remedy();
        (rule.id(), ja, en)
    });
    let clins = clins::RULES
        .iter()
        .chain(clins::document::RULES)
        .map(|rule| (rule.id, rule.ja, rule.en));
    json.chain(r4).chain(schema::invariants()).chain(clins)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_has_an_id_of_its_own_and_two_remedies() {
        let mut ids: Vec<&str> = super::rules().map(|(id, _, _)| id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(super::rules().all(|(_, ja, en)| !ja.is_empty() && en.is_ascii()));
    }
}
