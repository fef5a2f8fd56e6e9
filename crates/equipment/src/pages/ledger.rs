//! The ledgers on one page, with the alerts on top; and as a file.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Column, Lang, Level, Tone},
};

use super::frame::{day, failure, may_manage, moment, office_page};
use crate::{
    csv, errors,
    model::{Alert, Certificate, Item, Kind, Officer, Peer},
    ops::{self, Summary, ledger, watch},
};
use kernel::time::Timestamp;

struct Seen {
    items: Vec<Item>,
    certificates: Vec<Certificate>,
    alerts: Vec<Alert>,
    peers: Vec<(Peer, Timestamp)>,
    officer: Option<Officer>,
    summary: Summary,
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    shown(&request, None).await
}

async fn shown(request: &Request, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let seen = request
        .read(move |call| {
            let seen = Seen {
                items: ledger::list(call, facility)?,
                certificates: ledger::certificates(call, facility)?,
                alerts: watch::alerts(call, facility)?,
                peers: watch::peers(call, facility)?,
                officer: ops::officer_of(call, facility)?,
                summary: ops::summary(call, facility)?,
            };
            call.detail("entries", seen.items.len().to_string());
            Ok(seen)
        })
        .await?;
    let lang = request.lang();
    let body = html! {
        (failure(lang, why))
        (alerts(request, &seen.alerts))
        (overview(request, &seen))
        @for kind in Kind::ALL { (section(request, kind, &seen)) }
        (peers(lang, &seen.peers))
        (settled(lang, &seen.alerts))
    };
    let title = lang.pick("機器台帳", "Equipment");
    Ok(office_page(request, title, &[], body))
}

fn alerts(request: &Request, alerts: &[Alert]) -> Markup {
    let lang = request.lang();
    let open: Vec<&Alert> = alerts.iter().filter(|a| a.settled.is_none()).collect();
    let one = |alert: &Alert| {
        let id = kernel::hex::encode(&alert.id);
        let finding = ui::text_field(&ui::Field {
            lang,
            name: "finding",
            label: lang.pick("確認した内容と対応", "What was found and done"),
            required: true,
            max_length: Some(200),
            ..ui::Field::default()
        });
        let fields = html! {
            (finding)
            (ui::actions(&[ui::submit(lang.pick("対応済みにする", "Settle"), Tone::Secondary)]))
        };
        ui::notice(
            lang,
            Level::Warning,
            lang.pick(alert.why.ja(), alert.why.en()),
            &html! {
                p {
                    (alert.peer.who) " " code { (alert.peer.address) } " — "
                    (lang.pick("初回 ", "first ")) (moment(alert.first_at))
                    (lang.pick("、最終 ", ", last ")) (moment(alert.last_at))
                    (lang.pick("、", ", ")) (alert.requests) (lang.pick(" 回", " times"))
                }
                p {
                    (lang.pick(
                        "心当たりがあれば、その機器の「接続元のネットワーク」に登録してから対応済みにしてください。なければ、接続を止めて運用担当者に連絡してください。",
                        "If you know it, register its network in the ledger and settle the alert. If not, cut the connection and call the operator.",
                    ))
                }
                @if may_manage(request) {
                    (ui::form(&format!("/office/alerts/{id}/settle"), &request.csrf(), &fields))
                }
            },
        )
    };
    html! { @for alert in open { (one(alert)) } }
}

fn overview(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let summary = &seen.summary;
    html! {
        p {
            (lang.pick("安全管理責任者：", "Safety officer: "))
            @match &seen.officer {
                Some(officer) => { strong { (officer.name) } " " (officer.contact) },
                None => { strong { (lang.pick("まだ登録されていません", "nobody is named yet")) } },
            }
            " " a href="/office/officer" { (lang.pick("登録・変更", "Change")) }
        }
        @if summary.unchecked > 0 {
            p { (lang.pick("1年以上点検していない機器：", "Not checked for a year: ")) strong { (summary.unchecked) } (lang.pick("台", "")) }
        }
        @if summary.ending > 0 {
            p { (lang.pick("30日以内に期限が切れる証明書：", "Certificates ending within 30 days: ")) strong { (summary.ending) } (lang.pick("枚", "")) }
        }
        (ui::actions(&[
            html! { @if may_manage(request) { (ui::button_link("/office/equipment/new", lang.pick("機器を登録する", "Register equipment"), Tone::Primary)) } },
            ui::button_link("/office/equipment.csv", lang.pick("台帳をCSVで書き出す", "Export as CSV"), Tone::Secondary),
        ]))
    }
}

fn section(request: &Request, kind: Kind, seen: &Seen) -> Markup {
    let lang = request.lang();
    let at = request.at();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        label(lang.pick("名称", "Name")),
        label(lang.pick("責任者", "Responsible")),
        label(lang.pick("用途・相手先", "Purpose, counterpart")),
        label(lang.pick("遠隔保守", "Remote maintenance")),
        label(lang.pick("接続元", "Networks")),
        label(lang.pick("証明書の期限", "Certificate until")),
        label(lang.pick("最終点検", "Last checked")),
    ];
    let used = seen
        .items
        .iter()
        .filter(|i| i.kind == kind && i.ended_at.is_none());
    let rows: Vec<Vec<Markup>> = used
        .map(|item| {
            let own = seen
                .certificates
                .iter()
                .filter(|c| c.item == item.id && c.holds(at));
            let ends = own.map(|c| c.ends_at).max();
            row(request, item, ends)
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: kind.word(),
        caption: lang.pick("使っている機器の一覧", "In use"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("まだ登録されていません。", "Nothing is registered yet."),
    });
    ui::section(
        &format!("ledger-{}", kind.word()),
        lang.pick(kind.ja(), kind.en()),
        &table,
    )
}

fn row(request: &Request, item: &Item, certificate_ends: Option<Timestamp>) -> Vec<Markup> {
    let lang = request.lang();
    let p = &item.particulars;
    let href = format!("/office/equipment/{}", item.id.to_hex());
    let check = format!("{href}/check");
    let today = lang.pick("きょう点検した", "Checked today");
    vec![
        html! { a href=(href) { (p.label) } @if !p.place.is_empty() { br; small { (p.place) } } },
        html! { (p.responsible) },
        html! { (p.purpose) @if !p.counterpart.is_empty() { " " (p.counterpart) } },
        remote(lang, p.is_maintained_remotely),
        html! { (p.networks) },
        day(lang, certificate_ends),
        html! {
            (day(lang, item.checked_at))
            @if may_manage(request) {
                (ui::post_button(&check, &request.csrf(), &[], today, Tone::Secondary))
            }
        },
    ]
}

/// Yes or no, in words.
pub(super) fn remote(lang: Lang, is_so: bool) -> Markup {
    let words = if is_so {
        lang.pick("あり", "yes")
    } else {
        lang.pick("なし", "no")
    };
    html! { (words) }
}

fn peers(lang: Lang, peers: &[(Peer, Timestamp)]) -> Markup {
    let label = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = peers
        .iter()
        .map(|(peer, last)| {
            vec![
                html! { (peer.who) },
                html! { code { (peer.address) } },
                moment(*last),
            ]
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "peers",
        caption: lang.pick(
            "実際に接続したシステムと端末（90日以内）",
            "Systems and terminals that connected (90 days)",
        ),
        columns: &[
            label(lang.pick("名称", "Name")),
            label(lang.pick("接続元", "From")),
            label(lang.pick("最終接続", "Last")),
        ],
        rows: &rows,
        empty: lang.pick("まだ接続がありません。", "Nothing has connected yet."),
    });
    ui::section("seen", lang.pick("接続の記録", "What connected"), &table)
}

fn settled(lang: Lang, alerts: &[Alert]) -> Markup {
    let label = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = alerts
        .iter()
        .filter_map(|alert| alert.settled.as_ref().map(|settled| (alert, settled)))
        .map(|(alert, (at, settlement))| {
            vec![
                html! { (lang.pick(alert.why.ja(), alert.why.en())) },
                html! { (alert.peer.who) " " code { (alert.peer.address) } },
                moment(alert.first_at),
                moment(*at),
                html! { (settlement.by) },
                html! { (settlement.finding) },
            ]
        })
        .collect();
    let columns = [
        label(lang.pick("警告", "Alert")),
        label(lang.pick("接続元", "From")),
        label(lang.pick("初回", "First")),
        label(lang.pick("対応", "Settled")),
        label(lang.pick("対応した人", "By")),
        label(lang.pick("確認した内容", "Finding")),
    ];
    let table = ui::data_table(&ui::Table {
        id: "settled",
        caption: lang.pick("対応済みの警告", "Settled alerts"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("対応済みの警告はありません。", "None."),
    });
    html! { @if !rows.is_empty() { (ui::section("alerts-settled", lang.pick("これまでの警告", "Past alerts"), &table)) } }
}

pub(super) async fn export(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let (items, certificates) = request
        .read(move |call| {
            let items = ledger::list(call, facility)?;
            call.detail("entries", items.len().to_string());
            Ok((items, ledger::certificates(call, facility)?))
        })
        .await?;
    let heads = [
        "種別",
        "名称",
        "設置場所",
        "責任者",
        "用途",
        "相手先",
        "遠隔保守",
        "接続元",
        "証明書の期限",
        "登録日",
        "最終点検日",
        "終了日",
    ];
    let text = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.jst_date().to_string());
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for item in items {
        let p = &item.particulars;
        let own = certificates
            .iter()
            .filter(|c| c.item == item.id && c.holds(request.at()));
        let remote = if p.is_maintained_remotely {
            "あり"
        } else {
            "なし"
        };
        rows.push(vec![
            item.kind.ja().to_owned(),
            p.label.clone(),
            p.place.clone(),
            p.responsible.clone(),
            p.purpose.clone(),
            p.counterpart.clone(),
            remote.to_owned(),
            p.networks.clone(),
            text(own.map(|c| c.ends_at).max()),
            text(Some(item.registered_at)),
            text(item.checked_at),
            text(item.ended_at),
        ]);
    }
    let name = format!("equipment-{}.csv", request.at().jst_date());
    let body = csv::file(&rows).into_bytes();
    Ok(Answer::file("text/csv; charset=utf-8", &name, body))
}

pub(super) async fn settle(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let facility = request.facility()?;
    let id = kernel::hex::decode_array(request.param("alert"))
        .ok_or_else(|| Refusal::new(&errors::ALERT_UNKNOWN))?;
    let finding = request.form()?.text("finding").to_owned();
    let settled = request
        .write(move |call| watch::settle(call, Some(facility), &id, &finding))
        .await;
    match settled {
        Ok(()) => Ok(Answer::see_other("/office/equipment")),
        Err(why) if why.entry.code == errors::REASON_MISSING.code => {
            let status = why.entry.status;
            Ok(shown(&request, Some(&why)).await?.with_status(status))
        }
        Err(why) => Err(why),
    }
}
