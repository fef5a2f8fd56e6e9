//! What a subscription is.

use kernel::{
    Secret, hex,
    id::{FacilityId, Rng},
    time::Timestamp,
};

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A resource of the facility's own partition was created, updated or deleted.
    RecordChanged,
    /// A document addressed to the facility arrived, or a new version of one that it has read.
    LetterArrived,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 2] = [Self::RecordChanged, Self::LetterArrived];

    /// The canonical address.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Self::RecordChanged => "urn:tasuki:topic:record-changed",
            Self::LetterArrived => "urn:tasuki:topic:letter-arrived",
        }
    }

    /// From the canonical address, with or without a version.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let bare = url.split('|').next()?;
        Self::ALL.into_iter().find(|topic| topic.url() == bare)
    }
}

/// What was done to what a notification names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It has a new version.
    Updated,
    /// It is gone.
    Deleted,
}

impl Change {
    /// The interaction's method, and its status.
    #[must_use]
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Created => ("POST", "201"),
            Self::Updated => ("PUT", "200"),
            Self::Deleted => ("DELETE", "204"),
        }
    }

    pub(super) fn parse(method: &str) -> Option<Self> {
        let all = [Self::Created, Self::Updated, Self::Deleted];
        all.into_iter().find(|change| change.told().0 == method)
    }
}

/// Where a subscription stands.
///
/// Source: FHIR R4 valueset-subscription-status.html.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The receiver has not answered the handshake yet.
    Requested,
    /// Events are delivered.
    Active,
    /// Paused after many failures; events wait for their owner.
    Error,
    /// Switched off.
    Off,
}

impl State {
    /// The FHIR code, which is also what is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let all = [Self::Requested, Self::Active, Self::Error, Self::Off];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// Identifier of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubscriptionId([u8; 16]);

impl SubscriptionId {
    pub(super) fn random(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode_array(text).map(Self)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }
}

/// How much a notification says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// That something happened.
    Empty,
    /// And to which resource.
    IdOnly,
}

/// A subscription as its owner wrote it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// To what.
    pub topic: Topic,
    /// Of which types only; none is all.
    pub kinds: Vec<String>,
    /// Where to.
    pub endpoint: String,
    /// Headers of each notification, such as a bearer secret.
    pub headers: Vec<(String, Secret<String>)>,
    /// How much it says.
    pub content: Content,
    /// Most events in one notification.
    pub batch: usize,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// Is it to be off?
    pub is_off: bool,
    /// The resource as received.
    pub text: Secret<String>,
}

/// A subscription as it is kept.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Whose.
    pub facility: FacilityId,
    /// Which.
    pub id: SubscriptionId,
    /// Where it stands.
    pub state: State,
    /// What its owner wrote.
    pub draft: Draft,
    /// When it last changed by its owner's hand.
    pub changed_at: Timestamp,
    /// The last number that was given to an event.
    pub events: i64,
    /// The last number that was delivered.
    pub delivered: i64,
    /// Failures in a row.
    pub failures: i64,
    /// When the next try is due.
    pub next_at: Timestamp,
    /// Why the last try failed; empty when it did not.
    pub problem: String,
}

/// How far a receiver is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Events that wait.
    pub waiting: i64,
    /// Since when the oldest does.
    pub since: Option<Timestamp>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub number: i64,
    pub id: [u8; 16],
    pub at: Timestamp,
    pub change: Change,
    /// `Observation/{id}`, or a path of this server.
    pub focus: String,
}

/// An address that the operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// To the letter.
    pub url: String,
    /// The roots (PEM) by which its certificate is believed; empty for `http://` on this machine.
    pub roots: String,
    /// Since when.
    pub allowed_at: Timestamp,
}

/// Longest address.
const URL_MAX: usize = 500;

/// May anything be sent there at all? By TLS, or on this machine; without a name in front of
/// the host, and without what belongs to a browser.
#[must_use]
pub fn is_safe(url: &str) -> bool {
    let is_plain = url.len() <= URL_MAX
        && url.bytes().all(|b| b.is_ascii_graphic())
        && !url.contains(['@', '#', '"', '\\', '<', '>']);
    let near = ["http://127.0.0.1:", "http://[::1]:"];
    let host = match url.strip_prefix("https://") {
        Some(rest) => rest.split(['/', '?']).next().unwrap_or_default(),
        None => match near.iter().find_map(|begin| url.strip_prefix(begin)) {
            Some(rest) => {
                let port = rest.split(['/', '?']).next().unwrap_or_default();
                return is_plain && port.parse::<u16>().is_ok();
            }
            None => return false,
        },
    };
    is_plain && !host.is_empty()
}
