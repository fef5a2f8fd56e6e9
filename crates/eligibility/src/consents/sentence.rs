//! What a choice means, as one sentence that anybody understands.

use access::consent::{Category, Source, receipt::Receipt};
use kernel::time::Timestamp;
use web::ui::Lang;

/// A category in the plainest words.
const fn plain(lang: Lang, category: Category) -> &'static str {
    match category {
        Category::Medications => lang.pick("お薬", "medicines"),
        Category::CareHistory => lang.pick("これまでの診療", "past care"),
        Category::Surgery => lang.pick("手術", "operations"),
        Category::Checkups => lang.pick("健診", "checkups"),
        Category::Prescriptions => lang.pick("電子処方箋", "prescriptions"),
        Category::Allergies => lang.pick("アレルギー", "allergies"),
        Category::Contraindications => lang.pick("使えないお薬", "unsafe medicines"),
        Category::Conditions => lang.pick("病名", "conditions"),
        Category::Infections => lang.pick("感染症", "infections"),
        Category::Laboratory => lang.pick("検査結果", "test results"),
    }
}

/// The order in which the choice is offered: what stands alone, then what is shared.
const ORDER: [Category; 5] = [
    Category::Medications,
    Category::CareHistory,
    Category::Surgery,
    Category::Checkups,
    Category::Prescriptions,
];

/// The categories as people say them; the five of the shared record are one when all are there.
#[must_use]
pub fn words(lang: Lang, categories: &[Category]) -> String {
    let alone = ORDER.into_iter().filter(|c| categories.contains(c));
    let mut words: Vec<&str> = alone.map(|c| plain(lang, c)).collect();
    let shared = Category::SHARED;
    if shared.iter().all(|c| categories.contains(c)) {
        words.push(lang.pick("電子カルテの共有", "the shared record"));
    } else {
        let some = shared.into_iter().filter(|c| categories.contains(c));
        words.extend(some.map(|c| plain(lang, c)));
    }
    let last = words.pop().unwrap_or_default();
    match (words.is_empty(), lang) {
        (true, _) => last.to_owned(),
        (false, Lang::Ja) => format!("{}と{last}", words.join("、")),
        (false, Lang::En) => format!("{} and {last}", words.join(", ")),
    }
}

/// An end as people say it: 今日18時, 明日11月24日10時, 2027年11月23日10時05分.
#[must_use]
pub fn until_words(lang: Lang, until: Timestamp, now: Timestamp) -> String {
    if lang == Lang::En {
        return format!("{} JST", until.jst_minute());
    }
    let (day, today) = (until.jst_date(), now.jst_date());
    let clock = until.jst_minute();
    let time = clock.rsplit(' ').next().unwrap_or_default();
    let (hour, minute) = time.split_once(':').unwrap_or_default();
    let hour = hour.trim_start_matches('0');
    let hour = if hour.is_empty() { "0" } else { hour };
    let minute = match minute {
        "00" => String::new(),
        other => format!("{other}分"),
    };
    let date = format!("{}月{}日", day.month(), day.day());
    let date = if day == today {
        format!("今日{date}")
    } else if day == today.plus_days(1) {
        format!("明日{date}")
    } else if day.year() == today.year() {
        date
    } else {
        format!("{}年{date}", day.year())
    };
    format!("{date}{hour}時{minute}")
}

/// What the choice means: 「みどり診療所は、明日11月24日10時まで、お薬と健診の情報を見られます。」
#[must_use]
pub fn sentence(lang: Lang, receipt: &Receipt, now: Timestamp) -> String {
    let facility = &receipt.facility.name;
    let ends = [receipt.until, receipt.standing.map(|(_, until)| until)];
    let longest = ends.into_iter().flatten().max().unwrap_or(receipt.from);
    let until = until_words(lang, longest, now);
    if receipt.categories.is_empty() {
        return match lang {
            Lang::Ja => format!("{facility}は、{until}まで、あなたの診療の情報を見られません。"),
            Lang::En => format!("{facility} may see none of your information until {until}."),
        };
    }
    let is_all = Category::ALL.iter().all(|c| receipt.categories.contains(c));
    let words = words(lang, &receipt.categories);
    let said = match (lang, is_all) {
        (Lang::Ja, true) => {
            format!("{facility}は、{until}まで、あなたの診療の情報をすべて見られます。")
        }
        (Lang::Ja, false) => format!("{facility}は、{until}まで、{words}の情報を見られます。"),
        (Lang::En, true) => format!("{facility} may see all of your information until {until}."),
        (Lang::En, false) => format!("{facility} may see {words} until {until}."),
    };
    let more = match receipt.standing {
        None => "",
        Some((Source::HomeCare, _)) => lang.pick(
            "在宅での診療の間、カードがなくても見られます。",
            " For care at home it needs no card.",
        ),
        Some(_) => lang.pick(
            "次回からも、同じ内容を見られます。",
            " The same holds at the next visits.",
        ),
    };
    format!("{said}{more}")
}
