//! The counter's pages: making a code, showing it, and the list of what they came to.

use kernel::{
    Refusal,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use store::Stop;
use web::{
    Answer, Request,
    request::Form,
    ui::{self, Field, Lang, Tone},
};

use super::{
    errors,
    model::{CodeId, Kind, LABEL_MAX, State, VisitCode},
    ops::{self, NewCode},
};
use crate::{
    consents::until_words,
    pages::{refused, staff_page},
};

const PATH: &str = "/reception/codes";

fn crumbs<'a>(lang: Lang, last: &'a str, is_one: bool) -> Vec<ui::Crumb<'a>> {
    let mut crumbs = vec![ui::Crumb {
        href: Some("/reception"),
        label: lang.pick("受付", "Reception"),
    }];
    if is_one {
        crumbs.push(ui::Crumb {
            href: Some(PATH),
            label: lang.pick("来院コード", "Visit codes"),
        });
    }
    crumbs.push(ui::Crumb {
        href: None,
        label: last,
    });
    crumbs
}

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let codes = request.read(move |call| ops::list(call, facility)).await?;
    Ok(list_page(&request, &codes, &Typed::default(), None))
}

/// What was typed, to be shown again beside what was wrong with it.
#[derive(Default)]
struct Typed {
    kind: String,
    date: String,
    time: String,
    label: String,
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            kind: text("kind"),
            date: text("booked_date"),
            time: text("booked_time"),
            label: text("label"),
        }
    }

    fn parse(&self) -> Result<NewCode, Refusal> {
        let kind = Kind::parse(&self.kind)
            .ok_or_else(|| Refusal::at(&errors::CODE_KIND, "kind", &self.kind))?;
        let booked = match (kind, self.date.as_str(), self.time.as_str()) {
            (Kind::Online, date, time) => Some(
                instant(date, time)
                    .ok_or_else(|| Refusal::at(&errors::CODE_BOOKED, "booked_time", time))?,
            ),
            // A time that is left in the form while another kind is chosen is not meant.
            _ => None,
        };
        Ok(NewCode {
            kind,
            booked,
            label: self.label.clone(),
        })
    }
}

/// A date and a time of day in Japan.
fn instant(date: &str, time: &str) -> Option<Timestamp> {
    let day = JstDate::parse(date)?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute);
    is_time.then(|| day.start().plus_seconds((hour * 60 + minute) * 60))
}

pub(super) async fn make(request: Request) -> Result<Answer, Refusal> {
    let typed = Typed::read(&request.form()?);
    let facility = request.facility()?;
    // What is malformed leaves its record as well.
    let outcome = match typed.parse() {
        Ok(new) => {
            request
                .write(move |call| ops::make(call, facility, &new))
                .await
        }
        Err(why) => {
            request
                .write(move |_| Err(Stop::Refused(why.clone())))
                .await
        }
    };
    match outcome {
        Ok(code) => Ok(Answer::see_other(&format!("{PATH}/{}", code.id.to_hex()))),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(list_page(&request, &[], &typed, Some(&why)).with_status(status))
        }
    }
}

fn list_page(
    request: &Request,
    codes: &[VisitCode],
    typed: &Typed,
    why: Option<&Refusal>,
) -> Answer {
    let lang = request.lang();
    let title = lang.pick("来院コード", "Visit codes");
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        p { (lang.pick(
            "カードリーダーの前に来られない方が、ご自分のスマートフォンで本人確認と同意をするためのコードです。",
            "For people who cannot come to the card reader: they show who they are on their own phone.")) }
        (ui::columns(&[new_form(request, typed), code_list(request, codes, why.is_some())]))
    };
    staff_page(
        request,
        title,
        &crumbs(lang, title, false),
        why.is_some(),
        body,
    )
}

const fn hint(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::InCar => lang.pick("発熱の方など。15分間使えます。", "Good for 15 minutes."),
        Kind::HomeVisit => lang.pick(
            "訪問診療・訪問看護。今日いっぱい使えます。",
            "Good until the end of today.",
        ),
        Kind::Online => lang.pick(
            "予約日時の2時間後まで使えます。",
            "Good until two hours after the booked time.",
        ),
        Kind::Counter => lang.pick(
            "スマートフォンの方。15分間使えます。",
            "By their own phone. Good for 15 minutes.",
        ),
    }
}

fn new_form(request: &Request, typed: &Typed) -> Markup {
    let lang = request.lang();
    let today = request.at().jst_date();
    let options = Kind::ALL.map(|kind| ui::Choice {
        value: kind.word(),
        label: lang.pick(kind.ja(), kind.en()),
        description: Some(hint(lang, kind)),
        checked: kind.word() == typed.kind || (typed.kind.is_empty() && kind == Kind::InCar),
    });
    let date = today.to_string();
    let fields = html! {
        (ui::radio_cards(&ui::Choices {
            lang,
            name: "kind",
            legend: lang.pick("どなたのコードですか", "For whom"),
            required: true,
            options: &options,
            ..ui::Choices::default()
        }))
        (ui::date_field(&Field {
            lang,
            name: "booked_date",
            label: lang.pick("オンライン診療の予約日", "Booked day (online)"),
            value: if typed.date.is_empty() { &date } else { &typed.date },
            ..Field::default()
        }, Some(today), Some(today.plus_days(1))))
        (ui::text_field(&Field {
            lang,
            name: "booked_time",
            label: lang.pick("オンライン診療の予約時刻", "Booked time (online)"),
            hint: Some(lang.pick("24時間の形で。例 14:30", "As 14:30")),
            value: &typed.time,
            max_length: Some(5),
            width: ui::Width::Short,
            ..Field::default()
        }))
        (ui::text_field(&Field {
            lang,
            name: "label",
            label: lang.pick("目印", "Mark"),
            hint: Some(lang.pick(
                "駐車場の番号など、一覧で見分けるためのメモ。お名前は書かないでください。",
                "A parking place or the like, to tell the codes apart; no names.")),
            value: &typed.label,
            max_length: u16::try_from(LABEL_MAX).ok(),
            width: ui::Width::Medium,
            ..Field::default()
        }))
        (ui::actions(&[ui::submit(lang.pick("コードを作る", "Make a code"), Tone::Primary)]))
    };
    ui::section(
        "new-code",
        lang.pick("コードを作る", "New code"),
        &ui::form(PATH, &request.csrf(), &fields),
    )
}

fn state_words(lang: Lang, state: State) -> &'static str {
    match state {
        State::Waiting => lang.pick("お待ちしています", "Waiting"),
        State::Confirmed => lang.pick("確認できました", "Verified"),
        State::Late => lang.pick("時間が過ぎました", "Expired"),
    }
}

fn code_list(request: &Request, codes: &[VisitCode], after_refusal: bool) -> Markup {
    let lang = request.lang();
    let columns = [
        lang.pick("コード", "Code"),
        lang.pick("どなた", "For whom"),
        lang.pick("状態", "State"),
    ]
    .map(|label| ui::Column {
        label,
        numeric: false,
    });
    let rows: Vec<Vec<Markup>> = codes.iter().map(|code| row(request, code)).collect();
    let card = html! {
        @if after_refusal {
            p { a href=(PATH) { (lang.pick("一覧を表示する", "Show the list")) } }
        } @else {
            (ui::data_table(&ui::Table {
                id: "codes",
                caption: lang.pick("24時間以内に作ったコード", "Codes of the last 24 hours"),
                columns: &columns,
                rows: &rows,
                empty: lang.pick("まだありません。", "None yet."),
            }))
            (ui::actions(&[ui::button_link(PATH, lang.pick("一覧を更新する", "Refresh"), Tone::Secondary)]))
        }
    };
    ui::section(
        "codes-section",
        lang.pick("作ったコード", "Codes made"),
        &card,
    )
}

fn row(request: &Request, code: &VisitCode) -> Vec<Markup> {
    let lang = request.lang();
    let state = code.state(request.at());
    let label = if code.label.is_empty() {
        html! {}
    } else {
        html! { br; small { (code.label) } }
    };
    vec![
        html! {
            a href={ (PATH) "/" (code.id.to_hex()) } { (code.digits.grouped()) }
            (label)
        },
        html! { (lang.pick(code.kind.ja(), code.kind.en())) },
        html! {
            @match (&code.used, state) {
                (Some(used), _) => {
                    a href={ "/visits/" (used.visit.to_hex()) } { (state_words(lang, state)) }
                    br; small { (until_words(lang, used.at, request.at())) }
                }
                (None, State::Waiting) => {
                    (state_words(lang, state))
                    br; small { (until_words(lang, code.expires_at, request.at())) (lang.pick("まで", "")) }
                }
                (None, _) => { (state_words(lang, state)) }
            }
        },
    ]
}

pub(super) async fn one(request: Request) -> Result<Answer, Refusal> {
    let id = request.id_param("code", CodeId::parse)?;
    let facility = request.facility()?;
    let code = request
        .read(move |call| ops::one(call, facility, id))
        .await?;
    let lang = request.lang();
    let title = lang.pick("来院コードのご案内", "A visit code");
    let here = format!("{PATH}/{}", code.id.to_hex());
    let body = html! {
        @match (&code.used, code.state(request.at())) {
            (Some(used), _) => (confirmed(lang, &used.visit.to_hex())),
            (None, State::Waiting) => (waiting(&request, &code, &here)),
            (None, _) => (refused(lang, &Refusal::new(&errors::CODE_LATE))),
        }
        (ui::actions(&[ui::button_link(PATH, lang.pick("一覧に戻る", "Back to the list"), Tone::Quiet)]))
    };
    Ok(staff_page(
        &request,
        title,
        &crumbs(lang, title, true),
        false,
        body,
    ))
}

fn confirmed(lang: Lang, visit: &str) -> Markup {
    html! {
        (ui::verdict(&ui::Verdict {
            lang,
            signal: ui::Signal::Green,
            heading: lang.pick("確認できました", "Verified"),
            reason: lang.pick(
                "患者さんがスマートフォンで本人確認をすませました。",
                "The patient has shown on their phone who they are."),
            next: lang.pick("資格確認の結果を見て、受付をお進めください。", "See the result and go on."),
            code: None,
        }))
        (ui::actions(&[ui::button_link(
            &format!("/visits/{visit}"),
            lang.pick("資格確認の結果を見る", "See the result"),
            Tone::Primary,
        )]))
    }
}

fn waiting(request: &Request, code: &VisitCode, here: &str) -> Markup {
    let lang = request.lang();
    let origin = &request.app().origin;
    let url = format!("{origin}{}", code.digits.path());
    let until = until_words(lang, code.expires_at, request.at());
    html! {
        section.code-card aria-labelledby="code-heading" {
            h2 id="code-heading" { (lang.pick(code.kind.ja(), code.kind.en())) }
            p { (lang.pick(
                "スマートフォンのカメラでQRコードを読み取るか、次のページを開いて8けたの数字を入力してもらってください。",
                "Scan the QR code with the phone's camera, or open this page and type the eight digits.")) }
            (ui::qr(&url, lang.pick("患者さんのページのQRコード", "QR code of the patient's page")))
            p.code-digits { (code.digits.grouped()) }
            p { code { (origin) "/v" } }
            p {
                (until) (lang.pick("まで、1回だけ使えます。", ": good until then, and once."))
                @if !code.label.is_empty() { " " (lang.pick("目印: ", "Mark: ")) (code.label) }
            }
        }
        (ui::actions(&[
            ui::button_link(here, lang.pick("確認できたか見る", "Has it been used?"), Tone::Primary),
            ui::print_button(lang),
        ]))
    }
}
