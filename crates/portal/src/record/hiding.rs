//! What the person does not want facilities to see (見せない設定): one entry, or all of a report.
//!
//! A facility learns that there is something, of which kind and how many, and never what. The
//! choice is about the entry, not about one sending of it: it holds when the document is
//! replaced.

use std::collections::BTreeMap;

use access::{consent::Category, policy::Permission};
use kernel::{Refusal, Text, time::JstDate};
use maud::{Markup, html};
use records::{
    errors,
    model::{Item, What},
    ops::{self, Part},
};
use store::caller::{Event, Purpose};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    route::Handler,
    ui::{self, Lang, Tone},
};

use crate::{frame, words};

const HIDE: &str = "/portal/record/hide";
const SHOW: &str = "/portal/record/show";

/// Routes of the choice.
pub(super) fn routes() -> Vec<Route> {
    let route = |path, event: &'static Event, summary, handler: Handler| Route {
        method: Method::Post,
        path,
        face: Face::Portal,
        permission: Permission::OwnChoice,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::Form,
        summary,
        handler,
    };
    vec![
        route(
            HIDE,
            &ops::HIDE,
            Text {
                ja: "診療情報を医療機関に見せない設定",
                en: "hide an entry from facilities",
            },
            handler!(hide),
        ),
        route(
            SHOW,
            &ops::UNHIDE,
            Text {
                ja: "診療情報を医療機関に見せる設定",
                en: "show an entry to facilities again",
            },
            handler!(show),
        ),
    ]
}

async fn hide(request: Request) -> Result<Answer, Refusal> {
    choose(request, true).await
}

async fn show(request: Request) -> Result<Answer, Refusal> {
    choose(request, false).await
}

async fn choose(request: Request, hides: bool) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let form = request.form()?;
    let unknown = |path| Refusal::at(&errors::ENTRY_UNKNOWN, path, "");
    let entry = kernel::hex::decode_array(form.text("entry")).ok_or_else(|| unknown("entry"))?;
    let part = match form.text("part") {
        "entry" => Part::Entry,
        "report" => Part::Document,
        _ => return Err(unknown("part")),
    };
    request
        .write(move |call| {
            if hides {
                ops::hide(call, me, &entry, part)
            } else {
                ops::unhide(call, me, &entry, part)
            }
        })
        .await?;
    let to = frame::link(request.lang(), "/portal/record");
    Ok(Answer::see_other(&to))
}

/// What hiding means, before anything can be hidden.
pub(super) fn advice(lang: Lang) -> Markup {
    html! { p { (lang.pick(
    "情報ごとに、医療機関に見せるかどうかを選べます。見せない設定にすると、医療機関には「見せない情報がある」ことと件数だけが伝わり、登録した医療機関には見えます。アレルギーや薬剤禁忌は、安全に治療を受けるために、見せる設定をおすすめします。",
    "You may hide an entry from facilities. They then learn only that something is hidden, and how many entries; whoever registered it still sees it. For your safety we advise to show allergies and contraindications.")) } }
}

/// The buttons of one page.
pub struct Choice {
    lang: Lang,
    csrf: String,
}

impl Choice {
    /// For whoever asks for the page.
    #[must_use]
    pub fn new(request: &Request) -> Self {
        Self {
            lang: request.lang(),
            csrf: request.csrf(),
        }
    }

    /// How it stands with one entry, and the button that changes it.
    pub(super) fn of(&self, item: &Item) -> Markup {
        let lang = self.lang;
        html! {
            @if item.is_document_hidden {
                p.provenance { strong { (lang.pick(
                    "この報告は、医療機関に見せない設定です。",
                    "This report is hidden from facilities.")) } }
            } @else {
                @if item.is_hidden {
                    p.provenance { strong { (lang.pick(
                        "医療機関に見せない設定です。",
                        "Hidden from facilities.")) } }
                    (self.button(item, "entry", true))
                } @else {
                    details {
                        summary { (lang.pick("見せない設定に変える", "Hide this")) }
                        (self.button(item, "entry", false))
                    }
                }
            }
        }
    }

    fn button(&self, item: &Item, part: &str, is_hidden: bool) -> Markup {
        let lang = self.lang;
        let key = kernel::hex::encode(&item.keys.entry);
        let fields = [("entry", key.as_str()), ("part", part)];
        let (path, label) = if is_hidden {
            (SHOW, lang.pick("医療機関に見せる", "Show to facilities"))
        } else {
            (
                HIDE,
                lang.pick("医療機関に見せない", "Hide from facilities"),
            )
        };
        let action = frame::link(lang, path);
        ui::post_button(&action, &self.csrf, &fields, label, Tone::Secondary)
    }

    /// Results and prescriptions are hidden by the report that holds them.
    pub(super) fn reports(&self, items: &[Item]) -> Markup {
        let lang = self.lang;
        let mut reports: BTreeMap<[u8; 32], Vec<&Item>> = BTreeMap::new();
        for item in items {
            if matches!(item.what, What::Lab(_) | What::Prescription(_)) {
                reports.entry(item.keys.document).or_default().push(item);
            }
        }
        let mut rows: Vec<(JstDate, Vec<Markup>)> = reports
            .values()
            .filter_map(|all| {
                let first = *all.first()?;
                let on = all.iter().filter_map(|item| day(item)).max()?;
                Some((on, self.row(first, on, all)))
            })
            .collect();
        if rows.is_empty() {
            return html! {};
        }
        rows.sort_by_key(|(on, _)| std::cmp::Reverse(*on));
        let rows: Vec<Vec<Markup>> = rows.into_iter().map(|(_, row)| row).collect();
        let columns = [
            lang.pick("日付", "Date"),
            lang.pick("内容", "What"),
            lang.pick("医療機関", "Facility"),
            lang.pick("設定", "Setting"),
        ];
        let columns = columns.map(|label| ui::Column {
            label,
            numeric: false,
        });
        let heading = lang.pick(
            "検査・処方を医療機関に見せない設定",
            "Hide reports from facilities",
        );
        ui::section(
            "reports",
            heading,
            &html! {
                p { (lang.pick(
                "報告ごとに選べます。見せない設定にすると、医療機関には「見せない情報がある」ことと件数だけが伝わります。登録した医療機関には見えます。",
                "Report by report. A facility then learns only that something is hidden, and how many entries. Whoever registered it still sees it.")) }
                (ui::data_table(&ui::Table {
                    id: "report-table",
                    caption: lang.pick("報告の一覧(新しい順)", "Reports, newest first"),
                    columns: &columns,
                    rows: &rows,
                    empty: "",
                }))
            },
        )
    }

    fn row(&self, first: &Item, on: JstDate, all: &[&Item]) -> Vec<Markup> {
        let lang = self.lang;
        let mut kinds: Vec<Category> = all.iter().map(|item| item.category).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds: Vec<&str> = kinds.iter().map(|c| words::category(lang, *c)).collect();
        let what = format!(
            "{} {}{}",
            kinds.join(lang.pick("・", ", ")),
            all.len(),
            lang.pick("件", " entries")
        );
        let is_hidden = first.is_document_hidden;
        vec![
            ui::date(lang, on),
            html! { (what) },
            html! { (first.provenance.facility) },
            html! {
                @if is_hidden { p { strong { (lang.pick("見せない", "hidden")) } } }
                (self.button(first, "report", is_hidden))
            },
        ]
    }
}

/// The day of what is in a report.
const fn day(item: &Item) -> Option<JstDate> {
    match &item.what {
        What::Lab(lab) => Some(lab.on),
        What::Prescription(one) => Some(one.on),
        What::Condition(_) | What::Allergy(_) => None,
    }
}
