use std::collections::BTreeSet;

use super::samples::day;
use super::*;

/// The values of an attribute, in order of appearance.
fn attributes<'a>(markup: &'a str, name: &str) -> Vec<&'a str> {
    markup
        .split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

fn pages() -> Vec<(&'static str, String)> {
    samples()
        .into_iter()
        .map(|(name, page)| (name, page.into_string()))
        .collect()
}

#[test]
fn every_sample_is_a_document_with_one_heading_a_language_and_a_main_part() {
    for (name, page) in pages() {
        assert!(page.starts_with("<!DOCTYPE html><html lang=\""), "{name}");
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<main ").count(), 1, "{name}");
        assert!(page.contains("href=\"#main\""), "{name}");
    }
}

#[test]
fn no_page_needs_more_than_the_policy_default_src_self() {
    for (name, page) in pages() {
        assert!(!page.contains(" style="), "{name}: inline style");
        assert!(!page.contains("<style"), "{name}: inline style sheet");
        for word in page.split(' ').filter_map(|word| word.strip_prefix("on")) {
            let handler = word.split_once("=\"").is_some_and(|(event, _)| {
                !event.is_empty() && event.bytes().all(|b| b.is_ascii_lowercase())
            });
            assert!(!handler, "{name}: inline handler on{word}");
        }
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script src=\"/assets/").count()
        );
        assert!(!page.contains("javascript:"), "{name}");
    }
    for forbidden in ["url(", "@import", "data:", "http:", "https:"] {
        assert!(!assets::CSS.contains(forbidden), "style sheet: {forbidden}");
    }
    for forbidden in [
        "eval(",
        "innerHTML",
        ".style",
        "http:",
        "https:",
        "XMLHttpRequest",
    ] {
        assert!(!assets::JS.contains(forbidden), "script: {forbidden}");
    }
    // What is fetched are addresses that the page itself names, in two places.
    let fetched = assets::JS.split("fetch(").skip(1);
    let named = fetched.map(|rest| rest.split([')', ',']).next());
    assert_eq!(
        named.collect::<Vec<_>>(),
        [Some("box.dataset.alive"), Some("form.dataset.options")]
    );
}

#[test]
fn ids_are_unique_and_everything_that_points_at_one_finds_it() {
    for (name, page) in pages() {
        let ids = attributes(&page, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(
            ids.len(),
            unique.len(),
            "{name}: an id is used twice: {ids:?}"
        );
        let pointers = [
            "for",
            "aria-describedby",
            "aria-labelledby",
            "aria-controls",
            "data-reveal",
        ];
        for target in pointers
            .iter()
            .flat_map(|a| attributes(&page, a))
            .flat_map(str::split_whitespace)
        {
            assert!(
                unique.contains(target),
                "{name}: nothing has the id {target}"
            );
        }
        for target in attributes(&page, "href")
            .iter()
            .filter_map(|h| h.strip_prefix('#'))
        {
            assert!(
                unique.contains(target),
                "{name}: nothing has the id {target}"
            );
        }
    }
}

#[test]
fn every_form_that_posts_carries_the_csrf_token() {
    for (name, page) in pages() {
        for form in page.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(
                form.contains("name=\"csrf\" value=\"sample-token\""),
                "{name}"
            );
        }
    }
}

#[test]
fn every_class_in_the_samples_is_known_to_the_style_sheet() {
    // Containers and words that need no look of their own.
    const PLAIN: [&str; 16] = [
        "caution-reaction",
        "choices",
        "era-date",
        "error-word",
        "history-facility",
        "lab-spark",
        "logout",
        "notice-level",
        "page-step",
        "person-age",
        "progress-number",
        "record-status",
        "staff",
        "step-label",
        "tile-text",
        "who-facility",
    ];
    for (name, page) in pages() {
        for class in attributes(&page, "class")
            .into_iter()
            .flat_map(str::split_whitespace)
        {
            let known = assets::CSS.contains(&format!(".{class}")) || PLAIN.contains(&class);
            assert!(known, "{name}: .{class}");
        }
    }
}

#[test]
fn what_people_typed_is_escaped() {
    let evil = "<script>alert(1)</script>\"'&";
    let shown = [
        text_field(&Field {
            name: "a",
            label: evil,
            value: evil,
            error: Some(evil),
            ..Field::default()
        }),
        notice(Lang::Ja, Level::Error, evil, &html! { (evil) }),
        copyable(Lang::Ja, evil),
        sparkline(&[1, 2], evil),
    ];
    for markup in shown {
        let text = markup.into_string();
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("\"'"), "{text}");
    }
}

#[test]
fn a_wrong_field_is_tied_to_its_message_and_to_the_summary() {
    let field = Field {
        name: "insurer",
        label: "保険者番号",
        hint: Some("8桁"),
        error: Some("桁数が違います。"),
        ..Field::default()
    };
    let text = code_field(&field).into_string();
    assert!(
        text.contains("aria-describedby=\"field-insurer-hint field-insurer-error\""),
        "{text}"
    );
    assert!(text.contains("aria-invalid=\"true\""), "{text}");
    assert!(text.contains("inputmode=\"numeric\""), "{text}");
    let errors = [FieldError {
        name: "insurer",
        message: "桁数が違います。",
    }];
    assert!(
        error_summary(Lang::Ja, &errors)
            .into_string()
            .contains("href=\"#field-insurer\"")
    );
    assert_eq!(error_summary(Lang::Ja, &[]).into_string(), "");
}

#[test]
fn secrets_are_never_given_back_in_a_field() {
    let field = Field {
        name: "p",
        label: "パスワード",
        value: "hunter2",
        ..Field::default()
    };
    for markup in [
        password_field(&field),
        new_password_field(&field),
        one_time_code_field(&field),
    ] {
        assert!(!markup.into_string().contains("hunter2"));
    }
}

#[test]
fn a_group_of_choices_is_named_by_its_question_and_the_summary_leads_to_its_first() {
    let options = [
        Choice {
            value: "a",
            label: "はい",
            ..Choice::default()
        },
        Choice {
            value: "b",
            label: "いいえ",
            description: Some("説明"),
            checked: true,
        },
    ];
    let choices = Choices {
        name: "ok",
        legend: "同意しますか",
        error: Some("選んでください。"),
        options: &options,
        required: true,
        ..Choices::default()
    };
    let text = radio_cards(&choices).into_string();
    assert!(text.contains("<legend"), "{text}");
    assert!(text.contains("id=\"field-ok\""), "{text}");
    assert!(
        text.contains("id=\"field-ok-2\" type=\"radio\" name=\"ok\" value=\"b\" checked"),
        "{text}"
    );
}

#[test]
fn the_three_signals_differ_in_word_and_in_shape() {
    let shown = |signal| {
        let one = Verdict {
            lang: Lang::Ja,
            signal,
            heading: "",
            reason: "",
            next: "",
            code: None,
        };
        let text = verdict(&one).into_string();
        (signal.word(Lang::Ja), attributes(&text, "d").join(" "))
    };
    let all = [Signal::Green, Signal::Yellow, Signal::Red].map(shown);
    let words: BTreeSet<_> = all.iter().map(|(word, _)| *word).collect();
    let shapes: BTreeSet<_> = all.iter().map(|(_, shape)| shape.clone()).collect();
    assert_eq!((words.len(), shapes.len()), (3, 3));
}

#[test]
fn nothing_recorded_is_never_shown_as_nothing_there() {
    let text = cautions(Lang::Ja, &Cautions::NotRecorded).into_string();
    assert!(text.contains("「なし」という意味ではありません"));
    assert!(!text.contains("cautions-none"));
}

#[test]
fn a_small_childs_age_is_told_with_months() {
    let today = day(2026, 11, 22);
    assert_eq!(age(Lang::Ja, day(2026, 11, 22), today), "0歳0か月");
    assert_eq!(age(Lang::Ja, day(2026, 3, 23), today), "0歳7か月");
    assert_eq!(age(Lang::Ja, day(2023, 12, 1), today), "2歳11か月");
    assert_eq!(age(Lang::Ja, day(2020, 11, 22), today), "6歳");
    assert_eq!(age(Lang::En, day(1956, 3, 14), today), "70 years");
}

#[test]
fn a_date_in_an_era_is_read_only_inside_that_era() {
    assert_eq!(
        parse_era_date("showa", "31", "3", "14"),
        JstDate::new(1956, 3, 14)
    );
    assert_eq!(
        parse_era_date("showa", "３１", "０３", " 14 "),
        JstDate::new(1956, 3, 14)
    );
    assert_eq!(
        parse_era_date("reiwa", "元", "5", "1"),
        JstDate::new(2019, 5, 1)
    );
    assert_eq!(
        parse_era_date("heisei", "31", "4", "30"),
        JstDate::new(2019, 4, 30)
    );
    assert_eq!(
        parse_era_date("AD", "1956", "3", "14"),
        JstDate::new(1956, 3, 14)
    );
    let refused = [
        ("heisei", "31", "5", "1"),
        ("showa", "64", "1", "8"),
        ("showa", "31", "2", "30"),
        ("AD", "31", "3", "14"),
        ("edo", "1", "1", "1"),
        ("showa", "", "3", "14"),
        ("showa", "99999", "3", "14"),
        ("showa", "31", "300", "14"),
        ("showa", "-1", "3", "14"),
    ];
    for (era, year, month, day) in refused {
        assert_eq!(
            parse_era_date(era, year, month, day),
            None,
            "{era} {year} {month} {day}"
        );
    }
}

#[test]
fn scaled_values_are_written_with_their_decimals() {
    let cases = [
        (78, 1, "7.8"),
        (-5, 1, "-0.5"),
        (5, 2, "0.05"),
        (120, 0, "120"),
        (100, 2, "1.00"),
    ];
    for (value, decimals, expected) in cases {
        assert_eq!(decimal(value, decimals), expected);
    }
    assert_eq!(decimal(i64::MIN, 0), "-9223372036854775808");
}

#[test]
fn thousands_are_set_apart() {
    let cases = [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (48_213_907, "48,213,907"),
    ];
    for (count, expected) in cases {
        assert_eq!(grouped(count), expected);
    }
}

#[test]
fn any_series_can_be_drawn() {
    let extremes = [i64::MIN, -1, 0, 1, 7, 99_999, i64::MAX];
    for first in extremes {
        for second in extremes {
            let points = [
                TrendPoint {
                    date: day(2026, 1, 1),
                    value: first,
                },
                TrendPoint {
                    date: day(2026, 1, 1),
                    value: second,
                },
                TrendPoint {
                    date: day(2025, 1, 1),
                    value: second,
                },
            ];
            for reference in [
                Reference::default(),
                Reference {
                    low: Some(second),
                    high: Some(first),
                },
            ] {
                for count in 0..=points.len() {
                    let one = Trend {
                        lang: Lang::Ja,
                        id: "t",
                        title: "t",
                        unit: "",
                        decimals: 1,
                        points: &points[..count],
                        reference,
                        sources: &[],
                    };
                    let text = trend(&one).into_string();
                    assert_eq!(text.contains("<svg"), count > 0);
                }
            }
            let _ = sparkline(&[first, second], "");
        }
    }
    let _ = sparkline(&[], "");
}

#[test]
fn a_value_outside_the_range_is_marked_in_words() {
    let range = Reference {
        low: Some(46),
        high: Some(62),
    };
    let marks = [45, 46, 62, 63].map(|value| range.mark(value));
    assert_eq!(marks, [Mark::Low, Mark::None, Mark::None, Mark::High]);
    let points = [TrendPoint {
        date: day(2026, 5, 1),
        value: 78,
    }];
    let one = Trend {
        lang: Lang::Ja,
        id: "t",
        title: "HbA1c",
        unit: "%",
        decimals: 1,
        points: &points,
        reference: range,
        sources: &[],
    };
    let text = trend(&one).into_string();
    assert!(text.contains("基準より高い"), "{text}");
    assert!(text.contains("基準範囲外は1回"), "{text}");
}

#[test]
fn a_long_list_shows_its_ends_and_the_neighbours() {
    let shown = |page, pages| {
        let text = pagination(Lang::Ja, page, pages, &|n| format!("?p={n}")).into_string();
        attributes(&text, "href")
            .iter()
            .map(|h| h.replace("?p=", ""))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(shown(1, 1), "");
    assert_eq!(shown(1, 3), "1 2 3 2");
    assert_eq!(shown(5, 12), "4 1 4 5 6 12 6");
    assert_eq!(shown(3, 12), "2 1 2 3 4 12 4");
    assert_eq!(shown(12, 12), "11 1 11 12");
}

#[test]
fn an_asset_changes_its_address_with_its_content() {
    assert!(assets::css_href().starts_with("/assets/tasuki.css?v="));
    assert_eq!(assets::css_hash().len(), 16);
    assert_ne!(assets::css_hash(), assets::js_hash());
}

#[test]
fn a_refusal_tells_cause_remedy_code_and_request() {
    kernel::catalog! {
        /// A sample.
        GONE = "TSK-XXX-001", 404, "not-found",
            cause: "該当する方が見つかりません。", "no person has this number";
            remedy: "番号をお確かめください。", "check the number";
            source: "a sample";
    }
    let refused = kernel::Refusal::at(ALL[0], "number", "12<3");
    let text = refusal(Lang::Ja, &refused, "req-1", "/").into_string();
    for expected in [
        "TSK-XXX-001",
        "該当する方が見つかりません。",
        "番号をお確かめください。",
        "req-1",
        "12&lt;3",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
}
