//! The signal (信号): a result that is read at a glance from across the counter.
//!
//! Circle with a check mark, triangle with an exclamation mark, octagon with a cross:
//! shape, word and colour each say it alone.

use maud::{Markup, html};

use super::{Icon, Lang, icon};

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Go on.
    Green,
    /// Ask or look first.
    Yellow,
    /// Do not rely on it.
    Red,
}

impl Signal {
    /// The word of the signal: 有効, 要確認 or 無効・確認できません.
    #[must_use]
    pub const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Green => lang.pick("有効", "Valid"),
            Self::Yellow => lang.pick("要確認", "Check needed"),
            Self::Red => lang.pick("無効・確認できません", "Not valid or not confirmed"),
        }
    }

    const fn parts(self) -> (&'static str, Icon) {
        match self {
            Self::Green => ("verdict verdict-green", Icon::Check),
            Self::Yellow => ("verdict verdict-yellow", Icon::Caution),
            Self::Red => ("verdict verdict-red", Icon::Stop),
        }
    }
}

/// A result to show as a signal.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// The language of the signal's word.
    pub lang: Lang,
    /// Which of the three.
    pub signal: Signal,
    /// The result in one short sentence.
    pub heading: &'a str,
    /// Why, in one line.
    pub reason: &'a str,
    /// What to do next, in one line.
    pub next: &'a str,
    /// The stable code of the reason, such as `TSK-ELG-003`, for a call to the help desk.
    pub code: Option<&'a str>,
}

/// The card of a result. One a page: its heading has the id `verdict`.
#[must_use]
pub fn verdict(verdict: &Verdict<'_>) -> Markup {
    let lang = verdict.lang;
    let (class, shape) = verdict.signal.parts();
    html! {
        section class=(class) aria-labelledby="verdict" {
            div.verdict-sign { (icon(shape)) }
            div.verdict-body {
                h2 id="verdict" {
                    span.verdict-word { (verdict.signal.word(lang)) }
                    " "
                    span.verdict-heading { (verdict.heading) }
                }
                dl {
                    div { dt { (lang.pick("理由", "Why")) } dd { (verdict.reason) } }
                    div.verdict-next {
                        dt { (lang.pick("次にすること", "What to do next")) }
                        dd { (verdict.next) }
                    }
                }
                @if let Some(code) = verdict.code {
                    p.verdict-code { (lang.pick("確認コード：", "Code: ")) code { (code) } }
                }
            }
        }
    }
}
