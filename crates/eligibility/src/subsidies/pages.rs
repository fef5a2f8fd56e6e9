//! The counter: what pays, in order; and the form for a subsidy's card.

use kernel::Refusal;
use maud::{Markup, html};
use store::Stop;
use web::{
    Answer, Request,
    ui::{self, Column, Field, Lang, Tone, Width},
};

use super::{Paying, burden_ja, by_card, wire::WireCard};
use crate::pages::{refused, staff_page};

/// Where a subsidy's card is typed.
pub(super) const PATH: &str = "/reception/subsidy";

/// What pays beside the insurance, in the order in which it pays.
pub(crate) fn shown(lang: Lang, paying: &Paying) -> Markup {
    if paying.subsidies.is_empty() && paying.tickets.is_empty() {
        return html! {};
    }
    let label = |label, numeric| Column { label, numeric };
    let columns = [
        label(lang.pick("順番", "Order"), true),
        label(lang.pick("制度", "Scheme"), false),
        label(lang.pick("番号", "Numbers"), false),
        label(lang.pick("窓口での負担", "Patient pays"), false),
        label(lang.pick("期間", "Until"), false),
    ];
    let rows: Vec<Vec<Markup>> = (1..)
        .zip(&paying.subsidies)
        .map(|(place, (held, scheme))| {
            let last = held.period.until().map(|until| until.plus_days(-1));
            vec![
                html! { (place) },
                html! { (held.name)
                    @if registry::subsidy::is_before_insurance(held.payer.law()) {
                        br; small { (lang.pick("医療保険より先に支払われます", "pays before the insurance")) }
                    }
                },
                html! { (held.payer.as_str()) br; (held.recipient.as_str()) },
                html! {
                    @if let Some(scheme) = scheme {
                        (lang.pick("外来 ", "out: ")) (burden_ja(&scheme.outpatient)) br;
                        (lang.pick("入院 ", "in: ")) (burden_ja(&scheme.inpatient))
                    } @else if let Some(most) = held.month_max {
                        (lang.pick("月の上限 ", "a month at most ")) (ui::grouped(u64::try_from(most.get()).unwrap_or(0))) (lang.pick("円", " yen"))
                    } @else {
                        (lang.pick("受給者証を確認してください", "see the certificate"))
                    }
                },
                html! { @match last {
                    Some(day) => { (ui::date(lang, day)) },
                    None => { (lang.pick("期限なし", "no end")) },
                } },
            ]
        })
        .collect();
    let body = html! {
        @if !rows.is_empty() {
            (ui::data_table(&ui::Table {
                id: "subsidies",
                caption: lang.pick("支払われる順番", "In the order in which they pay"),
                columns: &columns,
                rows: &rows,
                empty: "",
            }))
        }
        @for ticket in &paying.tickets {
            p {
                strong { (ticket.kind.ja()) } " " (ticket.payer.as_str()) "・" (ticket.recipient.as_str()) " — "
                (lang.pick("本人支払額 ", "patient pays ")) (ui::grouped(u64::try_from(ticket.self_pay.get()).unwrap_or(0))) (lang.pick("円", " yen"))
                @if ticket.is_sole { (lang.pick("(医療扶助のみ)", " (assistance alone)")) }
            }
        }
    };
    ui::section(
        "subsidies-section",
        lang.pick("公費・医療扶助", "Public subsidies and assistance"),
        &body,
    )
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    Ok(form_page(&request, &WireCard::default(), None))
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let text = |name| form.text(name).to_owned();
    let typed = WireCard {
        payer_number: text("payer_number"),
        recipient_number: text("recipient_number"),
        birth_date: text("birth_date"),
        on: None,
    };
    let facility = request.facility()?;
    let outcome = match typed.parse(request.at().jst_date()) {
        Ok(asked) => {
            request
                .write(move |call| by_card(call, facility, &asked))
                .await
        }
        Err(why) => {
            request
                .write(move |_| Err(Stop::Refused(why.clone())))
                .await
        }
    };
    match outcome {
        Ok(confirmed) => {
            let to = format!("/visits/{}", confirmed.visit.to_hex());
            Ok(Answer::see_other(&to))
        }
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(form_page(&request, &typed, Some(&why)).with_status(status))
        }
    }
}

fn form_page(request: &Request, typed: &WireCard, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let title = lang.pick("公費の受給者証で確認する", "By a subsidy's card");
    let error = |name: &str| {
        let finding = why?.findings.iter().find(|f| f.path == name)?;
        Some(lang.pick(&finding.remedy_ja, &finding.remedy_en).to_owned())
    };
    let field = |name, label, hint, value, max| {
        let error = error(name);
        ui::code_field(&Field {
            lang,
            name,
            label,
            hint: Some(hint),
            error: error.as_deref(),
            value,
            required: true,
            max_length: Some(max),
            width: Width::Medium,
            ..Field::default()
        })
    };
    let birth_error = error("birth_date");
    let birth = ui::date_field(
        &Field {
            lang,
            name: "birth_date",
            label: lang.pick("生年月日", "Date of birth"),
            error: birth_error.as_deref(),
            value: &typed.birth_date,
            required: true,
            ..Field::default()
        },
        None,
        Some(request.at().jst_date()),
    );
    let fields = html! {
        (field("payer_number", lang.pick("公費負担者番号", "Payer's number"),
            lang.pick("8けたの数字", "8 digits"), &typed.payer_number, 8))
        (field("recipient_number", lang.pick("受給者番号", "Recipient's number"),
            lang.pick("7けたの数字", "7 digits"), &typed.recipient_number, 7))
        (birth)
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    };
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
        @if let Some(why) = why { (refused(lang, why)) }
        (ui::form(PATH, &request.csrf(), &fields))
    };
    staff_page(request, title, &crumbs, why.is_some(), body)
}
