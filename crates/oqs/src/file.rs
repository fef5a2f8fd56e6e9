//! File names: what a file of the exchange folder is about, before it is opened.
//!
//! `OQS` · `si` one person or `mu` many · three letters for the service · `01` ask or `02`
//! fetch · `req` or `res` · `_` · what the sender chose · `.xml`. An answer bears the name of
//! its question, with `res` for `req`.
//!
//! Source: eligibility-eprescription section e, Files.

use std::fmt;

/// Most characters of the part that the sender chooses.
const REST_CHARS_MAX: usize = 64;

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 資格確認 of one person.
    Single,
    /// 照会番号登録 of one person.
    ReferenceNumber,
    /// 資格確認 of many people (一括照会).
    Bulk,
    /// 照会番号登録 of many people.
    BulkReferenceNumber,
    /// 医療扶助 of many people.
    MedicalAssistance,
    /// 訪問診療等 of many people.
    HomeVisit,
    /// オンライン診療等 of many people.
    OnlineConsultation,
}

impl Kind {
    /// Every one, in order.
    pub const ALL: [Self; 7] = [
        Self::Single,
        Self::ReferenceNumber,
        Self::Bulk,
        Self::BulkReferenceNumber,
        Self::MedicalAssistance,
        Self::HomeVisit,
        Self::OnlineConsultation,
    ];

    /// The letters in the file's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Single => "siquc",
            Self::ReferenceNumber => "siimm",
            Self::Bulk => "muquc",
            Self::BulkReferenceNumber => "muimm",
            Self::MedicalAssistance => "mutic",
            Self::HomeVisit => "muhvq",
            Self::OnlineConsultation => "muonq",
        }
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Single => "資格確認",
            Self::ReferenceNumber => "照会番号登録",
            Self::Bulk => "資格確認(一括)",
            Self::BulkReferenceNumber => "照会番号登録(一括)",
            Self::MedicalAssistance => "医療扶助の資格確認(一括)",
            Self::HomeVisit => "訪問診療等の資格確認(一括)",
            Self::OnlineConsultation => "オンライン診療等の資格確認(一括)",
        }
    }

    /// Is the result fetched by a second question?
    #[must_use]
    pub const fn is_fetched(self) -> bool {
        !matches!(
            self,
            Self::Single | Self::ReferenceNumber | Self::BulkReferenceNumber
        )
    }
}

/// The first question hands in, the second one fetches the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `01`.
    Ask,
    /// `02`.
    Fetch,
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Self::Ask => "01",
            Self::Fetch => "02",
        }
    }
}

/// From or to the facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// `req`: the facility asks.
    Request,
    /// `res`: it is answered.
    Response,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "req",
            Self::Response => "res",
        }
    }
}

/// The name of a file, its parts known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    kind: Kind,
    step: Step,
    direction: Direction,
    is_of_card: bool,
    rest: String,
}

/// Why a name was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNameError {
    /// It does not begin with `OQS` or end in `.xml`.
    Form,
    /// Nothing is known by these letters.
    Kind,
    /// The kind has no such step.
    Step,
    /// Neither `req_` nor `res_`.
    Direction,
    /// The sender's part is empty, longer than 64, or not of ASCII letters, digits, `-`, `_`.
    Rest,
}

impl fmt::Display for FileNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "not the name of an XML file of online eligibility verification",
            Self::Kind => "unknown kind of file",
            Self::Step => "this kind of file has no such step",
            Self::Direction => "neither req nor res",
            Self::Rest => "the sender's part is not 1 to 64 letters, digits, hyphens, underscores",
        })
    }
}

impl std::error::Error for FileNameError {}

impl FileName {
    /// A question of `kind`; `rest` is the sender's own part.
    ///
    /// # Errors
    /// [`FileNameError::Step`]; [`FileNameError::Rest`].
    pub fn request(kind: Kind, step: Step, rest: &str) -> Result<Self, FileNameError> {
        Self::of(kind, step, Direction::Request, false, rest)
    }

    /// The answer that a card reader leaves (顔認証付カードリーダー), without a question.
    ///
    /// # Errors
    /// [`FileNameError::Rest`].
    pub fn of_card(rest: &str) -> Result<Self, FileNameError> {
        Self::of(Kind::Single, Step::Ask, Direction::Response, true, rest)
    }

    /// From a name as it stands in the folder.
    ///
    /// # Errors
    /// [`FileNameError`].
    pub fn parse(name: &str) -> Result<Self, FileNameError> {
        let inner = name
            .strip_prefix("OQS")
            .and_then(|rest| rest.strip_suffix(".xml"))
            .ok_or(FileNameError::Form)?;
        let (kind, rest) = Kind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, inner.strip_prefix(kind.word())?)))
            .ok_or(FileNameError::Kind)?;
        let (step, rest) = [Step::Ask, Step::Fetch]
            .into_iter()
            .find_map(|step| Some((step, rest.strip_prefix(step.word())?)))
            .ok_or(FileNameError::Step)?;
        let (direction, rest) = [Direction::Request, Direction::Response]
            .into_iter()
            .find_map(|to| Some((to, rest.strip_prefix(to.word())?.strip_prefix('_')?)))
            .ok_or(FileNameError::Direction)?;
        match rest.strip_prefix(FACE) {
            Some(rest) if kind == Kind::Single && direction == Direction::Response => {
                Self::of(kind, step, direction, true, rest)
            }
            _ => Self::of(kind, step, direction, false, rest),
        }
    }

    fn of(
        kind: Kind,
        step: Step,
        direction: Direction,
        is_of_card: bool,
        rest: &str,
    ) -> Result<Self, FileNameError> {
        if step == Step::Fetch && !kind.is_fetched() {
            return Err(FileNameError::Step);
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if rest.is_empty() || rest.len() > REST_CHARS_MAX || !rest.bytes().all(fits) {
            return Err(FileNameError::Rest);
        }
        Ok(Self {
            kind,
            step,
            direction,
            is_of_card,
            rest: rest.to_owned(),
        })
    }

    /// The name of the answer: the same, with `res`.
    #[must_use]
    pub fn answer(&self) -> Self {
        Self {
            direction: Direction::Response,
            ..self.clone()
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Which question.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// Question or answer.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Did a card reader leave it (`face`)?
    #[must_use]
    pub const fn is_of_card(&self) -> bool {
        self.is_of_card
    }

    /// The sender's own part.
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.rest
    }
}

/// What stands before the rest in answers that a card reader (顔認証付カードリーダー) leaves.
const FACE: &str = "face_";

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OQS{}{}{}_{}{}.xml",
            self.kind.word(),
            self.step.word(),
            self.direction.word(),
            if self.is_of_card { FACE } else { "" },
            self.rest
        )
    }
}
