//! Notification banners: an icon, a word for the level, a heading and a text.

use maud::{Markup, html};

use super::{Icon, Lang, icon};

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// It worked.
    Success,
    /// Look again before going on.
    Warning,
    /// It did not work, or must not be done.
    Error,
}

impl Level {
    /// Class, icon, and the word before the heading in Japanese and English.
    const fn parts(self) -> (&'static str, Icon, &'static str, &'static str) {
        match self {
            Self::Info => ("notice notice-info", Icon::Info, "お知らせ", "Note"),
            Self::Success => ("notice notice-success", Icon::Check, "完了", "Done"),
            Self::Warning => ("notice notice-warning", Icon::Caution, "注意", "Caution"),
            Self::Error => ("notice notice-error", Icon::Stop, "エラー", "Error"),
        }
    }
}

/// A notification banner. An error is announced at once, the others when there is time.
#[must_use]
pub fn notice(lang: Lang, level: Level, heading: &str, body: &Markup) -> Markup {
    let (class, shape, ja, en) = level.parts();
    let role = if level == Level::Error {
        "alert"
    } else {
        "status"
    };
    html! {
        div class=(class) role=(role) {
            (icon(shape))
            div.notice-body {
                p.notice-heading {
                    span.notice-level { (lang.pick(ja, en)) (lang.pick("：", ": ")) }
                    (heading)
                }
                (body)
            }
        }
    }
}
