//! The counter's pages: reception, result, the patient's choice.

use access::{
    consent::{self, Category, Standing},
    policy::{self, Permission},
};
use kernel::{Refusal, Text, time::JstDate};
use maud::{Markup, html};
use registry::{
    model::{Coverage, Profile},
    ops as people,
};
use store::{
    Call, Stop,
    caller::{Event, Purpose, Role},
};
use web::{
    Answer, Body, Face, Method as Http, Request, Route, handler,
    ui::{self, Field, Lang, Signal, Tone},
};

use crate::{
    api::{self, CONSENT, WireInquiry},
    model::{Visit, VisitId},
    ops, rules,
};

static RECEPTION: Event = Event {
    code: "eligibility.reception",
    ja: "受付一覧の表示",
    en: "reception list shown",
};
static RESULT: Event = Event {
    code: "eligibility.result",
    ja: "資格確認結果の表示",
    en: "eligibility result shown",
};

/// Routes of the counter's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, path, event, permission, body, summary, handler| Route {
        method,
        path,
        face: Face::Page,
        permission,
        event,
        purpose: Purpose::Eligibility,
        body,
        summary,
        handler,
    };
    let (check, choose) = (Permission::CheckEligibility, Permission::RecordConsent);
    vec![
        route(
            Http::Get,
            "/",
            &RECEPTION,
            Permission::OwnSession,
            Body::None,
            Text {
                ja: "はじめの画面",
                en: "start page",
            },
            handler!(start),
        ),
        route(
            Http::Get,
            "/reception",
            &RECEPTION,
            check,
            Body::None,
            Text {
                ja: "受付",
                en: "reception",
            },
            handler!(reception),
        ),
        route(
            Http::Post,
            "/reception",
            &api::CHECK,
            check,
            Body::Form,
            Text {
                ja: "番号による資格確認",
                en: "verify by number",
            },
            handler!(check_form),
        ),
        route(
            Http::Get,
            "/visits/{visit}",
            &RESULT,
            check,
            Body::None,
            Text {
                ja: "資格確認の結果",
                en: "eligibility result",
            },
            handler!(result),
        ),
        route(
            Http::Get,
            "/visits/{visit}/consent",
            &RESULT,
            choose,
            Body::None,
            Text {
                ja: "同意の選択",
                en: "choice of consent",
            },
            handler!(consent_page),
        ),
        route(
            Http::Post,
            "/visits/{visit}/consent",
            &CONSENT,
            choose,
            Body::Form,
            Text {
                ja: "同意の登録",
                en: "record consent",
            },
            handler!(give_consent),
        ),
    ]
}

/// The frame of a staff page.
#[must_use]
pub fn staff_page(
    request: &Request,
    title: &str,
    crumbs: &[ui::Crumb<'_>],
    has_errors: bool,
    body: Markup,
) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let caller = request.caller();
    let who = ui::Who {
        name: caller.name(),
        facility: caller.home().map_or("", |home| home.name.as_str()),
        role: caller.role().ja(),
        csrf: &csrf,
    };
    let nav = [ui::NavItem {
        href: "/reception",
        label: lang.pick("受付", "Reception"),
        current: crumbs.is_empty(),
    }];
    let idle = ui::Idle {
        seconds: 15 * 60,
        href: "/login?ended=1",
    };
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: "/reception",
        nav: &nav,
        breadcrumbs: crumbs,
        environment_banner: request.app().banner,
        idle: Some(idle),
        body,
        ..ui::Page::default()
    }))
}

async fn start(request: Request) -> Result<Answer, Refusal> {
    let role = request.caller().role();
    if role == Role::Patient {
        return Ok(Answer::see_other("/portal"));
    }
    if policy::allows(role, Permission::CheckEligibility) {
        return Ok(Answer::see_other("/reception"));
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

async fn reception(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let visits = request.read(move |call| ops::today(call, facility)).await?;
    Ok(reception_page(&request, &visits, &Typed::default(), None))
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

    fn birth(&self) -> Result<Option<JstDate>, Refusal> {
        if [&self.year, &self.month, &self.day]
            .iter()
            .all(|part| part.is_empty())
        {
            return Ok(None);
        }
        match ui::parse_era_date(&self.era, &self.year, &self.month, &self.day) {
            Some(date) => Ok(Some(date)),
            None => {
                let found = format!("{} {}-{}-{}", self.era, self.year, self.month, self.day);
                Err(Refusal::at(&crate::errors::BIRTH, "birth_date", &found))
            }
        }
    }
}

async fn check_form(request: Request) -> Result<Answer, Refusal> {
    let typed = Typed::read(&request.form()?);
    let today = request.at().jst_date();
    let inquiry = typed.birth().and_then(|birth| {
        WireInquiry::new(
            &typed.insurer_number,
            &typed.symbol,
            &typed.number,
            &typed.branch,
        )
        .born(birth)
        .parse(today)
    });
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
            Ok(reception_page(&request, &[], &typed, Some(&refusal)).with_status(status))
        }
    }
}

fn reception_page(
    request: &Request,
    visits: &[Visit],
    typed: &Typed,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        (ui::columns(&[number_form(request, typed, why), visit_list(lang, visits, why.is_some())]))
    };
    let title = lang.pick("受付・資格確認", "Reception");
    staff_page(request, title, &[], why.is_some(), body)
}

fn refused(lang: Lang, why: &Refusal) -> Markup {
    let signal = match why.entry.code {
        "TSK-ELG-004" | "TSK-ELG-007" | "TSK-ELG-025" => Signal::Yellow,
        _ => Signal::Red,
    };
    ui::verdict(&ui::Verdict {
        lang,
        signal,
        heading: lang.pick("資格を確認できませんでした", "Eligibility is not confirmed"),
        reason: lang.text(&why.entry.cause),
        next: lang.text(&why.entry.remedy),
        code: Some(why.entry.code),
    })
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
    ui::section(
        "by-number",
        lang.pick("番号で確認する", "By number"),
        &ui::form("/reception", &request.csrf(), &fields),
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
                html! { (visit.at.jst_minute()) },
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
            (ui::actions(&[ui::button_link("/reception", lang.pick("一覧を更新する", "Refresh"), Tone::Secondary)]))
        }
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

struct Seen {
    visit: Visit,
    profile: Profile,
    coverage: Option<Coverage>,
    open: Vec<Category>,
}

fn look(call: &mut Call<'_>, facility: kernel::id::FacilityId, id: VisitId) -> Result<Seen, Stop> {
    let visit = ops::visit(call, facility, id)?;
    call.open(visit.person)?;
    let profile = people::profile(call, visit.person)?;
    let coverages = people::coverages(call, visit.person)?;
    let on = call.at().jst_date();
    let coverage = rules::judge(&coverages, None, on).ok().cloned();
    let ledger = consent::ledger(call, visit.person)?;
    let open = Category::ALL
        .into_iter()
        .filter(|c| {
            let standing = consent::standing(&ledger, facility, *c, call.at());
            matches!(standing, Standing::Given { .. })
        })
        .collect();
    Ok(Seen {
        visit,
        profile,
        coverage,
        open,
    })
}

fn strip(lang: Lang, seen: &Seen, today: JstDate) -> Markup {
    ui::person_strip(&ui::PersonStrip {
        lang,
        name: &seen.profile.name,
        kana: &seen.profile.kana,
        sex: seen.profile.sex.ja(),
        birth: seen.profile.birth,
        today,
        insured: None,
    })
}

async fn result(request: Request) -> Result<Answer, Refusal> {
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
        @match &seen.coverage {
            Some(coverage) => { (holds(lang, coverage, &seen.profile, today)) },
            None => { (refused(lang, &Refusal::new(&crate::errors::LAPSED))) },
        }
        (next_steps(&request, &seen))
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn holds(lang: Lang, coverage: &Coverage, profile: &Profile, today: JstDate) -> Markup {
    let reasons = rules::reasons(coverage, profile, today);
    let first = reasons
        .first()
        .map_or("", |r| lang.pick(r.text().ja, r.text().en));
    let ceiling = coverage.ceiling_class.as_deref().map_or_else(
        || lang.pick("届いていません", "not given").to_owned(),
        |class| format!("{}({class})", rules::ceiling_ja(class)),
    );
    let until = coverage
        .period
        .until()
        .map(|until| ui::date_text(lang, until.plus_days(-1)));
    let period = format!(
        "{} 〜 {}",
        ui::date_text(lang, coverage.period.from()),
        until.unwrap_or_default()
    );
    let fact = |label, value: &str| ui::Fact {
        label,
        value: html! { (value) },
    };
    let branch = coverage.branch.as_ref().map_or("", |b| b.as_str());
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: Signal::Green,
            heading: &format!("{} {}", lang.pick("有効な資格です。窓口負担は", "Valid. Copay:"), coverage.copay.ja()),
            reason: first,
            next: lang.pick("このまま受付をお進めください。", "Go on with the reception."),
            code: None,
        }))
        @for reason in reasons.iter().skip(1) {
            (ui::notice(lang, ui::Level::Info, lang.pick(reason.text().ja, reason.text().en), &html! {}))
        }
        (ui::section("coverage", lang.pick("医療保険の資格", "Coverage"), &ui::facts("", &[
            fact(lang.pick("保険者", "Insurer"), &format!("{}({})", coverage.insurer_name, coverage.insurer_number.as_str())),
            fact(lang.pick("記号・番号・枝番", "Symbol, number, branch"),
                &format!("{}・{}・{branch}", coverage.symbol.as_str(), coverage.person_number.as_str())),
            fact(lang.pick("本人・家族", "Insured or dependent"),
                if coverage.is_insured_person { lang.pick("本人", "insured person") } else { lang.pick("家族", "dependent") }),
            fact(lang.pick("負担割合", "Copay rate"), &coverage.copay.ja()),
            fact(lang.pick("限度額区分", "Ceiling class"), &ceiling),
            fact(lang.pick("資格の期間", "Period"), &period),
        ])))
    }
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
    if seen.visit.method.shows_presence() {
        let tone = if seen.open.is_empty() {
            Tone::Primary
        } else {
            Tone::Secondary
        };
        let label = lang.pick("患者さんに同意を選んでもらう", "Let the patient choose");
        buttons.push(ui::button_link(&consent_href, label, tone));
    }
    let body = html! {
        p {
            @if seen.open.is_empty() {
                (lang.pick("いまのところ、患者さんが閲覧に同意した情報はありません。", "The patient has consented to nothing yet."))
            } @else {
                (lang.pick("患者さんが閲覧に同意した情報:", "Consented: "))
                (seen.open.iter().map(|c| c.ja()).collect::<Vec<_>>().join("、"))
            }
        }
        @if !seen.visit.method.shows_presence() {
            p { (lang.pick(
                "番号だけで確認したため、同意の登録はできません。必要なときは、マイナンバーカードで確認してください。",
                "Verified by number only: consent needs the patient's card.")) }
        }
        (ui::actions(&buttons))
    };
    ui::section(
        "consent",
        lang.pick("診療情報の閲覧", "Shared information"),
        &body,
    )
}

async fn consent_page(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let seen = request.read(move |call| look(call, facility, id)).await?;
    let lang = request.lang();
    let title = lang.pick("診療情報の閲覧についての同意", "Consent");
    let href = format!("/visits/{}", id.to_hex());
    let crumbs = [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: Some(&href),
            label: lang.pick("資格確認の結果", "Result"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let body = html! {
        (strip(lang, &seen, request.at().jst_date()))
        @if seen.visit.method.shows_presence() {
            (choice_form(&request, &seen))
        } @else {
            (refused(lang, &Refusal::new(&access::errors::CONSENT_PRESENCE)))
        }
    };
    Ok(staff_page(&request, title, &crumbs, false, body))
}

fn choice_form(request: &Request, seen: &Seen) -> Markup {
    let lang = request.lang();
    let facility = request
        .caller()
        .home()
        .map_or("", |home| home.name.as_str());
    let options: Vec<ui::Choice<'_>> = Category::ALL
        .iter()
        .map(|c| ui::Choice {
            value: c.word(),
            label: c.ja(),
            description: Some(c.explanation_ja()),
            checked: seen.open.contains(c),
        })
        .collect();
    let legend = format!("「{facility}」に見せてもよい情報を選んでください");
    let cards = ui::checkbox_cards(&ui::Choices {
        lang,
        name: "category",
        legend: &legend,
        hint: Some("同意は24時間で終わります。あとから「ご本人のページ」でいつでも取り消せます。"),
        options: &options,
        ..ui::Choices::default()
    });
    let fields = html! {
        p { (ui::submit_with("すべてに同意する", Tone::Primary, "choice", "all")) }
        (cards)
        (ui::actions(&[
            ui::submit_with("選んだものに同意する", Tone::Secondary, "choice", "some"),
            ui::submit_with("どれにも同意しない", Tone::Quiet, "choice", "none"),
        ]))
    };
    let action = format!("/visits/{}/consent", seen.visit.id.to_hex());
    ui::form(&action, &request.csrf(), &fields)
}

async fn give_consent(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let form = request.form()?;
    let chosen = match form.text("choice") {
        "all" => Category::ALL.to_vec(),
        "none" => Vec::new(),
        _ => api::categories(&form.all("category"))?,
    };
    request
        .write(move |call| ops::choose(call, facility, id, &chosen))
        .await?;
    Ok(Answer::see_other(&format!("/visits/{}", id.to_hex())))
}
