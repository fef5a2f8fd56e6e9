//! The staff's log-in: name and password, then the one-time code.

use access::{errors as no, policy::Permission, session, staff};
use kernel::{Refusal, Secret, Text};
use maud::{Markup, html};
use store::caller::{Event, Purpose, Role};

use crate::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Field, Lang, Level, Tone},
};

static PASSWORD: Event = Event {
    code: "staff.password",
    ja: "職員のログイン(パスワード)",
    en: "staff log-in: password",
};
static CODE: Event = Event {
    code: "staff.login",
    ja: "職員のログイン(確認コード)",
    en: "staff log-in: one-time code",
};
static LOGOUT: Event = Event {
    code: "access.logout",
    ja: "ログアウト",
    en: "log-out",
};

/// The log-in pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, event, body, (ja, en), handler| Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::Public,
        event,
        purpose: Purpose::Operation,
        body,
        summary: Text { ja, en },
        handler,
    };
    let get = |path, event, summary, handler| {
        route(Method::Get, path, event, Body::None, summary, handler)
    };
    let post = |path, event, summary, handler| {
        route(Method::Post, path, event, Body::Form, summary, handler)
    };
    vec![
        get(
            "/login",
            &PASSWORD,
            ("職員のログイン", "staff log-in"),
            handler!(login_page),
        ),
        post(
            "/login",
            &PASSWORD,
            ("パスワードの確認", "check the password"),
            handler!(login),
        ),
        get(
            "/login/code",
            &CODE,
            ("確認コードの入力", "one-time code"),
            handler!(code_page),
        ),
        post(
            "/login/code",
            &CODE,
            ("確認コードの確認", "check the one-time code"),
            handler!(code),
        ),
        post(
            "/logout",
            &LOGOUT,
            ("ログアウト", "log out"),
            handler!(logout),
        ),
    ]
}

fn sign_in(request: &Request, title: &str, has_errors: bool, body: Markup) -> Answer {
    let lang = request.lang();
    Answer::page(ui::page(&ui::Page {
        lang,
        shell: ui::Shell::SignIn,
        title,
        has_errors,
        home_href: "/login",
        environment_banner: request.app().banner,
        body,
        ..ui::Page::default()
    }))
}

fn failure(lang: Lang, why: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(why) = why {
            (ui::notice(lang, Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) }
                p { small { (lang.pick("エラーコード", "Error code")) " " code { (why.entry.code) } } }
            }))
        }
    }
}

async fn login_page(request: Request) -> Result<Answer, Refusal> {
    let ended = request.query("ended").is_some();
    let why = ended.then(|| Refusal::new(&no::SESSION_ENDED));
    Ok(login_form(&request, why.as_ref()))
}

fn login_form(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let name = ui::text_field(&Field {
        lang,
        name: "login",
        label: lang.pick("ログイン名", "Log-in name"),
        required: true,
        autocomplete: Some("username"),
        autofocus: true,
        ..Field::default()
    });
    let password = ui::password_field(&Field {
        lang,
        name: "password",
        label: lang.pick("パスワード", "Password"),
        required: true,
        autocomplete: Some("current-password"),
        ..Field::default()
    });
    let fields = html! {
        (name)
        (password)
        (ui::actions(&[ui::submit(lang.pick("次へ", "Next"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        (ui::form("/login", &request.csrf(), &fields))
        p { a href="/portal/login" { (lang.pick("患者さん・ご本人のログインはこちら", "Log in as a patient")) } }
    };
    let title = lang.pick("職員ログイン", "Staff log-in");
    sign_in(request, title, why.is_some(), body)
}

async fn login(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let name = form.text("login").to_owned();
    // The password is taken as typed: white space at its ends belongs to it.
    let typed = form.all("password").first().copied().unwrap_or_default();
    let typed = Secret::new(typed.to_owned());
    let looked_up = name.clone();
    let account = request
        .look_up(move |call| Ok(staff::find(call, &looked_up)?))
        .await?;
    let stored = account.map(|a| a.password);
    let fits = request.app().passwords.fits(stored, typed).await?;
    let before = request.token().map(str::to_owned);
    let ended = before.clone();
    let begun = request
        .write(move |call| {
            let begun = staff::first_factor(call, &name, fits)?;
            // The browser holds one session: the new one takes the place of the old.
            if let (Ok(_), Some(old)) = (&begun, &ended) {
                session::end(call, old)?;
            }
            Ok(begun)
        })
        .await?;
    if let (Ok(_), Some(old)) = (&begun, &before) {
        request.app().gate.forget(old);
    }
    Ok(match begun {
        Ok(token) => {
            Answer::see_other("/login/code").with_session(token.reveal(), secure(&request))
        }
        Err(why) => login_form(&request, Some(&why)).with_status(why.entry.status),
    })
}

fn secure(request: &Request) -> bool {
    request.app().is_secure()
}

async fn code_page(request: Request) -> Result<Answer, Refusal> {
    if request.token().is_none() {
        return Ok(Answer::see_other("/login"));
    }
    // Whoever is logged in already has nothing to type here.
    if request.caller().role() != Role::Anonymous {
        return Ok(Answer::see_other("/"));
    }
    Ok(code_form(&request, None))
}

fn code_form(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let code = ui::one_time_code_field(&Field {
        lang,
        name: "code",
        label: lang.pick("確認コード(6けた)", "One-time code (6 digits)"),
        hint: Some(lang.pick(
            "認証アプリに表示されている6けたの数字を入力してください。",
            "Type the six digits that your authenticator shows.",
        )),
        required: true,
        autofocus: true,
        ..Field::default()
    });
    let fields = html! {
        (code)
        (ui::actions(&[ui::submit(lang.pick("ログインする", "Log in"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        (ui::form("/login/code", &request.csrf(), &fields))
        p { a href="/login" { (lang.pick("ログイン名の入力に戻る", "Back to the log-in name")) } }
    };
    let title = lang.pick("確認コードの入力", "One-time code");
    sign_in(request, title, why.is_some(), body)
}

async fn code(request: Request) -> Result<Answer, Refusal> {
    let Some(waiting) = request.token().map(str::to_owned) else {
        return Err(Refusal::new(&no::LOGIN_FAILED));
    };
    let typed = kernel::code::half_width(request.form()?.text("code")).replace(' ', "");
    let old = waiting.clone();
    let begun = request
        .write(move |call| staff::second_factor(call, &waiting, &typed))
        .await?;
    request.app().gate.forget(&old);
    Ok(match begun {
        Ok(token) => Answer::see_other("/").with_session(token.reveal(), secure(&request)),
        Err(why) => code_form(&request, Some(&why)).with_status(why.entry.status),
    })
}

async fn logout(request: Request) -> Result<Answer, Refusal> {
    let next = match request.caller().role() {
        Role::Patient | Role::Proxy => "/portal/login",
        _ => "/login",
    };
    if let Some(token) = request.token().map(str::to_owned) {
        let ended = token.clone();
        request
            .write(move |call| Ok(session::end(call, &ended)?))
            .await?;
        request.app().gate.forget(&token);
    }
    Ok(Answer::see_other(next).with_session("", secure(&request)))
}
