//! The page of a session that locked itself: the password, or a passkey, opens it again.
//!
//! Source: identity-security SESS-01.

use access::login::{self, Reentry};
use kernel::Refusal;
use maud::html;
use store::caller::Event;

use super::{get, password_field, post, secure, sign_in, typed};
use crate::{
    Answer, Request, Route, handler,
    proof::{self, Has, failure},
    standing,
    ui::{self, Tone},
};

static REENTRY: Event = Event {
    code: "staff.reentry",
    ja: "閉じた画面の再開",
    en: "locked session opened again",
};

/// The pages of a locked session.
pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/lock",
            &REENTRY,
            ("閉じた画面の再開", "locked session"),
            handler!(page),
        ),
        post(
            "/lock",
            &REENTRY,
            ("閉じた画面の再開の確認", "open a locked session"),
            handler!(unlock),
        ),
    ]
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    if request.token().is_none() {
        return Ok(Answer::see_other("/login"));
    }
    let has = proof::has(&request).await?;
    Ok(lock_form(
        &request,
        has,
        request.query("next").unwrap_or("/"),
        None,
    ))
}

fn lock_form(request: &Request, has: Has, next: &str, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let next = standing::back(request, next);
    let fields = html! {
        (ui::hidden("next", next))
        (password_field(request, true))
        (ui::actions(&[ui::submit(lang.pick("続ける", "Go on"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        div id="locked" {
            p { (lang.pick(
                "しばらく操作がなかったため、画面を閉じています。パスワードを入力すると、続きから操作できます。",
                "Nobody used this screen for a while, so it is closed. Enter your password to go on.")) }
        }
        (ui::form("/lock", &request.csrf(), &fields))
        @if has.passkey {
            (proof::passkey_form(request, "/lock", "/passkey/options", "show", &ui::hidden("next", next),
                lang.pick("パスキーで続ける", "Go on with a passkey")))
        }
        (ui::post_button("/logout", &request.csrf(), &[],
            lang.pick("ログアウトして、ほかの人に替わる", "Log out, for somebody else"), Tone::Secondary))
    };
    sign_in(
        request,
        lang.pick("画面を閉じています", "This screen is closed"),
        why.is_some(),
        body,
    )
}

async fn unlock(request: Request) -> Result<Answer, Refusal> {
    let Some(token) = request.token().map(str::to_owned) else {
        return Ok(Answer::see_other("/login"));
    };
    let form = request.form()?;
    let with = match proof::shown(&request, &form)? {
        Some(shown) => Reentry::Factor(shown),
        None => {
            let waiting = token.clone();
            let account = request
                .look_up(move |call| Ok(login::waiting(call, &waiting)?))
                .await?;
            let stored = account.map(|account| account.password);
            let typed = typed(&request, &form, "password");
            Reentry::Password(request.app().passwords.fits(stored, typed).await?)
        }
    };
    let old = token.clone();
    let opened = request
        .write(move |call| login::reenter(call, &token, &with))
        .await?;
    match opened {
        Ok(token) => {
            request.app().gate.forget(&old);
            let next = standing::back(&request, form.text("next"));
            Ok(Answer::see_other(next).with_session(token.reveal(), secure(&request)))
        }
        Err(why) => {
            let has = proof::has(&request).await?;
            // The fifth failure has ended the session: its end must be seen at once.
            if !has.app && !has.passkey && !has.card {
                request.app().gate.forget(&old);
            }
            let form = lock_form(&request, has, form.text("next"), Some(&why));
            Ok(form.with_status(why.entry.status))
        }
    }
}
