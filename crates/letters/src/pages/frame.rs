//! What the pages stand in, and what they share: lists of letters, sheets and PDFs.

use access::policy::{self, Permission};
use fhir::{clins::document, json::Document};
use kernel::{Refusal, time::Timestamp};
use maud::{Markup, html};
use paper::{Face, Sheet, compose, errors, html as paged, pdf, sheet::Fact};
use records::{
    documents::model::{Answered, File, Reading},
    exchange::model::{Line, Progress, Side},
};
use store::caller::Role;
use web::{
    Answer, Request,
    ui::{self, Lang, Tone},
};

/// The frame of a page.
pub(super) fn page(
    request: &Request,
    title: &str,
    crumbs: &[ui::Crumb<'_>],
    has_errors: bool,
    body: Markup,
) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let caller = request.caller();
    let who = ui::Who {
        name: caller.name(),
        facility: caller.home().map_or("", |home| home.name.as_str()),
        role: caller.role().ja(),
        csrf: &csrf,
    };
    let is_insurer = caller.role() == Role::Insurer;
    let entries = entries(lang, is_insurer);
    let nav: Vec<ui::NavItem<'_>> = entries
        .iter()
        .filter(|(_, _, permission)| policy::admits(caller, *permission))
        .map(|(href, label, _)| ui::NavItem {
            href,
            label,
            current: request.path() == *href,
        })
        .collect();
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: if is_insurer { "/insurer" } else { "/reception" },
        nav: &nav,
        breadcrumbs: crumbs,
        environment_banner: request.app().banner,
        idle: Some(web::account::idle(request)),
        body,
        ..ui::Page::default()
    }))
}

/// The entries of the navigation, each with the right that it needs.
fn entries(lang: Lang, is_insurer: bool) -> Vec<(&'static str, &'static str, Permission)> {
    if is_insurer {
        vec![
            (
                "/insurer",
                lang.pick("登録の状況", "Console"),
                Permission::SeeIntake,
            ),
            (
                "/insurer/members",
                lang.pick("1人の異動", "One member"),
                Permission::SeeIntake,
            ),
            (
                "/insurer/checkups",
                lang.pick("健診結果", "Checkups"),
                Permission::SeeCheckups,
            ),
        ]
    } else {
        vec![
            (
                "/reception",
                lang.pick("受付", "Reception"),
                Permission::CheckEligibility,
            ),
            (
                "/letters",
                lang.pick("届いた紹介状", "Letters in"),
                Permission::ReadDocuments,
            ),
            (
                "/sent-documents",
                lang.pick("送った文書", "Sent"),
                Permission::SendDocuments,
            ),
            (
                "/letters/new",
                lang.pick("紹介状を書く", "Write"),
                Permission::SendDocuments,
            ),
            (
                "/validator",
                lang.pick("文書の検証", "Validator"),
                Permission::SendDocuments,
            ),
        ]
    }
}

/// The path to a page below a list.
pub(super) const fn crumbs<'a>(href: &'a str, list: &'a str, title: &'a str) -> [ui::Crumb<'a>; 2] {
    [
        ui::Crumb {
            href: Some(href),
            label: list,
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

/// An instant for people, in Japan's time.
pub(super) fn when(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => format!("{} JST", at.jst_minute()),
    }
}

/// Why something was not done, and what to do next.
pub(super) fn refused(lang: Lang, heading: &str, why: &Refusal) -> Markup {
    let body = html! {
        p { (lang.text(&why.entry.cause)) " " (lang.text(&why.entry.remedy)) }
        @if why.findings.iter().any(|one| !one.path.is_empty()) {
            ul.findings {
                @for one in &why.findings {
                    li {
                        code { (one.path) }
                        @if !one.found.is_empty() {
                            (lang.pick("「", ": “")) (one.found) (lang.pick("」", "”"))
                        }
                        p { (lang.pick(&one.remedy_ja, &one.remedy_en)) }
                    }
                }
            }
        }
        p { (lang.pick("エラーコード：", "Error code: ")) code { (why.entry.code) } }
    };
    ui::notice(lang, ui::Level::Error, heading, &body)
}

/// Letters, one below the other; `href` gives a letter's address.
pub(super) fn letters(
    lang: Lang,
    lines: &[Line],
    side: Side,
    href: &dyn Fn(&Line) -> String,
) -> Markup {
    html! {
        ul.records {
            @for line in lines {
                li {
                    p.record-line {
                        a.record-name href=(href(line)) { (line.matter.name) (lang.pick(" さん", "")) }
                        (ui::tag(&tag(lang, line.progress)))
                        @if line.matter.card.files > 0 {
                            span { (lang.pick("添付", "files: ")) (line.matter.card.files) (lang.pick("件", "")) }
                        }
                    }
                    p.record-since {
                        (lang.pick(line.matter.kind.name_ja(), line.matter.kind.name_en()))
                        (lang.pick("・生年月日 ", ", born ")) (ui::date(lang, line.matter.birth))
                    }
                    p.provenance { (other(lang, line, side)) " · " (times(lang, line)) }
                }
            }
        }
    }
}

fn other(lang: Lang, line: &Line, side: Side) -> String {
    let name = line.matter.other.as_ref().map(|(name, _)| name.as_str());
    let name = name.unwrap_or(lang.pick("宛先なし", "no addressee"));
    let who = match side {
        Side::Sent => line.matter.card.to.as_ref(),
        Side::Received | Side::Checkup => Some(&line.matter.card.author),
    };
    let department = who
        .and_then(|who| who.department.clone())
        .unwrap_or_default();
    let doctor = who.and_then(|who| who.doctor.clone()).unwrap_or_default();
    let mark = match side {
        Side::Sent => lang.pick("宛先：", "To: "),
        Side::Received | Side::Checkup => lang.pick("差出人：", "From: "),
    };
    let words = [name, &department, &doctor];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{mark}{}", words.join(" "))
}

fn times(lang: Lang, line: &Line) -> String {
    let mut words = vec![when(lang, line.at)];
    let opened = line.matter.opened_at;
    words.extend(opened.map(|at| format!("{}{}", lang.pick("開封 ", "opened "), when(lang, at))));
    let answered = line.matter.answered.as_ref();
    words.extend(
        answered.map(|(at, _)| format!("{}{}", lang.pick("返事 ", "answered "), when(lang, *at))),
    );
    words.join(lang.pick("、", ", "))
}

fn tag(lang: Lang, progress: Progress) -> ui::Tag<'static> {
    let tone = match progress {
        Progress::Unread | Progress::Changed | Progress::Closed => ui::TagTone::Caution,
        Progress::Replied => ui::TagTone::Success,
        Progress::Read => ui::TagTone::Info,
        Progress::Filed | Progress::Cancelled => ui::TagTone::Neutral,
    };
    ui::Tag {
        label: lang.pick(progress.ja(), progress.en()),
        tone,
    }
}

/// What an answer says, to whom the patient was passed on included.
pub(super) fn answer(lang: Lang, answer: &Answered) -> Markup {
    html! {
        p { strong { (lang.pick(answer.answer.ja(), answer.answer.word())) }
            " " (when(lang, answer.at)) " " (answer.by) }
        @if let records::documents::model::Answer::Forwarded { to: (name, code), .. } = &answer.answer {
            p { (lang.pick("引き受ける施設：", "Taken by: ")) (name) "（" (code) "）" }
        }
        @for line in answer.answer.text().lines() { p { (line) } }
    }
}

/// A document as a sheet, with where it comes from.
///
/// # Errors
/// `TSK-LET-008`.
pub(super) fn sheet(reading: &Reading) -> Result<Sheet, Refusal> {
    let unreadable = || Refusal::new(&errors::UNREADABLE);
    let document = Document::parse(&reading.bytes).map_err(|_| unreadable())?;
    let facts = document::facts(&document).ok_or_else(unreadable)?;
    let mut sheet = compose::sheet(&document, &facts);
    let kept = &reading.document;
    sheet.origin.facts = vec![
        Fact::new(
            "登録した施設",
            format!("{}（{}）", kept.head.sender.0, kept.head.sender.1),
        ),
        Fact::new("登録日時", kept.registered_at.jst_japanese()),
    ];
    if let Some(at) = kept.head.changed_at {
        sheet
            .origin
            .facts
            .push(Fact::new("変更日時", at.jst_japanese()));
    }
    if !kept.state.stands() {
        sheet.marks.insert(0, kept.state.ja().to_owned());
    }
    Ok(sheet)
}

/// The sheet on the page, below the ways to print it and to get its files.
pub(super) fn reading(lang: Lang, base: &str, part: &str, sheet: &Sheet, files: &[File]) -> Markup {
    html! {
        (ui::actions(&[
            ui::button_link(&format!("{base}/pdf{part}"), lang.pick("PDFを保存する", "Save as PDF"), Tone::Secondary),
            ui::print_button(lang),
        ]))
        (paged::article(sheet))
        @if !files.is_empty() {
            (ui::section("files", lang.pick("添付ファイルを開く", "Files"), &html! {
                p { (lang.pick(
                    "形式を確かめたファイルです。保存してから開いてください。",
                    "The kind of each file was checked. Save a file before you open it.")) }
                ol {
                    @for (nth, file) in files.iter().enumerate() {
                        li {
                            a href={(base) "/files/" (nth.saturating_add(1)) (part)} download {
                                (file.title) "." (file.kind.extension())
                            }
                            " (" (compose::size(file.bytes)) ")"
                            @if file.is_shown {
                                p { img.sheet-image src={(base) "/files/" (nth.saturating_add(1)) (part)} alt=(file.title) loading="lazy"; }
                            }
                        }
                    }
                }
            }))
        }
    }
}

/// The sheet as a PDF to be saved.
///
/// # Errors
/// `TSK-LET-001`, `TSK-LET-002`.
pub(super) async fn print(request: &Request, sheet: Sheet) -> Result<Answer, Refusal> {
    let face = request.app().told::<Face>().cloned();
    let face = face.ok_or_else(|| Refusal::new(&errors::FONT_MISSING))?;
    let printed = request.compute(move || pdf::print(&sheet, &face)).await?;
    let printed = printed.map_err(|_| Refusal::new(&errors::UNPRINTED))?;
    let name = format!("document-{}.pdf", request.at().jst_date().compact());
    Ok(Answer::file("application/pdf", &name, printed.bytes))
}
