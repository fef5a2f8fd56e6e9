//! Inquiries, answers, visits.

pub use crate::{care::CareClass, method::Method};
use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use registry::model::{Coverage, InsuredKey, Profile};

/// An inquiry by insured number.
#[derive(Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Who is asked about.
    pub key: InsuredKey,
    /// For which date.
    pub on: JstDate,
}

/// A positive answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The visit that it opens.
    pub visit: VisitId,
    /// For which date.
    pub on: JstDate,
    /// Who.
    pub profile: Profile,
    /// The coverage that holds.
    pub coverage: Coverage,
    /// Remarks, in the order in which the counter needs them.
    pub reasons: Vec<Reason>,
    /// How the person was identified.
    pub method: Method,
    /// Terms on that date, freshness, and what changed since the last visit.
    pub detail: crate::answer::Detail,
    /// Of which kind the care is.
    pub care: CareClass,
}

/// A remark on a positive answer (reason code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The coverage holds on that date.
    Valid,
    /// The insurer has given no ceiling class.
    NoCeiling,
    /// The coverage ends within 31 days.
    EndsSoon,
    /// The share depends on age: it changes within 31 days.
    RateChangesSoon,
    /// Provisional: the insurer's systems cannot be reached.
    SourceDown,
    /// Provisional: the insurer has not loaded when it said it would.
    SourceLate,
    /// Something is not as it was at the last visit.
    Changed,
    /// From 70 to 74, without the certificate that says the rate.
    ElderlyMissing,
    /// The ceiling certificate does not hold on that date.
    CeilingEnded,
    /// The rate is that of a child below school age.
    Preschool,
    /// The person pays everything and claims it back (特別療養費).
    PaysAll,
    /// Nothing clinical can be seen with this card.
    NoClinical,
    /// A character of the name was lost before it came here.
    NameUnreadable,
    /// Medical assistance holds, and no ticket names the facility.
    NoTicket,
}

impl Reason {
    /// Every one, in the order of the codes.
    pub const ALL: [Self; 14] = [
        Self::Valid,
        Self::NoCeiling,
        Self::EndsSoon,
        Self::RateChangesSoon,
        Self::SourceDown,
        Self::SourceLate,
        Self::Changed,
        Self::ElderlyMissing,
        Self::CeilingEnded,
        Self::Preschool,
        Self::PaysAll,
        Self::NoClinical,
        Self::NameUnreadable,
        Self::NoTicket,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "ELG-R01",
            Self::NoCeiling => "ELG-R02",
            Self::EndsSoon => "ELG-R03",
            Self::RateChangesSoon => "ELG-R04",
            Self::SourceDown => "ELG-R05",
            Self::SourceLate => "ELG-R06",
            Self::Changed => "ELG-R07",
            Self::ElderlyMissing => "ELG-R08",
            Self::CeilingEnded => "ELG-R09",
            Self::Preschool => "ELG-R10",
            Self::PaysAll => "ELG-R11",
            Self::NoClinical => "ELG-R12",
            Self::NameUnreadable => "ELG-R13",
            Self::NoTicket => "ELG-R14",
        }
    }

    /// In one line.
    #[must_use]
    pub const fn text(self) -> kernel::Text {
        let (ja, en) = match self {
            Self::Valid => (
                "確認した日に有効な資格です。",
                "the coverage is valid on that date",
            ),
            Self::NoCeiling => (
                "限度額の区分が保険者から届いていません。必要なときは限度額適用認定証を確認してください。",
                "the insurer has given no ceiling class; ask for the certificate if it matters",
            ),
            Self::EndsSoon => (
                "資格は1か月以内に終わります。次回は新しい資格を確認してください。",
                "the coverage ends within a month; verify again next time",
            ),
            Self::RateChangesSoon => (
                "1か月以内に、年齢によって負担割合が変わります。",
                "within a month the copay rate changes with the person's age",
            ),
            Self::SourceDown => (
                "保険者のシステムが止まっているため、最後に届いた情報による仮の回答です。",
                "provisional: the insurer's systems cannot be reached, so this is what it last loaded",
            ),
            Self::SourceLate => (
                "保険者の更新が予定より遅れているため、最後に届いた情報による仮の回答です。",
                "provisional: the insurer is late with its update, so this is what it last loaded",
            ),
            Self::Changed => (
                "前回の受診から、資格の内容が変わっています。",
                "something is not as it was at the last visit",
            ),
            Self::ElderlyMissing => (
                "70歳から74歳の方ですが、高齢受給者証の情報が保険者から届いていません。高齢受給者証の負担割合を確認してください。",
                "aged 70 to 74, but the insurer has given no elderly certificate; ask for it",
            ),
            Self::CeilingEnded => (
                "限度額適用認定証の有効期間の外です。新しい認定証がないか確認してください。",
                "the ceiling certificate does not hold on that date; ask for a newer one",
            ),
            Self::Preschool => (
                "未就学のお子さんのため、負担は2割です。",
                "below school age: the person pays 20 percent",
            ),
            Self::PaysAll => (
                "被保険者資格証明書の方です。窓口では全額(10割)をお支払いいただき、領収書をお渡しください。",
                "the person pays everything here and claims it back from the insurer",
            ),
            Self::NoClinical => (
                "この資格では、薬剤・診療・健診の情報は閲覧できません。",
                "no medicines, care history or checkups can be seen with this card",
            ),
            Self::NameUnreadable => (
                "お名前に、読み取れなかった文字(●など)があります。",
                "a character of the name was lost before it came here",
            ),
            Self::NoTicket => (
                "医療扶助の資格は有効ですが、この医療機関あての医療券・調剤券が届いていません。",
                "medical assistance holds, but no ticket names this facility",
            ),
        };
        kernel::Text { ja, en }
    }

    /// What the counter does next, when that is more than the line says.
    #[must_use]
    pub const fn next(self) -> Option<kernel::Text> {
        let (ja, en) = match self {
            Self::SourceDown | Self::SourceLate => (
                "このまま受付をお進めください。請求の前に、もう一度確認してください。あとから資格が変わったときは、「資格が変わった方」でお知らせします。",
                "go on with the reception and verify again before you bill; if it turns out to be otherwise, a notice comes",
            ),
            Self::Changed => (
                "カルテと会計の登録を、新しい内容に直してください。",
                "bring the record and billing systems up to date",
            ),
            Self::NoTicket => (
                "福祉事務所に、この医療機関を委託先とする券の発行を確認してください。急ぐ方は、先に受付をお進めください。",
                "ask the welfare office for a ticket that names this facility; go on first if it is urgent",
            ),
            Self::NameUnreadable => (
                "カナと生年月日でご本人を確かめ、正しい字は患者さんに確認してください。登録の直しは、保険者にご連絡ください。",
                "identify the patient by kana and date of birth, ask for the right character, and tell the insurer",
            ),
            _ => return None,
        };
        Some(kernel::Text { ja, en })
    }

    /// Does it make the answer provisional (仮の回答)?
    #[must_use]
    pub const fn is_provisional(self) -> bool {
        matches!(self, Self::SourceDown | Self::SourceLate)
    }
}

/// Identifier of a visit; known only to the facility that it belongs to: the instant in
/// milliseconds (6 bytes), then ten random bytes. Nobody guesses one, and the visits of a
/// facility lie in the order in which they were made, so that a new one needs no page of its
/// own in the table or in the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitId([u8; 16]);

impl VisitId {
    /// A new one for a visit that is recorded at `at`.
    #[must_use]
    pub fn new(at: Timestamp, rng: &dyn kernel::id::Rng) -> Self {
        let mut random = [0; 10];
        rng.fill(&mut random);
        let millis = at.micros().div_euclid(1_000).max(0).to_be_bytes();
        let mut id = [0; 16];
        // The upper two bytes of the instant are zero until the year 10889.
        let parts = millis.into_iter().skip(2).chain(random);
        for (to, from) in id.iter_mut().zip(parts) {
            *to = from;
        }
        Self(id)
    }

    /// As stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        kernel::hex::decode_array(text).map(Self)
    }

    /// As stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// A visit (来院): the tie between a facility and a person. It is older than any consent
/// given in it, so it lasts longer than one: a doctor who comes too late is told that the
/// consent ran out, not that nobody came.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    /// Identifier.
    pub id: VisitId,
    /// Who came.
    pub person: PersonId,
    /// When eligibility was confirmed.
    pub at: Timestamp,
    /// How.
    pub method: Method,
    /// Of which kind the care is.
    pub care: CareClass,
    /// Name, for the facility's own list.
    pub name: String,
    /// Kana, for the facility's own list.
    pub kana: String,
}

/// Hours for which a visit lasts.
pub const VISIT_HOURS: i64 = 7 * 24;
/// Hours after the card was shown in which the person counts as present: they may choose
/// consent, and stand on the reception's list.
pub const PRESENT_HOURS: i64 = 24;

impl Visit {
    /// Does the person still count as present?
    #[must_use]
    pub const fn is_present(&self, at: Timestamp) -> bool {
        self.method.shows_presence() && at.micros() < self.at.plus_hours(PRESENT_HOURS).micros()
    }

    /// Is it over?
    #[must_use]
    pub const fn has_ended(&self, at: Timestamp) -> bool {
        at.micros() >= self.at.plus_hours(VISIT_HOURS).micros()
    }
}
