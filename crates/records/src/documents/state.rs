//! The states of a document and what each command does in each: pure.
//!
//! ```text
//!             Release             Open              Answer
//!   Closed ───────────▶ Released ───────▶ Opened ───────────▶ Answered
//!      ▲                    │
//!      └──── Withdraw ──────┘       Filed: a document that is addressed to nobody
//!
//!   any state ── Cancel ──▶ Cancelled(that state) ── Undo ──▶ that state
//!   Replace and Delete: until it is opened. Change: until it is cancelled.
//! ```
//!
//! Source: clins-documents section b (取消, 取消UNDO, 変更); peers D31, D33.

use kernel::Entry;

use super::errors as no;

/// Where a document stands that is not cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// 登録済み: registered, and addressed to nobody.
    Filed,
    /// 同意待ち: the patient's oral consent is not on record; closed to the addressee.
    Closed,
    /// 未開封: open to the addressee, who has not opened it.
    Released,
    /// 開封済み: the addressee has opened it.
    Opened,
    /// 返書あり: the addressee has answered; the loop is closed.
    Answered,
}

impl Standing {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Filed,
        Self::Closed,
        Self::Released,
        Self::Opened,
        Self::Answered,
    ];

    /// Has the addressee seen it?
    #[must_use]
    pub const fn was_opened(self) -> bool {
        matches!(self, Self::Opened | Self::Answered)
    }
}

/// The state of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It stands.
    Stands(Standing),
    /// 取消済み: its sender took it back; where it stood before.
    Cancelled(Standing),
}

/// What is done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    /// 差し替え: another text under the same identifier, the old one gone.
    Replace,
    /// 変更: a new version; the old one is kept.
    Change,
    /// 取消.
    Cancel,
    /// 取消UNDO.
    Undo,
    /// 削除.
    Delete,
    /// The patient's oral consent goes on record.
    Release,
    /// The patient takes the consent back.
    Withdraw,
    /// Another document of the sender's travels with it (添付).
    Enclose,
    /// The addressee opens it.
    Open,
    /// The addressee answers it (返書).
    Answer,
}

impl Command {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Replace,
        Self::Change,
        Self::Cancel,
        Self::Undo,
        Self::Delete,
        Self::Release,
        Self::Withdraw,
        Self::Enclose,
        Self::Open,
        Self::Answer,
    ];
}

/// What a command leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This state, which may be the same.
    To(State),
    /// Nothing: the document is gone.
    Gone,
}

impl State {
    /// The word in tables and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stands(Standing::Filed) => "filed",
            Self::Stands(Standing::Closed) => "closed",
            Self::Stands(Standing::Released) => "released",
            Self::Stands(Standing::Opened) => "opened",
            Self::Stands(Standing::Answered) => "answered",
            Self::Cancelled(Standing::Filed) => "cancelled-filed",
            Self::Cancelled(Standing::Closed) => "cancelled-closed",
            Self::Cancelled(Standing::Released) => "cancelled-released",
            Self::Cancelled(Standing::Opened) => "cancelled-opened",
            Self::Cancelled(Standing::Answered) => "cancelled-answered",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|state| state.word() == word)
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        Standing::ALL
            .into_iter()
            .flat_map(|one| [Self::Stands(one), Self::Cancelled(one)])
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Stands(Standing::Filed) => "登録済み",
            Self::Stands(Standing::Closed) => "同意待ち",
            Self::Stands(Standing::Released) => "未開封",
            Self::Stands(Standing::Opened) => "開封済み",
            Self::Stands(Standing::Answered) => "返書あり",
            Self::Cancelled(_) => "取消済み",
        }
    }

    /// The same in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Stands(Standing::Filed) => "registered",
            Self::Stands(Standing::Closed) => "waiting for consent",
            Self::Stands(Standing::Released) => "not opened yet",
            Self::Stands(Standing::Opened) => "opened",
            Self::Stands(Standing::Answered) => "answered",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// Where it stands, or stood.
    #[must_use]
    pub const fn standing(self) -> Standing {
        match self {
            Self::Stands(one) | Self::Cancelled(one) => one,
        }
    }

    /// Does it stand?
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Stands(_))
    }

    /// What `command` leads to.
    ///
    /// # Errors
    /// The catalogue's entry that says why not, and which command fits.
    pub fn after(self, command: Command) -> Result<Next, &'static Entry> {
        match self {
            Self::Stands(one) => standing(one, command),
            Self::Cancelled(was) => cancelled(was, command),
        }
    }
}

fn standing(one: Standing, command: Command) -> Result<Next, &'static Entry> {
    let to = |next| Ok(Next::To(State::Stands(next)));
    match (command, one) {
        (Command::Cancel, _) => Ok(Next::To(State::Cancelled(one))),
        (Command::Undo, _) => Err(&no::NOT_CANCELLED),
        (Command::Replace | Command::Delete, Standing::Opened | Standing::Answered) => {
            Err(&no::OPENED)
        }
        (Command::Delete, _) => Ok(Next::Gone),
        (Command::Replace | Command::Change, _) => to(one),
        (_, Standing::Filed) => Err(&no::NO_ADDRESSEE),
        (Command::Release, Standing::Closed) => to(Standing::Released),
        (Command::Release | Command::Enclose, _) => to(one),
        (Command::Withdraw, Standing::Closed) => Err(&no::CONSENT_MISSING),
        (Command::Withdraw, Standing::Released) => to(Standing::Closed),
        (Command::Withdraw, _) => Err(&no::CONSENT_USED),
        // Closed and absent look the same to the addressee.
        (Command::Open | Command::Answer, Standing::Closed) => Err(&no::LETTER_UNKNOWN),
        (Command::Open, Standing::Released) => to(Standing::Opened),
        (Command::Open, _) => to(one),
        (Command::Answer, Standing::Released) => Err(&no::UNOPENED),
        (Command::Answer, Standing::Opened) => to(Standing::Answered),
        (Command::Answer, _) => Err(&no::ANSWERED),
    }
}

fn cancelled(was: Standing, command: Command) -> Result<Next, &'static Entry> {
    match command {
        Command::Undo => Ok(Next::To(State::Stands(was))),
        Command::Delete if was.was_opened() => Err(&no::OPENED),
        Command::Delete => Ok(Next::Gone),
        Command::Open | Command::Answer if was.was_opened() => Err(&no::LETTER_CANCELLED),
        Command::Open | Command::Answer => Err(&no::LETTER_UNKNOWN),
        _ => Err(&no::CANCELLED),
    }
}
