//! The page behind the button つながりを調べる on the reception.

use kernel::{Refusal, time::Timestamp};
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Icon, Lang, Tone},
};

use super::{
    api::diagnose,
    model::{Diagnosis, Finding, Light, Reader},
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let found = diagnose(&request).await?;
    let lang = request.lang();
    let title = lang.pick("つながりを調べる", "Where is it stuck?");
    let crumbs = [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let body = html! {
        p { strong { (summary(lang, &found)) } }
        p { (lang.pick("調べた時刻 ", "Looked at ")) time datetime=(found.at) { (moment(lang, found.at)) } }
        ol {
            @for finding in &found.findings { li { (step(lang, finding)) } }
        }
        (ui::actions(&[
            ui::button_link("/reception/diagnosis", lang.pick("もう一度調べる", "Look again"), Tone::Primary),
            ui::button_link("/reception", lang.pick("受付に戻る", "Back to reception"), Tone::Secondary),
        ]))
        (ui::section("call", lang.pick("困ったときの連絡先", "Whom to call"), &whom_to_call(lang, &found)))
        (ui::section("readers", lang.pick("カードリーダー", "Card readers"), &readers(lang, &found.readers)))
    };
    Ok(eligibility::pages::staff_page(
        &request, title, &crumbs, false, body,
    ))
}

/// Everything in one sentence, for whoever reads no further.
fn summary(lang: Lang, found: &Diagnosis) -> String {
    let Some(worst) = found.worst().filter(|worst| worst.light != Light::Green) else {
        let all_well = lang.pick("つながりに問題はありません。", "Everything works.");
        return all_well.to_owned();
    };
    let step = lang.text(&worst.step.text());
    match (worst.light, lang) {
        (Light::Red, Lang::Ja) => format!(
            "「{step}」で止まっています。資格を確認できないおそれがあります。赤い項目を上から順に確かめてください。"
        ),
        (Light::Red, Lang::En) => format!(
            "It is stuck at “{step}”; verification may fail. Look at what is red, from the top."
        ),
        (_, Lang::Ja) => format!(
            "資格の確認はできます。「{step}」など、黄色の項目に気をつけるところがあります。"
        ),
        (_, Lang::En) => {
            format!(
                "Eligibility can be verified. Something needs care: “{step}”, and all in yellow."
            )
        }
    }
}

fn step(lang: Lang, finding: &Finding) -> Markup {
    let (class, shape, word) = match finding.light {
        Light::Green => (
            "notice notice-success",
            Icon::Check,
            lang.pick("正常", "Good"),
        ),
        Light::Yellow => (
            "notice notice-warning",
            Icon::Caution,
            lang.pick("要確認", "Look"),
        ),
        Light::Red => (
            "notice notice-error",
            Icon::Stop,
            lang.pick("異常", "Stuck"),
        ),
    };
    html! {
        div class=(class) {
            (ui::icon(shape))
            div.notice-body {
                p.notice-heading {
                    (lang.text(&finding.step.text())) (lang.pick("：", ": "))
                    span.notice-level { (word) }
                }
                p { (lang.text(&finding.reason)) }
                @if let Some(next) = &finding.next {
                    p { strong { (lang.pick("次にすること：", "Next: ")) } (lang.text(next)) }
                }
                @for line in &finding.particulars {
                    p { small { (lang.pick(&line.ja, &line.en)) } }
                }
                @if let Some(code) = finding.code {
                    p { small { (lang.pick("コード ", "Code ")) code { (code) } } }
                }
            }
        }
    }
}

fn moment(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => at.jst_minute(),
    }
}

fn whom_to_call(lang: Lang, found: &Diagnosis) -> Markup {
    html! {
        @match &found.officer {
            Some(officer) => p { strong { (officer.name) } " " (officer.contact) },
            None => p { (lang.pick("システム管理者に連絡してください。", "Call the administrator of the system.")) },
        }
        p { (lang.pick(
            "電話では、赤や黄色の項目のコード(TSK-で始まる番号)と、調べた時刻を伝えてください。",
            "On the phone, give the codes that begin with TSK- and the time above.")) }
    }
}

fn readers(lang: Lang, readers: &[Reader]) -> Markup {
    let column = |label| ui::Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("端末", "Terminal")),
        column(lang.pick("状態", "State")),
        column(lang.pick("最後にカードを読めた時刻", "Last card read")),
    ];
    let rows: Vec<Vec<Markup>> = readers
        .iter()
        .map(|reader| {
            let ok_at = reader
                .ok_at
                .map_or_else(|| "—".to_owned(), |at| at.jst_minute());
            vec![
                html! { (reader.terminal) },
                html! { (lang.text(&reader.state.text())) },
                html! { (ok_at) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "reader-list",
        caption: lang.pick("端末からの最後の報告", "What the terminals last reported"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("まだ報告はありません。", "Nothing has been reported yet."),
    })
}
