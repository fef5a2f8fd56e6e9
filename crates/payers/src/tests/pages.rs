//! The console, as the insurer's staff use it.

use access::session;
use store::caller::Role;

use super::*;
use crate::work;

impl Town {
    fn clerk(&self) -> As {
        self.world.staff(&self.union, Role::Insurer)
    }

    fn upload(&self, who: &As, text: &str) -> Reply {
        let As::Browser(token) = who else {
            panic!("a browser");
        };
        let token = session::form_token(token);
        let part = |head: &str, body: &str| {
            format!("--b\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let body = [
            part("name=\"csrf\"", &token),
            part("name=\"insurer\"", UNION),
            part("name=\"file-x\"; filename=\"a.csv\"", text),
            "--b--\r\n".to_owned(),
        ];
        let kind = "multipart/form-data; boundary=b";
        self.world.send(
            who,
            "POST",
            "/insurer/files",
            kind,
            body.concat().into_bytes(),
        )
    }
}

/// The fields of a form as pairs.
fn pairs(change: &Value) -> Vec<(String, String)> {
    let map = change.as_object().expect("members");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = map.iter().map(|(name, value)| (name.clone(), text(value)));
    all.chain([("insurer".to_owned(), UNION.to_owned())])
        .collect()
}

fn submit(town: &Town, who: &As, path: &str, change: &Value) -> Reply {
    let pairs = pairs(change);
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    town.world.submit(who, path, &pairs)
}

#[test]
fn the_console_shows_how_the_own_numbers_stand() {
    let town = town();
    let clerk = town.clerk();
    let page = town.world.get(&clerk, "/insurer");
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("ひかり健康保険組合") && text.contains("前回の登録"));
    assert!(!text.contains(KYOKAI));
    let fields = [("insurer", UNION), ("is_down", "yes")];
    assert_eq!(
        town.world.submit(&clerk, "/insurer/outage", &fields).status,
        303
    );
    assert!(
        town.world
            .get(&clerk, "/insurer")
            .text()
            .contains("障害・停止をお知らせ中です")
    );
    let foreign = [("insurer", KYOKAI), ("is_down", "yes")];
    assert_eq!(
        town.world
            .submit(&clerk, "/insurer/outage", &foreign)
            .code(),
        "TSK-PAY-001"
    );
}

#[test]
fn a_file_is_chosen_sent_and_followed_to_its_results() {
    let town = town();
    let clerk = town.clerk();
    let text = "change,symbol,number,branch,birth_date,until,loss_reason\r\n\
        lost,12,1,00,1985-06-15,2026-10-01,03\r\n";
    let reply = town.upload(&clerk, text);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let place = reply.header("location").to_owned();
    let waiting = town.world.get(&clerk, &place);
    assert_eq!(waiting.header("refresh"), "5");
    while work::round(&town.world.app.gate, &|| false).expect("a round") {}
    let done = town.world.get(&clerk, &place);
    assert_eq!(done.header("refresh"), "");
    let text = done.text();
    assert!(
        text.contains("登録不可") && text.contains("TSK-PAY-003"),
        "{text}"
    );
    let sheet = town.world.get(&clerk, &format!("{place}/results.csv"));
    assert!(sheet.header("content-disposition").contains("attachment"));
    assert!(town.world.get(&clerk, "/insurer").text().contains(&place));
}

#[test]
fn a_file_that_was_not_taken_says_why_on_the_console() {
    let town = town();
    let clerk = town.clerk();
    let reply = town.upload(&clerk, "番号,なまえ\r\n");
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("TSK-PAY-051") && reply.text().contains("なまえ"));
    assert_eq!(town.upload(&clerk, "").status, 422);
}

#[test]
fn a_form_with_a_file_needs_the_sessions_token() {
    let town = town();
    let clerk = town.clerk();
    let body =
        "--b\r\ncontent-disposition: form-data; name=\"insurer\"\r\n\r\n06130011\r\n--b--\r\n";
    let kind = "multipart/form-data; boundary=b";
    let reply = town
        .world
        .send(&clerk, "POST", "/insurer/files", kind, body.into());
    assert_eq!(reply.status, 403, "{}", reply.text());
    let kind = "application/x-www-form-urlencoded";
    let reply = town
        .world
        .send(&clerk, "POST", "/insurer/files", kind, Vec::new());
    assert_eq!(reply.status, 415);
}

#[test]
fn a_member_is_loaded_looked_up_changed_and_ended_by_forms() {
    let town = town();
    let clerk = town.clerk();
    assert_eq!(town.world.get(&clerk, "/insurer/members").status, 200);
    let wrong = submit(
        &town,
        &clerk,
        "/insurer/changes",
        &with(member(), &[("from", "1985-06-14")]),
    );
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("TSK-PAY-021") && wrong.text().contains("佐藤 花子"));
    let loaded = submit(&town, &clerk, "/insurer/changes", &member());
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    assert!(loaded.text().contains("登録は済んでいます"));
    let key = named("", &[]);
    let found = submit(&town, &clerk, "/insurer/members", &key);
    assert!(found.text().contains("サトウ ハナコ"));
    let changed = with(member(), &[("change", "changed"), ("copay", "2")]);
    assert_eq!(
        submit(&town, &clerk, "/insurer/changes", &changed).status,
        200
    );
    let lost = named("lost", &[("until", "2026-03-01"), ("loss_reason", "03")]);
    let refused = submit(&town, &clerk, "/insurer/changes", &lost);
    assert!(refused.status == 422 && refused.text().contains("TSK-PAY-020"));
    assert!(
        refused.text().contains("サトウ ハナコ"),
        "the member stays on the page"
    );
    let lost = named("lost", &[("until", "2026-10-01"), ("loss_reason", "03")]);
    assert_eq!(submit(&town, &clerk, "/insurer/changes", &lost).status, 200);
    let nobody = named("", &[("number", "999")]);
    let absent = submit(&town, &clerk, "/insurer/members", &nobody);
    assert!(absent.status == 404 && absent.text().contains("TSK-PAY-003"));
}

#[test]
fn where_somebody_lives_who_has_gone_elsewhere_is_not_shown_any_more() {
    let town = town();
    town.union(&member());
    town.union(&named(
        "lost",
        &[("until", "2026-10-01"), ("loss_reason", "03")],
    ));
    let moved = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-10-01"),
            ("address", "大阪府大阪市北区中之島1-3-20"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
            ("previous_branch", "00"),
        ],
    );
    town.kyokai(&moved);
    let clerk = town.clerk();
    let found = submit(&town, &clerk, "/insurer/members", &named("", &[]));
    assert!(found.text().contains("サトウ ハナコ"));
    assert!(!found.text().contains("中之島") && !found.text().contains("1111"));
}

#[test]
fn a_finding_is_settled_with_one_button() {
    let town = town();
    town.union(&member());
    let moved = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-09-01"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
            ("previous_branch", "00"),
        ],
    );
    town.kyokai(&moved);
    let clerk = town.clerk();
    let text = town.world.get(&clerk, "/insurer").text();
    assert!(text.contains("資格の重なり") && text.contains("全国健康保険協会東京支部"));
    let id = town.findings(&town.union_system, UNION)[0]["finding"].clone();
    let fields = [("insurer", UNION), ("finding", id.as_str().expect("an id"))];
    assert_eq!(
        town.world
            .submit(&clerk, "/insurer/findings", &fields)
            .status,
        303
    );
    let text = town.world.get(&clerk, "/insurer").text();
    assert!(text.contains("重なりや空白はありません"));
    let again = town.world.submit(&clerk, "/insurer/findings", &fields);
    assert!(again.status == 404 && again.text().contains("TSK-PAY-054"));
}
