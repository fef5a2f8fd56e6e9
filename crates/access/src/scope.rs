//! OAuth scopes: what an access token narrows its holder to. They never widen a role.
//!
//! Clinical scopes have the form of SMART 2: `system/Bundle.cu`, `patient/*.rs`. Search
//! parameters behind a scope, and the words of SMART 1 (`.read`), are not understood and
//! therefore refused.
//!
//! Source: identity-security OA-05; SMART App Launch 2.2, scopes and launch context.

use std::fmt;

use kernel::Entry;
use store::caller::Caller;

use crate::{errors, policy::Permission};

/// Most scopes in one list.
pub const COUNT_MAX: usize = 32;
/// The letters of SMART's rights, in their only order.
const RIGHTS: &str = "cruds";

/// On whose behalf a clinical scope speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A program on its own.
    System,
    /// A person about themself, or about one patient.
    Patient,
    /// Whatever the user may see.
    User,
}

impl Level {
    const ALL: [Self; 3] = [Self::System, Self::Patient, Self::User];

    const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Patient => "patient",
            Self::User => "user",
        }
    }
}

/// A scope without a kind of information behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plain {
    /// Started from a record system.
    Launch,
    /// Which patient it is about is told with the token.
    LaunchPatient,
    /// An ID token.
    OpenId,
    /// With the user's address in it.
    FhirUser,
    /// To renew its token for as long as the user stays logged in.
    OnlineAccess,
    /// Verify eligibility.
    Eligibility,
    /// Record consent.
    Consent,
    /// Load coverage, subsidies and tickets: for insurers' and towns' systems.
    Register,
    /// Ask whether a token holds: for other nodes of tasuki.
    Introspect,
}

impl Plain {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Launch,
        Self::LaunchPatient,
        Self::OpenId,
        Self::FhirUser,
        Self::OnlineAccess,
        Self::Eligibility,
        Self::Consent,
        Self::Register,
        Self::Introspect,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::LaunchPatient => "launch/patient",
            Self::OpenId => "openid",
            Self::FhirUser => "fhirUser",
            Self::OnlineAccess => "online_access",
            Self::Eligibility => "tasuki/eligibility",
            Self::Consent => "tasuki/consent",
            Self::Register => "tasuki/register",
            Self::Introspect => "tasuki/introspect",
        }
    }
}

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Rights to a kind of resource.
    Clinical {
        /// On whose behalf.
        level: Level,
        /// The resource, or `*` for every one.
        resource: String,
        /// Letters of `cruds`, in that order, at least one.
        rights: String,
    },
    /// Any other.
    Plain(Plain),
}

impl Scope {
    /// From its text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(plain) = Plain::ALL.into_iter().find(|plain| plain.word() == text) {
            return Some(Self::Plain(plain));
        }
        let (level, rest) = text.split_once('/')?;
        let level = Level::ALL.into_iter().find(|one| one.word() == level)?;
        let (resource, rights) = rest.split_once('.')?;
        let is_resource = resource == "*"
            || (resource.len() <= 64
                && resource.starts_with(|c: char| c.is_ascii_uppercase())
                && resource.chars().all(|c| c.is_ascii_alphabetic()));
        (is_resource && are_rights(rights)).then(|| Self::Clinical {
            level,
            resource: resource.to_owned(),
            rights: rights.to_owned(),
        })
    }

    /// Does whoever holds this scope hold `other` too?
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Clinical {
                    level,
                    resource,
                    rights,
                },
                Self::Clinical {
                    level: asked_level,
                    resource: asked,
                    rights: asked_rights,
                },
            ) => {
                level == asked_level
                    && (resource == "*" || resource == asked)
                    && asked_rights.chars().all(|right| rights.contains(right))
            }
            (mine, other) => mine == other,
        }
    }

    /// May a program have it that nobody stands behind (client credentials)?
    #[must_use]
    pub const fn fits_system(&self) -> bool {
        matches!(
            self,
            Self::Clinical {
                level: Level::System,
                ..
            } | Self::Plain(
                Plain::Eligibility | Plain::Consent | Plain::Register | Plain::Introspect
            )
        )
    }

    /// May a member of staff hand it on?
    #[must_use]
    pub const fn fits_staff(&self) -> bool {
        matches!(
            self,
            Self::Clinical {
                level: Level::User,
                ..
            } | Self::Plain(
                Plain::Launch
                    | Plain::OpenId
                    | Plain::FhirUser
                    | Plain::OnlineAccess
                    | Plain::Eligibility
                    | Plain::Consent
            )
        )
    }

    /// May a patient hand it on?
    #[must_use]
    pub const fn fits_patient(&self) -> bool {
        matches!(
            self,
            Self::Clinical {
                level: Level::Patient,
                ..
            } | Self::Plain(
                Plain::LaunchPatient | Plain::OpenId | Plain::FhirUser | Plain::OnlineAccess
            )
        )
    }
}

/// Letters of `cruds` in that order, none twice, at least one.
fn are_rights(rights: &str) -> bool {
    let mut left = RIGHTS.chars();
    !rights.is_empty() && rights.chars().all(|right| left.any(|one| one == right))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clinical {
                level,
                resource,
                rights,
            } => write!(f, "{}/{resource}.{rights}", level.word()),
            Self::Plain(plain) => f.write_str(plain.word()),
        }
    }
}

/// A list of scopes, without doubles, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// From a list with a space between; `None` when one of them is not known, or there are
    /// more than [`COUNT_MAX`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut list: Vec<Scope> = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let scope = Scope::parse(word)?;
            if !list.contains(&scope) {
                list.push(scope);
            }
            if list.len() > COUNT_MAX {
                return None;
            }
        }
        Some(Self(list))
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Is there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does one of them hold `scope`?
    #[must_use]
    pub fn hold(&self, scope: &Scope) -> bool {
        self.0.iter().any(|mine| mine.holds(scope))
    }

    /// Does each of `asked` lie within these?
    #[must_use]
    pub fn contain(&self, asked: &Self) -> bool {
        asked.0.iter().all(|scope| self.hold(scope))
    }

    /// Is this one among them?
    #[must_use]
    pub fn has(&self, plain: Plain) -> bool {
        self.0.contains(&Scope::Plain(plain))
    }

    /// Those that fit.
    #[must_use]
    pub fn only(&self, fits: impl Fn(&Scope) -> bool) -> Self {
        Self(self.0.iter().filter(|scope| fits(scope)).cloned().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

/// The scopes of the own facility's records, as documents write them: any resource will do.
const RECORDS: &[&str] = &["system/*.cruds", "user/*.cruds"];

/// Of which scopes a route asks at least one; `None` when no scope matters, an empty list when
/// no token of this kind may come in.
#[must_use]
pub const fn needs(permission: Permission) -> Option<&'static [&'static str]> {
    match permission {
        Permission::Public | Permission::Ask => None,
        Permission::CheckEligibility | Permission::FindByAttributes => {
            Some(&["tasuki/eligibility"])
        }
        Permission::RecordConsent => Some(&["tasuki/consent"]),
        Permission::SeeIntake | Permission::Intake => Some(&["tasuki/register"]),
        Permission::ViewShared => Some(&["user/*.rs"]),
        // Which of them an operation needs it says itself, by `require`.
        Permission::RegisterRecords | Permission::ValidateRecords | Permission::SendDocuments => {
            Some(&[
                "system/Bundle.c",
                "system/Bundle.r",
                "system/Bundle.u",
                "system/Bundle.d",
            ])
        }
        // What it publishes it must be allowed to read as well: the operation asks for that.
        Permission::PublishRecords => Some(&["system/Bundle.c"]),
        Permission::ReadDocuments => Some(&["system/Bundle.r"]),
        Permission::SeeCheckups => Some(&["tasuki/register"]),
        // Any right to any kind of resource opens the door; each operation asks for its own.
        Permission::SeeRecords | Permission::KeepRecords | Permission::ExportRecords => {
            Some(RECORDS)
        }
        Permission::OwnData => Some(&["patient/*.rs"]),
        // A program never acts in a person's stead where only the person or an administrator
        // decides.
        _ => Some(&[]),
    }
}

/// Refuses a caller whose token gives no right of this letter (of `cruds`) to a kind of
/// resource: a program by itself needs `system/`, a user's program `user/`. Who came without a
/// token is not narrowed.
///
/// # Errors
/// [`errors::SCOPE_MISSING`].
pub fn require_resource(
    caller: &Caller,
    resource: &str,
    right: char,
) -> Result<(), &'static Entry> {
    let Some(held) = caller.scopes.as_deref() else {
        return Ok(());
    };
    let wanted = if caller.role() == store::caller::Role::System {
        Level::System
    } else {
        Level::User
    };
    let gives = |scope: &Scope| match scope {
        Scope::Clinical {
            level,
            resource: kind,
            rights,
        } => *level == wanted && (kind == "*" || kind == resource) && rights.contains(right),
        Scope::Plain(_) => false,
    };
    if Scopes::parse(held).is_some_and(|held| held.iter().any(gives)) {
        Ok(())
    } else {
        Err(&errors::SCOPE_MISSING)
    }
}

/// Do these scopes (a space between) cover what a route asks?
#[must_use]
pub fn covers(scopes: &str, permission: Permission) -> bool {
    let Some(needed) = needs(permission) else {
        return true;
    };
    let Some(held) = Scopes::parse(scopes) else {
        return false;
    };
    if matches!(
        permission,
        Permission::SeeRecords | Permission::KeepRecords | Permission::ExportRecords
    ) {
        let is_clinical = |scope: &Scope| match scope {
            Scope::Clinical { level, .. } => matches!(level, Level::System | Level::User),
            Scope::Plain(_) => false,
        };
        return held.iter().any(is_clinical);
    }
    needed
        .iter()
        .filter_map(|scope| Scope::parse(scope))
        .any(|scope| held.hold(&scope))
}

/// Refuses a caller whose token does not hold `scope`; who came without a token is not
/// narrowed.
///
/// # Errors
/// [`errors::SCOPE_MISSING`].
pub fn require(caller: &Caller, scope: &str) -> Result<(), &'static Entry> {
    let Some(held) = caller.scopes.as_deref() else {
        return Ok(());
    };
    let holds = Scopes::parse(held)
        .zip(Scope::parse(scope))
        .is_some_and(|(held, scope)| held.hold(&scope));
    if holds {
        Ok(())
    } else {
        Err(&errors::SCOPE_MISSING)
    }
}
