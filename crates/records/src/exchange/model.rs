//! A letter as it stands in a facility's lists.

use fhir::clins::document::DocumentKind;
use kernel::{
    id::{DocumentId, PersonId},
    time::{JstDate, Timestamp},
};

use crate::documents::model::{Card, Key};

/// Whose list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What the facility sent (送った文書).
    Sent,
    /// Letters addressed to it (届いた紹介状).
    Received,
    /// Checkup reports of the people whom the insurer insures (健診結果報告書).
    Checkup,
}

impl Side {
    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Checkup => "checkup",
        }
    }
}

/// How far a letter has come, as a list says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// 登録済み: addressed to nobody.
    Filed,
    /// 同意待ち: at the sender only.
    Closed,
    /// 未開封.
    Unread,
    /// 変更あり: a new version came after it was opened; at the addressee only.
    Changed,
    /// 開封済み.
    Read,
    /// 返書あり.
    Replied,
    /// 取消済み; at the addressee only where it had been opened.
    Cancelled,
}

impl Progress {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Filed,
        Self::Closed,
        Self::Unread,
        Self::Changed,
        Self::Read,
        Self::Replied,
        Self::Cancelled,
    ];

    /// The word in tables and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Closed => "closed",
            Self::Unread => "unread",
            Self::Changed => "changed",
            Self::Read => "read",
            Self::Replied => "replied",
            Self::Cancelled => "cancelled",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Filed => "登録済み",
            Self::Closed => "同意待ち",
            Self::Unread => "未開封",
            Self::Changed => "変更あり",
            Self::Read => "開封済み",
            Self::Replied => "返書あり",
            Self::Cancelled => "取消済み",
        }
    }

    /// The same in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Filed => "registered",
            Self::Closed => "waiting for consent",
            Self::Unread => "not opened",
            Self::Changed => "changed",
            Self::Read => "opened",
            Self::Replied => "answered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A letter in a facility's list.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// The document's identifier in addresses.
    pub id: DocumentId,
    /// Under whom it lies.
    pub person: PersonId,
    /// How far it has come.
    pub progress: Progress,
    /// Since when it stands in this list: at the sender since it was registered, at the
    /// addressee since it was opened to them.
    pub at: Timestamp,
    /// What is sealed of it.
    pub matter: Matter,
}

/// What a list says of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// The person's name.
    pub name: String,
    /// The same in katakana.
    pub kana: String,
    /// Date of birth.
    pub birth: JstDate,
    /// Which document.
    pub kind: DocumentKind,
    /// What lists show of it.
    pub card: Card,
    /// Name and code of the other side: the addressee, or the sender; absent for a document
    /// that is addressed to nobody.
    pub other: Option<(String, String)>,
    /// The document's key under the person.
    pub key: Key,
    /// When the patient's consent was recorded that holds now.
    pub released_at: Option<Timestamp>,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
    /// When and how it was answered: the word of [`crate::documents::model::Answer`].
    pub answered: Option<(Timestamp, String)>,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
    /// Since when its latest version stands, when it is not the first.
    pub changed_at: Option<Timestamp>,
    /// Number of documents that travel with it.
    pub enclosed: usize,
}

/// From where a list goes on: behind the last letter of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// Its time.
    pub at: Timestamp,
    /// Its identifier.
    pub id: DocumentId,
}

impl After {
    /// As one word in addresses.
    #[must_use]
    pub fn word(&self) -> String {
        format!("{}-{}", self.at.micros(), self.id.to_hex())
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let (micros, id) = word.split_once('-')?;
        let is_plain = micros.bytes().all(|byte| byte.is_ascii_digit());
        let micros = micros.parse().ok().filter(|_| is_plain)?;
        Some(Self {
            at: Timestamp::from_micros(micros),
            id: DocumentId::parse(id)?,
        })
    }
}

/// What a facility has still to do or to wait for, oldest first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OpenLoops {
    /// Sent, and the patient's consent is not on record.
    pub waiting_for_consent: Vec<Line>,
    /// Sent, not opened, and reminded of: "not opened in 3 days".
    pub overdue: Vec<Line>,
    /// Sent and not opened yet.
    pub unopened: Vec<Line>,
    /// Sent, opened, not answered.
    pub unanswered: Vec<Line>,
    /// Received and not opened, or changed since.
    pub to_read: Vec<Line>,
    /// Received, opened, not answered.
    pub to_answer: Vec<Line>,
}
