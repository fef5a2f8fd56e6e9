//! Dates, names and values of a document, for people.

use std::fmt::Write as _;

use fhir::clins::document::{Attachment, Party, Quantity};
use fhir::clins::{ReferenceRange, Value};
use fhir::json::{Document, Node};
use kernel::time::{JstDate, Timestamp};

use crate::sheet::clean;

/// A date as it was sent, for people: `2026年5月1日`, `2026年5月`, `2026年`; with its time when
/// it has one. What is no date stays as it is.
#[must_use]
pub fn day(sent: &str) -> String {
    if let Some(at) = Timestamp::parse(sent).filter(|_| sent.contains('T')) {
        return at.jst_japanese();
    }
    if let Some(date) = sent.get(..10).and_then(JstDate::parse) {
        return date.japanese();
    }
    let number = |text: &str| text.parse::<u16>().ok();
    match sent.split_once('-') {
        Some((year, month)) if year.len() == 4 && month.len() == 2 => {
            match (number(year), number(month)) {
                (Some(year), Some(month)) => format!("{year}年{month}月"),
                _ => clean(sent),
            }
        }
        None if sent.len() == 4 && number(sent).is_some() => format!("{sent}年"),
        _ => clean(sent),
    }
}

/// A day of birth, with the year of the era and the age when the document was written.
pub(super) fn birth(sent: &str, written: &str) -> String {
    let Some(born) = JstDate::parse(sent) else {
        return day(sent);
    };
    let written = Timestamp::parse(written)
        .map(Timestamp::jst_date)
        .or_else(|| written.get(..10).and_then(JstDate::parse));
    match written {
        Some(on) if on >= born => format!(
            "{}（{}、作成時{}歳）",
            born.japanese(),
            born.wareki(),
            born.age_on(on)
        ),
        _ => format!("{}（{}）", born.japanese(), born.wareki()),
    }
}

/// From one day to another.
pub(super) fn between(start: &str, end: &str) -> String {
    match (start.is_empty(), end.is_empty()) {
        (false, false) if start == end => start.to_owned(),
        (false, false) => format!("{start}から{end}まで"),
        (false, true) => start.to_owned(),
        (true, false) => format!("{end}まで"),
        (true, true) => String::new(),
    }
}

pub(super) const fn gender(code: &str) -> &'static str {
    match code.as_bytes() {
        b"male" => "男性",
        b"female" => "女性",
        b"other" => "その他",
        _ => "不明",
    }
}

/// An institution and a person in it, one line each.
pub(super) fn party(party: &Party, is_addressed: bool) -> String {
    let mut lines = vec![party.name.clone().unwrap_or_default()];
    let department = party
        .department
        .as_ref()
        .map(|d| d.name.as_str())
        .unwrap_or_default();
    let doctor = match (&party.doctor, is_addressed) {
        (Some(name), true) => format!("{name} 先生"),
        (Some(name), false) => name.clone(),
        (None, true) => "ご担当 先生".to_owned(),
        (None, false) => String::new(),
    };
    lines.push(format!("{department} {doctor}").trim().to_owned());
    lines.extend(party.address.clone());
    lines.extend(party.phone.as_ref().map(|phone| format!("電話 {phone}")));
    lines.retain(|line| !line.is_empty());
    clean(&lines.join("\n"))
}

/// A value, for people.
#[must_use]
pub fn value(value: &Value) -> String {
    let text = match value {
        Value::Quantity {
            comparator,
            number,
            unit,
        } => {
            let sign = comparator.as_deref().map(bound).unwrap_or_default();
            let unit = unit.as_deref().unwrap_or_default();
            let gap = if unit.is_empty() { "" } else { " " };
            format!("{number}{gap}{unit}{sign}")
        }
        Value::Coded { text, codes } if text.is_empty() => codes
            .iter()
            .map(|c| c.code.as_str())
            .collect::<Vec<_>>()
            .join("、"),
        Value::Coded { text, .. } | Value::Text(text) => text.clone(),
        Value::Other(json) => match Document::parse(json.as_bytes()) {
            Ok(document) => plain(document.root()),
            Err(_) => json.clone(),
        },
        Value::Absent => String::new(),
    };
    clean(&text)
}

/// A bound in words: a sign of comparison is too easily read the wrong way round.
fn bound(comparator: &str) -> &'static str {
    match comparator {
        "<" => " 未満",
        "<=" => " 以下",
        ">=" => " 以上",
        ">" => " を超える",
        _ => "",
    }
}

/// Texts and numbers of any value, in order.
pub(super) fn plain(node: Node<'_>) -> String {
    let mut out = String::new();
    collect(node, &mut out, 0);
    out
}

fn collect(node: Node<'_>, out: &mut String, depth: usize) {
    if depth > 8 {
        return;
    }
    let mut word = |text: &str| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(text);
    };
    if let Some(text) = node.as_str().or_else(|| node.as_number_text()) {
        word(text);
    } else if let Some(truth) = node.as_bool() {
        word(if truth { "はい" } else { "いいえ" });
    } else {
        for item in node.items() {
            collect(item, out, depth.saturating_add(1));
        }
        for (key, item) in node.entries() {
            if !matches!(key, "system" | "code" | "extension" | "reference") || item.is_object() {
                collect(item, out, depth.saturating_add(1));
            }
        }
    }
}

/// A number with its unit.
pub(super) fn quantity(quantity: &Quantity) -> String {
    let mut text = quantity.number.clone();
    let _ = write!(text, "{}", quantity.unit.as_deref().unwrap_or_default());
    text
}

/// The laboratory's judgement in words.
pub(super) const fn judgement(code: &str) -> Option<&'static str> {
    Some(match code.as_bytes() {
        b"H" => "高い",
        b"HH" => "とても高い",
        b"L" => "低い",
        b"LL" => "とても低い",
        b"N" => "基準内",
        b"A" => "異常",
        b"AA" => "とても異常",
        b"POS" => "陽性",
        b"NEG" => "陰性",
        b"IND" => "判定できず",
        _ => return None,
    })
}

/// A reference range.
pub(super) fn range(range: &ReferenceRange) -> String {
    match (&range.text, &range.low, &range.high) {
        (_, Some(low), Some(high)) => format!("{low}〜{high}"),
        (_, Some(low), None) => format!("{low}以上"),
        (_, None, Some(high)) => format!("{high}以下"),
        (Some(text), None, None) => clean(text),
        (None, None, None) => String::new(),
    }
}

/// A file in one line.
pub(super) fn file(file: &Attachment) -> String {
    let title = file.title.clone().filter(|t| !t.trim().is_empty());
    let title = clean(&title.unwrap_or_else(|| "(名前なし)".to_owned())).replace('\n', " ");
    let kind = match file
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
    {
        "application/pdf" => "PDF",
        "image/jpeg" | "image/jpg" | "image/png" | "image/gif" | "image/tiff" => "画像",
        "application/dicom" => "DICOM画像",
        "text/plain" => "テキスト",
        "application/xml" | "text/xml" | "application/cda+xml" | "application/hl7-cda+xml" => {
            "CDA文書"
        }
        _ => "その他の形式",
    };
    match (file.base64_len, &file.url) {
        (0, Some(_)) => format!("{title}（{kind}、この文書には入っていません）"),
        (0, None) => format!("{title}（{kind}、中身がありません）"),
        (length, _) => format!("{title}（{kind}、{}）", size(length / 4 * 3)),
    }
}

/// A size in bytes, for people.
#[must_use]
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes}バイト"),
        1_000..1_000_000 => format!("{}kB", bytes / 1_000),
        _ => format!("{}.{}MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
