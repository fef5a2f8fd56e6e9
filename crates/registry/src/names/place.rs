//! The municipality and the house number inside an address.
//!
//! An address is one line of text, as insurers send it. What is cut from it is for comparing
//! only: the same rule cuts what is stored and what is typed, so that a rare name cut at the
//! wrong character still meets itself.

use super::{kanji_key, plain};

const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// Municipalities with 市, 町, 村 or 郡 inside their names.
const INSIDE: [&str; 29] = [
    "市川三郷町",
    "市川市",
    "市川町",
    "市原市",
    "市貝町",
    "四日市市",
    "廿日市市",
    "野々市市",
    "余市町",
    "上市町",
    "下市町",
    "町田市",
    "大町市",
    "大町町",
    "十日町市",
    "村山市",
    "村上市",
    "東村山市",
    "武蔵村山市",
    "羽村市",
    "田村市",
    "大村市",
    "村田町",
    "玉村町",
    "郡山市",
    "郡上市",
    "小郡市",
    "蒲郡市",
    "大和郡山市",
];
/// The longest name of a district (郡) without that character.
const DISTRICT_MAX: usize = 5;
/// Most groups of a house number: 丁目, 番, 号, and a room behind them.
const GROUPS_MAX: usize = 5;

/// A prefecture's two-digit number and name, 01 北海道 to 47 沖縄県.
pub fn prefectures() -> impl Iterator<Item = (String, &'static str)> {
    (1..)
        .zip(PREFECTURES)
        .map(|(number, name)| (format!("{number:02}"), name))
}

/// The name of a prefecture by its two-digit number.
///
/// Source: JIS X 0401.
#[must_use]
pub fn prefecture(number: &str) -> Option<&'static str> {
    prefectures()
        .find(|(one, _)| one == number)
        .map(|(_, name)| name)
}

/// City, town, village or ward of Tokyo in an address, without prefecture, district (郡) and a
/// city's ward, as it is compared; `None` when there is none.
#[must_use]
pub fn municipality(address: &str) -> Option<String> {
    shown_municipality(address).map(|name| kanji_key(&name))
}

/// The same as it is shown.
#[must_use]
pub fn shown_municipality(address: &str) -> Option<String> {
    let line: String = address.chars().filter(|c| !c.is_whitespace()).collect();
    let rest = PREFECTURES
        .iter()
        .find_map(|name| line.strip_prefix(name))
        .unwrap_or(&line);
    let rest = without_district(rest);
    if let Some(known) = INSIDE.iter().find(|name| rest.starts_with(**name)) {
        return Some((*known).to_owned());
    }
    let end = rest
        .char_indices()
        .skip(1)
        .find(|(_, c)| matches!(c, '市' | '区' | '町' | '村'));
    let (at, last) = end?;
    rest.get(..at.checked_add(last.len_utf8())?)
        .map(str::to_owned)
}

fn without_district(rest: &str) -> &str {
    if INSIDE.iter().any(|name| rest.starts_with(name)) {
        return rest;
    }
    let district = rest
        .char_indices()
        .take(DISTRICT_MAX.saturating_add(1))
        .skip(1)
        .find(|(_, c)| *c == '郡');
    let after = district.and_then(|(at, c)| rest.get(at.checked_add(c.len_utf8())?..));
    after
        .filter(|after| after.contains(['町', '村']))
        .unwrap_or(rest)
}

/// The house number (番地・号) of an address: its groups of digits with `-` between, such as
/// `3-14-1` for 三丁目14番地1; empty when there is none.
#[must_use]
pub fn house_number(address: &str) -> String {
    let mut groups: Vec<String> = Vec::new();
    let mut open = String::new();
    let mut kanji = String::new();
    for c in address
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(ordinary)
    {
        if c.is_ascii_digit() {
            open.push(c);
            continue;
        }
        if is_numeral(c) {
            kanji.push(c);
            continue;
        }
        if !open.is_empty() {
            groups.push(std::mem::take(&mut open));
        }
        // Kanji numerals count where they are a number: 三丁目, but not 三軒茶屋.
        if !kanji.is_empty() {
            let number = std::mem::take(&mut kanji);
            if matches!(c, '丁' | '番' | '号') {
                groups.push(spelled(&number).to_string());
            }
        }
    }
    if !open.is_empty() {
        groups.push(open);
    }
    groups.truncate(GROUPS_MAX);
    let trimmed = groups
        .iter()
        .map(|group| match group.trim_start_matches('0') {
            "" => "0",
            number => number,
        });
    trimmed.collect::<Vec<_>>().join("-")
}

/// A character in its ordinary form; signs stay, because they part numbers.
fn ordinary(c: char) -> Vec<char> {
    let mut one = [0; 4];
    let folded: Vec<char> = plain(c.encode_utf8(&mut one)).collect();
    if folded.is_empty() { vec![c] } else { folded }
}

const NUMERALS: &str = "一二三四五六七八九";

fn is_numeral(c: char) -> bool {
    c == '十' || NUMERALS.contains(c)
}

/// 二十三 as 23; 99 at most, as house numbers go.
fn spelled(text: &str) -> usize {
    let digit = |c: char| NUMERALS.chars().position(|n| n == c).map_or(0, |at| at + 1);
    text.chars().fold(0_usize, |sum, c| match c {
        '十' => sum.max(1).saturating_mul(10),
        c => sum.saturating_add(digit(c)),
    })
}
