//! One spelling of a name's kanji.

use super::plain;

/// When the table of variants was last looked over.
pub const VARIANTS_DATE: &str = "2026-11-23";

/// Variants (異体字) that are one name at a counter: the first of each row stands for all.
///
/// Chosen by us from the variants that family registers carry into health insurance and that
/// terminals, fonts and people exchange for one another; it is no official table. A row may join two
/// characters that a register keeps apart: the key finds candidates, and never decides.
#[rustfmt::skip]
pub const VARIANTS: &[&str] = &[
    "辺邊邉", "斉齊斎齋", "沢澤", "浜濱濵", "高髙", "崎﨑嵜碕㟢", "吉𠮷", "桜櫻", "広廣",
    "国國圀", "島嶋嶌", "富冨", "峰峯", "条條", "竜龍", "滝瀧", "関關", "塩鹽", "鉄鐵鐡",
    "恵惠", "栄榮", "浅淺", "真眞", "徳德", "曽曾", "会會", "児兒", "円圓", "来來", "実實",
    "寿壽", "寛寬", "増增", "瀬瀨", "頼賴", "青靑", "清淸", "静靜", "礼禮", "郎郞", "黒黑",
    "戸戶", "内內", "氷冰", "桑桒", "館舘", "柳栁桺", "梅楳", "畑畠", "薮藪", "祢禰", "弥彌",
    "弁辨辯瓣", "芦蘆", "薗園", "蔵藏", "蛍螢", "覚覺", "観觀", "証證", "豊豐", "転轉", "遥遙",
    "鉱鑛", "鶏鷄", "鴎鷗", "麦麥", "黄黃", "亀龜", "仏佛", "伝傳", "体體", "余餘", "予豫",
    "為爲", "勲勳", "厳嚴", "収收", "双雙", "号號", "団團", "図圖", "声聲", "学學", "宝寶寳",
    "将將", "専專", "尭堯", "巌巖", "帯帶", "庁廳", "応應", "悦悅", "戦戰", "挙擧", "数數",
    "昼晝", "晃晄", "暁曉", "楽樂", "槙槇", "横橫", "歩步", "歳歲", "毎每", "気氣", "沖冲",
    "渋澁", "渕淵渊", "温溫", "湾灣", "満滿", "点點", "猪豬", "瑶瑤", "画畫", "発發", "県縣",
    "稲稻", "穂穗", "穣穰", "経經", "緑綠", "縄繩", "総總", "聡聰", "肇肈", "船舩", "荘莊",
    "万萬", "蒋蔣", "薫薰", "衛衞", "裏裡", "装裝", "賛贊", "郷鄕", "釜釡", "銭錢", "録錄",
    "霊靈", "頴穎", "顔顏", "顕顯", "駅驛", "験驗", "麹麴", "柿柹", "杉椙", "松枩", "桧檜",
    "煕熙", "禄祿", "秋穐", "篭籠", "糸絲", "翠翆", "芸藝", "虎乕", "野埜", "鋭銳", "須湏",
    "涼凉", "凛凜", "昂昻", "巻卷", "絵繪", "様樣", "珎珍", "峡峽", "嶽岳",
];

/// A name's kanji as it is compared: selectors off, compatibility ideographs and letters in
/// their ordinary form, variants as one, 々 written out.
///
/// The same for every way of writing it, and applying it twice changes nothing.
#[must_use]
pub fn kanji_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut last = None;
    for c in plain(name) {
        let next = match c {
            '々' | '〻' => last,
            other => Some(one_of(other)),
        };
        if let Some(next) = next {
            key.push(next);
            last = Some(next);
        }
    }
    key
}

/// What stands for a character and its variants.
fn one_of(c: char) -> char {
    VARIANTS
        .iter()
        .find(|row| row.contains(c))
        .and_then(|row| row.chars().next())
        .unwrap_or(c)
}
