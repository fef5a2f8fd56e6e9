//! Who may do what: role × class of information × action × purpose, and on what conditions.
//!
//! The rules are data (`policy.toml`, in the program); what none of them allows is denied.
//! [`Policy::decide`] is the only place where such a question is answered; [`ask`] and [`require`]
//! bring a call's facts to it.
//!
//! Source: identity-security AUTHZ-01 (rights by occupation and kind of information, least
//! privilege; administrators see no clinical data).

mod facts;
mod file;
pub mod matrix;
mod permission;
mod words;

use std::sync::OnceLock;

use store::caller::{Caller, Purpose, Role};

pub use facts::{Facts, ask, decide, is_in_scope, refusal, require};
pub use file::{PolicyError, Rule};
pub use permission::Permission;
pub use words::{Action, Class, Need};

use crate::scope;

/// What is asked: one cell of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub role: Role,
    /// About which information.
    pub class: Class,
    /// To do what.
    pub action: Action,
    /// What for.
    pub purpose: Purpose,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Permit {
        /// Names and numbers are to be masked.
        masked: bool,
    },
    /// No rule allows it to anybody of this role.
    NoRule,
    /// A rule would allow it, but this condition is not met.
    Unmet(Need),
}

impl Decision {
    /// May they?
    #[must_use]
    pub const fn is_permit(self) -> bool {
        matches!(self, Self::Permit { .. })
    }
}

/// The rules.
#[derive(Debug, Default)]
pub struct Policy {
    rules: Vec<Rule>,
}

impl Policy {
    /// The rules of this program.
    #[must_use]
    pub fn own() -> &'static Self {
        static OWN: OnceLock<Policy> = OnceLock::new();
        // A file that could not be read would allow nothing; a test reads it.
        OWN.get_or_init(|| Self::parse(file::OWN).unwrap_or_default())
    }

    /// The rules, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule for a cell, if one allows it at all.
    #[must_use]
    pub fn rule(&self, question: Question) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.covers(question))
    }

    /// Decides: the rule of the cell, and whether each of its conditions is met.
    ///
    /// `is_met` is asked for conditions only; [`Need::Masked`] is none, it is a duty.
    #[must_use]
    pub fn decide(&self, question: Question, mut is_met: impl FnMut(Need) -> bool) -> Decision {
        let Some(rule) = self.rule(question) else {
            return Decision::NoRule;
        };
        let conditions = rule.needs.iter().filter(|need| **need != Need::Masked);
        for need in conditions {
            if !is_met(*need) {
                return Decision::Unmet(*need);
            }
        }
        let masked = rule.needs.contains(&Need::Masked);
        Decision::Permit { masked }
    }
}

/// May a caller of this role come in here at all? Conditions are decided behind the door.
#[must_use]
pub fn allows(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::Public => true,
        Permission::OwnSession => !matches!(role, Role::System | Role::Job | Role::Anonymous),
        Permission::Ask => !matches!(role, Role::Job | Role::Anonymous),
        _ => permission.cells().any(|(class, action, purpose)| {
            let question = Question {
                role,
                class,
                action,
                purpose,
            };
            Policy::own().rule(question).is_some()
        }),
    }
}

/// The same for a caller, whose access token may narrow what their role allows.
#[must_use]
pub fn admits(caller: &Caller, permission: Permission) -> bool {
    allows(caller.role(), permission)
        && caller
            .scopes
            .as_deref()
            .is_none_or(|scopes| scope::covers(scopes, permission))
}
