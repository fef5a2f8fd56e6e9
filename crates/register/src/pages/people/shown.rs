//! How registrations, their differences and their merges are shown to the registrar.

use kernel::Refusal;
use maud::{Markup, html};
use registry::{
    errors,
    merge::{self, Meanwhile, Merge},
    model::Coverage,
};
use web::{
    Request,
    ui::{self, Choice, Choices, Column, Field, Lang, Level, Tone},
};

use super::{
    super::{failure, moment},
    Seen, Typed,
};

pub(super) fn result(
    request: &Request,
    typed: &(Typed, Typed),
    a: &Seen,
    b: Option<&Seen>,
) -> Markup {
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
