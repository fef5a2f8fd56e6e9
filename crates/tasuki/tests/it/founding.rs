//! A facility begins in a folder that is not there, and its first administrator gets in.

use peers::browser::{Browser, one_time_code};

use super::operator::{Folder, Program, tasuki};

const CODE: &str = "1319900021";

fn found<'a>(data: &'a str, first: &'a str, second: &'a str) -> super::operator::Told {
    tasuki(&[
        "facility",
        "found",
        "--data",
        data,
        "--code",
        CODE,
        "--name",
        "みどり医院",
        "--kind",
        "clinic",
        "--administrator",
        first,
        "--administrator",
        second,
    ])
}

#[test]
fn a_first_administrator_of_a_new_installation_is_led_to_the_office() {
    let folder = Folder::new("founding");
    let data = folder.at("data");
    let told = found(&data, "佐藤 花子:hanako", "鈴木 一郎:ichiro").well();
    let initial = told
        .lines()
        .find_map(|line| line.strip_prefix("hanako の初期パスワード: "))
        .expect("an initial password");
    found(&data, "田中 花:hana", "山田 実:minoru").refused(&["tasuki facility list"]);
    let list = tasuki(&["facility", "list", "--data", &data]).well();
    assert_eq!(list.matches(CODE).count(), 1, "{list}");
    assert!(list.contains("みどり医院"), "{list}");

    let program = Program::serve(&data, &[]);
    let base = format!("http://{}", program.address);
    super::harness::runtime().block_on(async {
        let mut browser = Browser::new(&base).expect("an address");
        let log_in = async |browser: &mut Browser, login: &str| {
            let page = browser.get("/login").await.expect("a page");
            let fields = [("login", login), ("password", initial)];
            let reply = browser.submit(&page, "/login", &fields).await;
            reply.expect("an answer")
        };
        let nobody = log_in(&mut browser, "hana").await;
        assert_ne!(nobody.status, 303);
        let reply = log_in(&mut browser, "hanako").await;
        assert_eq!(reply.header("location"), Some("/account/password"));
        let page = browser.follow(&reply).await.expect("a page");
        let new = "Tsukimi-7-dango";
        let fields = [("current", initial), ("password", new), ("again", new)];
        let reply = browser.submit(&page, "/account/password", &fields).await;
        let reply = reply.expect("an answer");
        assert_eq!(reply.status, 303, "{}", reply.text());
        // Before the second factor nothing else opens.
        let office = browser.get("/office").await.expect("an answer");
        assert_ne!(office.status, 200);
        let page = browser.get("/account/factors").await.expect("a page");
        let text = page.text();
        let key = text.split("id=\"app-secret\">").nth(1);
        let key = key.and_then(|rest| rest.split('<').next()).expect("a key");
        let code = one_time_code(
            &base32(key),
            (super::operator::now() / 1_000_000).unsigned_abs(),
        );
        let code = code.expect("a code");
        let reply = browser
            .submit(&page, "/account/factors/app", &[("code", &code)])
            .await
            .expect("an answer");
        assert_eq!(reply.status, 303, "{}", reply.text());
        let office = browser.get("/office").await.expect("an answer");
        assert_eq!(office.status, 200, "{}", office.text());
        let rights = browser
            .get("/office/rights")
            .await
            .expect("an answer")
            .text();
        assert!(
            rights.contains("運用者") || rights.contains("the operator"),
            "{rights}"
        );
    });
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut out) = (0_u64, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            other => other - b'2' + 26,
        };
        bits = (bits << 5 | u64::from(value)) & 0xffff;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    out
}
