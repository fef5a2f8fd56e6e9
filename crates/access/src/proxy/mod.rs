//! Proxies (代理人): who may act for a person, since when and until when, and with what.
//!
//! A relation stands under the person's own id; its twin under the proxy's id tells the
//! proxy for whom they may act. What counts is the person's side, and it is read inside each
//! operation that a proxy asks for ([`guard`]): a relation that has ended stops the next
//! request, whatever any session remembers. Whoever acts is opened beside the person, so that
//! both histories have it.
//!
//! Source: identity-security section 3.3 (relation records with scope and expiry, every view
//! in the access history); 民法 第4条 (成年は18歳), 第818条・第824条 (親権), 第859条 (後見人).

mod ops;
mod rules;
mod scope;

use kernel::{
    id::{PersonId, RelationId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

pub use ops::{
    Registration, act, cancel_invitations, charges, end, end_by_operator, invite, leave, may,
    open_invitations, redeem, register, relations, require,
};
pub(crate) use ops::{actor, covers, guard, sweep};
pub use rules::{adult_from, is_in_force, may_end, objection};
pub use scope::Scope;

/// Most relations shown of one person, and most that may be in force.
pub const RELATIONS_MAX: i64 = 10;
/// Most invitations that may be open.
pub const INVITATIONS_MAX: i64 = 10;
/// Days for which an invitation can be redeemed.
pub const INVITATION_DAYS: i64 = 7;
/// Most days for which a named family member or a guardian acts before it is renewed.
pub const DAYS_MAX: i64 = 366;
/// From this age on a person names and ends proxies themself.
///
/// Source: 公的個人認証: below 15 the legal representative sets the PIN of the card.
pub const NAMING_AGE: i16 = 15;
/// From this age on a person is of age (成年), and may be a proxy.
pub const ADULT_AGE: i16 = 18;

/// By what right somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 親権者, until the child is of age.
    Parent,
    /// 里親・施設長・未成年後見人, until the child is of age.
    Foster,
    /// 成年後見人, by the register's certificate.
    Guardian,
    /// 家族など, named by the person.
    Family,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Parent, Self::Foster, Self::Guardian, Self::Family];

    /// The word in tables and commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Foster => "foster",
            Self::Guardian => "guardian",
            Self::Family => "family",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// For people.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Parent => "親権者",
            Self::Foster => "里親・未成年後見人など",
            Self::Guardian => "成年後見人",
            Self::Family => "ご本人が指名した方",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Foster => "foster parent or guardian of a minor",
            Self::Guardian => "guardian of an adult",
            Self::Family => "named by the person",
        }
    }
}

/// Who ended a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The person.
    Subject,
    /// The proxy, who laid it down.
    Proxy,
    /// An operator, by documents.
    Operator,
}

impl End {
    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Proxy => "proxy",
            Self::Operator => "operator",
        }
    }

    /// From the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Subject, Self::Proxy, Self::Operator]
            .into_iter()
            .find(|end| end.word() == word)
    }
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Identifier, the same on both sides.
    pub id: RelationId,
    /// For whom.
    pub subject: PersonId,
    /// Who acts.
    pub proxy: PersonId,
    /// By what right.
    pub kind: Kind,
    /// With what.
    pub scope: Scope,
    /// First instant.
    pub from: Timestamp,
    /// First instant at which it no longer holds.
    pub until: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// By whom.
    pub ended_by: Option<End>,
}

/// What is sealed of a relation: names and words.
#[derive(Clone, Deserialize, Serialize)]
pub struct Remark {
    /// The other one's name when it was registered: the proxy's on the person's side, the
    /// person's on the proxy's.
    pub name: String,
    /// What was shown for it.
    pub evidence: String,
    /// Who registered it.
    pub by: String,
}

/// An invitation as stored; its code is known by a keyed hash only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Who invites.
    pub subject: PersonId,
    /// With what scope.
    pub scope: Scope,
    /// For how many days after it is redeemed.
    pub days: i64,
    /// First instant at which it cannot be redeemed any more.
    pub expires_at: Timestamp,
}
