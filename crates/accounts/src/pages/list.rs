//! The list of accounts, and the form for a new one.

use access::password;
use kernel::{
    Refusal, Secret,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use store::caller::Role;
use web::{
    Answer, Request, office,
    ui::{self, Choice, Column, Crumb, Field, Lang, Tone},
};

use super::words;
use crate::{
    ops::{self, Opening},
    roster::Member,
    rules::account::is_elevated,
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let members = request.read(ops::members).await?;
    let title = lang.pick("職員のアカウント", "Accounts of the staff");
    let manages = words::manages(&request);
    let body = html! {
        @if manages {
            (ui::actions(&[ui::button_link("/office/accounts/new",
                lang.pick("新しい職員のアカウントを作る", "Open an account"), Tone::Primary)]))
        }
        (table(lang, &members, request.at()))
    };
    Ok(office::page(
        &request,
        title,
        &[Crumb {
            href: None,
            label: title,
        }],
        false,
        body,
    ))
}

fn table(lang: Lang, members: &[Member], at: Timestamp) -> Markup {
    let column = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("氏名", "Name")),
        column(lang.pick("職種", "Role")),
        column(lang.pick("状態", "State")),
        column(lang.pick("最後のログイン", "Last log-in")),
        column(lang.pick("使える最後の日", "Last day of use")),
        column(lang.pick("認証アプリ", "Authenticator")),
    ];
    let mut sorted: Vec<&Member> = members.iter().collect();
    // Who has left stands at the end.
    sorted.sort_by_key(|member| !member.is_open(at));
    let rows: Vec<Vec<Markup>> = sorted
        .iter()
        .map(|member| {
            vec![
                html! {
                    a href={ "/office/accounts/" (member.staff.to_hex()) } { (member.name) }
                    br; small { (member.login) }
                },
                html! { (words::role(lang, member.role)) },
                html! { @if member.is_open(at) { (lang.pick("使用中", "In use")) " " } (words::marks(lang, member, at)) },
                html! { @match member.last_login_at {
                    Some(last) => (words::instant(lang, last)),
                    None => (lang.pick("まだありません", "Never")),
                } },
                html! { @match member.ends_at {
                    Some(end) => (words::last_day(lang, end)),
                    None => (lang.pick("期限なし", "None set")),
                } },
                html! { (if member.has_authenticator { lang.pick("登録済み", "Enrolled") } else { lang.pick("未登録", "Not yet") }) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "accounts",
        caption: lang.pick("この施設の職員", "Staff of this facility"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("まだ職員がいません。", "Nobody yet."),
    })
}

/// What was typed, to be shown again beside what was wrong with it.
#[derive(Default)]
struct Typed {
    name: String,
    login: String,
    role: String,
    last_day: String,
    reason: String,
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    // The form is shown to whoever may send it; its look is recorded as any.
    request.read(|_| Ok(())).await?;
    Ok(form(&request, &Typed::default(), None))
}

pub(super) async fn open(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form_data = request.form()?;
    let text = |name| form_data.text(name).to_owned();
    let typed = Typed {
        name: text("name"),
        login: text("login"),
        role: text("role"),
        last_day: text("last_day"),
        reason: text("reason"),
    };
    let lang = request.lang();
    let (initial, hash) = initial_password(&request).await?;
    let outcome = match opening(&typed, hash) {
        Ok(opening) => request.write(move |call| ops::open(call, &opening)).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(opened) => {
            let note = html! {
                p { (lang.pick("ログイン名：", "Log-in name: ")) code { (typed.login) } }
                p { (lang.pick(
                    "はじめてログインすると、新しいパスワードと確認コードの登録に進みます。",
                    "The first log-in leads to a new password and the second factor.")) }
                @if opened.waits {
                    p { strong { (lang.pick(
                        "この職種には、もう一人の施設管理者の承認が必要です。承認されるまでログインできません。",
                        "This role waits for another administrator's approval; until then nobody can log in with it.")) } }
                }
            };
            let title = lang.pick("アカウントを作りました", "The account is open");
            let label = lang.pick("初期パスワード", "Initial password");
            let back = format!("/office/accounts/{}", opened.staff.to_hex());
            Ok(words::shown_once(
                &request,
                title,
                label,
                initial.reveal(),
                &note,
                &back,
            ))
        }
        Err(refusal) if refusal.entry.status >= 500 => Err(refusal),
        Err(refusal) => {
            let status = refusal.entry.status;
            Ok(form(&request, &typed, Some(&refusal)).with_status(status))
        }
    }
}

/// A password that its owner has to change, and its hash.
pub(super) async fn initial_password(
    request: &Request,
) -> Result<(Secret<String>, String), Refusal> {
    let initial = password::initial(&store::SystemRng);
    let typed = request
        .app()
        .gate
        .typed(Secret::new(initial.reveal().clone()));
    let hash = request
        .compute(move || typed.hash(&store::SystemRng))
        .await?
        .ok_or_else(|| Refusal::new(&store::UNAVAILABLE))?;
    Ok((initial, hash))
}

fn opening(typed: &Typed, password: String) -> Result<Opening, Refusal> {
    let role = staff_role(&typed.role)?;
    let last_day = optional_day(&typed.last_day)?;
    Ok(Opening {
        name: typed.name.clone(),
        login: typed.login.clone(),
        role,
        last_day,
        password,
        reason: typed.reason.clone(),
    })
}

/// A role that somebody can have an account for.
pub(super) fn staff_role(word: &str) -> Result<Role, Refusal> {
    Role::parse(word)
        .filter(|role| Role::STAFF.contains(role))
        .ok_or_else(|| Refusal::at(&crate::errors::FIELD, "role", word))
}

/// `YYYY-MM-DD` or nothing.
pub(super) fn optional_day(text: &str) -> Result<Option<JstDate>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    JstDate::parse(text)
        .map(Some)
        .ok_or_else(|| Refusal::at(&crate::errors::FIELD, "last_day", text))
}

fn form(request: &Request, typed: &Typed, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let title = lang.pick("新しい職員のアカウント", "A new account");
    let error = |name: &str| words::field_error(lang, why, name);
    let field = |name, label, hint, value, required| {
        let error = error(name);
        ui::text_field(&Field {
            lang,
            name,
            label,
            hint,
            error: error.as_deref(),
            value,
            required,
            max_length: Some(60),
            ..Field::default()
        })
    };
    let role_error = error("role");
    let options: Vec<Choice<'_>> = Role::STAFF
        .iter()
        .map(|role| Choice {
            value: role.word(),
            label: words::role(lang, *role),
            checked: role.word() == typed.role,
            ..Choice::default()
        })
        .collect();
    let elevated: Vec<&str> = Role::STAFF
        .into_iter()
        .filter(|role| is_elevated(*role))
        .map(|role| words::role(lang, role))
        .collect();
    let elevated = elevated.join(lang.pick("・", ", "));
    let fields = html! {
        (field("name", lang.pick("氏名", "Name"), Some(lang.pick("使う方ご本人の氏名。姓と名の間に空白を入れます。例：佐藤 花子", "The person's own name, such as Sato Hanako")), &typed.name, true))
        (field("login", lang.pick("ログイン名", "Log-in name"), Some(lang.pick("空白のない英数字。例：h.sato@1310000001。共用の名前は使えません。", "Without spaces, such as h.sato@1310000001; never shared")), &typed.login, true))
        (ui::select_field(&Field { lang, name: "role", label: lang.pick("職種", "Role"),
            error: role_error.as_deref(), required: true, ..Field::default() }, &options))
        (day_field(lang, &typed.last_day, error("last_day").as_deref()))
        (field("reason", lang.pick("特別な権限が必要な理由", "Why elevated rights are needed"),
            Some(&format!("{}{}", elevated, lang.pick("のときだけ入力してください。もう一人の施設管理者が承認するまで使えません。", ": only for these roles; another administrator has to approve."))),
            &typed.reason, false))
        (ui::actions(&[
            ui::submit(lang.pick("アカウントを作る", "Open the account"), Tone::Primary),
            ui::button_link("/office/accounts", lang.pick("やめる", "Cancel"), Tone::Secondary)]))
    };
    let crumbs = [
        Crumb {
            href: Some("/office/accounts"),
            label: lang.pick("職員のアカウント", "Accounts"),
        },
        Crumb {
            href: None,
            label: title,
        },
    ];
    let body = html! {
        @if let Some(why) = why { (words::refused(lang, why)) }
        (ui::form("/office/accounts", &request.csrf(), &fields))
    };
    office::page(request, title, &crumbs, why.is_some(), body)
}

/// The last day of use.
pub(super) fn day_field(lang: Lang, value: &str, error: Option<&str>) -> Markup {
    let field = Field {
        lang,
        name: "last_day",
        label: lang.pick("使える最後の日", "Last day of use"),
        hint: Some(lang.pick(
            "退職や契約の終わりが決まっているときだけ入力してください。",
            "Only when it is known.",
        )),
        error,
        value,
        ..Field::default()
    };
    ui::date_field(&field, None, None)
}
