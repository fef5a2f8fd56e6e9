//! Disaster mode: what is declared, and declaring, extending and ending it.

use access::policy::Action;
use kernel::{
    Refusal,
    code::half_width,
    id::DisasterModeId,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use registry::{
    disaster::{self as modes, Area, Declaration, Mode},
    errors, names,
};
use web::{
    Answer, Request, office,
    request::Form,
    ui::{self, Choice, Column, Field, Lang, Level, Tone},
};

use super::{failure, is_fresh, moment, require};

/// The page.
pub(super) const PATH: &str = "/register/disaster";
/// For how long a mode can be declared or extended: as the form says it, in hours, in words.
const LENGTHS: [(&str, i64, &str, &str); 5] = [
    ("24", 24, "24時間", "24 hours"),
    ("72", 72, "3日間", "3 days"),
    ("168", 7 * 24, "7日間", "7 days"),
    ("336", 14 * 24, "14日間", "14 days"),
    ("744", modes::HOURS_MAX, "31日間", "31 days"),
];
/// Areas that are written out in a line of the list.
const AREAS_SHOWN: usize = 6;

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    shown(&request, None, None).await
}

async fn shown(
    request: &Request,
    typed: Option<&Form>,
    why: Option<&Refusal>,
) -> Result<Answer, Refusal> {
    let modes = request
        .read(move |call| {
            require(call, Action::Read, true)?;
            Ok(modes::list(call)?)
        })
        .await?;
    let lang = request.lang();
    let now = request.at();
    let running = modes.iter().any(|mode| mode.period.contains(now));
    let body = html! {
        (failure(lang, why))
        @if running {
            (ui::notice(lang, Level::Warning,
                lang.pick("災害時モードの地域があります", "Disaster mode is in force"),
                &html! { p { (lang.pick(
                    "対象の施設では、カードや番号がなくても、氏名・生年月日・性別・住所で資格を確認できます。",
                    "There, eligibility can be verified by name, birth, sex and home.")) } }))
        }
        (table(request, &modes))
        (declaring(request, typed))
    };
    let title = lang.pick("災害時モード", "Disaster mode");
    let here = [ui::Crumb {
        href: None,
        label: title,
    }];
    Ok(office::page(request, title, &here, why.is_some(), body))
}

fn table(request: &Request, modes: &[Mode]) -> Markup {
    let lang = request.lang();
    let column = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("災害の名前", "Disaster")),
        column(lang.pick("対象", "Where")),
        column(lang.pick("期間", "When")),
        column(lang.pick("状態", "State")),
        column(lang.pick("操作", "What to do")),
    ];
    let rows: Vec<Vec<Markup>> = modes.iter().map(|mode| row(request, mode)).collect();
    ui::data_table(&ui::Table {
        id: "modes",
        caption: lang.pick("この1年の災害時モード", "Disaster modes of the last year"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("災害時モードはありません。", "No disaster mode."),
    })
}

fn row(request: &Request, mode: &Mode) -> Vec<Markup> {
    let (lang, now) = (request.lang(), request.at());
    let is_over = now >= mode.until();
    let state = if is_over {
        lang.pick("終了", "over")
    } else if mode.period.contains(now) {
        lang.pick("実施中", "in force")
    } else {
        lang.pick("開始前", "not begun")
    };
    let href = format!("{PATH}/{}", mode.id.to_hex());
    vec![
        html! { (mode.name) br; small { (lang.pick("登録：", "By: ")) (mode.declared_by) } },
        html! { (areas(lang, &mode.areas)) },
        html! { (moment(lang, mode.period.from())) " 〜 " (moment(lang, mode.until())) },
        html! { strong { (state) } },
        html! {
            @if !is_over {
                (ui::form(&format!("{href}/extend"), &request.csrf(), &html! {
                    (ui::select_field(&Field {
                        lang,
                        name: "hours",
                        label: lang.pick("いまから", "From now"),
                        required: true,
                        ..Field::default()
                    }, &lengths(lang, "")))
                    (ui::submit(lang.pick("延長する", "Extend"), Tone::Secondary))
                }))
                (ui::post_button(&format!("{href}/end"), &request.csrf(), &[],
                    lang.pick("いま終える", "End now"), Tone::Danger))
            }
        },
    ]
}

fn areas(lang: Lang, areas: &[Area]) -> String {
    let names: Vec<String> = areas
        .iter()
        .take(AREAS_SHOWN)
        .map(|area| match area {
            Area::Prefecture(number) => names::prefecture(number).unwrap_or_default().to_owned(),
            Area::Facility(code) => code.as_str().to_owned(),
        })
        .collect();
    let more = areas.len().saturating_sub(AREAS_SHOWN);
    let names = names.join("、");
    match (more, lang) {
        (0, _) => names,
        (more, Lang::Ja) => format!("{names} ほか{more}件"),
        (more, Lang::En) => format!("{names} and {more} more"),
    }
}

fn lengths(lang: Lang, chosen: &str) -> Vec<Choice<'static>> {
    LENGTHS
        .iter()
        .map(|(value, _, ja, en)| Choice {
            value,
            label: lang.pick(ja, en),
            checked: *value == chosen,
            ..Choice::default()
        })
        .collect()
}

fn declaring(request: &Request, typed: Option<&Form>) -> Markup {
    let lang = request.lang();
    let text = |name| typed.map_or("", |form| form.text(name));
    let known: Vec<(String, &str)> = names::prefectures().collect();
    let prefectures: Vec<Choice<'_>> = known
        .iter()
        .map(|(number, name)| Choice {
            value: number,
            label: name,
            checked: number == text("prefecture"),
            ..Choice::default()
        })
        .collect();
    let field = |name, label, hint| Field {
        lang,
        name,
        label,
        hint,
        value: text(name),
        ..Field::default()
    };
    let fields = html! {
        (ui::text_field(&Field {
            required: true,
            max_length: Some(60),
            ..field("name", lang.pick("災害の名前", "Name of the disaster"),
                Some(lang.pick("患者さんの閲覧履歴と受付に表示されます。", "Patients and counters read it.")))
        }))
        (ui::select_field(&field("prefecture", lang.pick("都道府県", "Prefecture"),
            Some(lang.pick("県内のすべての施設が対象になります。", "Every facility in it."))), &prefectures))
        (ui::text_area(&field("areas", lang.pick("ほかの対象", "Further areas"),
            Some(lang.pick("都道府県名か施設コード(10けた)を、1行に1つずつ入力してください。", "Prefectures or facility codes, one a line."))), 4))
        (ui::text_field(&field("date", lang.pick("始まる日", "From, date"),
            Some(lang.pick("例:2026-11-22。空欄のときは、いま始まります。", "Such as 2026-11-22; now when empty.")))))
        (ui::text_field(&field("time", lang.pick("始まる時刻", "From, time"),
            Some(lang.pick("例:09:30", "Such as 09:30")))))
        (ui::select_field(&Field { required: true, ..field("hours", lang.pick("長さ", "For"), None) },
            &lengths(lang, text("hours"))))
        (ui::actions(&[ui::submit(lang.pick("災害時モードを始める", "Declare"), Tone::Primary)]))
    };
    let body = html! {
        p { (lang.pick(
            "対象の施設の受付に案内が表示され、職員が4つの情報で患者さんを探せるようになります。調べた記録は、患者さんご本人にも見えます。",
            "Counters there may look for patients by four attributes; the patients see who looked.")) }
        (ui::form(PATH, &request.csrf(), &fields))
    };
    ui::section(
        "declare",
        lang.pick("災害時モードを始める", "Declare disaster mode"),
        &body,
    )
}

/// From when: what was typed, or now when nothing was.
fn beginning(form: &Form, now: Timestamp) -> Option<Timestamp> {
    let (date, time) = (half_width(form.text("date")), half_width(form.text("time")));
    let (date, time) = (date.trim(), time.trim());
    if date.is_empty() && time.is_empty() {
        return Some(now);
    }
    let date = JstDate::parse(date)?;
    let time = if time.is_empty() { "00:00" } else { time };
    Timestamp::parse(&format!("{date}T{time}:00+09:00"))
}

fn hours(form: &Form) -> Option<i64> {
    let chosen = LENGTHS
        .iter()
        .find(|(value, ..)| *value == form.text("hours"));
    chosen.map(|(_, hours, ..)| *hours)
}

/// The areas that were chosen and typed; `None` when one of them is none.
fn areas_of(form: &Form) -> Option<Vec<Area>> {
    let chosen = Some(form.text("prefecture")).filter(|number| !number.is_empty());
    let typed = form.text("areas");
    if typed.lines().count() > modes::AREAS_MAX {
        return None;
    }
    let by_name = |word: &str| {
        let found = names::prefectures().find(|(_, name)| *name == word);
        found.map(|(number, _)| Area::Prefecture(number))
    };
    typed
        .lines()
        .map(|line| half_width(line).trim().to_owned())
        .filter(|word| !word.is_empty())
        .chain(chosen.map(str::to_owned))
        .map(|word| Area::parse(&word).or_else(|| by_name(&word)))
        .collect()
}

fn declaration(form: &Form, now: Timestamp) -> Result<Declaration, Refusal> {
    let areas = areas_of(form).ok_or(&errors::DISASTER_AREA)?;
    let from = beginning(form, now).ok_or(&errors::DISASTER_PERIOD)?;
    let hours = hours(form).ok_or(&errors::DISASTER_PERIOD)?;
    Ok(Declaration {
        name: form.text("name").to_owned(),
        areas,
        from,
        until: from.max(now).plus_hours(hours),
    })
}

pub(super) async fn declare(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form = request.form()?;
    let declaration = declaration(&form, request.at());
    let fresh = is_fresh(&request);
    let done = request
        .write(move |call| {
            require(call, Action::Write, fresh)?;
            modes::declare(call, &declaration.clone()?).map(drop)
        })
        .await;
    again(&request, Some(&form), done).await
}

/// Back to the list; what was wrong is said there, beside what was typed.
async fn again(
    request: &Request,
    typed: Option<&Form>,
    done: Result<(), Refusal>,
) -> Result<Answer, Refusal> {
    match done {
        Ok(()) => Ok(Answer::see_other(PATH)),
        Err(why) if matches!(why.entry.status, 404 | 422) => {
            let status = why.entry.status;
            Ok(shown(request, typed, Some(&why)).await?.with_status(status))
        }
        Err(why) => Err(why),
    }
}

fn mode_id(request: &Request) -> Result<DisasterModeId, Refusal> {
    DisasterModeId::parse(request.param("mode"))
        .ok_or_else(|| Refusal::new(&errors::DISASTER_UNKNOWN))
}

pub(super) async fn extend(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (id, form) = (mode_id(&request)?, request.form()?);
    let until = hours(&form).map(|hours| request.at().plus_hours(hours));
    let fresh = is_fresh(&request);
    let done = request
        .write(move |call| {
            require(call, Action::Write, fresh)?;
            let until = until.ok_or(&errors::DISASTER_PERIOD)?;
            modes::extend(call, id, until).map(drop)
        })
        .await;
    again(&request, None, done).await
}

pub(super) async fn end(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let id = mode_id(&request)?;
    let fresh = is_fresh(&request);
    let done = request
        .write(move |call| {
            require(call, Action::Write, fresh)?;
            modes::end(call, id).map(drop)
        })
        .await;
    again(&request, None, done).await
}
