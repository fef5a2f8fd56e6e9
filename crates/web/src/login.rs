//! The staff's log-in: name and password, then a second factor.
//!
//! Source: identity-security AUTH-02, AUTH-05 to AUTH-08, SESS-02.

mod lock;

use access::{
    errors as no, guess,
    login::{self, Tried},
    password,
    policy::Permission,
    session::{self, Stage},
    staff,
};
use kernel::{Refusal, Secret, Text};
use maud::{Markup, html};
use store::caller::{Event, Purpose, Role};

use crate::{
    Answer, Body, Face, Method, Request, Route, handler,
    proof::{self, Has, failure},
    request::Form,
    route::Handler,
    standing,
    ui::{self, Field, Level, Tone},
};

static PASSWORD: Event = Event {
    code: "staff.password",
    ja: "職員のログイン(パスワード)",
    en: "staff log-in: password",
};
static CODE: Event = Event {
    code: "staff.login",
    ja: "職員のログイン(2つめの確認)",
    en: "staff log-in: second factor",
};
static LOGOUT: Event = Event {
    code: "access.logout",
    ja: "ログアウト",
    en: "log-out",
};

/// The log-in pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = passwords();
    routes.extend(second_factors());
    routes.extend(lock::routes());
    routes
}

const fn route(
    (method, body): (Method, Body),
    path: &'static str,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::Public,
        event,
        purpose: Purpose::Operation,
        body,
        summary: Text { ja, en },
        handler,
    }
}

const fn get(
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    route((Method::Get, Body::None), path, event, summary, handler)
}

const fn post(
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    route((Method::Post, Body::Form), path, event, summary, handler)
}

fn passwords() -> Vec<Route> {
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
        post(
            "/logout",
            &LOGOUT,
            ("ログアウト", "log out"),
            handler!(logout),
        ),
    ]
}

fn second_factors() -> Vec<Route> {
    vec![
        get(
            "/login/code",
            &CODE,
            ("2つめの確認", "second factor"),
            handler!(code_page),
        ),
        post(
            "/login/code",
            &CODE,
            ("2つめの確認の照合", "check the second factor"),
            handler!(code),
        ),
        get(
            "/login/card",
            &CODE,
            ("カードでの確認", "second factor by card"),
            handler!(card_page),
        ),
        get(
            "/login/substitute",
            &CODE,
            ("代替コードの入力", "substitute code"),
            handler!(substitute_page),
        ),
        get(
            "/login/elsewhere",
            &CODE,
            (
                "別の端末のログイン終了のお知らせ",
                "a session elsewhere was closed",
            ),
            handler!(elsewhere),
        ),
        post(
            "/passkey/options",
            &proof::PASSKEY,
            ("パスキーによる確認の開始", "ask for a passkey"),
            handler!(proof::options),
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

async fn login_page(request: Request) -> Result<Answer, Refusal> {
    let why = if request.query("ended").is_some() {
        Some(Refusal::new(&no::SESSION_ENDED))
    } else {
        let replaced = request.query("replaced").is_some();
        replaced.then(|| Refusal::new(&no::SESSION_REPLACED))
    };
    Ok(login_form(&request, why.as_ref()))
}

fn password_field(request: &Request, autofocus: bool) -> Markup {
    let lang = request.lang();
    ui::password_field(&Field {
        lang,
        name: "password",
        label: lang.pick("パスワード", "Password"),
        required: true,
        autocomplete: Some("current-password"),
        autofocus,
        ..Field::default()
    })
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
    let fields = html! {
        (name)
        (password_field(request, false))
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

/// The password is taken as typed: white space at its ends belongs to it.
pub(crate) fn typed(request: &Request, form: &Form, name: &str) -> password::Typed {
    let typed = form.all(name).first().copied().unwrap_or_default();
    request.app().gate.typed(Secret::new(typed.to_owned()))
}

async fn login(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let name = form.text("login").to_owned();
    let typed = typed(&request, &form, "password");
    let (looked_up, client) = (name.clone(), request.client().to_owned());
    let (account, may_open) = request
        .look_up(move |call| {
            let account = staff::find(call, &looked_up)?;
            let waits = guess::must_wait(call, &client, &looked_up)?;
            let is_open = account.as_ref().is_some_and(|a| a.is_open(call.at()));
            Ok((account, is_open && !waits))
        })
        .await?;
    let stored = account.map(|a| a.password);
    let passwords = &request.app().passwords;
    let fits = passwords.fits(stored.clone(), typed.clone()).await?;
    // Only a log-in that goes on costs a second hash: for a locked account more work would
    // tell that the password was right.
    let rehash = match stored {
        Some(stored) if fits && may_open && password::is_stale(&stored) => {
            Some(passwords.hash(typed).await?)
        }
        _ => None,
    };
    let tried = Tried {
        login: name,
        client: request.client().to_owned(),
        fits,
        rehash,
        origin: request.origin(),
    };
    let before = request.token().map(str::to_owned);
    let ended = before.clone();
    let begun = request
        .write(move |call| {
            let begun = login::first_factor(call, &tried)?;
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
        Ok(begun) => {
            let next = match begun.stage {
                Stage::MustChange => standing::PASSWORD,
                _ => "/login/code",
            };
            Answer::see_other(next).with_session(begun.token.reveal(), secure(&request))
        }
        Err(why) => login_form(&request, Some(&why)).with_status(why.entry.status),
    })
}

pub(crate) fn secure(request: &Request) -> bool {
    request.app().is_secure()
}

/// Is the request one of a log-in that waits for its second factor? If not, where it belongs.
fn waits(request: &Request) -> Result<(), Answer> {
    if request.token().is_none() {
        return Err(Answer::see_other("/login"));
    }
    // Whoever is logged in already has nothing to show here.
    if request.caller().role() != Role::Anonymous {
        return Err(Answer::see_other("/"));
    }
    Ok(())
}

async fn code_page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = waits(&request) {
        return Ok(elsewhere);
    }
    let has = proof::has(&request).await?;
    Ok(code_form(&request, has, None))
}

fn code_form(request: &Request, has: Has, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let body = html! {
        (failure(lang, why))
        (proof::forms(request, "/login/code", "", has, lang.pick("ログインする", "Log in")))
        ul {
            @if has.card {
                li { a href="/login/card" id="use-card" { (lang.pick("マイナンバーカードで確認する", "Use your My Number card")) } }
            }
            li { a href="/login/substitute" id="use-substitute" { (lang.pick("どれも使えないとき(代替コード)", "None of them at hand (substitute code)")) } }
            li { a href="/login" { (lang.pick("ログイン名の入力に戻る", "Back to the log-in name")) } }
        }
    };
    let title = lang.pick("2つめの確認", "Second step");
    sign_in(request, title, why.is_some(), body)
}

async fn card_page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = waits(&request) {
        return Ok(elsewhere);
    }
    let lang = request.lang();
    let label = lang.pick("ログインする", "Log in");
    let form = proof::card_form(&request, "/login/code", &html! {}, label).await?;
    let body = html! {
        (form)
        p { a href="/login/code" { (lang.pick("ほかの方法を選ぶ", "Choose another way")) } }
    };
    let title = lang.pick("カードでの確認", "By card");
    Ok(sign_in(&request, title, false, body))
}

async fn substitute_page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = waits(&request) {
        return Ok(elsewhere);
    }
    let lang = request.lang();
    let fields = html! {
        (ui::text_field(&Field {
            lang,
            name: "substitute",
            label: lang.pick("代替コード(12文字)", "Substitute code (12 letters)"),
            hint: Some(lang.pick(
                "施設の管理者2人が発行します。発行から8時間使えます。",
                "Two administrators of your facility issue it; it is good for eight hours.",
            )),
            required: true,
            autocomplete: Some("off"),
            autofocus: true,
            ..Field::default()
        }))
        (ui::actions(&[ui::submit(lang.pick("ログインする", "Log in"), Tone::Primary)]))
    };
    let body = html! {
        (ui::form("/login/code", &request.csrf(), &fields))
        p { a href="/login/code" { (lang.pick("ほかの方法を選ぶ", "Choose another way")) } }
    };
    let title = lang.pick("代替コードの入力", "Substitute code");
    Ok(sign_in(&request, title, false, body))
}

async fn code(request: Request) -> Result<Answer, Refusal> {
    let Some(waiting) = request.token().map(str::to_owned) else {
        return Err(Refusal::new(&no::LOGIN_FAILED));
    };
    let form = request.form()?;
    let shown = match proof::shown(&request, &form) {
        Ok(shown) => shown.unwrap_or_else(|| access::factor::Proof::Code(String::new())),
        Err(_) => access::factor::Proof::Code(String::new()),
    };
    let (old, client) = (waiting.clone(), request.client().to_owned());
    let (origin, rules) = (request.origin(), request.app().gate.rules());
    let begun = request
        .write(move |call| login::second_factor(call, &waiting, &shown, (&client, origin), rules))
        .await?;
    let gate = &request.app().gate;
    // Who is logged in already goes on: their activity is remembered here alone.
    if request.caller().role() == Role::Anonymous {
        gate.forget(&old);
    }
    match begun {
        Ok(begun) => {
            gate.forget_staff(begun.facility, begun.staff);
            let next = match (begun.stage, begun.elsewhere) {
                (Stage::MustChange, _) => standing::PASSWORD,
                (_, 0) => "/",
                _ => "/login/elsewhere",
            };
            Ok(Answer::see_other(next).with_session(begun.token.reveal(), secure(&request)))
        }
        Err(why) => {
            let has = proof::has(&request).await?;
            Ok(code_form(&request, has, Some(&why)).with_status(why.entry.status))
        }
    }
}

async fn elsewhere(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let cause = lang.pick(
        "別の端末で開いたままだったログインを終了しました。",
        "Your log-in at another terminal was still open and has been closed.",
    );
    let body = html! {
        (ui::notice(lang, Level::Warning, cause, &html! {
            p { (lang.pick(
                "覚えのないログインのときは、パスワードを変更し、施設の管理者に知らせてください。",
                "If that was not you, change your password and tell your administrator.")) }
        }))
        (ui::actions(&[
            ui::button_link("/", lang.pick("業務を始める", "Go on"), Tone::Primary),
            ui::button_link("/account", lang.pick("ログインの一覧を見る", "See your log-ins"), Tone::Secondary),
        ]))
    };
    Ok(sign_in(
        &request,
        lang.pick("ログインのお知らせ", "About your log-in"),
        false,
        body,
    ))
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
