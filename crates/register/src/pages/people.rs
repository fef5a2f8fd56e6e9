//! People who stand twice: found by their insured numbers, compared side by side, joined, and
//! parted again.
//!
//! The numbers are typed anew or carried along in the form: no page has a person's identifier
//! in its address.

mod shown;

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
    ui::{self, Field, Lang, Level, Tone},
};

use super::{failure, is_fresh, require};
use shown::result;

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
