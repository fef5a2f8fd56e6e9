//! The order of payment, and ends of periods.

use kernel::time::{JstDate, Period};
use registry::subsidy::{is_before_insurance, is_national, place};

use crate::rules::ended;

#[test]
fn national_subsidies_pay_in_the_published_order_and_local_ones_after_all_of_them() {
    let mut laws = ["80", "12", "54", "41", "13", "21", "51", "99"];
    laws.sort_by_key(|law| place(law));
    assert_eq!(laws, ["13", "21", "54", "51", "12", "41", "80", "99"]);
    assert!(is_before_insurance("29") && !is_before_insurance("54"));
    assert!(is_national("12") && !is_national("80"));
}

#[test]
fn an_end_shortens_a_period_and_never_lengthens_it() {
    let day = |text| JstDate::parse(text).expect("a day");
    let open = Period::new(day("2026-04-01"), None).expect("a period");
    let until = |text| Period::new(day("2026-04-01"), Some(day(text)));
    assert_eq!(ended(open, day("2026-04-01")), until("2026-04-02"));
    assert_eq!(ended(open, day("2026-03-31")), None);
    let short = until("2026-05-01").expect("a period");
    assert_eq!(ended(short, day("2026-04-29")), until("2026-04-30"));
    assert_eq!(ended(short, day("2026-04-30")), None);
    assert_eq!(ended(short, day("2026-06-30")), None);
}
