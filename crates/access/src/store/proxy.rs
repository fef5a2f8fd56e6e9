//! SQL: relations of proxies, their invitations, and the sessions in which they act.

use kernel::{
    id::{PersonId, RelationId},
    time::Timestamp,
};
use store::{Call, Row, Statement, StoreError};

use crate::proxy::{End, Invitation, Kind, Relation, Remark, Scope};

store::statements! {
    Person PUT_RELATION = "INSERT INTO proxy_relation (person_id, relation_id, proxy_id, kind, scope,
            from_at, until_at, remark)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Person PUT_CHARGE = "INSERT INTO proxy_charge (person_id, relation_id, subject_id, kind, scope,
            from_at, until_at, remark)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Person RELATIONS = "SELECT relation_id, proxy_id, kind, scope, from_at, until_at, ended_at,
            ended_by, remark
        FROM proxy_relation WHERE person_id = $1
        ORDER BY (CASE WHEN ended_at IS NULL THEN until_at ELSE 0 END) DESC, from_at DESC, relation_id
        LIMIT $2";
    Person CHARGES = "SELECT relation_id, subject_id, kind, scope, from_at, until_at, ended_at,
            ended_by, remark
        FROM proxy_charge WHERE person_id = $1
        ORDER BY (CASE WHEN ended_at IS NULL THEN until_at ELSE 0 END) DESC, from_at DESC, relation_id
        LIMIT $2";
    Person RELATIONS_IN_FORCE = "SELECT COUNT(*) FROM proxy_relation
        WHERE person_id = $1 AND ended_at IS NULL AND until_at > $2";
    Person CHARGES_IN_FORCE = "SELECT COUNT(*) FROM proxy_charge
        WHERE person_id = $1 AND ended_at IS NULL AND until_at > $2";
    Person BETWEEN = "SELECT relation_id, proxy_id, kind, scope, from_at, until_at, ended_at,
            ended_by, remark
        FROM proxy_relation WHERE person_id = $1 AND proxy_id = $2 AND ended_at IS NULL
            AND from_at <= $3 AND until_at > $3
        ORDER BY from_at DESC, relation_id";
    Person END_RELATION = "UPDATE proxy_relation SET ended_at = $3, ended_by = $4
        WHERE person_id = $1 AND relation_id = $2 AND ended_at IS NULL";
    Person END_CHARGE = "UPDATE proxy_charge SET ended_at = $3, ended_by = $4
        WHERE person_id = $1 AND relation_id = $2 AND ended_at IS NULL";
    Directory PUT_INVITATION = "INSERT INTO proxy_invitation
            (code_key, subject_id, scope, relation_days, expires_at)
        VALUES ($1, $2, $3, $4, $5)";
    Directory INVITATION = "SELECT subject_id, scope, relation_days, expires_at
        FROM proxy_invitation WHERE code_key = $1";
    Directory USE_INVITATION = "DELETE FROM proxy_invitation WHERE code_key = $1";
    Directory OPEN_INVITATIONS = "SELECT COUNT(*) FROM proxy_invitation
        WHERE subject_id = $1 AND expires_at > $2";
    Directory DROP_INVITATIONS = "DELETE FROM proxy_invitation WHERE subject_id = $1";
    Directory SWEEP_INVITATIONS = "DELETE FROM proxy_invitation WHERE expires_at <= $1";
    Node PUT_SESSION = "INSERT INTO proxy_session
            (node_id, token_hash, subject_id, proxy_id, name, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    Node SESSION = "SELECT subject_id, proxy_id, name FROM proxy_session
        WHERE node_id = $1 AND token_hash = $2";
    Node KEEP_END = "UPDATE session SET ends_at = $3
        WHERE node_id = $1 AND token_hash = $2 AND ends_at > $3";
    Node SWEEP_SESSIONS = "DELETE FROM proxy_session WHERE node_id = $1 AND ends_at <= $2";
}

/// Most relations of one list: those in force, and as many that have ended.
const LIST_MAX: i64 = 2 * crate::proxy::RELATIONS_MAX;

/// The two sides of a relation: under the person, and under who acts for them.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// Under the person's own id.
    Subject,
    /// Under the proxy's id.
    Proxy,
}

impl Side {
    const fn table(self) -> &'static str {
        match self {
            Self::Subject => "proxy_relation",
            Self::Proxy => "proxy_charge",
        }
    }
}

/// Writes one side; both people are opened by now.
pub(crate) fn put(
    call: &Call<'_>,
    side: Side,
    relation: &Relation,
    remark: &Remark,
) -> Result<(), StoreError> {
    let (statement, owner, other) = match side {
        Side::Subject => (&PUT_RELATION, relation.subject, relation.proxy),
        Side::Proxy => (&PUT_CHARGE, relation.proxy, relation.subject),
    };
    let plain = serde_json::to_vec(remark).map_err(|_| StoreError::Corrupt("a remark"))?;
    let sealed = call.seal(owner, side.table(), &[relation.id.as_bytes()], &plain)?;
    call.execute(
        statement,
        &[
            owner.as_bytes().into(),
            relation.id.as_bytes().into(),
            other.as_bytes().into(),
            relation.kind.word().into(),
            (&relation.scope.words()).into(),
            relation.from.into(),
            relation.until.into(),
            (&sealed).into(),
        ],
    )?;
    Ok(())
}

fn relation(
    call: &Call<'_>,
    row: &Row<'_>,
    side: Side,
    owner: PersonId,
) -> Result<(Relation, Remark), StoreError> {
    let id = RelationId::from_bytes(row.array(0)?);
    let other = PersonId::from_bytes(row.array(1)?);
    let (subject, proxy) = match side {
        Side::Subject => (owner, other),
        Side::Proxy => (other, owner),
    };
    let remark = call.unseal(owner, side.table(), &[id.as_bytes()], &row.blob(8)?)?;
    let remark = serde_json::from_slice(&remark).map_err(|_| StoreError::Corrupt("a remark"))?;
    let ended_by = row.opt_text(7)?;
    let relation = Relation {
        id,
        subject,
        proxy,
        kind: Kind::parse(&row.text(2)?).ok_or(StoreError::Corrupt("a kind of proxy"))?,
        scope: Scope::parse(&row.text(3)?).ok_or(StoreError::Corrupt("a scope"))?,
        from: row.at(4)?,
        until: row.at(5)?,
        ended_at: row.opt_at(6)?,
        ended_by: ended_by.as_deref().and_then(End::parse),
    };
    Ok((relation, remark))
}

/// One side of an opened person's relations: what is in force, then the newest.
pub(crate) fn list(
    call: &Call<'_>,
    side: Side,
    owner: PersonId,
) -> Result<Vec<(Relation, Remark)>, StoreError> {
    let statement: &'static Statement = match side {
        Side::Subject => &RELATIONS,
        Side::Proxy => &CHARGES,
    };
    let values = [owner.as_bytes().into(), LIST_MAX.into()];
    call.rows(statement, &values, |row| relation(call, row, side, owner))
}

/// How many of an opened person's relations are in force.
pub(crate) fn in_force(call: &Call<'_>, side: Side, owner: PersonId) -> Result<i64, StoreError> {
    let statement: &'static Statement = match side {
        Side::Subject => &RELATIONS_IN_FORCE,
        Side::Proxy => &CHARGES_IN_FORCE,
    };
    let values = [owner.as_bytes().into(), call.at().into()];
    Ok(call
        .row(statement, &values, |row| row.int(0))?
        .unwrap_or_default())
}

/// What is in force now between an opened person and who acts for them.
pub(crate) fn between(
    call: &Call<'_>,
    subject: PersonId,
    proxy: PersonId,
) -> Result<Vec<Relation>, StoreError> {
    let values = [
        subject.as_bytes().into(),
        proxy.as_bytes().into(),
        call.at().into(),
    ];
    call.rows(&BETWEEN, &values, |row| {
        relation(call, row, Side::Subject, subject).map(|(relation, _)| relation)
    })
}

/// Ends both sides; `false` when it had ended.
pub(crate) fn end(call: &Call<'_>, relation: &Relation, by: End) -> Result<bool, StoreError> {
    let id = relation.id.as_bytes().into();
    let (at, by) = (call.at().into(), by.word().into());
    let subject = relation.subject.as_bytes().into();
    let count = call.execute(&END_RELATION, &[subject, id, at, by])?;
    let proxy = relation.proxy.as_bytes().into();
    call.execute(&END_CHARGE, &[proxy, id, at, by])?;
    Ok(count == 1)
}

pub(crate) fn put_invitation(
    call: &Call<'_>,
    key: &[u8; 32],
    invitation: &Invitation,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_INVITATION,
        &[
            key.into(),
            invitation.subject.as_bytes().into(),
            (&invitation.scope.words()).into(),
            invitation.days.into(),
            invitation.expires_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn invitation(
    call: &Call<'_>,
    key: &[u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    call.row(&INVITATION, &[key.into()], |row| {
        Ok(Invitation {
            subject: PersonId::from_bytes(row.array(0)?),
            scope: Scope::parse(&row.text(1)?).ok_or(StoreError::Corrupt("a scope"))?,
            days: row.int(2)?,
            expires_at: row.at(3)?,
        })
    })
}

pub(crate) fn use_invitation(call: &Call<'_>, key: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(call.execute(&USE_INVITATION, &[key.into()])? == 1)
}

pub(crate) fn open_invitations(call: &Call<'_>, subject: PersonId) -> Result<i64, StoreError> {
    let values = [subject.as_bytes().into(), call.at().into()];
    Ok(call
        .row(&OPEN_INVITATIONS, &values, |row| row.int(0))?
        .unwrap_or_default())
}

pub(crate) fn drop_invitations(call: &Call<'_>, subject: PersonId) -> Result<usize, StoreError> {
    call.execute(&DROP_INVITATIONS, &[subject.as_bytes().into()])
}

pub(crate) fn put_session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    subject: PersonId,
    proxy: PersonId,
    name: &str,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    let sealed = call.seal(proxy, "proxy_session", &[token_hash], name.as_bytes())?;
    call.execute(
        &PUT_SESSION,
        &[
            call.node_id().as_bytes().into(),
            token_hash.into(),
            subject.as_bytes().into(),
            proxy.as_bytes().into(),
            (&sealed).into(),
            ends_at.into(),
        ],
    )?;
    Ok(())
}

/// For whom the session of `proxy` acts, and the name in which it does.
pub(crate) fn session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    proxy: PersonId,
) -> Result<Option<(PersonId, String)>, StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), token_hash.into()];
    let found = call.row(&SESSION, &values, |row| {
        let subject = PersonId::from_bytes(row.array(0)?);
        let acts = PersonId::from_bytes(row.array(1)?);
        Ok((subject, acts, row.blob(2)?))
    })?;
    let Some((subject, acts, sealed)) = found else {
        return Ok(None);
    };
    if acts != proxy {
        return Err(StoreError::Corrupt("a proxy's session"));
    }
    let plain = call.unseal(proxy, "proxy_session", &[token_hash], &sealed)?;
    let name = String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a proxy's name"))?;
    Ok(Some((subject, name)))
}

/// A session that takes another's place ends when that would have.
pub(crate) fn keep_end(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), token_hash.into(), ends_at.into()];
    call.execute(&KEEP_END, &values)?;
    Ok(())
}

pub(crate) fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), call.at().into()];
    let invitations = call.execute(&SWEEP_INVITATIONS, &[call.at().into()])?;
    Ok(call.execute(&SWEEP_SESSIONS, &values)? + invitations)
}
