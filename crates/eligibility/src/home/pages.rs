//! The list of home-care patients, each with one button.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Tone},
};

use super::{HomePatient, PatientId, ops};
use crate::{
    codes::errors,
    pages::{refused, staff_page},
};

const PATH: &str = "/reception/home";

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let found = request.read(move |call| ops::list(call, facility)).await?;
    Ok(page(&request, &found, None))
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let form = request.form()?;
    let patient = PatientId::parse(form.text("patient"));
    let patient = patient.ok_or_else(|| Refusal::new(&errors::HOME_ABSENT))?;
    let outcome = request
        .write(move |call| ops::check(call, facility, patient))
        .await;
    match outcome {
        Ok(confirmed) => {
            let to = format!("/visits/{}", confirmed.visit.to_hex());
            Ok(Answer::see_other(&to))
        }
        Err(why) if why.entry.status >= 500 || why.entry.status == 404 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(page(&request, &[], Some(&why)).with_status(status))
        }
    }
}

fn page(request: &Request, patients: &[HomePatient], why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let title = lang.pick("在宅の患者さん", "Home-care patients");
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
        @match why {
            Some(why) => {
                (refused(lang, why))
                (ui::actions(&[ui::button_link(PATH, lang.pick("一覧に戻る", "Back to the list"), Tone::Secondary)]))
            }
            None => {
                p { (lang.pick(
                    "在宅(訪問)で続けて見せることに同意した患者さんです。カードなしで資格を確認し、同意のある情報を見られます。患者さんが同意を取り消すと、すぐに確認できなくなります。",
                    "These patients let this facility see their information for care at home. Eligibility is verified without the card until they take the consent back.")) }
                (list(request, patients))
            }
        }
    };
    staff_page(request, title, &crumbs, why.is_some(), body)
}

fn list(request: &Request, patients: &[HomePatient]) -> Markup {
    let lang = request.lang();
    let columns = [
        lang.pick("お名前", "Name"),
        lang.pick("同意の終わり", "Consent ends"),
        lang.pick("資格の確認", "Verify"),
    ]
    .map(|label| ui::Column {
        label,
        numeric: false,
    });
    let csrf = request.csrf();
    let rows: Vec<Vec<Markup>> = patients
        .iter()
        .map(|one| {
            let id = one.id.to_hex();
            let label = lang.pick("資格を確認する", "Verify");
            vec![
                html! { (one.name) br; small { (one.kana) } },
                html! { (lang.pick(&one.until.jst_japanese(), &one.until.jst_minute())) },
                ui::post_button(PATH, &csrf, &[("patient", &id)], label, Tone::Secondary),
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "home-patients",
        caption: lang.pick("在宅の継続同意がある方", "With continuing consent"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick(
            "まだいません。訪問のときにカードかスマートフォンで確認し、「在宅」の同意を選んでいただくと、ここに表示されます。",
            "Nobody yet: a patient who chooses the consent of home care appears here.",
        ),
    })
}
