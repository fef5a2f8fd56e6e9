//! A page of a copy as it travels: a head in the clear, a body encrypted to the facility, and
//! the platform's signature over both.
//!
//! `{"head":…,"signature":…,"body":…}`: the head is JSON text and holds the SHA-256 of the
//! encrypted body; Ed25519 over a word of its own and the exact bytes of the head. A page
//! whose bytes are not the ones that we would write is refused, so that every flipped bit
//! shows.
//!
//! Source: RFC 8032; age-encryption.org/v1 (X25519).

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    Entry, hex,
    id::ClientId,
    time::{JstDate, Timestamp},
};
use registry::{model::Sex, ops as people};
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::{
    errors,
    model::{Body, CLOCK_MINUTES, Head, Patient, Reference, Run},
};

/// Before the bytes that are signed, so that no signature means anything elsewhere.
const CONTEXT: &[u8] = b"tasuki eligibility copy 1\n";

/// The public half of a facility's key, to which copies are encrypted.
pub struct Recipient(age::x25519::Recipient);

impl Recipient {
    /// From `age1…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self)
    }

    /// `age1…`.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}

/// A facility's own key, which opens its copies.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl Identity {
    /// A new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// From the text of an age identity file: comments, and one key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.parse().ok().map(Self),
            _ => None,
        }
    }

    /// Its text, for a file of its own.
    #[must_use]
    pub fn to_text(&self) -> kernel::Secret<String> {
        use age::secrecy::ExposeSecret as _;
        kernel::Secret::new(format!("{}\n", self.0.to_string().expose_secret()))
    }

    /// The half that the platform is given.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    head: String,
    signature: String,
    body: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHead {
    facility: String,
    client: String,
    run: String,
    number: i64,
    base: i64,
    page: i64,
    is_last: bool,
    days: i64,
    made_at: String,
    good_until: String,
    body_sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBody {
    patients: Vec<WirePatient>,
    gone: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePatient {
    reference: String,
    name: String,
    kana: String,
    sex: String,
    birth: String,
    coverages: Vec<String>,
}

/// A patient as text, for a row that is sealed.
///
/// # Errors
/// [`StoreError::Corrupt`] when a coverage cannot be written.
pub fn patient_to_text(patient: &Patient) -> Result<String, StoreError> {
    const BAD: StoreError = StoreError::Corrupt("a patient of a copy");
    serde_json::to_string(&to_wire(patient)?).map_err(|_| BAD)
}

/// What [`patient_to_text`] wrote; `None` when any part of it makes no sense.
#[must_use]
pub fn patient_from_text(text: &str) -> Option<Patient> {
    from_wire(serde_json::from_str(text).ok()?)
}

fn to_wire(patient: &Patient) -> Result<WirePatient, StoreError> {
    Ok(WirePatient {
        reference: patient.reference.to_hex(),
        name: patient.name.clone(),
        kana: patient.kana.clone(),
        sex: patient.sex.code().to_owned(),
        birth: patient.birth.to_string(),
        coverages: patient
            .coverages
            .iter()
            .map(people::coverage_to_text)
            .collect::<Result<_, _>>()?,
    })
}

fn from_wire(wire: WirePatient) -> Option<Patient> {
    Some(Patient {
        reference: Reference::parse(&wire.reference)?,
        name: wire.name,
        kana: wire.kana,
        sex: Sex::from_code(&wire.sex),
        birth: JstDate::parse(&wire.birth)?,
        coverages: wire
            .coverages
            .iter()
            .map(|text| people::coverage_from_text(text))
            .collect::<Option<_>>()?,
    })
}

fn head_text(head: &Head, body: &[u8]) -> Option<String> {
    let wire = WireHead {
        facility: head.facility.clone(),
        client: head.client.to_hex(),
        run: head.run.to_hex(),
        number: head.number,
        base: head.base,
        page: head.page,
        is_last: head.is_last,
        days: head.days,
        made_at: head.made_at.to_string(),
        good_until: head.good_until.to_string(),
        body_sha256: hex::encode(&store::audit::sha256(&[body])),
    };
    serde_json::to_string(&wire).ok()
}

/// A page's bytes: `body` encrypted to `recipient`, head and body signed by `sign`.
///
/// # Errors
/// [`StoreError::Corrupt`] when a part of it cannot be written.
pub fn write(
    head: &Head,
    body: &Body,
    recipient: &Recipient,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    const BAD: StoreError = StoreError::Corrupt("a page of a copy");
    let patients = body.patients.iter().map(to_wire);
    let plain = serde_json::to_vec(&WireBody {
        patients: patients.collect::<Result<_, _>>()?,
        gone: body.gone.iter().map(Reference::to_hex).collect(),
    })
    .map_err(|_| BAD)?;
    let sealed = age::encrypt(&recipient.0, &plain).map_err(|_| BAD)?;
    let head = head_text(head, &sealed).ok_or(BAD)?;
    let signature = sign(&[CONTEXT, head.as_bytes()].concat());
    serde_json::to_vec(&Paper {
        head,
        signature: hex::encode(&signature),
        body: STANDARD.encode(sealed),
    })
    .map_err(|_| BAD)
}

/// What a system expects of the page that it asked for.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// Its facility's code.
    pub facility: &'a str,
    /// Itself.
    pub client: ClientId,
    /// The platform's key (Ed25519).
    pub signer: &'a [u8; 32],
    /// Its fetching.
    pub run: Run,
    /// Which page.
    pub page: i64,
    /// The number of the copy that it holds; 0: none.
    pub held: i64,
    /// The head of the first page, for the others.
    pub first: Option<&'a Head>,
    /// Now.
    pub at: Timestamp,
}

/// Reads a page, and believes it only when it is what was asked for.
///
/// # Errors
/// `TSK-CPY-011` to `TSK-CPY-014`, `TSK-CPY-016`.
pub fn open(
    bytes: &[u8],
    expected: &Expected<'_>,
    identity: &Identity,
) -> Result<(Head, Body), &'static Entry> {
    let paper: Paper = serde_json::from_slice(bytes).map_err(|_| &errors::FORGED)?;
    let spelled = serde_json::to_vec(&paper).map_err(|_| &errors::FORGED)?;
    let sealed = STANDARD.decode(&paper.body).map_err(|_| &errors::FORGED)?;
    let signature = hex::decode(&paper.signature).unwrap_or_default();
    let is_spelled = spelled == bytes && hex::encode(&signature) == paper.signature;
    let message = [CONTEXT, paper.head.as_bytes()].concat();
    let holds = UnparsedPublicKey::new(&ED25519, expected.signer).verify(&message, &signature);
    let wire: WireHead = serde_json::from_str(&paper.head).map_err(|_| &errors::FORGED)?;
    let is_body = wire.body_sha256 == hex::encode(&store::audit::sha256(&[&sealed]));
    if !is_spelled || holds.is_err() || !is_body {
        return Err(&errors::FORGED);
    }
    let head = read_head(&wire).ok_or(&errors::FORGED)?;
    believe(&head, expected)?;
    let plain = age::decrypt(&identity.0, &sealed).map_err(|_| &errors::UNREADABLE)?;
    let body = read_body(&plain).ok_or(&errors::FORGED)?;
    Ok((head, body))
}

/// Is a page that the platform signed the one that was asked for?
fn believe(head: &Head, expected: &Expected<'_>) -> Result<(), &'static Entry> {
    if head.facility != expected.facility
        || head.client != expected.client
        || head.run != expected.run
        || head.page != expected.page
    {
        return Err(&errors::OTHERS);
    }
    if head.number <= expected.held || ![0, expected.held].contains(&head.base) {
        return Err(&errors::OLDER);
    }
    if let Some(first) = expected.first {
        let same = Head {
            page: first.page,
            is_last: first.is_last,
            ..head.clone()
        };
        if same != *first {
            return Err(&errors::OTHERS);
        }
    }
    // The fetching was named a moment ago: the copy is as old as the two clocks differ.
    let apart = head.made_at.seconds().saturating_sub(expected.at.seconds());
    if apart.abs() > CLOCK_MINUTES * 60 {
        return Err(&errors::CLOCK);
    }
    Ok(())
}

fn read_head(wire: &WireHead) -> Option<Head> {
    Some(Head {
        facility: wire.facility.clone(),
        client: ClientId::parse(&wire.client)?,
        run: Run::parse(&wire.run)?,
        number: wire.number,
        base: wire.base,
        page: wire.page,
        is_last: wire.is_last,
        days: wire.days,
        made_at: Timestamp::parse(&wire.made_at)?,
        good_until: Timestamp::parse(&wire.good_until)?,
    })
}

fn read_body(plain: &[u8]) -> Option<Body> {
    let wire: WireBody = serde_json::from_slice(plain).ok()?;
    let patients = wire.patients.into_iter().map(from_wire);
    let gone = wire.gone.iter().map(|text| Reference::parse(text));
    Some(Body {
        patients: patients.collect::<Option<_>>()?,
        gone: gone.collect::<Option<_>>()?,
    })
}
