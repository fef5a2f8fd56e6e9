//! Sample pages of the citizen's portal.

use maud::{Markup, html};

use super::samples_clinical::{curves, labs};
use super::{
    AccessItem, AccessOutcome, Crumb, Icon, Lang, Level, NavItem, Page, Proof, Sealed, Shell, Tile,
    Who, access_history, columns, notice, page, pagination, section, tiles,
};

const CITIZEN: Who<'static> = Who {
    name: "佐々木 和子",
    facility: "",
    role: "",
    csrf: "sample-token",
};

const HASH: &str = "9f2c41d07be8a5533c1e6f04d9b7a8120e5f6c3b2a19d8e7f60514233241506f";

/// The portal's samples.
pub(super) fn samples() -> Vec<(&'static str, Markup)> {
    vec![
        ("portal-home", home()),
        ("portal-history", history()),
        ("portal-labs", laboratory()),
    ]
}

fn portal_page(title: &str, current: &str, body: Markup) -> Markup {
    let nav = [
        ("/my", "ホーム"),
        ("/my/records", "わたしの記録"),
        ("/my/consent", "同意"),
        ("/my/history", "閲覧履歴"),
    ]
    .map(|(href, label)| NavItem {
        href,
        label,
        current: label == current,
    });
    let crumbs = [
        Crumb {
            href: Some("/my"),
            label: "ホーム",
        },
        Crumb {
            href: None,
            label: title,
        },
    ];
    page(&Page {
        shell: Shell::Portal,
        title,
        who: Some(&CITIZEN),
        home_href: "/my",
        nav: &nav,
        breadcrumbs: if current == "ホーム" { &[] } else { &crumbs },
        lang_href: Some("?lang=en"),
        body,
        ..Page::default()
    })
}

fn home() -> Markup {
    let body = html! {
        (notice(Lang::Ja, Level::Info, "新しい検査結果が1件届きました。", &html! {
            p { "2026年11月4日　みなと総合病院 内科" }
            p { a href="/my/records/labs" { "検査結果を見る" } }
        }))
        (tiles(&[
            Tile { href: "/my/records/medication", icon: Icon::Medication, title: "お薬", description: "これまでに処方された薬と、飲み方です。" },
            Tile { href: "/my/records/labs", icon: Icon::Graph, title: "検査結果", description: "血液検査などの値と、その移り変わりです。" },
            Tile { href: "/my/records/documents", icon: Icon::Document, title: "病名・紹介状など", description: "医療機関が登録した記録です。" },
            Tile { href: "/my/card", icon: Icon::Card, title: "保険の資格", description: "加入している保険と、負担の割合です。" },
            Tile { href: "/my/consent", icon: Icon::Consent, title: "情報を見せる相手", description: "どの医療機関に何を見せるかを決められます。" },
            Tile { href: "/my/history", icon: Icon::Clock, title: "閲覧履歴", description: "だれが、いつ、何のために見たかを確かめられます。" },
        ]))
    };
    portal_page("マイページ", "ホーム", body)
}

fn history() -> Markup {
    let proof = Proof {
        number: 128,
        record_hash: HASH,
        sealed: Some(Sealed {
            at: "2026年11月22日 3時13分",
            tree_size: 48_213_907,
            root_hash: HASH,
        }),
        download_href: Some("/my/history/128/proof"),
    };
    let items = [
        AccessItem {
            when: "2026年11月22日 3時12分",
            when_iso: "2026-11-21T18:12:00Z",
            facility: "みなと総合病院",
            person: "佐藤 健一（医師）",
            purpose: "救急での診療",
            viewed: &["アレルギー", "お薬", "傷病名"],
            outcome: AccessOutcome::Emergency,
            proof: Some(Proof {
                number: 129,
                sealed: None,
                download_href: None,
                ..proof
            }),
        },
        AccessItem {
            when: "2026年11月4日 10時05分",
            when_iso: "2026-11-04T01:05:00Z",
            facility: "さくら内科クリニック",
            person: "山田 直美（受付）",
            purpose: "受診の受付",
            viewed: &["保険の資格"],
            outcome: AccessOutcome::Allowed,
            proof: Some(proof),
        },
        AccessItem {
            when: "2026年10月30日 16時40分",
            when_iso: "2026-10-30T07:40:00Z",
            facility: "ひまわり薬局",
            person: "鈴木 真由（薬剤師）",
            purpose: "調剤",
            viewed: &["検査結果"],
            outcome: AccessOutcome::Refused,
            proof: None,
        },
    ];
    let body = html! {
        p { "あなたの情報を見た人の記録です。心当たりのない記録があるときは、お問い合わせください。" }
        (access_history(Lang::Ja, &items))
        (pagination(Lang::Ja, 1, 3, &|n| format!("?page={n}")))
    };
    portal_page("閲覧履歴", "閲覧履歴", body)
}

fn laboratory() -> Markup {
    let body = html! {
        (labs("labs-table", true))
        (section("curves", "グラフ", &columns(&curves())))
    };
    portal_page("検査結果", "わたしの記録", body)
}
