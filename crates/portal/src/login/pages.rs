//! The two log-in pages: what one needs, and "place your card now". Written for people who
//! do this seldom: one step at a time, and whom to call.

use access::{challenge::Challenge, errors as no};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Tone},
};

use crate::frame;

const PATH: &str = "/portal/login";
/// マイナンバー総合フリーダイヤル: help with the card and its PIN, day and night for lost cards.
///
/// Source: デジタル庁・J-LIS, 公的個人認証サービス お問い合わせ.
const CARD_LINE: &str = "0120-95-0178";
/// Most characters of a pasted certificate or signature.
const PASTED_MAX: u16 = 16_000;

/// A page for somebody who is not logged in; `path` is its own address.
pub(crate) fn frame_page(
    request: &Request,
    path: &str,
    title: &str,
    has_errors: bool,
    body: Markup,
) -> Answer {
    let lang = request.lang();
    let home = frame::link(lang, path);
    let other = frame::other_language(lang, path);
    Answer::page(ui::page(&ui::Page {
        lang,
        shell: ui::Shell::Portal,
        title,
        has_errors,
        home_href: &home,
        environment_banner: request.app().banner,
        lang_href: Some(&other),
        body,
        ..ui::Page::default()
    }))
}

fn step_bar(lang: Lang, current: usize) -> Markup {
    ui::steps(
        lang,
        &[
            lang.pick("用意する", "Prepare"),
            lang.pick("カードをかざす", "Place the card"),
            lang.pick("ご本人のページ", "Your page"),
        ],
        current,
    )
}

/// The first page: what one needs and what happens; above it why the last try failed.
pub(super) fn welcome(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let start = frame::link(lang, "/portal/login?start=1");
    let begin = lang.pick("カードで確認をはじめる", "Begin with your card");
    let body = html! {
        @if let Some(why) = why { (failure(lang, why)) }
        (step_bar(lang, 0))
        p { (lang.pick(
            "マイナンバーカードでご本人であることを確かめると、あなたの医療の情報と、それを見た人の記録をご覧いただけます。",
            "Show with your My Number card that it is you, to see your health data and who has looked at it.")) }
        (ui::section("needed", lang.pick("用意していただくもの", "What you need"), &needed(lang)))
        (ui::actions(&[ui::button_link(&start, begin, Tone::Primary)]))
        (ui::section("safe", lang.pick("安心してお使いいただくために", "For your safety"), &safety(lang)))
        (ui::section("help", lang.pick("困ったときは", "Help"), &help(lang)))
        p { a href="/login" { (lang.pick("医療機関の職員の方はこちら", "Staff of a facility")) } }
    };
    let title = lang.pick("ご本人のページへのログイン", "Log in to your page");
    let has_errors = why.is_some_and(|why| why.entry.code != no::SESSION_ENDED.code);
    frame_page(request, PATH, title, has_errors, body)
}

pub(crate) fn needed(lang: Lang) -> Markup {
    html! {
        ul {
            li { (lang.pick(
                "マイナンバーカード、または登録が済んだスマートフォン",
                "Your My Number card, or your enrolled phone")) }
            li { (lang.pick(
                "4けたの暗証番号(カードを受け取ったときに決めた「利用者証明用電子証明書」の数字4けた)",
                "Its four-digit PIN (the one for the user authentication certificate)")) }
            li { (lang.pick(
                "カード読み取りアプリの入ったスマートフォン、またはカードリーダーをつないだパソコン",
                "A phone with the card application, or a computer with a card reader")) }
        }
    }
}

fn safety(lang: Lang) -> Markup {
    html! {
        ul {
            li { (lang.pick(
                "暗証番号はカードの中だけで確かめます。このページには送られません。",
                "The PIN is checked inside the card. It is never sent to this page.")) }
            li { (lang.pick(
                "電話やメールで暗証番号をおたずねすることはありません。",
                "Nobody will ask for your PIN by telephone or mail.")) }
            li { (lang.pick(
                "10分間操作がないと、自動でログアウトします。",
                "After ten minutes without activity you are logged out.")) }
            li { (lang.pick(
                "ログインしたことも、あなたの閲覧の履歴に残ります。",
                "Your log-in is on your access history as well.")) }
        }
    }
}

pub(crate) fn help(lang: Lang) -> Markup {
    html! {
        p { (lang.pick(
            "暗証番号を3回続けて間違えると、カードが使えなくなります。そのときや暗証番号を忘れたときは、お住まいの市区町村の窓口で設定し直せます。",
            "After three wrong PINs in a row the card is locked. Your municipality can set a new PIN.")) }
        p {
            (lang.pick("カードの紛失や暗証番号のお困りごと:", "Lost card or PIN trouble: "))
            (lang.pick("マイナンバー総合フリーダイヤル ", "My Number helpline "))
            a href={ "tel:" (CARD_LINE.replace('-', "")) } { (CARD_LINE) }
        }
    }
}

/// Why it did not work and what to do, in the words of someone at home with their card; the
/// catalogue speaks to the counter of a clinic.
pub(crate) fn reason(lang: Lang, why: &Refusal) -> (&'static str, &'static str) {
    let again = lang.pick(
        "「カードで確認をはじめる」から、もう一度お試しください。",
        "Please begin again.",
    );
    let next = match why.entry.code {
        "TSK-ACC-025" => lang.pick(
            "マイナポータル、お住まいの市区町村の窓口、または医療機関のカードリーダーで、健康保険証としての利用登録をしてください。登録が済んでから、もう一度お試しください。",
            "Please register the card as a health insurance card, at Mynaportal, your municipality or a clinic's reader, and try again later.",
        ),
        "TSK-PHN-003" => lang.pick(
            "新しいカード、または今お使いのスマートフォンで、もう一度お試しください。",
            "Please use your new card or your present phone.",
        ),
        code if code.starts_with("TSK-ACC-02") || code == "TSK-ELG-027" => again,
        code if code.starts_with("TSK-CRT-") => lang.pick(
            "もう一度お試しください。続くときは、カードの有効期限を、お住まいの市区町村の窓口でお確かめください。",
            "Please try again. If it goes on, let your municipality check the card's validity.",
        ),
        _ => lang.text(&why.entry.remedy),
    };
    (lang.text(&why.entry.cause), next)
}

pub(crate) fn failure(lang: Lang, why: &Refusal) -> Markup {
    let (cause, next) = reason(lang, why);
    let has_ended = why.entry.code == no::SESSION_ENDED.code;
    let level = if has_ended {
        ui::Level::Info
    } else {
        ui::Level::Error
    };
    ui::notice(
        lang,
        level,
        cause,
        &html! {
            p { (next) }
            @if !has_ended { p { (lang.pick("番号:", "Code: ")) code { (why.entry.code) } } }
        },
    )
}

/// Where a challenge's answer goes.
pub(crate) struct HandOver<'a> {
    /// Where it begins again.
    pub(crate) again: &'a str,
    /// Where the form is sent.
    pub(crate) action: &'a str,
    /// The form's button.
    pub(crate) submit: &'a str,
    /// The addresses for programs: to begin, and to hand over.
    pub(crate) api: (&'a str, &'a str),
    /// What happens when the check is done.
    pub(crate) then: &'a str,
}

/// The second page: a challenge is out, the card is awaited.
pub(super) fn place_card(request: &Request, challenge: &Challenge) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let again = frame::link(lang, "/portal/login?start=1");
    let to = HandOver {
        again: &again,
        action: &frame::link(lang, PATH),
        submit: lang.pick("この内容でログインする", "Log in"),
        api: ("/api/v1/portal/challenges", "/api/v1/portal/sessions"),
        then: lang.pick(
            "確認が終わると、ご本人のページが開きます。",
            "Your page opens when the check is done.",
        ),
    };
    let body = html! {
        (step_bar(lang, 1))
        (awaiting(request, challenge, &to)?)
    };
    let title = lang.pick("カードをかざしてください", "Place your card");
    Ok(frame_page(request, PATH, title, false, body))
}

/// What to do with the card, until when, and the way for programs.
///
/// # Errors
/// `CHALLENGE_ELSEWHERE` when the challenge has no text.
pub(crate) fn awaiting(
    request: &Request,
    challenge: &Challenge,
    to: &HandOver<'_>,
) -> Result<Markup, Refusal> {
    let lang = request.lang();
    let text = challenge
        .text(&request.app().origin)
        .ok_or_else(|| Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    Ok(html! {
        ol {
            li { (lang.pick("カード読み取りアプリを開きます。", "Open the card application.")) }
            li { (lang.pick("アプリの案内に沿って、マイナンバーカードをかざします。", "Place your My Number card as it says.")) }
            li { (lang.pick("4けたの暗証番号を、アプリに入力します。", "Type your four-digit PIN into the application.")) }
            li { (to.then) }
        }
        p {
            (lang.pick("この確認は ", "This check is good until "))
            time datetime=(challenge.expires_at()) { (frame::instant(lang, challenge.expires_at())) }
            (lang.pick(
                "(2分間)まで使えます。過ぎたときは、はじめからやり直してください。",
                ", two minutes from its begin. After that, begin again."))
        }
        (ui::actions(&[
            ui::button_link(to.again, lang.pick("はじめからやり直す", "Begin again"), Tone::Secondary),
        ]))
        (ui::section("help", lang.pick("困ったときは", "Help"), &help(lang)))
        (hand_over(request, challenge, &text, to))
    })
}

/// For card applications that hand over through the browser, and for developers.
fn hand_over(request: &Request, challenge: &Challenge, text: &str, to: &HandOver<'_>) -> Markup {
    let lang = request.lang();
    let pasted = |name, label, hint, rows| {
        ui::text_area(
            &Field {
                lang,
                name,
                label,
                hint: Some(hint),
                required: true,
                max_length: Some(PASTED_MAX),
                ..Field::default()
            },
            rows,
        )
    };
    let fields = html! {
        (ui::hidden("challenge", &challenge.id.to_hex()))
        (pasted("certificate", lang.pick("証明書", "Certificate"),
            lang.pick("利用者証明用電子証明書(DER)をbase64で", "The authentication certificate (DER) in base64"), 6))
        (pasted("signature", lang.pick("署名", "Signature"),
            lang.pick("上の文への署名をbase64で", "The signature over the text above, in base64"), 4))
        (ui::actions(&[ui::submit(to.submit, Tone::Secondary)]))
    };
    html! {
        details {
            summary { (lang.pick("開発者・カード読み取りアプリの方へ", "For developers and card applications")) }
            p { (lang.pick(
                "カードで署名する文(UTF-8、改行はLF、末尾に改行なし)です。RSAの鍵ではSHA-256、P-384の鍵ではSHA-384で署名します。",
                "The text that the card signs: UTF-8, line feeds, none at the end. RSA keys sign with SHA-256, P-384 keys with SHA-384.")) }
            div.scroll role="region" tabindex="0" aria-label=(lang.pick("カードで署名する文", "The text to sign")) {
                pre { code id="challenge-text" { (text) } }
            }
            p {
                (lang.pick("番号:", "Challenge: ")) (ui::copyable(lang, &challenge.id.to_hex()))
            }
            (ui::form(to.action, &request.csrf(), &fields))
            p {
                (lang.pick("アプリからは ", "Programs use "))
                code { "POST " (to.api.0) }
                (lang.pick(" と ", " and "))
                code { "POST " (to.api.1) }
                (lang.pick(" を使います。", "."))
                " " a href="/openapi.json" { "openapi.json" }
            }
        }
    }
}
