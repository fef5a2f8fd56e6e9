//! With what a person shows who they are, and whether that may stand for their insurance card.
//!
//! Two things are kept apart, as the law does: *certificates* (a card, a phone, the card after
//! it), which say who somebody is, and *健康保険証利用登録*, the person's own registration, by
//! which all of them may be shown at a counter. Whoever cancels the registration can still log
//! in with their card.
//!
//! Source: identity-security 1.4 (history of certificates); 健康保険法施行規則 第47条の3 (電子資格確認).

use kernel::{id::PersonId, time::Timestamp};

coded! {
    /// What carries a person's authentication certificate.
    Medium[4] {
        /// マイナンバーカード.
        Card = "card", "マイナンバーカード";
        /// スマホ用電子証明書 (Android).
        Android = "android", "Androidスマートフォン";
        /// The same on an iPhone.
        Iphone = "iphone", "iPhone";
        /// 次期個人番号カード.
        Next = "next", "次期マイナンバーカード";
    }
}

impl Medium {
    /// A phone?
    #[must_use]
    pub const fn is_phone(self) -> bool {
        matches!(self, Self::Android | Self::Iphone)
    }
}

coded! {
    /// Why a certificate ended.
    EndReason[4] {
        /// 更新: a new certificate took its place.
        Renewed = "renewed", "電子証明書の更新";
        /// 機種変更: a new phone took its place.
        Replaced = "replaced", "機種変更";
        /// 紛失・盗難.
        Lost = "lost", "紛失・盗難";
        /// The person does not want it any more.
        Removed = "removed", "利用をやめた";
    }
}

/// A certificate that is or was a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldCertificate {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// What carries it.
    pub medium: Medium,
    /// What the person calls it; empty for a card.
    pub label: String,
    /// Since when it leads to the person.
    pub from: Timestamp,
    /// Since when no longer, and why.
    pub end: Option<(Timestamp, EndReason)>,
}

impl HeldCertificate {
    /// Does it lead to the person now?
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.end.is_none()
    }
}

/// A time for which a person's certificates may stand for their insurance card
/// (健康保険証利用登録).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsuranceUse {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// Since when.
    pub from: Timestamp,
    /// Until when, when it was cancelled (利用登録の解除).
    pub until: Option<Timestamp>,
}

/// What a certificate that is shown as an insurance card leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Its holder.
    InUse(PersonId),
    /// Nobody: its holder has never registered it (利用登録が済んでいない).
    NotYet,
    /// Nobody: its holder has cancelled the registration.
    Cancelled,
    /// Nobody: it was renewed, replaced, lost or removed.
    Ended,
    /// Nobody: it is not known.
    Unknown,
}

coded! {
    /// The same, as the directory has it.
    CardState[4] {
        /// See [`Shown::InUse`].
        InUse = "in-use", "利用中";
        /// See [`Shown::NotYet`].
        NotYet = "not-yet", "利用登録前";
        /// See [`Shown::Cancelled`].
        Cancelled = "cancelled", "利用登録の解除";
        /// See [`Shown::Ended`].
        Ended = "ended", "終了";
    }
}

/// What came of enrolling a phone.
#[derive(Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// It leads to the person; the phone before it has ended.
    Done {
        /// Which, when there was one.
        before: Option<HeldCertificate>,
    },
    /// Another phone is the person's, and was not to be replaced.
    HasOther,
    /// It is this person's already.
    Already,
    /// It is tied to somebody else.
    TiedElsewhere,
}
