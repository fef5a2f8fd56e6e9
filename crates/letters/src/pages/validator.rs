//! The page on which vendors check what their systems send: every finding with its place, its
//! rule, what was found and how to mend it. Nothing is kept.
//!
//! Source: peers section b (what vendors ask of a validator).

use std::collections::BTreeMap;

use fhir::{
    clins::{self, document},
    json::Document,
};
use kernel::{Finding, Refusal, time::JstDate};
use maud::{Markup, html};
use paper::errors;
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Level, Tone, Width},
};

use super::frame;

/// Findings shown on the page; the rest are in the text to be copied.
const SHOWN_MAX: usize = 500;

/// What was given to check.
struct Given {
    name: String,
    bytes: Vec<u8>,
    on: JstDate,
}

/// What was found.
struct Verdict {
    /// What the document is.
    kind: String,
    refusals: Vec<Finding>,
    warnings: Vec<Finding>,
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    Ok(page(&request, None, &html! {}))
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let given = match given(&request) {
        Ok(given) => given,
        Err(why) => {
            let heading = lang.pick("検証できませんでした", "Nothing was checked");
            let body = frame::refused(lang, heading, &why);
            return Ok(page(&request, Some(&why), &body).with_status(why.entry.status));
        }
    };
    let Given { name, bytes, on } = given;
    let verdict = request.compute(move || judge(&bytes, on)).await?;
    Ok(page(&request, None, &told(lang, &name, on, &verdict)))
}

fn given(request: &Request) -> Result<Given, Refusal> {
    let form = request.form()?;
    let on = match form.text("on") {
        "" => request.at().jst_date(),
        text => JstDate::parse(text).ok_or_else(|| Refusal::at(&errors::DATE, "on", text))?,
    };
    let file = request
        .files()
        .iter()
        .find(|file| file.field == "file" && !file.bytes.is_empty());
    if let Some(file) = file {
        return Ok(Given {
            name: file.name.clone(),
            bytes: file.bytes.to_vec(),
            on,
        });
    }
    match form.text("text") {
        "" => Err(Refusal::new(&errors::NOTHING)),
        text => Ok(Given {
            name: String::new(),
            bytes: text.as_bytes().to_vec(),
            on,
        }),
    }
}

/// Judges anything: a document, a Bundle of information, or one resource.
fn judge(bytes: &[u8], on: JstDate) -> Verdict {
    let document = match Document::parse(bytes) {
        Ok(document) => document,
        Err(error) => {
            return Verdict {
                kind: "JSON".to_owned(),
                refusals: vec![error.finding()],
                warnings: Vec::new(),
            };
        }
    };
    let root = document.root();
    let resource = root.str("resourceType").unwrap_or("JSON");
    let named = document::DocumentKind::of(root).map(document::DocumentKind::name_ja);
    let kind = named.unwrap_or(resource).to_owned();
    let checked = clins::validate(&document, on);
    Verdict {
        kind,
        refusals: checked.refusals,
        warnings: checked.warnings,
    }
}

fn told(lang: Lang, name: &str, on: JstDate, verdict: &Verdict) -> Markup {
    let is_good = verdict.refusals.is_empty();
    let (refused, advised) = (verdict.refusals.len(), verdict.warnings.len());
    let heading = match (is_good, lang) {
        (true, Lang::Ja) => "受け付けられる文書です".to_owned(),
        (true, Lang::En) => "It would be taken".to_owned(),
        (false, Lang::Ja) => format!("直していただきたい箇所が{refused}件あります"),
        (false, Lang::En) => format!("{refused} places have to be mended"),
    };
    let day = ui::date_text(lang, on);
    let what = if name.is_empty() {
        verdict.kind.clone()
    } else {
        format!("{name}（{}）", verdict.kind)
    };
    let reason = match lang {
        Lang::Ja => format!("{what}を、{day}の規則で検証しました。"),
        Lang::En => format!("{what}, by the rules of {day}."),
    };
    let next = match (is_good, advised) {
        (true, 0) => lang.pick("このまま送信できます。", "It can be sent as it is."),
        (true, _) => lang.pick("送信できます。下の「改善の提案」もご覧ください。", "It can be sent; see the advice below."),
        (false, _) => lang.pick("下の箇所をすべて直してから、文書全体を送信してください。一部だけが登録されることはありません。", "Mend every place below and send the whole document; nothing of it is taken before."),
    };
    html! {
        (ui::notice(
            lang,
            if is_good { Level::Success } else { Level::Error },
            &heading,
            &html! { p { (reason) } p { strong { (next) } } },
        ))
        (group(lang, "refusals", lang.pick("受け付けられない理由", "Why it is refused"), &verdict.refusals))
        (group(lang, "warnings", lang.pick("改善の提案（受け付けには影響しません）", "Advice"), &verdict.warnings))
        @if refused + advised > 0 { (copy(lang, verdict)) }
    }
}

/// Findings, those of one rule that are mended alike together.
fn group(lang: Lang, id: &str, heading: &str, findings: &[Finding]) -> Markup {
    let mut by_rule: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().take(SHOWN_MAX) {
        let remedy = lang.pick(finding.remedy_ja.as_str(), finding.remedy_en.as_str());
        by_rule
            .entry((finding.rule.as_str(), remedy))
            .or_default()
            .push(finding);
    }
    html! {
        @if !findings.is_empty() {
            (ui::section(id, heading, &html! {
                @for ((rule, remedy), findings) in &by_rule {
                    section.finding-rule {
                        h3 { code { (rule) } " — " (findings.len()) (lang.pick("件", " places")) }
                        p { (remedy) }
                        ul.findings {
                            @for finding in findings {
                                li {
                                    code { (finding.path) }
                                    @if !finding.found.is_empty() {
                                        (lang.pick("（見つかった値：", " (found: ")) (finding.found) (lang.pick("）", ")"))
                                    }
                                }
                            }
                        }
                    }
                }
                @if findings.len() > SHOWN_MAX {
                    p { (lang.pick("残りは、下のコピー用の欄にあります。", "The rest is in the text below.")) }
                }
            }))
        }
    }
}

/// Every finding as lines with tabs, to be pasted into a table or a ticket.
fn copy(lang: Lang, verdict: &Verdict) -> Markup {
    let mut text = String::from("level\trule\tpath\tfound\tremedy\n");
    let all = verdict.refusals.iter().map(|one| ("error", one));
    for (level, one) in all.chain(verdict.warnings.iter().map(|one| ("warning", one))) {
        let remedy = lang.pick(&one.remedy_ja, &one.remedy_en);
        let cells = [level, &one.rule, &one.path, &one.found, remedy];
        let cells = cells.map(|cell| cell.replace(['\t', '\n', '\r'], " "));
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    html! {
        div.field {
            label.label for="field-copy" { (lang.pick("コピー用（表計算ソフトに貼り付けられます）", "To copy, for a table")) }
            textarea.input id="field-copy" rows="8" readonly spellcheck="false" { (text) }
        }
    }
}

fn page(request: &Request, why: Option<&Refusal>, result: &Markup) -> Answer {
    let lang = request.lang();
    let (form, today) = (request.form().ok(), request.at().jst_date().to_string());
    let typed = form.as_ref().map_or("", |form| form.text("on"));
    let fields = html! {
        (ui::file_field(&Field {
            lang,
            name: "file",
            label: lang.pick("検証するファイル（JSON、10MBまで）", "File to check (JSON, up to 10 MB)"),
            hint: Some(lang.pick(
                "点線の枠にファイルを落としても選べます。文書は保存しません。実在の患者さんの情報は使わないでください。",
                "You may drop a file on the dashed box. Nothing is kept. Please use no real patient's data.")),
            ..Field::default()
        }, "application/json,.json"))
        (ui::text_area(&Field {
            lang,
            name: "text",
            label: lang.pick("または、本文を貼り付ける", "Or paste its text"),
            ..Field::default()
        }, 6))
        (ui::code_field(&Field {
            lang,
            name: "on",
            label: lang.pick("いつの規則で検証しますか（例 2026-04-01）", "Rules of which day, such as 2026-04-01"),
            hint: Some(lang.pick("将来の日付にすると、これから始まる規則で検証します。", "A later day checks against rules that are not in force yet.")),
            value: if typed.is_empty() { &today } else { typed },
            max_length: Some(10),
            width: Width::Medium,
            ..Field::default()
        }))
        (ui::actions(&[ui::submit(lang.pick("検証する", "Check"), Tone::Primary)]))
    };
    let body = html! {
        (result)
        @if why.is_none() && typed.is_empty() {
            (ui::notice(lang, Level::Info, lang.pick("送信する前に、文書を確かめられます", "Check a document before it is sent"),
                &html! { p { (lang.pick(
                    "規則の番号、場所、見つかった値、直し方を、すべて一度に表示します。",
                    "Rule, place, what was found and how to mend it: all of them at once.")) } }))
        }
        (ui::file_form("/validator", &request.csrf(), &fields))
    };
    let title = lang.pick("文書の検証", "Validator");
    frame::page(request, title, &[], why.is_some(), body)
}
