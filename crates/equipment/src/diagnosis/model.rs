//! The five steps, their lights, and what terminals say of their readers.

use kernel::{Entry, Text, time::Timestamp};
use signing::reader;

use crate::model::Officer;

/// How a terminal's card reader does, in the terminal's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReaderState {
    /// A card was read.
    Ok,
    /// The card was taken away too early.
    CardRemoved,
    /// A card that is no My Number card.
    OtherCard,
    /// A card could not be read.
    CardUnreadable,
    /// Another program holds the reader.
    ReaderBusy,
    /// No reader is connected.
    NoReader,
    /// The reader fails.
    ReaderFault,
    /// The card service (PC/SC) does not run.
    NoService,
}

impl ReaderState {
    /// Every state, from good to bad.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::CardRemoved,
        Self::OtherCard,
        Self::CardUnreadable,
        Self::ReaderBusy,
        Self::NoReader,
        Self::ReaderFault,
        Self::NoService,
    ];

    /// The word in API and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::CardRemoved => "card-removed",
            Self::OtherCard => "other-card",
            Self::CardUnreadable => "card-unreadable",
            Self::ReaderBusy => "reader-busy",
            Self::NoReader => "no-reader",
            Self::ReaderFault => "reader-fault",
            Self::NoService => "no-service",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn text(self) -> Text {
        let (ja, en) = match self {
            Self::Ok => ("正常", "works"),
            Self::CardRemoved => ("正常(カードが途中で外れた)", "works; a card was taken away"),
            Self::OtherCard => (
                "正常(ほかのカードが置かれた)",
                "works; another kind of card",
            ),
            Self::CardUnreadable => ("カードを読めない", "a card cannot be read"),
            Self::ReaderBusy => ("ほかのプログラムが使用中", "in use by another program"),
            Self::NoReader => ("カードリーダーがない", "no reader"),
            Self::ReaderFault => ("故障の疑い", "out of order"),
            Self::NoService => ("サービス(PC/SC)の停止", "card service stopped"),
        };
        Text { ja, en }
    }

    /// Does the reader itself work? What a card or its holder did is no fault of it.
    #[must_use]
    pub const fn light(self) -> Light {
        match self {
            Self::Ok | Self::CardRemoved | Self::OtherCard => Light::Green,
            Self::CardUnreadable | Self::ReaderBusy => Light::Yellow,
            Self::NoReader | Self::ReaderFault | Self::NoService => Light::Red,
        }
    }

    /// The reason and the next step, as the terminal shows them too; `None` when it works.
    #[must_use]
    pub const fn entry(self) -> Option<&'static Entry> {
        match self {
            Self::Ok | Self::CardRemoved | Self::OtherCard => None,
            Self::CardUnreadable => Some(&reader::UNREADABLE),
            Self::ReaderBusy => Some(&reader::READER_BUSY),
            Self::NoReader => Some(&reader::NO_READER),
            Self::ReaderFault => Some(&reader::READER_FAULT),
            Self::NoService => Some(&reader::NO_SERVICE),
        }
    }
}

/// What a terminal last said of its card reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The terminal's own name, as in card checks.
    pub terminal: String,
    /// How it does.
    pub state: ReaderState,
    /// Since when it has been so.
    pub since: Timestamp,
    /// When it said so last.
    pub reported_at: Timestamp,
    /// When a card was last read well.
    pub ok_at: Option<Timestamp>,
}

/// A light, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// It works.
    Green,
    /// It works, or may: somebody should look.
    Yellow,
    /// It is stuck here.
    Red,
}

impl Light {
    /// The word in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

/// One of the five places on the way to an answer, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// カードリーダー.
    Reader,
    /// 回線.
    Line,
    /// 証明書.
    Certificate,
    /// サーバ.
    Server,
    /// 応答.
    Answer,
}

impl Step {
    /// The word in the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Line => "line",
            Self::Certificate => "certificate",
            Self::Server => "server",
            Self::Answer => "answer",
        }
    }

    /// For people.
    #[must_use]
    pub const fn text(self) -> Text {
        let (ja, en) = match self {
            Self::Reader => ("カードリーダー", "Card reader"),
            Self::Line => ("回線", "Line"),
            Self::Certificate => ("証明書", "Certificate"),
            Self::Server => ("サーバ", "Server"),
            Self::Answer => ("応答", "Answer"),
        };
        Text { ja, en }
    }
}

/// A line of particulars in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub step: Step,
    /// How it is.
    pub light: Light,
    /// Why, in one line.
    pub reason: Text,
    /// What to do next; `None` when nothing is to be done.
    pub next: Option<Text>,
    /// The stable code of the reason; none when it works.
    pub code: Option<&'static str>,
    /// What helps whoever is called: names, days, times.
    pub particulars: Vec<Line>,
}

impl Finding {
    /// It works.
    #[must_use]
    pub const fn good(step: Step, reason: Text, particulars: Vec<Line>) -> Self {
        Self {
            step,
            light: Light::Green,
            reason,
            next: None,
            code: None,
            particulars,
        }
    }

    /// It does not, or not quite.
    #[must_use]
    pub const fn of(step: Step, light: Light, entry: &Entry, particulars: Vec<Line>) -> Self {
        Self {
            step,
            light,
            reason: entry.cause,
            next: Some(entry.remedy),
            code: Some(entry.code),
            particulars,
        }
    }
}

/// The whole look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// When.
    pub at: Timestamp,
    /// The five findings, in their order.
    pub findings: Vec<Finding>,
    /// What the facility's terminals said of their readers.
    pub readers: Vec<Reader>,
    /// Who is to be called; `None` when nobody is named: the system's administrator.
    pub officer: Option<Officer>,
    /// Milliseconds that the trial check took.
    pub answer_ms: u64,
}

impl Diagnosis {
    /// The first step that is worst: there one begins.
    #[must_use]
    pub fn worst(&self) -> Option<&Finding> {
        let light = self.findings.iter().map(|finding| finding.light).max()?;
        self.findings.iter().find(|finding| finding.light == light)
    }
}
