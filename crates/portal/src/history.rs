//! The person's history (閲覧の履歴): who looked, when, why, at what, and the proof of it.

use access::{
    history,
    policy::{Action, Class, Permission},
    proxy,
};
use kernel::{Refusal, Text, hex};
use maud::{Markup, html};
use store::{
    archiving::{self, Archived},
    audit::Subject,
    caller::Purpose,
};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Icon, Lang, Tag, TagTone},
};

use crate::{
    events,
    frame::{self, Tab},
    line::{self, Line},
    words::Kind,
};

/// Routes of the history.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Get,
        path: "/portal/history",
        face: Face::Portal,
        permission: Permission::OwnData,
        event: &events::HISTORY,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text {
            ja: "閲覧の履歴",
            en: "own access history",
        },
        handler: handler!(page),
    }]
}

/// Below which record number a page of the history ends; the newest when it is not a number.
#[must_use]
pub fn below(request: &Request) -> i64 {
    request
        .query("below")
        .and_then(|text| text.parse().ok())
        .filter(|number| *number > 0)
        .unwrap_or(i64::MAX)
}

/// Where older records begin, when a page is full; what is in an archive is not among them.
#[must_use]
pub fn older(lines: &[Line], archived: Option<&Archived>) -> Option<i64> {
    let is_full = i64::try_from(lines.len()).is_ok_and(|count| count >= history::PAGE_MAX);
    let last = lines.last()?;
    let first = archived.map_or(0, |archived| archived.through.seq) + 1;
    (is_full && last.seq > first).then_some(last.seq)
}

/// Does this page end where the archives do?
fn ends_at_archive(lines: &[Line], below: i64, archived: &Archived) -> bool {
    let first = archived.through.seq + 1;
    lines
        .last()
        .map_or(below <= first, |last| last.seq == first)
}

/// Where the history goes on that is no longer here.
#[must_use]
pub fn archive_notice(lang: Lang, archived: &Archived) -> Markup {
    let (number, through) = (archived.number, archived.through.seq);
    let before = archived.before.jst_date();
    let (made, sha256) = (archived.made_at.jst_date(), hex::encode(&archived.sha256));
    html! {
        section.archive aria-labelledby="archive" {
            h2 id="archive" { (lang.pick("これより前の記録", "Older records")) }
            p { @match lang {
                Lang::Ja => {
                    "記録番号 1 から " (through) " まで(" (before.japanese()) "より前)は、"
                    (made.japanese()) "にアーカイブ(保管ファイル)第" (number)
                    "号までへ移しました。消えてはいません。ご覧になりたいときは、このサービスの運営者に記録番号を添えてご請求ください。"
                },
                Lang::En => {
                    "Records 1 to " (through) " (from before " (before) ") were moved to the archives up to no. "
                    (number) " on " (made)
                    ". They are not lost: to see them, ask the operator of this service and give the record numbers."
                },
            } }
            details.proof {
                summary { (lang.pick("アーカイブの証明", "Proof of the archive")) }
                dl.facts {
                    div { dt { (lang.pick("アーカイブのSHA-256", "SHA-256 of the archive")) } dd { code { (sha256) } } }
                    div {
                        dt { (lang.pick("最後に移した記録のハッシュ値", "Hash of the last record moved")) }
                        dd { code { (hex::encode(&archived.through.hash)) } }
                    }
                }
            }
        }
    }
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let (me, below) = (frame::me(&request)?, below(&request));
    let (profile, looks, archived) = request
        .read(move |call| {
            proxy::require(call, Class::AccessHistory, Action::Read)?;
            let looks = history::page(call, me, below)?;
            let archived = archiving::archived(call, Subject::Person(me))?;
            Ok((registry::ops::profile(call, me)?, looks, archived))
        })
        .await?;
    let lang = request.lang();
    let catalogue = &request.app().errors;
    let lines: Vec<Line> = looks
        .iter()
        .map(|look| line::line(lang, look, catalogue))
        .collect();
    let body = html! {
        p { (lang.pick(
            "あなたの情報を、いつ、だれが、何のために見たかの記録です。見ようとして見られなかったことも残ります。",
            "Who looked at your data, when and why. Looks that were refused are recorded as well.")) }
        p { (lang.pick(
            "記録はあとから書き換えられないように封印されます。心当たりのない閲覧があるときは、その医療機関、またはお住まいの市区町村の窓口におたずねください。",
            "Records are sealed so that a later change would show. If you do not recognize a look, please ask the facility or your municipality.")) }
        (list(lang, &lines))
        @if let Some(archived) = archived.as_ref().filter(|a| ends_at_archive(&lines, below, a)) {
            (archive_notice(lang, archived))
        }
        (paging(lang, &lines, below, archived.as_ref()))
    };
    let title = Tab::History.label(lang);
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::History,
        body,
    ))
}

fn paging(lang: Lang, lines: &[Line], below: i64, archived: Option<&Archived>) -> Markup {
    let mut links = Vec::new();
    let newest = frame::link(lang, Tab::History.path());
    if below != i64::MAX {
        let label = lang.pick("いちばん新しい記録へ", "Newest records");
        links.push(ui::button_link(&newest, label, ui::Tone::Secondary));
    }
    let address;
    if let Some(older) = older(lines, archived) {
        address = frame::link(lang, &format!("{}?below={older}", Tab::History.path()));
        let label = lang.pick("もっと前の記録を見る", "Older records");
        links.push(ui::button_link(&address, label, ui::Tone::Secondary));
    }
    html! { @if !links.is_empty() { (ui::actions(&links)) } }
}

/// The records, newest first.
#[must_use]
pub fn list(lang: Lang, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() {
            (ui::empty(
                lang.pick("記録はありません", "No records"),
                lang.pick("この番号より前の記録はありません。", "There is nothing before this number."),
                None,
            ))
        } @else {
            ol.history { @for line in lines { li { (item(lang, line)) } } }
        }
    }
}

fn item(lang: Lang, line: &Line) -> Markup {
    let shape = match (&line.refused, line.own) {
        (Some(_), _) => Icon::Lock,
        (None, true) => Icon::Person,
        (None, false) => Icon::Document,
    };
    html! {
        (ui::icon(shape))
        div.history-body {
            h2 {
                time datetime=(line.at) { (frame::instant(lang, line.at)) }
                span.history-facility { (place(lang, line)) }
            }
            p.history-outcome { (ui::tags(&tags(lang, line))) }
            (facts(lang, line))
            (proof(lang, line))
        }
    }
}

/// Where: the facility, the person themself, or this service.
#[must_use]
pub fn place(lang: Lang, line: &Line) -> String {
    if !line.facility.is_empty() {
        line.facility.clone()
    } else if line.own {
        lang.pick("ご本人", "Yourself").to_owned()
    } else if line.by_proxy {
        lang.pick("代理人", "Proxy").to_owned()
    } else {
        lang.pick("このサービス", "This service").to_owned()
    }
}

/// How it ended, in a word; and ご本人 for one's own.
#[must_use]
pub fn tags(lang: Lang, line: &Line) -> Vec<Tag<'static>> {
    let (label, tone) = match (line.kind, line.refused.is_some()) {
        (Kind::Look, false) => (lang.pick("閲覧しました", "Viewed"), TagTone::Info),
        (Kind::Look, true) => (
            lang.pick("閲覧できませんでした", "Refused: nothing was shown"),
            TagTone::Caution,
        ),
        (Kind::Act, false) => (lang.pick("行われました", "Done"), TagTone::Neutral),
        (Kind::Act, true) => (
            lang.pick("行われませんでした", "Refused: nothing was done"),
            TagTone::Caution,
        ),
    };
    let own = Tag {
        label: lang.pick("ご本人", "Yourself"),
        tone: TagTone::Success,
    };
    let mut tags = vec![Tag { label, tone }];
    if line.own {
        tags.push(own);
    }
    if line.by_proxy {
        tags.push(Tag {
            label: lang.pick("代理人", "Proxy"),
            tone: TagTone::Neutral,
        });
    }
    tags
}

fn facts(lang: Lang, line: &Line) -> Markup {
    let is_refused = line.refused.is_some();
    let seen = match (line.kind, is_refused) {
        (Kind::Look, false) => lang.pick("見た情報", "Information"),
        (Kind::Look, true) => lang.pick("見ようとした情報", "Information asked for"),
        (Kind::Act, _) => lang.pick("対象の情報", "Information"),
    };
    let who = if is_refused {
        lang.pick("見ようとした人・行おうとした人", "Who tried")
    } else {
        lang.pick("だれが", "Who")
    };
    let row = |label: &str, value: &str| html! { div { dt { (label) } dd { (value) } } };
    html! {
        dl.facts {
            (row(lang.pick("内容", "What"), &line.words))
            (row(who, &line.who))
            (row(lang.pick("目的", "Purpose"), &line.purpose))
            @if !line.viewed.is_empty() {
                (row(seen, &line.viewed.join(lang.pick("、", ", "))))
            }
            @if let Some(about) = &line.about { (row(lang.pick("対象の施設", "Facility"), about)) }
            @if let Some(method) = line.method { (row(lang.pick("確認の方法", "Identified by"), method)) }
            @if let Some(why) = &line.refused { (row(lang.pick("理由", "Why"), why)) }
        }
    }
}

fn proof(lang: Lang, line: &Line) -> Markup {
    let href = format!("/portal/history/{}/proof", line.seq);
    html! {
        details.proof {
            summary {
                (lang.pick("この記録が改ざんされていない証明", "Proof of this record"))
                span.vh { (lang.pick("(記録番号 ", " (record ")) (line.seq) (lang.pick(")", ")")) }
            }
            dl.facts {
                div { dt { (lang.pick("記録番号", "Record")) } dd { (line.seq) } }
                div { dt { (lang.pick("記録のハッシュ値", "Record hash")) } dd { code { (hex::encode(&line.hash)) } } }
                div {
                    dt { (lang.pick("封印", "Seal")) }
                    dd {
                        @match line.seal {
                            Some(number) => {
                                (lang.pick("封印 第", "Seal no. ")) (number)
                                (lang.pick("号で封印されています", ""))
                            },
                            None => { (lang.pick("まもなく封印されます(未封印)", "Not sealed yet; it will be shortly")) },
                        }
                    }
                }
            }
            p { a href=(href) download {
                (lang.pick("証明データをダウンロードする(JSON)", "Download the proof (JSON)"))
            } }
        }
    }
}
