//! The account at a glance: factors and log-ins, each with the button that ends it.

use access::{
    factor::{self, Factor, Kind},
    login, session,
    session::Stored,
    staff::Account,
};
use kernel::{Refusal, id::SessionId};
use maud::{Markup, html};

use crate::{
    Answer, Request,
    ui::{self, Column, Lang, Table, Tone},
};

struct Seen {
    account: Account,
    factors: Vec<Factor>,
    sessions: Vec<Stored>,
}

pub(super) async fn page(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let seen = request
        .read(move |call| {
            let Some(account) = login::waiting(call, &token)? else {
                return Ok(None);
            };
            let (facility, staff) = account.place();
            Ok(Some(Seen {
                factors: factor::list(call, facility, staff)?,
                sessions: session::list(call, facility, staff)?,
                account,
            }))
        })
        .await?;
    let Some(seen) = seen else {
        return Ok(Answer::see_other("/login"));
    };
    let lang = request.lang();
    let body = html! {
        (ui::section("password", lang.pick("パスワード", "Password"), &html! {
            (ui::actions(&[ui::button_link("/account/password",
                lang.pick("パスワードを変更する", "Change your password"), Tone::Secondary)]))
        }))
        (ui::section("factors", lang.pick("2つめの確認方法", "Second factors"), &factors(&request, &seen)))
        (ui::section("sessions", lang.pick("ログイン中の端末", "Where you are logged in"), &sessions(&request, &seen)))
    };
    let title = lang.pick("自分のアカウント", "Your account");
    Ok(super::frame(&request, title, false, body))
}

const fn column(label: &str) -> Column<'_> {
    Column {
        label,
        numeric: false,
    }
}

fn when(lang: Lang, at: kernel::time::Timestamp) -> Markup {
    html! { time datetime=(at) { (lang.pick(&at.jst_japanese(), &at.jst_minute())) } }
}

fn factors(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let remove = |id: &str| {
        ui::post_button(
            "/account/factors/remove",
            &request.csrf(),
            &[("id", id)],
            lang.pick("削除する", "Remove"),
            Tone::Secondary,
        )
    };
    // The last one cannot be taken away: no button says that it can.
    let is_last = usize::from(seen.account.has_app()).saturating_add(seen.factors.len()) < 2;
    let remove = |id: &str| {
        if is_last {
            html! { "—" }
        } else {
            remove(id)
        }
    };
    let mut rows = Vec::new();
    if seen.account.has_app() {
        rows.push(vec![
            html! { (lang.pick("認証アプリ", "Authenticator")) },
            remove("app"),
            html! { "—" },
            html! { "—" },
        ]);
    }
    for factor in &seen.factors {
        let kind = match factor.kind {
            Kind::Passkey => lang.pick("パスキー", "Passkey"),
            Kind::Card => lang.pick("マイナンバーカード", "My Number card"),
        };
        let used = factor.used_at.map(|at| when(lang, at));
        rows.push(vec![
            html! { (kind) @if !factor.label.is_empty() { " (" (factor.label) ")" } },
            remove(&factor.id.to_hex()),
            when(lang, factor.added_at),
            used.unwrap_or_else(|| html! { (lang.pick("まだ使っていません", "not yet")) }),
        ]);
    }
    let labels = [
        lang.pick("方法", "Factor"),
        lang.pick("操作", "Action"),
        lang.pick("登録した日時", "Added"),
        lang.pick("最後に使った日時", "Last used"),
    ];
    let columns = labels.map(column);
    html! {
        (ui::data_table(&Table {
            id: "factor-list",
            caption: lang.pick("登録した確認方法", "Your second factors"),
            columns: &columns,
            rows: &rows,
            empty: lang.pick("まだありません。", "None yet."),
        }))
        (ui::actions(&[ui::button_link("/account/factors",
            lang.pick("確認方法を追加する", "Add a second factor"), Tone::Secondary)]))
    }
}

fn sessions(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let own = request.session().map(|session| session.id);
    let here = request.origin().terminal;
    let rows: Vec<Vec<Markup>> = seen
        .sessions
        .iter()
        .map(|one| {
            let is_own = Some(one.id) == own;
            let place = if is_own {
                lang.pick("この画面", "this screen")
            } else if one.origin.terminal == here {
                lang.pick("この端末", "this terminal")
            } else {
                lang.pick("別の端末", "another terminal")
            };
            let end = if is_own {
                html! { "—" }
            } else {
                ui::post_button(
                    "/account/sessions/end",
                    &request.csrf(),
                    &[("id", &one.id.to_hex())],
                    lang.pick("終了する", "End"),
                    Tone::Secondary,
                )
            };
            vec![
                html! { (place) },
                end,
                when(lang, one.created_at),
                when(lang, one.ends_at),
            ]
        })
        .collect();
    let labels = [
        lang.pick("端末", "Where"),
        lang.pick("操作", "Action"),
        lang.pick("ログインした日時", "Since"),
        lang.pick("自動で終わる日時", "Ends at the latest"),
    ];
    let columns = labels.map(column);
    ui::data_table(&Table {
        id: "session-list",
        caption: lang.pick("あなたのログイン", "Your log-ins"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("ありません。", "None."),
    })
}

pub(super) async fn end(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let id = SessionId::parse(request.form()?.text("id"));
    let ended = request
        .write(move |call| {
            let (Some(account), Some(id)) = (login::waiting(call, &token)?, id) else {
                return Ok(None);
            };
            let (facility, staff) = account.place();
            session::end_one(call, facility, staff, id)?;
            call.detail("session", id.to_hex());
            Ok(Some((facility, staff)))
        })
        .await?;
    if let Some((facility, staff)) = ended {
        request.app().gate.forget_staff(facility, staff);
    }
    Ok(Answer::see_other("/account"))
}

/// A page that is in use says so, so that its session is not locked under somebody's hands.
pub(super) async fn alive(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::text(200, ""))
}
