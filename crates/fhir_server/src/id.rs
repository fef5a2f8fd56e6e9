//! Logical ids that carry their owner, sealed.
//!
//! An id is AES-256-GCM-SIV over the owner's identifier (16 bytes) and 8 random bytes, bound
//! to facility and type, in base32: 64 characters of `[a-z2-7]`. So whoever holds an id leads
//! to one range of one person, while the id says nothing about the person, and an id that was
//! forged, or given to another facility or for another type, opens to nothing. The nonce is
//! fixed: SIV then tells only that two texts are equal, and 8 random bytes keep them apart.
//!
//! Source: design section 2 (a resource's logical id carries a sealed person locator);
//! RFC 8452 (nonce misuse); FHIR R4 datatypes.html#id (64 characters).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use kernel::id::{FacilityId, PersonId};
use store::{Call, StoreError};

/// Characters of an id.
pub const LENGTH: usize = 64;
const OWNER: usize = 16;
const LOCAL: usize = 8;
const TAG: usize = 16;
const WHOLE: usize = OWNER + LOCAL + TAG;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Tells apart what an owner has of one type: 8 random bytes.
pub type Local = [u8; LOCAL];

/// To whom a resource belongs inside a facility's partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A person: their record at this facility.
    Person(PersonId),
    /// The facility itself: practitioners, places, organizations.
    Facility,
}

/// What an id leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Whose.
    pub owner: Owner,
    /// Which.
    pub local: Local,
}

/// Makes and opens the ids of one facility.
pub struct Ids {
    cipher: LessSafeKey,
    facility: FacilityId,
}

impl Ids {
    /// For this node and facility.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the key cannot be prepared.
    pub fn of(call: &Call<'_>, facility: FacilityId) -> Result<Self, StoreError> {
        let key = call.directory_key("fhir-id", &[]);
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key)
            .map_err(|_| StoreError::Corrupt("the key of ids"))?;
        Ok(Self {
            cipher: LessSafeKey::new(key),
            facility,
        })
    }

    fn place(&self, kind: &str) -> Aad<Vec<u8>> {
        Aad::from([self.facility.as_bytes(), kind.as_bytes()].concat())
    }

    /// The id of what `key` leads to.
    #[must_use]
    pub fn seal(&self, kind: &str, key: Key) -> String {
        let owner = match key.owner {
            Owner::Person(person) => *person.as_bytes(),
            Owner::Facility => *self.facility.as_bytes(),
        };
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.extend_from_slice(&owner);
        bytes.extend_from_slice(&key.local);
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        match self
            .cipher
            .seal_in_place_append_tag(nonce, self.place(kind), &mut bytes)
        {
            Ok(()) => base32(&bytes),
            // Forty bytes are never too long for the cipher.
            Err(_) => String::new(),
        }
    }

    /// What an id leads to; `None` for what this node did not give to this facility for this
    /// type.
    #[must_use]
    pub fn open(&self, kind: &str, id: &str) -> Option<Key> {
        let mut bytes = from_base32(id)?;
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let plain = self
            .cipher
            .open_in_place(nonce, self.place(kind), &mut bytes)
            .ok()?;
        let (owner, local) = plain.split_first_chunk::<OWNER>()?;
        let owner = if owner == self.facility.as_bytes() {
            Owner::Facility
        } else {
            Owner::Person(PersonId::from_bytes(*owner))
        };
        let local: Local = local.try_into().ok()?;
        Some(Key { owner, local })
    }
}

/// Five bits a character, without padding: forty bytes are 64 characters.
fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(LENGTH);
    for group in bytes.chunks(5) {
        let mut bits: u64 = 0;
        for byte in group {
            bits = bits << 8 | u64::from(*byte);
        }
        for shift in (0..8).rev() {
            let place = usize::try_from(bits >> (shift * 5) & 31).unwrap_or(0);
            out.push(char::from(ALPHABET.get(place).copied().unwrap_or(b'a')));
        }
    }
    out
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    if text.len() != LENGTH {
        return None;
    }
    let mut out = Vec::with_capacity(WHOLE);
    for group in text.as_bytes().chunks(8) {
        let mut bits: u64 = 0;
        for byte in group {
            let five = match byte {
                b'a'..=b'z' => byte - b'a',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return None,
            };
            bits = bits << 5 | u64::from(five);
        }
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(bytes.get(3..)?);
    }
    Some(out)
}
