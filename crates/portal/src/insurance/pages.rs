//! The screen for the counter, and how card and phone stand.

use eligibility::{phones::ops::CODE_SECONDS, rules};
use kernel::{Refusal, Secret};
use maud::{Markup, html};
use registry::model::{Coverage, EndReason, HeldCertificate, Profile};
use web::{
    Answer, Request,
    ui::{self, Lang, Tone},
};

use super::{CANCEL, CODE, News, PHONE, PHONE_END, REGISTER, REGISTRATION, SCREEN, Seen, spaced};
use crate::{
    frame::{self, Tab},
    home, login,
};

/// Days for which the end of a phone is told above the page.
const TOLD_DAYS: i64 = 30;

/// 資格情報の画面, with a code for the counter when one was just made.
pub(super) fn screen(request: &Request, seen: &Seen, code: Option<&Secret<String>>) -> Answer {
    let lang = request.lang();
    let today = request.at().jst_date();
    let coverage = rules::judge(&seen.coverages, None, today);
    let body = html! {
        p { (lang.pick(
            "カードやスマートフォンを受付で読み取れないときに、この画面を見せてください。",
            "Show this screen at the counter when neither card nor phone can be read.")) }
        @if seen.is_own { (ui::section("code", lang.pick("受付に伝える番号", "The code for the counter"), &code_part(request, code))) }
        (ui::section("facts", lang.pick("資格情報", "Your coverage"), &html! {
            @match coverage {
                Ok(coverage) => { (facts(request, &seen.profile, coverage)) }
                Err(why) => { (ui::notice(lang, ui::Level::Warning, lang.text(&why.cause), &html! {
                    p { (lang.pick(
                        "勤め先の健康保険の窓口、またはお住まいの市区町村におたずねください。",
                        "Please ask your employer's health insurance or your municipality.")) }
                })) }
            }
        }))
        (ui::actions(&[ui::button_link(&frame::link(lang, REGISTRATION),
            lang.pick("カード・スマートフォンの利用登録", "Registration of card and phone"), Tone::Secondary)]))
    };
    let title = Tab::Insurance.label(lang);
    frame::portal_page(request, &seen.profile.name, title, Tab::Insurance, body)
}

fn code_part(request: &Request, code: Option<&Secret<String>>) -> Markup {
    let lang = request.lang();
    let action = frame::link(lang, CODE);
    let until = frame::instant(lang, request.at().plus_seconds(CODE_SECONDS));
    let label = if code.is_some() {
        lang.pick("新しい番号にする", "Make a new code")
    } else {
        lang.pick("番号を表示する", "Show a code")
    };
    let tone = if code.is_some() {
        Tone::Secondary
    } else {
        Tone::Primary
    };
    html! {
        @if let Some(code) = code {
            p { strong.verdict-word { (spaced(code)) } }
            p { (match lang {
                Lang::Ja => format!("受付の方にこの番号を見せてください。{until}まで(5分間)、1回だけ使えます。"),
                Lang::En => format!("Show it at the counter. It is good once, until {until} (five minutes)."),
            }) }
            p { (lang.pick(
                "電話やメールで、この番号をほかの人に伝えないでください。",
                "Tell this code to nobody by telephone or mail.")) }
        } @else {
            p { (lang.pick(
                "ボタンを押すと、5分間だけ使える8けたの番号が出ます。受付の方が入力すると、カードと同じように資格を確認できます。",
                "The button shows eight digits that are good for five minutes. Typed at the counter, they verify your coverage as your card does.")) }
        }
        (ui::post_button(&action, &request.csrf(), &[], label, tone))
    }
}

fn facts(request: &Request, profile: &Profile, coverage: &Coverage) -> Markup {
    let lang = request.lang();
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let none = || lang.pick("なし", "none").to_owned();
    let or_none = |text: &str| {
        if text.is_empty() {
            none()
        } else {
            text.to_owned()
        }
    };
    let branch = coverage
        .branch
        .as_ref()
        .map_or_else(none, |b| b.as_str().to_owned());
    let ceiling = coverage.ceiling.as_ref().map_or_else(
        || lang.pick("届いていません", "not given").to_owned(),
        |c| format!("{}({})", c.class.ja(), c.class.code()),
    );
    ui::facts(
        "",
        &[
            fact(lang.pick("お名前", "Name"), profile.name.clone()),
            fact(lang.pick("フリガナ", "Kana"), profile.kana.clone()),
            fact(
                lang.pick("生年月日", "Date of birth"),
                ui::date_text(lang, profile.birth),
            ),
            fact(
                lang.pick("保険者", "Insurer"),
                format!(
                    "{}({})",
                    coverage.insurer_name,
                    coverage.insurer_number.as_str()
                ),
            ),
            fact(
                lang.pick("記号", "Symbol"),
                or_none(coverage.symbol.as_str()),
            ),
            fact(
                lang.pick("番号", "Number"),
                coverage.person_number.as_str().to_owned(),
            ),
            fact(lang.pick("枝番", "Branch number"), branch),
            fact(
                lang.pick("窓口での負担", "Your share"),
                home::copay(lang, coverage.copay),
            ),
            fact(lang.pick("限度額区分", "Ceiling class"), ceiling),
            fact(
                lang.pick("この情報の時点", "As of"),
                frame::instant(lang, request.at()),
            ),
        ],
    )
}

/// How card and phone stand, with what can be done.
pub(super) fn registration(request: &Request, seen: &Seen, news: &News<'_>) -> Answer {
    let lang = request.lang();
    let part = Part {
        request,
        seen,
        lang,
    };
    let body = html! {
        (part.news(news))
        (part.ended_lately())
        @if !seen.is_own {
            (ui::notice(lang, ui::Level::Info, lang.pick(
                "登録や取り消しは、ご本人のカードでログインしたときだけできます。",
                "Only the person's own card can change this."), &html! {}))
        }
        (ui::section("card", lang.pick("マイナンバーカード", "My Number card"), &part.card()))
        (ui::section("phone", lang.pick("スマートフォン", "Phone"), &part.phone()))
        (ui::section("past", lang.pick("これまでの記録", "What was before"), &part.past()))
        (ui::actions(&[ui::button_link(&frame::link(lang, SCREEN),
            lang.pick("受付に見せる画面にもどる", "Back to the screen for the counter"), Tone::Quiet)]))
    };
    let title = lang.pick("保険証としての利用", "Use as an insurance card");
    frame::portal_page(request, &seen.profile.name, title, Tab::Insurance, body)
}

struct Part<'a> {
    request: &'a Request,
    seen: &'a Seen,
    lang: Lang,
}

impl Part<'_> {
    fn news(&self, news: &News<'_>) -> Markup {
        let lang = self.lang;
        match news {
            News::Nothing => html! {},
            News::Done(ja, en) => {
                ui::notice(lang, ui::Level::Success, lang.pick(ja, en), &html! {})
            }
            News::Refused(why) => failure(lang, why),
        }
    }

    /// Whoever's phone was ended by another should see it without looking for it.
    fn ended_lately(&self) -> Markup {
        let lang = self.lang;
        let since = self.request.at().plus_hours(-24 * TOLD_DAYS);
        let lately = self.seen.standing.certificates.iter().rev().find(|one| {
            matches!(one.end, Some((at, reason)) if at > since
                && one.medium.is_phone() && reason != EndReason::Removed)
        });
        let Some((one, (at, reason))) = lately.and_then(|one| Some((one, one.end?))) else {
            return html! {};
        };
        let heading = match lang {
            Lang::Ja => format!("「{}」は使えなくなりました({})", one.label, reason.ja()),
            Lang::En => format!("“{}” has ended", one.label),
        };
        ui::notice(
            lang,
            ui::Level::Warning,
            &heading,
            &html! {
                p { (frame::instant(lang, at)) }
                p { (lang.pick(
                    "お心当たりがないときは、今のスマートフォンの利用をやめ、マイナンバー総合フリーダイヤルにお電話ください。",
                    "If that was not you, end the present phone and call the My Number helpline.")) }
            },
        )
    }

    fn card(&self) -> Markup {
        let lang = self.lang;
        let standing = &self.seen.standing;
        let csrf = self.request.csrf();
        if let Some(since) = standing.registered_at() {
            return html! {
                p { strong { (lang.pick("健康保険証として登録されています。", "Registered as your insurance card.")) } }
                (ui::facts("", &[ui::Fact {
                    label: lang.pick("登録した日時", "Since"),
                    value: html! { (frame::instant(lang, since)) },
                }]))
                @if self.seen.is_own {
                    details {
                        summary { (lang.pick("利用登録を取り消す", "Cancel the registration")) }
                        p { (lang.pick(
                            "取り消すと、次の受診からカードもスマートフォンも保険証として使えません。加入先の保険者から届く資格確認書をお使いください。これまでの記録は消えません。あとでもう一度登録できます。",
                            "From your next visit on neither card nor phone stands for your insurance card; use the certificate of eligibility from your insurer. Nothing that was recorded is lost, and you can register again.")) }
                        (ui::post_button(&frame::link(lang, CANCEL), &csrf, &[],
                            lang.pick("利用登録を取り消す", "Cancel the registration"), Tone::Danger))
                    }
                }
            };
        }
        let cancelled = standing.uses.last().and_then(|last| last.until);
        html! {
            @match cancelled {
                Some(at) => {
                    p { strong { (lang.pick("利用登録は取り消されています。", "The registration is cancelled.")) } }
                    p { (lang.pick("取り消した日時: ", "Since: ")) (frame::instant(lang, at)) }
                }
                None => {
                    p { strong { (lang.pick("健康保険証としての利用登録は、まだ済んでいません。", "Not registered as your insurance card yet.")) } }
                }
            }
            p { (lang.pick(
                "登録すると、医療機関や薬局の受付で、カードを保険証として使えます。カードと4けたの暗証番号を用意してください。",
                "Once registered, the card is your insurance card at every counter. You need the card and its four-digit PIN.")) }
            @if self.seen.is_own {
                (ui::actions(&[ui::button_link(&frame::link(lang, REGISTER),
                    lang.pick("健康保険証として登録する", "Register as insurance card"), Tone::Primary)]))
            }
        }
    }

    fn phone(&self) -> Markup {
        let lang = self.lang;
        let standing = &self.seen.standing;
        let is_of_age = standing.is_of_age(self.request.at().jst_date());
        html! {
            p { (lang.pick(
                "スマートフォンを、カードのかわりに受付の読み取り機にかざせます。15歳から、1人1台です(AndroidとiPhoneを合わせて)。",
                "A phone can stand for the card at the reader: from 15 years of age, one phone a person, Android or iPhone.")) }
            @if let Some(phone) = standing.phone() { (self.present(phone)) }
            @if !is_of_age {
                p { (lang.pick("15歳の誕生日から登録できます。", "It can be enrolled from the 15th birthday on.")) }
            } @else if standing.registered_at().is_none() {
                p { (lang.pick(
                    "先に、上の「健康保険証として登録する」を済ませてください。",
                    "Register the card first, above.")) }
            } @else if self.seen.is_own {
                @let label = if standing.phone().is_some() {
                    lang.pick("機種変更をする(新しいスマートフォンを登録する)", "Change to a new phone")
                } else {
                    lang.pick("スマートフォンを登録する", "Enroll a phone")
                };
                (ui::actions(&[ui::button_link(&frame::link(lang, PHONE), label, Tone::Secondary)]))
            }
        }
    }

    fn present(&self, phone: &HeldCertificate) -> Markup {
        let lang = self.lang;
        let csrf = self.request.csrf();
        let end = |reason: EndReason, label| {
            let action = frame::link(lang, PHONE_END);
            ui::post_button(
                &action,
                &csrf,
                &[("reason", reason.code())],
                label,
                Tone::Danger,
            )
        };
        html! {
            (ui::facts("", &[
                ui::Fact {
                    label: lang.pick("登録したスマートフォン", "Your phone"),
                    value: html! { (phone.label) "(" (phone.medium.ja()) ")" },
                },
                ui::Fact {
                    label: lang.pick("登録した日時", "Since"),
                    value: html! { (frame::instant(lang, phone.from)) },
                },
            ]))
            @if self.seen.is_own {
                details {
                    summary { (lang.pick("なくした・使うのをやめる", "Lost, or no longer wanted")) }
                    p { (lang.pick(
                        "押すとすぐに、このスマートフォンは保険証としても、このページへのログインにも使えなくなります。",
                        "At once the phone opens neither the counter nor these pages.")) }
                    (ui::actions(&[
                        end(EndReason::Lost, lang.pick("なくした・盗まれた", "Lost or stolen")),
                        end(EndReason::Removed, lang.pick("使うのをやめる", "No longer wanted")),
                    ]))
                }
            }
        }
    }

    /// Certificates that have ended, and registrations that were cancelled, newest first.
    fn past(&self) -> Markup {
        let lang = self.lang;
        let standing = &self.seen.standing;
        let mut lines: Vec<_> = standing
            .certificates
            .iter()
            .filter_map(|one| {
                let (at, reason) = one.end?;
                let name = if one.label.is_empty() {
                    one.medium.ja().to_owned()
                } else {
                    format!("{}({})", one.label, one.medium.ja())
                };
                Some((at, name, reason_words(lang, reason)))
            })
            .collect();
        lines.extend(standing.uses.iter().filter_map(|one| {
            let name = lang.pick("健康保険証利用登録", "Registration as insurance card");
            let ended = lang.pick("取り消し", "cancelled");
            Some((one.until?, name.to_owned(), ended))
        }));
        lines.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let label = |ja, en| ui::Column {
            label: lang.pick(ja, en),
            numeric: false,
        };
        let rows: Vec<Vec<Markup>> = lines
            .into_iter()
            .map(|(at, name, why)| {
                vec![
                    html! { (frame::instant(lang, at)) },
                    html! { (name) },
                    html! { (why) },
                ]
            })
            .collect();
        ui::data_table(&ui::Table {
            id: "past-table",
            caption: lang.pick("終わったもの", "What has ended"),
            columns: &[
                label("日時", "When"),
                label("もの", "What"),
                label("理由", "Why"),
            ],
            rows: &rows,
            empty: lang.pick("まだありません。", "Nothing yet."),
        })
    }
}

const fn reason_words(lang: Lang, reason: EndReason) -> &'static str {
    let en = match reason {
        EndReason::Renewed => "certificate renewed",
        EndReason::Replaced => "changed to a new phone",
        EndReason::Lost => "lost or stolen",
        EndReason::Removed => "no longer wanted",
    };
    lang.pick(reason.ja(), en)
}

fn failure(lang: Lang, why: &Refusal) -> Markup {
    let (cause, next) = login::reason(lang, why);
    ui::notice(
        lang,
        ui::Level::Error,
        cause,
        &html! {
            p { (next) }
            p { (lang.pick("番号:", "Code: ")) code { (why.entry.code) } }
        },
    )
}
