//! People who stand twice: found by their insured numbers, compared side by side, joined, and
//! parted again.
//!
//! The numbers are typed anew or carried along in the form: no page has a person's identifier
//! in its address.

use access::policy::Action;
use eligibility::api::WireInquiry;
use kernel::{Refusal, id::PersonId};
use maud::{Markup, html};
use registry::{
    errors,
    merge::{self, Meanwhile, Merge},
    model::{Coverage, Found, InsuredKey, Profile},
    ops as people, subsidy,
};
use store::{Call, Stop};
use web::{
    Answer, Request, office,
    request::Form,
    ui::{self, Choice, Choices, Column, Field, Lang, Level, Tone},
};

use super::{failure, is_fresh, moment, require};

/// The page.
pub(super) const PATH: &str = "/register/people";
/// The fields of one of the two, behind `a_` and `b_`.
const FIELDS: [&str; 8] = [
    "insurer_number",
    "symbol",
    "number",
    "branch",
    "birth_date_era",
    "birth_date_year",
    "birth_date_month",
    "birth_date_day",
];

/// What was typed for one of the two.
#[derive(Clone, Default)]
struct Typed(Vec<String>);

impl Typed {
    fn read(form: &Form, side: char) -> Self {
        let read = |name: &&str| form.text(&format!("{side}_{name}")).to_owned();
        Self(FIELDS.iter().map(read).collect())
    }

    fn get(&self, name: &str) -> &str {
        let place = FIELDS.iter().position(|field| *field == name);
        place
            .and_then(|place| self.0.get(place))
            .map_or("", String::as_str)
    }

    fn is_empty(&self) -> bool {
        ["insurer_number", "symbol", "number", "branch"]
            .iter()
            .all(|name| self.get(name).is_empty())
    }

    fn key(&self, request: &Request) -> Result<InsuredKey, Refusal> {
        let part = |name| self.get(name);
        let birth = ui::parse_era_date(
            part("birth_date_era"),
            part("birth_date_year"),
            part("birth_date_month"),
            part("birth_date_day"),
        );
        let (insurer, symbol) = (part("insurer_number"), part("symbol"));
        let wire = WireInquiry::new(insurer, symbol, part("number"), part("branch"));
        let inquiry = wire
            .born(birth.map(|birth| birth.to_string()))
            .parse(request.at().jst_date())?;
        Ok(inquiry.key)
    }

    fn hidden(&self, side: char) -> Markup {
        html! {
            @for (name, value) in FIELDS.iter().zip(&self.0) {
                (ui::hidden(&format!("{side}_{name}"), value))
            }
        }
    }
}

/// One of the two, as the registrar sees them: no clinical data.
struct Seen {
    person: PersonId,
    profile: Profile,
    coverages: Vec<Coverage>,
    subsidies: usize,
    merges: Vec<(Merge, Vec<Meanwhile>)>,
}

fn person(call: &Call<'_>, key: &InsuredKey) -> Result<PersonId, Stop> {
    match people::find_by_number(call, key)? {
        Found::One(person) => Ok(person),
        _ => Err(Stop::from(&errors::MERGE_WHO)),
    }
}

fn look(call: &mut Call<'_>, key: &InsuredKey) -> Result<Seen, Stop> {
    let person = person(call, key)?;
    merge::open(call, person)?;
    let mut merges = Vec::new();
    for one in merge::of(call, person)? {
        let until = one.undone.as_ref().map(|undone| undone.at);
        let meanwhile = if one.is_kept {
            merge::meanwhile(call, person, one.done.at, until)?
        } else {
            Vec::new()
        };
        merges.push((one, meanwhile));
    }
    Ok(Seen {
        person,
        profile: people::profile(call, person)?,
        coverages: people::coverages(call, person)?,
        subsidies: subsidy::entitlements(call, person)?.len(),
        merges,
    })
}

/// What was asked: one registration, or two to be compared.
#[derive(Clone)]
struct Asked {
    a: InsuredKey,
    b: Option<InsuredKey>,
}

fn asked(request: &Request, a: &Typed, b: &Typed) -> Result<Asked, Refusal> {
    let b = if b.is_empty() {
        None
    } else {
        Some(b.key(request)?)
    };
    Ok(Asked {
        a: a.key(request)?,
        b,
    })
}

pub(super) async fn form(request: Request) -> Result<Answer, Refusal> {
    let empty = Typed::default();
    Ok(page(&request, (&empty, &empty), &html! {}, None))
}

pub(super) async fn find(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form = request.form()?;
    let typed = (Typed::read(&form, 'a'), Typed::read(&form, 'b'));
    compared(&request, &typed, None, None).await
}

/// The page with what the numbers lead to; `done` says what was just done.
async fn compared(
    request: &Request,
    typed: &(Typed, Typed),
    done: Option<&str>,
    why: Option<&Refusal>,
) -> Result<Answer, Refusal> {
    let asked = asked(request, &typed.0, &typed.1);
    let fresh = is_fresh(request);
    let seen = request
        .read(move |call| {
            require(call, Action::Read, fresh)?;
            let asked = asked.clone().map_err(Stop::Refused)?;
            let a = look(call, &asked.a)?;
            let b = asked.b.as_ref().map(|key| look(call, key)).transpose()?;
            Ok((a, b))
        })
        .await;
    let both = (&typed.0, &typed.1);
    match seen {
        Ok((a, b)) => {
            let lang = request.lang();
            let shown = html! {
                @if let Some(done) = done {
                    (ui::notice(lang, Level::Success, done, &html! {}))
                }
                (result(request, typed, &a, b.as_ref()))
            };
            Ok(page(request, both, &shown, why))
        }
        Err(refusal) if matches!(refusal.entry.status, 404 | 409 | 422) => {
            let status = refusal.entry.status;
            Ok(page(request, both, &html! {}, Some(&refusal)).with_status(status))
        }
        Err(refusal) => Err(refusal),
    }
}

fn page(
    request: &Request,
    typed: (&Typed, &Typed),
    shown: &Markup,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let fields = html! {
        (ui::columns(&[
            side(lang, 'a', lang.pick("1つめの登録", "First registration"), typed.0, true),
            side(lang, 'b', lang.pick("2つめの登録(あれば)", "Second registration, if any"), typed.1, false),
        ]))
        (ui::actions(&[ui::submit(lang.pick("探して比べる", "Find and compare"), Tone::Secondary)]))
    };
    let body = html! {
        (failure(lang, why))
        p { (lang.pick(
            "同じ方が2つ登録されているときに、まとめます。番号を1つだけ入力すると、これまでのまとめを確認し、元に戻せます。",
            "Joins two registrations of one person. With one number alone, past merges are shown and can be undone.")) }
        (shown)
        (ui::form(PATH, &request.csrf(), &fields))
    };
    let title = lang.pick("二重登録のまとめ", "Registered twice");
    let here = [ui::Crumb {
        href: None,
        label: title,
    }];
    office::page(request, title, &here, why.is_some(), body)
}

fn side(lang: Lang, side: char, heading: &str, typed: &Typed, required: bool) -> Markup {
    let text = |name: &str, label, max| {
        let full = format!("{side}_{name}");
        ui::code_field(&Field {
            lang,
            name: &full,
            label,
            value: typed.get(name),
            required: required && matches!(name, "insurer_number" | "number"),
            max_length: Some(max),
            width: ui::Width::Medium,
            ..Field::default()
        })
    };
    let birth = format!("{side}_birth_date");
    let fields = html! {
        (text("insurer_number", lang.pick("保険者番号", "Insurer number"), 8))
        (text("symbol", lang.pick("記号", "Symbol"), 20))
        (text("number", lang.pick("番号", "Number"), 20))
        (text("branch", lang.pick("枝番", "Branch number"), 2))
        (ui::era_date_field(
            &Field {
                lang,
                name: &birth,
                label: lang.pick("生年月日", "Date of birth"),
                hint: Some(lang.pick("枝番がわからないとき", "When the branch number is not known")),
                ..Field::default()
            },
            &ui::EraDate {
                era: typed.get("birth_date_era"),
                year: typed.get("birth_date_year"),
                month: typed.get("birth_date_month"),
                day: typed.get("birth_date_day"),
            },
        ))
    };
    ui::section(&format!("side-{side}"), heading, &fields)
}

fn result(request: &Request, typed: &(Typed, Typed), a: &Seen, b: Option<&Seen>) -> Markup {
    let lang = request.lang();
    html! {
        @match b {
            Some(b) if a.person == b.person => {
                (ui::notice(lang, Level::Info, lang.text(&errors::MERGE_SAME.cause), &html! {}))
                (past(request, &typed.0, a))
            }
            Some(b) => { (comparison(request, typed, a, b)) }
            None => {
                (facts(lang, lang.pick("登録の内容", "Registration"), a))
                (past(request, &typed.0, a))
            }
        }
    }
}

fn facts(lang: Lang, heading: &str, seen: &Seen) -> Markup {
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let profile = &seen.profile;
    let coverages: Vec<String> = seen.coverages.iter().map(|one| line(lang, one)).collect();
    ui::facts(
        heading,
        &[
            fact(
                lang.pick("氏名", "Name"),
                format!("{}({})", profile.name, profile.kana),
            ),
            fact(lang.pick("性別", "Sex"), profile.sex.ja().to_owned()),
            fact(
                lang.pick("生年月日", "Date of birth"),
                ui::date_text(lang, profile.birth),
            ),
            fact(
                lang.pick("住所", "Home"),
                format!("〒{} {}", profile.post_code, profile.address),
            ),
            ui::Fact {
                label: lang.pick("医療保険の資格", "Coverages"),
                value: html! { @for one in &coverages { (one) br; } },
            },
            fact(
                lang.pick("公費の資格", "Subsidies"),
                seen.subsidies.to_string(),
            ),
        ],
    )
}

fn line(lang: Lang, one: &Coverage) -> String {
    let until = one
        .period
        .until()
        .map(|until| ui::date_text(lang, until.plus_days(-1)));
    let of_other = if merge::source(one.number).is_some() {
        lang.pick("(まとめられた登録から)", " (of the joined registration)")
    } else {
        ""
    };
    format!(
        "{} {} 〜 {}{of_other}",
        one.insurer_name,
        ui::date_text(lang, one.period.from()),
        until.unwrap_or_default(),
    )
}

fn comparison(request: &Request, typed: &(Typed, Typed), a: &Seen, b: &Seen) -> Markup {
    let lang = request.lang();
    let objection = merge::objection(&a.profile, &b.profile);
    html! {
        (ui::columns(&[
            facts(lang, lang.pick("1つめの登録", "First registration"), a),
            facts(lang, lang.pick("2つめの登録", "Second registration"), b),
        ]))
        (differences(lang, a, b))
        @match objection {
            Some(entry) => (failure(lang, Some(&Refusal::new(entry)))),
            None => (joining(request, typed)),
        }
    }
}

/// What is not the same, and what would hold on the same days.
fn differences(lang: Lang, a: &Seen, b: &Seen) -> Markup {
    let (one, other) = (&a.profile, &b.profile);
    let compared = [
        (lang.pick("氏名", "name"), one.name != other.name),
        (lang.pick("カナ", "kana"), one.kana != other.kana),
        (lang.pick("性別", "sex"), one.sex != other.sex),
        (lang.pick("生年月日", "birth"), one.birth != other.birth),
        (lang.pick("住所", "home"), one.address != other.address),
    ];
    let other: Vec<&str> = compared
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(label, _)| *label)
        .collect();
    let overlapping: Vec<String> = a
        .coverages
        .iter()
        .flat_map(|one| {
            let theirs = b
                .coverages
                .iter()
                .filter(|other| one.period.overlaps(&other.period));
            theirs.map(|other| format!("{} / {}", line(lang, one), line(lang, other)))
        })
        .collect();
    html! {
        p {
            (lang.pick("違うところ:", "Different: "))
            @if other.is_empty() { (lang.pick("ありません", "nothing")) } @else { (other.join("、")) }
        }
        @if !overlapping.is_empty() {
            (ui::notice(lang, Level::Warning, lang.pick("資格の期間が重なっています", "Coverages overlap"), &html! {
                ul { @for one in &overlapping { li { (one) } } }
                p { (lang.pick(
                    "まとめても、重なりはそのまま残ります。どちらが正しいかは保険者に確認してください。",
                    "They stay as they are. Ask the insurers which is right.")) }
            }))
        }
    }
}

fn reason(lang: Lang) -> Markup {
    ui::text_field(&Field {
        lang,
        name: "reason",
        label: lang.pick("理由", "Why"),
        hint: Some(lang.pick(
            "ご本人と窓口にも見えます。",
            "The person and the counters read it.",
        )),
        required: true,
        max_length: Some(200),
        ..Field::default()
    })
}

fn joining(request: &Request, typed: &(Typed, Typed)) -> Markup {
    let lang = request.lang();
    let options = [
        Choice {
            value: "a",
            label: lang.pick(
                "1つめを残し、2つめをまとめる",
                "Keep the first, join the second to it",
            ),
            checked: true,
            ..Choice::default()
        },
        Choice {
            value: "b",
            label: lang.pick(
                "2つめを残し、1つめをまとめる",
                "Keep the second, join the first to it",
            ),
            ..Choice::default()
        },
    ];
    let fields = html! {
        (typed.0.hidden('a'))
        (typed.1.hidden('b'))
        (ui::radio_cards(&Choices {
            lang,
            name: "keep",
            legend: lang.pick("どちらを残しますか", "Which one is kept?"),
            required: true,
            options: &options,
            ..Choices::default()
        }))
        (reason(lang))
        p { (lang.pick(
            "まとめると、どちらの番号・カードでも残した登録が表示され、資格・公費・診療情報は両方のものが見えます。同意は広がりません。元の登録はそのまま残るので、いつでも元に戻せます。",
            "Then both numbers and cards lead to the kept one, which shows what both have. No consent is widened. Nothing is moved, so it can be undone at any time.")) }
        (ui::actions(&[ui::submit(lang.pick("2つの登録をまとめる", "Join them"), Tone::Primary)]))
    };
    ui::section(
        "join",
        lang.pick("まとめる", "Join"),
        &ui::form("/register/people/merge", &request.csrf(), &fields),
    )
}

/// Merges of one registration, with what happened since, and the way back.
fn past(request: &Request, typed: &Typed, seen: &Seen) -> Markup {
    let lang = request.lang();
    let heading = lang.pick("これまでのまとめ", "Merges");
    let body = html! {
        @if seen.merges.is_empty() {
            p { (lang.pick("まとめられた登録はありません。", "Nothing was joined.")) }
        }
        @for (merge, meanwhile) in &seen.merges {
            (one_merge(request, typed, merge, meanwhile))
        }
    };
    ui::section("merges", heading, &body)
}

fn one_merge(request: &Request, typed: &Typed, merge: &Merge, meanwhile: &[Meanwhile]) -> Markup {
    let lang = request.lang();
    let number = merge.number.to_string();
    html! {
        p {
            (moment(lang, merge.done.at)) " "
            @if merge.is_kept {
                (lang.pick("ほかの登録をこの登録にまとめました", "another one was joined to this one"))
            } @else {
                (lang.pick("この登録をほかの登録にまとめました", "this one was joined to another one"))
            }
            " — " (merge.done.by) ": " (merge.done.reason)
        }
        @if let Some(undone) = &merge.undone {
            p { (moment(lang, undone.at)) " " (lang.pick("元に戻しました", "undone")) " — " (undone.by) ": " (undone.reason) }
        }
        @if merge.is_kept { (since(lang, &number, meanwhile)) }
        @if merge.keeps() {
            (ui::form("/register/people/undo", &request.csrf(), &html! {
                (typed.hidden('a'))
                (ui::hidden("merge", &number))
                (reason(lang))
                p { (lang.pick(
                    "元に戻すと、2つの登録はまとめる前のとおりに分かれます。上の一覧の変更は、残した登録に残ります。",
                    "Both stand again as before. What is listed above stays with the kept one.")) }
                (ui::submit(lang.pick("まとめを元に戻す", "Undo"), Tone::Danger))
            }))
        }
    }
}

fn since(lang: Lang, number: &str, meanwhile: &[Meanwhile]) -> Markup {
    let column = |label| Column {
        label,
        numeric: false,
    };
    let columns = [
        column(lang.pick("日時", "When")),
        column(lang.pick("変更", "What")),
        column(lang.pick("資格の開始", "Coverage from")),
        column(lang.pick("どちらの登録の資格か", "Whose coverage")),
    ];
    let rows: Vec<Vec<Markup>> = meanwhile
        .iter()
        .map(|one| {
            vec![
                moment(lang, one.at),
                html! { (one.what) },
                ui::date(lang, one.from),
                html! { (if one.is_merged {
                    lang.pick("まとめられた登録", "joined")
                } else {
                    lang.pick("残した登録・新しい資格", "kept, or new")
                }) },
            ]
        })
        .collect();
    ui::data_table(&ui::Table {
        id: &format!("since-{number}"),
        caption: lang.pick("まとめたあとの資格の変更", "Changes of coverage since"),
        columns: &columns,
        rows: &rows,
        empty: lang.pick("変更はありません。", "None."),
    })
}

pub(super) async fn join(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form = request.form()?;
    let typed = (Typed::read(&form, 'a'), Typed::read(&form, 'b'));
    let keys = typed
        .0
        .key(&request)
        .and_then(|a| Ok((a, typed.1.key(&request)?)));
    let keeps_second = form.text("keep") == "b";
    let (why, fresh) = (form.text("reason").to_owned(), is_fresh(&request));
    let done = request
        .write(move |call| {
            require(call, Action::Write, fresh)?;
            let (a, b) = keys.clone().map_err(Stop::Refused)?;
            let (a, b) = (person(call, &a)?, person(call, &b)?);
            let (kept, merged) = if keeps_second { (b, a) } else { (a, b) };
            merge::merge(call, kept, merged, &why).map(drop)
        })
        .await;
    let words = request.lang().pick("2つの登録をまとめました", "Joined");
    again(&request, &typed, done, words).await
}

pub(super) async fn undo(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let form = request.form()?;
    let typed = (Typed::read(&form, 'a'), Typed::default());
    let key = typed.0.key(&request);
    let number = form.text("merge").parse().unwrap_or_default();
    let (why, fresh) = (form.text("reason").to_owned(), is_fresh(&request));
    let done = request
        .write(move |call| {
            require(call, Action::Write, fresh)?;
            let key = key.clone().map_err(Stop::Refused)?;
            let kept = person(call, &key)?;
            merge::undo(call, kept, number, &why).map(drop)
        })
        .await;
    let words = request.lang().pick("まとめを元に戻しました", "Undone");
    again(&request, &typed, done, words).await
}

async fn again(
    request: &Request,
    typed: &(Typed, Typed),
    done: Result<(), Refusal>,
    words: &str,
) -> Result<Answer, Refusal> {
    match done {
        Ok(()) => compared(request, typed, Some(words), None).await,
        Err(why) if matches!(why.entry.status, 404 | 409 | 422) => {
            let status = why.entry.status;
            let page = compared(request, typed, None, Some(&why)).await?;
            Ok(page.with_status(status))
        }
        Err(why) => Err(why),
    }
}
