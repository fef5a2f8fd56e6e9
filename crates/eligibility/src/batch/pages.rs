//! 予約の方の資格確認: a list pasted from a spreadsheet, and what came of it, the most urgent
//! first.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Lang, TagTone, Tone},
};

use super::{
    model::{BOOKINGS_MAX, Line, Urgency},
    ops, parse,
};
use crate::{answer::pages::difference_list, errors, pages::staff_page};

/// What a form's body holds at most, less what is around it.
const CHARS_MAX: u16 = 60_000;

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    Ok(page(&request, "", None, &[]))
}

pub(super) async fn verify(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    list(&request, form.text("bookings")).await
}

/// The same from a file that was chosen.
pub(super) async fn verify_file(request: Request) -> Result<Answer, Refusal> {
    match parse::text_of(request.body()) {
        Some(text) => list(&request, &text).await,
        None => again(&request, "", &Refusal::new(&errors::BATCH_FILE)).await,
    }
}

async fn list(request: &Request, text: &str) -> Result<Answer, Refusal> {
    let read = parse::lines(text, request.at().jst_date());
    match ops::all(request, read).await {
        Ok(mut lines) => {
            lines.sort_by_key(Line::urgency);
            Ok(page(request, text, None, &lines))
        }
        Err(refusal) if refusal.entry.status >= 500 => Err(refusal),
        Err(refusal) => again(request, text, &refusal).await,
    }
}

/// The form again, with what is wrong.
async fn again(request: &Request, text: &str, why: &Refusal) -> Result<Answer, Refusal> {
    request.note_refusal(why.entry).await;
    Ok(page(request, text, Some(why), &[]).with_status(why.entry.status))
}

fn page(request: &Request, text: &str, why: Option<&Refusal>, lines: &[Line]) -> Answer {
    let lang = request.lang();
    let title = lang.pick("予約の方の資格確認", "Verify bookings");
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
        @if lines.is_empty() {
            (form(request, text, why))
        } @else {
            (results(lang, lines))
            (ui::actions(&[
                ui::print_button(lang),
                ui::button_link("/reception/bookings", lang.pick("別の予約を確認する", "Verify others"), Tone::Secondary),
            ]))
        }
    };
    staff_page(request, title, &crumbs, why.is_some(), body)
}

fn form(request: &Request, text: &str, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    let sample = parse::COLUMNS.join(",");
    let tomorrow = request.at().jst_date().plus_days(1);
    let error = why.map(|why| {
        let (cause, remedy) = (lang.text(&why.entry.cause), lang.text(&why.entry.remedy));
        format!("{cause}{remedy}({})", why.entry.code)
    });
    let most = lang.pick(
        "表計算ソフトから貼り付けられます。1行に1人、500人までです。",
        "Paste from a spreadsheet: one person a line, 500 at most.",
    );
    let area = ui::text_area(
        &ui::Field {
            lang,
            name: "bookings",
            label: lang.pick("予約の一覧", "Bookings"),
            hint: Some(most),
            error: error.as_deref(),
            value: text,
            required: true,
            max_length: Some(CHARS_MAX),
            autofocus: true,
            ..ui::Field::default()
        },
        12,
    );
    let fields = html! {
        (area)
        (ui::actions(&[ui::submit(lang.pick("まとめて確認する", "Verify all"), Tone::Primary)]))
    };
    let help = html! {
        p { (lang.pick(
            "列の順番は次のとおりです。見出しの行はあってもなくてもかまいません。区切りはコンマでもタブでも読み取れます。",
            "The columns are as follows; the heading may be left out, and tabs do as well as commas.")) }
        div.scroll role="region" tabindex="0" aria-label=(lang.pick("見本", "Sample")) {
            pre { (sample) "\n" "A-101,139139,,00731958,01,1958-04-12," (tomorrow) }
        }
        p { (lang.pick(
            "枝番か生年月日のどちらかを入れてください。受診日を空けると、明日の日付で確認します。",
            "Give the branch number or the date of birth. Without a date of the visit, tomorrow is taken.")) }
    };
    html! {
        (ui::form("/reception/bookings", &request.csrf(), &fields))
        (file_form(request))
        (ui::section("columns", lang.pick("一覧の書き方", "How to write the list"), &help))
    }
}

fn file_form(request: &Request) -> Markup {
    let lang = request.lang();
    let id = ui::field_id("file");
    let body = html! {
        form method="post" action="/reception/bookings/file" enctype="multipart/form-data" data-once {
            (ui::csrf(&request.csrf()))
            div.field {
                label.label for=(id) { (lang.pick("CSVファイル", "CSV file")) }
                p.hint id={ (id) "-hint" } { (lang.pick(
                    "予約システムや表計算ソフトから書き出したファイル(UTF-8 または Shift_JIS)",
                    "As your booking system or spreadsheet writes it (UTF-8 or Shift_JIS)")) }
                input.input id=(id) name="file" type="file" accept=".csv,.txt,text/csv" required
                    aria-describedby={ (id) "-hint" };
            }
            (ui::actions(&[ui::submit(lang.pick("ファイルで確認する", "Verify the file"), Tone::Secondary)]))
        }
    };
    let heading = lang.pick("ファイルから読み込む", "From a file");
    ui::section("from-file", heading, &body)
}

fn results(lang: Lang, lines: &[Line]) -> Markup {
    let count = |urgency| {
        lines
            .iter()
            .filter(|line| line.urgency() == urgency)
            .count()
    };
    let column = |label| ui::Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("予約の方", "Booking")),
        column(lang.pick("結果と次にすること", "Result, and what to do next")),
        column(lang.pick("負担・限度額", "Copay, ceiling")),
    ];
    let rows: Vec<Vec<Markup>> = lines.iter().map(|line| row(lang, line)).collect();
    let caption = lang.pick(
        "予約の方の資格(対応が必要な方から順に)",
        "Bookings, the most urgent first",
    );
    html! {
        p {
            (lang.pick("確認できません", "Not confirmed")) " " strong { (count(Urgency::Refused)) } " · "
            (lang.pick("仮の回答", "Provisional")) " " strong { (count(Urgency::Provisional)) } " · "
            (lang.pick("前回から変更あり", "Changed")) " " strong { (count(Urgency::Changed)) } " · "
            (lang.pick("有効", "Valid")) " " strong { (count(Urgency::Plain)) }
        }
        (ui::data_table(&ui::Table {
            id: "bookings",
            caption,
            columns: &columns,
            rows: &rows,
            empty: "",
        }))
    }
}

fn row(lang: Lang, line: &Line) -> Vec<Markup> {
    let (label, tone) = match line.urgency() {
        Urgency::Refused => (
            lang.pick("確認できません", "Not confirmed"),
            TagTone::Danger,
        ),
        Urgency::Provisional => (lang.pick("仮の回答", "Provisional"), TagTone::Caution),
        Urgency::Changed => (lang.pick("変更あり", "Changed"), TagTone::Caution),
        Urgency::Plain => (lang.pick("有効", "Valid"), TagTone::Neutral),
    };
    let (name, pays, why) = match &line.outcome {
        Err(refusal) => (html! {}, html! {}, not_confirmed(lang, refusal)),
        Ok(held) => {
            let class = held.coverage.ceiling.as_ref().map(|ceiling| ceiling.class);
            let remarks = held.reasons.iter().filter(|r| r.code() != "ELG-R01");
            (
                html! { (held.profile.name) br; small { (held.profile.kana) } },
                html! { (held.detail.copay.ja()) @if let Some(class) = class { br; small { (class.ja()) } } },
                html! {
                    @if !held.detail.changes.is_empty() { (difference_list(lang, &held.detail.changes)) }
                    @for remark in remarks { p { (lang.text(&remark.text())) } }
                },
            )
        }
    };
    // On a phone the first two columns are what is seen.
    let who = html! { (line.reference) br; (name) };
    vec![
        who,
        html! { (ui::tag(&ui::Tag { label, tone })) (why) },
        pays,
    ]
}

/// Why, and the next step; a fault of the input once for each place.
fn not_confirmed(lang: Lang, refusal: &Refusal) -> Markup {
    html! {
        p { (lang.text(&refusal.entry.cause)) }
        @if refusal.findings.len() > 1 {
            @for one in &refusal.findings { p { (lang.pick(&one.remedy_ja, &one.remedy_en)) } }
        } @else {
            p { (lang.text(&refusal.entry.remedy)) }
        }
        p { code { (refusal.entry.code) } }
    }
}

const _: () = assert!(BOOKINGS_MAX == 500, "the form says so");
