//! Consent (同意): by category, for one facility, for 24 hours; withdrawal at any time.
//!
//! The ledger is append-only: a new choice is a new row, a withdrawal marks when. For one
//! category the newest row decides, so that a withdrawal or a narrower later choice counts.
//!
//! Source: identity-security CONS-01; eligibility-eprescription section e (24 hours).

use kernel::{
    id::{ConsentId, FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError};

use crate::{errors, store::consent as table};

/// How long a visit's choice lasts.
pub const HOURS: i64 = 24;

/// What a person can agree to show (共有情報の区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// 傷病名.
    Conditions,
    /// アレルギー(薬剤以外).
    Allergies,
    /// 薬剤禁忌・薬剤アレルギー.
    Contraindications,
    /// 検査.
    Laboratory,
    /// 感染症.
    Infections,
}

impl Category {
    /// Every category, in the order in which a doctor wants them.
    pub const ALL: [Self; 5] = [
        Self::Allergies,
        Self::Contraindications,
        Self::Conditions,
        Self::Infections,
        Self::Laboratory,
    ];

    /// The word in API and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conditions => "conditions",
            Self::Allergies => "allergies",
            Self::Contraindications => "contraindications",
            Self::Laboratory => "laboratory",
            Self::Infections => "infections",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Conditions => "傷病名",
            Self::Allergies => "アレルギー",
            Self::Contraindications => "薬剤禁忌",
            Self::Laboratory => "検査結果",
            Self::Infections => "感染症",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Conditions => "Conditions",
            Self::Allergies => "Allergies",
            Self::Contraindications => "Drug contraindications",
            Self::Laboratory => "Laboratory results",
            Self::Infections => "Infections",
        }
    }

    /// What it covers, for the person who chooses.
    #[must_use]
    pub const fn explanation_ja(self) -> &'static str {
        match self {
            Self::Conditions => "これまでに診断された病気やけがの名前",
            Self::Allergies => "食べ物や花粉などのアレルギー",
            Self::Contraindications => "使うと危険のあるお薬、お薬のアレルギー",
            Self::Laboratory => "血液検査や尿検査などの結果",
            Self::Infections => "肝炎ウイルスなどの感染症の検査結果",
        }
    }
}

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Identifier, the same for all categories of one choice.
    pub id: ConsentId,
    /// For which facility.
    pub facility: FacilityId,
    /// Of which category.
    pub category: Category,
    /// When it was given.
    pub given_at: Timestamp,
    /// First instant at which it no longer holds.
    pub expires_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// How the person proved to be there: `card`.
    pub method: String,
}

/// What the ledger says about one category for one facility at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be shown, until then.
    Given {
        /// First instant at which it may no longer be shown.
        until: Timestamp,
        /// Which consent.
        id: ConsentId,
    },
    /// Nobody ever agreed.
    Never,
    /// It ran out.
    Expired,
    /// The person took it back.
    Withdrawn,
}

/// The standing of a category: its newest row decides.
///
/// What the ledger calls withdrawn is withdrawn, even when the clock says that it will be: the
/// withdrawal may have been asked for after this call was and have come before it, and the
/// clock may have been set back.
#[must_use]
pub fn standing(
    ledger: &[Consent],
    facility: FacilityId,
    category: Category,
    at: Timestamp,
) -> Standing {
    let newest = ledger
        .iter()
        .filter(|c| c.facility == facility && c.category == category && c.given_at <= at)
        .max_by_key(|c| c.given_at);
    match newest {
        None => Standing::Never,
        Some(c) if c.withdrawn_at.is_some() => Standing::Withdrawn,
        Some(c) if c.expires_at <= at => Standing::Expired,
        Some(c) => Standing::Given {
            until: c.expires_at,
            id: c.id,
        },
    }
}

/// The categories that `facility` may see, or why it may see none.
///
/// # Errors
/// [`errors::CONSENT_NONE`], [`errors::CONSENT_EXPIRED`] or [`errors::CONSENT_WITHDRAWN`];
/// where categories differ, a withdrawal is named before an expiry, and that before "never".
pub fn granted(
    ledger: &[Consent],
    facility: FacilityId,
    at: Timestamp,
) -> Result<Vec<(Category, Timestamp)>, &'static kernel::Entry> {
    let standings = Category::ALL.map(|c| (c, standing(ledger, facility, c, at)));
    let open: Vec<_> = standings
        .iter()
        .filter_map(|(category, standing)| match standing {
            Standing::Given { until, .. } => Some((*category, *until)),
            _ => None,
        })
        .collect();
    if !open.is_empty() {
        return Ok(open);
    }
    let any = |wanted: Standing| standings.iter().any(|(_, s)| *s == wanted);
    Err(if any(Standing::Withdrawn) {
        &errors::CONSENT_WITHDRAWN
    } else if any(Standing::Expired) {
        &errors::CONSENT_EXPIRED
    } else {
        &errors::CONSENT_NONE
    })
}

/// Records a person's choice: the named categories are open to the facility for 24 hours,
/// and those of an earlier choice that are not named any more are withdrawn.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn give(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
    categories: &[Category],
    method: &str,
) -> Result<ConsentId, Stop> {
    call.lock(person)?;
    let id = ConsentId::random(call.rng());
    let expires_at = call.at().plus_hours(HOURS);
    let ledger = table::consents(call, person)?;
    for category in Category::ALL {
        let is_open = matches!(
            standing(&ledger, facility, category, call.at()),
            Standing::Given { .. }
        );
        if categories.contains(&category) {
            table::put_consent(
                call,
                person,
                &Consent {
                    id,
                    facility,
                    category,
                    given_at: call.at(),
                    expires_at,
                    withdrawn_at: None,
                    method: method.to_owned(),
                },
            )?;
        } else if is_open {
            table::withdraw(call, person, facility, category, "choice")?;
        }
    }
    let words: Vec<&str> = categories.iter().map(|c| c.word()).collect();
    call.detail("categories", words.join(" "));
    call.detail("consent", id.to_hex());
    Ok(id)
}

/// The person takes back every open consent for a facility; how many there were.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn withdraw(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<usize, Stop> {
    call.lock(person)?;
    let mut count = 0;
    for category in Category::ALL {
        count += table::withdraw(call, person, facility, category, "patient")?;
    }
    call.detail("withdrawn", count.to_string());
    Ok(count)
}

/// Has the person taken back a consent for `facility` at or after `since`? Then what they
/// showed before no longer speaks for them: only a newer use of the card opens it again.
///
/// # Errors
/// [`StoreError`].
pub fn is_taken_back(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    table::taken_back(call, person, facility, since)
}

/// The ledger of an opened person, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn ledger(call: &Call<'_>, person: PersonId) -> Result<Vec<Consent>, StoreError> {
    table::consents(call, person)
}
