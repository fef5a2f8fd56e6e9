//! The pages of the search by four attributes.

use access::policy::{self, Permission};
use maud::{Markup, html};
use registry::disaster::Mode;
use web::{
    Request,
    ui::{self, Level, Tone},
};

/// The search.
pub(super) const PATH: &str = "/reception/disaster";

/// What the reception says while disaster mode is in force.
#[must_use]
pub fn banner(request: &Request, mode: &Mode) -> Markup {
    let lang = request.lang();
    let heading = format!(
        "{}({})",
        lang.pick("災害時モードです", "Disaster mode"),
        mode.name
    );
    let until = lang
        .pick(&mode.until().jst_japanese(), &mode.until().jst_minute())
        .to_owned();
    ui::notice(
        lang,
        Level::Warning,
        &heading,
        &html! {
            p { (lang.pick(
                "マイナンバーカードも番号もない方は、氏名・生年月日・性別・住所で確認できます。",
                "Who has neither card nor number can be verified by name, birth, sex and home.")) }
            p { (lang.pick("終わり:", "Until: ")) (until) }
            @if policy::allows(request.caller().role(), Permission::FindByAttributes) {
                (ui::actions(&[ui::button_link(PATH, lang.pick("4つの情報で探す", "Find by four attributes"), Tone::Primary)]))
            }
        },
    )
}
