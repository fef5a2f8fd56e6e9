//! One-time card challenges (identity-security section 1.6).
//!
//! A challenge is bound to a terminal and a purpose, lives 120 seconds, and is consumed in
//! the transaction that uses it: of a hundred parallel uses exactly one succeeds.

use kernel::{Entry, Refusal, id::ChallengeId, time::Timestamp};
use signing::path::VerifiedCertificate;
use store::{Call, Stop};

use crate::{errors, store::challenge as table};

/// Seconds for which a challenge can be answered.
pub const SECONDS: i64 = 120;

/// A challenge as issued.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Identifier.
    pub id: ChallengeId,
    /// 32 random bytes.
    pub nonce: [u8; 32],
    /// To which terminal.
    pub terminal: String,
    /// For what.
    pub purpose: String,
    /// When.
    pub issued_at: Timestamp,
}

impl Challenge {
    /// The text that the card signs, for a server at `origin`; `None` when a part has white
    /// space or is too long.
    #[must_use]
    pub fn text(&self, origin: &str) -> Option<String> {
        signing::challenge::canonical(
            origin,
            &self.terminal,
            &self.purpose,
            &self.nonce,
            self.issued_at,
        )
    }

    /// First instant at which it is too late.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.issued_at.plus_seconds(SECONDS)
    }
}

/// What a terminal sends back.
#[derive(Clone)]
pub struct Answer {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// The certificate, already verified against anchors and revocation lists.
    pub certificate: VerifiedCertificate,
    /// The card's signature over the challenge's text.
    pub signature: Vec<u8>,
}

/// Issues a challenge.
///
/// # Errors
/// [`store::StoreError`].
pub fn issue(call: &mut Call<'_>, terminal: &str, purpose: &str) -> Result<Challenge, Stop> {
    let mut nonce = [0; 32];
    call.rng().fill(&mut nonce);
    let challenge = Challenge {
        id: ChallengeId::random(call.rng()),
        nonce,
        terminal: terminal.to_owned(),
        purpose: purpose.to_owned(),
        issued_at: call.at(),
    };
    table::put_challenge(call, &challenge)?;
    Ok(challenge)
}

/// The text of a challenge as the card was given it, while it can be found; for whoever
/// else signs beside the card. Nothing is used up.
///
/// # Errors
/// `CHALLENGE_UNKNOWN`, `CHALLENGE_ELSEWHERE` of [`errors`]; the store's.
pub fn text_of(call: &Call<'_>, id: ChallengeId, origin: &str) -> Result<String, Stop> {
    let (challenge, _) =
        table::challenge(call, id)?.ok_or_else(|| Stop::from(&errors::CHALLENGE_UNKNOWN))?;
    let text = challenge.text(origin);
    text.ok_or_else(|| Stop::from(&errors::CHALLENGE_ELSEWHERE))
}

/// Consumes the challenge and checks the signature over it; on success the certificate's
/// holder has just now used their card at this terminal for this purpose.
///
/// # Errors
/// `CHALLENGE_*` of [`errors`].
pub fn consume(
    call: &mut Call<'_>,
    answer: &Answer,
    origin: &str,
    terminal: &str,
    purpose: &str,
) -> Result<(), Stop> {
    let challenge = table::challenge(call, answer.challenge)?;
    let Some((challenge, used_at)) = challenge else {
        return Err(Stop::from(&errors::CHALLENGE_UNKNOWN));
    };
    if let Some(no) = objection(&challenge, used_at, terminal, purpose, call.at()) {
        return Err(Stop::from(no));
    }
    let text = challenge.text(origin).ok_or(&errors::CHALLENGE_ELSEWHERE)?;
    signing::challenge::verify_signature(
        &answer.certificate,
        answer.certificate.algorithm(),
        text.as_bytes(),
        &answer.signature,
    )
    .map_err(|why| Stop::from(why.entry()))?;
    match table::use_challenge(call, challenge.id)? {
        1 => Ok(()),
        _ => Err(Stop::from(&errors::CHALLENGE_USED)),
    }
}

/// Closes an operation that has consumed a challenge: a refusal of what came after is the
/// inner error, so that it is recorded as a refusal and the challenge stays used all the
/// same. Nothing else may have been written when `outcome` is a refusal.
///
/// # Errors
/// [`store::StoreError`].
pub fn settle<T>(
    call: &mut Call<'_>,
    outcome: Result<T, Stop>,
) -> Result<Result<T, Refusal>, Stop> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refused(refusal)) => {
            call.refuse_and_keep(refusal.entry);
            Ok(Err(refusal))
        }
        Err(failed) => Err(failed),
    }
}

/// Why a challenge cannot be answered here and now.
#[must_use]
pub fn objection(
    challenge: &Challenge,
    used_at: Option<Timestamp>,
    terminal: &str,
    purpose: &str,
    at: Timestamp,
) -> Option<&'static Entry> {
    if used_at.is_some() {
        Some(&errors::CHALLENGE_USED)
    } else if challenge.terminal != terminal || challenge.purpose != purpose {
        Some(&errors::CHALLENGE_ELSEWHERE)
    } else if at >= challenge.expires_at() {
        Some(&errors::CHALLENGE_LATE)
    } else {
        None
    }
}

/// Removes challenges that can no longer be answered; how many there were.
///
/// # Errors
/// [`store::StoreError`].
pub fn sweep(call: &mut Call<'_>) -> Result<usize, Stop> {
    let before = call.at().plus_seconds(-SECONDS * 2);
    Ok(table::sweep_challenges(call, before)?)
}
