//! The ledger of consent in words: every choice, refusal and withdrawal, the newest first.

use std::collections::BTreeMap;

use access::consent::{Act, BY_PORTAL, By, Entry};
use eligibility::model::Method;
use kernel::id::FacilityId;
use maud::{Markup, html};
use web::ui::Lang;

use super::SHOWN_MAX;
use crate::{frame, line, words};

/// A facility's name, or that it has none.
pub(super) const fn named(lang: Lang, name: &str) -> &str {
    if name.is_empty() {
        lang.pick("名前を確認できない施設", "A facility without a name")
    } else {
        name
    }
}

/// How the person proved to be there.
pub(super) fn method(lang: Lang, word: &str) -> &'static str {
    if word == BY_PORTAL {
        return lang.pick("ご本人のページ", "this portal");
    }
    // Entries of the first releases say `card` alone.
    Method::parse(word).map_or_else(
        || lang.pick("カード", "card"),
        |method| line::method_words(lang, method),
    )
}

/// One act of one choice: the categories that it is about, together.
struct Row<'l> {
    first: &'l Entry,
    categories: Vec<&'static str>,
}

fn rows(lang: Lang, ledger: &[Entry]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for entry in ledger.iter().rev() {
        let word = words::category(lang, entry.category);
        let same = rows.iter_mut().rev().find(|row| {
            row.first.id == entry.id
                && row.first.act == entry.act
                && row.first.source == entry.source
        });
        match same {
            Some(row) => row.categories.insert(0, word),
            None => rows.push(Row {
                first: entry,
                categories: vec![word],
            }),
        }
    }
    rows.truncate(SHOWN_MAX);
    rows
}

/// The list.
pub(super) fn shown(lang: Lang, ledger: &[Entry], known: &BTreeMap<FacilityId, String>) -> Markup {
    if ledger.is_empty() {
        return html! { p { (lang.pick("まだありません。", "Nothing yet.")) } };
    }
    html! {
        ul {
            @for row in rows(lang, ledger) {
                @let name = known.get(&row.first.facility).map_or("", String::as_str);
                li {
                    p {
                        time datetime=(row.first.at) { (frame::instant(lang, row.first.at)) }
                        " " strong { (lang.pick(row.first.act.ja(), row.first.act.en())) }
                        " " (named(lang, name))
                    }
                    p {
                        (row.categories.join(lang.pick("、", ", ")))
                        @if row.first.act != Act::Withdrawn {
                            " / " (lang.pick(row.first.source.ja(), row.first.source.en()))
                        }
                        " / " (method(lang, &row.first.method))
                        @if row.first.by == By::Proxy {
                            " / " (lang.pick(By::Proxy.ja(), By::Proxy.en()))
                        }
                        @if let (Act::Given, Some(until)) = (row.first.act, row.first.expires_at) {
                            " / " (lang.pick("終わり: ", "ends: ")) (frame::instant(lang, until))
                        }
                        @if row.first.act != Act::Withdrawn {
                            " " a href=(frame::link(lang, &format!("/portal/consents/{}", row.first.id.to_hex()))) {
                                (lang.pick("控えを見る", "Receipt"))
                            }
                        }
                    }
                }
            }
        }
    }
}
