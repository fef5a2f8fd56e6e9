//! One entry of the ledgers: its form, its certificates, its end.

use kernel::{Refusal, id::TerminalId};
use maud::{Markup, html};
use web::{
    Answer, Request,
    request::Form,
    ui::{self, Choice, Choices, Column, Field, Lang, Level, Tone},
};

use super::frame::{day, failure, may_manage, office_page};
use crate::{
    errors,
    model::{Certificate, FIELD_CHARS_MAX, Item, Kind, Particulars},
    ops::ledger,
};

fn item_id(request: &Request) -> Result<TerminalId, Refusal> {
    TerminalId::parse(request.param("item")).ok_or_else(|| Refusal::new(&errors::ITEM_UNKNOWN))
}

fn crumbs<'a>(lang: Lang, title: &'a str) -> [ui::Crumb<'a>; 2] {
    [
        ui::Crumb {
            href: Some("/office/equipment"),
            label: lang.pick("機器台帳", "Equipment"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

fn written(form: &Form) -> Particulars {
    Particulars {
        label: form.text("label").to_owned(),
        place: form.text("place").to_owned(),
        responsible: form.text("responsible").to_owned(),
        purpose: form.text("purpose").to_owned(),
        counterpart: form.text("counterpart").to_owned(),
        is_maintained_remotely: form.text("remote") == "yes",
        networks: form.text("networks").to_owned(),
    }
}

/// Is this field among those that were refused?
fn fault<'a>(lang: Lang, why: Option<&Refusal>, name: &str) -> Option<&'a str> {
    let is_wrong = why.is_some_and(|why| why.findings.iter().any(|f| f.path == name));
    is_wrong.then(|| match name {
        "networks" => lang.pick(
            "192.0.2.0/24 の形で、空白で区切って入力してください。",
            "Write networks like 192.0.2.0/24, a space between them.",
        ),
        _ => lang.pick(
            "200文字以内で入力してください。",
            "Fill this in, up to 200 characters.",
        ),
    })
}

/// The fields of an entry.
fn fields(lang: Lang, p: &Particulars, why: Option<&Refusal>) -> Markup {
    let max_length = u16::try_from(FIELD_CHARS_MAX).ok();
    let text = |name, label, value, hint, required| {
        ui::text_field(&Field {
            lang,
            name,
            label,
            hint,
            value,
            required,
            error: fault(lang, why, name),
            max_length,
            ..Field::default()
        })
    };
    let networks = ui::text_field(&Field {
        lang,
        name: "networks",
        label: lang.pick("接続元のネットワーク", "Networks it connects from"),
        hint: Some(lang.pick(
            "例：192.0.2.0/24　複数あるときは空白で区切ります。証明書のない接続は、ここにある場所からだけが正しいものとして扱われます。",
            "Such as 192.0.2.0/24; a space between several. A connection without a certificate from elsewhere is an alert.",
        )),
        value: &p.networks,
        error: fault(lang, why, "networks"),
        ..Field::default()
    });
    let choice = |value, label, checked| Choice {
        value,
        label,
        checked,
        ..Choice::default()
    };
    let remote = ui::radio_cards(&Choices {
        lang,
        name: "remote",
        legend: lang.pick("外部からの遠隔保守", "Maintained from afar"),
        required: true,
        options: &[
            choice("no", lang.pick("なし", "No"), !p.is_maintained_remotely),
            choice("yes", lang.pick("あり", "Yes"), p.is_maintained_remotely),
        ],
        ..Choices::default()
    });
    html! {
        (text("label", lang.pick("名称", "Name"), &p.label, Some(lang.pick("例：受付1番", "Such as: front desk 1")), true))
        (text("place", lang.pick("設置場所", "Place"), &p.place, None, false))
        (text("responsible", lang.pick("責任者", "Responsible person"), &p.responsible, None, true))
        (text("purpose", lang.pick("用途", "Purpose"), &p.purpose, None, false))
        (text("counterpart", lang.pick("接続の相手先", "Counterpart"), &p.counterpart, Some(lang.pick("外部との接続点のときに入力します。", "For external connections.")), false))
        (networks)
        (remote)
    }
}

pub(super) async fn blank(request: Request) -> Result<Answer, Refusal> {
    Ok(new_form(&request, "", &Particulars::default(), None))
}

fn new_form(request: &Request, kind: &str, p: &Particulars, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let options = Kind::ALL.map(|k| Choice {
        value: k.word(),
        label: lang.pick(k.ja(), k.en()),
        checked: k.word() == kind,
        ..Choice::default()
    });
    let is_wrong = why.is_some() && Kind::parse(kind).is_none();
    let kinds = ui::radio_cards(&Choices {
        lang,
        name: "kind",
        legend: lang.pick("種別", "Kind"),
        error: is_wrong.then(|| lang.pick("種別を選んでください。", "Choose a kind.")),
        required: true,
        options: &options,
        ..Choices::default()
    });
    let all = html! {
        (kinds)
        (fields(lang, p, why))
        (ui::actions(&[ui::submit(lang.pick("登録する", "Register"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        (ui::form("/office/equipment", &request.csrf(), &all))
    };
    let title = lang.pick("機器を登録する", "Register equipment");
    office_page(request, title, &crumbs(lang, title), body)
}

pub(super) async fn register(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let facility = request.facility()?;
    let form = request.form()?;
    let particulars = written(&form);
    let word = form.text("kind").to_owned();
    let (kind, given) = (Kind::parse(&word), particulars.clone());
    let registered = request
        .write(move |call| {
            let kind = kind.ok_or(&errors::ITEM_INVALID)?;
            ledger::register(call, facility, kind, &given)
        })
        .await;
    match registered {
        Ok(id) => Ok(Answer::see_other(&format!(
            "/office/equipment/{}",
            id.to_hex()
        ))),
        Err(why) if why.entry.code == errors::ITEM_INVALID.code => {
            Ok(new_form(&request, &word, &particulars, Some(&why)).with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    shown(&request, None, None).await
}

async fn shown(
    request: &Request,
    typed: Option<&Particulars>,
    why: Option<&Refusal>,
) -> Result<Answer, Refusal> {
    let (facility, id) = (request.facility()?, item_id(request)?);
    let (item, certificates) = request
        .read(move |call| {
            let item = ledger::one(call, facility, id)?;
            let mut own = ledger::certificates(call, facility)?;
            own.retain(|certificate| certificate.item == id);
            call.detail("equipment", id.to_hex());
            Ok((item, own))
        })
        .await?;
    let lang = request.lang();
    let is_open = item.ended_at.is_none() && may_manage(request);
    let href = format!("/office/equipment/{}", id.to_hex());
    let all = html! {
        (fields(lang, typed.unwrap_or(&item.particulars), why))
        (ui::actions(&[ui::submit(lang.pick("変更を保存する", "Save changes"), Tone::Primary)]))
    };
    let body = html! {
        (failure(lang, why))
        (standing(lang, &item))
        @if is_open { (ui::form(&href, &request.csrf(), &all)) } @else { (read_only(lang, &item)) }
        @if item.kind.has_certificates() {
            (certificates_of(request, &item, &certificates, is_open))
        }
        @if is_open { (ending(request, &href)) }
    };
    let title = lang.pick("機器", "Equipment item");
    Ok(office_page(request, title, &crumbs(lang, title), body))
}

fn standing(lang: Lang, item: &Item) -> Markup {
    html! {
        @if let Some(at) = item.ended_at {
            (ui::notice(lang, Level::Info, lang.pick("利用を終了した機器です", "This is no longer in use"), &html! {
                p { (day(lang, Some(at))) }
            }))
        }
        p {
            strong { (lang.pick(item.kind.ja(), item.kind.en())) "　" (item.particulars.label) } " — "
            (lang.pick("登録日 ", "registered ")) (day(lang, Some(item.registered_at)))
            (lang.pick("、最終点検日 ", ", last checked ")) (day(lang, item.checked_at))
        }
    }
}

fn read_only(lang: Lang, item: &Item) -> Markup {
    let p = &item.particulars;
    let facts = [
        (lang.pick("設置場所", "Place"), &p.place),
        (lang.pick("責任者", "Responsible person"), &p.responsible),
        (lang.pick("用途", "Purpose"), &p.purpose),
        (lang.pick("接続の相手先", "Counterpart"), &p.counterpart),
        (lang.pick("接続元のネットワーク", "Networks"), &p.networks),
    ];
    html! { dl { @for (name, value) in facts { dt { (name) } dd { (value) } } } }
}

fn certificates_of(
    request: &Request,
    item: &Item,
    certificates: &[Certificate],
    is_open: bool,
) -> Markup {
    let lang = request.lang();
    let label = |label| Column {
        label,
        numeric: false,
    };
    let rows: Vec<Vec<Markup>> = certificates
        .iter()
        .map(|c| certificate_row(request, c, is_open))
        .collect();
    let table = ui::data_table(&ui::Table {
        id: "certificates",
        caption: lang.pick("端末証明書", "Client certificates"),
        columns: &[
            label(lang.pick("番号", "Serial number")),
            label(lang.pick("発行日", "Issued")),
            label(lang.pick("期限", "Until")),
            label(lang.pick("状態", "State")),
        ],
        rows: &rows,
        empty: lang.pick("証明書はまだありません。", "There are no certificates yet."),
    });
    let request_field = ui::text_area(
        &Field {
            lang,
            name: "request",
            label: lang.pick("証明書の申請（CSR）", "Certificate request (PKCS#10)"),
            hint: Some(lang.pick(
                "機器の上で作った申請の全文を貼り付けます。秘密の鍵は機器の外に出しません。",
                "Paste the whole request made on the equipment; its private key stays there.",
            )),
            required: true,
            ..Field::default()
        },
        8,
    );
    let fields = html! {
        (request_field)
        (ui::actions(&[ui::submit(lang.pick("証明書を発行する", "Issue a certificate"), Tone::Secondary)]))
    };
    let action = format!("/office/equipment/{}/certificates", item.id.to_hex());
    ui::section(
        "item-certificates",
        lang.pick("端末証明書", "Client certificates"),
        &html! {
            (table)
            @if is_open { (ui::form(&action, &request.csrf(), &fields)) }
        },
    )
}

fn certificate_row(request: &Request, certificate: &Certificate, is_open: bool) -> Vec<Markup> {
    let lang = request.lang();
    let serial = kernel::hex::encode(&certificate.serial);
    let holds = certificate.holds(request.at());
    let action = format!("/office/certificates/{serial}/end");
    let end = lang.pick("失効させる", "End it");
    let state = match (holds, certificate.ended_at) {
        (true, _) => lang.pick("有効", "holds"),
        (false, Some(_)) => lang.pick("失効", "ended"),
        (false, None) => lang.pick("期限切れ", "run out"),
    };
    vec![
        html! { code { (serial) } },
        day(lang, Some(certificate.issued_at)),
        day(lang, Some(certificate.ends_at)),
        html! {
            (state)
            @if holds && is_open {
                " " (ui::post_button(&action, &request.csrf(), &[], end, Tone::Danger))
            }
        },
    ]
}

fn ending(request: &Request, href: &str) -> Markup {
    let lang = request.lang();
    let body = html! {
        p { (lang.pick(
            "終了すると、この機器の証明書はすべて失効し、次の通信から使えなくなります。記録は台帳に残ります。",
            "All its certificates end at once; the entry stays on record.",
        )) }
        (ui::post_button(&format!("{href}/end"), &request.csrf(), &[], lang.pick("利用を終了する", "Take out of use"), Tone::Danger))
    };
    ui::section(
        "item-end",
        lang.pick("利用の終了", "Taking out of use"),
        &body,
    )
}

pub(super) async fn change(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (request.facility()?, item_id(&request)?);
    let particulars = written(&request.form()?);
    let given = particulars.clone();
    let changed = request
        .write(move |call| ledger::change(call, facility, id, &given))
        .await;
    match changed {
        Ok(()) => Ok(Answer::see_other(&format!(
            "/office/equipment/{}",
            id.to_hex()
        ))),
        Err(why) if why.entry.code == errors::ITEM_INVALID.code => {
            let answer = shown(&request, Some(&particulars), Some(&why)).await?;
            Ok(answer.with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}

pub(super) async fn check_off(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (request.facility()?, item_id(&request)?);
    request
        .write(move |call| ledger::check_off(call, facility, id))
        .await?;
    Ok(Answer::see_other("/office/equipment"))
}

pub(super) async fn end(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (request.facility()?, item_id(&request)?);
    let ended = request
        .write(move |call| ledger::end(call, facility, id))
        .await?;
    for thumbprint in &ended {
        request.app().gate.forget_terminal(thumbprint);
    }
    Ok(Answer::see_other("/office/equipment"))
}

pub(super) async fn certify(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (request.facility()?, item_id(&request)?);
    let code = request.home()?.code.clone();
    let pem = request.form()?.text("request").to_owned();
    let issued = request
        .write(move |call| ledger::certify(call, facility, &code, id, &pem))
        .await;
    let lang = request.lang();
    match issued {
        Ok(issued) => {
            let href = format!("/office/equipment/{}", id.to_hex());
            let title = lang.pick("証明書を発行しました", "The certificate is issued");
            let body = html! {
                p { (lang.pick(
                    "次の全文を、申請を作った機器に保存してください。この画面を閉じると、もう表示されません。",
                    "Store this on the equipment that made the request. It is not shown again.",
                )) }
                pre { (issued.pem) }
                p { a href="/.well-known/tasuki-ca" { (lang.pick("認証局の証明書", "Root certificate")) } }
                (ui::actions(&[ui::button_link(&href, lang.pick("機器に戻る", "Back to the equipment"), Tone::Primary)]))
            };
            Ok(office_page(&request, title, &crumbs(lang, title), body))
        }
        Err(why) if why.entry.code == errors::REQUEST_INVALID.code => {
            Ok(shown(&request, None, Some(&why))
                .await?
                .with_status(why.entry.status))
        }
        Err(why) => Err(why),
    }
}

pub(super) async fn revoke(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let facility = request.facility()?;
    let serial = kernel::hex::decode_array(request.param("serial"))
        .ok_or_else(|| Refusal::new(&errors::CERTIFICATE_UNKNOWN))?;
    let ended = request
        .write(move |call| ledger::end_certificate(call, facility, &serial))
        .await?;
    request.app().gate.forget_terminal(&ended);
    Ok(Answer::see_other("/office/equipment"))
}
