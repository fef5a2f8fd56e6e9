//! Whole pages made of invented data, one of each kind, that use every component. They
//! are rendered in the tests, looked at in a browser, and checked for accessibility.

use kernel::time::JstDate;
use maud::{Markup, html};

use super::{
    Choice, Choices, Column, Crumb, EraDate, Field, FieldError, Idle, Lang, Level, NavItem, Page,
    Problem, Shell, Table, Tone, Who, Width, actions, button_link, code_field, data_table,
    date_field, empty, era_date_field, error_summary, form, new_password_field, notice,
    number_field, one_time_code_field, page, pagination, password_field, post_button, print_button,
    problem, progress, radio_cards, section, select_field, steps, submit, submit_with, text_area,
    text_field,
};
use super::{samples_clinical, samples_portal};

pub(super) const RECEPTIONIST: Who<'static> = Who {
    name: "山田 直美",
    facility: "さくら内科クリニック",
    role: "受付",
    csrf: "sample-token",
};

const FOOTER: [NavItem<'static>; 2] = [
    NavItem {
        href: "/help",
        label: "困ったときは",
        current: false,
    },
    NavItem {
        href: "/privacy",
        label: "個人情報の取り扱い",
        current: false,
    },
];

/// A date of the samples, which are all real dates.
pub(super) fn day(year: i16, month: i8, day: i8) -> JstDate {
    JstDate::new(year, month, day)
        .unwrap_or_else(|| kernel::time::Timestamp::from_micros(0).jst_date())
}

/// The navigation of the desks, with the entry called `current` marked.
pub(super) fn staff_nav(current: &str) -> Vec<NavItem<'static>> {
    [
        ("/reception", "受付・資格確認"),
        ("/patients", "患者情報"),
        ("/prescriptions", "処方箋"),
        ("/documents", "文書"),
        ("/settings", "施設の設定"),
    ]
    .map(|(href, label)| NavItem {
        href,
        label,
        current: label == current,
    })
    .to_vec()
}

/// What all samples of the desks share.
pub(super) fn staff_page<'a>(title: &'a str, nav: &'a [NavItem<'a>], body: Markup) -> Page<'a> {
    Page {
        title,
        who: Some(&RECEPTIONIST),
        nav,
        environment_banner: Some("デモ環境です。実在の方の情報は入力しないでください。"),
        lang_href: Some("?lang=en"),
        footer: &FOOTER,
        idle: Some(Idle {
            seconds: 600,
            href: "/locked",
            alive: "",
        }),
        body,
        ..Page::default()
    }
}

/// Every sample page with its name.
#[must_use]
pub fn samples() -> Vec<(&'static str, Markup)> {
    let mut all = vec![
        ("login", login()),
        ("login-en", login_en()),
        ("totp", totp()),
        ("reception", reception(false)),
        ("reception-errors", reception(true)),
        ("reception-list", reception_list()),
        ("password", password()),
        ("error", error()),
    ];
    all.extend(samples_clinical::samples());
    all.extend(samples_portal::samples());
    all
}

fn login() -> Markup {
    let body = html! {
        (notice(Lang::Ja, Level::Info, "しばらく操作がなかったため、ログアウトしました。", &html! {
            p { "続ける場合は、もう一度ログインしてください。" }
        }))
        (form("/login", "sample-token", &html! {
            (code_field(&Field {
                name: "facility", label: "医療機関コード", hint: Some("10桁の数字です。"), required: true,
                max_length: Some(10), width: Width::Medium, autocomplete: Some("organization"), autofocus: true,
                ..Field::default()
            }))
            (text_field(&Field {
                name: "user", label: "利用者ID", required: true, autocomplete: Some("username"),
                width: Width::Medium, ..Field::default()
            }))
            (password_field(&Field { name: "password", label: "パスワード", required: true, ..Field::default() }))
            (actions(&[submit("ログインする", Tone::Primary), button_link("/login/passkey", "パスキーを使う", Tone::Quiet)]))
        }))
    };
    page(&Page {
        shell: Shell::SignIn,
        title: "職員ログイン",
        environment_banner: Some("デモ環境です。実在の方の情報は入力しないでください。"),
        lang_href: Some("?lang=en"),
        footer: &FOOTER,
        body,
        ..Page::default()
    })
}

fn login_en() -> Markup {
    let field = Field {
        lang: Lang::En,
        required: true,
        width: Width::Medium,
        ..Field::default()
    };
    let errors = [FieldError {
        name: "user",
        message: "Enter your user ID.",
    }];
    let body = html! {
        (error_summary(Lang::En, &errors))
        (form("/login", "sample-token", &html! {
            (text_field(&Field {
                name: "user", label: "User ID", autocomplete: Some("username"),
                error: Some("Enter your user ID."), ..field
            }))
            (password_field(&Field { name: "password", label: "Password", ..field }))
            (actions(&[submit("Log in", Tone::Primary)]))
        }))
    };
    page(&Page {
        lang: Lang::En,
        shell: Shell::SignIn,
        title: "Staff log-in",
        has_errors: true,
        lang_href: Some("?lang=ja"),
        body,
        ..Page::default()
    })
}

fn totp() -> Markup {
    let body = html! {
        (steps(Lang::Ja, &["パスワード", "確認コード"], 1))
        (form("/login/code", "sample-token", &html! {
            (one_time_code_field(&Field {
                name: "code", label: "確認コード", required: true, max_length: Some(6), autofocus: true,
                hint: Some("認証アプリに表示されている6桁の数字を入力してください。"), ..Field::default()
            }))
            (actions(&[submit("確認する", Tone::Primary), button_link("/login", "最初からやり直す", Tone::Quiet)]))
        }))
    };
    page(&Page {
        shell: Shell::SignIn,
        title: "2段階認証",
        lang_href: Some("?lang=en"),
        footer: &FOOTER,
        body,
        ..Page::default()
    })
}

fn reception(wrong: bool) -> Markup {
    let nav = staff_nav("受付・資格確認");
    let message = "保険者番号の検証番号が合いません。資格確認書の番号をもう一度お確かめください。";
    let born = "その生年月日は暦にありません。月と日をお確かめください。";
    let errors = [
        FieldError {
            name: "insurer",
            message,
        },
        FieldError {
            name: "birth",
            message: born,
        },
    ];
    let body = html! {
        @if wrong { (error_summary(Lang::Ja, &errors)) }
        (form("/reception/check", "sample-token", &html! {
            (radio_cards(&Choices {
                name: "way", legend: "確認の方法", required: true, options: &[
                    Choice { value: "card", label: "マイナンバーカード", description: Some("カードリーダーに置いていただきます。入力は要りません。"), checked: false },
                    Choice { value: "paper", label: "資格確認書", description: Some("券面の番号を下の欄に入力します。"), checked: true },
                ], ..Choices::default()
            }))
            (code_field(&Field {
                name: "insurer", label: "保険者番号", hint: Some("8桁（国民健康保険は6桁）の数字です。"), required: true,
                max_length: Some(8), width: Width::Short, value: if wrong { "39131017" } else { "" },
                error: wrong.then_some(message), ..Field::default()
            }))
            (text_field(&Field { name: "symbol", label: "記号", width: Width::Medium, ..Field::default() }))
            (text_field(&Field { name: "number", label: "番号", width: Width::Medium, required: true, value: "1234567", ..Field::default() }))
            (code_field(&Field { name: "sub_number", label: "枝番", hint: Some("2桁の数字です。"), max_length: Some(2), width: Width::Short, ..Field::default() }))
            (era_date_field(
                &Field { name: "birth", label: "生年月日", hint: Some("例：昭和31年3月14日"), required: true, error: wrong.then_some(born), ..Field::default() },
                &if wrong { EraDate { era: "showa", year: "31", month: "2", day: "30" } } else { EraDate { era: "showa", ..EraDate::default() } },
            ))
            (date_field(&Field { name: "on", label: "受診日", required: true, value: "2026-11-22", ..Field::default() }, None, Some(day(2026, 11, 22))))
            (select_field(&Field { name: "department", label: "診療科", ..Field::default() }, &[
                Choice { value: "im", label: "内科", ..Choice::default() },
                Choice { value: "ped", label: "小児科", ..Choice::default() },
            ]))
            (number_field(&Field { name: "temperature", label: "体温（℃）", width: Width::Short, ..Field::default() }))
            (text_area(&Field { name: "note", label: "申し送り", max_length: Some(400), hint: Some("400文字まで入力できます。"), ..Field::default() }, 3))
            (actions(&[submit("資格を確認する", Tone::Primary), submit_with("下書きとして保存する", Tone::Secondary, "save", "draft")]))
        }))
    };
    let crumbs = [
        Crumb {
            href: Some("/"),
            label: "ホーム",
        },
        Crumb {
            href: None,
            label: "資格確認",
        },
    ];
    page(&Page {
        has_errors: wrong,
        breadcrumbs: &crumbs,
        ..staff_page("資格確認", &nav, body)
    })
}

fn reception_list() -> Markup {
    let nav = staff_nav("受付・資格確認");
    let columns = [
        ("受付番号", false),
        ("氏名", false),
        ("受付時刻", false),
        ("資格", false),
        ("負担割合", true),
    ]
    .map(|(label, numeric)| Column { label, numeric });
    let rows: Vec<Vec<Markup>> = [
        ("101", "佐々木 和子", "9時02分", "有効", "1割"),
        ("102", "田中 一郎", "9時10分", "要確認", "3割"),
        ("103", "スミス メアリー", "9時15分", "有効", "3割"),
    ]
    .iter()
    .map(|(number, name, time, state, rate)| {
        vec![
            html! { (number) },
            html! { a href="/reception/1" { (name) } },
            html! { (time) },
            html! { (state) },
            html! { (rate) },
        ]
    })
    .collect();
    let body = html! {
        (notice(Lang::Ja, Level::Success, "田中 一郎 様を受け付けました。", &html! {}))
        (notice(Lang::Ja, Level::Warning, "14時から14時30分まで、資格確認を休止します。", &html! {
            p { "休止のあいだは、資格確認書の券面をご確認ください。" }
        }))
        (notice(Lang::Ja, Level::Error, "カードリーダーにつながっていません。", &html! {
            p { "電源とケーブルを確かめてから、もう一度お試しください。" }
        }))
        (data_table(&Table { id: "today", caption: "本日の受付（3件）", columns: &columns, rows: &rows, empty: "本日の受付はまだありません。" }))
        (pagination(Lang::Ja, 5, 12, &|n| format!("?page={n}")))
        (data_table(&Table { id: "waiting", caption: "結果待ち（0件）", columns: &columns, rows: &[], empty: "結果待ちの方はいません。" }))
        (section("batch", "まとめて確認", &html! {
            (progress(Lang::Ja, "batch-bar", "明日の予約の方の資格を確認しています", 42, 120))
        }))
        (section("returned", "返戻", &empty(
            "返戻されたレセプトはありません。", "返戻があると、ここに理由と対応が表示されます。",
            Some(&button_link("/claims", "レセプトの一覧を見る", Tone::Secondary)),
        )))
        (actions(&[print_button(Lang::Ja)]))
    };
    page(&staff_page("本日の受付", &nav, body))
}

fn password() -> Markup {
    let nav = staff_nav("施設の設定");
    let body = form(
        "/settings/password",
        "sample-token",
        &html! {
            (password_field(&Field { name: "old", label: "現在のパスワード", required: true, width: Width::Medium, ..Field::default() }))
            (new_password_field(&Field { name: "new", label: "新しいパスワード", required: true, width: Width::Medium, hint: Some("12文字以上にしてください。"), ..Field::default() }))
            (actions(&[submit("パスワードを変更する", Tone::Primary)]))
        },
    );
    let danger = html! {
        (body)
        (section("revoke", "ほかの端末からログアウトする", &html! {
            p { "この端末を除くすべての端末で、ログインし直す必要があります。" }
            (post_button("/settings/revoke", "sample-token", &[("all", "1")], "すべてログアウトする", Tone::Danger))
        }))
    };
    page(&staff_page("パスワードの変更", &nav, danger))
}

fn error() -> Markup {
    let nav = staff_nav("患者情報");
    let body = problem(&Problem {
        lang: Lang::Ja,
        code: "TSK-REC-012",
        what: "この患者さんの診療情報は表示できません。ご本人の同意が取り消されています。",
        next: "診療に必要な場合は、ご本人に説明のうえ、受付であらためて同意をお取りください。",
        findings: &[],
        request_id: "01JDA7Q3M9K2V5X8",
        retry_after_s: None,
        back_href: "/patients",
    });
    page(&staff_page("表示できませんでした", &nav, body))
}
