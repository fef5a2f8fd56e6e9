//! Changes of coverage, what comes of them, files of them, and open findings.

use kernel::{
    Entry,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::{FacilityId, PersonId},
    time::{JstDate, Period, Timestamp},
};
use registry::model::{
    Ceiling, ChangeKind, CopayRate, Coverage, ElderlyCertificate, InsuredKey, LossReason, Sex,
    SpecificDisease,
};

/// A random identifier of 16 bytes that only its facility knows.
macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub(crate) [u8; 16]);

        impl $name {
            /// From 32 hexadecimal digits.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                kernel::hex::decode_array(text).map(Self)
            }

            /// 32 hexadecimal digits.
            #[must_use]
            pub fn to_hex(&self) -> String {
                kernel::hex::encode(&self.0)
            }
        }
    };
}

own_id! {
    /// Reference number (照会番号): how one facility names a person to us. Another facility's
    /// for the same person is another.
    Reference
}
own_id! {
    /// A file of changes.
    FileId
}
own_id! {
    /// An open finding.
    FindingId
}

/// Symbol, number and branch number of a coverage, as its insurer names it.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberKey {
    /// Symbol.
    pub symbol: InsuredPersonSymbol,
    /// Number.
    pub number: InsuredPersonNumber,
    /// Branch number, where there is one.
    pub branch: Option<BranchNumber>,
}

impl MemberKey {
    /// As the registry's directory asks for it.
    #[must_use]
    pub fn asked(&self, insurer: &InsurerNumber, birth: Option<JstDate>) -> InsuredKey {
        InsuredKey {
            insurer_number: insurer.clone(),
            symbol: self.symbol.clone(),
            person_number: self.number.clone(),
            branch: self.branch.clone(),
            birth,
        }
    }

    /// Is it this coverage's?
    #[must_use]
    pub fn is_of(&self, coverage: &Coverage) -> bool {
        self.symbol == coverage.symbol
            && self.number == coverage.person_number
            && (self.branch.is_none() || self.branch == coverage.branch)
    }
}

/// Who the person is, beside the numbers; an empty part leaves what is known.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// Family and given name.
    pub name: Option<String>,
    /// In katakana.
    pub kana: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Seven digits.
    pub post_code: Option<String>,
    /// Prefecture to house number.
    pub address: Option<String>,
    /// 氏名その他.
    pub other_name: Option<String>,
}

/// The terms of a coverage, as its insurer states them: all of them, each time.
#[derive(Clone, PartialEq, Eq)]
pub struct Terms {
    /// Insured person, or dependent.
    pub is_insured_person: bool,
    /// The insured person's name, of a dependent.
    pub insured_name: Option<String>,
    /// Copay rate.
    pub copay: CopayRate,
    /// Card kind (OQSCD 010).
    pub card_kind: String,
    /// When it was issued; the first day of coverage when it is not said.
    pub issued_on: Option<JstDate>,
    /// When the card or notice is valid.
    pub card_period: Option<Period<JstDate>>,
    /// Ceiling.
    pub ceiling: Option<Ceiling>,
    /// 高齢受給者証.
    pub elderly: Option<ElderlyCertificate>,
    /// 特定疾病療養受療証.
    pub diseases: Vec<SpecificDisease>,
}

/// One change (異動), parsed.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// What is done.
    pub kind: ChangeKind,
    /// The coverage's numbers, as they are from now on.
    pub key: MemberKey,
    /// The numbers under which it was known until now, when they change.
    pub old_key: Option<MemberKey>,
    /// Our reference number, when the insurer knows it.
    pub reference: Option<Reference>,
    /// The previous insurer's numbers, when the insurer knows them.
    pub previous: Option<(InsurerNumber, MemberKey)>,
    /// Date of birth.
    pub birth: JstDate,
    /// Who it is.
    pub named: Named,
    /// First day of coverage (資格取得年月日).
    pub from: Option<JstDate>,
    /// First day without it (資格喪失年月日).
    pub until: Option<JstDate>,
    /// Why it ended.
    pub loss: Option<LossReason>,
    /// The terms; of a loss and a withdrawal there are none.
    pub terms: Option<Terms>,
}

/// One thing that a rule found in a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which rule; `errors::is_warning` tells whether the change is taken all the same.
    pub entry: &'static Entry,
    /// The item.
    pub path: &'static str,
    /// What was found there; it goes back to the sender only.
    pub found: String,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub result: LineResult,
    /// The reference number of the person, when the change was taken.
    pub reference: Option<Reference>,
    /// What was found.
    pub found: Vec<Found>,
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineResult {
    /// Taken.
    Accepted,
    /// Taken, with something to look at.
    Warned,
    /// It was so already: nothing was changed.
    Unchanged,
    /// Not taken.
    Refused,
}

impl LineResult {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Warned, Self::Unchanged, Self::Refused];

    /// The word on the wire and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Warned => "warned",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Accepted => "登録",
            Self::Warned => "登録(要確認)",
            Self::Unchanged => "変更なし",
            Self::Refused => "登録不可",
        }
    }
}

/// How two coverages of a person do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PairKind {
    /// Both cover the same days.
    Overlap,
    /// Neither covers the days between them.
    Gap,
}

impl PairKind {
    /// The word on the wire and at rest.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Gap => "gap",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Overlap, Self::Gap]
            .into_iter()
            .find(|one| one.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Overlap => "資格の重なり",
            Self::Gap => "資格のない期間",
        }
    }

    /// The catalogue's entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        match self {
            Self::Overlap => &crate::errors::OVERLAP,
            Self::Gap => &crate::errors::GAP,
        }
    }
}

/// Two coverages that do not fit together, by their numbers in the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// How.
    pub kind: PairKind,
    /// The days in question.
    pub period: Period<JstDate>,
    /// The coverage that began first.
    pub first: i64,
    /// The other.
    pub second: i64,
}

/// A finding as one of its two insurers sees it: the days, its own member, and whom to ask.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// Identifier, known to this facility only.
    pub id: FindingId,
    /// The facility's insurer number.
    pub insurer_number: InsurerNumber,
    /// When it was found.
    pub at: Timestamp,
    /// How the coverages do not fit.
    pub kind: PairKind,
    /// The days in question.
    pub period: Period<JstDate>,
    /// The own coverage's symbol.
    pub symbol: String,
    /// Its number.
    pub number: String,
    /// Its branch number; may be empty.
    pub branch: String,
    /// The other insurer's number.
    pub other_number: String,
    /// The other insurer's name: whom to ask.
    pub other_name: String,
}

/// Where a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// On its way in: not all of it is put away.
    Receiving,
    /// Waiting for its turn, or being worked.
    Waiting,
    /// Every line has its result.
    Done,
}

impl FileState {
    /// The word on the wire and in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Waiting => "waiting",
            Self::Done => "done",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Receiving, Self::Waiting, Self::Done]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

/// A file of changes.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// The facility.
    pub facility: FacilityId,
    /// Identifier.
    pub id: FileId,
    /// For which insurer number.
    pub insurer: InsurerNumber,
    /// When it came.
    pub at: Timestamp,
    /// Lines without the first.
    pub lines: i64,
    /// Where it is.
    pub state: FileState,
    /// When its last line got its result.
    pub done_at: Option<Timestamp>,
}

/// How many lines ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken.
    pub accepted: i64,
    /// Taken, with something to look at.
    pub warned: i64,
    /// It was so already.
    pub unchanged: i64,
    /// Not taken.
    pub refused: i64,
}

impl Tally {
    /// Lines that have their result.
    #[must_use]
    pub const fn done(self) -> i64 {
        self.accepted + self.warned + self.unchanged + self.refused
    }

    /// So many more that ended so.
    pub const fn add(&mut self, result: LineResult, count: i64) {
        match result {
            LineResult::Accepted => self.accepted += count,
            LineResult::Warned => self.warned += count,
            LineResult::Unchanged => self.unchanged += count,
            LineResult::Refused => self.refused += count,
        }
    }
}

/// The person that a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Somebody who is there.
    Known(PersonId),
    /// Nobody who is there: a new person.
    Stranger {
        /// Numbers of a previous insurer were given, and fit no single person.
        is_previous_unknown: bool,
    },
}
