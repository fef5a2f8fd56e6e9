//! The receipt on paper and as JSON.

use access::consent::{
    self, By, Category, Source,
    receipt::{self, Facility, Fault, Receipt, Signed},
};
use kernel::{
    hex,
    id::{ConsentId, FacilityId, PersonId},
    time::Timestamp,
};
use maud::{Markup, html};
use registry::ops as people;
use serde::Serialize;
use store::{Call, Stop};
use web::ui::{self, Lang};

use super::sentence::sentence;
use crate::model::Method;

/// Where a consent is taken back, behind this server's origin.
pub const UNDO_PATH: &str = "/portal/consents";

/// The signed receipt of an opened person's choice, `facility`'s alone when one is given;
/// `None` when their ledger has none.
///
/// # Errors
/// The store's.
pub fn receipt(
    call: &Call<'_>,
    person: PersonId,
    facility: Option<FacilityId>,
    number: ConsentId,
    origin: &str,
) -> Result<Option<Signed>, Stop> {
    let ledger = consent::ledger(call, person)?;
    let Some(entry) = ledger.iter().find(|entry| entry.id == number) else {
        return Ok(None);
    };
    if facility.is_some_and(|facility| facility != entry.facility) {
        return Ok(None);
    }
    let Some(known) = people::facility_by_id(call, entry.facility)? else {
        return Ok(None);
    };
    let place = Facility {
        code: known.code.as_str().to_owned(),
        name: known.name,
    };
    let name = people::profile(call, person)?.name;
    let undo = format!("{origin}{UNDO_PATH}");
    let found = receipt::of(&ledger, (entry.facility, place), number, &name, &undo);
    Ok(found.map(|receipt| receipt.signed(call)))
}

#[derive(Serialize)]
struct WireReceipt<'a> {
    number: String,
    who: &'a str,
    facility_code: &'a str,
    facility: &'a str,
    categories: Vec<&'static str>,
    purpose: &'static str,
    from: String,
    until: Option<String>,
    standing: Option<&'static str>,
    standing_until: Option<String>,
    method: &'a str,
    given_by: &'static str,
    undo: &'a str,
    text: &'a str,
    public_key: String,
}

/// The receipt as JSON; every member but `text` and `public_key` says again what the text says.
#[must_use]
pub fn wire(signed: &Signed) -> impl Serialize {
    let receipt = &signed.receipt;
    WireReceipt {
        number: receipt.number.to_hex(),
        who: &receipt.who,
        facility_code: &receipt.facility.code,
        facility: &receipt.facility.name,
        categories: receipt.categories.iter().map(|c| c.word()).collect(),
        purpose: receipt.purpose.word(),
        from: receipt.from.to_string(),
        until: receipt.until.map(|at| at.to_string()),
        standing: receipt.standing.map(|(kind, _)| kind.word()),
        standing_until: receipt.standing.map(|(_, until)| until.to_string()),
        method: &receipt.method,
        given_by: receipt.by.word(),
        undo: &receipt.undo,
        text: &signed.text,
        public_key: hex::encode(&signed.public_key),
    }
}

/// Checks a receipt with the installation's published key: the signed text, or the JSON, whose
/// every member must say what its text says.
///
/// # Errors
/// [`Fault`].
pub fn verify(key: &[u8], paper: &str) -> Result<Receipt, Fault> {
    if !paper.starts_with('{') {
        return receipt::verify(key, paper);
    }
    let json: serde_json::Value = serde_json::from_str(paper).map_err(|_| Fault::Form)?;
    let text = json.get("text").and_then(serde_json::Value::as_str);
    let text = text.ok_or(Fault::Form)?.to_owned();
    let receipt = receipt::verify(key, &text)?;
    let signed = Signed {
        receipt,
        text,
        public_key: key.to_vec(),
    };
    match serde_json::to_value(wire(&signed)) {
        Ok(whole) if whole == json => Ok(signed.receipt),
        _ => Err(Fault::Form),
    }
}

/// How the person proved to be there.
fn method(lang: Lang, word: &str) -> String {
    if word == consent::BY_PORTAL {
        return lang.pick("ご本人のページ", "the portal").to_owned();
    }
    let found = Method::parse(word);
    found.map_or_else(
        || word.to_owned(),
        |method| lang.pick(method.ja(), method.en()).to_owned(),
    )
}

fn instant(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => format!("{} JST", at.jst_minute()),
    }
}

/// What the receipt says, line by line.
fn facts(lang: Lang, receipt: &Receipt) -> Vec<ui::Fact<'static>> {
    let fact = |label, value: String| ui::Fact {
        label,
        value: html! { (value) },
    };
    let shown: Vec<&str> = Category::ALL
        .iter()
        .filter(|c| receipt.categories.contains(c))
        .map(|c| lang.pick(c.ja(), c.en()))
        .collect();
    let shown = match shown.is_empty() {
        true => lang.pick("なし", "nothing").to_owned(),
        false => shown.join(lang.pick("、", ", ")),
    };
    let mut facts = vec![
        fact(lang.pick("ご本人", "Who"), receipt.who.clone()),
        fact(
            lang.pick("見せる相手", "Facility"),
            format!("{}({})", receipt.facility.name, receipt.facility.code),
        ),
        fact(lang.pick("見せる情報", "May see"), shown),
        fact(
            lang.pick("目的", "Purpose"),
            lang.pick(receipt.purpose.ja(), receipt.purpose.word())
                .to_owned(),
        ),
        fact(lang.pick("いつから", "From"), instant(lang, receipt.from)),
    ];
    if let Some(until) = receipt.until {
        let label = lang.pick("いつまで", "Until");
        facts.push(fact(label, instant(lang, until)));
    }
    if let Some((kind, until)) = receipt.standing {
        let label = match kind {
            Source::HomeCare => lang.pick("在宅の同意", "Home care until"),
            _ => lang.pick("次回からも", "Next visits until"),
        };
        let said = match lang {
            Lang::Ja => format!("{}まで", instant(lang, until)),
            Lang::En => instant(lang, until),
        };
        facts.push(fact(label, said));
    }
    let by = match receipt.by {
        By::Patient => String::new(),
        By::Proxy => format!(" / {}", lang.pick(By::Proxy.ja(), By::Proxy.en())),
    };
    let how = method(lang, &receipt.method);
    facts.push(fact(
        lang.pick("確認の方法", "Confirmed by"),
        format!("{how}{by}"),
    ));
    facts.push(ui::Fact {
        label: lang.pick("控えの番号", "Receipt number"),
        value: html! { code { (receipt.number.to_hex()) } },
    });
    facts
}

/// The paper: what was chosen, how it is taken back, and the signed text with its QR code. It
/// fits a sheet of A6.
#[must_use]
pub fn paper(lang: Lang, signed: &Signed, now: Timestamp) -> Markup {
    let receipt = &signed.receipt;
    html! {
        section.receipt aria-labelledby="receipt-heading" {
            h2 id="receipt-heading" { (lang.pick("同意の控え", "Receipt of your choice")) }
            p.receipt-sentence { strong { (sentence(lang, receipt, now)) } }
            (ui::facts("", &facts(lang, receipt)))
            div.receipt-foot {
                (ui::qr(&signed.text, lang.pick("控えの内容と電子署名のQRコード", "QR code of the receipt's text and signature")))
                div {
                    p {
                        (lang.pick("取り消すには: ", "To take it back: "))
                        (lang.pick(
                            "マイナンバーカードで次のページにログインし、「同意を取り消す」を選びます。",
                            "log in with your card at this page and withdraw the consent."))
                    }
                    p { code { (receipt.undo) } }
                    p { (lang.pick(
                        "QRコードには、この控えの内容と電子署名が入っています。サーバーに接続しなくても、書き換えられていないことを確かめられます(tasuki consent verify)。",
                        "The QR code holds this receipt and its signature: that nothing was changed can be checked without the server (tasuki consent verify).")) }
                }
            }
        }
        details.no-print {
            summary { (lang.pick("署名つきの文を見る", "Show the signed text")) }
            div.scroll role="region" tabindex="0" aria-label=(lang.pick("署名つきの文", "The signed text")) {
                pre { code id="receipt-text" { (signed.text) } }
            }
            p { (lang.pick("確かめるための公開鍵: ", "Public key: ")) (ui::copyable(lang, &hex::encode(&signed.public_key))) }
        }
    }
}
