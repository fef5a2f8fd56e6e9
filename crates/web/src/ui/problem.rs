//! The body of an error page: what happened, what to do next, and the number to quote.

use kernel::{Finding, Refusal};
use maud::{Markup, html};

use super::{Lang, Tone, button_link, copyable};

/// An error to show.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The language of the page.
    pub lang: Lang,
    /// The stable code, such as `TSK-ELG-003`.
    pub code: &'a str,
    /// What happened.
    pub what: &'a str,
    /// What to do next.
    pub next: &'a str,
    /// The places in the input, when there are any.
    pub findings: &'a [Finding],
    /// The request's number, for the help desk.
    pub request_id: &'a str,
    /// Seconds after which another try makes sense.
    pub retry_after_s: Option<u32>,
    /// Where "back" leads.
    pub back_href: &'a str,
}

/// The body of an error page. The page's title says what could not be done.
#[must_use]
pub fn problem(problem: &Problem<'_>) -> Markup {
    let lang = problem.lang;
    html! {
        div.problem {
            p.problem-what { (problem.what) }
            h2 { (lang.pick("次にすること", "What to do next")) }
            p { (problem.next) }
            @if let Some(seconds) = problem.retry_after_s {
                p {
                    @match lang {
                        Lang::Ja => { (seconds) "秒ほど待ってから、もう一度お試しください。" },
                        Lang::En => { "Please try again in " (seconds) " seconds." },
                    }
                }
            }
            (findings(lang, problem.findings))
            (super::actions(&[button_link(problem.back_href, lang.pick("もとの画面へ戻る", "Go back"), Tone::Primary)]))
            dl.facts.problem-numbers {
                div { dt { (lang.pick("エラーコード", "Error code")) } dd { code { (problem.code) } } }
                div { dt { (lang.pick("お問い合わせ番号", "Request number")) } dd { (copyable(lang, problem.request_id)) } }
            }
        }
    }
}

/// The body of an error page for a catalogued refusal.
#[must_use]
pub fn refusal(lang: Lang, refusal: &Refusal, request_id: &str, back_href: &str) -> Markup {
    problem(&Problem {
        lang,
        code: refusal.entry.code,
        what: lang.text(&refusal.entry.cause),
        next: lang.text(&refusal.entry.remedy),
        findings: &refusal.findings,
        request_id,
        retry_after_s: refusal.retry_after_s,
        back_href,
    })
}

fn findings(lang: Lang, findings: &[Finding]) -> Markup {
    html! {
        @if !findings.is_empty() {
            h2 { (lang.pick("確認していただきたい箇所", "Places to look at")) }
            ul.findings {
                @for finding in findings {
                    li {
                        code { (finding.path) }
                        @if !finding.found.is_empty() {
                            (lang.pick("「", ": “")) (finding.found) (lang.pick("」", "”"))
                        }
                        p { (lang.pick(&finding.remedy_ja, &finding.remedy_en)) }
                    }
                }
            }
        }
    }
}
