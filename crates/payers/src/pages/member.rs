//! One person's coverage: looked up by the insurer's own numbers, changed by a form.

use access::policy::Action;
use kernel::{
    Refusal,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    time::JstDate,
};
use maud::{Markup, html};
use registry::model::{Coverage, Insurer};
use store::Stop;
use web::{
    Answer, Request,
    request::Form,
    ui::{self, Choice, Field, Level, Tone},
};

use super::{form, frame, number};
use crate::{
    errors,
    model::{MemberKey, Outcome},
    ops::{self, Member},
    wire::{ITEMS, WireChange},
};

/// The kind of change that makes a new member.
const NEW: &str = "acquired";
const KEY: [&str; 3] = ["symbol", "number*", "branch"];
const WHO: [&str; 6] = [
    "name*",
    "kana*",
    "sex*",
    "post_code",
    "address",
    "other_name",
];
const PREVIOUS: [&str; 4] = [
    "previous_insurer_number",
    "previous_symbol",
    "previous_number",
    "previous_branch",
];
const TERMS: [&str; 6] = [
    "relation*",
    "insured_name",
    "copay*",
    "issued_on",
    "card_from",
    "card_last",
];
const CEILING: [&str; 6] = [
    "ceiling_class",
    "ceiling_kind",
    "ceiling_issued_on",
    "ceiling_from",
    "ceiling_last",
    "ceiling_long_term_from",
];
const ELDERLY: [&str; 4] = [
    "elderly_issued_on",
    "elderly_from",
    "elderly_last",
    "elderly_copay",
];
const DISEASES: [&str; 12] = [
    "dialysis_issued_on",
    "dialysis_from",
    "dialysis_last",
    "dialysis_yen",
    "haemophilia_issued_on",
    "haemophilia_from",
    "haemophilia_last",
    "haemophilia_yen",
    "hiv_issued_on",
    "hiv_from",
    "hiv_last",
    "hiv_yen",
];

async fn own(request: &Request) -> Result<Vec<Insurer>, Refusal> {
    let facility = request.facility()?;
    request
        .read(move |call| ops::all(call, facility, Action::Read))
        .await
}

pub(super) async fn ask(request: Request) -> Result<Answer, Refusal> {
    let insurers = own(&request).await?;
    let mut typed = WireChange::default();
    if request.query("new").is_some() {
        typed.set("change", NEW);
    }
    Ok(asked(&request, &insurers, &typed, None))
}

/// The form for a new member, or for looking one up, as `typed` says.
fn asked(
    request: &Request,
    insurers: &[Insurer],
    typed: &WireChange,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let options: Vec<Choice<'_>> = insurers
        .iter()
        .map(|one| Choice {
            value: one.number.as_str(),
            label: &one.name,
            checked: one.number.as_str() == typed.insurer_number || insurers.len() == 1,
            ..Choice::default()
        })
        .collect();
    let field = Field {
        lang,
        name: "insurer",
        label: lang.pick("保険者", "Insurer"),
        required: true,
        ..Field::default()
    };
    let insurer = ui::select_field(&field, &options);
    let form = if typed.change == NEW {
        newcomer(request, &insurer, typed, why)
    } else {
        search(request, &insurer, typed, why)
    };
    let body = html! {
        @if let Some(why) = why {
            (frame::refused(lang, lang.pick("登録・表示できませんでした", "Not done"), why))
        }
        (form)
    };
    let title = lang.pick("1人の資格の異動", "One member's coverage");
    let page = frame::page(request, title, &[], why.is_some(), body);
    match why {
        Some(why) => page.with_status(why.entry.status),
        None => page,
    }
}

fn search(
    request: &Request,
    insurer: &Markup,
    typed: &WireChange,
    why: Option<&Refusal>,
) -> Markup {
    let lang = request.lang();
    let fields = html! {
        (insurer)
        (form::fields(lang, &KEY, typed, why))
        (form::fields(lang, &["birth_date*"], typed, why))
        (ui::actions(&[
            ui::submit(lang.pick("加入者を探す", "Look up"), Tone::Primary),
            ui::button_link("/insurer/members?new=1",
                lang.pick("新しく加入した方を登録する", "Load a new member"), Tone::Secondary),
        ]))
    };
    ui::section(
        "search",
        lang.pick("加入している方を探す", "Look a member up"),
        &ui::form("/insurer/members", &request.csrf(), &fields),
    )
}

fn newcomer(
    request: &Request,
    insurer: &Markup,
    typed: &WireChange,
    why: Option<&Refusal>,
) -> Markup {
    let lang = request.lang();
    let previous = lang.pick(
        "前の保険者の番号(わかるとき)",
        "The previous insurer's numbers, if known",
    );
    let fields = html! {
        (ui::hidden("change", NEW))
        (insurer)
        (form::fields(lang, &KEY, typed, why))
        (form::fields(lang, &WHO, typed, why))
        (form::fields(lang, &["birth_date*", "from*"], typed, why))
        (form::fields(lang, &TERMS, typed, why))
        (more(request, previous, &PREVIOUS, typed, why))
        (certificates(request, typed, why))
        (ui::actions(&[
            ui::submit(lang.pick("資格の取得を登録する", "Load as acquired"), Tone::Primary),
            ui::button_link("/insurer/members",
                lang.pick("加入している方を探す", "Look a member up"), Tone::Secondary),
        ]))
    };
    ui::section(
        "new",
        lang.pick("新しく加入した方", "A new member"),
        &ui::form("/insurer/changes", &request.csrf(), &fields),
    )
}

/// Fields that most do not need, folded away until one of them is filled or wrong.
fn more(
    request: &Request,
    heading: &str,
    items: &[&str],
    typed: &WireChange,
    why: Option<&Refusal>,
) -> Markup {
    let is_wrong =
        |item: &&&str| why.is_some_and(|why| why.findings.iter().any(|one| one.path == **item));
    let is_open = items.iter().any(|item| !typed.get(item).is_empty())
        || items.iter().any(|item| is_wrong(&item));
    html! {
        details open[is_open] {
            summary { (heading) }
            (form::fields(request.lang(), items, typed, why))
        }
    }
}

fn certificates(request: &Request, typed: &WireChange, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    html! {
        (more(request, lang.pick("限度額", "Ceiling"), &CEILING, typed, why))
        (more(request, lang.pick("高齢受給者証", "Elderly certificate"), &ELDERLY, typed, why))
        (more(request, lang.pick("特定疾病療養受療証", "Specific diseases"), &DISEASES, typed, why))
    }
}

fn typed(sent: &Form) -> WireChange {
    let mut wire = WireChange::default();
    for (name, _, _) in ITEMS {
        let plain = sent.text(name);
        let of_loss = sent.text(&format!("{}{name}", form::LOST));
        wire.set(name, if plain.is_empty() { of_loss } else { plain });
    }
    sent.text("insurer").clone_into(&mut wire.insurer_number);
    wire
}

/// The key and the date of birth that were typed.
fn key(wire: &WireChange) -> Result<(MemberKey, JstDate), Refusal> {
    let bad = |entry, path, text: &str| Refusal::at(entry, path, text);
    let branch = Some(wire.branch.as_str()).filter(|text| !text.is_empty());
    let branch = branch.map(BranchNumber::parse).transpose();
    Ok((
        MemberKey {
            symbol: InsuredPersonSymbol::parse(&wire.symbol)
                .map_err(|_| bad(&errors::NUMBER, "symbol", &wire.symbol))?,
            number: InsuredPersonNumber::parse(&wire.number)
                .map_err(|_| bad(&errors::NUMBER, "number", &wire.number))?,
            branch: branch.map_err(|_| bad(&errors::NUMBER, "branch", &wire.branch))?,
        },
        JstDate::parse(&wire.birth_date)
            .ok_or_else(|| bad(&errors::DATE, "birth_date", &wire.birth_date))?,
    ))
}

pub(super) async fn find(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let (own_number, wire) = (number(&form)?, typed(&form));
    match look_up(&request, &own_number, &wire).await {
        Ok(member) => Ok(found(&request, &own_number, &member, None, None)),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            request.note_refusal(why.entry).await;
            let insurers = own(&request).await?;
            Ok(asked(&request, &insurers, &wire, Some(&why)))
        }
    }
}

async fn look_up(
    request: &Request,
    number: &InsurerNumber,
    wire: &WireChange,
) -> Result<Member, Refusal> {
    let (key, birth) = key(wire)?;
    let (facility, number) = (request.facility()?, number.clone());
    request
        .write(move |call| ops::look_up(call, facility, &number, &key, birth))
        .await
}

/// A member and what can be done: `done` above it, or what was typed and why it was refused.
fn found(
    request: &Request,
    number: &InsurerNumber,
    member: &Member,
    done: Option<&Outcome>,
    refused: Option<(&WireChange, &Refusal)>,
) -> Answer {
    let lang = request.lang();
    let title = lang.pick("加入者の資格", "A member's coverage");
    let crumbs = [
        ui::Crumb {
            href: Some("/insurer/members"),
            label: lang.pick("1人の異動", "One member"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let last = member.coverages.iter().max_by_key(|one| one.period.from());
    let body = html! {
        @if let Some(done) = done { (told(request, done)) }
        @if let Some((_, why)) = refused {
            (frame::refused(lang, lang.pick("登録できませんでした", "Not loaded"), why))
        }
        dl.facts {
            div.fact { dt { (lang.pick("氏名", "Name")) } dd { (member.profile.name) " (" (member.profile.kana) ")" } }
            div.fact { dt { (lang.pick("生年月日・性別", "Born, sex")) }
                dd { (member.profile.birth.japanese()) " " (member.profile.sex.ja()) } }
            div.fact { dt { (lang.pick("住所", "Address")) } dd { (member.profile.address) } }
            div.fact { dt { (lang.pick("照会番号", "Reference number")) }
                dd { (ui::copyable(lang, &member.reference.to_hex())) } }
        }
        (history(request, &member.coverages))
        @if let Some(last) = last { (forms(request, number, member, last, refused)) }
    };
    let page = frame::page(request, title, &crumbs, refused.is_some(), body);
    match refused {
        Some((_, why)) => page.with_status(why.entry.status),
        None => page,
    }
}

fn told(request: &Request, done: &Outcome) -> Markup {
    let lang = request.lang();
    let level = if done.found.is_empty() {
        Level::Success
    } else {
        Level::Warning
    };
    let heading = lang.pick(done.result.ja(), done.result.word());
    let body = html! {
        @if done.found.is_empty() { p { (lang.pick("登録は済んでいます。", "It is loaded.")) } }
        ul {
            @for one in &done.found {
                li {
                    (lang.text(&one.entry.cause)) " "
                    @if !one.found.is_empty() { code { (one.found) } }
                    br; (lang.text(&one.entry.remedy)) " " small { (one.entry.code) }
                }
            }
        }
    };
    ui::notice(lang, level, heading, &body)
}

fn history(request: &Request, coverages: &[Coverage]) -> Markup {
    let lang = request.lang();
    let column = |label| ui::Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("期間", "Days")),
        column(lang.pick("記号・番号・枝番", "Numbers")),
        column(lang.pick("本人・家族、負担割合", "Standing, copay")),
        column(lang.pick("限度額", "Ceiling")),
        column(lang.pick("喪失事由", "Why it ended")),
    ];
    let rows: Vec<Vec<Markup>> = coverages
        .iter()
        .map(|one| {
            let last = one.period.until().map(|day| day.plus_days(-1).to_string());
            let standing = if one.is_insured_person {
                "本人"
            } else {
                "家族"
            };
            let branch = one.branch.as_ref().map_or("", |branch| branch.as_str());
            vec![
                html! { (one.period.from()) " 〜 " (last.unwrap_or_default()) },
                html! { (one.symbol.as_str()) " " (one.person_number.as_str()) " " (branch) },
                html! { (standing) " " (one.copay.ja()) },
                html! { @match &one.ceiling { Some(c) => (c.class.ja()), None => "—" } },
                html! { @match one.loss { Some(loss) => (loss.ja()), None => "—" } },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: "coverages",
        caption: lang.pick("この保険者の資格", "Coverages by this insurer"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("資格はありません(取り消されました)。", "None (withdrawn)."),
    })
}

/// What every form about a coverage sends with it.
fn carried(number: &InsurerNumber, member: &Member, coverage: &Coverage) -> Markup {
    html! {
        (ui::hidden("insurer", number.as_str()))
        (ui::hidden("reference", &member.reference.to_hex()))
        (ui::hidden("birth_date", &member.profile.birth.to_string()))
        (ui::hidden("old_symbol", coverage.symbol.as_str()))
        (ui::hidden("old_number", coverage.person_number.as_str()))
    }
}

fn forms(
    request: &Request,
    number: &InsurerNumber,
    member: &Member,
    coverage: &Coverage,
    refused: Option<(&WireChange, &Refusal)>,
) -> Markup {
    let (lang, csrf) = (request.lang(), request.csrf());
    let held = form::of_coverage(coverage);
    let of = |kinds: &[&str]| {
        let typed = refused.filter(|(typed, _)| kinds.contains(&typed.change.as_str()));
        typed.map_or((&held, None), |(typed, why)| (typed, Some(why)))
    };
    let keys = html! {
        (ui::hidden("symbol", coverage.symbol.as_str()))
        (ui::hidden("number", coverage.person_number.as_str()))
        (ui::hidden("from", &coverage.period.from().to_string()))
    };
    let (lost, why) = of(&["lost"]);
    let loss = html! {
        (ui::hidden("change", "lost"))
        (carried(number, member, coverage))
        (keys)
        (form::fields(lang, &["lost-until*", "lost-loss_reason*"], lost, why))
        (ui::actions(&[ui::submit(lang.pick("喪失を登録する", "Load as lost"), Tone::Primary)]))
    };
    let (changed, why) = of(&["changed", "corrected"]);
    let change = html! {
        (carried(number, member, coverage))
        (form::fields(lang, &KEY, changed, why))
        (form::fields(lang, &["name", "kana", "sex", "post_code", "address", "other_name"], changed, why))
        (form::fields(lang, &["from", "until", "loss_reason"], changed, why))
        (form::fields(lang, &TERMS, changed, why))
        (certificates(request, changed, why))
        (ui::actions(&[
            ui::submit_with(lang.pick("変更を登録する", "Load as changed"), Tone::Primary, "change", "changed"),
            ui::submit_with(lang.pick("訂正として登録する", "Load as corrected"), Tone::Secondary, "change", "corrected"),
        ]))
    };
    let withdrawal = html! {
        p { (lang.pick("資格がはじめから無かったとき(別の方の登録など)に使います。取り消したことは記録に残ります。",
            "For a coverage that never was. That it was withdrawn stays on record.")) }
        (ui::hidden("change", "withdrawn"))
        (carried(number, member, coverage))
        (keys)
        (ui::actions(&[ui::submit(lang.pick("資格を取り消す", "Withdraw"), Tone::Danger)]))
    };
    let section = |id, heading, body: &Markup| {
        ui::section(id, heading, &ui::form("/insurer/changes", &csrf, body))
    };
    let left = html! {
        @if coverage.loss.is_none() {
            (section("loss", lang.pick("喪失", "It ended"), &loss))
        }
        (section("withdrawal", lang.pick("取消", "It never was"), &withdrawal))
    };
    let heading = lang.pick("変更・訂正", "It is otherwise");
    ui::columns(&[section("change", heading, &change), left])
}

pub(super) async fn change(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let (own_number, wire) = (number(&form)?, typed(&form));
    let facility = request.facility()?;
    let (parsed, asked_for) = (wire.parse(&own_number), own_number.clone());
    let outcome = request
        .write(move |call| match &parsed {
            Ok(change) => {
                let outcome = ops::one(call, facility, &asked_for, change)?;
                let reference = outcome.reference.ok_or(Stop::from(&errors::NO_MEMBER))?;
                let member = ops::member(call, facility, &asked_for, reference)?;
                Ok((outcome, member))
            }
            Err(found) => Err(Stop::Refused(
                ops::refusal(found).unwrap_or(Refusal::new(&errors::KIND)),
            )),
        })
        .await;
    match outcome {
        Ok((outcome, member)) => Ok(found(&request, &own_number, &member, Some(&outcome), None)),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let mut before = wire.clone();
            if !wire.old_number.is_empty() {
                before.symbol.clone_from(&wire.old_symbol);
                before.number.clone_from(&wire.old_number);
            }
            before.branch.clear();
            if wire.change != "acquired"
                && let Ok(member) = look_up(&request, &own_number, &before).await
            {
                let refused = Some((&wire, &why));
                return Ok(found(&request, &own_number, &member, None, refused));
            }
            let insurers = own(&request).await?;
            Ok(asked(&request, &insurers, &wire, Some(&why)))
        }
    }
}
