//! The access history (閲覧履歴) as the person reads it: when, who, what for, what, and
//! whether it was allowed, with the proof of the record for those who want to check.

use maud::{Markup, html};

use super::{Icon, Lang, Tag, TagTone, icon, tag};

/// How an access ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessOutcome {
    /// It was allowed.
    Allowed,
    /// It was refused; nothing was shown.
    Refused,
    /// It was an emergency and went on without consent.
    Emergency,
}

impl AccessOutcome {
    const fn tag(self, lang: Lang) -> Tag<'static> {
        match self {
            Self::Allowed => Tag {
                label: lang.pick("閲覧しました", "Viewed"),
                tone: TagTone::Success,
            },
            Self::Refused => Tag {
                label: lang.pick("閲覧できませんでした", "Refused"),
                tone: TagTone::Neutral,
            },
            Self::Emergency => Tag {
                label: lang.pick("救急時の閲覧（同意なし）", "Emergency, without consent"),
                tone: TagTone::Caution,
            },
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Allowed => Icon::Document,
            Self::Refused => Icon::Lock,
            Self::Emergency => Icon::Caution,
        }
    }
}

/// The proof that a record is in the sealed log.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The record's number in the person's own history.
    pub number: u64,
    /// The record's hash, hexadecimal.
    pub record_hash: &'a str,
    /// When the seal was made, and how large the log was; `None` when it is not sealed yet.
    pub sealed: Option<Sealed<'a>>,
    /// Where the whole proof can be downloaded.
    pub download_href: Option<&'a str>,
}

/// A seal over the log.
#[derive(Clone, Copy, Debug)]
pub struct Sealed<'a> {
    /// When, in words.
    pub at: &'a str,
    /// How many records the log held.
    pub tree_size: u64,
    /// The root of the log, hexadecimal.
    pub root_hash: &'a str,
}

/// One access.
#[derive(Clone, Copy, Debug)]
pub struct AccessItem<'a> {
    /// When, in words.
    pub when: &'a str,
    /// The same instant in RFC 3339, for machines.
    pub when_iso: &'a str,
    /// The facility.
    pub facility: &'a str,
    /// Who, with their role, such as `佐藤 健一（医師）`.
    pub person: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// Which kinds of information.
    pub viewed: &'a [&'a str],
    /// How it ended.
    pub outcome: AccessOutcome,
    /// The proof of the record.
    pub proof: Option<Proof<'a>>,
}

/// The list of accesses, newest first.
#[must_use]
pub fn access_history(lang: Lang, items: &[AccessItem<'_>]) -> Markup {
    html! {
        ol.history {
            @for item in items {
                li {
                    (icon(item.outcome.icon()))
                    div.history-body {
                        h2 {
                            time datetime=(item.when_iso) { (item.when) }
                            span.history-facility { (item.facility) }
                        }
                        p.history-outcome { (tag(&item.outcome.tag(lang))) }
                        (details(lang, item))
                        @if let Some(proof) = &item.proof { (proof_box(lang, proof)) }
                    }
                }
            }
        }
    }
}

fn details(lang: Lang, item: &AccessItem<'_>) -> Markup {
    html! {
        dl.facts {
            div {
                dt {
                    @if item.outcome == AccessOutcome::Refused {
                        (lang.pick("閲覧しようとした人", "Who tried"))
                    } @else {
                        (lang.pick("閲覧した人", "Who"))
                    }
                }
                dd { (item.person) }
            }
            div { dt { (lang.pick("目的", "Purpose")) } dd { (item.purpose) } }
            div {
                dt { (lang.pick("情報の種類", "Information")) }
                dd {
                    @for (nth, kind) in item.viewed.iter().enumerate() {
                        @if nth > 0 { (lang.pick("、", ", ")) }
                        (kind)
                    }
                }
            }
        }
    }
}

fn proof_box(lang: Lang, proof: &Proof<'_>) -> Markup {
    html! {
        details.proof {
            summary { (lang.pick("この記録が改ざんされていない証明", "Proof of this record")) }
            @if proof.sealed.is_some() {
                p { (lang.pick(
                    "この記録は、あとから書き換えたり消したりすればわかるように、電子的に封印されています。",
                    "This record is sealed: a later change or removal would be noticed.",
                )) }
            }
            dl.facts {
                div { dt { (lang.pick("記録番号", "Record")) } dd { (proof.number) } }
                div { dt { (lang.pick("記録のハッシュ値", "Record hash")) } dd { code { (proof.record_hash) } } }
                @if let Some(sealed) = &proof.sealed {
                    div { dt { (lang.pick("封印した日時", "Sealed")) } dd { (sealed.at) } }
                    div { dt { (lang.pick("封印時の記録数", "Records then")) } dd { (super::grouped(sealed.tree_size)) } }
                    div { dt { (lang.pick("封印の値", "Log root")) } dd { code { (sealed.root_hash) } } }
                } @else {
                    div {
                        dt { (lang.pick("封印", "Seal")) }
                        dd { (lang.pick(
                            "まだ封印されていません。数分後にもう一度ご確認ください。",
                            "Not sealed yet. Please look again in a few minutes.",
                        )) }
                    }
                }
            }
            @if let Some(href) = proof.download_href {
                p { a href=(href) download { (lang.pick("証明データをダウンロードする", "Download the proof")) } }
            }
        }
    }
}
