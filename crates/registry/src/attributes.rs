//! Finding a person by what they say of themselves: name, date of birth, sex, home.
//!
//! Only for a disaster, when card and number are lost. A person has at most three entries in
//! the directory, each a keyed HMAC: family name's kana with birth, birth and sex with the
//! municipality, birth and sex with the post code. The date of birth is in each of them: without
//! it nobody is found. The entries narrow down without opening anybody; only the few that are
//! left are opened and graded.
//!
//! Source: peers A4 (graded candidates with reasons, kana and 外字 safe; none has it), F51.

use std::collections::BTreeSet;

use kernel::{id::PersonId, time::JstDate};
use store::{Call, StoreError};

use crate::{
    model::{Profile, Sex},
    names::{self, Likeness},
    store::identity::{self as table, AttributeHint, KEY_LEN, TAG_LEN},
};

/// Most people who are opened to be graded.
pub const OPENED_MAX: usize = 6;
/// Most candidates that are shown.
pub const SHOWN_MAX: usize = 3;
/// Entries of one key that are looked at: in a large city so many share a birthday and a sex.
const HINTS_MAX: i64 = 400;
/// The edition of [`names`] under which keys are made. Whoever changes a folding or the table of
/// variants raises it, and every person is entered anew.
const EDITION: &str = "1";

/// What is said of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Attributes {
    /// Kana of the family name; may be empty.
    pub family_kana: String,
    /// Kana of the given name; may be empty.
    pub given_kana: String,
    /// The name as it is written; may be empty.
    pub name: String,
    /// Date of birth.
    pub birth: JstDate,
    /// Sex, when it was said.
    pub sex: Option<Sex>,
    /// Seven digits; may be empty.
    pub post_code: String,
    /// Address, at least the municipality; may be empty.
    pub address: String,
}

impl Attributes {
    /// Family and given name, one space between.
    #[must_use]
    pub fn kana(&self) -> String {
        format!("{} {}", self.family_kana.trim(), self.given_kana.trim())
    }

    fn has_kana(&self) -> bool {
        !names::kana_key(&self.given_kana).is_empty() && !self.family_key().is_empty()
    }

    fn has_name(&self) -> bool {
        !names::kanji_key(&self.name).is_empty()
    }

    fn has_place(&self) -> bool {
        post_key(&self.post_code).is_some() || names::municipality(&self.address).is_some()
    }

    fn family_key(&self) -> String {
        names::kana_key(&self.family_kana)
    }

    /// How many of the four are given: name (either form), birth, sex, home.
    #[must_use]
    pub fn count(&self) -> usize {
        let given = [
            self.has_kana() || self.has_name(),
            self.sex.is_some(),
            self.has_place(),
        ];
        given
            .into_iter()
            .filter(|one| *one)
            .count()
            .saturating_add(1)
    }

    /// Can anybody be found by them? A name, and with it the kana or sex and home.
    #[must_use]
    pub fn lead_to_somebody(&self) -> bool {
        self.has_kana() || (self.has_name() && self.sex.is_some() && self.has_place())
    }
}

/// How sure a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 一致: every one of the four agrees.
    Exact,
    /// ほぼ一致: what was said agrees, and something was not said, cannot be read, or is the home.
    Likely,
    /// 可能性あり: one character of the name differs, or the family name alone.
    Possible,
}

impl Grade {
    const ALL: [Self; 3] = [Self::Exact, Self::Likely, Self::Possible];

    /// A, B or C.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "A",
            Self::Likely => "B",
            Self::Possible => "C",
        }
    }

    /// From its code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Exact => "一致",
            Self::Likely => "ほぼ一致",
            Self::Possible => "可能性あり",
        }
    }
}

/// How a name agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameAgreement {
    /// All of it.
    Same,
    /// All that can be read.
    Readable,
    /// But for one character.
    OneOff,
    /// The given name alone: the family name is another.
    GivenOnly,
}

/// How one candidate agrees with what was said; the date of birth always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Name.
    pub name: NameAgreement,
    /// Is it the kana that was compared, or the name as it is written?
    pub by_kana: bool,
    /// Sex: `None` when one of the two does not say.
    pub sex: Option<bool>,
    /// Municipality or post code: `None` when it was not said.
    pub home: Option<bool>,
}

impl Agreement {
    /// The grade; `None` when this is no candidate.
    #[must_use]
    pub const fn grade(self) -> Option<Grade> {
        match (self.name, self.sex, self.home) {
            (_, Some(false), _) => None,
            (NameAgreement::Same, Some(true), Some(true)) => Some(Grade::Exact),
            (NameAgreement::Same | NameAgreement::Readable, Some(true), _)
            | (NameAgreement::Same, None, Some(true)) => Some(Grade::Likely),
            (NameAgreement::OneOff, Some(true), home) if !matches!(home, Some(false)) => {
                Some(Grade::Possible)
            }
            (NameAgreement::GivenOnly, Some(true), Some(true)) => Some(Grade::Possible),
            _ => None,
        }
    }

    /// What agrees and what does not, in a line: `生年月日・性別が一致、カナが1文字違い`.
    #[must_use]
    pub fn ja(self) -> String {
        let mut same = vec!["生年月日"];
        let mut rest: Vec<String> = Vec::new();
        if self.sex == Some(true) {
            same.push("性別");
        }
        if self.home == Some(true) {
            same.push("住所");
        }
        let word = if self.by_kana {
            "カナ"
        } else {
            "漢字氏名"
        };
        match self.name {
            NameAgreement::Same => same.push(word),
            NameAgreement::Readable => rest.push(format!("{word}は読める文字が一致")),
            NameAgreement::OneOff => rest.push(format!("{word}が1文字違い")),
            NameAgreement::GivenOnly => rest.push("名だけ一致(姓が違う)".to_owned()),
        }
        if self.home == Some(false) {
            rest.push("住所が違う".to_owned());
        }
        let agrees = format!("{}が一致", same.join("・"));
        std::iter::once(agrees)
            .chain(rest)
            .collect::<Vec<_>>()
            .join("、")
    }

    /// The same in English.
    #[must_use]
    pub fn en(self) -> String {
        let mut parts = vec!["birth agrees"];
        parts.push(match (self.name, self.by_kana) {
            (NameAgreement::Same, true) => "kana agrees",
            (NameAgreement::Same, false) => "written name agrees",
            (NameAgreement::Readable, _) => "name agrees as far as it can be read",
            (NameAgreement::OneOff, true) => "kana differs in one character",
            (NameAgreement::OneOff, false) => "written name differs in one character",
            (NameAgreement::GivenOnly, _) => "given name agrees, family name does not",
        });
        if self.sex == Some(true) {
            parts.push("sex agrees");
        }
        match self.home {
            Some(true) => parts.push("home agrees"),
            Some(false) => parts.push("home differs"),
            None => {}
        }
        parts.join(", ")
    }
}

/// Compares what was said with a person's profile; `None` when the names have nothing to do
/// with each other or the birth is another.
#[must_use]
pub fn agreement(said: &Attributes, profile: &Profile) -> Option<Agreement> {
    if said.birth != profile.birth {
        return None;
    }
    let (name, by_kana) = name_agreement(said, profile)?;
    let known = |sex: Sex| (sex != Sex::Unknown).then_some(sex);
    let sexes = [Some(profile.sex), profile.shown_sex];
    let sex = said.sex.and_then(known).and_then(|said| {
        known(profile.sex)?;
        Some(sexes.contains(&Some(said)))
    });
    let home = said.has_place().then(|| {
        let town = names::municipality(&said.address);
        let post = post_key(&said.post_code);
        (town.is_some() && town == names::municipality(&profile.address))
            || (post.is_some() && post == post_key(&profile.post_code))
    });
    Some(Agreement {
        name,
        by_kana,
        sex,
        home,
    })
}

fn name_agreement(said: &Attributes, profile: &Profile) -> Option<(NameAgreement, bool)> {
    if said.has_kana() {
        let stored = names::kana_key(&profile.kana);
        let agreement = match names::compare(&names::kana_key(&said.kana()), &stored) {
            Likeness::Same => Some(NameAgreement::Same),
            Likeness::Unreadable => Some(NameAgreement::Readable),
            Likeness::OneOff => Some(NameAgreement::OneOff),
            Likeness::Different => {
                let given = names::kana_key(&said.given_kana);
                let (_, stored) = kana_parts(&profile.kana);
                (!stored.is_empty() && given == stored).then_some(NameAgreement::GivenOnly)
            }
        };
        if agreement.is_some() {
            return agreement.map(|one| (one, true));
        }
    }
    let written =
        |name: &str| names::compare(&names::kanji_key(&said.name), &names::kanji_key(name));
    let other = profile
        .other_name
        .as_deref()
        .map_or(Likeness::Different, written);
    match written(&profile.name).max(other) {
        Likeness::Same => Some((NameAgreement::Same, false)),
        Likeness::Unreadable => Some((NameAgreement::Readable, false)),
        Likeness::OneOff => Some((NameAgreement::OneOff, false)),
        Likeness::Different => None,
    }
}

/// Keys of the family's and the given name's kana.
fn kana_parts(kana: &str) -> (String, String) {
    let kana = kana.trim();
    let (family, given) = kana.split_once([' ', '\u{3000}']).unwrap_or((kana, ""));
    (names::kana_key(family), names::kana_key(given))
}

/// The digits of a post code, when there are seven.
fn post_key(post_code: &str) -> Option<String> {
    let digits: String = kernel::code::half_width(post_code)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (digits.len() == 7).then_some(digits)
}

/// The keys of the directory for what is said; at most three.
struct Keys {
    by_name: Option<[u8; KEY_LEN]>,
    by_town: Option<[u8; KEY_LEN]>,
    by_post: Option<[u8; KEY_LEN]>,
    name_tag: [u8; TAG_LEN],
}

impl Keys {
    fn of_profile(call: &Call<'_>, profile: &Profile) -> Self {
        let (family, _) = kana_parts(&profile.kana);
        Self::new(
            call,
            (&family, &names::kana_key(&profile.kana)),
            (profile.birth, profile.sex),
            (&profile.post_code, &profile.address),
        )
    }

    fn new(
        call: &Call<'_>,
        (family, kana): (&str, &str),
        (birth, sex): (JstDate, Sex),
        (post_code, address): (&str, &str),
    ) -> Self {
        let birth = birth.to_string();
        let key =
            |kind: &str, value: &str| head(call, "attribute", &[EDITION, kind, &birth, value]);
        let home = |kind: &str, value: Option<String>| {
            value.map(|value| key(kind, &format!("{} {value}", sex.code())))
        };
        Self {
            by_name: (!family.is_empty()).then(|| key("name", family)),
            by_town: home("town", names::municipality(address)),
            by_post: home("post", post_key(post_code)),
            name_tag: head(call, "attribute-name", &[EDITION, sex.code(), kana]),
        }
    }

    fn all(&self) -> impl Iterator<Item = &[u8; KEY_LEN]> {
        [&self.by_name, &self.by_town, &self.by_post]
            .into_iter()
            .flatten()
    }
}

fn head<const N: usize>(call: &Call<'_>, kind: &str, parts: &[&str]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(call.directory_key(kind, parts)) {
        *to = from;
    }
    out
}

/// Enters a person; in the transaction that writes the profile.
pub(crate) fn enter(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
) -> Result<(), StoreError> {
    let keys = Keys::of_profile(call, profile);
    for key in keys.all() {
        table::put_attribute(call, key, person, &keys.name_tag)?;
    }
    Ok(())
}

/// Takes out what [`enter`] entered for this profile.
pub(crate) fn leave(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
) -> Result<(), StoreError> {
    for key in Keys::of_profile(call, profile).all() {
        table::drop_attribute(call, key, person)?;
    }
    Ok(())
}

/// Who may be meant, as far as the directory tells without opening anybody: at most
/// [`OPENED_MAX`]. `None` when nobody or too many fit: who asks hears the same for both.
///
/// # Errors
/// [`StoreError`].
pub fn narrow(call: &Call<'_>, said: &Attributes) -> Result<Option<Vec<PersonId>>, StoreError> {
    let full = names::kana_key(&said.kana());
    let family = if said.has_kana() {
        said.family_key()
    } else {
        String::new()
    };
    let home = (said.post_code.as_str(), said.address.as_str());
    let one = said.sex.map(|sex| vec![sex]);
    let mut hints = Hints::default();
    for sex in one.unwrap_or_else(|| vec![Sex::Male, Sex::Female, Sex::Unknown]) {
        let keys = Keys::new(call, (&family, &full), (said.birth, sex), home);
        let named = look(call, keys.by_name.as_ref())?;
        let mut at_home = look(call, keys.by_town.as_ref())?;
        at_home.extend(look(call, keys.by_post.as_ref())?);
        hints.add(&keys.name_tag, &named, &at_home);
    }
    Ok(hints.chosen())
}

/// Is anybody there with the same kana, date of birth and sex? Nobody is opened, and nobody
/// named: for whoever is about to make a new person and must not guess who they are.
///
/// # Errors
/// [`StoreError`].
pub fn has_twin(call: &Call<'_>, profile: &Profile) -> Result<bool, StoreError> {
    let keys = Keys::of_profile(call, profile);
    let named = look(call, keys.by_name.as_ref())?;
    Ok(named.iter().any(|hint| hint.name_tag == keys.name_tag))
}

fn look(call: &Call<'_>, key: Option<&[u8; KEY_LEN]>) -> Result<Vec<AttributeHint>, StoreError> {
    key.map_or(Ok(Vec::new()), |key| {
        table::by_attribute(call, key, HINTS_MAX)
    })
}

/// Who was found on which way.
#[derive(Default)]
struct Hints {
    /// The whole name fits.
    whole: BTreeSet<PersonId>,
    /// The family name fits.
    family: BTreeSet<PersonId>,
    /// The home fits.
    home: BTreeSet<PersonId>,
}

impl Hints {
    fn add(&mut self, tag: &[u8; TAG_LEN], named: &[AttributeHint], at_home: &[AttributeHint]) {
        let is_whole = |hint: &&AttributeHint| hint.name_tag.as_slice() == tag;
        let whole = named.iter().chain(at_home).filter(is_whole);
        self.whole.extend(whole.map(|hint| hint.person));
        self.family.extend(named.iter().map(|hint| hint.person));
        self.home.extend(at_home.iter().map(|hint| hint.person));
    }

    /// Those of whom name and home fit, if there are any: then nobody else is opened. Else as
    /// many as may be opened, those first who fit best.
    fn chosen(self) -> Option<Vec<PersonId>> {
        let certain: Vec<PersonId> = self.whole.intersection(&self.home).copied().collect();
        if (1..=SHOWN_MAX).contains(&certain.len()) {
            return Some(certain);
        }
        let both = self.family.intersection(&self.home).copied().collect();
        let mut chosen = BTreeSet::new();
        for step in [both, self.whole, self.home, self.family] {
            let more: BTreeSet<PersonId> = chosen.union(&step).copied().collect();
            if more.len() <= OPENED_MAX {
                chosen = more;
            }
        }
        (!chosen.is_empty()).then(|| chosen.into_iter().collect())
    }
}

/// The candidates that may be shown: the best grade, with lower ones as far as all fit into
/// [`SHOWN_MAX`]. `None` when there are none or too many.
#[must_use]
pub fn shown<T>(mut graded: Vec<(Grade, T)>) -> Option<Vec<(Grade, T)>> {
    graded.sort_by_key(|(grade, _)| *grade);
    let best = graded.first().map(|(grade, _)| *grade)?;
    for worst in Grade::ALL.into_iter().rev() {
        let fitting = graded.iter().filter(|(grade, _)| *grade <= worst).count();
        if worst >= best && fitting <= SHOWN_MAX {
            graded.truncate(fitting);
            return Some(graded);
        }
    }
    None
}

#[cfg(test)]
mod tests;
