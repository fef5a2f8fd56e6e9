//! The counter: how the line and the copy are, and the two ways to ask.

use eligibility::{
    api::WireInquiry,
    snapshot::{
        model::ActId,
        rules::{Age, fold_kana, judge_age},
    },
};
use kernel::{Refusal, time::JstDate};
use maud::{Markup, html};
use store::SystemRng;
use web::{
    Answer, Request,
    request::Form,
    ui::{self, Field, Lang, Level, Tone},
};

use super::{
    LIST,
    frame::{ago, frame, minute},
    upstream,
};
use crate::{
    errors,
    model::{Asked, Held},
    ops::{self, Standing},
    upstream::State,
};

/// Characters of a name.
const NAME_CHARS_MAX: usize = 80;

/// What was typed, to be shown again beside what was wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) key: String,
    by_name: bool,
    insurer_number: String,
    symbol: String,
    number: String,
    branch: String,
    kana: String,
    era: String,
    year: String,
    month: String,
    day: String,
}

impl Typed {
    pub(super) fn read(form: &Form) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        let by_name = form.text("way") == "name";
        let birth = if by_name { "own_birth" } else { "birth_date" };
        Self {
            key: text("key"),
            by_name,
            insurer_number: text("insurer_number"),
            symbol: text("symbol"),
            number: text("number"),
            branch: text("branch"),
            kana: text("kana"),
            era: text(&format!("{birth}_era")),
            year: text(&format!("{birth}_year")),
            month: text(&format!("{birth}_month")),
            day: text(&format!("{birth}_day")),
        }
    }

    /// The date of birth as ISO text; what is no date stays as typed.
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

    /// Who is asked about, or every fault.
    pub(super) fn parse(&self, today: JstDate) -> Result<Asked, Refusal> {
        if !self.by_name {
            let wire = WireInquiry::new(
                &self.insurer_number,
                &self.symbol,
                &self.number,
                &self.branch,
            );
            return Ok(Asked::Number(wire.born(self.birth()).parse(today)?.key));
        }
        let kana = fold_kana(&self.kana);
        let length = kana.chars().count();
        if length == 0 || length > NAME_CHARS_MAX {
            return Err(Refusal::at(&errors::KANA, "kana", &self.kana));
        }
        let typed = self.birth().unwrap_or_default();
        let birth = JstDate::parse(&typed)
            .ok_or_else(|| Refusal::at(&eligibility::errors::BIRTH, "own_birth", &typed))?;
        Ok(Asked::Name { kana, birth })
    }
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    counter(&request, &Typed::default(), None).await
}

/// The page, with what was typed and why it was refused, if it was.
pub(super) async fn counter(
    request: &Request,
    typed: &Typed,
    why: Option<&Refusal>,
) -> Result<Answer, Refusal> {
    let state = upstream(request)?.state();
    let facility = request.facility()?;
    let standing = request.read(move |call| ops::standing(call, facility));
    let standing = standing.await?;
    let lang = request.lang();
    let refused = why.map(|why| {
        ui::verdict(&ui::Verdict {
            lang,
            signal: ui::Signal::Red,
            heading: lang.pick("確認できませんでした", "Not confirmed"),
            reason: lang.text(&why.entry.cause),
            next: lang.text(&why.entry.remedy),
            code: Some(why.entry.code),
        })
    });
    let key = ActId::random(&SystemRng).to_hex();
    let body = html! {
        @if let Some(refused) = refused { (refused) }
        (line(request, &state))
        @if standing.open > 0 { (differences(lang, standing.open)) }
        (ui::columns(&[
            html! { (by_number(request, typed, why, &key)) },
            html! { (by_name(request, typed, why, &key)) (copy(request, &standing)) },
        ]))
    };
    let title = lang.pick("受付・資格確認", "Counter");
    Ok(frame(request, title, None, why.is_some(), body))
}

fn differences(lang: Lang, open: i64) -> Markup {
    let heading = match lang {
        Lang::Ja => format!("控えで確認した結果に、対応が必要なものが{open}件あります。"),
        Lang::En => format!("{open} checks from the copy need a look."),
    };
    let link = html! { p { a href=(LIST) { (lang.pick("違いの一覧を見る", "See the list")) } } };
    ui::notice(lang, Level::Warning, &heading, &link)
}

/// How the line is, in words.
fn line(request: &Request, state: &State) -> Markup {
    let (lang, now) = (request.lang(), request.at());
    let (level, heading, text) = match (state.cut, state.reached_at) {
        (Some((since, why)), _) if why.is_outage() => (
            Level::Warning,
            lang.pick(
                "回線が切れています。控えで確認します。",
                "The line is cut: the copy answers.",
            )
            .to_owned(),
            format!(
                "{}{}{}",
                minute(lang, since),
                lang.pick("から。", ": "),
                lang.text(&why.text())
            ),
        ),
        (Some((_, why)), _) => (
            Level::Error,
            lang.text(&errors::REGISTRATION.cause).to_owned(),
            lang.text(&why.text()).to_owned(),
        ),
        (None, Some(at)) => (
            Level::Success,
            lang.pick(
                "プラットフォームにつながっています。",
                "The platform answers.",
            )
            .to_owned(),
            format!(
                "{} {}",
                lang.pick("最後の応答:", "Last answer:"),
                ago(lang, at, now)
            ),
        ),
        (None, None) => (
            Level::Info,
            lang.pick(
                "プラットフォームへの接続を確かめています。",
                "The line is being looked at.",
            )
            .to_owned(),
            String::new(),
        ),
    };
    html! {
        (ui::notice(lang, level, &heading, &html! { p { (text) } }))
        @if let Some(fault) = state.fault {
            (ui::notice(lang, Level::Warning, lang.text(&fault.cause), &html! {
                p { (lang.text(&fault.remedy)) " (" (fault.code) ")" }
            }))
        }
    }
}

/// The copy: from when, how old, how many people.
fn copy(request: &Request, standing: &Standing) -> Markup {
    let (lang, now) = (request.lang(), request.at());
    let body = match &standing.held {
        None => html! { p { (lang.pick(
        "まだ控えがありません。プラットフォームにつながると、自動で受け取ります。",
        "There is none yet; it comes by itself when the platform answers.")) } },
        Some(held) => facts(lang, held, now, standing.waiting),
    };
    ui::section(
        "copy",
        lang.pick("この機器の控え", "The copy on this machine"),
        &body,
    )
}

fn facts(lang: Lang, held: &Held, now: kernel::time::Timestamp, waiting: i64) -> Markup {
    let good = match judge_age(held.made_at, held.good_until, now) {
        Age::Good { .. } => format!(
            "{} {}",
            minute(lang, held.good_until),
            lang.pick("まで", "")
        ),
        Age::Expired => lang
            .pick("期限が過ぎたため、使えません", "too old: not used")
            .to_owned(),
        Age::Ahead => lang
            .pick(
                "機器の時計が合っていないため、使えません",
                "the clock is wrong: not used",
            )
            .to_owned(),
    };
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let of = match lang {
        Lang::Ja => format!("{}人(過去{}日に来院した方)", held.patients, held.days),
        Lang::En => format!("{} (came within {} days)", held.patients, held.days),
    };
    let made = format!(
        "{}({})",
        minute(lang, held.made_at),
        ago(lang, held.made_at, now)
    );
    ui::facts(
        "",
        &[
            fact(lang.pick("いつの控えか", "Made at"), made),
            fact(lang.pick("人数", "People"), of),
            fact(lang.pick("使える期限", "Good until"), good),
            fact(
                lang.pick("照合を待つ確認", "Checks that wait"),
                format!("{waiting}{}", lang.pick("件", "")),
            ),
        ],
    )
}

fn error<'w>(lang: Lang, why: Option<&'w Refusal>, name: &str) -> Option<&'w str> {
    let finding = why?.findings.iter().find(|f| f.path == name)?;
    Some(lang.pick(&finding.remedy_ja, &finding.remedy_en))
}

fn birth(lang: Lang, name: &str, hint: Option<&str>, typed: &Typed, error: Option<&str>) -> Markup {
    ui::era_date_field(
        &Field {
            lang,
            name,
            label: lang.pick("生年月日", "Date of birth"),
            hint,
            error,
            ..Field::default()
        },
        &ui::EraDate {
            era: &typed.era,
            year: &typed.year,
            month: &typed.month,
            day: &typed.day,
        },
    )
}

fn by_number(request: &Request, typed: &Typed, why: Option<&Refusal>, key: &str) -> Markup {
    let lang = request.lang();
    let (typed, why) = if typed.by_name {
        (&Typed::default(), None)
    } else {
        (typed, why)
    };
    let field = |name: &'static str, label, hint, value, required, max: u16| {
        ui::code_field(&Field {
            lang,
            name,
            label,
            hint,
            error: error(lang, why, name),
            value,
            required,
            max_length: Some(max),
            width: ui::Width::Medium,
            autofocus: name == "insurer_number",
            ..Field::default()
        })
    };
    let hint = lang.pick(
        "枝番がわからないときに入力してください。",
        "If you do not know the branch number.",
    );
    let fields = html! {
        (ui::hidden("way", "number"))
        (ui::hidden("key", key))
        (field("insurer_number", lang.pick("保険者番号", "Insurer number"),
            Some(lang.pick("6けたまたは8けたの数字", "6 or 8 digits")), &typed.insurer_number, true, 8))
        (field("symbol", lang.pick("記号", "Symbol"),
            Some(lang.pick("記号がないときは空欄のまま", "Leave empty if there is none")), &typed.symbol, false, 20))
        (field("number", lang.pick("番号", "Number"), None, &typed.number, true, 20))
        (field("branch", lang.pick("枝番", "Branch number"),
            Some(lang.pick("2けたの数字", "2 digits")), &typed.branch, false, 2))
        (birth(lang, "birth_date", Some(hint), typed, error(lang, why, "birth_date")))
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    };
    ui::section(
        "by-number",
        lang.pick("番号で確認する", "By number"),
        &ui::form("/counter/checks", &request.csrf(), &fields),
    )
}

fn by_name(request: &Request, typed: &Typed, why: Option<&Refusal>, key: &str) -> Markup {
    let lang = request.lang();
    let (typed, why) = if typed.by_name {
        (typed, why)
    } else {
        (&Typed::default(), None)
    };
    let fields = html! {
        (ui::hidden("way", "name"))
        (ui::hidden("key", key))
        (ui::text_field(&Field {
            lang,
            name: "kana",
            label: lang.pick("氏名(カナ)", "Name (kana)"),
            hint: Some(lang.pick("姓と名を続けて。ひらがなでもかまいません。", "Family and given name; hiragana will do.")),
            error: error(lang, why, "kana"),
            value: &typed.kana,
            required: true,
            max_length: Some(80),
            width: ui::Width::Medium,
            ..Field::default()
        }))
        (birth(lang, "own_birth", None, typed, error(lang, why, "own_birth")))
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Secondary)]))
    };
    let body = html! {
        p { (lang.pick(
            "この施設に来たことのある方だけを、カナと生年月日の両方が合うときに確認できます。",
            "Own patients only, when both name and date of birth fit.")) }
        (ui::form("/counter/checks", &request.csrf(), &fields))
    };
    ui::section(
        "by-name",
        lang.pick("かかりつけの方を氏名で確認する", "Own patients by name"),
        &body,
    )
}
