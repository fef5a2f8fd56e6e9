//! What was settled after the line was back, how it differs, and what to do about each.

use eligibility::snapshot::{
    model::ActId,
    shown::{Field, Shown},
};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Lang, Tone},
};

use super::{
    LIST,
    frame::{frame, minute},
    upstream,
};
use crate::{
    errors,
    model::{About, Noted},
    ops, rules,
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let _set = upstream(&request)?;
    let facility = request.facility()?;
    let (open, newest) = request
        .read(move |call| ops::journal(call, facility))
        .await?;
    let lang = request.lang();
    let title = lang.pick("違いの一覧", "Differences");
    let body = html! {
        (ui::section("open", lang.pick("対応が必要な確認", "To be looked at"), &html! {
            p { (lang.pick(
                "回線が切れていた間に控えで確認した結果と、回線が戻ってから確かめた結果の違いです。対応したら「済み」にしてください。",
                "How checks from the copy differ from what the platform says. Mark each when it is dealt with.")) }
            @if open.is_empty() {
                (ui::empty(
                    lang.pick("対応が必要なものはありません", "Nothing to do"),
                    lang.pick("控えで確認した結果は、すべて一致しているか、対応が済んでいます。", "Everything agrees or was dealt with."),
                    None))
            }
            @for noted in &open { (one(&request, noted)) }
        }))
        (ui::section("acts", lang.pick("控えで確認した方(新しい順)", "Checks from the copy, newest first"), &acts(lang, &newest)))
    };
    Ok(frame(&request, title, Some(title), false, body))
}

/// Who an act was about, for the facility's own list.
fn who(noted: &Noted) -> String {
    match &noted.act.about {
        About::Patient(_) => noted.act.name.clone(),
        About::Number(n) => {
            format!(
                "{}・{}・{} {}",
                n.insurer_number, n.symbol, n.number, n.branch
            )
        }
    }
}

/// What came of an act, a sentence each.
fn sentences(lang: Lang, noted: &Noted) -> Vec<String> {
    let Some(settled) = &noted.settled else {
        return vec![
            lang.pick("回線が戻るのを待っています。", "Waits for the line.")
                .to_owned(),
        ];
    };
    if let Some(code) = &settled.code {
        return vec![match rules::entry(code) {
            Some(entry) => format!(
                "{}{}({code})",
                lang.text(&entry.cause),
                lang.text(&entry.remedy)
            ),
            None => format!(
                "{} {code}",
                lang.pick("照合できませんでした。", "Could not be settled:")
            ),
        }];
    }
    if matches!(noted.act.about, About::Number(_)) {
        return vec![confirmed(lang, &settled.now)];
    }
    let all = noted.act.shown.differences(&settled.now);
    all.iter()
        .map(|difference| {
            let (ja, en) = rules::advice(difference);
            lang.pick(&ja, &en).to_owned()
        })
        .collect()
}

/// Somebody who was not in the copy, verified afterwards.
fn confirmed(lang: Lang, now: &Shown) -> String {
    if !now.is_valid() {
        let why = rules::value(Field::Validity, now.get(Field::Validity));
        return match lang {
            Lang::Ja => format!(
                "受診した日の資格を確認できませんでした({why})。患者さんに新しい資格を確認してください。"
            ),
            Lang::En => format!("not valid on that day ({why}): ask for the new coverage"),
        };
    }
    let (copay, ceiling) = (
        rules::value(Field::Copay, now.get(Field::Copay)),
        rules::value(Field::Ceiling, now.get(Field::Ceiling)),
    );
    match lang {
        Lang::Ja => format!(
            "受診した日の資格を確認できました。負担割合は{copay}、限度額区分は{ceiling}です。この内容で請求してください。"
        ),
        Lang::En => format!("valid on that day: copay {copay}, ceiling {ceiling}; bill so"),
    }
}

fn one(request: &Request, noted: &Noted) -> Markup {
    let lang = request.lang();
    let heading = format!("{} {}", minute(lang, noted.act.at), who(noted));
    let fields = html! {
        (ui::hidden("act", &noted.act.id.to_hex()))
        (ui::actions(&[ui::submit(lang.pick("済みにする", "Mark as done"), Tone::Secondary)]))
    };
    let body = html! {
        ul { @for sentence in sentences(lang, noted) { li { (sentence) } } }
        p { small { (lang.pick("確認した職員:", "Checked by ")) (noted.act.by) } }
        (ui::form(LIST, &request.csrf(), &fields))
    };
    ui::notice(lang, ui::Level::Warning, &heading, &body)
}

fn acts(lang: Lang, newest: &[Noted]) -> Markup {
    let column = |ja, en| ui::Column {
        label: lang.pick(ja, en),
        numeric: false,
    };
    let columns = [
        column("確認した時刻", "Time"),
        column("お名前・番号", "Who"),
        column("確認した職員", "By"),
        column("照合", "Settled"),
    ];
    let rows: Vec<Vec<Markup>> = newest
        .iter()
        .map(|noted| {
            vec![
                html! { (minute(lang, noted.act.at)) },
                html! { (who(noted)) },
                html! { (noted.act.by) },
                html! { (state(lang, noted)) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "acts",
        caption: lang.pick("控えで確認した方", "Checks from the copy"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("控えで確認した方はいません。", "None."),
    })
}

fn state(lang: Lang, noted: &Noted) -> String {
    match (&noted.settled, &noted.done) {
        (None, _) => lang.pick("照合待ち", "waits").to_owned(),
        (_, Some((at, by))) => format!("{} {} {by}", lang.pick("済み", "done"), minute(lang, *at)),
        (Some(settled), None)
            if rules::is_open(&noted.act, &settled.now, settled.code.as_deref()) =>
        {
            lang.pick("対応が必要", "to be looked at").to_owned()
        }
        _ => lang.pick("一致", "agrees").to_owned(),
    }
}

pub(super) async fn done(request: Request) -> Result<Answer, Refusal> {
    let _set = upstream(&request)?;
    let form = request.form()?;
    let act = ActId::parse(form.text("act")).ok_or_else(|| Refusal::new(&errors::ACT))?;
    let (facility, by) = (request.facility()?, request.caller().name().to_owned());
    request
        .write(move |call| ops::done(call, facility, act, &by))
        .await?;
    Ok(Answer::see_other(LIST))
}
