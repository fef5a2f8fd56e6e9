//! One check: the platform's answer while the line holds, else the copy's, marked as such.

use std::sync::Arc;

use eligibility::snapshot::model::Patient;
use kernel::{
    Refusal,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use registry::{
    model::{CeilingClass, InsuredKey, Sex},
    terms::Terms,
};
use store::Stop;
use web::{
    Answer, Request,
    ui::{self, Lang, Level, Signal, Tone},
};

use super::{
    HOME, LIST,
    form::{Typed, counter},
    frame::{ago, frame, minute},
    online::{Answered, Refused},
    upstream,
};
use crate::{
    Upstream, errors,
    line::{Cut, Heard},
    model::{Asked, Held, Offline},
    ops,
};

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let _set = upstream(&request)?;
    let typed = Typed::read(&request.form()?);
    match answer(&request, &typed).await {
        Ok(answer) => Ok(answer),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let page = counter(&request, &typed, Some(&why)).await?;
            Ok(page.with_status(why.entry.status))
        }
    }
}

async fn answer(request: &Request, typed: &Typed) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let asked = match typed.parse(request.at().jst_date()) {
        Ok(asked) => asked,
        // A malformed question leaves its record as well.
        Err(why) => {
            return request
                .write(move |_| Err(Stop::Refused(why.clone())))
                .await;
        }
    };
    match ask(request, &asked).await? {
        Ok(heard) if heard.status == 200 => online(request, &heard),
        Ok(heard) => refused(request, &heard),
        Err(cut) if cut.is_outage() => {
            let form = typed.key.clone();
            let found = request
                .write(move |call| ops::without_platform(call, facility, &asked, &form))
                .await?;
            upstream(request)?.note_waiting(true);
            Ok(offline(request, &found))
        }
        Err(_) => {
            let refusal = Refusal::new(&errors::REGISTRATION);
            request
                .write(move |_| Err(Stop::Refused(refusal.clone())))
                .await
        }
    }
}

/// Asks the platform, unless it was found cut a moment ago; leaves the record of the look.
async fn ask(request: &Request, asked: &Asked) -> Result<Result<Heard, Cut>, Refusal> {
    if let Some(cut) = upstream(request)?.resting(request.at()) {
        return Ok(Err(cut));
    }
    let facility = request.facility()?;
    let whose = asked.clone();
    let key: InsuredKey = match asked {
        Asked::Number(key) => key.clone(),
        Asked::Name { .. } => {
            request
                .write(move |call| ops::own_number(call, facility, &whose))
                .await?
        }
    };
    let (app, at) = (Arc::clone(request.app()), request.at());
    let heard = request
        .compute(move || {
            let upstream = app.told::<Upstream>()?;
            Some(ops::ask_platform(upstream, &key, at))
        })
        .await?
        .ok_or_else(|| Refusal::new(&errors::NO_UPSTREAM))?;
    if let Ok(heard) = &heard {
        let status = heard.status.to_string();
        request
            .write(move |call| {
                call.detail("answered", "platform");
                call.detail("status", status.clone());
                Ok(())
            })
            .await?;
    }
    Ok(heard)
}

/// What a page of a result shows, from wherever it comes.
struct Seen<'a> {
    name: &'a str,
    kana: &'a str,
    sex: Sex,
    birth: JstDate,
    insurer: String,
    numbers: String,
    copay: String,
    ceiling: String,
}

fn person(lang: Lang, seen: &Seen<'_>, today: JstDate) -> Markup {
    ui::person_strip(&ui::PersonStrip {
        lang,
        name: seen.name,
        kana: seen.kana,
        sex: seen.sex.ja(),
        birth: seen.birth,
        today,
        insured: None,
    })
}

fn coverage(lang: Lang, seen: &Seen<'_>) -> Markup {
    let fact = |label, value: &str| ui::Fact {
        label,
        value: html! { (value) },
    };
    let facts = ui::facts(
        "",
        &[
            fact(lang.pick("保険者", "Insurer"), &seen.insurer),
            fact(
                lang.pick("記号・番号・枝番", "Symbol, number, branch"),
                &seen.numbers,
            ),
            fact(lang.pick("負担割合", "Copay rate"), &seen.copay),
            fact(lang.pick("限度額区分", "Ceiling class"), &seen.ceiling),
        ],
    );
    ui::section("coverage", lang.pick("医療保険の資格", "Coverage"), &facts)
}

fn back(lang: Lang) -> Markup {
    ui::actions(&[ui::button_link(
        HOME,
        lang.pick("次の方を確認する", "Next patient"),
        Tone::Primary,
    )])
}

fn online(request: &Request, heard: &Heard) -> Result<Answer, Refusal> {
    let unreadable = || Refusal::new(&errors::ANSWER);
    let answered: Answered = serde_json::from_slice(&heard.body).map_err(|_| unreadable())?;
    let (lang, today) = (request.lang(), request.at().jst_date());
    let seen = Seen {
        name: &answered.name,
        kana: &answered.kana,
        sex: answered.sex(),
        birth: answered.birth().ok_or_else(unreadable)?,
        insurer: format!("{}({})", answered.insurer_name, answered.insurer_number),
        numbers: numbers(
            &answered.symbol,
            &answered.number,
            answered.branch.as_deref(),
        ),
        copay: format!("{}割", answered.copay_tenths),
        ceiling: ceiling(lang, answered.ceiling_class.as_deref()),
    };
    let is_valid = matches!(answered.validity.as_str(), "" | "1");
    let mut remarks = answered.reasons.iter().map(|r| lang.pick(&r.ja, &r.en));
    let first = remarks.next().unwrap_or_default();
    let heading = format!(
        "{} {}",
        lang.pick("有効な資格です。窓口負担は", "Valid. Copay:"),
        seen.copay
    );
    let heading = if is_valid {
        &heading
    } else {
        &answered.validity_ja
    };
    let body = html! {
        (person(lang, &seen, today))
        (ui::verdict(&ui::Verdict {
            lang,
            signal: if is_valid { Signal::Green } else { Signal::Yellow },
            heading,
            reason: first,
            next: lang.pick("このまま受付をお進めください。", "Go on with the reception."),
            code: None,
        }))
        @for remark in remarks { (ui::notice(lang, Level::Info, remark, &html! {})) }
        (coverage(lang, &seen))
        (back(lang))
    };
    Ok(result_page(request, body))
}

fn refused(request: &Request, heard: &Heard) -> Result<Answer, Refusal> {
    let said: Refused =
        serde_json::from_slice(&heard.body).map_err(|_| Refusal::new(&errors::ANSWER))?;
    let lang = request.lang();
    let body = html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: Signal::Red,
            heading: lang.pick("資格を確認できませんでした", "Eligibility is not confirmed"),
            reason: lang.pick(&said.cause_ja, &said.cause_en),
            next: lang.pick(&said.remedy_ja, &said.remedy_en),
            code: Some(&said.code),
        }))
        (back(lang))
    };
    Ok(result_page(request, body).with_status(heard.status))
}

fn offline(request: &Request, found: &Offline) -> Answer {
    let (lang, now) = (request.lang(), request.at());
    let strip = found.patient.as_ref().map(|patient| {
        ui::person_strip(&ui::PersonStrip {
            lang,
            name: &patient.name,
            kana: &patient.kana,
            sex: patient.sex.ja(),
            birth: patient.birth,
            today: now.jst_date(),
            insured: None,
        })
    });
    let as_of = found.held.as_ref().map(|held| as_of(lang, held, now));
    let body = html! {
        @if let Some(strip) = strip { (strip) }
        @match &found.judged {
            Ok(held) => {
                @if let Some(patient) = &found.patient {
                    (provisional(lang, &Terms::on(held, patient.birth, now.jst_date()),
                        patient, as_of.as_deref().unwrap_or_default()))
                }
            },
            Err(entry) => { (ui::verdict(&ui::Verdict {
                lang,
                signal: if found.patient.is_some() { Signal::Red } else { Signal::Yellow },
                heading: lang.pick("控えでは資格を確認できませんでした", "The copy does not confirm eligibility"),
                reason: lang.text(&entry.cause),
                next: lang.text(&entry.remedy),
                code: Some(entry.code),
            })) },
        }
        @if let Some(as_of) = &as_of { p { (as_of) } }
        p {
            (lang.pick(
                "この確認は記録しました。回線が戻ると自動で照合し、違いがあれば",
                "This check is noted and settled when the line is back; differences are in "))
            a href=(LIST) { (lang.pick("違いの一覧", "the list")) }
            (lang.pick("に出ます。", "."))
        }
        (back(lang))
    };
    result_page(request, body)
}

/// `控えによる仮の回答 2026年11月23日 8:00 時点(3時間前)`
fn as_of(lang: Lang, held: &Held, now: Timestamp) -> String {
    let (made, ago) = (minute(lang, held.made_at), ago(lang, held.made_at, now));
    match lang {
        Lang::Ja => format!("控えによる仮の回答 {made} 時点({ago})"),
        Lang::En => format!("From the copy (provisional), as of {made} ({ago})"),
    }
}

fn provisional(lang: Lang, terms: &Terms, patient: &Patient, as_of: &str) -> Markup {
    let seen = Seen {
        name: &patient.name,
        kana: &patient.kana,
        sex: patient.sex,
        birth: patient.birth,
        insurer: terms.insurer.clone(),
        numbers: numbers(&terms.symbol, &terms.person_number, terms.branch.as_deref()),
        copay: terms.copay.ja(),
        ceiling: ceiling(lang, terms.class.map(CeilingClass::code)),
    };
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: Signal::Yellow,
            heading: &format!("{} {}", lang.pick("仮の回答です。窓口負担は", "Provisional. Copay:"), seen.copay),
            reason: as_of,
            next: lang.pick(
                "このまま受付をお進めください。資格確認書などをお持ちなら、写しもとってください。",
                "Go on with the reception; take a copy of the certificate if there is one."),
            code: None,
        }))
        (coverage(lang, &seen))
    }
}

fn numbers(symbol: &str, number: &str, branch: Option<&str>) -> String {
    format!("{symbol}・{number}・{}", branch.unwrap_or_default())
}

fn ceiling(lang: Lang, class: Option<&str>) -> String {
    class.map_or_else(
        || lang.pick("届いていません", "not given").to_owned(),
        |class| crate::rules::value(eligibility::snapshot::shown::Field::Ceiling, class),
    )
}

fn result_page(request: &Request, body: Markup) -> Answer {
    let title = request.lang().pick("資格確認の結果", "Eligibility result");
    frame(request, title, Some(title), false, body)
}
