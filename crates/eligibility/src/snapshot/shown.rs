//! What a counter was shown, as the fields that decide about billing, and how two such
//! answers differ.

use std::collections::BTreeMap;

use kernel::{Entry, time::JstDate};
use registry::{
    model::Coverage,
    terms::{self, Terms},
};

/// A field of an answer that decides about billing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Does a coverage hold? `valid`, or the code of the refusal.
    Validity,
    /// 保険者番号.
    Insurer,
    /// 記号.
    Symbol,
    /// 番号.
    Number,
    /// 枝番.
    Branch,
    /// 負担割合, in tenths.
    Copay,
    /// 限度額区分.
    Ceiling,
    /// 特定疾病療養受療証: which, and what is paid in a month at most.
    Diseases,
}

/// The value of [`Field::Validity`] when a coverage holds.
pub const VALID: &str = "valid";

impl Field {
    /// Every field.
    pub const ALL: [Self; 8] = [
        Self::Validity,
        Self::Insurer,
        Self::Symbol,
        Self::Number,
        Self::Branch,
        Self::Copay,
        Self::Ceiling,
        Self::Diseases,
    ];

    /// The word on the wire and at rest.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Validity => "validity",
            Self::Insurer => "insurer_number",
            Self::Symbol => "symbol",
            Self::Number => "number",
            Self::Branch => "branch",
            Self::Copay => "copay_tenths",
            Self::Ceiling => "ceiling_class",
            Self::Diseases => "diseases",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }
}

/// What was shown; a field that was empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown(BTreeMap<Field, String>);

/// A field that is not as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub field: Field,
    /// What was shown; empty for nothing.
    pub was: String,
    /// What holds; empty for nothing.
    pub is: String,
}

impl Shown {
    /// What a judgement shows of somebody born on `birth`, as it is on `on`.
    #[must_use]
    pub fn of(judged: Result<&Coverage, &'static Entry>, birth: JstDate, on: JstDate) -> Self {
        let coverage = match judged {
            Ok(coverage) => coverage,
            Err(entry) => {
                return Self(BTreeMap::from([(Field::Validity, entry.code.to_owned())]));
            }
        };
        let terms = Terms::on(coverage, birth, on);
        let diseases: Vec<String> = terms::diseases_on(coverage, on)
            .map(|d| format!("{}:{}", d.kind.code(), d.self_pay.get()))
            .collect();
        let fields = [
            (Field::Validity, VALID.to_owned()),
            (Field::Insurer, coverage.insurer_number.as_str().to_owned()),
            (Field::Symbol, terms.symbol),
            (Field::Number, terms.person_number),
            (Field::Branch, terms.branch.unwrap_or_default()),
            (Field::Copay, terms.copay.get().to_string()),
            (
                Field::Ceiling,
                terms.class.map_or("", |class| class.code()).to_owned(),
            ),
            (Field::Diseases, diseases.join(" ")),
        ];
        let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
        Self(filled.collect())
    }

    /// From words and values; words that nobody knows here are of a newer program and left out.
    #[must_use]
    pub fn read(fields: &BTreeMap<String, String>) -> Self {
        let known = fields
            .iter()
            .filter_map(|(word, value)| Some((Field::parse(word)?, value.clone())));
        Self(known.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// As words and values.
    #[must_use]
    pub fn write(&self) -> BTreeMap<String, String> {
        let pairs = self.0.iter();
        pairs
            .map(|(field, value)| (field.word().to_owned(), value.clone()))
            .collect()
    }

    /// A field's value; empty when there is none.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }

    /// Did a coverage hold?
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.get(Field::Validity) == VALID
    }

    /// In what `now` differs from this; of an answer that no longer holds, that alone.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let all = Field::ALL.into_iter().filter_map(|field| {
            let (was, is) = (self.get(field), now.get(field));
            (was != is).then(|| Difference {
                field,
                was: was.to_owned(),
                is: is.to_owned(),
            })
        });
        if self.is_valid() == now.is_valid() {
            all.collect()
        } else {
            all.take(1).collect()
        }
    }
}
