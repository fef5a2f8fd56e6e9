//! Registering, redeeming, ending relations; acting by one and going back.

use kernel::{
    Secret, hex,
    id::{PersonId, RelationId, SessionId},
    time::Timestamp,
};
use registry::ops as people;
use store::{Call, Stop, StoreError, caller::Actor};

use super::{
    End, INVITATION_DAYS, INVITATIONS_MAX, Invitation, Kind, RELATIONS_MAX, Relation, Remark,
    Scope, rules,
};
use crate::{
    errors,
    policy::{self, Action, Class, Facts},
    session::{self, Stage, Whose},
    store::proxy::{self as table, Side},
};

const HOURS_A_DAY: i64 = 24;

/// What is to be registered.
#[derive(Clone)]
pub struct Registration {
    /// For whom.
    pub subject: PersonId,
    /// Who is to act.
    pub proxy: PersonId,
    /// By what right.
    pub kind: Kind,
    /// With what.
    pub scope: Scope,
    /// Until when; for a child `None` means: until it is of age.
    pub until: Option<Timestamp>,
    /// What was shown for it.
    pub evidence: String,
    /// Who registers it.
    pub by: String,
}

/// Takes the locks of both in one order, whoever asks first.
fn lock(call: &mut Call<'_>, one: PersonId, other: PersonId) -> Result<(), Stop> {
    call.lock(one.min(other))?;
    call.lock(one.max(other))
}

/// Registers a relation from now on, on both sides.
///
/// # Errors
/// [`errors::PROXY_IMPOSSIBLE`], [`errors::PROXY_MANY`]; [`store::PERSON_ABSENT`].
pub fn register(call: &mut Call<'_>, new: &Registration) -> Result<RelationId, Stop> {
    if new.subject == new.proxy {
        return Err(Stop::from(&errors::PROXY_IMPOSSIBLE));
    }
    lock(call, new.subject, new.proxy)?;
    let subject = people::profile(call, new.subject)?;
    let proxy = people::profile(call, new.proxy)?;
    let from = call.at();
    let until = match (new.until, new.kind) {
        (Some(until), _) => until,
        (None, Kind::Parent | Kind::Foster) => rules::adult_from(subject.birth).start(),
        (None, Kind::Guardian | Kind::Family) => from.plus_hours(super::DAYS_MAX * HOURS_A_DAY),
    };
    if let Some(no) = rules::objection(new.kind, subject.birth, proxy.birth, from, until) {
        return Err(Stop::from(no));
    }
    if !table::between(call, new.subject, new.proxy)?.is_empty() {
        return Err(Stop::from(&errors::PROXY_IMPOSSIBLE));
    }
    let in_force = table::in_force(call, Side::Subject, new.subject)?.max(table::in_force(
        call,
        Side::Proxy,
        new.proxy,
    )?);
    if in_force >= RELATIONS_MAX {
        return Err(Stop::from(&errors::PROXY_MANY));
    }
    let relation = Relation {
        id: RelationId::random(call.rng()),
        subject: new.subject,
        proxy: new.proxy,
        kind: new.kind,
        scope: new.scope.clone(),
        from,
        until,
        ended_at: None,
        ended_by: None,
    };
    let remark = |name: String| Remark {
        name,
        evidence: new.evidence.clone(),
        by: new.by.clone(),
    };
    table::put(call, Side::Subject, &relation, &remark(proxy.name))?;
    table::put(call, Side::Proxy, &relation, &remark(subject.name))?;
    call.detail("relation", relation.id.to_hex());
    call.detail("kind", relation.kind.word());
    Ok(relation.id)
}

/// Who may or might act for a person, newest first; opens them.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn relations(call: &mut Call<'_>, subject: PersonId) -> Result<Vec<(Relation, Remark)>, Stop> {
    call.open(subject)?;
    Ok(table::list(call, Side::Subject, subject)?)
}

/// For whom a person may or might act, newest first; opens them alone.
///
/// # Errors
/// As [`relations`].
pub fn charges(call: &mut Call<'_>, proxy: PersonId) -> Result<Vec<(Relation, Remark)>, Stop> {
    call.open(proxy)?;
    Ok(table::list(call, Side::Proxy, proxy)?)
}

/// Ends a relation of `me`, as the person or as the proxy; `false` when `me` has no such
/// relation in force.
///
/// # Errors
/// [`errors::FORBIDDEN`] for a person who is too young; [`StoreError`].
pub fn end(call: &mut Call<'_>, me: PersonId, id: RelationId) -> Result<bool, Stop> {
    call.open(me)?;
    let one = |found: Vec<(Relation, Remark)>| {
        found
            .into_iter()
            .map(|(relation, _)| relation)
            .find(|relation| relation.id == id && relation.ended_at.is_none())
    };
    let (relation, by) = match one(table::list(call, Side::Subject, me)?) {
        Some(relation) => (relation, End::Subject),
        None => match one(table::list(call, Side::Proxy, me)?) {
            Some(relation) => (relation, End::Proxy),
            None => return Ok(false),
        },
    };
    finish(call, &relation, by)
}

/// Ends a person's relation by documents; `false` when there is none in force.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn end_by_operator(
    call: &mut Call<'_>,
    subject: PersonId,
    id: RelationId,
) -> Result<bool, Stop> {
    let found = relations(call, subject)?;
    match found.into_iter().find(|(relation, _)| relation.id == id) {
        Some((relation, _)) => finish(call, &relation, End::Operator),
        None => Ok(false),
    }
}

fn finish(call: &mut Call<'_>, relation: &Relation, by: End) -> Result<bool, Stop> {
    lock(call, relation.subject, relation.proxy)?;
    let birth = people::profile(call, relation.subject)?.birth;
    if !rules::may_end(by, birth, call.at().jst_date()) {
        return Err(Stop::from(&errors::FORBIDDEN));
    }
    call.detail("relation", relation.id.to_hex());
    call.detail("by", by.word());
    Ok(table::end(call, relation, by)?)
}

/// The key under which a code is known; spaces and hyphens are for the eye alone.
fn code_key(call: &Call<'_>, code: &str) -> [u8; 32] {
    let plain: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    call.directory_key("proxy-invitation", &[&plain])
}

/// Makes an invitation: its code, eight groups of four hexadecimal digits (128 random bits),
/// which is told once and kept nowhere.
///
/// # Errors
/// [`errors::PROXY_IMPOSSIBLE`] for a person below fifteen and for a period out of range;
/// [`errors::PROXY_MANY`].
pub fn invite(
    call: &mut Call<'_>,
    me: PersonId,
    scope: &Scope,
    days: i64,
) -> Result<Secret<String>, Stop> {
    call.lock(me)?;
    let age = people::profile(call, me)?
        .birth
        .age_on(call.at().jst_date());
    if age < super::NAMING_AGE || !(1..=super::DAYS_MAX).contains(&days) {
        return Err(Stop::from(&errors::PROXY_IMPOSSIBLE));
    }
    if table::open_invitations(call, me)? >= INVITATIONS_MAX {
        return Err(Stop::from(&errors::PROXY_MANY));
    }
    let mut bits = [0; 16];
    call.rng().fill(&mut bits);
    let groups: Vec<String> = bits.chunks(2).map(hex::encode).collect();
    let code = groups.join("-");
    let invitation = Invitation {
        subject: me,
        scope: scope.clone(),
        days,
        expires_at: call.at().plus_hours(INVITATION_DAYS * HOURS_A_DAY),
    };
    table::put_invitation(call, &code_key(call, &code), &invitation)?;
    Ok(Secret::new(code))
}

/// How many invitations of an opened person can still be redeemed.
///
/// # Errors
/// [`StoreError`].
pub fn open_invitations(call: &Call<'_>, me: PersonId) -> Result<i64, StoreError> {
    table::open_invitations(call, me)
}

/// Takes back every invitation that was not redeemed; how many there were.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn cancel_invitations(call: &mut Call<'_>, me: PersonId) -> Result<usize, Stop> {
    call.lock(me)?;
    Ok(table::drop_invitations(call, me)?)
}

/// Redeems an invitation: from now on `me` acts for whoever made it. It is used up.
///
/// # Errors
/// [`errors::PROXY_CODE`] for a code that is unknown, used, too old or one's own; as
/// [`register`].
pub fn redeem(call: &mut Call<'_>, me: PersonId, code: &str) -> Result<RelationId, Stop> {
    call.open(me)?;
    let no = || Stop::from(&errors::PROXY_CODE);
    let key = code_key(call, code);
    let invitation = table::invitation(call, &key)?
        .filter(|invitation| call.at() < invitation.expires_at && invitation.subject != me)
        .ok_or_else(no)?;
    if !table::use_invitation(call, &key)? {
        return Err(no());
    }
    let new = Registration {
        subject: invitation.subject,
        proxy: me,
        kind: Kind::Family,
        scope: invitation.scope,
        until: Some(call.at().plus_hours(invitation.days * HOURS_A_DAY)),
        evidence: "招待コード".to_owned(),
        by: "ご本人".to_owned(),
    };
    register(call, &new)
}

/// Turns the session of `me` into one that acts for another: a new token in place of `token`.
/// `None` when `me` has no such relation in force.
///
/// # Errors
/// [`StoreError`].
pub fn act(
    call: &mut Call<'_>,
    me: PersonId,
    token: &str,
    id: RelationId,
) -> Result<Option<Secret<String>>, Stop> {
    let charges = charges(call, me)?;
    let charge = charges.into_iter().find(|(charge, _)| charge.id == id);
    let Some((charge, _)) = charge.filter(|(charge, _)| rules::is_in_force(charge, call.at()))
    else {
        return Ok(None);
    };
    call.open(charge.subject)?;
    let standing = table::between(call, charge.subject, me)?;
    if !standing.iter().any(|relation| relation.id == id) {
        return Ok(None);
    }
    let name = people::profile(call, me)?.name;
    let name = format!("{name}({})", charge.kind.ja());
    let (new, ends_at) = replace(call, me, token)?;
    let hash = session::token_hash(new.reveal());
    table::put_session(call, &hash, charge.subject, me, &name, ends_at)?;
    call.detail("relation", id.to_hex());
    Ok(Some(new))
}

/// Goes back to one's own pages: a new token in place of `token`.
///
/// # Errors
/// [`StoreError`].
pub fn leave(call: &mut Call<'_>, me: PersonId, token: &str) -> Result<Secret<String>, Stop> {
    call.open(me)?;
    Ok(replace(call, me, token)?.0)
}

/// Another session of `me`, which ends when the one before would have.
fn replace(
    call: &mut Call<'_>,
    me: PersonId,
    token: &str,
) -> Result<(Secret<String>, Timestamp), Stop> {
    let old = session::find(call, token)?.ok_or(&errors::SESSION_ENDED)?;
    if !session::end(call, token)? {
        return Err(Stop::from(&errors::SESSION_ENDED));
    }
    let new = session::begin(call, Whose::Patient(me), Stage::Full)?;
    table::keep_end(call, &session::token_hash(new.reveal()), old.ends_at)?;
    Ok((new, old.ends_at))
}

/// Whose session it is: the person's own, or theirs on behalf of another.
pub(crate) fn actor(
    call: &Call<'_>,
    token: &str,
    person: PersonId,
    session: SessionId,
) -> Result<Actor, Stop> {
    let acts_for = table::session(call, &session::token_hash(token), person)?;
    Ok(match acts_for {
        None => Actor::Patient { person, session },
        Some((subject, name)) => Actor::Proxy {
            person: subject,
            proxy: person,
            name,
            session,
        },
    })
}

/// Removes what has run out; how much there was.
pub(crate) fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    table::sweep(call)
}

/// The relations by which a caller acts, read now; `None` for whoever is no proxy.
fn standing(call: &Call<'_>) -> Result<Option<Vec<Relation>>, StoreError> {
    match call.caller().actor {
        Actor::Proxy { person, proxy, .. } => table::between(call, person, proxy).map(Some),
        _ => Ok(None),
    }
}

/// At the head of every operation: a proxy whose relation has ended is refused, on the
/// person's history and on their own.
pub(crate) fn guard(call: &mut Call<'_>) -> Result<(), Stop> {
    let Actor::Proxy { person, proxy, .. } = call.caller().actor else {
        return Ok(());
    };
    call.open(person)?;
    call.open(proxy)?;
    match standing(call)? {
        Some(relations) if relations.is_empty() => Err(Stop::from(&errors::PROXY_ENDED)),
        _ => Ok(()),
    }
}

/// Does a relation by which the caller acts cover this? `false` for whoever is no proxy.
pub(crate) fn covers(call: &Call<'_>, class: Class, action: Action) -> Result<bool, StoreError> {
    let relations = standing(call)?.unwrap_or_default();
    Ok(relations
        .iter()
        .any(|relation| relation.scope.covers(class, action)))
}

/// May the caller see or change this class of the person's information? The person may; of a
/// proxy the policy decides.
///
/// # Errors
/// [`StoreError`].
pub fn may(call: &Call<'_>, class: Class, action: Action) -> Result<bool, StoreError> {
    let Actor::Proxy { person, .. } = call.caller().actor else {
        return Ok(true);
    };
    let facts = Facts::about(call, person, class, action)?;
    Ok(policy::ask(call, class, action, facts).is_permit())
}

/// As [`may`], as a refusal.
///
/// # Errors
/// [`errors::PROXY_SCOPE`]; [`StoreError`].
pub fn require(call: &Call<'_>, class: Class, action: Action) -> Result<(), Stop> {
    if may(call, class, action)? {
        return Ok(());
    }
    Err(Stop::from(&errors::PROXY_SCOPE))
}
