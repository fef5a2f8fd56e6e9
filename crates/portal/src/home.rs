//! The portal's home: coverage today, the ways on, the latest looks.

use access::{
    consent,
    history::Look,
    policy::{Action, Class, Permission},
    proxy,
};
use eligibility::{model::Reason, rules};
use kernel::{Refusal, Text, id::PersonId, time::JstDate};
use maud::{Markup, html};
use registry::{
    merge::{self, Merge},
    model::{CopayRate, Coverage, Profile, Sex},
    ops as people,
};
use store::{Call, Stop, audit::Subject, caller::Purpose};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Icon, Lang},
};

use crate::{
    consents, events,
    frame::{self, Tab},
    history,
    line::{self, Line},
};

/// Looks by facilities on the home page.
const LOOKS: usize = 3;
/// Records searched for them, in so many pages.
const PAGES_MAX: usize = 4;
/// Characters of a masked number that stay readable, at most.
const SHOWN_MAX: usize = 3;

/// Routes of the home page.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Get,
        path: "/portal",
        face: Face::Portal,
        permission: Permission::OwnData,
        event: &events::HOME,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text {
            ja: "ご本人のページ",
            en: "portal home",
        },
        handler: handler!(home),
    }]
}

struct Seen {
    profile: Profile,
    /// `None`: outside a proxy's scope, as the others.
    coverages: Option<Vec<Coverage>>,
    looks: Option<Vec<Look>>,
    open: Option<usize>,
    /// Registrations joined with this one, or parted from it.
    merges: Vec<Merge>,
}

fn see(call: &mut Call<'_>, me: PersonId) -> Result<Seen, Stop> {
    merge::open(call, me)?;
    let sees = |call: &Call<'_>, class| proxy::may(call, class, Action::Read);
    let mut seen = Seen {
        profile: people::profile(call, me)?,
        coverages: None,
        looks: None,
        open: None,
        merges: merge::of(call, me)?,
    };
    if sees(call, Class::Eligibility)? {
        seen.coverages = Some(people::coverages(call, me)?);
    }
    if sees(call, Class::AccessHistory)? {
        seen.looks = Some(looks(call, me)?);
    }
    if sees(call, Class::Consent)? {
        let ledger = consent::ledger(call, me)?;
        seen.open = Some(consents::open(&ledger, call.at()).len());
    }
    Ok(seen)
}

/// The newest looks by facilities among the last few hundred records.
fn looks(call: &mut Call<'_>, me: PersonId) -> Result<Vec<Look>, Stop> {
    let mut found = Vec::new();
    let mut below = i64::MAX;
    for _ in 0..PAGES_MAX {
        let entries = call.history(Subject::Person(me), below, access::history::PAGE_MAX)?;
        let Some(last) = entries.last() else { break };
        below = last.seq;
        let looks = entries.into_iter().map(|entry| Look { entry, seal: None });
        found.extend(looks.filter(|look| line::line(Lang::Ja, look, &[]).is_look_by_facility()));
        if found.len() >= LOOKS {
            break;
        }
    }
    found.truncate(LOOKS);
    Ok(found)
}

/// What was done with two registrations of the same person, in the person's own words.
fn joined(lang: Lang, merge: &Merge) -> Markup {
    let on = ui::date_text(lang, merge.done.at.jst_date());
    let heading = match (&merge.undone, merge.is_kept) {
        (Some(_), _) => lang.pick(
            "登録のまとめが元に戻されました",
            "Your registrations were parted again",
        ),
        (None, true) => lang.pick(
            "あなたの2つの登録がまとめられました",
            "Your two registrations were joined",
        ),
        (None, false) => lang.pick(
            "この登録は、もう1つの登録にまとめられました",
            "This registration was joined to another one",
        ),
    };
    let line = |day: String, reason: &str| match lang {
        Lang::Ja => format!("{day} 理由:{reason}"),
        Lang::En => format!("{day}, reason: {reason}"),
    };
    ui::notice(
        lang,
        ui::Level::Info,
        heading,
        &html! {
            p { (line(on, &merge.done.reason)) }
            @if let Some(undone) = &merge.undone {
                p { (line(ui::date_text(lang, undone.at.jst_date()), &undone.reason)) }
            }
            p { (lang.pick(
                "心当たりがないときや、ほかの方の情報が見えるときは、窓口に申し出てください。",
                "If you do not recognize this, or see somebody else's information, tell a counter.")) }
        },
    )
}

async fn home(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let seen = request.read(move |call| see(call, me)).await?;
    let lang = request.lang();
    let today = request.at().jst_date();
    let catalogue = &request.app().errors;
    let lines: Option<Vec<Line>> = seen.looks.as_ref().map(|looks| {
        let told = looks.iter().map(|look| line::line(lang, look, catalogue));
        told.collect()
    });
    let body = html! {
        (ui::person_strip(&ui::PersonStrip {
            lang,
            name: &seen.profile.name,
            kana: &seen.profile.kana,
            sex: sex(lang, seen.profile.sex),
            birth: seen.profile.birth,
            today,
            insured: None,
        }))
        @if let Some(coverages) = &seen.coverages {
            (coverage(lang, coverages, &seen.profile, today))
        }
        @for merge in &seen.merges { (joined(lang, merge)) }
        (menu(lang, seen.open))
        @if let Some(lines) = &lines {
            (ui::section("looks", lang.pick("最近あなたの情報を見た施設", "Who looked at your data lately"),
                &recent(lang, lines)))
        }
    };
    let title = lang.pick("ご本人のページ", "Your page");
    Ok(frame::portal_page(
        &request,
        &seen.profile.name,
        title,
        Tab::Home,
        body,
    ))
}

const fn sex(lang: Lang, sex: Sex) -> &'static str {
    let en = match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
    };
    lang.pick(sex.ja(), en)
}

fn coverage(lang: Lang, coverages: &[Coverage], profile: &Profile, today: JstDate) -> Markup {
    let heading = lang.pick("今日の医療保険の資格", "Your coverage today");
    let body = match rules::judge(coverages, None, today) {
        Ok(coverage) => holds(lang, coverage, profile, today),
        Err(_) => ui::notice(
            lang,
            ui::Level::Warning,
            lang.pick(
                "今日有効な医療保険の資格を確認できません。",
                "No coverage is valid today.",
            ),
            &html! { p { (lang.pick(
            "勤め先の健康保険の窓口、またはお住まいの市区町村の国民健康保険の窓口におたずねください。手続き中のときは、登録が終わるまで数日かかることがあります。",
            "Please ask your employer's health insurance or your municipality. A new registration may take a few days.")) } },
        ),
    };
    ui::section("coverage", heading, &body)
}

fn holds(lang: Lang, coverage: &Coverage, profile: &Profile, today: JstDate) -> Markup {
    let fact = |label, value: &str| ui::Fact {
        label,
        value: html! { (value) },
    };
    let from = ui::date_text(lang, coverage.period.from());
    let until = coverage
        .period
        .until()
        .map(|until| ui::date_text(lang, until.plus_days(-1)));
    let reasons = rules::reasons(coverage, profile, today);
    let ends_soon = reasons.contains(&Reason::EndsSoon);
    let period = match &until {
        Some(until) => format!("{from} 〜 {until}"),
        None => format!("{from} 〜"),
    };
    let standing = if coverage.is_insured_person {
        lang.pick("本人(被保険者)", "insured person")
    } else {
        lang.pick("家族(被扶養者)", "dependent")
    };
    html! {
        (ui::facts("", &[
            fact(lang.pick("保険者", "Insurer"), &coverage.insurer_name),
            fact(lang.pick("記号", "Symbol"), &masked_or_none(lang, coverage.symbol.as_str())),
            fact(lang.pick("番号", "Number"), &masked_or_none(lang, coverage.person_number.as_str())),
            fact(lang.pick("本人・家族", "Standing"), standing),
            fact(lang.pick("窓口での負担", "Your share"), &copay(lang, coverage.copay)),
            fact(lang.pick("資格の期間", "Period"), &period),
        ]))
        @if let (true, Some(until)) = (ends_soon, &until) {
            (ui::notice(lang, ui::Level::Warning, &match lang {
                Lang::Ja => format!("この資格は{until}までです。"),
                Lang::En => format!("This coverage ends on {until}."),
            }, &html! { p { (lang.pick(
                "次の保険の手続きをお忘れのないようご注意ください。",
                "Please see to your next coverage in time.")) } }))
        }
        @if reasons.contains(&Reason::RateChangesSoon) {
            (ui::notice(lang, ui::Level::Info, lang.pick(
                "1か月以内に、窓口での負担の割合が変わる年齢になります。",
                "Within a month you reach an age at which your share may change."), &html! {}))
        }
    }
}

/// The share in words: `3割(医療費の30%)`.
#[must_use]
pub fn copay(lang: Lang, rate: CopayRate) -> String {
    match (lang, rate.get()) {
        (Lang::Ja, 0) => "0割(窓口での支払いはありません)".to_owned(),
        (Lang::Ja, tenths) => format!("{tenths}割(医療費の{tenths}0%)"),
        (Lang::En, 0) => "nothing to pay".to_owned(),
        (Lang::En, tenths) => format!("{tenths}0% of the cost"),
    }
}

fn masked_or_none(lang: Lang, text: &str) -> String {
    if text.is_empty() {
        return lang.pick("なし", "none").to_owned();
    }
    masked(text)
}

/// A number with all but its last characters hidden: at most three stay, and never more than
/// half, so that a glance over the shoulder does not carry it away.
#[must_use]
pub fn masked(text: &str) -> String {
    let count = text.chars().count();
    let hidden = count - (count / 2).min(SHOWN_MAX);
    text.chars()
        .enumerate()
        .map(|(nth, c)| if nth < hidden { '*' } else { c })
        .collect()
}

fn menu(lang: Lang, open: Option<usize>) -> Markup {
    let addresses = [
        Tab::Insurance,
        Tab::Record,
        Tab::History,
        Tab::Consents,
        Tab::Family,
    ]
    .map(|tab| (tab, frame::link(lang, tab.path())));
    let consents = match (lang, open) {
        (_, None) => lang
            .pick("任された範囲に入っていません。", "Outside your scope.")
            .to_owned(),
        (Lang::Ja, Some(0)) => "いま情報を見せている施設はありません。".to_owned(),
        (Lang::Ja, Some(count)) => {
            format!("いま{count}か所の施設に見せています。取り消しもできます。")
        }
        (Lang::En, Some(0)) => "No facility may see your data now.".to_owned(),
        (Lang::En, Some(count)) => format!("{count} may see your data now. You can withdraw."),
    };
    let tiles: Vec<ui::Tile<'_>> = addresses
        .iter()
        .map(|(tab, href)| ui::Tile {
            href,
            icon: match tab {
                Tab::Home | Tab::Record | Tab::Documents => Icon::Document,
                Tab::Insurance => Icon::Card,
                Tab::History => Icon::Clock,
                Tab::Consents => Icon::Consent,
                Tab::Family => Icon::Person,
            },
            title: tab.label(lang),
            description: match tab {
                Tab::Home | Tab::Record => lang.pick(
                    "アレルギー、病名、検査結果などです。",
                    "Allergies, conditions, laboratory results.",
                ),
                Tab::Documents => lang.pick(
                    "紹介状、退院のまとめ、健診の結果などの文書です。",
                    "Referral letters, discharge summaries, checkup reports.",
                ),
                Tab::Insurance => lang.pick(
                    "受付に見せる画面、カードとスマートフォンの利用登録です。",
                    "The screen for the counter; registration of card and phone.",
                ),
                Tab::History => lang.pick(
                    "だれが、いつ、何のために見たかを確かめられます。",
                    "Who looked, when and why.",
                ),
                Tab::Consents => &consents,
                Tab::Family => lang.pick(
                    "ご家族などに代わりに見てもらう、ご家族の代わりに見る。",
                    "Let somebody act for you, or act for somebody.",
                ),
            },
        })
        .collect();
    ui::tiles(&tiles)
}

fn recent(lang: Lang, lines: &[Line]) -> Markup {
    let label = |ja, en| ui::Column {
        label: lang.pick(ja, en),
        numeric: false,
    };
    let columns = [
        label("日時", "When"),
        label("施設", "Facility"),
        label("内容", "What"),
        label("結果", "Outcome"),
    ];
    let rows: Vec<Vec<Markup>> = lines
        .iter()
        .map(|line| {
            vec![
                html! { time datetime=(line.at) { (frame::instant(lang, line.at)) } },
                html! { (line.facility) },
                html! { (line.words) },
                html! { (ui::tags(&history::tags(lang, line))) },
            ]
        })
        .collect();
    let all = frame::link(lang, Tab::History.path());
    html! {
        (ui::data_table(&ui::Table {
            id: "recent",
            caption: lang.pick("新しい順に3件まで", "The last three"),
            columns: &columns,
            rows: &rows,
            empty: lang.pick("最近の記録には、施設による閲覧はありません。", "No facility has looked lately."),
        }))
        (ui::actions(&[ui::button_link(&all, lang.pick("すべての履歴を見る", "See the whole history"), ui::Tone::Secondary)]))
    }
}
