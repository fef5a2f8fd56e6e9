//! The town's pages: its own payers' numbers, and forms to load and end.

use access::policy::Permission;
use kernel::{Refusal, Text};
use maud::{Markup, html};
use registry::{model::Insurer, ops as people, subsidy::TicketKind};
use store::caller::{Event, Purpose};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    request::Form,
    route::Handler,
    ui::{self, Choice, Column, Field, Lang, Level, Tone, Width},
};

use crate::{
    api::{END, LOAD, TICKET, carry_out},
    ops,
    wire::Wire,
};

static TOWN: Event = Event {
    code: "subsidy.town",
    ja: "公費の登録画面の表示",
    en: "page of subsidies shown",
};

/// Routes of the town's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let get = |path, (ja, en), handler: Handler| Route {
        method: Method::Get,
        path,
        face: Face::Page,
        permission: Permission::SeeIntake,
        event: &TOWN,
        purpose: Purpose::Intake,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    };
    let post = |path, event, (ja, en), handler: Handler| Route {
        method: Method::Post,
        path,
        face: Face::Page,
        permission: Permission::Intake,
        event,
        purpose: Purpose::Intake,
        body: Body::Form,
        summary: Text { ja, en },
        handler,
    };
    vec![
        get("/town", ("公費・医療扶助", "subsidies"), handler!(home)),
        get(
            "/town/entitlements",
            ("公費の資格の登録画面", "form for an entitlement"),
            handler!(entitlement_form),
        ),
        post(
            "/town/entitlements",
            &LOAD,
            ("公費の資格の登録", "load an entitlement"),
            handler!(load),
        ),
        get(
            "/town/ends",
            ("公費の資格の終了画面", "form for an end"),
            handler!(end_form),
        ),
        post(
            "/town/ends",
            &END,
            ("公費の資格の終了", "end an entitlement"),
            handler!(end),
        ),
        get(
            "/town/tickets",
            ("医療券・調剤券の登録画面", "form for a ticket"),
            handler!(ticket_form),
        ),
        post(
            "/town/tickets",
            &TICKET,
            ("医療券・調剤券の登録", "load a ticket"),
            handler!(ticket),
        ),
    ]
}

async fn home(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let payers = request
        .read(move |call| Ok(people::insurers_of(call, facility)?))
        .await?;
    let lang = request.lang();
    let body = html! {
        @if let Some(done) = done(lang, request.query("done")) { (done) }
        (payers_table(lang, &payers))
        (ui::actions(&[
            ui::button_link("/town/entitlements", lang.pick("公費の資格を登録する", "Load an entitlement"), Tone::Primary),
            ui::button_link("/town/tickets", lang.pick("医療券・調剤券を登録する", "Load a ticket"), Tone::Secondary),
            ui::button_link("/town/ends", lang.pick("公費の資格を終了する", "End an entitlement"), Tone::Secondary),
        ]))
    };
    let title = lang.pick("公費・医療扶助", "Subsidies and assistance");
    Ok(web::office::page(&request, title, &[], false, body))
}

/// What has just been done.
fn done(lang: Lang, word: Option<&str>) -> Option<Markup> {
    let (ja, en) = match word? {
        "entitlement" => ("公費の資格を登録しました。", "The entitlement is loaded."),
        "ticket" => ("医療券・調剤券を登録しました。", "The ticket is loaded."),
        "end" => ("公費の資格を終了しました。", "The entitlement is ended."),
        _ => return None,
    };
    let more = html! {
        p { (lang.pick(
            "次の資格確認から、医療機関の画面に反映されます。",
            "Facilities see it from their next check on.")) }
    };
    Some(ui::notice(lang, Level::Success, lang.pick(ja, en), &more))
}

fn payers_table(lang: Lang, payers: &[Insurer]) -> Markup {
    let label = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        label(lang.pick("公費負担者番号", "Payer's number")),
        label(lang.pick("名称", "Name")),
    ];
    let rows: Vec<Vec<Markup>> = payers
        .iter()
        .map(|one| {
            vec![
                html! { code { (one.number.as_str()) } },
                html! { (one.name) },
            ]
        })
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "payers",
        caption: lang.pick("登録できる公費負担者番号", "Payers' numbers you load under"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick(
            "登録できる番号がありません。運営主体に、公費負担者番号の登録を依頼してください。",
            "There is none yet. Ask the operator to register your payer's numbers.",
        ),
    });
    ui::section(
        "payers-section",
        lang.pick("この機関の公費負担者番号", "This office's numbers"),
        &table,
    )
}

/// The fields of a form as typed.
fn typed(form: &Form) -> Wire {
    let text = |name| form.text(name).to_owned();
    Wire {
        insurer_number: text("insurer_number"),
        symbol: text("symbol"),
        number: text("number"),
        branch: text("branch"),
        birth_date: text("birth_date"),
        payer_number: text("payer_number"),
        recipient_number: text("recipient_number"),
        name: text("name"),
        scheme: text("scheme"),
        income: text("income"),
        month_max: text("month_max"),
        from: text("from"),
        last: text("last"),
        issued_on: text("issued_on"),
        kind: text("kind"),
        facility_code: text("facility_code"),
        self_pay: text("self_pay"),
        sole: text("sole"),
    }
}

/// Which form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Entitlement,
    Ticket,
    End,
}

/// A form with what was typed and what was wrong with it.
struct Sheet<'a> {
    lang: Lang,
    typed: &'a Wire,
    why: Option<&'a Refusal>,
}

impl Sheet<'_> {
    fn field(&self, name: &str, label: &str, hint: Option<&str>, required: bool) -> Markup {
        let error = self.error(name);
        let value = match name {
            "insurer_number" => &self.typed.insurer_number,
            "symbol" => &self.typed.symbol,
            "number" => &self.typed.number,
            "branch" => &self.typed.branch,
            "birth_date" => &self.typed.birth_date,
            "payer_number" => &self.typed.payer_number,
            "recipient_number" => &self.typed.recipient_number,
            "name" => &self.typed.name,
            "scheme" => &self.typed.scheme,
            "income" => &self.typed.income,
            "month_max" => &self.typed.month_max,
            "from" => &self.typed.from,
            "last" => &self.typed.last,
            "issued_on" => &self.typed.issued_on,
            "facility_code" => &self.typed.facility_code,
            _ => &self.typed.self_pay,
        };
        let field = Field {
            lang: self.lang,
            name,
            label,
            hint,
            error: error.as_deref(),
            value,
            required,
            max_length: Some(40),
            width: Width::Medium,
            ..Field::default()
        };
        match name {
            "from" | "last" | "issued_on" | "birth_date" => ui::date_field(&field, None, None),
            "name" | "income" | "symbol" => ui::text_field(&field),
            _ => ui::code_field(&field),
        }
    }

    fn error(&self, name: &str) -> Option<String> {
        let finding = self.why?.findings.iter().find(|f| f.path == name)?;
        let text = self.lang.pick(&finding.remedy_ja, &finding.remedy_en);
        Some(text.to_owned())
    }

    fn person(&self) -> Markup {
        let l = self.lang;
        html! {
            (self.field("insurer_number", l.pick("保険者番号", "Insurer number"), None, true))
            (self.field("symbol", l.pick("記号", "Symbol"), Some(l.pick("ないときは空欄のまま", "Leave empty if there is none")), false))
            (self.field("number", l.pick("番号", "Number"), None, true))
            (self.field("branch", l.pick("枝番", "Branch number"), None, false))
            (self.field("birth_date", l.pick("生年月日", "Date of birth"), Some(l.pick("枝番がわからないとき", "If the branch number is unknown")), false))
        }
    }

    fn payer(&self) -> Markup {
        let l = self.lang;
        html! {
            (self.field("payer_number", l.pick("公費負担者番号", "Payer's number"), Some(l.pick("8けたの数字", "8 digits")), true))
            (self.field("recipient_number", l.pick("受給者番号", "Recipient's number"), Some(l.pick("7けたの数字", "7 digits")), true))
        }
    }

    fn days(&self) -> Markup {
        let l = self.lang;
        html! {
            (self.field("from", l.pick("有効期間の開始日", "First day"), None, true))
            (self.field("last", l.pick("有効期間の終了日", "Last day"), Some(l.pick("決まっていないときは空欄のまま", "Leave empty if there is none")), false))
        }
    }

    fn kinds(&self) -> Markup {
        let options: Vec<Choice<'_>> = TicketKind::ALL
            .iter()
            .map(|kind| Choice {
                value: kind.code(),
                label: kind.ja(),
                description: None,
                checked: self.typed.kind == kind.code(),
            })
            .collect();
        let error = self.error("kind");
        let field = Field {
            lang: self.lang,
            name: "kind",
            label: self.lang.pick("券の種類", "Kind of ticket"),
            required: true,
            error: error.as_deref(),
            width: Width::Medium,
            ..Field::default()
        };
        ui::select_field(&field, &options)
    }

    fn fields(&self, which: Which) -> Markup {
        let l = self.lang;
        match which {
            Which::Entitlement => html! {
                (self.person())
                (self.payer())
                (self.field("name", l.pick("制度の名前", "Name of the scheme"), Some(l.pick("受給者証のとおり", "as printed")), true))
                (self.field("scheme", l.pick("地方単独事業の制度番号", "Number of a local scheme"), Some(l.pick("国の制度のときは空欄のまま", "Leave empty for a national one")), false))
                (self.field("income", l.pick("所得区分", "Income class"), Some(l.pick("制度に区分があるときだけ", "If the scheme has classes")), false))
                (self.field("month_max", l.pick("月の自己負担上限額(円)", "Most a month (yen)"), None, false))
                (self.days())
                (self.field("issued_on", l.pick("交付日", "Date of issue"), None, true))
            },
            Which::Ticket => html! {
                (self.person())
                (self.payer())
                (self.kinds())
                (self.field("facility_code", l.pick("医療機関コード", "Facility code"), Some(l.pick("10けたの数字", "10 digits")), true))
                (self.field("self_pay", l.pick("本人支払額(円)", "What the person pays (yen)"), Some(l.pick("ないときは0", "0 if nothing")), true))
                (self.days())
            },
            Which::End => html! {
                (self.payer())
                (self.field("last", l.pick("最後の日", "Last day"), None, true))
            },
        }
    }
}

fn form_page(request: &Request, which: Which, typed: &Wire, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let (action, title, button) = match which {
        Which::Entitlement => (
            "/town/entitlements",
            lang.pick("公費の資格の登録", "Load an entitlement"),
            lang.pick("登録する", "Load"),
        ),
        Which::Ticket => (
            "/town/tickets",
            lang.pick("医療券・調剤券の登録", "Load a ticket"),
            lang.pick("登録する", "Load"),
        ),
        Which::End => (
            "/town/ends",
            lang.pick("公費の資格の終了", "End an entitlement"),
            lang.pick("終了する", "End it"),
        ),
    };
    let sheet = Sheet { lang, typed, why };
    let fields = html! {
        (sheet.fields(which))
        (ui::actions(&[ui::submit(button, Tone::Primary)]))
    };
    let body = html! {
        @if let Some(why) = why {
            (ui::notice(lang, Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) " (" (why.entry.code) ")" }
            }))
        }
        (ui::form(action, &request.csrf(), &fields))
    };
    let crumbs = [
        ui::Crumb {
            href: Some("/town"),
            label: lang.pick("公費・医療扶助", "Subsidies and assistance"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    web::office::page(request, title, &crumbs, why.is_some(), body)
}

async fn entitlement_form(request: Request) -> Result<Answer, Refusal> {
    Ok(form_page(
        &request,
        Which::Entitlement,
        &Wire::default(),
        None,
    ))
}

async fn ticket_form(request: Request) -> Result<Answer, Refusal> {
    Ok(form_page(&request, Which::Ticket, &Wire::default(), None))
}

async fn end_form(request: Request) -> Result<Answer, Refusal> {
    Ok(form_page(&request, Which::End, &Wire::default(), None))
}

/// After a form: on, or the form again.
fn after<T>(
    request: &Request,
    which: Which,
    typed: &Wire,
    done: Result<T, Refusal>,
) -> Result<Answer, Refusal> {
    match done {
        Ok(_) => Ok(Answer::see_other(match which {
            Which::Entitlement => "/town?done=entitlement",
            Which::Ticket => "/town?done=ticket",
            Which::End => "/town?done=end",
        })),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(form_page(request, which, typed, Some(&why)).with_status(status))
        }
    }
}

async fn load(request: Request) -> Result<Answer, Refusal> {
    let typed = typed(&request.form()?);
    let done = carry_out(&request, typed.entitlement(), ops::load_entitlement).await;
    after(&request, Which::Entitlement, &typed, done)
}

async fn ticket(request: Request) -> Result<Answer, Refusal> {
    let typed = typed(&request.form()?);
    let done = carry_out(&request, typed.ticket(), ops::load_ticket).await;
    after(&request, Which::Ticket, &typed, done)
}

async fn end(request: Request) -> Result<Answer, Refusal> {
    let typed = typed(&request.form()?);
    let done = carry_out(&request, typed.end(), ops::end_entitlement).await;
    after(&request, Which::End, &typed, done)
}
