use super::*;

use paper::{Face, pdf};

#[test]
fn a_letter_is_opened_read_answered_and_the_loop_is_closed() {
    let post = Post::new();
    let letter = post.sent();
    let inbox = post.world.get(&post.reader, "/letters").text();
    assert!(
        inbox.contains("まだ開いていない紹介状（1）") && inbox.contains(&letter),
        "{inbox}"
    );
    let closed = post
        .world
        .get(&post.reader, &format!("/letters/{letter}"))
        .text();
    assert!(
        closed.contains("まだ開いていません") && !closed.contains("胸部違和感"),
        "{closed}"
    );
    assert_eq!(
        post.world
            .submit(&post.reader, &format!("/letters/{letter}/open"), &[])
            .status,
        303
    );
    let read = post
        .world
        .get(&post.reader, &format!("/letters/{letter}"))
        .text();
    assert!(
        read.contains("胸部違和感") && read.contains("SHA-256 "),
        "{read}"
    );
    assert!(
        read.contains(&format!("/letters/{letter}/files/1")),
        "{read}"
    );
    let file = post
        .world
        .get(&post.reader, &format!("/letters/{letter}/files/1"));
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "application/pdf")
    );
    assert!(file.header("content-disposition").starts_with("attachment"));
    // The sender sees the receipt.
    let sent = post.get(&format!("/sent-documents/{letter}")).text();
    assert!(
        sent.contains("開封済み")
            && sent.contains("返事を待っている") | sent.contains("<dt>開封</dt>"),
        "{sent}"
    );
    let answer = [
        ("how", "reply"),
        ("text", "狭心症でした。\n当院で加療します。"),
    ];
    let path = format!("/letters/{letter}/answer");
    assert_eq!(post.world.get(&post.reader, &path).status, 200);
    assert_eq!(post.world.submit(&post.reader, &path, &answer).status, 303);
    let sent = post.get(&format!("/sent-documents/{letter}")).text();
    assert!(
        sent.contains("返事が届いています") && sent.contains("<p>狭心症でした。</p>"),
        "{sent}"
    );
    let inbox = post.world.get(&post.reader, "/letters").text();
    assert!(!inbox.contains("まだ返事をしていない紹介状"), "{inbox}");
}

#[test]
fn an_answer_without_words_and_an_unknown_facility_are_named_at_their_fields() {
    let post = Post::new();
    let letter = post.opened();
    let path = format!("/letters/{letter}/answer");
    let reply = post
        .world
        .submit(&post.reader, &path, &[("how", "decline"), ("text", " ")]);
    assert_eq!(reply.status, 422);
    assert!(
        reply.text().contains("href=\"#field-text\""),
        "{}",
        reply.text()
    );
    let forward = [
        ("how", "forward"),
        ("text", "専門外のため"),
        ("to", "1399999999"),
    ];
    let reply = post.world.submit(&post.reader, &path, &forward);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("href=\"#field-to\"") && reply.text().contains("専門外のため"));
}

#[test]
fn a_letter_that_nobody_opens_is_brought_to_its_senders_attention_after_three_days() {
    let post = Post::new();
    let letter = post.sent();
    let path = format!("/sent-documents/{letter}");
    assert!(!post.get("/sent-documents").text().contains("3日たっても"));
    assert!(!post.get(&path).text().contains("3日たっても"));
    post.world.clock.advance(3 * 24 * 3600 + 1);
    let writer = post.world.staff(&post.hospital, Role::Dentist);
    let list = post.world.get(&writer, "/sent-documents").text();
    assert!(
        list.contains("3日たっても開かれていない紹介状（1）"),
        "{list}"
    );
    let page = post.world.get(&writer, &path).text();
    assert!(page.contains("3日たっても開かれていません"), "{page}");
    // Whoever opens it ends the asking.
    let reader = post.world.staff(&post.clinic, Role::Dentist);
    let opened = post
        .world
        .submit(&reader, &format!("/letters/{letter}/open"), &[]);
    assert_eq!(opened.status, 303, "{}", opened.text());
    let page = post.world.get(&writer, &path).text();
    assert!(!page.contains("3日たっても"), "{page}");
}

#[test]
fn a_letter_that_is_taken_back_is_gone_for_its_addressee_until_it_is_put_back() {
    let post = Post::new();
    let letter = post.sent();
    let path = format!("/sent-documents/{letter}/state");
    let cancel = [("act", "cancel"), ("reason", "宛先の誤り")];
    assert_eq!(post.world.submit(&post.writer, &path, &cancel).status, 303);
    assert_eq!(
        post.world
            .get(&post.reader, &format!("/letters/{letter}"))
            .status,
        404
    );
    assert!(
        post.get(&format!("/sent-documents/{letter}"))
            .text()
            .contains("取消済み")
    );
    assert_eq!(
        post.world
            .submit(&post.writer, &path, &[("act", "undo")])
            .status,
        303
    );
    assert_eq!(
        post.world
            .get(&post.reader, &format!("/letters/{letter}"))
            .status,
        200
    );
}

#[test]
fn without_a_font_the_page_goes_on_and_the_pdf_is_refused_with_the_remedy() {
    let post = Post::new();
    let letter = post.opened();
    let pdf = post
        .world
        .get(&post.reader, &format!("/letters/{letter}/pdf"));
    assert_eq!(pdf.status, 503);
    assert!(
        pdf.text().contains("TSK-LET-001") && pdf.text().contains("fonts-noto-cjk"),
        "{}",
        pdf.text()
    );
    assert_eq!(
        post.world
            .get(&post.reader, &format!("/letters/{letter}"))
            .status,
        200
    );
}

#[test]
fn with_a_font_each_reader_gets_the_sheet_as_a_pdf() {
    let font = pdf::FONTS
        .iter()
        .find_map(|path| Face::parse(std::fs::read(path).ok()?).ok());
    let Some(font) = font else {
        eprintln!("SKIPPED: PDFs of letters (no Japanese font; Debian package fonts-noto-cjk)");
        return;
    };
    let post = Post::new();
    assert!(post.world.app.tell(font));
    let letter = post.opened();
    let patient = post.world.patient(post.person);
    let id = own_document(&post);
    for (who, path) in [
        (&post.reader, format!("/letters/{letter}/pdf")),
        (&post.writer, format!("/sent-documents/{letter}/pdf")),
        (&patient, format!("/portal/documents/{id}/pdf")),
    ] {
        let reply = post.world.get(who, &path);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/pdf"),
            "{path}"
        );
        assert!(
            reply
                .header("content-disposition")
                .starts_with("attachment; filename=\"document-")
        );
        assert!(reply.body.starts_with(b"%PDF-1.7"));
    }
}

/// The first of the patient's own documents.
fn own_document(post: &Post) -> String {
    let patient = post.world.patient(post.person);
    let list = post.world.get(&patient, "/portal/documents").text();
    let (_, rest) = list
        .split_once("/portal/documents/")
        .unwrap_or_else(|| panic!("{list}"));
    rest.chars().take(32).collect()
}

#[test]
fn the_patient_reads_the_letter_and_sees_that_it_was_opened() {
    let post = Post::new();
    post.opened();
    let patient = post.world.patient(post.person);
    let list = post.world.get(&patient, "/portal/documents").text();
    assert!(
        list.contains("診療情報提供書")
            && list.contains("みなと内科クリニック")
            && list.contains("開封"),
        "{list}"
    );
    let id = own_document(&post);
    let page = post
        .world
        .get(&patient, &format!("/portal/documents/{id}"))
        .text();
    assert!(
        page.contains("胸部違和感") && page.contains("心電図"),
        "{page}"
    );
    let file = post
        .world
        .get(&patient, &format!("/portal/documents/{id}/files/1"));
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "application/pdf")
    );
    let history = post.world.get(&patient, "/portal/history").text();
    assert!(
        history.contains("紹介先の施設が紹介状を開きました"),
        "{history}"
    );
    let absent = format!("/portal/documents/{}", "0".repeat(32));
    assert_eq!(post.world.get(&patient, &absent).status, 404);
}

#[test]
fn letters_are_absent_to_a_facility_that_is_neither_sender_nor_addressee() {
    let post = Post::new();
    let letter = post.opened();
    let stranger = post.world.facility("1310000025", "とおくの診療所");
    let doctor = post.world.staff(&stranger, Role::Doctor);
    for path in ["", "/pdf", "/answer", "/files/1"] {
        for list in ["letters", "sent-documents"] {
            if (list, path) == ("sent-documents", "/answer") {
                continue;
            }
            let reply = post.world.get(&doctor, &format!("/{list}/{letter}{path}"));
            assert_eq!(reply.status, 404, "{list}{path}");
        }
    }
}

#[test]
fn a_nurse_reads_a_letter_and_is_told_who_answers_it() {
    let post = Post::new();
    let letter = post.opened();
    let page = format!("/letters/{letter}");
    let button = format!("{page}/answer\"");
    let doctor = post.world.get(&post.reader, &page).text();
    assert!(doctor.contains(&button), "{doctor}");
    let clinic = post.clinic.clone();
    let nurse = post.world.staff(&clinic, Role::Nurse);
    let read = post.world.get(&nurse, &page);
    assert_eq!(read.status, 200, "{}", read.text());
    let read = read.text();
    assert!(!read.contains(&button), "{read}");
    assert!(
        read.contains("返事は、医師または歯科医師が書きます。"),
        "{read}"
    );
}

#[test]
fn who_takes_a_patient_that_was_passed_on_stands_at_both_sides() {
    let post = Post::new();
    let letter = post.opened();
    let _third = post.world.facility("1310000025", "とおくの診療所");
    let forward = [
        ("how", "forward"),
        ("text", "専門外のため、\nお願いしました。"),
        ("to", "1310000025"),
    ];
    let path = format!("/letters/{letter}/answer");
    assert_eq!(post.world.submit(&post.reader, &path, &forward).status, 303);
    let pages = [
        post.world.get(&post.reader, &format!("/letters/{letter}")),
        post.get(&format!("/sent-documents/{letter}")),
    ];
    for page in pages {
        let page = page.text();
        for words in [
            "引き受ける施設：",
            "とおくの診療所",
            "<p>お願いしました。</p>",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}

#[test]
fn a_reply_takes_a_document_of_the_own_facility_along_and_no_other() {
    let post = Post::new();
    let letter = post.sent();
    let path = format!("/letters/{letter}/answer");
    let open = format!("/letters/{letter}/open");
    assert_eq!(post.world.submit(&post.reader, &open, &[]).status, 303);
    // Without a document of its own the clinic is not asked.
    let form = post.world.get(&post.reader, &path).text();
    assert!(!form.contains("name=\"document\""), "{form}");
    let ours = post.discharge(&post.hospital, "STAY-1");
    let theirs = post.discharge(&post.clinic, "STAY-2");
    let form = post.world.get(&post.reader, &path).text();
    assert!(form.contains(&theirs) && !form.contains(&ours), "{form}");
    let answer = |document: &str| {
        let fields = [
            ("how", "reply"),
            ("text", "入院しました。"),
            ("document", document),
        ];
        post.world.submit(&post.reader, &path, &fields)
    };
    for foreign in [ours.as_str(), "x", letter.as_str()] {
        let refused = answer(foreign);
        assert_eq!(refused.status, 422, "{foreign}: {}", refused.text());
    }
    assert_eq!(answer(&theirs).status, 303);
    let sent = post.get(&format!("/sent-documents/{letter}")).text();
    assert!(sent.contains("退院時サマリー"), "{sent}");
}
