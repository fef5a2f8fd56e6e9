//! Who is at the other end of a connection, and what has been seen of them.
//!
//! The ledger of connections (`equipment`) is held against these sightings: a peer that no
//! ledger names is an alert.
//!
//! Source: identity-security NET-02, ORG-01; checklist 2-①.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::{
    id::{ClientId, FacilityId},
    time::Timestamp,
};
use store::caller::{Actor, Caller};

/// Most sightings kept between two collections; what is beyond is not noted.
const SIGHTINGS_MAX: usize = 10_000;

/// On a request whose connection showed a certificate of our own authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerCertificate {
    /// SHA-256 of the certificate (DER): the thumbprint of RFC 8705.
    pub sha256: [u8; 32],
}

impl PeerCertificate {
    /// Of a certificate (DER).
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self {
            sha256: store::audit::sha256(&[der]),
        }
    }
}

/// How a connection showed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Showed {
    /// No certificate.
    Nothing,
    /// A certificate of our own authority.
    Certificate(PeerCertificate),
    /// A certificate that was refused: of another authority, ended, or broken.
    Refused,
}

/// A peer as it was seen since the last collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub showed: Showed,
    /// How many connections.
    pub connections: u64,
    /// When last.
    pub last: Timestamp,
}

/// The peers seen since the last collection.
#[derive(Debug, Default)]
pub struct Seen(
    Mutex<BTreeMap<(IpAddr, Showed), (u64, Timestamp)>>,
    Mutex<BTreeMap<(IpAddr, ClientId, bool), Program>>,
);

impl Seen {
    fn map(&self) -> MutexGuard<'_, BTreeMap<(IpAddr, Showed), (u64, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a connection.
    pub fn note(&self, address: IpAddr, showed: Showed, at: Timestamp) {
        let mut map = self.map();
        if map.len() >= SIGHTINGS_MAX && !map.contains_key(&(address, showed)) {
            return;
        }
        let (count, last) = map.entry((address, showed)).or_insert((0, at));
        *count = count.saturating_add(1);
        *last = at.max(*last);
    }

    /// Takes what was seen since the last time.
    #[must_use]
    pub fn collect(&self) -> Vec<Sighting> {
        std::mem::take(&mut *self.map())
            .into_iter()
            .map(|((address, showed), (connections, last))| Sighting {
                address,
                showed,
                connections,
                last,
            })
            .collect()
    }
}

/// A facility's system that was let in, since the last collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// From where.
    pub address: IpAddr,
    /// Which client.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub facility: FacilityId,
    /// Did its connection show a certificate?
    pub has_certificate: bool,
    /// How many requests.
    pub requests: u64,
    /// When last.
    pub last: Timestamp,
}

impl Seen {
    /// Notes a request of a facility's system. Browsers are not noted: where a patient is at
    /// home is nobody's business here.
    pub fn note_program(
        &self,
        address: IpAddr,
        caller: &Caller,
        has_certificate: bool,
        at: Timestamp,
    ) {
        let Actor::System { client, name, home } = &caller.actor else {
            return;
        };
        let mut map = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address, *client, has_certificate);
        if map.len() >= SIGHTINGS_MAX && !map.contains_key(&key) {
            return;
        }
        let program = map.entry(key).or_insert_with(|| Program {
            address,
            client: *client,
            name: name.clone(),
            facility: home.id,
            has_certificate,
            requests: 0,
            last: at,
        });
        program.requests = program.requests.saturating_add(1);
        program.last = at.max(program.last);
    }

    /// Takes the programs that were seen since the last time.
    #[must_use]
    pub fn collect_programs(&self) -> Vec<Program> {
        let mut map = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *map).into_values().collect()
    }
}
