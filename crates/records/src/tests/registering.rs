//! Registering, replacing, reading back, deleting.

use serde_json::json;

use super::{Ward, bytes};

#[test]
fn every_document_is_registered_once_and_replaced_by_the_next_of_its_identifier() {
    let ward = Ward::new();
    let mut count = 0;
    for bundle in &ward.bundles {
        let reply = ward.register(&bundle.json);
        assert_eq!(reply.status, 201, "{}", reply.text());
        count += bundle.entries;
        assert_eq!(ward.kept().len(), count);
    }
    let before = ward.kept();
    for bundle in &ward.bundles {
        let records = ward.world.records();
        let reply = ward.register(&bundle.json);
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(ward.world.records(), records + 1);
    }
    assert_eq!(ward.kept(), before);
}

#[test]
fn the_sender_gets_back_the_very_bytes() {
    let ward = Ward::new();
    for bundle in &ward.bundles {
        // Spaces and line ends count too.
        let sent = [b" \r\n", bundle.json.as_slice(), b"\t\n "].concat();
        assert_eq!(ward.register(&sent).status, 201);
        let reply = ward.command("document", &bundle.identifier);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body, sent);
    }
}

#[test]
fn nobody_else_gets_the_document_or_deletes_it() {
    let ward = Ward::new();
    let bundle = ward.bundle("Condition");
    assert_eq!(ward.register(&bundle.json).status, 201);
    let other = ward.world.facility("1310000017", "別の病院");
    let stranger = ward.world.system(&other);
    let doctor = ward
        .world
        .staff(&ward.hospital, store::caller::Role::Doctor);
    let before = ward.kept();
    for verb in ["document", "delete"] {
        let body = json!({
            "member": ward.member(),
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
            "value": bundle.identifier,
        });
        let path = format!("/fhir/Bundle/${verb}");
        let reply = ward.world.post(&stranger, &path, &body);
        assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-REC-003"));
        for nobody in [&doctor, &testkit::world::As::Nobody] {
            let status = ward.world.post(nobody, &path, &body).status;
            assert!(matches!(status, 401 | 403), "{status}");
        }
    }
    assert_eq!(ward.kept(), before);
}

#[test]
fn three_parameters_delete_exactly_one_document() {
    let ward = Ward::new();
    for bundle in &ward.bundles {
        assert_eq!(ward.register(&bundle.json).status, 201);
    }
    let all = ward.kept().len();
    let gone = ward.bundle("AllergyIntolerance");
    assert_eq!(ward.command("delete", &gone.identifier).status, 200);
    assert_eq!(ward.kept().len(), all - gone.entries);
    let again = ward.command("delete", &gone.identifier);
    assert_eq!((again.status, again.code().as_str()), (404, "TSK-REC-007"));
    let read = ward.command("document", &gone.identifier);
    assert_eq!((read.status, read.code().as_str()), (404, "TSK-REC-007"));
    assert_eq!(ward.register(&gone.json).status, 201);
    assert_eq!(ward.kept().len(), all);
}

#[test]
fn a_document_with_the_patient_alone_deletes_what_stands_under_its_identifier() {
    let ward = Ward::new();
    let mut alone = ward.json("Condition");
    alone["entry"].as_array_mut().expect("entries").truncate(1);
    let absent = ward.register_json(&alone);
    assert_eq!(
        (absent.status, absent.code().as_str()),
        (404, "TSK-REC-007")
    );
    assert_eq!(ward.register(&ward.bundle("Condition").json).status, 201);
    assert_eq!(ward.register_json(&alone).status, 200);
    assert!(ward.kept().is_empty());
}

#[test]
fn a_broken_replacement_leaves_the_old_document_whole() {
    let ward = Ward::new();
    let bundle = ward.bundle("Condition");
    assert_eq!(ward.register(&bundle.json).status, 201);
    let before = ward.kept();
    let mut broken = ward.json("Condition");
    let last = broken["entry"].as_array().expect("entries").len() - 1;
    broken["entry"][last]["resource"]["verificationStatus"] = json!(null);
    let mut other = ward.json("Condition");
    other["entry"][0]["resource"]["birthDate"] = json!("1958-04-13");
    for body in [bytes(&broken), bytes(&other), bundle.json[..900].to_vec()] {
        let reply = ward.register(&body);
        assert!((400..500).contains(&reply.status), "{}", reply.text());
        assert_eq!(ward.kept(), before);
        assert_eq!(
            ward.command("document", &bundle.identifier).body,
            bundle.json
        );
    }
}

#[test]
fn one_member_in_two_widths_is_one_member() {
    let ward = Ward::new();
    let bundle = ward.bundle("Condition");
    assert_eq!(ward.register(&bundle.json).status, 201);
    let member = ward.member();
    let parts: Vec<&str> = member.split(':').collect();
    let wide: String = parts[2]
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a digit"))
        .collect();
    let other = format!("{}:{}:{wide}:{}", parts[0], parts[1], parts[3]);
    let text = String::from_utf8(bundle.json.clone()).expect("UTF-8");
    assert!(text.contains(&member));
    let reply = ward.register(text.replace(&member, &other).as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(ward.kept().len(), bundle.entries);
}

#[test]
fn what_was_entered_in_error_or_refuted_is_kept_as_sent_and_shown_to_nobody() {
    let ward = Ward::new();
    let mut conditions = ward.json("Condition");
    let resource = &mut conditions["entry"][1]["resource"];
    resource["verificationStatus"]["coding"][0]["code"] = json!("refuted");
    let name = resource["code"]["text"].as_str().expect("text").to_owned();
    let suspected = &mut conditions["entry"][2]["resource"];
    suspected["verificationStatus"]["coding"][0]["code"] = json!("provisional");
    let reply = ward.register_json(&conditions);
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert!(ward.kept().iter().any(|line| line.contains(&name)));
    let own = ward.own();
    assert!(!own.iter().any(|line| line.contains(&name)));
    assert_eq!(
        own.iter()
            .filter(|line| line.contains("Unconfirmed"))
            .count(),
        1
    );

    let mut labs = ward.json("Observation");
    let count = labs["entry"].as_array().expect("entries").len() - 1;
    for entry in labs["entry"]
        .as_array_mut()
        .expect("entries")
        .iter_mut()
        .skip(1)
    {
        entry["resource"]["status"] = json!("entered-in-error");
    }
    let own = ward.own().len();
    let reply = ward.register_json(&labs);
    // Not the form that deletes: there is something in it.
    assert_eq!(reply.status, 201, "{}", reply.text());
    let kept = ward.kept();
    assert_eq!(
        kept.iter().filter(|l| l.contains("Retracted")).count(),
        count + 1
    );
    assert_eq!(ward.own().len(), own);
}

#[test]
fn what_the_patient_was_not_told_is_kept_and_not_shown_to_her() {
    let ward = Ward::new();
    assert_eq!(ward.register(&ward.bundle("Condition").json).status, 201);
    let secret = |line: &&String| line.contains("uninformed: true");
    assert_eq!(ward.kept().iter().filter(secret).count(), 1);
    assert_eq!(ward.own().iter().filter(secret).count(), 0);
    assert_eq!(ward.own().len(), ward.kept().len() - 1);
}

#[test]
fn a_command_with_another_system_is_refused_at_the_system() {
    let ward = Ward::new();
    let body = json!({
        "member": ward.member(),
        "system": "http://example.org/mine",
        "value": ward.bundle("Condition").identifier,
    });
    let reply = ward.world.post(&ward.system, "/fhir/Bundle/$delete", &body);
    assert_eq!(reply.code(), "TSK-REC-008");
    assert_eq!(reply.json()["issue"][1]["expression"][0], "system");
}

#[test]
fn a_malformed_command_is_refused_with_its_place() {
    let ward = Ward::new();
    let system = "http://jpfhir.jp/fhir/clins/bundle-identifier";
    let identifier = &ward.bundle("Condition").identifier;
    let member = ward.member();
    let cases = [
        (
            json!({"member": "1:2:3", "system": system, "value": identifier}),
            422,
            "TSK-REC-008",
        ),
        (
            json!({"member": member, "system": "x", "value": identifier}),
            422,
            "TSK-REC-008",
        ),
        (
            json!({"member": member, "system": system, "value": "1^2"}),
            422,
            "TSK-REC-008",
        ),
        (
            json!({"member": "99999999:::", "system": system, "value": identifier}),
            422,
            "TSK-REC-004",
        ),
        (
            json!({"member": 1, "system": system, "value": identifier}),
            400,
            "TSK-WEB-006",
        ),
        (
            json!({"member": member, "system": system}),
            400,
            "TSK-WEB-006",
        ),
        (json!([]), 400, "TSK-WEB-006"),
        (json!(null), 400, "TSK-WEB-006"),
    ];
    for (body, status, code) in cases {
        for verb in ["delete", "document"] {
            let records = ward.world.records();
            let path = format!("/fhir/Bundle/${verb}");
            let reply = ward.world.post(&ward.system, &path, &body);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (status, code),
                "{body}"
            );
            assert!(
                reply.json()["issue"][1]["expression"][0].is_string(),
                "{body}"
            );
            assert_eq!(ward.world.records(), records + 1);
        }
    }
}

#[test]
fn a_document_sent_many_times_at_once_is_new_once_and_deleted_once() {
    const TRIES: usize = 50;
    let ward = Ward::new();
    let bundle = ward.bundle("Condition");
    let counts = |act: &(dyn Fn() -> u16 + Sync)| {
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..TRIES).map(|_| scope.spawn(act)).collect();
            tries
                .into_iter()
                .map(|t| t.join().expect("an answer"))
                .collect()
        });
        let count = |status| statuses.iter().filter(|s| **s == status).count();
        (count(201), count(200), count(404))
    };
    assert_eq!(
        counts(&|| ward.register(&bundle.json).status),
        (1, TRIES - 1, 0)
    );
    assert_eq!(ward.kept().len(), bundle.entries);
    assert_eq!(
        counts(&|| ward.command("delete", &bundle.identifier).status),
        (0, 1, TRIES - 1)
    );
    assert!(ward.kept().is_empty());
}
