//! Collecting problems.

use kernel::{Finding, catalog::shorten, time::JstDate};

use super::rule::{self, Force, Rule};
use crate::path::Path;
use crate::schema::FINDINGS_MAX;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Reasons to refuse; empty when accepted.
    pub refusals: Vec<Finding>,
    /// What should be better, but does not hinder acceptance.
    pub warnings: Vec<Finding>,
    /// The date whose rules hold; without it every rule holds.
    pub(super) on: Option<JstDate>,
}

impl Checked {
    /// Nothing found yet, by the rules of `on`.
    pub(super) fn on(on: JstDate) -> Self {
        Self {
            on: Some(on),
            ..Self::default()
        }
    }

    /// Is there no reason to refuse?
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.refusals.is_empty()
    }

    pub(super) fn refuse(&mut self, rule: Rule, path: &Path<'_>, found: &str) {
        self.refuse_hint(rule, path, found, "");
    }

    /// As `refuse`; `hint` is a technical word (a code, an address) put behind the remedies.
    /// A rule not yet in force only warns.
    pub(super) fn refuse_hint(&mut self, rule: Rule, path: &Path<'_>, found: &str, hint: &str) {
        match self.on.map_or(Force::Now, |on| rule.force(on)) {
            Force::Now => add(&mut self.refusals, rule, path, found, hint),
            Force::Later => add(&mut self.warnings, rule, path, found, hint),
            Force::Gone => {}
        }
    }

    pub(super) fn warn(&mut self, rule: Rule, path: &Path<'_>, found: &str) {
        if self.on.map_or(Force::Now, |on| rule.force(on)) == Force::Now {
            add(&mut self.warnings, rule, path, found, "");
        }
    }
}

fn add(list: &mut Vec<Finding>, rule: Rule, path: &Path<'_>, found: &str, hint: &str) {
    let rule = match list.len() {
        0..FINDINGS_MAX => rule,
        FINDINGS_MAX => rule::FINDINGS_LEFT_OUT,
        _ => return,
    };
    let remedy = |text: &str| match hint {
        "" => text.to_owned(),
        hint => format!("{text} ({hint})"),
    };
    list.push(Finding {
        path: path.to_string(),
        rule: rule.id.to_owned(),
        found: shorten(found),
        remedy_ja: remedy(rule.ja),
        remedy_en: remedy(rule.en),
    });
}
