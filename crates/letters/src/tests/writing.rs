use super::*;

#[test]
fn the_addressee_is_found_among_the_registered_facilities_and_never_oneself() {
    let post = Post::new();
    let choose = post.get("/letters/new");
    assert!(
        choose
            .text()
            .contains(&format!("/visits/{}/letter", post.visit)),
        "{}",
        choose.text()
    );
    let found = post.get(&format!("{}?q=%E3%81%BF%E3%81%AA%E3%81%A8", post.form()));
    assert!(
        found.text().contains("みなと内科クリニック"),
        "{}",
        found.text()
    );
    let own = post.get(&format!("{}?q={}", post.form(), post.hospital.code));
    assert!(
        own.text().contains("見つかりませんでした"),
        "{}",
        own.text()
    );
    let form = post.get(&format!("{}?to=1310000017", post.form()));
    assert!(
        form.text().contains("name=\"purpose_pick\""),
        "{}",
        form.text()
    );
}

#[test]
fn the_shared_record_is_offered_only_with_the_patients_consent() {
    let post = Post::new();
    let path = format!("{}?to=1310000017", post.form());
    let closed = post.get(&path);
    assert!(
        closed
            .text()
            .contains("共有された診療情報は表示していません")
    );
    assert!(
        !closed.text().contains("name=\"problem_pick\"")
            && !closed.text().contains("name=\"allergy_pick\"")
    );
    post.share();
    let open = post.get(&path).text();
    let condition = post
        .life
        .conditions
        .first()
        .expect("a condition")
        .disease
        .name;
    assert!(
        open.contains("name=\"problem_pick\"") && open.contains(condition),
        "{open}"
    );
    let (_, pick) = open
        .split_once("name=\"allergy_pick\" value=\"")
        .unwrap_or_else(|| panic!("{open}"));
    let pick = pick.split('"').next().expect("a value");
    // What is clicked is in the letter, as data too.
    let offered = [
        ("offered", "1"),
        ("offer_allergy", pick),
        ("allergy_pick", pick),
        ("act", "preview"),
    ];
    let preview = post.send(&offered, &[]).text();
    let name = pick.rsplit('\t').next().expect("a name");
    assert!(
        preview.contains(&format!("<th scope=\"row\">{name}</th>")),
        "{name}: {preview}"
    );
}

#[test]
fn every_empty_field_is_named_at_once_and_what_was_typed_is_kept() {
    let post = Post::new();
    let fields = [
        ("to", "1310000017"),
        ("draft", "00112233445566778899aabbccddeeff"),
        ("doctor", "港 太郎"),
        ("past", "虫垂炎"),
        ("act", "send"),
    ];
    let reply = post
        .world
        .submit_files(&post.writer, &post.form(), &fields, &[]);
    assert_eq!(reply.status, 422);
    let text = reply.text();
    for field in ["purpose", "problems", "illness"] {
        assert!(
            text.contains(&format!("href=\"#field-{field}\"")),
            "{field}: {text}"
        );
        assert!(
            text.contains(&format!("id=\"field-{field}-error\"")),
            "{field}: {text}"
        );
    }
    assert!(text.contains("value=\"港 太郎\"") && text.contains("虫垂炎"));
    assert!(
        post.get("/sent-documents")
            .text()
            .contains("送った文書はありません")
    );
}

#[test]
fn a_file_that_could_do_harm_is_refused_at_its_field_with_its_name() {
    let post = Post::new();
    let files: [(&str, &str, &[u8]); 2] = [
        ("files", "a.exe", b"MZ\x90\0"),
        ("files", "b.html", b"<html><script>"),
    ];
    let reply = post.send(&[], &files);
    assert_eq!(reply.status, 422);
    let text = reply.text();
    assert!(
        text.contains("「a.exe」") && text.contains("「b.html」"),
        "{text}"
    );
    assert!(text.contains("id=\"field-files-error\""));
    let many: Vec<(&str, &str, &[u8])> = (0..21)
        .map(|_| ("files", "a.txt", b"text".as_slice()))
        .collect();
    let reply = post.send(&[], &many);
    assert!(
        reply.text().contains("添付ファイルは20個まで"),
        "{}",
        reply.text()
    );
}

#[test]
fn the_preview_is_the_letter_that_would_be_sent_and_sends_nothing() {
    let post = Post::new();
    let reply = post.send(&[("act", "preview")], &[]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    assert!(text.contains("まだ送っていません") && text.contains("下書き(未送信)"));
    assert!(
        text.contains("みなと内科クリニック<br>循環器内科 港 太郎 先生"),
        "{text}"
    );
    assert!(text.contains("&lt;二階まで&gt;") && !text.contains("<二階まで>"));
    assert!(
        post.get("/sent-documents")
            .text()
            .contains("送った文書はありません")
    );
}

#[test]
fn a_letter_sent_twice_is_one_letter() {
    let post = Post::new();
    let one = letter_of(&post.send(&[], &[]));
    post.world.clock.advance(2);
    assert_eq!(one, letter_of(&post.send(&[], &[])));
    let list = post.get("/sent-documents").text();
    assert_eq!(
        list.matches(&format!("/sent-documents/{one}")).count(),
        2,
        "{list}"
    );
}

#[test]
fn without_the_oral_consent_the_addressee_sees_nothing_until_it_is_recorded() {
    let post = Post::new();
    let letter = letter_of(&post.send(&[], &[]));
    assert!(
        post.world
            .get(&post.reader, "/letters")
            .text()
            .contains("届いた紹介状はありません")
    );
    assert_eq!(
        post.world
            .get(&post.reader, &format!("/letters/{letter}"))
            .status,
        404
    );
    let page = format!("/sent-documents/{letter}");
    assert!(
        post.get(&page)
            .text()
            .contains("まだ相手の施設には届いていません")
    );
    // A time that is none is refused, and says so.
    let path = format!("{page}/consent");
    let wrong = [
        ("consent_by", "佐藤"),
        ("consent_date", "きのう"),
        ("consent_time", "10:00"),
    ];
    let reply = post.world.submit(&post.writer, &path, &wrong);
    assert_eq!(
        (reply.status, reply.text().contains("TSK-REC-051")),
        (422, true),
        "{}",
        reply.text()
    );
    let now = post.world.app.gate.now().jst_minute();
    let (date, time) = now.split_once(' ').expect("two parts");
    let right = [
        ("consent_by", "佐藤"),
        ("consent_date", date),
        ("consent_time", &time[..5]),
    ];
    assert_eq!(post.world.submit(&post.writer, &path, &right).status, 303);
    assert!(
        post.world
            .get(&post.reader, "/letters")
            .text()
            .contains(&letter)
    );
}

#[test]
fn only_whoever_may_send_documents_writes_letters() {
    let post = Post::new();
    for role in [
        Role::Clerk,
        Role::Nurse,
        Role::Pharmacist,
        Role::Administrator,
    ] {
        let who = post.world.staff(&post.hospital, role);
        assert_eq!(post.world.get(&who, "/letters/new").status, 403, "{role:?}");
    }
    // Another facility's visit looks as if it were absent.
    assert_eq!(post.world.get(&post.reader, &post.form()).status, 404);
}
