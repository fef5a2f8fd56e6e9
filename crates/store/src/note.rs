//! Notes of whom a facility's staff opened, for the facility's own review of access.
//!
//! The record of a look stands on the chain of the person who was looked at, where only that
//! person reads it. A facility has to review its staff as well, without learning from this
//! system whom its patients are elsewhere: so each look by a member of staff leaves one short
//! note under the facility, in the same transaction. It names the person by a pseudonym that
//! is the facility's own (keyed HMAC), and is sealed with the facility's key. Notes are no
//! chain: their order proves nothing, and so they take no lock that the staff of one facility
//! would wait for; what proves a look is the person's chain, by the request's number.
//!
//! Source: identity-security AUD-01 (patient pseudonym), AUD-04.

use kernel::{
    id::{FacilityId, PersonId, Rng, StaffId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{Call, StoreError, SystemRng, caller::Actor};

const TABLE: &str = "access_note";
/// Bytes of a pseudonym: 64 bits tell the patients of one facility apart.
const TAG_LEN: usize = 8;
const BAD: StoreError = StoreError::Corrupt("a note of access");

crate::statements! {
    /// One look more.
    Facility PUT = "INSERT INTO access_note (facility_id, at, note_id, body)
        VALUES ($1, $2, $3, $4)";
    /// Of a span of time, newest first.
    Facility PAGE = "SELECT at, note_id, body FROM access_note
        WHERE facility_id = $1 AND at >= $2 AND at < $3 ORDER BY at DESC, note_id LIMIT $4";
    /// What was reviewed long ago.
    Facility DROP = "DELETE FROM access_note WHERE facility_id = $1 AND at < $2";
}

/// A person's pseudonym at one facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatientTag([u8; TAG_LEN]);

impl PatientTag {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; TAG_LEN]) -> Self {
        Self(bytes)
    }

    /// 16 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// One look.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffId,
    /// What: the event's code.
    pub event: String,
    /// Whom.
    pub patient: PatientTag,
    /// The catalogue code when it was refused.
    pub refused: Option<String>,
}

/// At-rest form.
#[derive(Serialize, Deserialize)]
struct Body {
    s: String,
    e: String,
    p: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    q: String,
}

/// Leaves the note of one opened person, when a member of staff opened them.
pub(crate) fn leave(
    call: &Call<'_>,
    person: PersonId,
    refused: Option<&str>,
) -> Result<(), StoreError> {
    let Actor::Staff { staff, home, .. } = &call.caller().actor else {
        return Ok(());
    };
    let mut id = [0; 16];
    SystemRng.fill(&mut id);
    let body = Body {
        s: staff.to_hex(),
        e: call.intent.event.code.to_owned(),
        p: call.patient_tag(home.id, person).to_hex(),
        c: refused.map(str::to_owned),
        q: call.intent.request.to_hex(),
    };
    let plain = serde_json::to_vec(&body).map_err(|_| BAD)?;
    let sealed = call.seal_for_facility(home.id, TABLE, &[&id], &plain)?;
    let values = [
        home.id.as_bytes().into(),
        call.at().into(),
        (&id).into(),
        (&sealed).into(),
    ];
    call.execute(&PUT, &values)?;
    Ok(())
}

impl Call<'_> {
    /// Was this person opened in this call, so that they have its record?
    #[must_use]
    pub fn is_open(&self, person: PersonId) -> bool {
        self.opened.contains_key(&person)
    }

    /// Is nobody but this person open in this call?
    #[must_use]
    pub fn is_alone(&self, person: PersonId) -> bool {
        self.opened.keys().all(|opened| *opened == person)
    }

    /// How a facility's own review names a person: the same in all of its notes, and of no
    /// use at any other facility.
    #[must_use]
    pub fn patient_tag(&self, facility: FacilityId, person: PersonId) -> PatientTag {
        let parts = [facility.to_hex(), person.to_hex()];
        let key = self.directory_key(TABLE, &[&parts[0], &parts[1]]);
        let mut tag = [0; TAG_LEN];
        for (to, from) in tag.iter_mut().zip(key) {
            *to = from;
        }
        PatientTag(tag)
    }

    /// The looks of a facility's staff in `[from, until)`, newest first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn notes(
        &self,
        facility: FacilityId,
        from: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Note>, StoreError> {
        let values = [
            facility.as_bytes().into(),
            from.into(),
            until.into(),
            limit.into(),
        ];
        let rows = self.rows(&PAGE, &values, |row| {
            Ok((row.at(0)?, row.array::<16>(1)?, row.blob(2)?))
        })?;
        rows.into_iter()
            .map(|(at, id, sealed)| {
                let plain = self.unseal_for_facility(facility, TABLE, &[&id], &sealed)?;
                let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
                Ok(Note {
                    at,
                    staff: StaffId::parse(&body.s).ok_or(BAD)?,
                    event: body.e,
                    patient: kernel::hex::decode_array(&body.p)
                        .map(PatientTag)
                        .ok_or(BAD)?,
                    refused: body.c,
                })
            })
            .collect()
    }

    /// Removes a facility's notes from before `until`, once they have been reviewed; the looks
    /// themselves stay on the people's chains. How many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn drop_notes(&self, facility: FacilityId, until: Timestamp) -> Result<usize, StoreError> {
        self.execute(&DROP, &[facility.as_bytes().into(), until.into()])
    }
}
