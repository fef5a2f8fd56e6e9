//! SQL: card challenges.

use kernel::{id::ChallengeId, time::Timestamp};
use store::{Call, StoreError};

use crate::challenge::Challenge;

store::statements! {
    Node PUT_CHALLENGE = "INSERT INTO card_challenge
        (node_id, challenge_id, nonce, terminal, purpose, issued_at) VALUES ($1, $2, $3, $4, $5, $6)";
    Node CHALLENGE = "SELECT nonce, terminal, purpose, issued_at, used_at FROM card_challenge
        WHERE node_id = $1 AND challenge_id = $2";
    Node USE_CHALLENGE = "UPDATE card_challenge SET used_at = $3
        WHERE node_id = $1 AND challenge_id = $2 AND used_at IS NULL";
    Node SWEEP_CHALLENGES = "DELETE FROM card_challenge WHERE node_id = $1 AND issued_at < $2";
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
