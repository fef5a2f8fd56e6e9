use super::*;

use registry::model::FacilityKind;
use testkit::population::clins::{
    Author,
    letters::{Measured, Paper},
};

const PRESSURE: Measured<'static> = Measured {
    code: "9A751000000000001",
    name: "収縮期血圧(1回目)",
    value: "142",
    unit: ("mmHg", "mm[Hg]"),
    judged: Some(("90", "129", "H")),
};

/// Registers a checkup report; its identifier.
fn report(post: &Post, serial: &str, results: &[Measured<'_>]) -> String {
    let hospital = demo::hospital();
    let paper = Paper {
        life: &post.life,
        author: Author::of(&hospital).expect("a doctor"),
        serial,
        version: "1",
        sent: post.world.app.gate.now(),
    };
    let document = paper.checkup_of(results).expect("an insured person");
    let bytes = serde_json::to_vec(&document).expect("JSON");
    let system = post.world.system(&post.hospital);
    let reply = post
        .world
        .post_fhir(&system, "/fhir/Bundle/$register", &bytes);
    assert_eq!(reply.status, 201, "{}", reply.text());
    let place = reply.header("location").to_owned();
    place.rsplit('/').next().expect("a place").to_owned()
}

/// An officer of the patient's own insurer, and one of another.
fn officers(post: &Post) -> [As; 2] {
    let world = &post.world;
    let coverage = post.life.coverage_last().expect("insured");
    let number = coverage.insurer.number.clone();
    let own = world.office(FacilityKind::Insurer, 1, "ためし健保");
    let other = world.office(FacilityKind::Insurer, 2, "べつの健保");
    let home = own.id;
    world
        .set_up(move |call| testkit::seed::insurer(call, number.clone(), "ためし健保", Some(home)));
    [&own, &other].map(|office| world.staff(office, Role::Insurer))
}

#[test]
fn an_insurer_lists_and_reads_its_members_checkups_and_the_member_sees_that_it_did() {
    let post = Post::new();
    let [officer, stranger] = officers(&post);
    let list = "/insurer/checkups";
    let empty = post.world.get(&officer, list).text();
    assert!(
        empty.contains("届いた健診結果報告書はありません"),
        "{empty}"
    );

    let id = report(&post, "K1", &[PRESSURE]);
    let page = format!("{list}/{id}");
    let listed = post.world.get(&officer, list).text();
    for words in [page.as_str(), &post.life.name.full(), "健診結果報告書"] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    let read = post.world.get(&officer, &page);
    assert_eq!(read.status, 200, "{}", read.text());
    for words in [
        "収縮期血圧(1回目)",
        "142 mmHg",
        "90〜129",
        "高い",
        "SHA-256",
    ] {
        assert!(read.text().contains(words), "{words}: {}", read.text());
    }
    // Without a font the page stands and the PDF says what to do.
    let pdf = post.world.get(&officer, &format!("{page}/pdf"));
    assert_eq!((pdf.status, pdf.code()), (503, "TSK-LET-001".to_owned()));

    let theirs = post.world.get(&stranger, list).text();
    assert!(!theirs.contains(&id), "{theirs}");
    for path in [page.clone(), format!("{page}/pdf")] {
        assert_eq!(post.world.get(&stranger, &path).status, 404, "{path}");
    }
    for who in [&post.writer, &post.reader] {
        assert_eq!(post.world.get(who, &page).status, 403);
    }

    let me = post.world.patient(post.person);
    let history = post.world.get(&me, "/portal/history").text();
    assert!(
        history.contains("保険者による健診結果報告書の閲覧") && history.contains("ためし健保"),
        "{history}"
    );
}

#[test]
fn a_checkup_that_was_taken_back_is_gone_for_the_insurer_and_a_letter_never_was_there() {
    let post = Post::new();
    let [officer, _] = officers(&post);
    let id = report(&post, "K1", &[PRESSURE]);
    let cancel = [("act", "cancel"), ("reason", "検体の取り違え")];
    let state = format!("/sent-documents/{id}/state");
    assert_eq!(post.world.submit(&post.writer, &state, &cancel).status, 303);
    for gone in [id, post.sent()] {
        let page = post
            .world
            .get(&officer, &format!("/insurer/checkups/{gone}"));
        assert_eq!(page.status, 404, "{}", page.text());
    }
}
