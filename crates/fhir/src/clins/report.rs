//! Collecting problems.

use kernel::{Finding, catalog::shorten};

use super::rule::{self, Rule};
use crate::path::Path;
use crate::schema::FINDINGS_MAX;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Reasons to refuse; empty when accepted.
    pub refusals: Vec<Finding>,
    /// What should be better, but does not hinder acceptance.
    pub warnings: Vec<Finding>,
}

impl Checked {
    /// Is there no reason to refuse?
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.refusals.is_empty()
    }

    pub(super) fn refuse(&mut self, rule: Rule, path: &Path<'_>, found: &str) {
        add(&mut self.refusals, rule, path, found);
    }

    pub(super) fn warn(&mut self, rule: Rule, path: &Path<'_>, found: &str) {
        add(&mut self.warnings, rule, path, found);
    }
}

fn add(list: &mut Vec<Finding>, rule: Rule, path: &Path<'_>, found: &str) {
    let rule = match list.len() {
        0..FINDINGS_MAX => rule,
        FINDINGS_MAX => rule::FINDINGS_LEFT_OUT,
        _ => return,
    };
    list.push(Finding {
        path: path.to_string(),
        rule: rule.id.to_owned(),
        found: shorten(found),
        remedy_ja: rule.ja.to_owned(),
        remedy_en: rule.en.to_owned(),
    });
}
