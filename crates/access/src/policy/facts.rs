//! From a call to a decision: who asks is in the call, what holds is said by whoever knows.
//!
//! A right is the meeting of four: the access token's scope, the role's rule, the rule's
//! conditions (the patient's consent among them), and the purpose of the call.

use kernel::{Entry, id::PersonId};
use store::{
    Call, Stop, StoreError,
    caller::{Actor, Caller, Purpose, Role},
};

use super::{Action, Class, Decision, Need, Permission, Policy, Question};
use crate::{errors, proxy, scope};

/// Which conditions hold. What nobody has said does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts([bool; Need::ALL.len()]);

impl Facts {
    /// What the caller alone shows, where it is about nobody: they have a facility, and what
    /// they do there is their own facility's.
    #[must_use]
    pub const fn of(caller: &Caller) -> Self {
        Self([false; Need::ALL.len()]).with(Need::OwnFacility, caller.home().is_some())
    }

    /// The same where it is about this class of `person`'s information: the caller is that
    /// person, or acts for them by a relation that is in force now and covers it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn about(
        call: &Call<'_>,
        person: PersonId,
        class: Class,
        action: Action,
    ) -> Result<Self, StoreError> {
        let covered = proxy::covers(call, class, action)?;
        Ok(Self::of_person(call.caller(), person, covered))
    }

    /// `covered`: does the relation by which a proxy acts cover what is asked?
    pub(crate) fn of_person(caller: &Caller, person: PersonId, covered: bool) -> Self {
        let is_own = matches!(&caller.actor, Actor::Patient { person: one, .. } if *one == person);
        let is_proxy = matches!(&caller.actor, Actor::Proxy { person: one, .. } if *one == person);
        Self([false; Need::ALL.len()])
            .with(Need::Own, is_own)
            .with(Need::Proxy, is_proxy && covered)
    }

    /// With what is known of one more condition.
    #[must_use]
    pub const fn with(mut self, need: Need, holds: bool) -> Self {
        // The numbers of the variants are the places of the array: it is as long as `ALL`.
        if let Some(place) = self
            .0
            .as_mut_slice()
            .split_at_mut(need.place())
            .1
            .first_mut()
        {
            *place = holds;
        }
        self
    }

    /// Does it hold?
    #[must_use]
    pub fn has(self, need: Need) -> bool {
        self.0.get(need.place()).copied().unwrap_or(false)
    }
}

/// Does the caller's access token, if they came by one, reach this cell?
#[must_use]
pub fn is_in_scope(caller: &Caller, class: Class, action: Action, purpose: Purpose) -> bool {
    let Some(scopes) = caller.scopes.as_deref() else {
        return true;
    };
    // Scopes speak of seeing and of changing; who registers comes in by one permission, also to
    // read back what is its own, and each operation then asks for its own scope. Who publishes
    // has a permission that reads.
    let asked = match action {
        Action::Read | Action::Export if purpose != Purpose::Registration => Action::Read,
        _ => Action::Write,
    };
    Permission::ALL.into_iter().any(|permission| {
        permission
            .cells()
            .any(|cell| cell == (class, asked, purpose) || cell == (class, action, purpose))
            && scope::covers(scopes, permission)
    })
}

/// Decides for this call.
#[must_use]
pub fn ask(call: &Call<'_>, class: Class, action: Action, facts: Facts) -> Decision {
    decide(call.caller(), class, action, call.purpose(), facts)
}

/// Decides for this caller and purpose: what their token does not reach is denied as if there
/// were no rule.
#[must_use]
pub fn decide(
    caller: &Caller,
    class: Class,
    action: Action,
    purpose: Purpose,
    facts: Facts,
) -> Decision {
    if !is_in_scope(caller, class, action, purpose) {
        return Decision::NoRule;
    }
    let role = caller.role();
    let question = Question {
        role,
        class,
        action,
        purpose,
    };
    Policy::own().decide(question, |need| facts.has(need))
}

/// Goes on only with a permit. A job of this program is nobody's call from outside: the gate
/// makes it, no route does, and the matrix does not speak of it.
///
/// # Errors
/// [`errors::FORBIDDEN`] when no rule allows it; what [`refusal`] says of an unmet condition.
pub fn require(call: &Call<'_>, class: Class, action: Action, facts: Facts) -> Result<(), Stop> {
    if call.caller().role() == Role::Job {
        return Ok(());
    }
    match ask(call, class, action, facts) {
        Decision::Permit { .. } => Ok(()),
        Decision::NoRule => Err(Stop::from(&errors::FORBIDDEN)),
        Decision::Unmet(need) => Err(Stop::from(refusal(need))),
    }
}

/// How an unmet condition is told. Whether somebody has come, or is known at all, is not told
/// here: who asks about a visit or a person that is not theirs hears that there is none, from
/// whoever looked for it.
#[must_use]
pub const fn refusal(need: Need) -> &'static Entry {
    match need {
        Need::Presence => &errors::CONSENT_PRESENCE,
        Need::Consent => &errors::CONSENT_NONE,
        Need::Proxy => &errors::PROXY_SCOPE,
        _ => &errors::FORBIDDEN,
    }
}
