//! All SQL of access.

use kernel::{
    id::{ChallengeId, ClientId, ConsentId, FacilityId, PersonId, SessionId, StaffId},
    time::Timestamp,
};
use store::{Call, Migration, Owner, Row, Schema, Statement, StoreError, Table, caller::Role};

use crate::{
    challenge::Challenge,
    client::Client,
    consent::{Category, Consent},
    session::{Stage, Stored, Whose},
    staff::Account,
};

store::statements! {
    Facility PUT_STAFF = "INSERT INTO staff_account (facility_id, staff_id, name, role, password,
            totp, totp_step, failures, locked_until, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7)";
    Facility STAFF = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2";
    Facility STAFF_ALONE = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2 FOR UPDATE";
    Facility NOTE_FAILURE = "UPDATE staff_account SET failures = $3, locked_until = $4
        WHERE facility_id = $1 AND staff_id = $2";
    Facility NOTE_CODE = "UPDATE staff_account SET failures = 0, locked_until = 0, totp_step = $3
        WHERE facility_id = $1 AND staff_id = $2 AND totp_step < $3";
    Directory PUT_LOGIN = "INSERT INTO staff_login (login_key, facility_id, staff_id)
        VALUES ($1, $2, $3)";
    Directory LOGIN = "SELECT facility_id, staff_id FROM staff_login WHERE login_key = $1";
    Directory PUT_CLIENT = "INSERT INTO client_token (token_key, facility_id, client_id, name, ends_at)
        VALUES ($1, $2, $3, $4, $5)";
    Directory CLIENT = "SELECT facility_id, client_id, name, ends_at FROM client_token
        WHERE token_key = $1";
    Node PUT_SESSION = "INSERT INTO session (node_id, token_hash, session_id, stage, facility_id,
            staff_id, person_id, created_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    Node SESSION = "SELECT session_id, stage, facility_id, staff_id, person_id, created_at, ends_at
        FROM session WHERE node_id = $1 AND token_hash = $2";
    Node END_SESSION = "DELETE FROM session WHERE node_id = $1 AND token_hash = $2";
    Node SWEEP_SESSIONS = "DELETE FROM session WHERE node_id = $1 AND ends_at <= $2";
    Node PUT_CHALLENGE = "INSERT INTO card_challenge
        (node_id, challenge_id, nonce, terminal, purpose, issued_at) VALUES ($1, $2, $3, $4, $5, $6)";
    Node CHALLENGE = "SELECT nonce, terminal, purpose, issued_at, used_at FROM card_challenge
        WHERE node_id = $1 AND challenge_id = $2";
    Node USE_CHALLENGE = "UPDATE card_challenge SET used_at = $3
        WHERE node_id = $1 AND challenge_id = $2 AND used_at IS NULL";
    Node SWEEP_CHALLENGES = "DELETE FROM card_challenge WHERE node_id = $1 AND issued_at < $2";
    Person PUT_CONSENT = "INSERT INTO consent (person_id, facility_id, category, given_at, consent_id,
            expires_at, method)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (person_id, facility_id, category, given_at) DO UPDATE
        SET consent_id = excluded.consent_id, expires_at = excluded.expires_at,
            withdrawn_at = NULL, withdrawn_by = NULL,
            method = excluded.method";
    Person WITHDRAW = "UPDATE consent SET withdrawn_at = $4, withdrawn_by = $5
        WHERE person_id = $1 AND facility_id = $2 AND category = $3
          AND withdrawn_at IS NULL AND expires_at > $4";
    Person TAKEN_BACK = "SELECT COUNT(*) FROM consent
        WHERE person_id = $1 AND facility_id = $2 AND withdrawn_by = 'patient' AND withdrawn_at >= $3";
    Person CONSENTS = "SELECT facility_id, category, given_at, consent_id, expires_at, withdrawn_at,
            method
        FROM consent WHERE person_id = $1 ORDER BY given_at, facility_id, category";
}

/// The storage of access.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "staff_account",
            owner: Owner::Facility,
        },
        Table {
            name: "staff_login",
            owner: Owner::Directory,
        },
        Table {
            name: "client_token",
            owner: Owner::Directory,
        },
        Table {
            name: "session",
            owner: Owner::Node,
        },
        Table {
            name: "card_challenge",
            owner: Owner::Node,
        },
        Table {
            name: "consent",
            owner: Owner::Person,
        },
    ];
    Schema {
        service: "access",
        tables: TABLES,
        migrations: &[Migration {
            number: 1,
            name: "access",
            sqlite: include_str!("../migrations/sqlite/0001_access.sql"),
            postgres: include_str!("../migrations/postgres/0001_access.sql"),
        }],
        statements: STATEMENTS.to_vec(),
    }
}

pub(crate) fn put_staff(
    call: &Call<'_>,
    account: &Account,
    totp_secret: &[u8],
) -> Result<(), StoreError> {
    let sealed = call.seal_for_facility(
        account.facility,
        "staff_account",
        &[account.staff.as_bytes()],
        totp_secret,
    )?;
    call.execute(
        &PUT_STAFF,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            (&account.name).into(),
            account.role.word().into(),
            (&account.password).into(),
            (&sealed).into(),
            account.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn staff(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    read_staff(call, &STAFF, facility, staff)
}

/// As [`staff`], and alone with the account until the call ends: for counting its failures.
pub(crate) fn staff_alone(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    read_staff(call, &STAFF_ALONE, facility, staff)
}

fn read_staff(
    call: &Call<'_>,
    statement: &'static Statement,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    let key = [facility.as_bytes().into(), staff.as_bytes().into()];
    let found = call.row(statement, &key, |row| Ok((account(row)?, row.blob(5)?)))?;
    let Some((mut account, sealed)) = found else {
        return Ok(None);
    };
    account.totp_secret = kernel::Secret::new(call.unseal_for_facility(
        facility,
        "staff_account",
        &[staff.as_bytes()],
        &sealed,
    )?);
    Ok(Some(account))
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        facility: FacilityId::from_bytes(row.array(0)?),
        staff: StaffId::from_bytes(row.array(1)?),
        name: row.text(2)?,
        role: Role::parse(&row.text(3)?).ok_or(StoreError::Corrupt("a role"))?,
        password: row.text(4)?,
        totp_secret: kernel::Secret::new(Vec::new()),
        totp_step: row.int(6)?,
        failures: row.int(7)?,
        locked_until: row.at(8)?,
        ends_at: row.opt_at(9)?,
    })
}

pub(crate) fn note_failure(
    call: &Call<'_>,
    account: &Account,
    failures: i64,
    locked_until: Timestamp,
) -> Result<(), StoreError> {
    call.execute(
        &NOTE_FAILURE,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            failures.into(),
            locked_until.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn note_code(
    call: &Call<'_>,
    account: &Account,
    step: i64,
) -> Result<usize, StoreError> {
    call.execute(
        &NOTE_CODE,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            step.into(),
        ],
    )
}

pub(crate) fn put_login(
    call: &Call<'_>,
    key: &[u8; 32],
    account: &Account,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_LOGIN,
        &[
            key.into(),
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn login(
    call: &Call<'_>,
    key: &[u8; 32],
) -> Result<Option<(FacilityId, StaffId)>, StoreError> {
    call.row(&LOGIN, &[key.into()], |row| {
        Ok((
            FacilityId::from_bytes(row.array(0)?),
            StaffId::from_bytes(row.array(1)?),
        ))
    })
}

pub(crate) fn put_client(
    call: &Call<'_>,
    key: &[u8; 32],
    client: &Client,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CLIENT,
        &[
            key.into(),
            client.facility.as_bytes().into(),
            client.id.as_bytes().into(),
            (&client.name).into(),
            client.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn client(call: &Call<'_>, key: &[u8; 32]) -> Result<Option<Client>, StoreError> {
    call.row(&CLIENT, &[key.into()], |row| {
        Ok(Client {
            facility: FacilityId::from_bytes(row.array(0)?),
            id: ClientId::from_bytes(row.array(1)?),
            name: row.text(2)?,
            ends_at: row.at(3)?,
        })
    })
}

pub(crate) fn put_session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    session: &Stored,
) -> Result<(), StoreError> {
    let (facility, staff, person) = match &session.whose {
        Whose::Staff(facility, staff) => (Some(facility.as_bytes()), Some(staff.as_bytes()), None),
        Whose::Patient(person) => (None, None, Some(person.as_bytes())),
    };
    call.execute(
        &PUT_SESSION,
        &[
            call.node_id().as_bytes().into(),
            token_hash.into(),
            session.id.as_bytes().into(),
            i64::from(session.stage.number()).into(),
            facility.into(),
            staff.into(),
            person.into(),
            session.created_at.into(),
            session.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
) -> Result<Option<Stored>, StoreError> {
    call.row(
        &SESSION,
        &[call.node_id().as_bytes().into(), token_hash.into()],
        |row| {
            let id = |column| -> Result<Option<[u8; 16]>, StoreError> {
                row.opt_blob(column)?
                    .map(|b| b.try_into().map_err(|_| StoreError::Corrupt("a session")))
                    .transpose()
            };
            let whose = match (id(2)?, id(3)?, id(4)?) {
                (Some(facility), Some(staff), None) => {
                    Whose::Staff(FacilityId::from_bytes(facility), StaffId::from_bytes(staff))
                }
                (None, None, Some(person)) => Whose::Patient(PersonId::from_bytes(person)),
                _ => return Err(StoreError::Corrupt("a session")),
            };
            Ok(Stored {
                id: SessionId::from_bytes(row.array(0)?),
                stage: Stage::from_number(row.int(1)?).ok_or(StoreError::Corrupt("a stage"))?,
                whose,
                created_at: row.at(5)?,
                ends_at: row.at(6)?,
            })
        },
    )
}

pub(crate) fn end_session(call: &Call<'_>, token_hash: &[u8; 32]) -> Result<usize, StoreError> {
    call.execute(
        &END_SESSION,
        &[call.node_id().as_bytes().into(), token_hash.into()],
    )
}

pub(crate) fn sweep_sessions(call: &Call<'_>) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_SESSIONS,
        &[call.node_id().as_bytes().into(), call.at().into()],
    )
}

pub(crate) fn put_challenge(call: &Call<'_>, challenge: &Challenge) -> Result<(), StoreError> {
    call.execute(
        &PUT_CHALLENGE,
        &[
            call.node_id().as_bytes().into(),
            challenge.id.as_bytes().into(),
            (&challenge.nonce).into(),
            (&challenge.terminal).into(),
            (&challenge.purpose).into(),
            challenge.issued_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn challenge(
    call: &Call<'_>,
    id: ChallengeId,
) -> Result<Option<(Challenge, Option<Timestamp>)>, StoreError> {
    call.row(
        &CHALLENGE,
        &[call.node_id().as_bytes().into(), id.as_bytes().into()],
        |row| {
            let challenge = Challenge {
                id,
                nonce: row.array(0)?,
                terminal: row.text(1)?,
                purpose: row.text(2)?,
                issued_at: row.at(3)?,
            };
            Ok((challenge, row.opt_at(4)?))
        },
    )
}

pub(crate) fn use_challenge(call: &Call<'_>, id: ChallengeId) -> Result<usize, StoreError> {
    call.execute(
        &USE_CHALLENGE,
        &[
            call.node_id().as_bytes().into(),
            id.as_bytes().into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn sweep_challenges(call: &Call<'_>, before: Timestamp) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_CHALLENGES,
        &[call.node_id().as_bytes().into(), before.into()],
    )
}

pub(crate) fn put_consent(
    call: &Call<'_>,
    person: PersonId,
    consent: &Consent,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CONSENT,
        &[
            person.as_bytes().into(),
            consent.facility.as_bytes().into(),
            consent.category.word().into(),
            consent.given_at.into(),
            consent.id.as_bytes().into(),
            consent.expires_at.into(),
            (&consent.method).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn withdraw(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    category: Category,
    by: &str,
) -> Result<usize, StoreError> {
    call.execute(
        &WITHDRAW,
        &[
            person.as_bytes().into(),
            facility.as_bytes().into(),
            category.word().into(),
            call.at().into(),
            by.into(),
        ],
    )
}

pub(crate) fn taken_back(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let count = call.row(
        &TAKEN_BACK,
        &[
            person.as_bytes().into(),
            facility.as_bytes().into(),
            since.into(),
        ],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or_default() > 0)
}

pub(crate) fn consents(call: &Call<'_>, person: PersonId) -> Result<Vec<Consent>, StoreError> {
    call.rows(&CONSENTS, &[person.as_bytes().into()], |row| {
        Ok(Consent {
            facility: FacilityId::from_bytes(row.array(0)?),
            category: Category::parse(&row.text(1)?).ok_or(StoreError::Corrupt("a category"))?,
            given_at: row.at(2)?,
            id: ConsentId::from_bytes(row.array(3)?),
            expires_at: row.at(4)?,
            withdrawn_at: row.opt_at(5)?,
            method: row.text(6)?,
        })
    })
}
