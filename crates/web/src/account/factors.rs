//! Adding and removing second factors. Each new one has to prove itself before it counts.

use access::{factor, login, passkey, staff};
use kernel::{
    Refusal, Secret,
    id::{FacilityId, FactorId, StaffId},
};
use maud::{Markup, html};
use store::{Call, Stop};

use crate::{
    Answer, Request,
    login::secure,
    proof::{self, failure},
    ui::{self, Field, Lang, Tone},
};

pub(super) async fn page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = super::token(&request) {
        return Ok(elsewhere);
    }
    super::may_change_factors(&request)?;
    Ok(form(&request, None))
}

fn name(request: &Request) -> &str {
    request.caller().name()
}

/// The secret of a new authenticator: this session's, so that nothing waits in the store.
fn secret(request: &Request) -> Secret<Vec<u8>> {
    let id = request.session().map(|session| session.id.to_hex());
    let gate = &request.app().gate;
    let mut secret = gate.app_secret(id.as_deref().unwrap_or_default()).to_vec();
    secret.truncate(staff::TOTP_SECRET_LEN);
    Secret::new(secret)
}

/// RFC 4648 without padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut bits: u64 = 0;
        for nth in 0..5 {
            bits = bits << 8 | u64::from(chunk.get(nth).copied().unwrap_or(0));
        }
        let letters = (chunk.len() * 8).div_ceil(5);
        for nth in 0..letters {
            let at = usize::try_from(bits >> (35 - 5 * nth) & 31).unwrap_or(0);
            out.push(char::from(LETTERS.get(at).copied().unwrap_or(b'A')));
        }
    }
    out
}

fn label_field(lang: Lang) -> Markup {
    ui::text_field(&Field {
        lang,
        name: "label",
        label: lang.pick(
            "呼び名(例:病棟のスマートフォン)",
            "A name for it, such as: ward phone",
        ),
        max_length: Some(60),
        ..Field::default()
    })
}

fn form(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let body = html! {
        (failure(lang, why))
        @if passkey::is_possible(&request.app().origin) {
            (ui::section("add-passkey", lang.pick("パスキー(おすすめ)", "Passkey (recommended)"), &html! {
                p { (lang.pick(
                    "スマートフォンやパソコンの画面ロック(指紋・顔・暗証番号)で確認します。",
                    "Your phone or computer confirms with its own screen lock.")) }
                (proof::passkey_form(request, "/account/factors/passkey", "/account/factors/passkey/options",
                    "add", &label_field(lang), lang.pick("パスキーを登録する", "Register a passkey")))
            }))
        }
        (ui::section("add-app", lang.pick("認証アプリ", "Authenticator"), &app_form(request)))
        (ui::section("add-card", lang.pick("マイナンバーカード", "My Number card"), &html! {
            (ui::actions(&[ui::button_link("/account/factors/card",
                lang.pick("カードを登録する", "Register a card"), Tone::Secondary)]))
        }))
    };
    let title = lang.pick("確認方法の追加", "Add a second factor");
    super::frame(request, title, why.is_some(), body)
}

fn app_form(request: &Request) -> Markup {
    let lang = request.lang();
    let secret = base32(secret(request).reveal());
    let groups: Vec<&str> = (0..secret.len())
        .step_by(4)
        .filter_map(|from| secret.get(from..(from + 4).min(secret.len())))
        .collect();
    let account =
        percent_encoding::utf8_percent_encode(name(request), percent_encoding::NON_ALPHANUMERIC);
    let uri =
        format!("otpauth://totp/tasuki:{account}?secret={secret}&issuer=tasuki&digits=6&period=30");
    let code = ui::one_time_code_field(&Field {
        lang,
        name: "code",
        label: lang.pick(
            "アプリに表示された6けたの数字",
            "The six digits that the app shows",
        ),
        required: true,
        ..Field::default()
    });
    let fields = html! {
        (code)
        (ui::actions(&[ui::submit(lang.pick("認証アプリを登録する", "Register the authenticator"), Tone::Primary)]))
    };
    html! {
        p { (lang.pick(
            "認証アプリに、下の登録用の文字を入力するか、このスマートフォンのアプリでリンクを開きます。前に登録したアプリは使えなくなります。",
            "Type the key below into your authenticator, or open the link on the phone that has it. An authenticator registered before will no longer work.")) }
        p { (lang.pick("登録用の文字:", "Key: ")) code id="app-secret" { (groups.join(" ")) } }
        p { a id="app-uri" href=(uri) { (lang.pick("認証アプリで開く", "Open in the authenticator")) } }
        (ui::form("/account/factors/app", &request.csrf(), &fields))
    }
}

/// Runs a change of the account's factors; a refusal is shown above the forms.
async fn changed<F>(request: &Request, mut change: F) -> Result<Answer, Refusal>
where
    F: FnMut(&mut Call<'_>, &str) -> Result<(), Stop> + Send + 'static,
{
    let token = match super::token(request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    super::may_change_factors(request)?;
    let old = token.clone();
    let done = request
        .write(move |call| {
            change(call, &token)?;
            let place: Option<(FacilityId, StaffId)> =
                login::waiting(call, &token)?.map(|account| account.place());
            Ok((login::settle(call, &token)?, place))
        })
        .await;
    match done {
        Ok((token, place)) => {
            request.app().gate.forget(&old);
            if let Some((facility, staff)) = place {
                request.app().gate.forget_staff(facility, staff);
            }
            Ok(Answer::see_other("/account").with_session(token.reveal(), secure(request)))
        }
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => Ok(form(request, Some(&why)).with_status(why.entry.status)),
    }
}

pub(super) async fn add_app(request: Request) -> Result<Answer, Refusal> {
    let code = kernel::code::half_width(request.form()?.text("code")).replace(' ', "");
    let secret = secret(&request);
    changed(&request, move |call, token| {
        factor::set_app(call, token, &secret, &code)
    })
    .await
}

pub(super) async fn passkey_options(request: Request) -> Result<Answer, Refusal> {
    let token = match super::token(&request) {
        Ok(token) => token,
        Err(elsewhere) => return Ok(elsewhere),
    };
    super::may_change_factors(&request)?;
    let origin = request.app().origin.clone();
    let options = request
        .write(move |call| passkey::begin_adding(call, &token, &origin))
        .await?;
    Ok(Answer::json(200, &options))
}

pub(super) async fn add_passkey(request: Request) -> Result<Answer, Refusal> {
    let given = request.form()?;
    let (answer, label) = (
        given.text("passkey").to_owned(),
        given.text("label").to_owned(),
    );
    let origin = request.app().origin.clone();
    changed(&request, move |call, token| {
        passkey::finish_adding(call, token, &origin, &answer, &label).map(|_| ())
    })
    .await
}

pub(super) async fn card_page(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = super::token(&request) {
        return Ok(elsewhere);
    }
    super::may_change_factors(&request)?;
    let lang = request.lang();
    let label = lang.pick("このカードを登録する", "Register this card");
    let body =
        proof::card_form(&request, "/account/factors/card", &label_field(lang), label).await?;
    let title = lang.pick("カードの登録", "Register a card");
    Ok(super::frame(&request, title, false, body))
}

pub(super) async fn add_card(request: Request) -> Result<Answer, Refusal> {
    if let Err(elsewhere) = super::token(&request) {
        return Ok(elsewhere);
    }
    let given = request.form()?;
    let answer = match proof::card(&request, &given) {
        Ok(answer) => answer,
        Err(_) => {
            let why = Refusal::new(&access::errors::FACTOR_REFUSED);
            crate::funnel::note(&request, why.entry).await;
            return Ok(form(&request, Some(&why)).with_status(why.entry.status));
        }
    };
    let (origin, label) = (request.app().origin.clone(), given.text("label").to_owned());
    changed(&request, move |call, token| {
        factor::add_card(call, token, &origin, &answer, &label).map(|_| ())
    })
    .await
}

pub(super) async fn remove(request: Request) -> Result<Answer, Refusal> {
    let id = request.form()?.text("id").to_owned();
    changed(&request, move |call, token| match id.as_str() {
        "app" => factor::remove_app(call, token),
        id => match FactorId::parse(id) {
            Some(id) => factor::remove(call, token, id),
            None => Ok(()),
        },
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn secrets_are_spelled_as_rfc_4648_says() {
        for (plain, spelled) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), spelled);
        }
    }
}
