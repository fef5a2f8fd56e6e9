//! Showing a second factor again, before a dangerous act.

use access::{factor::Proof, login};
use kernel::Refusal;
use maud::html;

use crate::{
    Answer, Request,
    login::secure,
    proof::{self, Has, failure},
    standing,
};

pub(super) async fn page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = super::token(&request) {
        return Ok(elsewhere);
    }
    let has = proof::has(&request).await?;
    let next = request.query("next").unwrap_or("/account").to_owned();
    form(&request, has, &next, None).await
}

async fn form(
    request: &Request,
    has: Has,
    next: &str,
    why: Option<&Refusal>,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let next = standing::back(request, next);
    let label = lang.pick("確認する", "Confirm");
    let card = if has.card {
        let fields = crate::ui::hidden("next", next);
        Some(proof::card_form(request, standing::CONFIRM, &fields, label).await?)
    } else {
        None
    };
    let body = html! {
        (failure(lang, why))
        p { (lang.pick(
            "大切な操作のため、2つめの確認をもう一度お願いします。確認は5分間有効です。",
            "What you are about to do needs your second factor once more. It is good for five minutes.")) }
        (proof::forms(request, standing::CONFIRM, next, has, label))
        @if let Some(card) = card {
            details id="confirm-card" {
                summary { (lang.pick("マイナンバーカードで確認する", "Use your My Number card")) }
                (card)
            }
        }
        p { a href="/account" { (lang.pick("やめて戻る", "Cancel")) } }
    };
    let title = lang.pick("本人確認", "Confirm that it is you");
    Ok(super::frame(request, title, why.is_some(), body))
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let given = request.form()?;
    let shown = match proof::shown(&request, &given) {
        Ok(shown) => shown.unwrap_or_else(|| Proof::Code(String::new())),
        Err(_) => Proof::Code(String::new()),
    };
    let old = token.clone();
    let confirmed = request
        .write(move |call| login::confirm(call, &token, &shown))
        .await?;
    request.app().gate.forget(&old);
    match confirmed {
        Ok(token) => {
            let next = standing::back(&request, given.text("next"));
            Ok(Answer::see_other(next).with_session(token.reveal(), secure(&request)))
        }
        Err(why) => {
            let has = proof::has(&request).await?;
            // The fifth failure has ended the session.
            if !has.app && !has.passkey && !has.card {
                return Ok(Answer::see_other("/login?ended=1"));
            }
            let page = form(&request, has, given.text("next"), Some(&why)).await?;
            Ok(page.with_status(422))
        }
    }
}
