//! Reception: the form for a check by number, and who came today.

use access::policy::{self, Permission};
use kernel::Refusal;
use maud::{Markup, html};
use registry::{
    disaster::{self, Mode},
    reliance,
};
use store::{Stop, caller::Role};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Tone},
};

use super::frame::{refused, staff_page};
use crate::{api::WireInquiry, model::Visit, notices, ops, phones::pages as phones};

pub(super) async fn start(request: Request) -> Result<Answer, Refusal> {
    let role = request.caller().role();
    if role == Role::Patient {
        return Ok(Answer::see_other("/portal"));
    }
    if policy::allows(role, Permission::CheckEligibility) {
        return Ok(Answer::see_other("/reception"));
    }
    if role == Role::Insurer {
        return Ok(Answer::see_other("/insurer"));
    }
    if policy::allows(role, Permission::Support) {
        return Ok(Answer::see_other("/support/visits"));
    }
    match web::office::rooms(&request).as_slice() {
        [] => {}
        [only] => return Ok(Answer::see_other(only.path)),
        _ => return Ok(Answer::see_other(web::office::HOME)),
    }
    let lang = request.lang();
    let body = ui::empty(
        lang.pick("診療の画面は表示できません", "No clinical pages"),
        lang.pick(
            "管理者のアカウントでは、患者さんの情報は表示されません。",
            "An administrator's account shows no patient's information.",
        ),
        None,
    );
    Ok(staff_page(
        &request,
        lang.pick("はじめの画面", "Start"),
        &[],
        false,
        body,
    ))
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let (visits, mode, open) = request
        .read(move |call| {
            let mode = disaster::in_force(call, facility)?;
            let (_, open) = reliance::mark_of(call, facility)?;
            Ok((ops::today(call, facility)?, mode, open))
        })
        .await?;
    let typed = Typed::default();
    let shown = (visits.as_slice(), open);
    Ok(reception_page(&request, shown, &typed, mode.as_ref(), None))
}

/// What was typed, to be shown again beside what was wrong with it.
#[derive(Default)]
struct Typed {
    insurer_number: String,
    symbol: String,
    number: String,
    branch: String,
    era: String,
    year: String,
    month: String,
    day: String,
}

impl Typed {
    fn read(form: &web::request::Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            insurer_number: text("insurer_number"),
            symbol: text("symbol"),
            number: text("number"),
            branch: text("branch"),
            era: text("birth_date_era"),
            year: text("birth_date_year"),
            month: text("birth_date_month"),
            day: text("birth_date_day"),
        }
    }

    /// The date of birth as ISO text; what is no date stays as typed, so that it is found
    /// together with every other fault.
    fn birth(&self) -> Option<String> {
        if [&self.year, &self.month, &self.day]
            .iter()
            .all(|part| part.is_empty())
        {
            return None;
        }
        let date = ui::parse_era_date(&self.era, &self.year, &self.month, &self.day);
        Some(date.map_or_else(
            || format!("{} {}-{}-{}", self.era, self.year, self.month, self.day),
            |date| date.to_string(),
        ))
    }
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let typed = Typed::read(&request.form()?);
    let today = request.at().jst_date();
    let inquiry = WireInquiry::new(
        &typed.insurer_number,
        &typed.symbol,
        &typed.number,
        &typed.branch,
    )
    .born(typed.birth())
    .parse(today);
    let facility = request.facility()?;
    // A malformed inquiry leaves its record as well, in the same operation as the list.
    let outcome = match inquiry {
        Ok(inquiry) => {
            request
                .write(move |call| ops::by_number(call, facility, &inquiry))
                .await
        }
        Err(refusal) => {
            request
                .write(move |_| Err(Stop::Refused(refusal.clone())))
                .await
        }
    };
    match outcome {
        Ok(confirmed) => Ok(Answer::see_other(&format!(
            "/visits/{}",
            confirmed.visit.to_hex()
        ))),
        Err(refusal) if refusal.entry.status >= 500 => Err(refusal),
        Err(refusal) => {
            let status = refusal.entry.status;
            let page = reception_page(&request, (&[], 0), &typed, None, Some(&refusal));
            Ok(page.with_status(status))
        }
    }
}

fn reception_page(
    request: &Request,
    (visits, open): (&[Visit], i64),
    typed: &Typed,
    mode: Option<&Mode>,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let body = html! {
        @if let Some(mode) = mode { (crate::disaster::banner(request, mode)) }
        @if let Some(why) = why { (refused(lang, why)) }
        (notices::pages::banner(lang, open))
        (ui::columns(&[number_form(request, typed, why), visit_list(lang, visits, why.is_some())]))
    };
    let title = lang.pick("受付・資格確認", "Reception");
    staff_page(request, title, &[], why.is_some(), body)
}

fn number_form(request: &Request, typed: &Typed, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    let error = |name: &str| {
        let finding = why?.findings.iter().find(|f| f.path == name)?;
        Some(lang.pick(&finding.remedy_ja, &finding.remedy_en).to_owned())
    };
    let field = |name: &'static str, label, hint, value, required, max: u16| {
        let error = error(name);
        ui::code_field(&Field {
            lang,
            name,
            label,
            hint,
            error: error.as_deref(),
            value,
            required,
            max_length: Some(max),
            width: ui::Width::Medium,
            autofocus: name == "insurer_number",
            ..Field::default()
        })
    };
    let birth_error = error("birth_date");
    let birth = ui::era_date_field(
        &Field {
            lang,
            name: "birth_date",
            label: lang.pick("生年月日", "Date of birth"),
            hint: Some(lang.pick(
                "枝番がわからないときに入力してください。",
                "If you do not know the branch number.",
            )),
            error: birth_error.as_deref(),
            ..Field::default()
        },
        &ui::EraDate {
            era: &typed.era,
            year: &typed.year,
            month: &typed.month,
            day: &typed.day,
        },
    );
    let fields = html! {
        (field("insurer_number", lang.pick("保険者番号", "Insurer number"),
            Some(lang.pick("6けたまたは8けたの数字", "6 or 8 digits")), &typed.insurer_number, true, 8))
        (field("symbol", lang.pick("記号", "Symbol"),
            Some(lang.pick("記号がないときは空欄のまま", "Leave empty if there is none")), &typed.symbol, false, 20))
        (field("number", lang.pick("番号", "Number"), None, &typed.number, true, 20))
        (field("branch", lang.pick("枝番", "Branch number"),
            Some(lang.pick("2けたの数字", "2 digits")), &typed.branch, false, 2))
        (birth)
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    };
    let form = ui::form("/reception", &request.csrf(), &fields);
    ui::section(
        "by-number",
        lang.pick("番号で確認する", "By number"),
        &html! { (form) (phones::links(lang)) },
    )
}

fn visit_list(lang: Lang, visits: &[Visit], after_refusal: bool) -> Markup {
    let columns = [
        ui::Column {
            label: lang.pick("お名前", "Name"),
            numeric: false,
        },
        ui::Column {
            label: lang.pick("受付時刻", "Time"),
            numeric: false,
        },
        ui::Column {
            label: lang.pick("確認方法", "Method"),
            numeric: false,
        },
    ];
    let rows: Vec<Vec<Markup>> = visits
        .iter()
        .map(|visit| {
            let name = html! {
                a href={ "/visits/" (visit.id.to_hex()) } { (visit.name) }
                br; small { (visit.kana) }
            };
            vec![
                name,
                html! { (lang.pick(&visit.at.jst_japanese(), &visit.at.jst_minute())) },
                html! { (visit.method.ja()) },
            ]
        })
        .collect();
    let card = html! {
        p { (lang.pick(
            "マイナンバーカードの方は、カードリーダーで確認が終わると、この一覧に表示されます。",
            "Patients who use the card reader appear in this list once they are verified.")) }
        @if after_refusal {
            p { a href="/reception" { (lang.pick("受付の一覧を表示する", "Show the list")) } }
        } @else {
            (ui::data_table(&ui::Table {
                id: "visits",
                caption: lang.pick("24時間以内に確認した方", "Verified within 24 hours"),
                columns: &columns,
                rows: &rows,
                empty: lang.pick("まだ確認した方はいません。", "Nobody yet."),
            }))
            (ui::actions(&[
                ui::button_link("/reception", lang.pick("一覧を更新する", "Refresh"), Tone::Secondary),
                ui::button_link("/reception/bookings", lang.pick("予約の方をまとめて確認する", "Verify bookings"), Tone::Quiet),
                ui::button_link("/reception/notices", lang.pick("資格が変わった方", "Changed coverage"), Tone::Quiet),
                ui::button_link("/reception/codes", lang.pick("来院コード", "Visit codes"), Tone::Secondary),
                ui::button_link("/reception/home", lang.pick("在宅の患者さん", "Home care"), Tone::Secondary),
            ]))
        }
        p { (lang.pick(
            "カードリーダーが使えないときや、確認に時間がかかるときは、どこに原因があるかを調べられます。",
            "If the card reader fails or verifying takes long, see where it is stuck.")) }
        (ui::actions(&[ui::button_link("/reception/diagnosis", lang.pick("つながりを調べる", "Where is it stuck?"), Tone::Secondary)]))
    };
    ui::section(
        "visits-section",
        lang.pick(
            "カードで確認した方・本日の受付",
            "By card, and today's visits",
        ),
        &card,
    )
}
