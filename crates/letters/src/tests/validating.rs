use super::*;

fn check(post: &Post, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
    post.world
        .submit_files(&post.writer, "/validator", fields, files)
}

#[test]
fn a_good_bundle_is_called_good_and_nothing_is_kept() {
    let post = Post::new();
    let on = post.world.app.gate.now().jst_date();
    let bundle = demo::bundles(on).remove(0);
    let before = post.world.records();
    let reply = check(&post, &[], &[("file", "a.json", &bundle.json)]);
    assert_eq!(reply.status, 200);
    assert!(
        reply.text().contains("受け付けられる文書です"),
        "{}",
        reply.text()
    );
    // The look at the page may leave a record; a document does not.
    assert!(post.world.records() <= before + 1);
}

#[test]
fn every_finding_is_told_with_rule_place_value_and_remedy_and_can_be_copied() {
    let post = Post::new();
    let on = post.world.app.gate.now().jst_date();
    let bundle = demo::bundles(on).remove(0);
    let text = String::from_utf8(bundle.json).expect("text");
    let broken = text.replace("\"type\":\"collection\"", "\"type\":\"<document>\"");
    let broken = broken.replacen("\"birthDate\"", "\"birthDay\"", 1);
    assert_ne!(text, broken);
    let reply = check(&post, &[("text", &broken)], &[]);
    let page = reply.text();
    assert!(page.contains("直していただきたい箇所が"), "{page}");
    assert!(
        page.contains("birthDay") && page.contains("id=\"field-copy\""),
        "{page}"
    );
    assert!(page.contains("level\trule\tpath\tfound\tremedy"), "{page}");
    assert!(
        page.contains("&lt;document&gt;") && !page.contains("<document>"),
        "{page}"
    );
}

#[test]
fn what_is_no_json_and_what_is_nothing_are_told_apart() {
    let post = Post::new();
    let reply = check(&post, &[("text", "{\"a\":1,\"a\":2}")], &[]);
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("JSON-"), "{}", reply.text());
    let reply = check(&post, &[], &[]);
    assert_eq!(
        (reply.status, reply.text().contains("TSK-LET-006")),
        (400, true)
    );
    let reply = check(&post, &[("text", "{}"), ("on", "きょう")], &[]);
    assert_eq!(
        (reply.status, reply.text().contains("TSK-LET-007")),
        (400, true)
    );
}

#[test]
fn the_rules_of_a_later_day_can_be_asked_for() {
    let post = Post::new();
    let reply = check(
        &post,
        &[
            ("text", "{\"resourceType\":\"Patient\"}"),
            ("on", "2030-04-01"),
        ],
        &[],
    );
    assert!(reply.text().contains("2030年4月1日"), "{}", reply.text());
    assert!(
        reply.text().contains("value=\"2030-04-01\""),
        "{}",
        reply.text()
    );
}

#[test]
fn the_page_is_closed_to_whoever_may_not_register_documents() {
    let post = Post::new();
    let clerk = post.world.staff(&post.hospital, Role::Clerk);
    assert_eq!(post.world.get(&clerk, "/validator").status, 403);
    assert_eq!(post.world.get(&As::Nobody, "/validator").status, 303);
}
