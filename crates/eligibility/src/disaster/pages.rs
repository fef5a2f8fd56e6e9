//! The pages of the search by four attributes: the form, the few candidates, the question.

use access::policy::{self, Permission};
use kernel::{Refusal, Text};
use maud::{Markup, html};
use registry::{attributes::Grade, disaster::Mode};
use store::{
    Stop,
    caller::{Event, Purpose},
};
use web::{
    Answer, Body, Face, Method as Http, Request, Route, handler,
    request::Form,
    route::Handler,
    ui::{self, Choice, Choices, Field, Lang, Level, Tone},
};

use super::{
    api::{self, WireSearch},
    errors,
    model::{Candidate, Found, Place, Proof, SEARCH_MINUTES, SearchId, WRONG_MAX, Why},
    ops,
};
use crate::pages::{refused, staff_page};

static FORM: Event = Event {
    code: "eligibility.disaster-form",
    ja: "災害時の4情報による検索の画面",
    en: "form of the search by attributes shown",
};
static SEARCH: Event = Event {
    code: "eligibility.disaster-search",
    ja: "災害時の4情報による検索",
    en: "searched by four attributes in a disaster",
};
static CANDIDATES: Event = Event {
    code: "eligibility.disaster-candidates",
    ja: "災害時の検索の候補の表示",
    en: "candidates of a search by attributes shown",
};
static CONFIRM: Event = Event {
    code: "eligibility.disaster-confirm",
    ja: "災害時の資格の確認(4情報)",
    en: "eligibility verified by four attributes in a disaster",
};

/// The search.
const PATH: &str = "/reception/disaster";
/// One search.
const FOUND: &str = "/reception/disaster/{search}";

/// Routes of page and API.
#[must_use]
pub fn routes() -> Vec<Route> {
    const SEARCHING: (&str, &str) = (
        "災害時の4情報による検索",
        "search by four attributes in a disaster",
    );
    const CONFIRMING: (&str, &str) = (
        "災害時の候補の確認",
        "confirm a candidate of a search in a disaster",
    );
    vec![
        route(
            Face::Page,
            Http::Get,
            PATH,
            &FORM,
            ("災害時の検索", "search in a disaster"),
            handler!(form),
        ),
        route(
            Face::Page,
            Http::Post,
            PATH,
            &SEARCH,
            SEARCHING,
            handler!(search),
        ),
        route(
            Face::Page,
            Http::Get,
            FOUND,
            &CANDIDATES,
            ("災害時の検索の候補", "candidates"),
            handler!(candidates),
        ),
        route(
            Face::Page,
            Http::Post,
            FOUND,
            &CONFIRM,
            CONFIRMING,
            handler!(confirm),
        ),
        route(
            Face::Api,
            Http::Post,
            "/api/v1/eligibility/disaster-checks",
            &SEARCH,
            SEARCHING,
            handler!(api::search),
        ),
        route(
            Face::Api,
            Http::Post,
            "/api/v1/eligibility/disaster-checks/{search}/confirm",
            &CONFIRM,
            CONFIRMING,
            handler!(api::confirm),
        ),
    ]
}

const fn route(
    face: Face,
    method: Http,
    path: &'static str,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face,
        permission: Permission::FindByAttributes,
        event,
        purpose: Purpose::Disaster,
        body: Body::usual(method, face),
        summary: Text { ja, en },
        handler,
    }
}

/// What the reception says while disaster mode is in force.
#[must_use]
pub fn banner(request: &Request, mode: &Mode) -> Markup {
    let lang = request.lang();
    let heading = format!(
        "{}({})",
        lang.pick("災害時モードです", "Disaster mode"),
        mode.name
    );
    let until = mode.until();
    ui::notice(
        lang,
        Level::Warning,
        &heading,
        &html! {
            p { (lang.pick(
                "マイナンバーカードも番号もない方は、氏名・生年月日・性別・住所で確認できます。",
                "Who has neither card nor number can be verified by name, birth, sex and home.")) }
            p { (lang.pick("終わり:", "Until: ")) (lang.pick(&until.jst_japanese(), &until.jst_minute())) }
            @if policy::allows(request.caller().role(), Permission::FindByAttributes) {
                (ui::actions(&[ui::button_link(PATH, lang.pick("4つの情報で探す", "Find by four attributes"), Tone::Primary)]))
            }
        },
    )
}

fn crumbs(lang: Lang, title: &str) -> [ui::Crumb<'_>; 2] {
    [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

async fn form(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    request
        .read(move |call| ops::admitted(call, facility).map(drop))
        .await?;
    Ok(form_page(&request, None, None))
}

fn form_page(request: &Request, typed: Option<&Form>, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        p { (lang.pick(
            "カードも番号もない方を、本人や家族の話から探します。3つ以上の情報が必要です。候補になった方の閲覧履歴には、この検索が残ります。",
            "For who has neither card nor number. Three of the four are needed. Whoever becomes a candidate sees this search in their history.")) }
        (ui::form(PATH, &request.csrf(), &fields(request, typed, why)))
    };
    let title = lang.pick("災害時の確認(4つの情報)", "Search by four attributes");
    staff_page(request, title, &crumbs(lang, title), why.is_some(), body)
}

fn fields(request: &Request, typed: Option<&Form>, why: Option<&Refusal>) -> Markup {
    let lang = request.lang();
    let value = |name: &str| typed.map_or("", |form| form.text(name));
    let error = |name: &str| {
        let finding = why?.findings.iter().find(|f| f.path == name)?;
        Some(lang.pick(&finding.remedy_ja, &finding.remedy_en).to_owned())
    };
    let text = |name, label, hint| {
        ui::text_field(&Field {
            lang,
            name,
            label,
            hint,
            value: value(name),
            max_length: Some(100),
            ..Field::default()
        })
    };
    let birth_error = error("birth_date");
    let birth = Field {
        lang,
        name: "birth_date",
        label: lang.pick("生年月日", "Date of birth"),
        required: true,
        error: birth_error.as_deref(),
        ..Field::default()
    };
    let era = ui::EraDate {
        era: value("birth_date_era"),
        year: value("birth_date_year"),
        month: value("birth_date_month"),
        day: value("birth_date_day"),
    };
    let sexes = [
        ("3", "わからない", "not said"),
        ("1", "男性", "male"),
        ("2", "女性", "female"),
    ];
    html! {
        (text("family_kana", lang.pick("セイ(カナ)", "Family name, kana"),
            Some(lang.pick("ひらがな・半角カナでもかまいません。", "In any kind of kana."))))
        (text("given_kana", lang.pick("メイ(カナ)", "Given name, kana"), None))
        (text("name", lang.pick("漢字の氏名", "Name as it is written"),
            Some(lang.pick("読めない文字は「●」にしてください。髙・高などの違いは気にしなくてかまいません。", "Write ● for what cannot be read."))))
        (ui::era_date_field(&birth, &era))
        (radio(lang, "sex", lang.pick("性別", "Sex"), &sexes, value("sex"), None))
        (text("address", lang.pick("住所(市区町村から)", "Home, from the municipality"),
            Some(lang.pick("例:輪島市河井町。市区町村名だけでもかまいません。", "The municipality is enough."))))
        (text("post_code", lang.pick("郵便番号", "Post code"), None))
        (radio(lang, "place", lang.pick("どこで確認していますか", "Where"),
            &Place::ALL.map(|one| (one.word(), one.ja(), one.en())), value("place"), error("place").as_deref()))
        (radio(lang, "why", lang.pick("カードと番号で確認できない理由", "Why not by card or number"),
            &Why::ALL.map(|one| (one.word(), one.ja(), one.en())), value("why"), error("why").as_deref()))
        (ui::actions(&[ui::submit(lang.pick("探す", "Search"), Tone::Primary)]))
    }
}

fn radio(
    lang: Lang,
    name: &str,
    legend: &str,
    words: &[(&str, &str, &str)],
    chosen: &str,
    error: Option<&str>,
) -> Markup {
    let options: Vec<Choice<'_>> = words
        .iter()
        .map(|(word, ja, en)| Choice {
            value: word,
            label: lang.pick(ja, en),
            checked: *word == chosen,
            ..Choice::default()
        })
        .collect();
    ui::radio_cards(&Choices {
        lang,
        name,
        legend,
        error,
        required: true,
        options: &options,
        ..Choices::default()
    })
}

fn read(form: &Form) -> WireSearch {
    let text = |name| form.text(name).to_owned();
    let part = |name| form.text(name);
    let birth = ui::parse_era_date(
        part("birth_date_era"),
        part("birth_date_year"),
        part("birth_date_month"),
        part("birth_date_day"),
    );
    WireSearch {
        family_kana: text("family_kana"),
        given_kana: text("given_kana"),
        name: text("name"),
        birth_date: birth.map_or_else(String::new, |birth| birth.to_string()),
        sex: text("sex"),
        post_code: text("post_code"),
        address: text("address"),
        place: text("place"),
        why: text("why"),
    }
}

async fn search(request: Request) -> Result<Answer, Refusal> {
    let typed = request.form()?;
    let search = read(&typed).parse(request.at().jst_date());
    let facility = request.facility()?;
    // What was typed wrong leaves its record as well.
    let outcome = request
        .write(move |call| {
            let search = search.clone().map_err(Stop::Refused)?;
            ops::search(call, facility, &search)
        })
        .await;
    match outcome.and_then(|inner| inner) {
        Ok(found) => Ok(Answer::see_other(&format!("{PATH}/{}", found.id.to_hex()))),
        Err(why) if matches!(why.entry.status, 404 | 422 | 429) => {
            let status = why.entry.status;
            Ok(form_page(&request, Some(&typed), Some(&why)).with_status(status))
        }
        Err(why) => Err(why),
    }
}

async fn candidates(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("search", SearchId::parse)?;
    shown(&request, id, None).await
}

async fn shown(request: &Request, id: SearchId, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let found = request
        .read(move |call| {
            let found = ops::found(call, facility, id)?;
            // They are seen once more, and each of them has the record.
            for (person, _) in &found.candidates {
                call.open(*person)?;
            }
            Ok(found)
        })
        .await?;
    let lang = request.lang();
    let title = lang.pick("候補の確認", "Candidates");
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        (head(lang, &found))
        (ui::form(&format!("{PATH}/{}", found.id.to_hex()), &request.csrf(), &question(lang, &found)))
        p { a href=(PATH) { (lang.pick("どの候補でもないので、探し直す", "None of them: search again")) } }
    };
    Ok(staff_page(
        request,
        title,
        &crumbs(lang, title),
        why.is_some(),
        body,
    ))
}

fn head(lang: Lang, found: &Found) -> Markup {
    let left = WRONG_MAX.saturating_sub(found.wrong);
    let until = found.at.plus_seconds(SEARCH_MINUTES * 60);
    html! {
        p { (lang.pick(
            "本人に住所の番地を言ってもらい、登録と合うかを確かめます。画面の内容を先に読み上げないでください。",
            "Let the person say their house number. Do not read out what is shown here.")) }
        p { (lang.pick("答えられる回数:", "Answers left: ")) (left) " / "
            (lang.pick("有効:", "until ")) (until.jst_minute()) }
    }
}

fn line(lang: Lang, one: &Candidate) -> String {
    let age = match lang {
        Lang::Ja => format!("{}歳", one.age),
        Lang::En => format!("age {}", one.age),
    };
    format!("{} / {age} / {}", one.initials, one.municipality)
}

fn question(lang: Lang, found: &Found) -> Markup {
    let shown: Vec<(String, String, String)> = (1..)
        .zip(&found.candidates)
        .map(|(number, (_, one)): (usize, _)| {
            let grade = lang.pick(one.grade.ja(), grade_en(one.grade));
            let label = format!("{} {grade} — {}", one.grade.code(), line(lang, one));
            let more = lang.pick(&one.agrees_ja, &one.agrees_en).to_owned();
            (number.to_string(), label, more)
        })
        .collect();
    let is_single = shown.len() == 1;
    let options: Vec<Choice<'_>> = shown
        .iter()
        .map(|(number, label, more)| Choice {
            value: number,
            label,
            description: Some(more),
            checked: is_single,
        })
        .collect();
    let ways = [
        ("house", "住所の番地・号", "house number"),
        (
            "insurer",
            "勤め先の健康保険組合・共済組合の名前",
            "the insurer of their workplace",
        ),
    ];
    html! {
        (ui::radio_cards(&Choices {
            lang,
            name: "candidate",
            legend: lang.pick("どの方ですか", "Which of them?"),
            required: true,
            options: &options,
            ..Choices::default()
        }))
        (radio(lang, "way", lang.pick("本人に聞いたこと", "What the person was asked"), &ways, "house", None))
        (ui::text_field(&Field {
            lang,
            name: "answer",
            label: lang.pick("本人の答え", "Their answer"),
            hint: Some(lang.pick("例:2-287-1、北斗精機健保", "Such as 2-287-1")),
            required: true,
            max_length: Some(100),
            autocomplete: Some("off"),
            ..Field::default()
        }))
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    }
}

const fn grade_en(grade: Grade) -> &'static str {
    match grade {
        Grade::Exact => "agrees",
        Grade::Likely => "nearly agrees",
        Grade::Possible => "possible",
    }
}

async fn confirm(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("search", SearchId::parse)?;
    let form = request.form()?;
    let facility = request.facility()?;
    let number = form.text("candidate").parse().unwrap_or_default();
    let answer = form.text("answer").to_owned();
    let proof = match form.text("way") {
        "insurer" => Proof::Insurer(answer),
        _ => Proof::House(answer),
    };
    let on = request.at().jst_date();
    let outcome = request
        .write(move |call| ops::confirm(call, facility, id, number, &proof, on))
        .await?;
    match outcome {
        Ok(confirmed) => Ok(Answer::see_other(&format!(
            "/visits/{}",
            confirmed.visit.to_hex()
        ))),
        Err(why) if why.entry.code == errors::WRONG_ANSWER.code => {
            let status = why.entry.status;
            Ok(shown(&request, id, Some(&why)).await?.with_status(status))
        }
        Err(why) => {
            let status = why.entry.status;
            Ok(form_page(&request, None, Some(&why)).with_status(status))
        }
    }
}
