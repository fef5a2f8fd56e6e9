//! The result of a check: traffic light, coverage, next steps.

use access::policy::{self, Permission};
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::{
    frame::{refused, staff_page},
    look::{Seen, gaiji, look, merged, strip},
};
use crate::{
    answer::pages::{history_link, holds},
    model::{Method, VisitId},
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let seen = request.read(move |call| look(call, facility, id)).await?;
    let lang = request.lang();
    let today = request.at().jst_date();
    let title = lang.pick("資格確認の結果", "Eligibility result");
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
        (strip(lang, &seen, today))
        p {
            (lang.pick("確認の方法: ", "Verified by: ")) (seen.visit.method.ja())
            (lang.pick(" / 診療区分: ", " / care: ")) (lang.pick(seen.visit.care.ja(), seen.visit.care.en()))
        }
        @if request.query("done") == Some("none") {
            (ui::notice(lang, ui::Level::Success,
                lang.pick("何も見せないことを登録しました。", "The patient shows nothing."), &html! {}))
        }
        (gaiji(lang, &seen.profile))
        (merged(lang, &seen.merges))
        @match &seen.held {
            Ok(held) => { (holds(lang, held, today)) },
            Err(entry) => { (refused(lang, &Refusal::new(entry))) },
        }
        (next_steps(&request, &seen))
        (history_link(lang, id))
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn next_steps(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let visit = seen.visit.id.to_hex();
    let may_view = policy::allows(request.caller().role(), Permission::ViewShared);
    let consent_href = format!("/visits/{visit}/consent");
    let view_href = format!("/visits/{visit}/record");
    let mut buttons = Vec::new();
    if may_view && !seen.open.is_empty() {
        let label = lang.pick("共有された診療情報を見る", "See shared information");
        buttons.push(ui::button_link(&view_href, label, Tone::Primary));
    }
    if seen.is_consent_possible && seen.visit.is_present(request.at()) {
        let tone = if seen.open.is_empty() {
            Tone::Primary
        } else {
            Tone::Secondary
        };
        let label = lang.pick("患者さんに同意を選んでもらう", "Let the patient choose");
        buttons.push(ui::button_link(&consent_href, label, tone));
    }
    let body = html! {
        @if !seen.is_consent_possible {
            p { (lang.pick(
                "施術所では、資格の確認だけができます。診療情報は表示されません。",
                "A therapy office verifies eligibility only. It sees no clinical information.")) }
        } @else { p {
            @if seen.open.is_empty() {
                (lang.pick("いまのところ、患者さんが閲覧に同意した情報はありません。", "The patient has consented to nothing yet."))
            } @else {
                (lang.pick("患者さんが閲覧に同意した情報:", "Consented: "))
                (seen.open.iter().map(|c| c.ja()).collect::<Vec<_>>().join("、"))
            }
        } }
        @if seen.is_consent_possible && seen.visit.method.shows_presence() && !seen.visit.is_present(request.at()) {
            p { (lang.pick(
                "カードの確認から24時間が過ぎたため、同意の登録はできません。必要なときは、もう一度カードで確認してください。",
                "Verified more than 24 hours ago: consent needs the patient's card again.")) }
        }
        @if seen.is_consent_possible && seen.visit.method == Method::HomeCare {
            p { (lang.pick(
                "在宅の継続同意で確認しました。同意の範囲だけを見られます。新しい同意には、カードかスマートフォンでの確認が必要です。",
                "Verified by the continuing consent of home care: what it opens can be seen, and a new consent needs the card.")) }
        }
        @if seen.is_consent_possible && seen.visit.method != Method::HomeCare && !seen.visit.method.shows_presence() {
            p { (lang.pick(
                "カードを使わずに確認したため、同意の登録はできません。必要なときは、マイナンバーカードで確認してください。",
                "Verified without the card: consent needs the patient's card.")) }
        }
        (ui::actions(&buttons))
    };
    ui::section(
        "consent",
        lang.pick("診療情報の閲覧", "Shared information"),
        &body,
    )
}
