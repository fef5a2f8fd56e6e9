//! Reading the policy file.

use serde::Deserialize;
use store::caller::{Purpose, Role};
use thiserror::Error;

use super::{Action, Class, Need, Policy, Question};

/// The policy of this program.
pub(super) const OWN: &str = include_str!("../../policy.toml");

/// What is wrong with a policy file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PolicyError {
    /// It is no TOML of this form.
    #[error("the policy file cannot be read: {0}")]
    Form(String),
    /// A word that means nothing.
    #[error("rule {rule}: `{word}` is no {kind}; see the list at the head of the file")]
    Word {
        /// Number of the rule, from 1.
        rule: usize,
        /// What it should be.
        kind: &'static str,
        /// What stands there.
        word: String,
    },
    /// A rule that allows nothing.
    #[error("rule {rule}: roles, classes, actions and purposes must each name something")]
    Empty {
        /// Number of the rule, from 1.
        rule: usize,
    },
    /// A cell that two rules decide.
    #[error("rules {first} and {second} both decide {cell}; each cell belongs to one rule")]
    Twice {
        /// Number of the earlier rule.
        first: usize,
        /// Number of the later rule.
        second: usize,
        /// The cell's words.
        cell: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicy {
    allow: Vec<WireRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRule {
    ja: String,
    en: String,
    source: String,
    roles: Vec<String>,
    classes: Vec<String>,
    actions: Vec<String>,
    purposes: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
}

/// One rule: it allows each of its cells, on all of its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it allows, for people.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// Where it comes from.
    pub source: String,
    /// To whom.
    pub roles: Vec<Role>,
    /// Which information.
    pub classes: Vec<Class>,
    /// To do what.
    pub actions: Vec<Action>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// On what conditions, in the order in which they are asked.
    pub needs: Vec<Need>,
}

impl Rule {
    /// Does it decide this cell?
    #[must_use]
    pub fn covers(&self, question: Question) -> bool {
        self.roles.contains(&question.role)
            && self.purposes.contains(&question.purpose)
            && self.classes.contains(&question.class)
            && self.actions.contains(&question.action)
    }

    /// Every cell.
    pub fn cells(&self) -> impl Iterator<Item = Question> {
        self.roles.iter().flat_map(move |role| {
            self.classes.iter().flat_map(move |class| {
                self.actions.iter().flat_map(move |action| {
                    self.purposes.iter().map(move |purpose| Question {
                        role: *role,
                        class: *class,
                        action: *action,
                        purpose: *purpose,
                    })
                })
            })
        })
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] with the number of the rule.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let wire: WirePolicy =
            toml::from_str(text).map_err(|error| PolicyError::Form(error.to_string()))?;
        let mut policy = Self::default();
        for (number, rule) in (1..).zip(wire.allow) {
            let rule = read(number, rule)?;
            for question in rule.cells() {
                let taken = policy.rules.iter().position(|one| one.covers(question));
                if let Some(first) = taken {
                    return Err(PolicyError::Twice {
                        first: first + 1,
                        second: number,
                        cell: format!(
                            "{} {} {} {}",
                            question.role.word(),
                            question.class.word(),
                            question.action.word(),
                            question.purpose.word()
                        ),
                    });
                }
            }
            policy.rules.push(rule);
        }
        Ok(policy)
    }
}

fn read(number: usize, wire: WireRule) -> Result<Rule, PolicyError> {
    let rule = Rule {
        roles: all(number, "role", &wire.roles, Role::parse)?,
        classes: all(number, "class", &wire.classes, Class::parse)?,
        actions: all(number, "action", &wire.actions, Action::parse)?,
        purposes: all(number, "purpose", &wire.purposes, Purpose::parse)?,
        needs: all(number, "need", &wire.needs, Need::parse)?,
        ja: wire.ja,
        en: wire.en,
        source: wire.source,
    };
    let is_empty = rule.roles.is_empty()
        || rule.classes.is_empty()
        || rule.actions.is_empty()
        || rule.purposes.is_empty();
    if is_empty {
        return Err(PolicyError::Empty { rule: number });
    }
    Ok(rule)
}

fn all<T>(
    rule: usize,
    kind: &'static str,
    words: &[String],
    parse: fn(&str) -> Option<T>,
) -> Result<Vec<T>, PolicyError> {
    let one = |word: &String| {
        parse(word).ok_or_else(|| PolicyError::Word {
            rule,
            kind,
            word: word.clone(),
        })
    };
    words.iter().map(one).collect()
}
