//! The question whether an old entry still holds, and the doctor's answer (確認・該当しない).

use access::policy::{Action, Class, Permission, Policy, Question};
use eligibility::model::VisitId;
use kernel::{Refusal, Text, time::JstDate};
use maud::{Markup, html};
use records::{
    errors,
    model::{Item, Verdict},
    ops::{self, REASON_MAX, Word},
    rules::stale::{self, ASKS},
    show,
};
use store::caller::{Purpose, Role};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Lang, Tone},
};

/// The route of the answer.
pub(super) fn route() -> Route {
    Route {
        method: Method::Post,
        path: "/visits/{visit}/record/entries",
        face: Face::Page,
        permission: Permission::ConfirmRecords,
        event: &ops::ASSERT,
        purpose: Purpose::Treatment,
        body: Body::Form,
        summary: Text {
            ja: "登録された診療情報の確認",
            en: "confirm or retire a registered entry",
        },
        handler: handler!(answer),
    }
}

async fn answer(request: Request) -> Result<Answer, Refusal> {
    let visit = request.id_param("visit", VisitId::parse)?;
    let home = request.home()?.clone();
    let form = request.form()?;
    let unknown = |path| Refusal::at(&errors::ENTRY_UNKNOWN, path, "");
    let word = Word {
        entry: kernel::hex::decode_array(form.text("entry")).ok_or_else(|| unknown("entry"))?,
        verdict: Verdict::parse(form.text("verdict")).ok_or_else(|| unknown("verdict"))?,
        reason: form.text("reason").to_owned(),
    };
    request
        .write(move |call| {
            let visit = eligibility::ops::visit(call, home.id, visit)?;
            ops::assert(call, visit.person, &home, &word)
        })
        .await?;
    Ok(Answer::see_other(&format!(
        "/visits/{}/record",
        visit.to_hex()
    )))
}

/// The questions of one page.
pub(super) struct Asks {
    lang: Lang,
    today: JstDate,
    role: Role,
    action: String,
    csrf: String,
}

impl Asks {
    pub(super) fn new(request: &Request, href: &str) -> Self {
        Self {
            lang: request.lang(),
            today: request.at().jst_date(),
            role: request.caller().role(),
            action: format!("{href}/record/entries"),
            csrf: request.csrf(),
        }
    }

    /// May this role answer at all?
    fn may(&self, item: &Item) -> bool {
        let question = Question {
            role: self.role,
            class: Class::from(item.category),
            action: Action::Write,
            purpose: Purpose::Treatment,
        };
        Policy::own().rule(question).is_some()
    }

    fn is_stale(&self, item: &Item) -> bool {
        stale::is_stale(ASKS, item, self.today)
    }

    /// How many entries wait for an answer; nothing when none does.
    pub(super) fn heading(&self, items: &[Item]) -> Markup {
        let count = items.iter().filter(|item| self.is_stale(item)).count();
        if count == 0 {
            return html! {};
        }
        let lang = self.lang;
        let heading = match lang {
            Lang::Ja => format!("登録から長い時間がたった情報が{count}件あります"),
            Lang::En => format!("{count} entries were registered long ago"),
        };
        ui::notice(
            lang,
            ui::Level::Info,
            &heading,
            &html! { p { (lang.pick(
            "「いまも該当しますか」と表示された項目を患者さんに確かめて、結果を登録してください。次に診る人の助けになります。",
            "Please ask the patient about the lines marked \"does this still hold?\" and keep the answer: it helps whoever sees them next.")) } },
        )
    }

    /// The question behind one line.
    pub(super) fn of(&self, item: &Item) -> Markup {
        let lang = self.lang;
        if !stale::is_askable(item.category) {
            return html! {};
        }
        let is_stale = self.is_stale(item);
        let question = lang.pick("いまも該当しますか", "Does this still hold?");
        if !self.may(item) {
            return html! { @if is_stale {
                p.provenance { (lang.pick("登録から長い時間がたっています。", "Registered long ago.")) }
            } };
        }
        let is_retired = show::is_retired(item);
        let key = kernel::hex::encode(&item.keys.entry);
        let confirm = if is_retired {
            lang.pick("取り消して「該当する」に戻す", "Take back: it holds")
        } else {
            lang.pick("いまも該当する", "It still holds")
        };
        let fields = [
            ("entry", key.as_str()),
            ("verdict", Verdict::Confirmed.word()),
        ];
        let confirm = ui::post_button(&self.action, &self.csrf, &fields, confirm, Tone::Secondary);
        // The question is seen at once and costs one click; what needs a reason is folded away.
        html! {
            @if is_stale {
                p { strong { (question) } }
                (confirm)
                details {
                    summary { (lang.pick("該当しない場合", "If it does not")) }
                    (self.retire(&key))
                }
            } @else {
                details {
                    summary { (lang.pick("確認・変更", "Confirm or change")) }
                    (confirm)
                    @if !is_retired { (self.retire(&key)) }
                }
            }
        }
    }

    fn retire(&self, key: &str) -> Markup {
        let lang = self.lang;
        let name = format!("reason-{}", key.get(..8).unwrap_or_default());
        let id = ui::field_id(&name);
        let most = u16::try_from(REASON_MAX).unwrap_or(u16::MAX);
        let fields = html! {
            (ui::hidden("entry", key))
            (ui::hidden("verdict", Verdict::Retired.word()))
            div.field {
                label for=(id) { (lang.pick("該当しない場合の理由", "If not, why")) }
                input.input id=(id) name="reason" type="text" maxlength=(most) autocomplete="off";
            }
            (ui::submit(lang.pick("現在は該当しない", "It no longer holds"), Tone::Secondary))
        };
        ui::form(&self.action, &self.csrf, &fields)
    }
}
