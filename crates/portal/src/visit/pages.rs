//! The pages of a visit code on the person's phone.

use access::{challenge::Challenge, consent::receipt::Signed};
use eligibility::{
    codes::{
        Phone,
        model::{Digits, Invitation, Kind},
    },
    consents::{self, Chooser, until_words},
};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Tone},
};

use super::{
    PATH,
    choice::{Now, TOKEN},
};
use crate::{
    frame,
    login::pages::{HandOver, awaiting, failure, frame_page, help, needed},
};

fn step_bar(lang: Lang, current: usize) -> Markup {
    ui::steps(
        lang,
        &[
            lang.pick("相手を確かめる", "Who asks"),
            lang.pick("カードをかざす", "Place the card"),
            lang.pick("見せる情報を選ぶ", "Choose"),
            lang.pick("完了", "Done"),
        ],
        current,
    )
}

/// Where the digits are typed; above it why those before did not do.
pub(super) fn type_in(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let fields = html! {
        (ui::code_field(&Field {
            lang,
            name: "code",
            label: lang.pick("来院コード", "Visit code"),
            hint: Some(lang.pick("受付で渡された8けたの数字", "The eight digits from the reception")),
            required: true,
            max_length: Some(20),
            width: ui::Width::Medium,
            autofocus: true,
            ..Field::default()
        }))
        (ui::actions(&[ui::submit(lang.pick("次へ", "Next"), Tone::Primary)]))
    };
    let body = html! {
        @if let Some(why) = why {
            (ui::notice(lang, ui::Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) }
                p { (lang.pick("番号:", "Code: ")) code { (why.entry.code) } }
            }))
        }
        p { (lang.pick(
            "医療機関から渡された来院コードで、本人確認と、見せる情報の選択ができます。",
            "With the visit code of a facility you show who you are and choose what it may see.")) }
        (ui::form(&frame::link(lang, PATH), "", &fields))
        (ui::section("help", lang.pick("困ったときは", "Help"), &help(lang)))
    };
    let title = lang.pick("来院コードの入力", "Your visit code");
    frame_page(request, PATH, title, why.is_some(), body)
}

const fn what_for(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::InCar => lang.pick("受診の受付(車内などで待つ方)", "reception, in the car"),
        Kind::HomeVisit => lang.pick("訪問診療・訪問看護の受付", "a visit at your home"),
        Kind::Online => lang.pick("オンライン診療の受付", "an online consultation"),
        Kind::Counter => lang.pick("受診の受付", "reception"),
    }
}

fn who_asks(lang: Lang, of: &Invitation, now: kernel::time::Timestamp) -> Markup {
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let until = until_words(lang, of.expires_at, now);
    let until = match lang {
        Lang::Ja => format!("{until}まで"),
        Lang::En => until,
    };
    ui::facts(
        "",
        &[
            fact(
                lang.pick("医療機関など", "Facility"),
                format!("{}({})", of.facility_name, of.facility_code),
            ),
            fact(
                lang.pick("何のために", "What for"),
                what_for(lang, of.kind).to_owned(),
            ),
            fact(lang.pick("コードの期限", "Code ends"), until),
        ],
    )
}

/// Who asks for what.
pub(super) fn invitation(
    request: &Request,
    digits: &Digits,
    of: &Invitation,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let start = frame::link(lang, &format!("{}?start=1", digits.path()));
    let name = &of.facility_name;
    let lead = match lang {
        Lang::Ja => format!("「{name}」が、あなたの本人確認をお願いしています。"),
        Lang::En => format!("{name} asks you to show who you are."),
    };
    let body = html! {
        @if let Some(why) = why { (failure(lang, why)) }
        (step_bar(lang, 0))
        p { strong { (lead) } }
        (who_asks(lang, of, request.at()))
        p { (lang.pick(
            "確認すると、お名前・生年月日・保険の資格がこの医療機関に伝わります。お薬や検査などの情報は、このあとの画面であなたが選んだものだけを見せます。",
            "The facility gets your name, date of birth and insurance. Of anything else it sees only what you choose on the next page.")) }
        (ui::actions(&[ui::button_link(&start, lang.pick("カードで確認をはじめる", "Begin with your card"), Tone::Primary)]))
        (ui::notice(lang, ui::Level::Info,
            lang.pick("お心当たりのないときは、使わないでください。", "If you do not know this facility, do not go on."),
            &html! {}))
        (ui::section("needed", lang.pick("用意していただくもの", "What you need"), &needed(lang)))
        (ui::section("help", lang.pick("困ったときは", "Help"), &help(lang)))
    };
    let title = lang.pick("来院の確認", "Your visit");
    frame_page(request, &digits.path(), title, why.is_some(), body)
}

/// A challenge is out, the card is awaited.
///
/// # Errors
/// `CHALLENGE_ELSEWHERE` when the challenge has no text.
pub(super) fn place_card(
    request: &Request,
    digits: &Digits,
    of: &Invitation,
    challenge: &Challenge,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let path = digits.path();
    let to = HandOver {
        again: &frame::link(lang, &format!("{path}?start=1")),
        action: &frame::link(lang, &path),
        submit: lang.pick("この内容で本人確認をする", "Show who I am"),
        api: (
            "/api/v1/visit-codes/challenges",
            "/api/v1/visit-codes/proofs",
        ),
        then: lang.pick(
            "確認が終わると、見せる情報を選ぶ画面が開きます。",
            "Then you choose what to show.",
        ),
    };
    let body = html! {
        (step_bar(lang, 1))
        (who_asks(lang, of, request.at()))
        (awaiting(request, challenge, &to)?)
    };
    let title = lang.pick("カードをかざしてください", "Place your card");
    Ok(frame_page(request, &path, title, false, body))
}

/// The proof did not do; the code is as it was.
pub(super) fn not_proved(request: &Request, digits: &Digits, why: &Refusal) -> Answer {
    let lang = request.lang();
    let path = digits.path();
    let again = frame::link(lang, &format!("{path}?start=1"));
    let body = html! {
        (failure(lang, why))
        (step_bar(lang, 1))
        (ui::actions(&[ui::button_link(&again, lang.pick("カードで確認をはじめる", "Begin with your card"), Tone::Primary)]))
        (ui::section("help", lang.pick("困ったときは", "Help"), &help(lang)))
    };
    let title = lang.pick("確認できませんでした", "Not verified");
    frame_page(request, &path, title, true, body)
}

/// The same form as at a counter.
pub(super) fn choice(request: &Request, digits: &Digits, now: &Now, token: &str) -> Answer {
    let lang = request.lang();
    let path = format!("{}/consent", digits.path());
    let of = &now.phone.invitation;
    let done = frame::link(lang, &format!("{}/done", digits.path()));
    let body = html! {
        (step_bar(lang, 2))
        (ui::notice(lang, ui::Level::Success,
            lang.pick("ご本人の確認ができました。", "You are verified."),
            &html! { p { (now.phone.visit.name) (lang.pick(" さん", "")) } }))
        @if now.is_possible {
            (consents::chooser(&Chooser {
                lang,
                action: &frame::link(lang, &path),
                csrf: &request.csrf(),
                token: Some((TOKEN, token)),
                facility: &of.facility_name,
                open: &now.open,
                standing: now.standing,
                at: request.at(),
            }))
        } @else {
            p { (lang.pick(
                "施術所には、保険の資格だけが伝わります。診療の情報は見られません。",
                "A therapy office gets your insurance alone, and sees no clinical information.")) }
            (ui::actions(&[ui::button_link(&done, lang.pick("終わる", "Finish"), Tone::Primary)]))
        }
    };
    let title = lang.pick("見せる情報を選ぶ", "Choose what to show");
    frame_page(request, &path, title, false, body)
}

/// It is done; with the receipt when something was chosen.
pub(super) fn done(
    request: &Request,
    digits: &Digits,
    phone: &Phone,
    signed: Option<&Signed>,
) -> Answer {
    let lang = request.lang();
    let path = format!("{}/done", digits.path());
    let name = &phone.invitation.facility_name;
    let heading = match lang {
        Lang::Ja => format!("「{name}」の受付に伝わりました。"),
        Lang::En => format!("{name} knows that you are here."),
    };
    let nothing = match (phone.chosen, lang) {
        (None, _) => String::new(),
        (Some(_), Lang::Ja) => format!("{name}は、あなたの診療の情報を見られません。"),
        (Some(_), Lang::En) => format!("{name} may see none of your information."),
    };
    let portal = frame::link(lang, "/portal/login");
    let body = html! {
        (step_bar(lang, 3))
        (ui::notice(lang, ui::Level::Success, &heading, &html! {
            p { (lang.pick("このままお待ちください。この画面は閉じてかまいません。", "Please wait. You may close this page.")) }
        }))
        @match signed {
            Some(signed) => (consents::paper(lang, signed, request.at())),
            None => p { (nothing) },
        }
        (ui::actions(&[
            ui::print_button(lang),
            ui::button_link(&portal, lang.pick("ご本人のページを開く", "Open your page"), Tone::Quiet),
        ]))
    };
    let title = lang.pick("完了しました", "Done");
    frame_page(request, &path, title, false, body)
}
