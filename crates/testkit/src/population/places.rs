//! Invented cities in real prefectures, so that no address is anybody's.

use super::model::Address;
use super::rng::Rng;

/// A city with the leading digits of its post codes.
pub(super) struct City {
    pub(super) prefecture_code: u8,
    pub(super) prefecture: &'static str,
    pub(super) name: &'static str,
    pub(super) post: &'static str,
    pub(super) branch: &'static str,
}

const fn city(
    prefecture_code: u8,
    prefecture: &'static str,
    branch: &'static str,
    name: &'static str,
    post: &'static str,
) -> City {
    City {
        prefecture_code,
        prefecture,
        name,
        post,
        branch,
    }
}

/// The cities, in the order in which a growing population fills them.
pub(super) static CITIES: [City; 16] = [
    city(13, "東京都", "東京", "多摩川原市", "19"),
    city(27, "大阪府", "大阪", "淀川端市", "57"),
    city(14, "神奈川県", "神奈川", "相模丘市", "25"),
    city(23, "愛知県", "愛知", "尾張台市", "48"),
    city(1, "北海道", "北海道", "白樺野市", "06"),
    city(40, "福岡県", "福岡", "筑紫丘市", "81"),
    city(11, "埼玉県", "埼玉", "武蔵境野市", "35"),
    city(12, "千葉県", "千葉", "潮見浦市", "27"),
    city(28, "兵庫県", "兵庫", "播磨崎市", "67"),
    city(4, "宮城県", "宮城", "萩の浜市", "98"),
    city(34, "広島県", "広島", "瀬戸島市", "73"),
    city(22, "静岡県", "静岡", "茶の木市", "42"),
    city(26, "京都府", "京都", "桂ノ里市", "61"),
    city(20, "長野県", "長野", "千曲原市", "38"),
    city(15, "新潟県", "新潟", "雪椿市", "95"),
    city(38, "愛媛県", "愛媛", "蜜柑浜市", "79"),
];

/// The first city; where an index must find one.
pub(super) static CITY_FIRST: &City = &CITIES[0];

/// City number `index`, counted round.
pub(super) fn city_at(index: u64) -> &'static City {
    let index = usize::try_from(index).unwrap_or(0) % CITIES.len();
    CITIES.get(index).unwrap_or(CITY_FIRST)
}

static TOWNS: [&str; 20] = [
    "本町",
    "栄町",
    "緑が丘",
    "朝日町",
    "若葉台",
    "川端町",
    "宮前",
    "桜木町",
    "南台",
    "北浜",
    "東雲町",
    "西の原",
    "三の橋",
    "字笹塚",
    "大手前",
    "松葉町",
    "鶴見ケ丘",
    "泉が丘",
    "弥生町",
    "旧𠮷野",
];

/// An address in `city`.
pub(super) fn address(city: &'static City, rng: &mut Rng) -> Address {
    let town = rng.pick(&TOWNS);
    let (chome, block, house) = (rng.between(1, 6), rng.between(1, 28), rng.between(1, 20));
    let room = rng.between(101, 1204);
    let block = match rng.below(4) {
        0 => format!("{chome}丁目{block}番{house}号"),
        1 => format!("{chome}丁目{block}番{house}号 コーポ若草{room}号室"),
        2 => format!("{chome}-{block}-{house}"),
        _ => format!("{}番地", block * 37 + house),
    };
    let post_code = format!("{}{}-{:04}", city.post, rng.below(10), rng.below(10_000));
    Address {
        prefecture_code: city.prefecture_code,
        prefecture: city.prefecture,
        city: city.name,
        town,
        block,
        post_code,
    }
}
