//! The facility's safety officer.

use kernel::Refusal;
use maud::html;
use web::{
    Answer, Request,
    ui::{self, Field, Tone},
};

use super::frame::{failure, may_manage, office_page};
use crate::{errors, model::Officer, ops};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let officer = request
        .read(move |call| Ok(ops::officer_of(call, facility)?))
        .await?;
    Ok(form(&request, officer.as_ref(), None))
}

fn form(request: &Request, officer: Option<&Officer>, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let field = |name, label, value, hint| {
        ui::text_field(&Field {
            lang,
            name,
            label,
            value,
            hint,
            required: true,
            max_length: Some(200),
            ..Field::default()
        })
    };
    let (name, contact) = officer.map_or(("", ""), |o| (o.name.as_str(), o.contact.as_str()));
    let fields = html! {
        (field("name", lang.pick("氏名", "Name"), name, None))
        (field("contact", lang.pick("連絡先", "Contact"), contact, Some(lang.pick("休日や夜間でもつながる電話番号など", "Such as a telephone number that is answered at any time"))))
        (ui::actions(&[ui::submit(lang.pick("登録する", "Save"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        p { (lang.pick(
            "医療情報システムの安全管理に責任を持つ方です。情報の漏えいや障害の疑いがあるときに、最初に連絡を受けます。",
            "The person who answers for the safety of the system and is called first when something is wrong.",
        )) }
        @if may_manage(request) {
            (ui::form("/office/officer", &request.csrf(), &fields))
        } @else {
            p { strong { (name) } " " (contact) }
        }
    };
    let title = lang.pick("安全管理責任者", "Safety officer");
    let crumbs = [
        ui::Crumb {
            href: Some("/office/equipment"),
            label: lang.pick("機器台帳", "Equipment"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    office_page(request, title, &crumbs, body)
}

pub(super) async fn name(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let facility = request.facility()?;
    let given = request.form()?;
    let officer = Officer {
        name: given.text("name").to_owned(),
        contact: given.text("contact").to_owned(),
    };
    let named = officer.clone();
    let done = request
        .write(move |call| ops::name_officer_of(call, facility, &named))
        .await;
    match done {
        Ok(()) => Ok(Answer::see_other("/office/equipment")),
        Err(why) if why.entry.code == errors::OFFICER_INVALID.code => {
            Ok(form(&request, Some(&officer), Some(&why)).with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}
