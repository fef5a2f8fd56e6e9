//! Changing one's password, with everything that is wrong about a new one in plain words.

use access::{
    errors as no, login,
    password::{Context, Fault, judge},
    staff::{self, Account},
};
use kernel::{Refusal, Secret};
use maud::html;

use crate::{
    Answer, Request,
    login::{secure, typed},
    proof::failure,
    ui::{self, Field, Level, Tone},
};

pub(super) async fn page(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account = request
        .look_up(move |call| Ok(login::waiting(call, &token)?))
        .await?;
    // The password is in order; what is still missing is a second factor.
    let is_done = account.is_some_and(|account| !account.must_change);
    if super::is_mending(&request) && is_done {
        return Ok(Answer::see_other("/account/factors"));
    }
    Ok(form(&request, None))
}

fn form(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let field = |name, label, hint, autofocus| Field {
        lang,
        name,
        label,
        hint,
        required: true,
        autofocus,
        ..Field::default()
    };
    let fields = html! {
        (ui::password_field(&Field {
            autocomplete: Some("current-password"),
            ..field("current", lang.pick("いまのパスワード", "Current password"), None, true)
        }))
        (ui::new_password_field(&field("password", lang.pick("新しいパスワード", "New password"),
            Some(lang.pick(
                "英字・数字・記号を混ぜた8文字以上、または13文字以上。お名前・ログイン名・生年月日・施設名・よくある言葉は使えません。",
                "At least 8 characters mixing letters, digits and signs, or at least 13; not your name, log-in name, date of birth, facility or common words.")), false)))
        (ui::new_password_field(&field("again", lang.pick("新しいパスワード(確認)", "New password, again"), None, false)))
        (ui::actions(&[ui::submit(lang.pick("変更する", "Change"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        @if super::is_mending(request) && why.is_none() {
            (ui::notice(lang, Level::Info, lang.pick(
                "はじめに、ご自分のパスワードを決めてください。",
                "First, choose a password of your own."), &html! {
                p { (lang.pick(
                    "お渡ししたパスワードは、はじめの1回だけ使うものです。変更すると、ほかの画面が使えるようになります。",
                    "The one you were given is for the first log-in only. After the change the other pages open.")) }
            }))
        }
        (ui::form("/account/password", &request.csrf(), &fields))
    };
    let title = lang.pick("パスワードの変更", "Change your password");
    super::frame(request, title, why.is_some(), body)
}

pub(super) async fn change(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match set(&request, &token).await {
        Ok((new, place)) => {
            request.app().gate.forget_staff(place.facility, place.staff);
            Ok(Answer::see_other("/account").with_session(new.reveal(), secure(&request)))
        }
        Err(why) if why.entry.status >= 429 => Err(why),
        Err(why) => {
            crate::funnel::note(&request, why.entry).await;
            Ok(form(&request, Some(&why)).with_status(422))
        }
    }
}

async fn set(request: &Request, token: &str) -> Result<(Secret<String>, Account), Refusal> {
    let given = request.form()?;
    let (current, new) = (
        typed(request, &given, "current"),
        typed(request, &given, "password"),
    );
    let owner = token.to_owned();
    let found = request
        .look_up(move |call| {
            let Some(account) = login::waiting(call, &owner)? else {
                return Ok(None);
            };
            let former = staff::former_passwords(call, &account)?;
            Ok(Some((account, former)))
        })
        .await?;
    let (account, former) = found.ok_or_else(|| Refusal::new(&no::LOGIN_REQUIRED))?;
    let passwords = &request.app().passwords;
    let fits = passwords
        .fits(Some(account.password.clone()), current)
        .await?;
    if !fits {
        // Guesses at an open terminal count as guesses at the log-in do.
        let (owner, old) = (token.to_owned(), token.to_owned());
        let failed = request
            .write(move |call| login::reenter(call, &owner, &login::Reentry::Password(false)))
            .await?;
        request.app().gate.forget(&old);
        return Err(failed
            .err()
            .unwrap_or_else(|| Refusal::new(&no::LOGIN_FAILED)));
    }
    if given.all("password") != given.all("again") {
        let mut refusal = Refusal::at(&no::PASSWORD_WEAK, "again", "");
        for finding in &mut refusal.findings {
            finding.remedy_ja = "2回の入力が違います。同じものを入力してください。".to_owned();
            finding.remedy_en = "the two are not the same: type the same twice".to_owned();
        }
        return Err(refusal);
    }
    let mut faults = faults(request, &account, new.plain());
    if faults.is_empty() && passwords.fits_any(former, new.clone()).await? {
        faults.push(Fault::Reused);
    }
    if !faults.is_empty() {
        let findings = faults.into_iter().map(Fault::finding).collect();
        return Err(Refusal::with(&no::PASSWORD_WEAK, findings));
    }
    let hash = passwords.hash(new).await?;
    let owner = token.to_owned();
    let renewed = request
        .write(move |call| login::change_password(call, &owner, &hash))
        .await?;
    Ok((renewed, account))
}

fn faults(request: &Request, account: &Account, new: &str) -> Vec<Fault> {
    let home = request.caller().home();
    let words: Vec<&str> = home
        .map(|home| vec![home.name.as_str(), home.code.as_str()])
        .unwrap_or_default();
    let context = Context {
        login: &account.particulars.login,
        name: &account.name,
        kana: &account.particulars.kana,
        birth: account.particulars.birth,
        words: &words,
    };
    judge(new, &context, true).err().unwrap_or_default()
}
